//! The staff register as whoever tells people sees it.

use sanctuary_disclosure::PersonId;
use sanctuary_notify::{People, PortError, Recipient};
use sanctuary_policy::StaffRole;
use sanctuary_staff::StaffError;

use super::{NoticeDesk, fault};
use crate::Node;
use sanctuary_node_core::NodeError;

impl People for Node {
    fn is_reachable(&self, person: &PersonId) -> Result<bool, PortError> {
        let address = self.staff().email_of(person).map_err(register)?;
        Ok(address.is_some())
    }

    fn in_roles(&self, roles: &[StaffRole]) -> Result<Vec<PersonId>, PortError> {
        self.staff().reachable(roles).map_err(register)
    }
}

impl NoticeDesk {
    /// Where a mail goes; none when nobody is there any more.
    pub(super) fn address(&self, node: &Node, to: &Recipient) -> Result<Option<String>, NodeError> {
        match to {
            Recipient::Person(person) => {
                let address = node.staff().email_of(person).map_err(register);
                address.map_err(fault)
            }
            Recipient::Role(role) => {
                let roles = self.config.mail.as_ref().map(|mail| &mail.roles);
                Ok(roles.and_then(|roles| roles.get(role).cloned()))
            }
        }
    }
}

fn register(error: StaffError) -> PortError {
    PortError::Unavailable(error.to_string())
}
