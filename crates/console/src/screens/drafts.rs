//! What was typed and not sent: kept, offered again, discarded.

use minijinja::{Value, context};
use sanctuary_policy::Field;

use crate::{DRAFT_BYTES_MAX, DraftPlace, Form, Problem, Reply, Visit, when};

/// Names in a form that are not what somebody typed.
const NOT_TYPED: [&str; 5] = ["token", "draft", "auto", "version", "digest"];

/// What a form's page says of a draft.
pub(crate) struct Offer {
    /// What was typed, once the person has taken it up.
    pub form: Option<Form>,
    /// For the template: where it belongs, and since when one waits.
    pub values: Value,
}

/// The draft of a form, offered or taken up; a problem of the store is no reason to show no form.
pub(crate) fn offer(visit: &Visit<'_>, place: &DraftPlace) -> Result<Offer, Problem> {
    let found = visit.office.keeping().draft(visit.actor()?, place);
    let found = found.unwrap_or_default();
    let taken = visit.query.ticked("draft");
    let values = context! {
        place => place.to_string(),
        href => place.href(),
        since => found.as_ref().filter(|_| !taken).map(|d| when::moment(d.at, visit.now)),
        taken => taken && found.is_some(),
        kept => visit.query.text("said") == "kept",
    };
    let form = found.filter(|_| taken);
    Ok(Offer {
        form: form.and_then(|d| Form::read(d.form.as_bytes())),
        values,
    })
}

/// A form that goes back with what is wrong in it holds what was typed: nothing is offered beside it.
pub(crate) fn none(place: &DraftPlace) -> Value {
    context! { place => place.to_string(), href => place.href(), since => (), taken => false, kept => false }
}

/// It was sent, so the draft goes.
pub(crate) fn sent(visit: &Visit<'_>, place: &DraftPlace) {
    if let Ok(by) = visit.actor()
        && let Err(fault) = visit.office.keeping().forget(by, place)
    {
        // It goes by itself after seven days, and what was sent stands.
        tracing::warn!(rule = fault.rule, "a draft was not deleted");
    }
}

/// What was typed into a form, as a browser sends it.
pub(crate) fn typed(form: &Form) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form.pairs().filter(|(n, _)| is_kept(n)) {
        out.append_pair(name, value);
    }
    out.finish()
}

/// Where somebody can be found is in no draft: it is shown after a fresh proof only, and hides again.
fn is_kept(name: &str) -> bool {
    let field = name.strip_prefix("value-").and_then(|f| f.parse().ok());
    !NOT_TYPED.contains(&name) && !field.is_some_and(Field::is_shielded)
}

/// Keeps what was posted under a session that has run out, as the form's token has shown.
pub(crate) fn keep_of_lapsed(visit: &Visit<'_>, cookie: &str) -> Option<DraftPlace> {
    let form = &visit.form;
    let place: DraftPlace = form.text("draft").parse().ok()?;
    let (session, typed) = (cookie.parse().ok()?, typed(form));
    let fits = typed.len() <= DRAFT_BYTES_MAX;
    let keeping = visit.office.keeping();
    let kept = fits
        && keeping
            .keep_of_lapsed(&session, &place, &typed)
            .unwrap_or_default();
    kept.then_some(place)
}

/// The person's drafts as links, for the pages where work begins.
pub(crate) fn unfinished(visit: &Visit<'_>) -> Vec<Value> {
    let Ok(by) = visit.actor() else {
        return Vec::new();
    };
    let drafts = visit.office.keeping().drafts(by).unwrap_or_default();
    let line = |(place, at): &(DraftPlace, _)| {
        context! {
            text => place.text(), href => format!("{}?draft=1", place.href()),
            at => when::moment(*at, visit.now),
        }
    };
    drafts.iter().map(line).collect()
}

/// Keeps what was typed: a button of the form, or its script while somebody types.
///
/// # Errors
/// What the node gives.
pub fn keep(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let place = place(visit)?;
    let typed = typed(&visit.form);
    if typed.len() > DRAFT_BYTES_MAX {
        return Err(Problem::BadRequest);
    }
    visit
        .office
        .keeping()
        .keep(visit.actor()?, &place, &typed)?;
    Ok(if visit.form.ticked("auto") {
        Reply::Nothing
    } else {
        Reply::To(format!("{}?draft=1&said=kept", place.href()))
    })
}

/// Deletes a draft.
///
/// # Errors
/// What the node gives.
pub fn discard(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let place = place(visit)?;
    visit.office.keeping().forget(visit.actor()?, &place)?;
    Ok(Reply::To(place.href()))
}

fn place(visit: &Visit<'_>) -> Result<DraftPlace, Problem> {
    let place = visit.form.text("draft").parse();
    place.map_err(|()| Problem::BadRequest)
}
