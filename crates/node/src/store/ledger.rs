use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_ledger::{
    BrokenPromise, EntryId, LastSeen, PortError, Promise, Receipt, SealedContent, SignedEntry,
    WitnessStore,
};
use sanctuary_node_core::NodeError;
use sanctuary_store::{Batch, Options, Sealer, Store, StoreError, Table};
use sanctuary_types::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::{BROKEN, fault, large::LargeTable};

/// What this node keeps of the partnership's log: what its entries are about, entries that the hub has
/// not yet promised, promises, receipts, evidence, the last checkpoint accepted, and as a witness the
/// last one cosigned. All sealed; one process at a time.
pub(crate) struct LedgerStore {
    store: Store,
    contents: LargeTable,
    pending: LargeTable,
    promises: LargeTable,
    receipts: LargeTable,
    evidence: LargeTable,
    marks: LargeTable,
    sealer: Arc<Sealer>,
    writing: Mutex<()>,
    broken: AtomicBool,
}

/// Key of the last checkpoint accepted, beside the marks of origins, which are hashes.
const ACCEPTED: [u8; 32] = [0; 32];

impl LedgerStore {
    /// Opens or makes the store in `dir` under `sealer`'s root key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn open(dir: &Path, sealer: Sealer) -> Result<Self, StoreError> {
        let options = Options {
            cache_bytes: 8 * 1024 * 1024,
            ..Options::default()
        };
        let store = Store::open(dir, options)?;
        sealer.bind(&store.table("check")?)?;
        let sealer = Arc::new(sealer);
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        Ok(Self {
            contents: large("content")?,
            pending: large("pending")?,
            promises: large("promise")?,
            receipts: large("receipt")?,
            evidence: large("evidence")?,
            marks: large("mark")?,
            writing: Mutex::new(()),
            broken: AtomicBool::new(false),
            sealer: Arc::clone(&sealer),
            store,
        })
    }

    /// Keeps an act before it is sent: its content and the signed entry.
    pub(crate) fn keep(
        &self,
        content: &SealedContent,
        entry: &SignedEntry,
    ) -> Result<(), NodeError> {
        let id = content.id().0;
        let _writer = self.writer()?;
        let (mut contents, mut pending) = (Batch::default(), Batch::default());
        self.contents.put(&mut contents, &id, &content.to_bytes())?;
        self.pending.put(&mut pending, &id, &entry.to_bytes())?;
        self.apply(&[
            (self.contents.table(), contents),
            (self.pending.table(), pending),
        ])
    }

    /// Acts that the hub has not promised yet.
    pub(crate) fn pending(&self, limit: usize) -> Result<Vec<SignedEntry>, NodeError> {
        let mut entries = Vec::new();
        self.pending.for_first(limit, &mut |_, bytes| {
            let entry = SignedEntry::from_bytes(&bytes);
            entries.push(entry.map_err(|_| NodeError::Damaged("entry of the ledger"))?);
            Ok(())
        })?;
        Ok(entries)
    }

    /// An act was promised: it waits for its proof now.
    pub(crate) fn promised(&self, promise: &Promise) -> Result<(), NodeError> {
        let id = promise.id.0;
        let _writer = self.writer()?;
        let (mut pending, mut promises) = (Batch::default(), Batch::default());
        self.pending.remove(&mut pending, &id)?;
        self.promises.put(&mut promises, &id, &json(promise)?)?;
        self.apply(&[
            (self.pending.table(), pending),
            (self.promises.table(), promises),
        ])
    }

    /// Promises whose proof is still missing.
    pub(crate) fn promises(&self) -> Result<Vec<Promise>, NodeError> {
        let mut promises = Vec::new();
        self.promises.for_each(&mut |_, bytes| {
            promises.push(parsed(&bytes)?);
            Ok(())
        })?;
        Ok(promises)
    }

    /// A promise was kept.
    pub(crate) fn received(&self, receipt: &Receipt) -> Result<(), NodeError> {
        let id = receipt.promise.id.0;
        let _writer = self.writer()?;
        let (mut promises, mut receipts) = (Batch::default(), Batch::default());
        self.promises.remove(&mut promises, &id)?;
        self.receipts.put(&mut receipts, &id, &json(receipt)?)?;
        self.apply(&[
            (self.promises.table(), promises),
            (self.receipts.table(), receipts),
        ])
    }

    /// The receipt of an act.
    pub(crate) fn receipt(&self, id: &EntryId) -> Result<Option<Receipt>, NodeError> {
        let bytes = self.receipts.get(&id.0)?;
        bytes.map(|b| parsed(&b)).transpose()
    }

    /// A promise was broken: kept for the auditor, and no longer waited for.
    pub(crate) fn convicted(&self, broken: &BrokenPromise) -> Result<(), NodeError> {
        let id = broken.promise().id.0;
        let _writer = self.writer()?;
        let (mut promises, mut evidence) = (Batch::default(), Batch::default());
        self.promises.remove(&mut promises, &id)?;
        self.evidence.put(&mut evidence, &id, &json(broken)?)?;
        self.apply(&[
            (self.promises.table(), promises),
            (self.evidence.table(), evidence),
        ])
    }

    /// Promises that the hub broke, with the proof.
    pub(crate) fn evidence(&self) -> Result<Vec<BrokenPromise>, NodeError> {
        let mut evidence = Vec::new();
        self.evidence.for_each(&mut |_, bytes| {
            evidence.push(parsed(&bytes)?);
            Ok(())
        })?;
        Ok(evidence)
    }

    /// What an act of this node was about; none after its erasure.
    pub(crate) fn content(&self, id: &EntryId) -> Result<Option<SealedContent>, NodeError> {
        let bytes = self.contents.get(&id.0)?;
        bytes
            .map(|b| {
                SealedContent::from_bytes(&b)
                    .map_err(|_| NodeError::Damaged("content of the ledger"))
            })
            .transpose()
    }

    /// Erases content and salt: the entry says nothing any more.
    pub(crate) fn erase_content(&self, id: &EntryId) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut contents = Batch::default();
        self.contents.remove(&mut contents, &id.0)?;
        self.apply(&[(self.contents.table(), contents)])
    }

    /// The last checkpoint accepted.
    pub(crate) fn accepted(&self) -> Result<Option<Vec<u8>>, NodeError> {
        Ok(self.marks.get(&ACCEPTED)?.map(|note| note.to_vec()))
    }

    /// Remembers the last checkpoint accepted.
    pub(crate) fn accept(&self, note: &[u8]) -> Result<(), NodeError> {
        self.put_mark(&ACCEPTED, note)
    }

    fn put_mark(&self, key: &[u8; 32], value: &[u8]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut marks = Batch::default();
        self.marks.put(&mut marks, key, value)?;
        self.apply(&[(self.marks.table(), marks)])
    }

    fn writer(&self) -> Result<MutexGuard<'_, ()>, NodeError> {
        match self.writing.lock() {
            Ok(writer) if !self.broken.load(Ordering::Acquire) => Ok(writer),
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

    fn mark_key(&self, origin: &str) -> [u8; 32] {
        self.sealer.index_key("mark", origin.as_bytes())
    }
}

impl WitnessStore for LedgerStore {
    fn last(&self, origin: &str) -> Result<Option<LastSeen>, PortError> {
        let damaged = || PortError("the witness's mark is damaged".to_owned());
        let key = self.mark_key(origin);
        let bytes = self.marks.get(&key).map_err(port)?;
        bytes
            .map(|bytes| {
                let (at, note) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
                Ok(LastSeen {
                    note: note.to_vec(),
                    at: Timestamp(u64::from_be_bytes(*at)),
                })
            })
            .transpose()
    }

    fn raise(&self, origin: &str, seen: &LastSeen) -> Result<(), PortError> {
        let value = [&seen.at.0.to_be_bytes()[..], &seen.note].concat();
        let key = self.mark_key(origin);
        self.put_mark(&key, &value).map_err(port)
    }
}

fn port(error: NodeError) -> PortError {
    PortError(error.to_string())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, NodeError> {
    serde_json::to_vec(value).map_err(|_| NodeError::Damaged("row of the ledger"))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NodeError> {
    serde_json::from_slice(bytes).map_err(|_| NodeError::Damaged("row of the ledger"))
}
