use sanctuary_keyshare::KeyshareError;
use sanctuary_types::{Epoch, Generation, KeyClass, PartyId};

/// Storage behind a port failed. The text is the adapter's and says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PortError(pub String);

/// Why a key holder refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HolderError {
    /// The caller is on the roster, but not as what this call needs.
    #[error("{caller} may not do this: the roster must name it as {needed}")]
    WrongKind {
        /// Who called.
        caller: PartyId,
        /// "an agency" or "an officer".
        needed: &'static str,
    },
    /// No key of that class here.
    #[error(
        "this key holder has no key for class {class}; ask the officers to hold a key ceremony"
    )]
    NoKey {
        /// Label of the class, or its unknown code.
        class: String,
    },
    /// Not the epoch or generation in force.
    #[error(
        "epoch {asked_epoch} generation {asked_generation} of class {class} is not in force; fetch the manifest of epoch {epoch} generation {generation}"
    )]
    Stale {
        /// Label of the class.
        class: &'static str,
        /// Epoch asked for.
        asked_epoch: Epoch,
        /// Generation asked for.
        asked_generation: Generation,
        /// Epoch in force.
        epoch: Epoch,
        /// Generation in force.
        generation: Generation,
    },
    /// Not t ascending indices within 1..=n with this holder's among them.
    #[error(
        "the quorum must be {threshold} different share indices in ascending order, at most {holders}, with this holder's index {own} among them"
    )]
    Quorum {
        /// t.
        threshold: u16,
        /// n.
        holders: usize,
        /// This holder's index.
        own: u16,
    },
    /// No elements, or too many.
    #[error("a batch has 1 to {limit} elements, not {elements}; split it")]
    BatchSize {
        /// Elements sent.
        elements: usize,
        /// Elements allowed.
        limit: usize,
    },
    /// Elements that are not a whole number of canonical, non-identity points.
    #[error(
        "the elements are not canonical 32-byte ristretto255 points other than the identity; blind the batch again"
    )]
    Elements,
    /// A field of the wrong form.
    #[error("{0} is malformed; send the request as the protocol describes it")]
    Field(&'static str),
    /// The day's limit.
    #[error(
        "the daily limit of {limit} evaluations for class {class} would be exceeded ({used} used, {asked} asked); wait until 00:00 UTC or ask the officers for a larger quota"
    )]
    OverQuota {
        /// Label of the class.
        class: &'static str,
        /// Elements allowed a day.
        limit: u64,
        /// Elements used today.
        used: u64,
        /// Elements asked for.
        asked: u32,
        /// When the count starts again: milliseconds since 1970.
        resets_ms: u64,
    },
    /// A batch id used before for something else.
    #[error(
        "this batch id was used before with other elements or another key; choose a new random batch id"
    )]
    ChangedBatch,
    /// A batch id or elements that another agency sent.
    #[error(
        "this batch belongs to another agency; blind your own batch under a new random batch id"
    )]
    OtherAgency,
    /// The share at hand does not fit the manifest.
    #[error(
        "the key share for class {class} epoch {epoch} does not fit the signed manifest; do not use it and tell the officers"
    )]
    ShareMismatch {
        /// Label of the class.
        class: &'static str,
        /// Epoch.
        epoch: Epoch,
    },
    /// A manifest that does not name this holder.
    #[error(
        "the manifest for class {class} epoch {epoch} does not name this key holder; remove it from the configuration or ask the officers"
    )]
    NotAHolder {
        /// Label of the class.
        class: &'static str,
        /// Epoch.
        epoch: Epoch,
    },
    /// A manifest of a key that this holder has no share of.
    #[error(
        "there is no key share for class {class} epoch {epoch} in the data directory; restore it or ask the officers for a new ceremony"
    )]
    NoShare {
        /// Label of the class.
        class: &'static str,
        /// Epoch.
        epoch: Epoch,
    },
    /// A step of a ceremony was refused.
    #[error(transparent)]
    Ceremony(#[from] KeyshareError),
    /// No such ceremony is under way here.
    #[error(
        "no such key ceremony is under way here, perhaps because of a restart; start it again at every key holder"
    )]
    NoCeremony,
    /// Too many ceremonies under way.
    #[error(
        "{limit} key ceremonies are under way here, which is the limit; finish them or wait an hour"
    )]
    TooManyCeremonies {
        /// How many there may be.
        limit: usize,
    },
    /// A ceremony member that is not a key holder of the roster.
    #[error("{holder} is not a key holder on the roster; ask the officers to add it first")]
    NotOnRoster {
        /// The member.
        holder: PartyId,
    },
    /// A key of that class and epoch exists already.
    #[error(
        "there is already a key for class {class} epoch {epoch}; hold the ceremony for a new epoch"
    )]
    KeyExists {
        /// Label of the class.
        class: &'static str,
        /// Epoch.
        epoch: Epoch,
    },
    /// The arithmetic refused for a reason that should not occur with checked input.
    #[error(
        "this key holder could not evaluate the batch; try again, and tell its operator if that does not help"
    )]
    Evaluation,
    /// Storage failed.
    #[error("this key holder's storage failed: {0}")]
    Port(#[from] PortError),
}

impl HolderError {
    /// A stable word for logs and refusal records.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongKind { .. } => "wrong_kind",
            Self::NoKey { .. } => "no_key",
            Self::Stale { .. } => "stale",
            Self::Quorum { .. } => "quorum",
            Self::BatchSize { .. } => "batch_size",
            Self::Elements => "elements",
            Self::Field(_) => "field",
            Self::OverQuota { .. } => "over_quota",
            Self::ChangedBatch => "changed_batch",
            Self::OtherAgency => "other_agency",
            Self::ShareMismatch { .. } => "share_mismatch",
            Self::NotAHolder { .. } => "not_a_holder",
            Self::NoShare { .. } => "no_share",
            Self::Ceremony(_) => "ceremony",
            Self::NoCeremony => "no_ceremony",
            Self::TooManyCeremonies { .. } => "too_many_ceremonies",
            Self::NotOnRoster { .. } => "not_on_roster",
            Self::KeyExists { .. } => "key_exists",
            Self::Evaluation => "evaluation",
            Self::Port(_) => "storage",
        }
    }

    pub(crate) fn no_key(class: KeyClass) -> Self {
        Self::NoKey {
            class: class.label().to_owned(),
        }
    }
}
