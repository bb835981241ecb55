use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{CaseStore, Change, PortError, Shelf, Value};

type Rows = BTreeMap<(Shelf, Vec<u8>), Value>;

/// Rows in memory, for tests and demonstrations.
#[derive(Debug, Default)]
pub struct MemoryCaseStore(Mutex<Rows>);

impl MemoryCaseStore {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for MemoryCaseStore {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.rows().clone()))
    }
}

impl CaseStore for MemoryCaseStore {
    fn get(&self, shelf: Shelf, key: &[u8]) -> Result<Option<Value>, PortError> {
        Ok(self.rows().get(&(shelf, key.to_vec())).cloned())
    }

    fn list(&self, shelf: Shelf, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Value)>, PortError> {
        let rows = self.rows();
        let from = rows.range((shelf, prefix.to_vec())..);
        Ok(from
            .take_while(|((s, key), _)| *s == shelf && key.starts_with(prefix))
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect())
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let mut rows = self.rows();
        let mut next = rows.clone();
        for change in changes {
            match change {
                Change::Add { shelf, key, value } => {
                    if next.insert((shelf, key), value).is_some() {
                        return Err(PortError::Conflict);
                    }
                }
                Change::Put { shelf, key, value } => {
                    next.insert((shelf, key), value);
                }
                Change::Remove { shelf, key } => {
                    next.remove(&(shelf, key));
                }
            }
        }
        *rows = next;
        Ok(())
    }
}
