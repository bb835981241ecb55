//! Showing once more that it is them: before a shielded address, a release, a change of roles, a copy.

use minijinja::{Value, context};
use sanctuary_staff::{Secret, SignIn};

use crate::{
    FaultKind, Form, HeldForm, Page, Problem, ROUTES, Reply, Verb, Visit, Why, frame::sentence,
    visit::own_path,
};

/// Asks for the proof.
///
/// # Errors
/// [`Problem`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    if visit.need_proof("").is_ok() {
        return Ok(Reply::To(afterwards(&visit.query)));
    }
    page(visit, &visit.query, "")
}

/// Takes password and code: the session goes on under a new cookie.
///
/// # Errors
/// [`Problem`].
pub fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    if !visit.signing.local {
        return Err(Problem::NotFound);
    }
    let (form, session) = (&visit.form, visit.session()?);
    let password = Secret::new(form.raw("password").to_owned());
    let code = form.text("code");
    let code = (!code.is_empty()).then(|| Secret::new(code.to_owned()));
    let typed = SignIn {
        person: visit.actor()?.person.as_str(),
        password: &password,
        code: code.as_ref(),
    };
    match visit.office.prove_again(session, &typed) {
        Ok(signed_in) => {
            let held = &visit.signing.held;
            held.moved(session.hash(), signed_in.token.hash());
            Ok(Reply::SignedIn {
                session: signed_in.token.expose().to_string(),
                to: afterwards(form),
            })
        }
        Err(fault) if fault.kind == FaultKind::Refused => {
            visit.count_refused(Why::Details);
            page(visit, form, &sentence(&fault.text))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Leads on to what was begun: a posted form is shown with everything that was typed, and is sent by one press.
///
/// # Errors
/// [`Problem`].
pub fn go_on(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let Some(held) = held(visit, &visit.query)? else {
        return Ok(Reply::To("/".to_owned()));
    };
    if visit.need_proof(held.what).is_err() {
        return page(visit, &visit.query, "");
    }
    let pairs = held.form.pairs();
    let values = context! {
        what => held.what,
        action => held.path.as_str(),
        leave => page_of(&held.path),
        pairs => pairs.map(|(name, value)| context! { name, value }).collect::<Vec<Value>>(),
    };
    Ok(Page::new("go-on.html", values).into())
}

/// Where to after the proof: the form that waits, or the page that was asked for.
pub(crate) fn afterwards(asked: &Form) -> String {
    match asked.text("held") {
        "" => own_path(asked.text("back")).to_owned(),
        name => own_path(&format!("/prove/go-on?held={name}")).to_owned(),
    }
}

fn held(visit: &Visit<'_>, asked: &Form) -> Result<Option<HeldForm>, Problem> {
    let session = visit.session()?.hash();
    let held = &visit.signing.held;
    Ok(held.find(asked.text("held"), session, visit.now))
}

fn page(visit: &Visit<'_>, asked: &Form, error: &str) -> Result<Reply, Problem> {
    let waits = held(visit, asked)?;
    let provider = visit.signing.provider.as_ref();
    let mut way = form_urlencoded::Serializer::new(String::new());
    way.append_pair("held", asked.text("held"));
    way.append_pair("back", own_path(asked.text("back")));
    let values = context! {
        what => waits.as_ref().map(|held| held.what),
        leave => waits.map_or_else(|| own_path(asked.text("back")).to_owned(), |held| page_of(&held.path)),
        held => asked.text("held"),
        back => own_path(asked.text("back")),
        way => way.finish(),
        provider => provider.map(crate::oidc::Provider::name),
        local => visit.signing.local,
        error,
    };
    Ok(if error.is_empty() {
        Page::new("prove.html", values).into()
    } else {
        Page::wrong("prove.html", values).into()
    })
}

/// The page that a form was on.
fn page_of(path: &str) -> String {
    let parent = path.rsplit_once('/').map_or("/", |(parent, _)| parent);
    let is_form = ROUTES.iter().any(|r| r.verb == Verb::Get && r.path == path);
    let candidates = [path, parent];
    let page = candidates
        .into_iter()
        .find(|p| is_form || own_path(p) == *p);
    page.unwrap_or("/").to_owned()
}
