//! What the hub needs of storage, shaped by its use-cases. `memory` and the daemon's sled adapters
//! implement these and must pass `suite`.

use std::ops::Deref;

use crate::PortError;

/// Sequence number and bytes of one log row.
pub type LogRow = (u64, Vec<u8>);

/// Every row of a log in ascending order of sequence.
pub type LogScan<'a, R> = Box<dyn Iterator<Item = Result<(u64, R), PortError>> + 'a>;

/// Keys and values of a state table.
pub type StateRows = Vec<(Vec<u8>, Vec<u8>)>;

/// The durable record log: rows of at most 8 KiB under ascending sequence numbers.
pub trait PostingLog: Send + Sync {
    /// Bytes of a stored row, without a copy where the store allows.
    type Row: Deref<Target = [u8]>;

    /// Writes `rows` (new ones, or new bytes for old sequence numbers). All of them are durable
    /// when this returns without error. After an error any of them may be there or not.
    ///
    /// # Errors
    /// When the store cannot keep them, for example on a full disk.
    fn put(&self, rows: &[LogRow]) -> Result<(), PortError>;

    /// Removes rows durably; a missing one is no error.
    ///
    /// # Errors
    /// When the store fails.
    fn remove(&self, sequences: &[u64]) -> Result<(), PortError>;

    /// One row.
    ///
    /// # Errors
    /// When the row is damaged or the store fails.
    fn row(&self, sequence: u64) -> Result<Option<Self::Row>, PortError>;

    /// Every row in ascending order of sequence.
    fn scan(&self) -> LogScan<'_, Self::Row>;

    /// About how many rows there are: used to size memory, so it may be wrong.
    fn rows_estimate(&self) -> usize;
}

/// The tables of [`StateStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateTable {
    /// Alert id -> alert.
    Alerts,
    /// Agency, 0, cursor u64 BE -> event.
    Events,
    /// Comparison id -> comparison between two nodes.
    Comparisons,
    /// Comparison id, number of the part -> part of a sealed message between two nodes.
    Messages,
    /// Sequence u64 BE -> parcel between two nodes, without its body.
    Parcels,
    /// Sequence u64 BE, number of the part u16 BE -> part of a parcel's body.
    ParcelBodies,
    /// Case id -> case: who, since when, how far.
    Cases,
    /// Agency, 0, suite -> the agency's newest envelope key.
    EnvelopeKeys,
    /// Version u32 BE, number of the part u16 BE -> part of a signed sharing agreement.
    Agreements,
    /// Kind u8, number of the part u16 BE -> part of the chain of editions, of the preview that waits, of
    /// the window that counts are wanted for.
    Figures,
    /// Agency (32 bytes, zeros at the end), number of the part u16 BE -> part of its own counts.
    Counts,
}

impl StateTable {
    /// Stable first byte of the table's keys, for stores with one key space.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Alerts => 1,
            Self::Events => 2,
            Self::Comparisons => 3,
            Self::Messages => 4,
            Self::Parcels => 5,
            Self::ParcelBodies => 6,
            Self::Cases => 7,
            Self::EnvelopeKeys => 8,
            Self::Agreements => 9,
            Self::Figures => 10,
            Self::Counts => 11,
        }
    }
}

/// One change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Table.
    pub table: StateTable,
    /// Key, at most 64 bytes.
    pub key: Vec<u8>,
    /// New value, at most 8 KiB; `None` removes.
    pub value: Option<Vec<u8>>,
}

/// Alerts and what each agency has been told.
pub trait StateStore: Send + Sync {
    /// Makes `changes`, all or none, durable when this returns without error.
    ///
    /// # Errors
    /// When the store cannot keep them; then none of them was made.
    fn apply(&self, changes: &[Change]) -> Result<(), PortError>;

    /// Up to `limit` rows of `table` whose keys start with `prefix` and come after `after`,
    /// ascending.
    ///
    /// # Errors
    /// When a row is damaged or the store fails.
    fn scan(
        &self,
        table: StateTable,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<StateRows, PortError>;
}
