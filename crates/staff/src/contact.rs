//! Where colleagues are written to, for whoever tells them that something waits.

use sanctuary_disclosure::PersonId;
use sanctuary_policy::StaffRole;

use crate::{Member, Register, StaffError, StaffStore};

impl<S: StaffStore> Register<S> {
    /// The e-mail address of somebody who works here, if they have one.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn email_of(&self, person: &PersonId) -> Result<Option<String>, StaffError> {
        let member = self.store.member(person)?.filter(Member::is_active);
        Ok(member.and_then(|m| m.email))
    }

    /// Who works here in one of these roles and has an e-mail address.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn reachable(&self, roles: &[StaffRole]) -> Result<Vec<PersonId>, StaffError> {
        let fits = |m: &Member| {
            m.is_active() && m.email.is_some() && roles.iter().any(|r| m.roles.contains(r))
        };
        let members = self.store.members()?;
        let mut people: Vec<PersonId> = members
            .into_iter()
            .filter(|m| fits(m))
            .map(|m| m.person)
            .collect();
        people.sort();
        Ok(people)
    }
}
