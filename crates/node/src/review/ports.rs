//! The review's ports over this node: its staff and its own records.

use sanctuary_node_core::{Details, NodeError, is_child, ports::NodeStore};
use sanctuary_policy::{Action, Field};
use sanctuary_review::{OwnDetail, OwnLine, OwnRecord, People, PersonId, PortError, Records};
use sanctuary_staff::StaffError;
use sanctuary_types::{BirthClass, Pseudonym, Timestamp};

use crate::{Node, cases::own_detail};

/// What a reviewer reads of the own record. Never the address.
const SHOWN: [Field; 10] = [
    Field::Aliases,
    Field::DateOfBirth,
    Field::Sex,
    Field::Nationality,
    Field::Phone,
    Field::OnlineContact,
    Field::Vehicle,
    Field::Document,
    Field::BankAccount,
    Field::Exploitation,
];

impl People for Node {
    fn name(&self, person: &PersonId) -> Result<Option<String>, PortError> {
        self.staff().name_of(person).map_err(register)
    }

    fn may_review(&self, person: &PersonId) -> Result<bool, PortError> {
        let roles = self.staff().roles_of(person).map_err(register)?;
        Ok(Action::DecideAlert.permits_any(&roles))
    }
}

impl Records for Node {
    fn line(&self, own: &Pseudonym) -> Result<Option<OwnLine>, PortError> {
        let record = self.store().record_of(own).map_err(store)?;
        let details = record.as_ref().and_then(|r| r.details.as_ref());
        Ok(details.map(|details| OwnLine {
            reference: details.reference.clone(),
            short_name: short(&details.names),
        }))
    }

    fn record(&self, own: &Pseudonym, now: Timestamp) -> Result<Option<OwnRecord>, PortError> {
        let record = self.store().record_of(own).map_err(store)?;
        let details = record.as_ref().and_then(|r| r.details.as_ref());
        Ok(details.map(|details| own_record(details, now)))
    }
}

fn own_record(details: &Details, now: Timestamp) -> OwnRecord {
    let canonical = &details.canonical;
    let shown = SHOWN.iter().filter_map(|field| {
        Some(OwnDetail {
            label: field.text().to_owned(),
            value: own_detail(details, *field)?,
        })
    });
    let age_known = matches!(canonical.birth.class(), BirthClass::Year | BirthClass::Full);
    OwnRecord {
        reference: details.reference.clone(),
        names: details.names.clone(),
        short_name: short(&details.names),
        roles: details.roles.iter().collect(),
        child: age_known.then(|| is_child(canonical, now)),
        details: shown.collect(),
        address_held: own_detail(details, Field::Address).is_some(),
    }
}

/// Initial and surname, as lists, headings and titles show a person.
fn short(names: &str) -> String {
    let mut words = names.split_whitespace();
    let (first, last) = (words.next(), words.next_back());
    match (first.and_then(|word| word.chars().next()), last) {
        (Some(initial), Some(last)) => format!("{}. {last}", initial.to_uppercase()),
        _ => names.trim().to_owned(),
    }
}

fn register(error: StaffError) -> PortError {
    PortError::Unavailable(error.to_string())
}

fn store(error: NodeError) -> PortError {
    match error {
        NodeError::Damaged(what) => PortError::Damaged(what),
        other => PortError::Unavailable(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_person_is_initial_and_surname() {
        assert_eq!(short("amal Haddad"), "A. Haddad");
        assert_eq!(short("Ömer Can Öz"), "Ö. Öz");
        assert_eq!(short(" Cher "), "Cher");
        assert_eq!(short(""), "");
    }
}
