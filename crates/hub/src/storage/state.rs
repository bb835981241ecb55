use std::sync::Arc;

use sanctuary_hub_core::{
    PortError,
    ports::{Change, StateRows, StateStore, StateTable},
};
use sanctuary_store::{Batch, Sealer, Store, StoreError, Table};

use super::port;

/// [`StateStore`] on one table whose keys begin with the state table's code; values sealed.
pub struct SledState {
    pub(super) store: Store,
    pub(super) table: Table,
    pub(super) sealer: Arc<Sealer>,
}

impl SledState {
    fn write(&self, changes: &[Change]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for change in changes {
            let key = state_key(change.table, &change.key);
            match &change.value {
                Some(value) => {
                    let sealed = self.sealer.seal(self.table.name(), &key, 1, value)?;
                    batch.insert(&self.table, &key, &sealed)?;
                }
                None => batch.remove(&key),
            }
        }
        self.table.apply(batch)?;
        self.store.sync()
    }

    fn read(
        &self,
        table: StateTable,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<StateRows, StoreError> {
        let prefix = state_key(table, prefix);
        let after = after.map(|key| state_key(table, key));
        let from = after
            .clone()
            .filter(|key| *key > prefix)
            .unwrap_or_else(|| prefix.clone());
        let mut found = Vec::new();
        for entry in self.table.range(from..) {
            let (key, sealed) = entry?;
            if !key.starts_with(&prefix) || found.len() >= limit {
                break;
            }
            if after.as_ref().is_some_and(|after| key <= *after) {
                continue;
            }
            let (_, plain) = self.sealer.open(self.table.name(), &key, &sealed)?;
            found.push((key[1..].to_vec(), plain.to_vec()));
        }
        Ok(found)
    }
}

impl StateStore for SledState {
    fn apply(&self, changes: &[Change]) -> Result<(), PortError> {
        self.write(changes).map_err(port)
    }

    fn scan(
        &self,
        table: StateTable,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<StateRows, PortError> {
        self.read(table, prefix, after, limit).map_err(port)
    }
}

fn state_key(table: StateTable, key: &[u8]) -> Vec<u8> {
    [&[table.code()], key].concat()
}
