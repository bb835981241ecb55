//! The form of a request: written anew, or changed.

use std::collections::BTreeMap;

use minijinja::{Value, context, value::Serde};
use sanctuary_casework::{CaseRequest, RequestDraft};
use sanctuary_disclosure::{Call, ContactFirst, Counselling, Request, Text, VictimNotice, Wanted};
use sanctuary_policy::{Field, Gateway, Purpose, Urgency};
use sanctuary_types::{AlertId, CaseId};

use super::{
    case_steps::{moment, text},
    drafts,
};
use crate::{
    DraftKind, DraftPlace, Fault, FaultKind, Form, Page, Problem, Reply, Visit, choices,
    frame::sentence, pages::capital, when,
};

/// The empty form for a possible match.
///
/// # Errors
/// What the node gives.
pub fn new(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let alert: AlertId = visit.part("alert")?;
    let offer = drafts::offer(visit, &place(&alert, None))?;
    if let Some(form) = &offer.form {
        return page(visit, &alert, None, form, &[], &offer.values);
    }
    let start = [
        ("urgency", Urgency::Routine.word()),
        ("contact_first", "this_is_it"),
        ("wanted", Field::Contact.word()),
    ];
    let form = start
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    page(visit, &alert, None, &form.collect(), &[], &offer.values)
}

/// Saves a new draft.
///
/// # Errors
/// What the node gives.
pub fn create(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let alert: AlertId = visit.part("alert")?;
    let draft = match read(visit, alert) {
        Ok(draft) => draft,
        Err(amiss) => return wrong(visit, &alert, None, &amiss),
    };
    match write(visit, &draft) {
        Ok(case) => {
            drafts::sent(visit, &place(&alert, None));
            Ok(Reply::To(format!("/requests/{case}?said=drafted")))
        }
        Err(fault) => refused(visit, &alert, None, fault.into()),
    }
}

/// Writing a request says that the match is one person. Where the confirmation of before has not reached the
/// cases yet, or is too old, it is made now; where two people have to answer the node refuses.
fn write(visit: &Visit<'_>, draft: &RequestDraft) -> Result<CaseId, Fault> {
    let by = visit.actor().map_err(|_| signed_out())?;
    match visit.office.draft(by, draft) {
        Err(fault) if fault.rule == "not_confirmed" => {
            let alert = draft.alert;
            visit.office.step(by, &CaseRequest::Confirm { alert })?;
            visit.office.draft(by, draft)
        }
        written => written,
    }
}

fn signed_out() -> Fault {
    Fault::from(sanctuary_staff::StaffError::NoSession)
}

/// The form of a draft, filled.
///
/// # Errors
/// What the node gives.
pub fn edit(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("id")?;
    let case = visit.office.case(visit.actor()?, &id)?;
    let offer = drafts::offer(visit, &place(&case.alert, Some(&id)))?;
    let form = offer.form.unwrap_or_else(|| filled(&case.request));
    page(visit, &case.alert, Some(&id), &form, &[], &offer.values)
}

fn place(alert: &AlertId, case: Option<&CaseId>) -> DraftPlace {
    case.map_or_else(
        || DraftPlace::new(DraftKind::Request, alert),
        |id| DraftPlace::new(DraftKind::Change, id),
    )
}

/// The form as it was sent, with what is not right in it.
fn wrong(
    visit: &Visit<'_>,
    alert: &AlertId,
    case: Option<&CaseId>,
    amiss: &[(String, String)],
) -> Result<Reply, Problem> {
    let none = drafts::none(&place(alert, case));
    page(visit, alert, case, &visit.form, amiss, &none)
}

/// Saves a changed draft.
///
/// # Errors
/// What the node gives.
pub fn change(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("id")?;
    let by = visit.actor()?;
    let alert = visit.office.case(by, &id)?.alert;
    let draft = match read(visit, alert) {
        Ok(draft) => Box::new(draft),
        Err(amiss) => return wrong(visit, &alert, Some(&id), &amiss),
    };
    match visit
        .office
        .step(by, &CaseRequest::Change { case: id, draft })
    {
        Ok(()) => {
            drafts::sent(visit, &place(&alert, Some(&id)));
            Ok(Reply::To(format!("/requests/{id}?said=drafted")))
        }
        Err(fault) => refused(visit, &alert, Some(&id), fault.into()),
    }
}

/// A rule that stands against it is told above the form, with everything that was typed.
fn refused(
    visit: &Visit<'_>,
    alert: &AlertId,
    case: Option<&CaseId>,
    problem: Problem,
) -> Result<Reply, Problem> {
    match problem {
        Problem::Fault(fault)
            if matches!(fault.kind, FaultKind::Refused | FaultKind::Unavailable) =>
        {
            let amiss = [("purpose".to_owned(), sentence(&fault.text))];
            wrong(visit, alert, case, &amiss)
        }
        other => Err(other),
    }
}

