//! People, roles, start codes: for administrators, who see no record of anybody.

use std::collections::BTreeSet;

use minijinja::{Value, context, value::Serde};
use sanctuary_disclosure::PersonId;
use sanctuary_policy::{ContactRole, StaffRole};
use sanctuary_staff::{MemberView, NewMember, Standing};

use crate::{FaultKind, Page, Problem, Reply, Visit};

/// Everybody of the agency, and the form for a new person.
///
/// # Errors
/// [`Problem`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    people(visit, "").map(|values| Page::new("administration.html", values).into())
}

fn people(visit: &Visit<'_>, problem: &str) -> Result<Value, Problem> {
    let everybody = visit.oversight()?.staff(visit.actor()?)?;
    let (active, left): (Vec<_>, Vec<_>) = everybody
        .iter()
        .partition(|m| m.standing == Standing::Active);
    Ok(context! {
        people => Value::from_iter(active.iter().map(|m| line(m)).collect::<Vec<_>>()),
        left => left.len(),
        roles => choices(StaffRole::ALL, StaffRole::word, StaffRole::text, &[]),
        functions => choices(ContactRole::ALL, ContactRole::word, ContactRole::text, &[]),
        typed => context! {
            person => visit.form.text("person"), name => visit.form.text("name"),
            email => visit.form.text("email"),
        },
        problem => problem,
    })
}

fn line(member: &MemberView) -> Value {
    let roles: Vec<&str> = member.roles.iter().map(|r| r.text()).collect();
    let state = match (member.has_password, member.has_code) {
        _ if member.by_provider => "Signs in by your identity provider",
        (false, _) => "Has not chosen a password yet",
        (true, false) => "Signs in without codes",
        (true, true) => "Signs in with codes",
    };
    context! {
        person => member.person.as_str(), name => &member.name, roles => roles.join(", "),
        state => state, changed => member.changed.0,
    }
}

/// Boxes to tick: word, text, whether it is ticked.
fn choices<T: Copy + PartialEq>(
    all: &[T],
    word: fn(T) -> &'static str,
    text: fn(T) -> &'static str,
    ticked: &[T],
) -> Value {
    let items = all.iter().map(|item| {
        context! {
            value => word(*item), text => crate::pages::capital(text(*item)),
            checked => ticked.contains(item),
        }
    });
    Value::from_iter(items.collect::<Vec<_>>())
}

/// Adds a person and shows their start code, once.
///
/// # Errors
/// [`Problem`].
pub fn add(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let email = visit.form.text("email");
    let wrong = |problem: &str| {
        people(visit, problem).map(|values| Page::wrong("administration.html", values).into())
    };
    let Some(person) = visit.form.parse::<PersonId>("person") else {
        return wrong("Enter a staff number");
    };
    let new = NewMember {
        person: person.clone(),
        name: visit.form.text("name").to_owned(),
        email: (!email.is_empty()).then(|| email.to_owned()),
        roles: ticked("role", visit)?,
        functions: ticked("function", visit)?,
    };
    match visit.oversight()?.add_member(visit.actor()?, new) {
        Ok(code) => Ok(start_code(visit, &person, code.0.expose())),
        Err(fault) if fault.kind == FaultKind::Refused => wrong(&fault.text),
        Err(fault) => Err(fault.into()),
    }
}

fn start_code(visit: &Visit<'_>, person: &PersonId, code: &str) -> Reply {
    let local = visit.signing.local;
    let values = context! { person => person.as_str(), code => code, local };
    Page::new("start-code.html", values).into()
}

/// One person.
///
/// # Errors
/// [`Problem`].
pub fn person(visit: &Visit<'_>) -> Result<Reply, Problem> {
    one(visit, "").map(|values| Page::new("person.html", values).into())
}

fn one(visit: &Visit<'_>, problem: &str) -> Result<Value, Problem> {
    let person: PersonId = visit.part("person")?;
    let everybody = visit.oversight()?.staff(visit.actor()?)?;
    let member = everybody.iter().find(|m| m.person == person);
    let member = member.ok_or(Problem::NotFound)?;
    Ok(context! {
        one => line(member),
        email => &member.email,
        active => member.standing == Standing::Active,
        declared => member.declared.map(|at| at.0),
        own => visit.actor()?.person == person,
        roles => choices(StaffRole::ALL, StaffRole::word, StaffRole::text, &member.roles),
        functions => choices(ContactRole::ALL, ContactRole::word, ContactRole::text, &member.functions),
        problem => Serde(problem),
    })
}

/// Changes what a person may be, gives a new start code, or notes that they have left.
///
/// # Errors
/// [`Problem`].
pub fn change(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let person: PersonId = visit.part("person")?;
    let (office, by) = (visit.oversight()?, visit.actor()?);
    let done = match visit.form.text("do") {
        "roles" => {
            let (roles, functions) = (ticked("role", visit)?, ticked("function", visit)?);
            office
                .set_roles(by, &person, roles, functions)
                .map(|()| None)
        }
        "reset" => office.reset(by, &person).map(Some),
        "leave" => office.leave(by, &person).map(|()| None),
        _ => return Err(Problem::BadRequest),
    };
    match done {
        Ok(Some(code)) => Ok(start_code(visit, &person, code.0.expose())),
        Ok(None) => Ok(Reply::To("/administration".to_owned())),
        Err(fault) if fault.kind == FaultKind::Refused => {
            one(visit, &fault.text).map(|values| Page::wrong("person.html", values).into())
        }
        Err(fault) => Err(fault.into()),
    }
}

fn ticked<T: std::str::FromStr + Ord>(
    name: &str,
    visit: &Visit<'_>,
) -> Result<BTreeSet<T>, Problem> {
    let words = visit.form.all(name).map(str::parse);
    words
        .collect::<Result<_, _>>()
        .map_err(|_| Problem::BadRequest)
}
