//! The node's state in sled: every value sealed, every command one atomic change and one sync.
//!
//! Tables: `record` (record key), `pseudonym` (keyed hash of the pseudonym -> record key), `queue`
//! (record keys that are pending), `behind` (those behind them, for new rules), `outbox` (sequence) and `batch` (batch id
//! -> sequence), `alert` (keyed hash of the alert id),
//! `comparison` (the log of comparisons), `feed` (which records came by which feed), `mark` (how far a
//! database feed has got), `answer` (by idempotency key), `meta`.

mod answers;
mod cases;
mod comparisons;
mod feeds;
mod imports;
mod keeping;
mod large;
mod ledger;
mod notices;
mod port;
mod queue;
mod review;
mod staff;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_node_core::{ComparisonDay, NodeError, RecordKey, StoredRecord};
use sanctuary_store::{Batch, Options, Sealer, Store, StoreError, Table};
use sanctuary_types::{Epoch, Generation, KeyClass, Pseudonym, Timestamp};

use crate::node::Met;

pub use cases::CaseTables;
pub(crate) use feeds::FeedMark;
pub(crate) use keeping::{DraftLimits, Habits, KeepTables, KeptDraft};
use large::LargeTable;
pub(crate) use ledger::{Dead, LedgerStore, Standing};
pub(crate) use notices::NoticeTables;
pub use review::ReviewTables;
pub use staff::StaffTables;

/// Opens or makes a store of its own in `dir` under `sealer`'s root key, which it is bound to.
fn open_sealed(
    dir: &Path,
    cache_bytes: u64,
    sealer: Sealer,
) -> Result<(Store, Arc<Sealer>), StoreError> {
    let options = Options {
        cache_bytes,
        ..Options::default()
    };
    let store = Store::open(dir, options)?;
    sealer.bind(&store.table("check")?)?;
    Ok((store, Arc::new(sealer)))
}

/// The sled store of one node; one process at a time.
pub struct SledStore {
    store: Store,
    records: LargeTable,
    pseudonyms: Table,
    queue: Table,
    behind: Table,
    outbox: LargeTable,
    batches: Table,
    alerts: LargeTable,
    meta: LargeTable,
    feeds: Table,
    marks: LargeTable,
    answers: LargeTable,
    comparisons: LargeTable,
    /// The log of the day, read when first needed.
    compared: Mutex<Option<ComparisonDay>>,
    sealer: Arc<Sealer>,
    next: Mutex<Next>,
    broken: AtomicBool,
}

/// The next number of the outbox. Holding it is the right to change the store.
struct Next {
    outbox: u64,
}

/// One purge of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct PurgeTimes {
    /// What was erased before is out of the file.
    pub(crate) begun: Timestamp,
    /// Since then.
    pub(crate) finished: Timestamp,
}

/// After a write or sync failed, what is on the disk is not known: nothing more may be written or
/// acknowledged by this process.
const BROKEN: &str =
    "an earlier write failed; see that the disk has space and is sound, then restart the node";

impl SledStore {
    /// Opens the store in `dir` under `sealer`'s root key.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it; [`StoreError::WrongKey`]; any fault.
    pub fn open(dir: &Path, cache_mib: u64, sealer: Sealer) -> Result<Self, StoreError> {
        let (store, sealer) = open_sealed(dir, cache_mib.max(1) * 1024 * 1024, sealer)?;
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        let outbox = large("outbox")?;
        let next = Next {
            outbox: last_number(outbox.table().last()?) + 1,
        };
        Ok(Self {
            records: large("record")?,
            pseudonyms: store.table("pseudonym")?,
            queue: store.table("queue")?,
            behind: store.table("behind")?,
            outbox,
            batches: store.table("batch")?,
            alerts: large("alert")?,
            meta: large("meta")?,
            feeds: store.table("feed")?,
            marks: large("mark")?,
            answers: large("answer")?,
            comparisons: large("comparison")?,
            compared: Mutex::default(),
            sealer,
            next: Mutex::new(next),
            broken: AtomicBool::new(false),
            store,
        })
    }

