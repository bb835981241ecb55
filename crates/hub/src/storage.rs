//! The hub's ports on sled. Two stores: the log only grows, so sled never has to move it; the
//! state is rewritten, so sled's own housekeeping runs there.

use std::path::Path;

use sanctuary_hub_core::{
    Pepper, PortError,
    ports::{Change, LogRow, LogScan, PostingLog, StateRows, StateStore, StateTable},
};
use sanctuary_store::{Batch, Options, Row, Sealer, Store, StoreError, Table};

/// Both ports and the pepper, opened together.
pub struct Storage {
    /// The record log.
    pub log: SledLog,
    /// Alerts and events, sealed at rest.
    pub state: SledState,
    /// The hub's secret.
    pub pepper: Pepper,
}

impl Storage {
    /// Opens or makes the data directory and the pepper file.
    ///
    /// # Errors
    /// [`StoreError`]: in use, damaged, or the pepper file does not belong to this directory.
    pub fn open(data_dir: &Path, pepper_file: &Path, cache_mib: u64) -> Result<Self, StoreError> {
        let cache_bytes = cache_mib * 1024 * 1024;
        let log = Store::open(
            &data_dir.join("log"),
            Options {
                cache_bytes: cache_bytes / 4 * 3,
                reclaim_every_ms: None,
            },
        )?;
        let state = Store::open(
            &data_dir.join("state"),
            Options {
                cache_bytes: cache_bytes / 4,
                ..Options::default()
            },
        )?;
        let sealer = Sealer::from_key_file_or_generate(pepper_file)?;
        sealer.bind(&state.table("keys")?)?;
        state.sync()?;
        let pepper = Pepper::from_bytes(&sealer.index_key("pepper", b"tags"));
        Ok(Self {
            log: SledLog {
                table: log.table("log")?,
                store: log,
            },
            state: SledState {
                table: state.table("state")?,
                store: state,
                sealer,
            },
            pepper,
        })
    }
}

/// [`PostingLog`] on one table with u64 big-endian keys.
pub struct SledLog {
    store: Store,
    table: Table,
}

impl SledLog {
    /// Bytes on disk.
    ///
    /// # Errors
    /// A read fault.
    pub fn size_on_disk_bytes(&self) -> Result<u64, StoreError> {
        self.store.size_on_disk_bytes()
    }

    /// The store underneath, for measurements.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        self.table.apply(batch)?;
        self.store.sync()?;
        self.store.assert_no_blobs()
    }

    fn bounds(&self) -> Result<usize, StoreError> {
        Ok(match (self.table.first()?, self.table.last()?) {
            (Some((first, _)), Some((last, _))) => {
                (sequence(&self.table, &last)? - sequence(&self.table, &first)? + 1) as usize
            }
            _ => 0,
        })
    }
}

impl PostingLog for SledLog {
    type Row = Row;

    fn put(&self, rows: &[LogRow]) -> Result<(), PortError> {
        let mut batch = Batch::default();
        for (sequence, bytes) in rows {
            batch
                .insert(&self.table, &sequence.to_be_bytes(), bytes)
                .map_err(port)?;
        }
        self.write(batch).map_err(port)
    }

    fn remove(&self, sequences: &[u64]) -> Result<(), PortError> {
        let mut batch = Batch::default();
        sequences
            .iter()
            .for_each(|sequence| batch.remove(&sequence.to_be_bytes()));
        if batch.is_empty() {
            Ok(())
        } else {
            self.write(batch).map_err(port)
        }
    }

    fn row(&self, sequence: u64) -> Result<Option<Row>, PortError> {
        self.table.get(&sequence.to_be_bytes()).map_err(port)
    }

    fn scan(&self) -> LogScan<'_, Row> {
        Box::new(self.table.scan(&[]).map(|entry| {
            let (key, row) = entry.map_err(port)?;
            Ok((sequence(&self.table, &key).map_err(port)?, row))
        }))
    }

    fn rows_estimate(&self) -> usize {
        // Wrong only means that the index grows step by step.
        self.bounds().unwrap_or(0)
    }
}

/// [`StateStore`] on one table whose keys begin with the state table's code; values sealed.
pub struct SledState {
    store: Store,
    table: Table,
    sealer: Sealer,
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

fn sequence(table: &Table, key: &[u8]) -> Result<u64, StoreError> {
    let bytes = key.try_into().map_err(|_| StoreError::Corrupt {
        table: table.name().to_owned(),
        key: "not a sequence number".to_owned(),
    })?;
    Ok(u64::from_be_bytes(bytes))
}

fn port(error: StoreError) -> PortError {
    PortError(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_hub_core::suite::{self, Ports};

    struct OnSled(tempfile::TempDir);

    impl Ports for OnSled {
        type Log = SledLog;
        type State = SledState;
        fn open(&self) -> (SledLog, SledState) {
            let dir = self.0.path();
            let storage = Storage::open(&dir.join("data"), &dir.join("pepper"), 32).unwrap();
            (storage.log, storage.state)
        }
    }

    #[test]
    fn the_sled_ports_pass_the_suite() {
        suite::run(|| OnSled(tempfile::tempdir().unwrap()));
    }

    #[test]
    fn another_pepper_file_is_refused_and_nothing_is_readable_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let (data, pepper) = (dir.path().join("data"), dir.path().join("pepper"));
        let storage = Storage::open(&data, &pepper, 32).unwrap();
        let change = Change {
            table: StateTable::Alerts,
            key: vec![1; 16],
            value: Some(b"readable-marker".to_vec()),
        };
        storage.state.apply(&[change]).unwrap();
        drop(storage);
        let stored = std::fs::read(data.join("state").join("db")).unwrap();
        assert!(!stored.windows(15).any(|w| w == b"readable-marker"));
        std::fs::remove_file(&pepper).unwrap();
        let refused = Storage::open(&data, &pepper, 32).err().unwrap();
        assert!(matches!(refused, StoreError::WrongKey));
    }
}
