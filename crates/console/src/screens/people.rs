//! Names and roles of colleagues, by staff number. Only the own agency's people are in the register; of others a
//! page says the agency.

use std::{cell::RefCell, collections::BTreeMap};

use crate::{Visit, pages::capital};

/// Looks each one up once for a page.
pub(crate) struct People<'a> {
    visit: &'a Visit<'a>,
    found: RefCell<BTreeMap<String, String>>,
}

impl<'a> People<'a> {
    pub(crate) fn new(visit: &'a Visit<'a>) -> Self {
        Self {
            visit,
            found: RefCell::default(),
        }
    }

    /// `R. Whitfield, analyst`; the staff number when the register does not know it.
    pub(crate) fn name_and_role(&self, person: &str) -> String {
        if let Some(found) = self.found.borrow().get(person) {
            return found.clone();
        }
        let text = self.look_up(person);
        let mut found = self.found.borrow_mut();
        found.insert(person.to_owned(), text.clone());
        text
    }

    fn look_up(&self, person: &str) -> String {
        let colleague = self.visit.actor().ok().and_then(|by| {
            let found = self.visit.office.keeping().colleague(by, person);
            found.ok().flatten()
        });
        let Some(colleague) = colleague else {
            return format!("staff number {person}");
        };
        let roles: Vec<&str> = colleague.roles.iter().map(|r| r.text()).collect();
        if roles.is_empty() {
            return format!("{}, who has left", capital(&colleague.name));
        }
        format!("{}, {}", colleague.name, roles.join(" and "))
    }
}
