use sanctuary_disclosure::Refused;
use sanctuary_envelope::EnvelopeError;
use sanctuary_ledger::NotLogged;
use sanctuary_policy::{Action, Denial};
use sanctuary_types::PartyId;

use crate::PortError;

/// Why a use-case is refused or could not be done. One sentence that says what to do; no value of anybody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseworkError {
    /// A rule of the agreement, the case or the law stands against it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A proof, key or envelope does not hold.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The log did not promise it, so it was not done.
    #[error(transparent)]
    NotLogged(#[from] NotLogged),
    /// Store, hub or register.
    #[error(transparent)]
    Port(#[from] PortError),
    /// No such case here.
    #[error("there is no such case at this agency; check its number")]
    NoSuchCase,
    /// No such possible match here.
    #[error("there is no such possible match at this agency; check its number")]
    NoSuchAlert,
    /// Decided "not the same", or its evidence has gone.
    #[error("this possible match no longer stands; nothing may be asked on it")]
    AlertGone,
    /// Not confirmed here.
    #[error(
        "nobody at this agency has confirmed this possible match; have it looked at and confirmed first"
    )]
    NotConfirmed,
    /// Only an alert about one person may be asked on.
    #[error(
        "this alert is about a shared identifier, not about one person; phone the other agency instead"
    )]
    NotOnePerson,
    /// No role for it.
    #[error("this needs somebody who is {}", roles_text(*.0))]
    NeedsRole(Action),
    /// Another version of the agreement is in force than the request was written under.
    #[error(
        "the sharing agreement has changed since this request was written; change or confirm the request, and have it authorised again"
    )]
    AgreementChanged,
    /// Nothing to show.
    #[error("there is no released report in this case that may be read")]
    NothingReleased,
    /// Recalled or expired.
    #[error(
        "what was released has been recalled or has expired; destroy every copy and confirm it"
    )]
    TakenBack,
    /// Fewer copies than were exported.
    #[error("{exported} copies were printed or exported from here; account for all of them")]
    CopiesMissing {
        /// Copies that this node knows of.
        exported: u32,
    },
    /// The agreement names no such party.
    #[error("{0} is not a party of the sharing agreement")]
    NotAParty(PartyId),
    /// No own record of that reference.
    #[error("there is no record of that reference at this agency; check it")]
    NoSuchRecord,
    /// No such matter of rights.
    #[error("there is no such request about rights at this agency; check its number")]
    NoSuchMatter,
    /// Already answered.
    #[error("this has been answered already")]
    Answered,
    /// More than a node keeps.
    #[error("this agency has {max} {what} at a time at most; close some first")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
}

impl CaseworkError {
    /// The rule as a stable word for logs, figures and screens.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.rule(),
            Self::Envelope(error) => envelope_rule(error),
            Self::NotLogged(_) => "not_logged",
            Self::Port(PortError::Conflict) => "conflict",
            Self::Port(PortError::Unavailable(_)) => "unavailable",
            Self::Port(PortError::Damaged(_)) => "damaged",
            Self::NoSuchCase => "no_such_case",
            Self::NoSuchAlert => "no_such_alert",
            Self::AlertGone => "alert_gone",
            Self::NotConfirmed => "not_confirmed",
            Self::NotOnePerson => "not_one_person",
            Self::NeedsRole(_) => "needs_role",
            Self::AgreementChanged => "agreement_changed",
            Self::NothingReleased => "nothing_released",
            Self::TakenBack => "taken_back",
            Self::CopiesMissing { .. } => "copies_missing",
            Self::NotAParty(_) => "not_a_party",
            Self::NoSuchRecord => "no_such_record",
            Self::NoSuchMatter => "no_such_matter",
            Self::Answered => "answered",
            Self::TooMany { .. } => "too_many",
        }
    }

    /// Whether trying the same again later may help: nothing was judged.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::NotLogged(_) | Self::Port(PortError::Unavailable(_) | PortError::Conflict)
        )
    }
}

impl From<Denial> for CaseworkError {
    fn from(denial: Denial) -> Self {
        Self::Refused(Refused::Agreement(denial))
    }
}

pub(crate) const fn envelope_rule(error: &EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::InventedMatch { .. } => "invented_match",
        EnvelopeError::ProofMismatch => "proof_mismatch",
        EnvelopeError::NothingShared => "nothing_shared",
        EnvelopeError::SwappedKey { .. } => "swapped_key",
        EnvelopeError::OldKey { .. } => "old_key",
        EnvelopeError::NoKey { .. } => "no_key",
        EnvelopeError::DestroyedKey => "destroyed_key",
        EnvelopeError::BadAnnouncement => "bad_announcement",
        EnvelopeError::Header(_) => "header",
        EnvelopeError::OuterSignature { .. } => "outer_signature",
        EnvelopeError::DoesNotOpen => "does_not_open",
        EnvelopeError::InnerSignature { .. } => "inner_signature",
        EnvelopeError::Size => "size",
        EnvelopeError::Expired => "expired",
        EnvelopeError::FromTheFuture => "from_the_future",
        EnvelopeError::Replayed => "replayed",
        EnvelopeError::Suite => "suite",
        EnvelopeError::Malformed(_) => "malformed",
        EnvelopeError::TooLong { .. } => "too_long",
        EnvelopeError::OnceStore => "once_store",
        _ => "envelope",
    }
}

fn roles_text(action: Action) -> String {
    let texts: Vec<&str> = action.row().roles.iter().map(|r| r.text()).collect();
    texts.join(" or ")
}