    /// The sealer of this store, for files beside it.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Refuses a key manifest older than one that was in use before, and remembers newer ones.
    ///
    /// # Errors
    /// [`NodeError::Keys`], or a fault of the store.
    pub fn accept_keys(
        &self,
        class: KeyClass,
        epoch: Epoch,
        generation: Generation,
    ) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let key = format!("keys/{}", class.label());
        let seen: Option<(Epoch, Generation)> = self.meta_json(&key)?;
        if seen.is_some_and(|seen| (epoch, generation) < seen) {
            return Err(NodeError::Keys(format!(
                "the manifest of the {} key is older than one already used; install the newest",
                class.label()
            )));
        }
        if seen != Some((epoch, generation)) {
            let mut meta = Batch::default();
            self.put_meta(&mut meta, &key, &(epoch, generation))?;
            self.apply(&[(self.meta.table(), meta)])?;
        }
        Ok(())
    }

    /// Whether it still takes changes.
    ///
    /// # Errors
    /// Why not, after a write that failed.
    pub(crate) fn check_writable(&self) -> Result<(), NodeError> {
        self.writer().map(|_| ())
    }

    /// The last meetings with hub and key holders.
    pub(crate) fn met(&self) -> Result<Met, NodeError> {
        Ok(self.meta_json("met")?.unwrap_or_default())
    }

    /// Remembers them.
    pub(crate) fn keep_met(&self, met: &Met) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut meta = Batch::default();
        self.put_meta(&mut meta, "met", met)?;
        self.apply(&[(self.meta.table(), meta)])
    }

    fn writer(&self) -> Result<MutexGuard<'_, Next>, NodeError> {
        let next = self.next.lock();
        match next {
            Ok(next) if !self.broken.load(Ordering::Acquire) => Ok(next),
            _ => Err(NodeError::Store(BROKEN.to_owned())),
        }
    }

    /// One atomic change, durable when it returns.
    fn apply(&self, changes: &[(&Table, Batch)]) -> Result<(), NodeError> {
        let written = self
            .store
            .apply_all(changes)
            .and_then(|()| self.store.sync());
        written.map_err(|error| {
            self.broken.store(true, Ordering::Release);
            fault(error)
        })
    }

    /// What is overwritten now may stay in old pages of the file: the time until they are purged runs.
    fn erases(&self, something: bool) -> Result<(), NodeError> {
        if something {
            self.store.note_erasure().map_err(fault)
        } else {
            Ok(())
        }
    }

    /// The store underneath, to be purged.
    pub(crate) fn underneath(&self) -> Store {
        self.store.clone()
    }

    /// Notes that everything erased before `begun` is out of the file since `finished`.
    pub(crate) fn note_purge(&self, purge: PurgeTimes) -> Result<(), NodeError> {
        const KEPT: usize = 1_000;
        let _writer = self.writer()?;
        let mut all = self.purges()?;
        let first = (all.len() + 1).saturating_sub(KEPT);
        all.drain(..first);
        all.push(purge);
        let mut meta = Batch::default();
        self.put_meta(&mut meta, "purges", &all)?;
        self.apply(&[(self.meta.table(), meta)])
    }

    /// The purges of this store, oldest first.
    pub(crate) fn purges(&self) -> Result<Vec<PurgeTimes>, NodeError> {
        Ok(self.meta_json("purges")?.unwrap_or_default())
    }

    fn load(&self, key: &RecordKey) -> Result<Option<StoredRecord>, NodeError> {
        let bytes = self.records.get(&key.0)?;
        bytes
            .map(|bytes| StoredRecord::from_bytes(*key, &bytes))
            .transpose()
    }

    fn put_record(&self, batch: &mut Batch, record: &StoredRecord) -> Result<(), NodeError> {
        self.records.put(batch, &record.key.0, &record.to_bytes()?)
    }

    fn meta_json<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<Option<T>, NodeError> {
        let bytes = self.meta.get(key.as_bytes())?;
        bytes
            .map(|b| serde_json::from_slice(&b).map_err(|_| NodeError::Damaged("state")))
            .transpose()
    }

    fn put_meta<T: serde::Serialize>(
        &self,
        batch: &mut Batch,
        key: &str,
        value: &T,
    ) -> Result<(), NodeError> {
        let json = serde_json::to_vec(value).map_err(|_| NodeError::Damaged("state"))?;
        self.meta.put(batch, key.as_bytes(), &json)
    }

    fn pseudonym_key(&self, pseudonym: &Pseudonym) -> [u8; 32] {
        self.sealer.index_key("pseudonym", &pseudonym.0)
    }
}

/// The number at the head of a table's last key.
fn last_number(last: Option<(Vec<u8>, sanctuary_store::Row)>) -> u64 {
    last.and_then(|(key, _)| number(key.get(..8)?).ok())
        .unwrap_or(0)
}

fn number(key: &[u8]) -> Result<u64, NodeError> {
    let bytes = key.try_into().map_err(|_| NodeError::Damaged("row key"))?;
    Ok(u64::from_be_bytes(bytes))
}

fn record_key(bytes: &[u8]) -> Result<RecordKey, NodeError> {
    let bytes = bytes
        .try_into()
        .map_err(|_| NodeError::Damaged("row key"))?;
    Ok(RecordKey(bytes))
}

pub(crate) fn fault(error: StoreError) -> NodeError {
    NodeError::Store(error.to_string())
}
