//! The port of what the node keeps for one person between two looks: drafts, habits, names of colleagues, and the
//! numbers that an open page is told. As of the office: every call blocks and checks the person's roles itself.

use std::{fmt, str::FromStr};

pub use sanctuary_casework::CasePulse;
use sanctuary_disclosure::Actor;
use sanctuary_policy::StaffRole;
pub use sanctuary_review::Pulse as MatchPulse;
use sanctuary_staff::SessionToken;
use sanctuary_types::Timestamp;

use crate::Asked;

/// Days for which a draft is kept.
pub const DRAFT_DAYS: u64 = 7;
/// Bytes of one draft.
pub const DRAFT_BYTES_MAX: usize = 64 * 1024;
/// Drafts of one person; one more takes the place of the oldest.
pub const DRAFTS_MAX: usize = 20;

/// Which form something was typed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DraftKind {
    /// The answer on a possible match.
    Decision,
    /// A second look at one.
    Recheck,
    /// A new request about a possible match.
    Request,
    /// A request that is being changed.
    Change,
    /// The answer to a request.
    Answer,
}

impl DraftKind {
    /// Word in forms, start and end of the address, what people read.
    const fn row(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Decision => ("decision", "/matches/", "", "Decision on a possible match"),
            Self::Recheck => (
                "recheck",
                "/matches/",
                "/recheck",
                "Re-review of a possible match",
            ),
            Self::Request => ("request", "/requests/new/", "", "New request"),
            Self::Change => ("change", "/requests/", "/change", "Change of a request"),
            Self::Answer => ("answer", "/requests/", "/answer", "Answer to a request"),
        }
    }
}

/// One form about one thing. As text `decision/0a1b…`: never a word of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftPlace {
    kind: DraftKind,
    id: String,
}

impl DraftPlace {
    /// The form of this kind about this possible match or case.
    #[must_use]
    pub fn new(kind: DraftKind, id: &impl fmt::Display) -> Self {
        Self {
            kind,
            id: id.to_string(),
        }
    }

    /// The address of the form.
    #[must_use]
    pub fn href(&self) -> String {
        let (_, before, after, _) = self.kind.row();
        format!("{before}{}{after}", self.id)
    }

    /// What people read.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.kind.row().3
    }
}

impl fmt::Display for DraftPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.row().0, self.id)
    }
}

impl FromStr for DraftPlace {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        const KINDS: [DraftKind; 5] = [
            DraftKind::Decision,
            DraftKind::Recheck,
            DraftKind::Request,
            DraftKind::Change,
            DraftKind::Answer,
        ];
        let (word, id) = text.split_once('/').ok_or(())?;
        let kind = KINDS.into_iter().find(|k| k.row().0 == word).ok_or(())?;
        let plain = id.len() == 32 && id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        plain
            .then(|| Self {
                kind,
                id: id.to_owned(),
            })
            .ok_or(())
    }
}

/// Something that was typed and not sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// When it was kept.
    pub at: Timestamp,
    /// The form as a browser sends it.
    pub form: String,
}

/// Drafts hold what people typed.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft(<{} bytes>)", self.form.len())
    }
}

/// Somebody of the own agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Name for colleagues.
    pub name: String,
    /// What they may be now; none once they have left.
    pub roles: Vec<StaffRole>,
}

/// What an open page is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Of the queue; none for somebody who may not read it.
    pub matches: Option<MatchPulse>,
    /// Of the requests; none for somebody who may not read them.
    pub cases: Option<CasePulse>,
}

/// What the node keeps for one person.
pub trait Keeping: Send + Sync + 'static {
    /// A person of the own agency by staff number; none for a number that is not in the register.
    ///
    /// # Errors
    /// [`Fault`](crate::Fault); so of every method.
    fn colleague(&self, by: &Actor, person: &str) -> Asked<Option<Colleague>>;

    /// The person's drafts, newest first.
    fn drafts(&self, by: &Actor) -> Asked<Vec<(DraftPlace, Timestamp)>>;
    /// One of them.
    fn draft(&self, by: &Actor, place: &DraftPlace) -> Asked<Option<Draft>>;
    /// Keeps what was typed, in place of what was there before.
    fn keep(&self, by: &Actor, place: &DraftPlace, form: &str) -> Asked<()>;
    /// The same for whoever's session has run out by time while they typed; whether there was such a session.
    fn keep_of_lapsed(&self, token: &SessionToken, place: &DraftPlace, form: &str) -> Asked<bool>;
    /// Deletes it: it was sent, or is not wanted.
    fn forget(&self, by: &Actor, place: &DraftPlace) -> Asked<()>;

    /// Whether single-key shortcuts are on for this person.
    fn shortcuts(&self, by: &Actor) -> Asked<bool>;
    /// Switches them.
    fn set_shortcuts(&self, by: &Actor, on: bool) -> Asked<()>;

    /// Whether a session still counts; no use of it.
    fn is_live(&self, token: &SessionToken) -> bool;
    /// The numbers of an open page, and what came after `since`; no use of the session, not logged.
    fn pulse(&self, by: &Actor, since: Timestamp) -> Asked<Pulse>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_and_nothing_else_is_one() {
        let id = "0a".repeat(16);
        for (word, href) in [
            ("decision", format!("/matches/{id}")),
            ("recheck", format!("/matches/{id}/recheck")),
            ("request", format!("/requests/new/{id}")),
            ("change", format!("/requests/{id}/change")),
            ("answer", format!("/requests/{id}/answer")),
        ] {
            let text = format!("{word}/{id}");
            let place: DraftPlace = text.parse().unwrap();
            assert_eq!((place.to_string(), place.href()), (text, href));
        }
        for bad in [
            "",
            "decision",
            "decision/",
            "decision/../../x",
            "note/0a",
            "decision/0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A",
        ] {
            assert!(bad.parse::<DraftPlace>().is_err(), "{bad}");
        }
    }
}
