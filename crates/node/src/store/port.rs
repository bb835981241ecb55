use std::collections::BTreeMap;

use sanctuary_node_core::{
    Details, Kept, NodeError, RecordKey, SignedBatch, StoredAlert, StoredRecord,
    ports::{AlertCommit, ImportedRecord, NodeStore, OutboxEntry, PackCommit, PackState},
};
use sanctuary_store::Batch;
use sanctuary_types::{AlertId, BatchId, Pseudonym};

use super::{SledStore, fault, number, queue::QueueChange, record_key};

/// Records whose publication is reset in one atomic change when a new epoch begins.
const RESTART_RECORDS: usize = 256;

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
        let _writer = self.writer()?;
        let mut rows = Batch::default();
        let mut pseudonyms = Batch::default();
        let mut queue = QueueChange::new(self);
        let mut replaces = false;
        for record in records {
            let before = self.load(&record.key)?;
            replaces |= before.is_some();
            let record = StoredRecord::imported(before, record);
            if record.details.is_some() || record.published.is_some() {
                queue.enqueue(&record.key)?;
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
            self.put_record(&mut rows, &record)?;
        }
        self.erases(replaces)?;
        let [pending, behind] = queue.changes();
        self.apply(&[
            (self.records.table(), rows),
            (&self.pseudonyms, pseudonyms),
            pending,
            behind,
        ])
    }

    fn keep(&self, changes: &[(RecordKey, Kept)]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut rows = Batch::default();
        let mut queue = QueueChange::new(self);
        for (key, kept) in changes {
            let Some(mut record) = self.load(key)? else {
                continue;
            };
            record.kept = *kept;
            if record.details.is_some() || record.published.is_some() {
                queue.enqueue(key)?;
            }
            self.put_record(&mut rows, &record)?;
        }
        let [pending, behind] = queue.changes();
        self.apply(&[(self.records.table(), rows), pending, behind])
    }

    fn pending(&self, limit: usize) -> Result<Vec<StoredRecord>, NodeError> {
        let mut out = Vec::new();
        let rows = self.queue.scan(&[]).chain(self.behind.scan(&[]));
        for row in rows.take(limit) {
            let (key, _) = row.map_err(fault)?;
            out.extend(self.load(&record_key(&key)?)?);
        }
        Ok(out)
    }

    fn pending_len(&self) -> Result<u64, NodeError> {
        Ok((self.queue.len_estimate() + self.behind.len_estimate()) as u64)
    }

    fn renormalise(&self, records: Vec<(RecordKey, Details)>) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut rows = Batch::default();
        let mut queue = QueueChange::new(self);
        for (key, details) in records {
            let Some(mut record) = self.load(&key)? else {
                continue;
            };
            record.details = Some(details);
            queue.enqueue_behind(&key)?;
            self.put_record(&mut rows, &record)?;
        }
        self.erases(!rows.is_empty())?;
        let [pending, behind] = queue.changes();
        self.apply(&[(self.records.table(), rows), pending, behind])
    }

    fn behind_len(&self) -> Result<u64, NodeError> {
        Ok(self.behind.len_estimate() as u64)
    }

    fn requeue(&self, keys: &[RecordKey]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut queue = QueueChange::new(self);
        for key in keys {
            if self.load(key)?.is_some() {
                queue.enqueue(key)?;
            }
        }
        self.apply(&queue.changes())
    }

    /// In several atomic steps, the new state last: after a crash in between the old state still
    /// stands, and the caller begins again.
    fn restart_publication(&self, state: &PackState) -> Result<(), NodeError> {
        let _writer = self.writer()?;
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
                    queue.enqueue(key)?;
                } else {
                    queue.dequeue(key)?;
                }
                self.put_record(&mut rows, &record)?;
            }
            let [pending, behind] = queue.changes();
            self.apply(&[(self.records.table(), rows), pending, behind])?;
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
        let batch = commit.batch.as_ref().map(|b| b.contents.batch_id);
        let mut replaces = false;
        for packed in commit.records {
            let Some(mut record) = self.load(&packed.key)? else {
                continue;
            };
            if record.content == packed.content {
                queue.dequeue(&packed.key)?;
            }
            replaces |= record.published.is_some();
            record.pack(packed, batch);
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
        self.erases(replaces)?;
        let [pending, behind] = queue.changes();
        self.apply(&[
            (self.records.table(), rows),
            pending,
            behind,
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
        let mut newest: BTreeMap<_, StoredAlert> = Default::default();
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

    fn alert(&self, id: &AlertId) -> Result<Option<StoredAlert>, NodeError> {
        let stored = self.alerts.get(&self.sealer.index_key("alert", &id.0))?;
        stored
            .map(|b| serde_json::from_slice(&b).map_err(|_| NodeError::Damaged("alert")))
            .transpose()
    }

    fn empty_alerts(&self, ids: &[AlertId]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut rows = Batch::default();
        for id in ids {
            let Some(mut alert) = self.alert(id)? else {
                continue;
            };
            alert.empty();
            let json = serde_json::to_vec(&alert).map_err(|_| NodeError::Damaged("alert"))?;
            let key = self.sealer.index_key("alert", &id.0);
            self.alerts.put(&mut rows, &key, &json)?;
        }
        self.erases(!rows.is_empty())?;
        self.apply(&[(self.alerts.table(), rows)])
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
