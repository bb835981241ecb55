//! Why the node did not do what a page asked: how it is shown, and one sentence that says what to do.

use sanctuary_casework::{CaseworkError, PortError as CasePortError};
use sanctuary_review::{PortError as ReviewPortError, ReviewError};
use sanctuary_staff::StaffError;

/// How a page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// No session, or one that has ended.
    SignedOut,
    /// No role for it.
    NotAllowed,
    /// Not here, or nothing this person may know of: the same page for both.
    NotFound,
    /// Somebody else was faster; nothing was saved.
    Changed,
    /// A rule stands against it; the person can put it right.
    Refused,
    /// A start code was right: a password has to be chosen.
    ChoosePassword,
    /// The hub or the log does not answer; nothing was judged.
    Unavailable,
    /// The node itself.
    Broken,
}

/// Why it was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    /// How a page shows it.
    pub kind: FaultKind,
    /// The rule as a stable word, for the log.
    pub rule: &'static str,
    /// One sentence that says what to do; no value of anybody.
    pub text: String,
}

impl Fault {
    /// A fault of this kind.
    #[must_use]
    pub const fn new(kind: FaultKind, rule: &'static str, text: String) -> Self {
        Self { kind, rule, text }
    }
}

impl From<StaffError> for Fault {
    fn from(error: StaffError) -> Self {
        let (kind, rule) = match &error {
            StaffError::NoSession => (FaultKind::SignedOut, "no_session"),
            StaffError::NotAdministrator => (FaultKind::NotAllowed, "not_administrator"),
            StaffError::NoSuchPerson => (FaultKind::NotFound, "no_such_person"),
            StaffError::UnknownHere => (FaultKind::NotAllowed, "unknown_here"),
            StaffError::OtherAccount => (FaultKind::NotAllowed, "other_account"),
            StaffError::NoRole => (FaultKind::NotAllowed, "no_role"),
            StaffError::OtherPerson => (FaultKind::NotAllowed, "other_person"),
            StaffError::NotFresh => (FaultKind::NotAllowed, "not_fresh"),
            StaffError::NotSignedIn => (FaultKind::Refused, "not_signed_in"),
            StaffError::ChoosePassword => (FaultKind::ChoosePassword, "choose_password"),
            StaffError::Hashing => (FaultKind::Broken, "hashing"),
            StaffError::Port(_) => (FaultKind::Unavailable, "staff_port"),
            _ => (FaultKind::Refused, "staff_rule"),
        };
        Self::new(kind, rule, error.to_string())
    }
}

impl From<CaseworkError> for Fault {
    fn from(error: CaseworkError) -> Self {
        let kind = match &error {
            CaseworkError::NoSuchCase
            | CaseworkError::NoSuchAlert
            | CaseworkError::NoSuchMatter => FaultKind::NotFound,
            CaseworkError::NeedsRole(_) => FaultKind::NotAllowed,
            CaseworkError::Port(CasePortError::Damaged(_)) => FaultKind::Broken,
            passing if passing.is_passing() => FaultKind::Unavailable,
            _ => FaultKind::Refused,
        };
        Self::new(kind, error.rule(), error.to_string())
    }
}

impl From<ReviewError> for Fault {
    fn from(error: ReviewError) -> Self {
        let kind = match &error {
            ReviewError::NoSuchAlert => FaultKind::NotFound,
            ReviewError::NeedsRole(_) => FaultKind::NotAllowed,
            ReviewError::Stale(_) | ReviewError::Port(ReviewPortError::Conflict) => {
                FaultKind::Changed
            }
            ReviewError::Port(ReviewPortError::Damaged(_)) => FaultKind::Broken,
            passing if passing.is_passing() => FaultKind::Unavailable,
            _ => FaultKind::Refused,
        };
        Self::new(kind, error.rule(), error.to_string())
    }
}
