use std::{fmt, str::FromStr};

use sanctuary_policy::StaffRole;
use serde::{Deserialize, Serialize};

use crate::Refused;

/// One member of staff, whatever account or session they use: the agency's own staff number, the
/// same for every sign-in of one person. Case does not count. Not printed by `Debug`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonId(String);

impl PersonId {
    /// The staff number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonId {
    type Err = Refused;
    fn from_str(text: &str) -> Result<Self, Refused> {
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Refused::Text { max: 64 })
        }
    }
}
impl TryFrom<String> for PersonId {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        text.parse()
    }
}
impl From<PersonId> for String {
    fn from(id: PersonId) -> Self {
        id.0
    }
}
impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonId(<redacted>)")
    }
}

/// Who takes a step. Where two people are needed, the same person, the same account and the same
/// session are each refused: a colleague at an unlocked machine is not a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The person.
    pub person: PersonId,
    /// The account they signed in with.
    pub account: String,
    /// A name of the session they are in, which opens nothing; new with every sign-in.
    pub session: String,
    /// Their roles at that moment, from the agency's own table.
    pub roles: Vec<StaffRole>,
}

impl Actor {
    /// Whether the two may count as one person. An account or session that is not named is no evidence.
    #[must_use]
    pub fn is_one_with(&self, other: &Self) -> bool {
        let same = |a: &str, b: &str| !a.is_empty() && a.eq_ignore_ascii_case(b);
        self.person == other.person
            || same(&self.account, &other.account)
            || same(&self.session, &other.session)
    }
}