/// Details on the list. Where somebody can be found is never on it: it is asked for by phone first. Counselling
/// records stand apart, with what the law asks for them.
fn offered() -> impl Iterator<Item = Field> {
    let all = Field::ALL.iter().copied();
    all.filter(|f| !f.is_shielded() && *f != Field::Counselling)
}

/// The draft that a form holds, or everything that is not right with it.
fn read(visit: &Visit<'_>, alert: AlertId) -> Result<RequestDraft, Vec<(String, String)>> {
    let form = &visit.form;
    let mut amiss: Vec<(String, String)> = Vec::new();
    let mut note = |(field, text): (&str, String)| amiss.push((field.to_owned(), text));
    let purpose: Option<Purpose> = form.parse("purpose");
    if purpose.is_none() {
        note(("purpose", "Choose the purpose".to_owned()));
    }
    let gateway: Option<Gateway> = form.parse("gateway");
    if gateway.is_none() {
        note(("gateway", "Choose the law".to_owned()));
    }
    let urgency: Option<Urgency> = form.parse("urgency");
    if urgency.is_none() {
        note(("urgency", "Choose how soon an answer is needed".to_owned()));
    }
    let mut written = |name, what| text(form, name, what).map_err(&mut note).ok();
    let enquiry = written("enquiry", "what the enquiry is");
    let necessity = written("necessity", "why it is needed");
    let proportionality = written("proportionality", "why no less will do");
    let wanted = wanted(form, &mut note);
    let counselling = counselling(form).map_err(&mut note).ok();
    let contact_first = contact_first(visit).map_err(&mut note).ok();
    let line_of_enquiry = optional(form, "line_of_enquiry").map_err(&mut note).ok();
    let victim_notice = notice(visit).map_err(&mut note).ok();
    let draft = (|| {
        Some(RequestDraft {
            alert,
            purpose: purpose?,
            gateway: gateway?,
            enquiry: enquiry?,
            necessity: necessity?,
            proportionality: proportionality?,
            line_of_enquiry: line_of_enquiry?,
            wanted,
            urgency: urgency?,
            contact_first: contact_first?,
            victim_notice: victim_notice?,
            counselling: counselling?,
        })
    })();
    match draft {
        Some(draft) if amiss.is_empty() => Ok(draft),
        _ => Err(amiss),
    }
}

fn wanted(form: &Form, note: &mut impl FnMut((&str, String))) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let counselling = std::iter::once(Field::Counselling);
    let asked = offered().chain(counselling);
    let asked: Vec<Field> = asked.filter(|f| form.has("wanted", f.word())).collect();
    if asked.is_empty() {
        note(("wanted-contact", "Choose at least one detail".to_owned()));
    }
    for field in asked {
        let name = format!("reason-{}", field.word());
        match Text::new(form.text(&name)) {
            Ok(reason) => wanted.push(Wanted { field, reason }),
            Err(_) => note((&name, format!("Write why you need: {}", field.text()))),
        }
    }
    wanted
}

/// What has to be said for counselling records; nothing where they are not asked for.
fn counselling(form: &Form) -> Result<Option<Counselling>, (&'static str, String)> {
    if !form.has("wanted", Field::Counselling.word()) {
        return Ok(None);
    }
    if form.text("gateway") != Gateway::VictimInformationRequest.word() {
        let only = "Counselling records can be asked for only in a victim information request: choose that law, or leave them out";
        return Err(("counselling", only.to_owned()));
    }
    let what = "what of substantial probative value they are likely to hold";
    let probative_value = text(form, "probative_value", what)?;
    Ok(Some(Counselling { probative_value }))
}

fn optional(form: &Form, name: &'static str) -> Result<Option<Text>, (&'static str, String)> {
    match form.text(name) {
        "" => Ok(None),
        _ => text(form, name, "").map(Some),
    }
}

fn contact_first(visit: &Visit<'_>) -> Result<ContactFirst, (&'static str, String)> {
    let form = &visit.form;
    Ok(match form.text("contact_first") {
        "this_is_it" => ContactFirst::ThisIsIt,
        "phoned" => ContactFirst::Phoned(Call {
            at: moment(form, "call_at", visit.now)?,
            with: text(form, "with", "with whom you spoke, by function")?,
            result: text(form, "result", "what came of the call")?,
        }),
        "not_possible" => {
            ContactFirst::NotPossible(text(form, "not_possible", "why phoning is not possible")?)
        }
        _ => return Err(("contact_first", "Say whether you have phoned".to_owned())),
    })
}

fn notice(visit: &Visit<'_>) -> Result<Option<VictimNotice>, (&'static str, String)> {
    let form = &visit.form;
    Ok(match form.text("notice") {
        "given" => Some(VictimNotice::Given {
            at: moment(form, "notice_at", visit.now)?,
            to: choices::from(form.text("notice_to"))
                .ok_or(("notice_to", "Choose who was given notice".to_owned()))?,
        }),
        "withheld" => Some(VictimNotice::Withheld {
            ground: choices::from(form.text("notice_ground"))
                .ok_or(("notice_ground", "Choose the ground".to_owned()))?,
            why: text(form, "notice_why", "why the ground applies here")?,
        }),
        _ => None,
    })
}

