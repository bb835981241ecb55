//! The hub's operators: who they are. All may do the same.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use minijinja::{Value, context};
use sanctuary_disclosure::PersonId;
use sanctuary_policy::StaffRole;
use sanctuary_staff::{NewMember, StaffError, Standing, StartCode};

use super::account::status_of;
use crate::serve::{Answer, Visit};

pub(crate) fn show(visit: &Visit<'_>) -> Answer {
    page(visit, "", "", "")
}

pub(crate) fn add(visit: &Visit<'_>) -> Answer {
    let (person, name) = (visit.form.text("person"), visit.form.text("name"));
    let Some((actor, ..)) = &visit.person else {
        return Answer::To("/sign-in");
    };
    let Ok(id) = person.parse::<PersonId>() else {
        let error = "a staff number is letters, digits and dashes";
        return page(visit, person, name, error);
    };
    let new = NewMember {
        person: id,
        name: name.to_owned(),
        email: None,
        roles: BTreeSet::from([StaffRole::Administrator]),
        functions: BTreeSet::new(),
    };
    let register = &visit.desk.register;
    match register.add(actor, new, visit.now, &mut rand::rng()) {
        Ok(code) => start_code(person, &code),
        Err(error) => page(visit, person, name, &error.to_string()),
    }
}

pub(crate) fn leave(visit: &Visit<'_>) -> Answer {
    changed(visit, |id| {
        let (actor, ..) = visit.person.as_ref().ok_or(StaffError::NoSession)?;
        visit.desk.register.leave(actor, id, visit.now)?;
        Ok(Answer::To("/operators"))
    })
}

pub(crate) fn reset(visit: &Visit<'_>) -> Answer {
    changed(visit, |id| {
        let (actor, ..) = visit.person.as_ref().ok_or(StaffError::NoSession)?;
        let register = &visit.desk.register;
        let code = register.reset(actor, id, visit.now, &mut rand::rng())?;
        Ok(start_code(id.as_str(), &code))
    })
}

fn changed(
    visit: &Visit<'_>,
    change: impl FnOnce(&PersonId) -> Result<Answer, StaffError>,
) -> Answer {
    let Ok(id) = visit.form.text("who").parse::<PersonId>() else {
        return page(visit, "", "", &StaffError::NoSuchPerson.to_string());
    };
    change(&id).unwrap_or_else(|error| page(visit, "", "", &error.to_string()))
}

fn start_code(person: &str, code: &StartCode) -> Answer {
    let values = context! { person, code => code.0.expose() };
    Answer::Page(StatusCode::OK, "operator-start-code.html", values)
}

fn page(visit: &Visit<'_>, person: &str, name: &str, error: &str) -> Answer {
    let Some((actor, ..)) = &visit.person else {
        return Answer::To("/sign-in");
    };
    let people = visit.desk.register.people(actor).unwrap_or_default();
    let here = people.iter().filter(|p| p.standing == Standing::Active);
    let people: Vec<Value> = here
        .map(|p| {
            let state = match (p.has_password, p.has_code) {
                (true, true) => "Password and authenticator",
                (true, false) => "No authenticator yet",
                (false, _) => "Has a start code",
            };
            context! { person => p.person.as_str(), name => &p.name, state, own => p.person == actor.person }
        })
        .collect();
    let values = context! { people, person, name, error };
    Answer::Page(status_of(error), "operator-people.html", values)
}
