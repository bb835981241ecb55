//! A person's own account: sessions, authenticator.

use minijinja::{Value, context};
use sanctuary_staff::{Secret, SignInWay};

use crate::{FaultKind, Page, Problem, Reply, Visit, frame::sentence, when};

/// The account.
///
/// # Errors
/// What the node gives.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let by = visit.actor()?;
    let sessions = visit.office.sessions(by, visit.session()?)?;
    let shortcuts = visit.office.keeping().shortcuts(by)?;
    let session = |view: &sanctuary_staff::SessionView| -> Value {
        context! {
            id => view.id.as_str(),
            person => (view.person != by.person).then(|| view.person.as_str()),
            from => view.from.as_str(),
            started => when::moment(view.started, visit.now),
            last_used => when::moment(view.last_used, visit.now),
            is_this => view.is_this,
            by_provider => view.way == SignInWay::Provider,
        }
    };
    let values = context! {
        local => visit.signing.local,
        staff_number => by.person.as_str(),
        shortcuts,
        sessions => sessions.iter().map(session).collect::<Vec<_>>(),
        said => match visit.query.text("said") {
            "ended" => "The session has ended.",
            "keys" => "Saved. It counts from the next page on.",
            "code" => "Your authenticator is set up. From now on signing in needs its code.",
            _ => "",
        },
    };
    Ok(Page::new("account.html", values).into())
}

/// Switches single-key shortcuts on or off (WCAG 2.1.4).
///
/// # Errors
/// What the node gives.
pub fn set_keys(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let on = match visit.form.text("keys") {
        "on" => true,
        "off" => false,
        _ => return Err(Problem::BadRequest),
    };
    visit.office.keeping().set_shortcuts(visit.actor()?, on)?;
    Ok(Reply::To("/account?said=keys".to_owned()))
}

/// Ends a session.
///
/// # Errors
/// What the node gives.
pub fn end_session(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id = visit.form.text("session");
    match visit.office.end_session(visit.actor()?, id) {
        Err(fault) if fault.kind == FaultKind::SignedOut => Err(Problem::NotFound),
        Err(fault) => Err(fault.into()),
        Ok(()) => Ok(Reply::To("/account?said=ended".to_owned())),
    }
}

/// Begins to set up an authenticator: the secret is shown once.
///
/// # Errors
/// What the node gives.
pub fn begin_code(visit: &Visit<'_>) -> Result<Reply, Problem> {
    if !visit.signing.local {
        return Err(Problem::NotFound);
    }
    let setup = visit.office.begin_code(visit.actor()?)?;
    let values = context! { secret => setup.secret, address => setup.address };
    Ok(Page::new("code.html", values).into())
}

/// Sets it up.
///
/// # Errors
/// What the node gives.
pub fn confirm_code(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let code = Secret::new(visit.form.text("code").to_owned());
    match visit.office.confirm_code(visit.actor()?, &code) {
        Ok(()) => Ok(Reply::To("/account?said=code".to_owned())),
        Err(fault) if fault.kind == FaultKind::Refused => {
            let error = format!(
                "{} Begin again: the secret is shown only once.",
                sentence(&fault.text)
            );
            let values = context! { error };
            Ok(Page::wrong("code-failed.html", values).into())
        }
        Err(fault) => Err(fault.into()),
    }
}
