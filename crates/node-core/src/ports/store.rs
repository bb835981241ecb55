use sanctuary_types::{AlertId, BatchId, Epoch, Pseudonym, RulesVersion, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Details, Ended, Kept, NodeError, Published, RecordKey, SignedBatch, StoredAlert, StoredRecord,
};

/// A node's durable state. Each command is atomic and durable when it returns, and idempotent, so
/// that a crash at any moment followed by a retry has the effect of one call.
pub trait NodeStore: Send + Sync {
    /// One record.
    ///
    /// # Errors
    /// [`NodeError::Store`], [`NodeError::Damaged`]; so of every method.
    fn record(&self, key: &RecordKey) -> Result<Option<StoredRecord>, NodeError>;

    /// The record that the hub knows as `pseudonym`.
    fn record_of(&self, pseudonym: &Pseudonym) -> Result<Option<StoredRecord>, NodeError>;

    /// Every record, in no particular order.
    fn for_each_record(
        &self,
        visit: &mut dyn FnMut(StoredRecord) -> Result<(), NodeError>,
    ) -> Result<(), NodeError>;

    /// Writes new and changed records and puts those that need publishing in the pending queue.
    /// What was published of a record stays with it until it is packed again, and so does a hold:
    /// [`StoredRecord::imported`].
    fn commit_import(&self, records: Vec<ImportedRecord>) -> Result<(), NodeError>;

    /// Writes what is kept beside records and puts them in the pending queue where something of them may
    /// be published; unknown ones are passed over.
    fn keep(&self, changes: &[(RecordKey, Kept)]) -> Result<(), NodeError>;

    /// The first `limit` pending records, those behind the others last, else in the order of their keys. Keys are keyed hashes, so
    /// this is no order to anybody else: in the order of the file, the hub would know which rows
    /// of it came in one batch, and with the file which tokens are whose.
    fn pending(&self, limit: usize) -> Result<Vec<StoredRecord>, NodeError>;

    /// How many records are pending.
    fn pending_len(&self) -> Result<u64, NodeError>;

    /// Puts records back in the pending queue; unknown ones are passed over.
    fn requeue(&self, keys: &[RecordKey]) -> Result<(), NodeError>;

    /// Replaces the details of records and puts them behind everything that is pending: for new rules of
    /// normalisation. What was published stays until they are packed. Unknown ones are passed over.
    fn renormalise(&self, records: Vec<(RecordKey, Details)>) -> Result<(), NodeError>;

    /// How many of the pending records stand behind the others.
    fn behind_len(&self) -> Result<u64, NodeError>;

    /// Puts every record back in the pending queue, forgets what was published and drops the
    /// outbox: for a new epoch, whose tags cannot be compared with the old ones.
    fn restart_publication(&self, state: &PackState) -> Result<(), NodeError>;

    /// Appends a batch to the outbox, notes what it publishes of each record, and takes those
    /// records off the pending queue; a record that was imported anew meanwhile stays pending.
    fn commit_pack(&self, commit: PackCommit) -> Result<(), NodeError>;

    /// What the last pack left.
    fn pack_state(&self) -> Result<PackState, NodeError>;

    /// The oldest `limit` batches that no hub has acknowledged, in order.
    fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, NodeError>;

    /// How many batches wait.
    fn outbox_len(&self) -> Result<u64, NodeError>;

    /// Drops a batch that the hub holds durably; says whether it was there.
    fn acknowledge(&self, batch: &BatchId) -> Result<bool, NodeError>;

    /// Stores alerts (a version not above the stored one changes nothing) and moves the cursor
    /// forward, never back.
    fn commit_alerts(&self, commit: AlertCommit) -> Result<(), NodeError>;

    /// Where to resume the alert stream.
    fn alert_cursor(&self) -> Result<u64, NodeError>;

    /// One alert.
    fn alert(&self, id: &AlertId) -> Result<Option<StoredAlert>, NodeError>;

    /// Empties alerts of what they say of the other record: roles, evidence, group. Unknown ones are
    /// passed over.
    fn empty_alerts(&self, ids: &[AlertId]) -> Result<(), NodeError>;

    /// Every alert.
    fn alerts(&self) -> Result<Vec<StoredAlert>, NodeError>;
}

/// A new or changed record.
#[derive(Clone)]
pub struct ImportedRecord {
    /// Name in the store.
    pub key: RecordKey,
    /// Keyed hash of its content.
    pub content: [u8; 32],
    /// Name at the hub.
    pub pseudonym: Pseudonym,
    /// The person; `None` = Duty to Notify only. Such a record is queued only when something of
    /// it was published earlier and has to be withdrawn.
    pub details: Option<Details>,
    /// Set where the record ends: how and when.
    pub ended: Option<(Ended, Timestamp)>,
}

impl ImportedRecord {
    /// The end of a record: nothing is kept of the person, and what was published is withdrawn when it is
    /// next packed.
    #[must_use]
    pub fn ending(record: &StoredRecord, why: Ended, at: Timestamp) -> Self {
        Self {
            key: record.key,
            content: StoredRecord::ERASED,
            pseudonym: record.pseudonym,
            details: None,
            ended: Some((why, at)),
        }
    }
}

/// One packed batch and what it means for its records.
pub struct PackCommit {
    /// The records in it.
    pub records: Vec<PackedRecord>,
    /// The batch; `None` when nothing has to be sent (records without a single token).
    pub batch: Option<SignedBatch>,
    /// State after it.
    pub state: PackState,
}

/// A record's place in a packed batch.
pub struct PackedRecord {
    /// Which.
    pub key: RecordKey,
    /// The content that was packed.
    pub content: [u8; 32],
    /// What now stands at the hub; `None` when everything was withdrawn.
    pub published: Option<Published>,
}

/// What packing has to remember from batch to batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackState {
    /// Epoch and rules of what is published; `None` before the first batch.
    pub published_under: Option<(Epoch, RulesVersion)>,
    /// Dummy postings sent and withdrawn again.
    pub dummy_postings: DummyRange,
    /// Dummy cards sent and withdrawn again.
    pub dummy_cards: DummyRange,
    /// Records there were when the population was last sent.
    pub population_records: u64,
}

/// Dummies are numbered; those from `withdrawn` to `issued` stand at the hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DummyRange {
    /// First that stands.
    pub withdrawn: u64,
    /// First not yet sent.
    pub issued: u64,
}

/// A batch in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Place in the order.
    pub sequence: u64,
    /// The batch.
    pub batch: SignedBatch,
}

/// Alerts and the cursor after them.
pub struct AlertCommit {
    /// New and changed alerts.
    pub alerts: Vec<StoredAlert>,
    /// Resume after this.
    pub cursor: u64,
}
