mod witness;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_ledger::{
    BrokenPromise, EntryId, ForkEvidence, Promise, Receipt, SealedContent, SignedEntry,
};
use sanctuary_node_core::NodeError;
use sanctuary_store::{Batch, Sealer, Store, StoreError, Table};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{BROKEN, fault, large::LargeTable, open_sealed};

/// What this node keeps of the partnership's log: its acts and what they are about, those that the hub
/// has not yet promised or does not take, promises, receipts, evidence, the last checkpoint accepted,
/// and as a witness the last one cosigned. All sealed; one process at a time.
pub(crate) struct LedgerStore {
    store: Store,
    /// Every act as it was signed, for good.
    entries: LargeTable,
    contents: LargeTable,
    /// Ids alone.
    pending: LargeTable,
    dead: LargeTable,
    promises: LargeTable,
    receipts: LargeTable,
    evidence: LargeTable,
    forks: LargeTable,
    marks: LargeTable,
    sealer: Arc<Sealer>,
    writing: Mutex<()>,
    broken: AtomicBool,
}

/// Key of the last checkpoint accepted, beside the marks of origins, which are hashes.
const ACCEPTED: [u8; 32] = [0; 32];

/// An act that the hub does not take.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dead {
    pub(crate) reason: String,
    /// The id stands in the log for another statement, so it cannot be tried again.
    pub(crate) id_taken: bool,
}

/// How far one act has come.
pub(crate) enum Standing {
    /// Kept here, not yet promised.
    Pending,
    /// Not taken.
    Dead(Dead),
    /// Promised, its proof not yet fetched.
    Promised(Promise),
    /// Proven.
    Receipted(Receipt),
}

impl LedgerStore {
    /// The store underneath, to be purged.
    pub(crate) fn underneath(&self) -> Store {
        self.store.clone()
    }

