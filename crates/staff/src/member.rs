use std::collections::BTreeSet;
use std::fmt;

use sanctuary_disclosure::{IdentifierPrint, PersonId};
use sanctuary_policy::{ContactRole, StaffRole};
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CodeSecret, PasswordHash, ProviderSubject, StaffError};

/// People of one agency, those who left included.
pub const PEOPLE_MAX: usize = 5_000;
/// Characters of a display name or an e-mail address.
pub const NAME_CHARS_MAX: usize = 120;
/// Identifiers one person may declare for the reach guard, their associates' included.
pub const IDENTIFIERS_MAX: usize = 200;

/// Whether somebody works at the agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Works here.
    Active,
    /// Has left: no sign-in ever again, the entry stays so that old case files name somebody.
    Left,
}

/// One person of the agency, as the register keeps them (sealed).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Staff number: the same for every account of one person.
    pub person: PersonId,
    /// Name for colleagues.
    pub name: String,
    /// Where they are written to, if anywhere.
    pub email: Option<String>,
    /// What they may be.
    pub roles: BTreeSet<StaffRole>,
    /// Functions in which the agency's partners phone them; safeguarding lead is one.
    pub functions: BTreeSet<ContactRole>,
    /// Whether they work here.
    pub standing: Standing,
    /// When they were added.
    pub added: Timestamp,
    /// When the entry last changed.
    pub changed: Timestamp,
    /// What they declared for the reach guard.
    pub declared: Option<Declaration>,
    pub(crate) password: Option<PasswordHash>,
    pub(crate) start: Option<Start>,
    pub(crate) code: Option<CodeSecret>,
    /// Set up and not yet confirmed by a right code.
    pub(crate) new_code: Option<CodeSecret>,
    /// Their account at the identity provider, since they first signed in by it.
    #[serde(default)]
    pub(crate) subject: Option<ProviderSubject>,
}

/// A start code that has not been used yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) hash: PasswordHash,
    pub(crate) until: Timestamp,
}

/// Keyed prints of a person's own identifiers and of those of the associates they declare: never the
/// values. One link to an alleged perpetrator makes the agency's reach statement a yes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// When.
    pub at: Timestamp,
    /// Own and associates' identifiers.
    pub prints: BTreeSet<IdentifierPrint>,
}

impl Member {
    /// Whether they work here.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.standing == Standing::Active
    }

    /// Whether they run the node.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.roles.contains(&StaffRole::Administrator)
    }

    /// What administrators and data protection officers see of an entry.
    #[must_use]
    pub fn view(&self) -> MemberView {
        MemberView {
            person: self.person.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            roles: self.roles.iter().copied().collect(),
            functions: self.functions.iter().copied().collect(),
            standing: self.standing,
            changed: self.changed,
            has_password: self.password.is_some(),
            has_code: self.code.is_some(),
            by_provider: self.subject.is_some(),
            declared: self.declared.as_ref().map(|d| d.at),
        }
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("person", &self.person)
            .field("roles", &self.roles)
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

/// An entry without anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// Staff number.
    pub person: PersonId,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Roles.
    pub roles: Vec<StaffRole>,
    /// Functions in which partners phone them.
    pub functions: Vec<ContactRole>,
    /// Whether they work here.
    pub standing: Standing,
    /// When the entry last changed.
    pub changed: Timestamp,
    /// A password was chosen.
    pub has_password: bool,
    /// One-time codes are set up.
    pub has_code: bool,
    /// Has signed in by the identity provider.
    pub by_provider: bool,
    /// When they declared their identifiers for the reach guard.
    pub declared: Option<Timestamp>,
}

/// A display name or e-mail address within the limits.
pub(crate) fn check_text(text: &str) -> Result<(), StaffError> {
    let length = text.chars().take(NAME_CHARS_MAX + 1).count();
    if (1..=NAME_CHARS_MAX).contains(&length) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(StaffError::Limit(
            "a name or e-mail address must be 1 to 120 characters in one line",
        ))
    }
}

/// Administrators run the node and see no records, so the role stands alone.
pub(crate) fn check_roles(roles: &BTreeSet<StaffRole>) -> Result<(), StaffError> {
    if roles.contains(&StaffRole::Administrator) && roles.len() > 1 {
        return Err(StaffError::AdministratorAlone);
    }
    Ok(())
}
