//! The node's state in sled: every value sealed, every command one atomic change and one sync.
//!
//! Tables: `record` (record key), `pseudonym` (keyed hash of the pseudonym -> record key), `queue`
//! (sequence -> record key) and `queued` (the reverse), `outbox` (sequence) and `batch` (batch id
//! -> sequence), `alert` (keyed hash of the alert id), `meta`.

mod large;

use std::{
    path::Path,
    sync::{Mutex, MutexGuard},
};

use sanctuary_node_core::{
    NodeError, RecordKey, SignedBatch, StoredAlert, StoredRecord,
    ports::{AlertCommit, ImportedRecord, NodeStore, OutboxEntry, PackCommit, PackState},
};
use sanctuary_store::{Batch, Options, Sealer, Store, StoreError, Table};
use sanctuary_types::{BatchId, Epoch, Generation, KeyClass, Pseudonym};

use large::LargeTable;

/// Records whose publication is reset in one atomic change when a new epoch begins.
const RESTART_RECORDS: usize = 256;

/// The sled store of one node; one process at a time.
pub struct SledStore {
    store: Store,
    records: LargeTable,
    pseudonyms: Table,
    queue: Table,
    queued: Table,
    outbox: LargeTable,
    batches: Table,
    alerts: LargeTable,
    meta: LargeTable,
    sealer: std::sync::Arc<Sealer>,
    next: Mutex<Next>,
}

/// The next numbers of queue and outbox. Holding it is the right to change the store.
struct Next {
    queue: u64,
    outbox: u64,
}

