//! Both ports in memory: for the lab's evaluation and for tests. Nothing survives the process.

use std::{
    collections::BTreeMap,
    ops::{Bound, Deref},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    PortError,
    ports::{Change, LogRow, LogScan, PostingLog, StateRows, StateStore, StateTable},
};

/// A posting log in memory. Clones share their rows, so a test can reopen "the same disk".
#[derive(Clone, Default)]
pub struct MemoryLog(Arc<Mutex<BTreeMap<u64, SharedRow>>>);

/// A row shared with the log.
#[derive(Clone)]
pub struct SharedRow(Arc<[u8]>);

impl Deref for SharedRow {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// A state store in memory. Clones share their rows.
#[derive(Clone, Default)]
pub struct MemoryState(Arc<Mutex<Tables>>);

type Tables = BTreeMap<(StateTable, Vec<u8>), Vec<u8>>;

// A panic elsewhere leaves whole rows: every change below is one call on the map.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
impl MemoryLog {
    /// As a backup: shares nothing with this one.
    pub(crate) fn deep_copy(&self) -> Self {
        Self(Arc::new(Mutex::new(locked(&self.0).clone())))
    }
}

#[cfg(test)]
impl MemoryState {
    /// As a backup: shares nothing with this one.
    pub(crate) fn deep_copy(&self) -> Self {
        Self(Arc::new(Mutex::new(locked(&self.0).clone())))
    }
}

impl PostingLog for MemoryLog {
    type Row = SharedRow;

    fn put(&self, rows: &[LogRow]) -> Result<(), PortError> {
        let mut log = locked(&self.0);
        for (sequence, bytes) in rows {
            log.insert(*sequence, SharedRow(bytes.as_slice().into()));
        }
        Ok(())
    }

    fn remove(&self, sequences: &[u64]) -> Result<(), PortError> {
        let mut log = locked(&self.0);
        for sequence in sequences {
            log.remove(sequence);
        }
        Ok(())
    }

    fn row(&self, sequence: u64) -> Result<Option<SharedRow>, PortError> {
        Ok(locked(&self.0).get(&sequence).cloned())
    }

    fn scan(&self) -> LogScan<'_, SharedRow> {
        let mut from = 0;
        Box::new(std::iter::from_fn(move || {
            let (sequence, row) = locked(&self.0)
                .range(from..)
                .next()
                .map(|(sequence, row)| (*sequence, row.clone()))?;
            from = sequence + 1;
            Some(Ok((sequence, row)))
        }))
    }

    fn rows_estimate(&self) -> usize {
        locked(&self.0).len()
    }
}

impl StateStore for MemoryState {
    fn apply(&self, changes: &[Change]) -> Result<(), PortError> {
        let mut rows = locked(&self.0);
        for change in changes {
            let key = (change.table, change.key.clone());
            match &change.value {
                Some(value) => rows.insert(key, value.clone()),
                None => rows.remove(&key),
            };
        }
        Ok(())
    }

    fn scan(
        &self,
        table: StateTable,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<StateRows, PortError> {
        let start = match after {
            Some(key) if key >= prefix => Bound::Excluded((table, key.to_vec())),
            _ => Bound::Included((table, prefix.to_vec())),
        };
        Ok(locked(&self.0)
            .range((start, Bound::Unbounded))
            .take_while(|((t, key), _)| *t == table && key.starts_with(prefix))
            .take(limit)
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect())
    }
}