    /// Opens or makes the store in `dir` under `sealer`'s root key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn open(dir: &Path, sealer: Sealer) -> Result<Self, StoreError> {
        let (store, sealer) = open_sealed(dir, 8 * 1024 * 1024, sealer)?;
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        Ok(Self {
            entries: large("entry")?,
            contents: large("content")?,
            pending: large("pending")?,
            dead: large("dead")?,
            promises: large("promise")?,
            receipts: large("receipt")?,
            evidence: large("evidence")?,
            forks: large("fork")?,
            marks: large("mark")?,
            writing: Mutex::new(()),
            broken: AtomicBool::new(false),
            sealer: Arc::clone(&sealer),
            store,
        })
    }

    /// The id of an act that is named by what it is: nobody without the root key can compute it.
    pub(crate) fn id_of(&self, same: &[u8], attempt: u8) -> EntryId {
        let named = sanctuary_types::lp(&[&[attempt], same]);
        let key = self.sealer.index_key("act", &named);
        let mut id = [0; 16];
        id.copy_from_slice(&key[..16]);
        EntryId(id)
    }

    /// Keeps acts before they are sent: contents and signed entries.
    pub(crate) fn keep(&self, acts: &[(SealedContent, SignedEntry)]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut changes = self.changes();
        for (content, entry) in acts {
            let id = content.id().0;
            changes.put(&self.contents, &id, &content.to_bytes())?;
            changes.put(&self.entries, &id, &entry.to_bytes())?;
            changes.put(&self.pending, &id, &[1])?;
            changes.remove(&self.dead, &id)?;
        }
        changes.write()
    }

    /// Acts that the hub does not take so far are sent again, as `entries` state them now.
    pub(crate) fn revive(&self, entries: &[SignedEntry]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut changes = self.changes();
        for entry in entries {
            let id = entry.entry().id().0;
            changes.put(&self.entries, &id, &entry.to_bytes())?;
            changes.put(&self.pending, &id, &[1])?;
            changes.remove(&self.dead, &id)?;
        }
        changes.write()
    }

    /// An act as it was signed.
    pub(crate) fn entry(&self, id: &EntryId) -> Result<Option<SignedEntry>, NodeError> {
        let bytes = self.entries.get(&id.0)?;
        bytes.map(|b| entry_of(&b)).transpose()
    }

    /// Every act, in no order.
    pub(crate) fn entries(&self) -> Result<Vec<SignedEntry>, NodeError> {
        let mut entries = Vec::new();
        self.entries.for_each(&mut |_, bytes| {
            entries.push(entry_of(&bytes)?);
            Ok(())
        })?;
        Ok(entries)
    }

    /// How far an act has come; none for one that is not kept here.
    pub(crate) fn standing(&self, id: &EntryId) -> Result<Option<Standing>, NodeError> {
        if let Some(bytes) = self.receipts.get(&id.0)? {
            return Ok(Some(Standing::Receipted(parsed(&bytes)?)));
        }
        if let Some(bytes) = self.promises.get(&id.0)? {
            return Ok(Some(Standing::Promised(parsed(&bytes)?)));
        }
        if let Some(bytes) = self.dead.get(&id.0)? {
            return Ok(Some(Standing::Dead(parsed(&bytes)?)));
        }
        Ok(self.pending.get(&id.0)?.map(|_| Standing::Pending))
    }

    /// Acts that the hub has not promised yet.
    pub(crate) fn pending(&self, limit: usize) -> Result<Vec<SignedEntry>, NodeError> {
        let mut ids = Vec::new();
        self.pending.for_first(limit, &mut |key, _| {
            ids.push(id_of_key(key)?);
            Ok(())
        })?;
        let entry = |id| {
            self.entry(id)?
                .ok_or(NodeError::Damaged("entry of the ledger"))
        };
        ids.iter().map(entry).collect()
    }

    /// Acts were promised: they wait for their proofs now.
    pub(crate) fn promised(&self, promises: &[Promise]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut changes = self.changes();
        for promise in promises {
            changes.remove(&self.pending, &promise.id.0)?;
            changes.put(&self.promises, &promise.id.0, &json(promise)?)?;
        }
        changes.write()
    }

    /// The hub does not take an act: it stands aside, so that others go on.
    pub(crate) fn refused(&self, id: &EntryId, dead: &Dead) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut changes = self.changes();
        changes.remove(&self.pending, &id.0)?;
        changes.put(&self.dead, &id.0, &json(dead)?)?;
        changes.write()
    }

    /// Acts that the hub does not take, and why.
    pub(crate) fn dead(&self) -> Result<Vec<(EntryId, Dead)>, NodeError> {
        let mut dead = Vec::new();
        self.dead.for_each(&mut |key, bytes| {
            dead.push((id_of_key(key)?, parsed(&bytes)?));
            Ok(())
        })?;
        Ok(dead)
    }

    /// Promises whose proof is still missing.
    pub(crate) fn promises(&self) -> Result<Vec<Promise>, NodeError> {
        self.all(&self.promises)
    }

    /// Promises were kept.
    pub(crate) fn received(&self, receipts: &[Receipt]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut changes = self.changes();
        for receipt in receipts {
            let id = receipt.promise.id.0;
            changes.remove(&self.promises, &id)?;
            changes.put(&self.receipts, &id, &json(receipt)?)?;
        }
        changes.write()
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
        let mut changes = self.changes();
        changes.remove(&self.promises, &id)?;
        changes.put(&self.evidence, &id, &json(broken)?)?;
        changes.write()
    }

    /// Promises that the hub broke, with the proof.
    pub(crate) fn evidence(&self) -> Result<Vec<BrokenPromise>, NodeError> {
        self.all(&self.evidence)
    }

    /// Keeps the proof of a fork; says whether it is a new one.
    pub(crate) fn forked(&self, fork: &ForkEvidence) -> Result<bool, NodeError> {
        let bytes = json(fork)?;
        let key = self.sealer.index_key("fork", &bytes);
        let _writer = self.writer()?;
        let new = self.forks.get(&key)?.is_none();
        if new {
            let mut changes = self.changes();
            changes.put(&self.forks, &key, &bytes)?;
            changes.write()?;
        }
        Ok(new)
    }

    /// Forks that the hub signed, with the proof.
    pub(crate) fn forks(&self) -> Result<Vec<ForkEvidence>, NodeError> {
        self.all(&self.forks)
    }

    /// What an act of this node was about; none after its erasure.
    pub(crate) fn content(&self, id: &EntryId) -> Result<Option<SealedContent>, NodeError> {
        let bytes = self.contents.get(&id.0)?;
        let read = |b: &[u8]| {
            SealedContent::from_bytes(b).map_err(|_| NodeError::Damaged("content of the ledger"))
        };
        bytes.map(|b| read(&b)).transpose()
    }

    /// Erases content and salt: the entry says nothing any more.
    pub(crate) fn erase_content(&self, id: &EntryId) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut changes = self.changes();
        changes.remove(&self.contents, &id.0)?;
        changes.write()
    }

    /// Counts: acts that wait for a promise, for their proof, that are not taken.
    pub(crate) fn counts(&self) -> Result<[u64; 3], NodeError> {
        let count = |table: &LargeTable| {
            let mut count = 0;
            table.for_each(&mut |_, _| {
                count += 1;
                Ok(())
            })?;
            Ok::<u64, NodeError>(count)
        };
        // One whose id was taken was stated again under another.
        let dead = self.dead()?.into_iter().filter(|(_, dead)| !dead.id_taken);
        Ok([
            count(&self.pending)?,
            count(&self.promises)?,
            dead.count() as u64,
        ])
    }

    fn all<T: DeserializeOwned>(&self, table: &LargeTable) -> Result<Vec<T>, NodeError> {
        let mut all = Vec::new();
        table.for_each(&mut |_, bytes| {
            all.push(parsed(&bytes)?);
            Ok(())
        })?;
        Ok(all)
    }

    fn writer(&self) -> Result<MutexGuard<'_, ()>, NodeError> {
        match self.writing.lock() {
            Ok(writer) if !self.broken.load(Ordering::Acquire) => Ok(writer),
            _ => Err(NodeError::Store(BROKEN.to_owned())),
        }
    }

    const fn changes(&self) -> Changes<'_> {
        Changes {
            of: self,
            batches: Vec::new(),
        }
    }
}

