//! Signing in with staff number, password and code; both are set up before anything is shown.

use axum::http::StatusCode;
use minijinja::context;
use sanctuary_staff::{Secret, SignIn, StaffError};

use crate::serve::{Answer, Visit};

pub(crate) fn show_sign_in(visit: &Visit<'_>) -> Answer {
    if visit.person.is_some() {
        return Answer::To("/");
    }
    let said = match visit.query.text("said") {
        "out" => "You have signed out.",
        "chosen" => "Your password is set. Sign in with it.",
        _ => "",
    };
    sign_in_page("", said, "")
}

pub(crate) fn sign_in(visit: &Visit<'_>) -> Answer {
    let (password, code) = (secret(visit, "password"), code(visit));
    let person = visit.form.text("person");
    let typed = SignIn {
        person,
        password: &password,
        code: code.as_ref(),
    };
    let register = &visit.desk.register;
    match register.sign_in(&typed, "a browser", visit.now, &mut rand::rng()) {
        Ok(signed_in) => Answer::SignedIn(signed_in.token.expose().to_string()),
        Err(StaffError::ChoosePassword) => Answer::To("/choose-password"),
        Err(error) => sign_in_page(person, "", &error.to_string()),
    }
}

fn sign_in_page(person: &str, said: &str, error: &str) -> Answer {
    let values = context! { person, said, error };
    Answer::Page(status_of(error), "operator-sign-in.html", values)
}

pub(crate) fn show_choose(_: &Visit<'_>) -> Answer {
    choose_page("", "")
}

pub(crate) fn choose(visit: &Visit<'_>) -> Answer {
    let person = visit.form.text("person");
    let new = secret(visit, "new");
    if new.expose() != visit.form.raw("again") {
        let error = "the two new passwords are not the same; type the new one twice";
        return choose_page(person, error);
    }
    let (password, code) = (secret(visit, "password"), code(visit));
    let typed = SignIn {
        person,
        password: &password,
        code: code.as_ref(),
    };
    let register = &visit.desk.register;
    match register.choose_password(&typed, &new, visit.now, &mut rand::rng()) {
        Ok(()) => Answer::To("/sign-in?said=chosen"),
        Err(error) => choose_page(person, &error.to_string()),
    }
}

fn choose_page(person: &str, error: &str) -> Answer {
    let values = context! { person, error };
    Answer::Page(status_of(error), "operator-choose-password.html", values)
}

pub(crate) fn show_code(visit: &Visit<'_>) -> Answer {
    code_page(visit, "", "", "")
}

/// Makes a secret and shows it, once.
pub(crate) fn begin_code(visit: &Visit<'_>) -> Answer {
    let Some((actor, ..)) = &visit.person else {
        return Answer::To("/sign-in");
    };
    let register = &visit.desk.register;
    match register.begin_code(actor, visit.now, &mut rand::rng()) {
        Ok(setup) => code_page(visit, &setup.secret, &setup.address, ""),
        Err(error) => code_page(visit, "", "", &error.to_string()),
    }
}

pub(crate) fn confirm_code(visit: &Visit<'_>) -> Answer {
    let Some((actor, ..)) = &visit.person else {
        return Answer::To("/sign-in");
    };
    let code = secret(visit, "code");
    match visit.desk.register.confirm_code(actor, &code, visit.now) {
        Ok(()) => Answer::To("/"),
        Err(error) => code_page(visit, "", "", &error.to_string()),
    }
}

fn code_page(visit: &Visit<'_>, secret: &str, address: &str, error: &str) -> Answer {
    let values = context! { secret, address, error, has_code => visit.has_code };
    Answer::Page(status_of(error), "operator-code.html", values)
}

pub(crate) fn sign_out(visit: &Visit<'_>) -> Answer {
    if let Some((_, _, token)) = &visit.person
        && let Err(error) = visit.desk.register.sign_out(token, visit.now)
    {
        tracing::warn!(%error, "a session could not be ended");
    }
    Answer::SignedOut
}

fn secret(visit: &Visit<'_>, name: &str) -> Secret {
    Secret::new(visit.form.raw(name).to_owned())
}

fn code(visit: &Visit<'_>) -> Option<Secret> {
    let code = visit.form.text("code");
    (!code.is_empty()).then(|| Secret::new(code.to_owned()))
}

pub(super) fn status_of(error: &str) -> StatusCode {
    if error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}