impl SledStore {
    /// Opens the store in `dir` under `sealer`'s root key.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it; [`StoreError::WrongKey`]; any fault.
    pub fn open(dir: &Path, cache_mib: u64, sealer: Sealer) -> Result<Self, StoreError> {
        let options = Options {
            cache_bytes: cache_mib.max(1) * 1024 * 1024,
            ..Options::default()
        };
        let store = Store::open(dir, options)?;
        let check = store.table("check")?;
        sealer.bind(&check)?;
        let sealer = std::sync::Arc::new(sealer);
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        let queue = store.table("queue")?;
        let outbox = large("outbox")?;
        let next = Next {
            queue: last_number(queue.last()?) + 1,
            outbox: last_number(outbox.table().last()?) + 1,
        };
        Ok(Self {
            records: large("record")?,
            pseudonyms: store.table("pseudonym")?,
            queue,
            queued: store.table("queued")?,
            outbox,
            batches: store.table("batch")?,
            alerts: large("alert")?,
            meta: large("meta")?,
            sealer,
            next: Mutex::new(next),
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

    fn writer(&self) -> Result<MutexGuard<'_, Next>, NodeError> {
        self.next
            .lock()
            .map_err(|_| NodeError::Store("an earlier change failed; restart the node".to_owned()))
    }

    /// One atomic change, durable when it returns.
    fn apply(&self, changes: &[(&Table, Batch)]) -> Result<(), NodeError> {
        // `apply_all` takes batches by reference; one call is one transaction.
        self.store.apply_all(changes).map_err(fault)?;
        self.store.sync().map_err(fault)
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

/// Queue changes of one command.
struct QueueChange<'a> {
    store: &'a SledStore,
    queue: Batch,
    queued: Batch,
}

impl<'a> QueueChange<'a> {
    fn new(store: &'a SledStore) -> Self {
        Self {
            store,
            queue: Batch::default(),
            queued: Batch::default(),
        }
    }

    fn enqueue(&mut self, next: &mut Next, key: &RecordKey) -> Result<(), NodeError> {
        if self.store.queued.contains(&key.0).map_err(fault)? {
            return Ok(());
        }
        let number = next.queue.to_be_bytes();
        next.queue += 1;
        self.queue
            .insert(&self.store.queue, &number, &key.0)
            .map_err(fault)?;
        self.queued
            .insert(&self.store.queued, &key.0, &number)
            .map_err(fault)
    }

    fn dequeue(&mut self, key: &RecordKey) -> Result<(), NodeError> {
        if let Some(number) = self.store.queued.get(&key.0).map_err(fault)? {
            self.queue.remove(&number);
            self.queued.remove(&key.0);
        }
        Ok(())
    }
}

impl NodeStore for SledStore {
    fn record(&self, key: &RecordKey) -> Result<Option<StoredRecord>, NodeError> {
        self.load(key)
    }

    fn record_of(&self, pseudonym: &Pseudonym) -> Result<Option<StoredRecord>, NodeError> {
        let found = self.pseudonyms.get(&self.pseudonym_key(pseudonym));
        match found.map_err(fault)? {
            Some(key) => self.load(&record_key(&key)?),
            None => Ok(None),
        }
    }

    fn for_each_record(
        &self,
        visit: &mut dyn FnMut(StoredRecord) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        self.records
            .for_each(&mut |key, bytes| visit(StoredRecord::from_bytes(record_key(key)?, &bytes)?))
    }

    fn commit_import(&self, records: Vec<ImportedRecord>) -> Result<(), NodeError> {
        let mut next = self.writer()?;
        let mut rows = Batch::default();
        let mut pseudonyms = Batch::default();
        let mut queue = QueueChange::new(self);
        for record in records {
            let published = self.load(&record.key)?.and_then(|old| old.published);
            if record.details.is_some() || published.is_some() {
                queue.enqueue(&mut next, &record.key)?;
            } else {
                queue.dequeue(&record.key)?;
            }
            pseudonyms
                .insert(
                    &self.pseudonyms,
                    &self.pseudonym_key(&record.pseudonym),
                    &record.key.0,
                )
                .map_err(fault)?;
            self.put_record(
                &mut rows,
                &StoredRecord {
                    key: record.key,
                    content: record.content,
                    pseudonym: record.pseudonym,
                    details: record.details,
                    published,
                },
            )?;
        }
        self.apply(&[
            (self.records.table(), rows),
            (&self.pseudonyms, pseudonyms),
            (&self.queue, queue.queue),
            (&self.queued, queue.queued),
        ])
    }

    fn pending(&self, limit: usize) -> Result<Vec<StoredRecord>, NodeError> {
        let mut out = Vec::new();
        for row in self.queue.scan(&[]).take(limit) {
            let (_, key) = row.map_err(fault)?;
            out.extend(self.load(&record_key(&key)?)?);
        }
        Ok(out)
    }

    fn pending_len(&self) -> Result<u64, NodeError> {
        Ok(self.queue.len_estimate() as u64)
    }

    /// In several atomic steps, the new state last: after a crash in between the old state still
    /// stands, and the caller begins again.
    fn restart_publication(&self, state: &PackState) -> Result<(), NodeError> {
        let mut next = self.writer()?;
        let mut outbox = Batch::default();
        let mut batches = Batch::default();
        self.outbox.remove_all(&mut outbox)?;
        for row in self.batches.scan(&[]) {
            batches.remove(&row.map_err(fault)?.0);
        }
        self.apply(&[(self.outbox.table(), outbox), (&self.batches, batches)])?;
        let mut keys = Vec::new();
        self.records.for_each(&mut |key, _| {
            keys.push(record_key(key)?);
            Ok(())
        })?;
        for chunk in keys.chunks(RESTART_RECORDS) {
            let mut rows = Batch::default();
            let mut queue = QueueChange::new(self);
            for key in chunk {
                let Some(mut record) = self.load(key)? else {
                    continue;
                };
                record.published = None;
                if record.details.is_some() {
                    queue.enqueue(&mut next, key)?;
                } else {
                    queue.dequeue(key)?;
                }
                self.put_record(&mut rows, &record)?;
            }
            self.apply(&[
                (self.records.table(), rows),
                (&self.queue, queue.queue),
                (&self.queued, queue.queued),
            ])?;
        }
        let mut meta = Batch::default();
        self.put_meta(&mut meta, "pack", state)?;
        self.apply(&[(self.meta.table(), meta)])
    }

    fn commit_pack(&self, commit: PackCommit) -> Result<(), NodeError> {
        let mut next = self.writer()?;
        let mut rows = Batch::default();
        let mut outbox = Batch::default();
        let mut batches = Batch::default();
        let mut meta = Batch::default();
        let mut queue = QueueChange::new(self);
        for packed in commit.records {
            let Some(mut record) = self.load(&packed.key)? else {
                continue;
            };
            record.published = packed.published;
            if record.content == packed.content {
                queue.dequeue(&packed.key)?;
            }
            self.put_record(&mut rows, &record)?;
        }
        if let Some(batch) = commit.batch {
            let number = next.outbox.to_be_bytes();
            next.outbox += 1;
            self.outbox.put(&mut outbox, &number, &batch.to_bytes())?;
            batches
                .insert(&self.batches, &batch.contents.batch_id.0, &number)
                .map_err(fault)?;
        }
        self.put_meta(&mut meta, "pack", &commit.state)?;
        self.apply(&[
            (self.records.table(), rows),
            (&self.queue, queue.queue),
            (&self.queued, queue.queued),
            (self.outbox.table(), outbox),
            (&self.batches, batches),
            (self.meta.table(), meta),
        ])
    }

    fn pack_state(&self) -> Result<PackState, NodeError> {
        Ok(self.meta_json("pack")?.unwrap_or_default())
    }

    fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, NodeError> {
        let mut out = Vec::new();
        self.outbox.for_first(limit, &mut |key, bytes| {
            out.push(OutboxEntry {
                sequence: number(key)?,
                batch: SignedBatch::from_bytes(&bytes)?,
            });
            Ok(())
        })?;
        Ok(out)
    }

    fn outbox_len(&self) -> Result<u64, NodeError> {
        Ok(self.batches.len_estimate() as u64)
    }

    fn acknowledge(&self, batch: &BatchId) -> Result<bool, NodeError> {
        let _writer = self.writer()?;
        let Some(number) = self.batches.get(&batch.0).map_err(fault)? else {
            return Ok(false);
        };
        let mut outbox = Batch::default();
        let mut batches = Batch::default();
        self.outbox.remove(&mut outbox, &number)?;
        batches.remove(&batch.0);
        self.apply(&[(self.outbox.table(), outbox), (&self.batches, batches)])?;
        Ok(true)
    }

    fn commit_alerts(&self, commit: AlertCommit) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        // The newest of each alert in this commit, so that one atomic change writes it once.
        let mut newest: std::collections::BTreeMap<_, StoredAlert> = Default::default();
        for alert in commit.alerts {
            let slot = newest
                .entry(alert.alert_id)
                .or_insert_with(|| alert.clone());
            if slot.version < alert.version {
                *slot = alert;
            }
        }
        let mut rows = Batch::default();
        let mut meta = Batch::default();
        for alert in newest.into_values() {
            let key = self.sealer.index_key("alert", &alert.alert_id.0);
            let known = self.alerts.get(&key)?;
            let known: Option<StoredAlert> = known
                .map(|b| serde_json::from_slice(&b).map_err(|_| NodeError::Damaged("alert")))
                .transpose()?;
            if known.is_none_or(|known| known.version < alert.version) {
                let json = serde_json::to_vec(&alert).map_err(|_| NodeError::Damaged("alert"))?;
                self.alerts.put(&mut rows, &key, &json)?;
            }
        }
        let cursor = commit.cursor.max(self.alert_cursor()?);
        self.put_meta(&mut meta, "cursor", &cursor)?;
        self.apply(&[(self.alerts.table(), rows), (self.meta.table(), meta)])
    }

    fn alert_cursor(&self) -> Result<u64, NodeError> {
        Ok(self.meta_json("cursor")?.unwrap_or(0))
    }

    fn alerts(&self) -> Result<Vec<StoredAlert>, NodeError> {
        let mut out = Vec::new();
        self.alerts.for_each(&mut |_, bytes| {
            out.push(serde_json::from_slice(&bytes).map_err(|_| NodeError::Damaged("alert"))?);
            Ok(())
        })?;
        Ok(out)
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
