//! Signing in with staff number, password and code; choosing a password; signing out.

use minijinja::context;
use sanctuary_staff::{Secret, SignIn};

use crate::{FaultKind, Page, Problem, Reply, Visit, Why, frame::sentence, visit::own_path};

/// The sign-in page.
///
/// # Errors
/// None.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    if visit.person.is_some() {
        return Ok(Reply::To(own_path(visit.query.text("back")).to_owned()));
    }
    let said = match visit.query.text("said") {
        "out" => "You have signed out.",
        "kept" => {
            "Your session had ended, so nothing was sent. What you had typed is kept: sign in and it is there again."
        }
        "ended" => "Your session had ended, so nothing was saved. Sign in and do it again.",
        "chosen" => "Your password is set. Sign in with it.",
        _ => "",
    };
    Ok(page(visit, visit.query.text("back"), "", said, ""))
}

/// Signs in.
///
/// # Errors
/// What the node gives.
pub fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let form = &visit.form;
    let back = form.text("back");
    if !visit.signing.local {
        let error =
            "Staff numbers and passwords are not used here. Sign in with your identity provider.";
        return Ok(page(visit, back, "", "", error));
    }
    let password = Secret::new(form.raw("password").to_owned());
    let code = form.text("code");
    let code = (!code.is_empty()).then(|| Secret::new(code.to_owned()));
    let typed = SignIn {
        person: form.text("person"),
        password: &password,
        code: code.as_ref(),
    };
    match visit.office.sign_in(&typed, &visit.browser) {
        Ok(signed_in) => Ok(Reply::SignedIn {
            session: signed_in.token.expose().to_string(),
            to: own_path(back).to_owned(),
        }),
        Err(fault) if fault.kind == FaultKind::ChoosePassword => {
            Ok(Reply::To("/choose-password".to_owned()))
        }
        Err(fault) if fault.kind == FaultKind::Refused => {
            visit.count_refused(Why::Details);
            let error = sentence(&fault.text);
            Ok(page(visit, back, form.text("person"), "", &error))
        }
        Err(fault) => Err(fault.into()),
    }
}

fn page(visit: &Visit<'_>, back: &str, person: &str, said: &str, error: &str) -> Reply {
    let provider = visit.signing.provider.as_ref();
    let back = own_path(back);
    let values = context! {
        back, person, said, error,
        local => visit.signing.local,
        provider => provider.map(crate::oidc::Provider::name),
        way => form_urlencoded::byte_serialize(back.as_bytes()).collect::<String>(),
        sign_out => provider.filter(|_| visit.query.text("said") == "out").and_then(crate::oidc::Provider::sign_out_url),
    };
    if error.is_empty() {
        Page::new("sign-in.html", values).into()
    } else {
        Page::wrong("sign-in.html", values).into()
    }
}

/// Where a password is chosen.
///
/// # Errors
/// None.
pub fn show_choose(visit: &Visit<'_>) -> Result<Reply, Problem> {
    if !visit.signing.local {
        return Ok(Reply::To("/sign-in".to_owned()));
    }
    Ok(choose_page("", ""))
}

/// Chooses a password.
///
/// # Errors
/// What the node gives.
pub fn post_choose(visit: &Visit<'_>) -> Result<Reply, Problem> {
    if !visit.signing.local {
        return Ok(Reply::To("/sign-in".to_owned()));
    }
    let form = &visit.form;
    let person = form.text("person");
    let new = form.raw("new");
    if new != form.raw("again") {
        let error = "The two new passwords are not the same. Type the new one twice.";
        return Ok(choose_page(person, error));
    }
    let old = Secret::new(form.raw("password").to_owned());
    let code = form.text("code");
    let code = (!code.is_empty()).then(|| Secret::new(code.to_owned()));
    let typed = SignIn {
        person,
        password: &old,
        code: code.as_ref(),
    };
    match visit
        .office
        .choose_password(&typed, &Secret::new(new.to_owned()))
    {
        Ok(()) => Ok(Reply::To("/sign-in?said=chosen".to_owned())),
        Err(fault) if fault.kind == FaultKind::Refused => {
            if fault.rule == "not_signed_in" {
                visit.count_refused(Why::Details);
            }
            Ok(choose_page(person, &sentence(&fault.text)))
        }
        Err(fault) => Err(fault.into()),
    }
}

fn choose_page(person: &str, error: &str) -> Reply {
    let values = context! { person, error };
    if error.is_empty() {
        Page::new("choose-password.html", values).into()
    } else {
        Page::wrong("choose-password.html", values).into()
    }
}

/// Ends the session.
///
/// # Errors
/// What the node gives.
pub fn sign_out(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let session = visit.session()?;
    visit.office.sign_out(session)?;
    visit.signing.held.forget(session.hash(), None);
    Ok(Reply::SignedOut)
}
