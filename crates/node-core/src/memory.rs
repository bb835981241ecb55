//! The store in memory: for tests and the lab; and the plain statement of what an adapter must do.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use sanctuary_types::{AlertId, BatchId, Pseudonym};

use crate::{
    NodeError, RecordKey, StoredAlert, StoredRecord,
    ports::{AlertCommit, ImportedRecord, NodeStore, OutboxEntry, PackCommit, PackState},
};

/// A [`NodeStore`] that forgets everything when dropped.
#[derive(Default)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    records: BTreeMap<RecordKey, StoredRecord>,
    pseudonyms: HashMap<Pseudonym, RecordKey>,
    queue: BTreeMap<u64, RecordKey>,
    queued: HashMap<RecordKey, u64>,
    next: u64,
    outbox: BTreeMap<u64, OutboxEntry>,
    state: PackState,
    alerts: BTreeMap<AlertId, StoredAlert>,
    cursor: u64,
}

impl Inner {
    fn enqueue(&mut self, key: RecordKey) {
        if !self.queued.contains_key(&key) {
            self.next += 1;
            self.queue.insert(self.next, key);
            self.queued.insert(key, self.next);
        }
    }

    fn dequeue(&mut self, key: &RecordKey) {
        if let Some(place) = self.queued.remove(key) {
            self.queue.remove(&place);
        }
    }
}

impl MemoryStore {
    fn inner(&self) -> Result<MutexGuard<'_, Inner>, NodeError> {
        self.inner
            .lock()
            .map_err(|_| NodeError::Store("another use of it failed".to_owned()))
    }
}

impl NodeStore for MemoryStore {
    fn record(&self, key: &RecordKey) -> Result<Option<StoredRecord>, NodeError> {
        Ok(self.inner()?.records.get(key).cloned())
    }

    fn record_of(&self, pseudonym: &Pseudonym) -> Result<Option<StoredRecord>, NodeError> {
        let inner = self.inner()?;
        let key = inner.pseudonyms.get(pseudonym);
        Ok(key.and_then(|key| inner.records.get(key)).cloned())
    }

    fn for_each_record(
        &self,
        visit: &mut dyn FnMut(StoredRecord) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        let records: Vec<StoredRecord> = self.inner()?.records.values().cloned().collect();
        records.into_iter().try_for_each(visit)
    }

    fn commit_import(&self, records: Vec<ImportedRecord>) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        for record in records {
            let published = inner
                .records
                .get(&record.key)
                .and_then(|old| old.published.clone());
            if record.details.is_some() || published.is_some() {
                inner.enqueue(record.key);
            } else {
                inner.dequeue(&record.key);
            }
            inner.pseudonyms.insert(record.pseudonym, record.key);
            inner.records.insert(
                record.key,
                StoredRecord {
                    key: record.key,
                    content: record.content,
                    pseudonym: record.pseudonym,
                    details: record.details,
                    published,
                },
            );
        }
        Ok(())
    }

    fn pending(&self, limit: usize) -> Result<Vec<StoredRecord>, NodeError> {
        let inner = self.inner()?;
        Ok(inner
            .queue
            .values()
            .take(limit)
            .filter_map(|key| inner.records.get(key).cloned())
            .collect())
    }

    fn pending_len(&self) -> Result<u64, NodeError> {
        Ok(self.inner()?.queue.len() as u64)
    }

    fn requeue(&self, keys: &[RecordKey]) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        for key in keys {
            if inner.records.contains_key(key) {
                inner.enqueue(*key);
            }
        }
        Ok(())
    }

    fn restart_publication(&self, state: &PackState) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        let keys: Vec<RecordKey> = inner.records.keys().copied().collect();
        for key in keys {
            let Some(record) = inner.records.get_mut(&key) else {
                continue;
            };
            record.published = None;
            if record.details.is_some() {
                inner.enqueue(key);
            } else {
                inner.dequeue(&key);
            }
        }
        inner.outbox.clear();
        inner.state = state.clone();
        Ok(())
    }

    fn commit_pack(&self, commit: PackCommit) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        for packed in commit.records {
            let Some(record) = inner.records.get_mut(&packed.key) else {
                continue;
            };
            record.published = packed.published;
            if record.content == packed.content {
                inner.dequeue(&packed.key);
            }
        }
        if let Some(batch) = commit.batch {
            inner.next += 1;
            let sequence = inner.next;
            inner
                .outbox
                .insert(sequence, OutboxEntry { sequence, batch });
        }
        inner.state = commit.state;
        Ok(())
    }

    fn pack_state(&self) -> Result<PackState, NodeError> {
        Ok(self.inner()?.state.clone())
    }

    fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, NodeError> {
        Ok(self.inner()?.outbox.values().take(limit).cloned().collect())
    }

    fn outbox_len(&self) -> Result<u64, NodeError> {
        Ok(self.inner()?.outbox.len() as u64)
    }

    fn acknowledge(&self, batch: &BatchId) -> Result<bool, NodeError> {
        let mut inner = self.inner()?;
        let sequence = inner
            .outbox
            .values()
            .find(|entry| entry.batch.contents.batch_id == *batch)
            .map(|entry| entry.sequence);
        Ok(sequence.is_some_and(|sequence| inner.outbox.remove(&sequence).is_some()))
    }

    fn commit_alerts(&self, commit: AlertCommit) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        for alert in commit.alerts {
            let known = inner.alerts.get(&alert.alert_id).map(|old| old.version);
            if known.is_none_or(|version| version < alert.version) {
                inner.alerts.insert(alert.alert_id, alert);
            }
        }
        inner.cursor = inner.cursor.max(commit.cursor);
        Ok(())
    }

    fn alert_cursor(&self) -> Result<u64, NodeError> {
        Ok(self.inner()?.cursor)
    }

    fn alerts(&self) -> Result<Vec<StoredAlert>, NodeError> {
        Ok(self.inner()?.alerts.values().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_does_what_the_port_says() {
        crate::suite::run(MemoryStore::default);
    }
}