/// A request as the pairs of its form.
fn filled(request: &Request) -> Form {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
    put("purpose", request.purpose.word());
    put("gateway", request.gateway.word());
    put("urgency", request.urgency.word());
    put("enquiry", request.enquiry.expose());
    put("necessity", request.necessity.expose());
    put("proportionality", request.proportionality.expose());
    if let Some(line) = &request.line_of_enquiry {
        put("line_of_enquiry", line.expose());
    }
    if let Some(counselling) = &request.counselling {
        put("probative_value", counselling.probative_value.expose());
    }
    for wanted in &request.wanted {
        put("wanted", wanted.field.word());
        put(
            &format!("reason-{}", wanted.field.word()),
            wanted.reason.expose(),
        );
    }
    match &request.contact_first {
        ContactFirst::ThisIsIt => put("contact_first", "this_is_it"),
        ContactFirst::Phoned(call) => {
            put("contact_first", "phoned");
            put("call_at", &when::field(call.at));
            put("with", call.with.expose());
            put("result", call.result.expose());
        }
        ContactFirst::NotPossible(why) => {
            put("contact_first", "not_possible");
            put("not_possible", why.expose());
        }
    }
    match &request.victim_notice {
        Some(VictimNotice::Given { at, to }) => {
            put("notice", "given");
            put("notice_at", &when::field(*at));
            put("notice_to", &choices::word(*to));
        }
        Some(VictimNotice::Withheld { ground, why }) => {
            put("notice", "withheld");
            put("notice_ground", &choices::word(*ground));
            put("notice_why", why.expose());
        }
        None => {}
    }
    pairs.into_iter().collect()
}

fn page(
    visit: &Visit<'_>,
    alert: &AlertId,
    case: Option<&CaseId>,
    form: &Form,
    amiss: &[(String, String)],
    draft: &Value,
) -> Result<Reply, Problem> {
    let item = visit.office.item(visit.actor()?, alert)?;
    let fields: Vec<Value> = offered()
        .map(|f| {
            context! {
                word => f.word(),
                text => capital(f.text()),
                on => form.has("wanted", f.word()),
                reason => form.text(&format!("reason-{}", f.word())),
                error => amiss.iter().find(|(n, _)| *n == format!("reason-{}", f.word())).map(|(_, t)| t.as_str()),
            }
        })
        .collect();
    let value = |name: &str| form.text(name).to_owned();
    let list = |all: Vec<(&str, &str)>, name: &str| -> Vec<choices::Choice> {
        let chosen = form.text(name);
        let choice = |(value, text): (&str, &str)| choices::Choice {
            value: value.to_owned(),
            text: capital(text),
            on: value == chosen,
        };
        all.into_iter().map(choice).collect()
    };
    let values = context! {
        action => case.map_or_else(|| format!("/requests/new/{alert}"), |id| format!("/requests/{id}/change")),
        back => case.map_or_else(|| format!("/matches/{alert}"), |id| format!("/requests/{id}")),
        other => visit.house.name_of(&item.line.other),
        name => item.record.as_ref().map(|r| r.short_name.clone()),
        draft => draft.clone(),
        counselling_on => form.has("wanted", Field::Counselling.word()),
        counselling_reason => value("reason-counselling"),
        probative_value => value("probative_value"),
        both => item.line.kind == sanctuary_types::AlertKind::VictimIsSuspect,
        purposes => Serde(list(Purpose::ALL.iter().map(|p| (p.word(), p.text())).collect(), "purpose")),
        gateways => Serde(list(Gateway::ALL.iter().map(|g| (g.word(), g.text())).collect(), "gateway")),
        urgencies => Serde(list(Urgency::ALL.iter().map(|u| (u.word(), u.text())).collect(), "urgency")),
        notices => Serde(choices::of(choices::NOTICES, form.text("notice_to"))),
        grounds => Serde(choices::of(choices::WITHHOLDINGS, form.text("notice_ground"))),
        fields,
        enquiry => value("enquiry"),
        necessity => value("necessity"),
        proportionality => value("proportionality"),
        line_of_enquiry => value("line_of_enquiry"),
        contact_first => value("contact_first"),
        call_at => value("call_at"),
        with => value("with"),
        result => value("result"),
        not_possible => value("not_possible"),
        notice => value("notice"),
        notice_at => value("notice_at"),
        notice_why => value("notice_why"),
        errors => amiss.iter().map(|(field, text)| context! { text => text.as_str(), href => format!("#{field}") }).collect::<Vec<_>>(),
        error_of => amiss.iter().cloned().collect::<BTreeMap<String, String>>(),
    };
    Ok(if amiss.is_empty() {
        Page::new("request.html", values).that_talks().into()
    } else {
        Page::wrong("request.html", values).that_talks().into()
    })
}
