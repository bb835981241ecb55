//! What telling needs of the outside. The daemon supplies sled and the staff register.

use std::collections::BTreeMap;

use sanctuary_disclosure::PersonId;
use sanctuary_policy::StaffRole;
use sanctuary_types::Timestamp;

use crate::{EventId, Recipient, Slip};

/// Why a port could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// Not possible now; the text says what to do.
    #[error("{0}")]
    Unavailable(String),
    /// A row that does not read back.
    #[error("the stored {0} is damaged; restore the node's data from its backup")]
    Damaged(&'static str),
}

/// Everything there is, as read at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// When this node was first to tell; none before the first time.
    pub begun: Option<Timestamp>,
    /// What waited before that is marked as told.
    pub settled: bool,
    /// The next number.
    pub next: u64,
    /// What was told, and when.
    pub told: BTreeMap<EventId, Timestamp>,
    /// What is on its way, and what was given up.
    pub slips: BTreeMap<u64, Slip>,
    /// When the last mail left to somebody.
    pub mailed: BTreeMap<Recipient, Timestamp>,
}

/// One step: all of it or nothing, durable when it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// When this node was first to tell.
    pub begun: Option<Timestamp>,
    /// What waited before that is marked as told now.
    pub settled: bool,
    /// The next number, when it has grown.
    pub next: Option<u64>,
    /// Told now.
    pub told: Vec<(EventId, Timestamp)>,
    /// Told so long ago that it need not be known.
    pub forgotten: Vec<EventId>,
    /// New and changed slips.
    pub slips: Vec<Slip>,
    /// Slips that are done with.
    pub gone: Vec<u64>,
    /// A mail left.
    pub mailed: Vec<(Recipient, Timestamp)>,
}

/// Durable rows, sealed at rest.
pub trait NoticeStore: Send + Sync {
    /// Everything, once at the start.
    ///
    /// # Errors
    /// [`PortError`]; so of every method.
    fn load(&self) -> Result<Stored, PortError>;

    /// Takes the whole change or nothing of it.
    fn commit(&self, change: &Change) -> Result<(), PortError>;
}

/// The agency's staff.
pub trait People: Send + Sync {
    /// Whether a colleague works here and has an e-mail address.
    ///
    /// # Errors
    /// [`PortError`]; so of every method.
    fn is_reachable(&self, person: &PersonId) -> Result<bool, PortError>;

    /// Colleagues in one of these roles who have an e-mail address.
    fn in_roles(&self, roles: &[StaffRole]) -> Result<Vec<PersonId>, PortError>;
}