/// One atomic change over several tables.
struct Changes<'a> {
    of: &'a LedgerStore,
    batches: Vec<(&'a Table, Batch)>,
}

impl<'a> Changes<'a> {
    fn put(&mut self, table: &'a LargeTable, key: &[u8], value: &[u8]) -> Result<(), NodeError> {
        table.put(self.batch(table), key, value)
    }

    fn remove(&mut self, table: &'a LargeTable, key: &[u8]) -> Result<(), NodeError> {
        table.remove(self.batch(table), key)
    }

    fn batch(&mut self, table: &'a LargeTable) -> &mut Batch {
        let name = table.table().name();
        let known = self.batches.iter().position(|(t, _)| t.name() == name);
        let at = known.unwrap_or_else(|| {
            self.batches.push((table.table(), Batch::default()));
            self.batches.len() - 1
        });
        &mut self.batches[at].1
    }

    /// Durable when it returns.
    fn write(self) -> Result<(), NodeError> {
        if self.batches.is_empty() {
            return Ok(());
        }
        let store = &self.of.store;
        let written = store.apply_all(&self.batches).and_then(|()| store.sync());
        written.map_err(|error| {
            self.of.broken.store(true, Ordering::Release);
            fault(error)
        })
    }
}

fn id_of_key(key: &[u8]) -> Result<EntryId, NodeError> {
    let id = key.get(..16).and_then(|id| id.try_into().ok());
    id.map(EntryId)
        .ok_or(NodeError::Damaged("row of the ledger"))
}

fn entry_of(bytes: &[u8]) -> Result<SignedEntry, NodeError> {
    SignedEntry::from_bytes(bytes).map_err(|_| NodeError::Damaged("entry of the ledger"))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, NodeError> {
    serde_json::to_vec(value).map_err(|_| NodeError::Damaged("row of the ledger"))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NodeError> {
    serde_json::from_slice(bytes).map_err(|_| NodeError::Damaged("row of the ledger"))
}
