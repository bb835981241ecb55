use sanctuary_disclosure::PersonId;
use sanctuary_types::{AlertId, AlertKind, Band, PartyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{ReviewError, State};

/// Lines of a page, unless told.
pub const PAGE_LINES: usize = 25;
/// Lines of a page, at most.
pub const PAGE_LINES_MAX: usize = 200;
/// Saved views of one person.
pub const VIEWS_MAX: usize = 20;

/// Which items: each part narrows, an empty part does not. Every word of it may stand in a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// In one of these states.
    pub states: Vec<State>,
    /// Of one of these kinds.
    pub kinds: Vec<AlertKind>,
    /// With one of these agencies.
    pub agencies: Vec<PartyId>,
    /// Of one of these strengths.
    pub bands: Vec<Band>,
    /// Given to this person.
    pub assignee: Option<PersonId>,
    /// Given to the person who asks.
    pub mine: bool,
    /// Given to nobody.
    pub unassigned: bool,
    /// About a child.
    pub child: bool,
    /// Waiting for a person and past its time.
    pub overdue: bool,
    /// With evidence that the decision did not know.
    pub newer_evidence: bool,
    /// In the re-review sample, and not looked at yet.
    pub recheck: bool,
}

impl Filter {
    /// What waits for a person, whoever has it.
    #[must_use]
    pub fn to_do() -> Self {
        let open = State::ALL.iter().copied().filter(|s| s.is_open());
        Self {
            states: open.collect(),
            ..Self::default()
        }
    }
}

/// A page of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListRequest {
    /// Which items.
    pub filter: Filter,
    /// Which page; none is the first.
    pub cursor: Option<Cursor>,
    /// Lines, 1 to [`PAGE_LINES_MAX`].
    pub limit: usize,
}

impl Default for ListRequest {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            cursor: None,
            limit: PAGE_LINES,
        }
    }
}

/// Where a page begins or ends: an opaque word for links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// The page goes forward from the place, else it ends before it.
    pub(crate) forward: bool,
    pub(crate) due: Timestamp,
    pub(crate) alert: AlertId,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letter = if self.forward { 'a' } else { 'b' };
        write!(
            f,
            "{letter}{:012x}{}",
            self.due.0,
            hex::encode(self.alert.0)
        )
    }
}

impl std::str::FromStr for Cursor {
    type Err = ReviewError;
    fn from_str(text: &str) -> Result<Self, ReviewError> {
        let read = || {
            let forward = match text.get(..1)? {
                "a" => true,
                "b" => false,
                _ => return None,
            };
            let (due, alert) = text.get(1..)?.split_at_checked(12)?;
            let mut id = [0; 16];
            hex::decode_to_slice(alert, &mut id).ok()?;
            Some(Self {
                forward,
                due: Timestamp(u64::from_str_radix(due, 16).ok()?),
                alert: AlertId(id),
            })
        };
        read().ok_or(ReviewError::BadCursor)
    }
}

impl TryFrom<String> for Cursor {
    type Error = ReviewError;
    fn try_from(text: String) -> Result<Self, ReviewError> {
        text.parse()
    }
}
impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

/// A filter that a person has kept under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub filter: Filter,
}
