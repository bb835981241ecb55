use std::sync::Arc;

use sanctuary_node_core::NodeError;
use sanctuary_store::{Batch, Sealer, Table, VALUE_BYTES_MAX};
use zeroize::Zeroizing;

use super::fault;

/// Sealed bytes in one row. sled puts large pages into files that it never syncs, so a value goes
/// into as many rows as it needs.
const ROW_BYTES: usize = VALUE_BYTES_MAX;

/// Takes the key and the plain bytes of one value.
type Visit<'a> = dyn FnMut(&[u8], Zeroizing<Vec<u8>>) -> Result<(), NodeError> + 'a;

/// A table of sealed values of any size. All keys of one table have the same length; a row's key is
/// the value's key and the number of the row in two bytes.
pub(super) struct LargeTable {
    table: Table,
    sealer: Arc<Sealer>,
}

impl LargeTable {
    pub(super) fn new(table: Table, sealer: &Arc<Sealer>) -> Self {
        Self {
            table,
            sealer: Arc::clone(sealer),
        }
    }

    pub(super) const fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, NodeError> {
        let mut sealed = Vec::new();
        for row in self.table.scan(key) {
            let (row_key, row) = row.map_err(fault)?;
            if row_key.len() == key.len() + 2 {
                sealed.extend_from_slice(&row);
            }
        }
        if sealed.is_empty() {
            return Ok(None);
        }
        self.open(key, &sealed).map(Some)
    }

    /// Replaces the value; rows that the old one had beyond the new one are removed.
    pub(super) fn put(&self, batch: &mut Batch, key: &[u8], plain: &[u8]) -> Result<(), NodeError> {
        let sealed = self
            .sealer
            .seal(self.table.name(), key, 1, plain)
            .map_err(fault)?;
        let mut rows = 0u16;
        for part in sealed.chunks(ROW_BYTES) {
            batch
                .insert(&self.table, &row_key(key, rows), part)
                .map_err(fault)?;
            rows = rows
                .checked_add(1)
                .ok_or(NodeError::Damaged("value that is too large"))?;
        }
        let mut stale = rows;
        while self.table.contains(&row_key(key, stale)).map_err(fault)? {
            batch.remove(&row_key(key, stale));
            stale += 1;
        }
        Ok(())
    }

    pub(super) fn remove(&self, batch: &mut Batch, key: &[u8]) -> Result<(), NodeError> {
        for row in self.table.scan(key) {
            batch.remove(&row.map_err(fault)?.0);
        }
        Ok(())
    }

    pub(super) fn remove_all(&self, batch: &mut Batch) -> Result<(), NodeError> {
        self.remove(batch, &[])
    }

    pub(super) fn for_each(&self, visit: &mut Visit<'_>) -> Result<(), NodeError> {
        self.for_first(usize::MAX, visit)
    }

    /// The first `limit` values in the order of keys, one in memory at a time.
    pub(super) fn for_first(&self, limit: usize, visit: &mut Visit<'_>) -> Result<(), NodeError> {
        self.visit(&[], limit, visit)
    }

    /// The values whose keys begin with `prefix`, in order.
    pub(super) fn for_prefix(&self, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), NodeError> {
        self.visit(prefix, usize::MAX, visit)
    }

    fn visit(&self, prefix: &[u8], limit: usize, visit: &mut Visit<'_>) -> Result<(), NodeError> {
        let mut visited = 0;
        let mut current: Option<(Vec<u8>, Vec<u8>)> = None;
        for row in self.table.scan(prefix) {
            let (row_key, row) = row.map_err(fault)?;
            let Some((key, _)) = row_key.split_last_chunk::<2>() else {
                return Err(NodeError::Damaged("row key"));
            };
            match &mut current {
                Some((same, sealed)) if same == key => sealed.extend_from_slice(&row),
                _ => {
                    if let Some((key, sealed)) = current.take() {
                        visit(&key, self.open(&key, &sealed)?)?;
                        visited += 1;
                    }
                    if visited == limit {
                        return Ok(());
                    }
                    current = Some((key.to_vec(), row.to_vec()));
                }
            }
        }
        if let Some((key, sealed)) = current {
            visit(&key, self.open(&key, &sealed)?)?;
        }
        Ok(())
    }

    fn open(&self, key: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NodeError> {
        self.sealer
            .open(self.table.name(), key, sealed)
            .map(|(_, plain)| plain)
            .map_err(fault)
    }
}

fn row_key(key: &[u8], row: u16) -> Vec<u8> {
    [key, &row.to_be_bytes()].concat()
}
