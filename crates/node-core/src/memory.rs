//! The store in memory: for tests and the lab; and the plain statement of what an adapter must do.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard},
};

use sanctuary_types::{AlertId, BatchId, PartyId, Pseudonym};

use crate::{
    ComparisonDay, ComparisonEntry, ComparisonLimits, ComparisonTotals, Details, FeedName, Kept,
    Logged, NodeError, RecordKey, StoredAlert, StoredRecord,
    ports::{
        AlertCommit, ComparisonLog, FeedRoll, ImportedRecord, NodeStore, OutboxEntry, PackCommit,
        PackState,
    },
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
    queue: BTreeSet<RecordKey>,
    behind: BTreeSet<RecordKey>,
    next: u64,
    outbox: BTreeMap<u64, OutboxEntry>,
    state: PackState,
    alerts: BTreeMap<AlertId, StoredAlert>,
    cursor: u64,
    comparisons: Vec<ComparisonEntry>,
    comparison_day: ComparisonDay,
    enrolled: BTreeSet<(FeedName, RecordKey)>,
}

impl Inner {
    fn enqueue(&mut self, key: RecordKey) {
        self.behind.remove(&key);
        self.queue.insert(key);
    }

    fn dequeue(&mut self, key: &RecordKey) {
        self.behind.remove(key);
        self.queue.remove(key);
    }

    fn comparisons_of(&self, day: u32) -> ComparisonDay {
        let mut of_day = ComparisonDay::new(day);
        let entries = self.comparisons.iter();
        entries
            .filter(|entry| entry.at.day() == day)
            .for_each(|entry| of_day.add(entry));
        of_day
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
            let before = inner.records.get(&record.key).cloned();
            let after = StoredRecord::imported(before, record);
            if after.details.is_some() || after.published.is_some() {
                inner.enqueue(after.key);
            } else {
                inner.dequeue(&after.key);
            }
            inner.pseudonyms.insert(after.pseudonym, after.key);
            inner.records.insert(after.key, after);
        }
        Ok(())
    }

    fn keep(&self, changes: &[(RecordKey, Kept)]) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        for (key, kept) in changes {
            let Some(record) = inner.records.get_mut(key) else {
                continue;
            };
            record.kept = *kept;
            if record.details.is_some() || record.published.is_some() {
                inner.enqueue(*key);
            }
        }
        Ok(())
    }

    fn pending(&self, limit: usize) -> Result<Vec<StoredRecord>, NodeError> {
        let inner = self.inner()?;
        Ok(inner
            .queue
            .iter()
            .chain(&inner.behind)
            .take(limit)
            .filter_map(|key| inner.records.get(key).cloned())
            .collect())
    }

    fn pending_len(&self) -> Result<u64, NodeError> {
        let inner = self.inner()?;
        Ok((inner.queue.len() + inner.behind.len()) as u64)
    }

    fn renormalise(&self, records: Vec<(RecordKey, Details)>) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        for (key, details) in records {
            let Some(record) = inner.records.get_mut(&key) else {
                continue;
            };
            record.details = Some(details);
            if !inner.queue.contains(&key) {
                inner.behind.insert(key);
            }
        }
        Ok(())
    }

    fn behind_len(&self) -> Result<u64, NodeError> {
        Ok(self.inner()?.behind.len() as u64)
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
        let batch = commit.batch.as_ref().map(|b| b.contents.batch_id);
        for packed in commit.records {
            let Some(record) = inner.records.get_mut(&packed.key) else {
                continue;
            };
            let (key, same) = (packed.key, record.content == packed.content);
            record.pack(packed, batch);
            if same {
                inner.dequeue(&key);
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

    fn alert(&self, id: &AlertId) -> Result<Option<StoredAlert>, NodeError> {
        Ok(self.inner()?.alerts.get(id).cloned())
    }

    fn empty_alerts(&self, ids: &[AlertId]) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        for id in ids {
            if let Some(alert) = inner.alerts.get_mut(id) {
                alert.empty();
            }
        }
        Ok(())
    }

    fn alerts(&self) -> Result<Vec<StoredAlert>, NodeError> {
        Ok(self.inner()?.alerts.values().cloned().collect())
    }
}

impl ComparisonLog for MemoryStore {
    fn log_comparisons(
        &self,
        entries: &[ComparisonEntry],
        limits: ComparisonLimits,
    ) -> Result<Vec<Logged>, NodeError> {
        let mut inner = self.inner()?;
        let Some(first) = entries.first() else {
            return Ok(Vec::new());
        };
        let inner = &mut *inner;
        if inner.comparison_day.day() != first.at.day() {
            inner.comparison_day = inner.comparisons_of(first.at.day());
        }
        let mut logged = Vec::with_capacity(entries.len());
        for entry in entries {
            let (became, is_new) = inner.comparison_day.take(entry, limits);
            logged.push(became);
            if is_new {
                inner.comparisons.push(entry.clone());
            }
        }
        Ok(logged)
    }

    fn comparisons(&self, limit: usize) -> Result<Vec<ComparisonEntry>, NodeError> {
        let inner = self.inner()?;
        let newest = inner.comparisons.iter().rev().take(limit);
        Ok(newest.cloned().collect())
    }

    fn comparison_totals(
        &self,
        day: u32,
    ) -> Result<BTreeMap<PartyId, ComparisonTotals>, NodeError> {
        Ok(self.inner()?.comparisons_of(day).totals())
    }
}

impl FeedRoll for MemoryStore {
    fn enrol(&self, feed: &FeedName, keys: &[RecordKey]) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        let enrolled = keys.iter().map(|key| (feed.clone(), *key));
        inner.enrolled.extend(enrolled);
        Ok(())
    }

    fn strike(&self, feed: &FeedName, keys: &[RecordKey]) -> Result<(), NodeError> {
        let mut inner = self.inner()?;
        for key in keys {
            inner.enrolled.remove(&(feed.clone(), *key));
        }
        Ok(())
    }

    fn for_each_enrolled(
        &self,
        feed: &FeedName,
        visit: &mut dyn FnMut(RecordKey) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        let keys: Vec<RecordKey> = {
            let inner = self.inner()?;
            let of_feed = inner.enrolled.iter().filter(|(of, _)| of == feed);
            of_feed.map(|(_, key)| *key).collect()
        };
        keys.into_iter().try_for_each(visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_does_what_the_port_says() {
        crate::suite::run(MemoryStore::default);
        crate::suite::run_comparisons(MemoryStore::default, |store| store);
        crate::suite::run_feeds(&MemoryStore::default());
    }
}
