//! The hub's ports on sled. Two stores: the log only grows, so sled never has to move it; the
//! state is rewritten, so sled's own housekeeping runs there. Every value of both is sealed under
//! the hub's root key: who has the disk and not the key sees row numbers, sizes in steps and keys
//! of the state.

mod log;
mod purge;
mod state;

use std::{path::Path, sync::Arc};

use sanctuary_hub_core::{Pepper, PortError};
use sanctuary_store::{Options, Sealer, Store, StoreError, Table};

pub use log::{OpenedRow, SledLog};
pub use purge::{Purge, Purged};
pub use state::SledState;

/// Both ports and the pepper, opened together.
pub struct Storage {
    /// The record log, sealed at rest.
    pub log: SledLog,
    /// Alerts and events, sealed at rest.
    pub state: SledState,
    /// The hub's secret.
    pub pepper: Pepper,
}

impl Storage {
    /// Opens or makes the data directory and the file of the root key.
    ///
    /// # Errors
    /// [`StoreError`]: in use, damaged, written before rows were sealed; or the key's file is
    /// missing or does not belong to this directory.
    pub fn open(data_dir: &Path, root_key: &Path, cache_mib: u64) -> Result<Self, StoreError> {
        let (log_dir, state_dir) = (data_dir.join("log"), data_dir.join("state"));
        // A new key for old data would open nothing and hide that the right one is missing.
        let sealer = Arc::new(if log_dir.exists() || state_dir.exists() {
            Sealer::from_key_file(root_key)?
        } else {
            Sealer::from_key_file_or_generate(root_key)?
        });
        let cache_bytes = cache_mib * 1024 * 1024;
        let log = Store::open(
            &log_dir,
            Options {
                cache_bytes: cache_bytes / 4 * 3,
                reclaim_every_ms: None,
            },
        )?;
        let log_table = bound(&log, "log", &sealer)?;
        let state = Store::open(
            &state_dir,
            Options {
                cache_bytes: cache_bytes / 4,
                ..Options::default()
            },
        )?;
        let state_table = bound(&state, "state", &sealer)?;
        let highest = log_table.last()?.map(|(key, _)| key);
        let highest = highest.and_then(|key| key.try_into().ok());
        let pepper = Pepper::from_bytes(&sealer.index_key("pepper", b"tags"));
        Ok(Self {
            log: SledLog {
                table: log_table,
                store: log,
                sealer: Arc::clone(&sealer),
                highest: highest.map_or(0, u64::from_be_bytes).into(),
            },
            state: SledState {
                table: state_table,
                store: state,
                sealer,
            },
            pepper,
        })
    }
}

impl Storage {
    /// What takes erased rows out of the files.
    #[must_use]
    pub fn purge(&self) -> Purge {
        Purge::of(&self.log.store, &self.state.store)
    }
}

/// The table of a name, once it is certain that it is sealed under this root key.
fn bound(store: &Store, name: &str, sealer: &Sealer) -> Result<Table, StoreError> {
    let (keys, table) = (store.table("keys")?, store.table(name)?);
    if keys.is_empty() && !table.is_empty() {
        return Err(StoreError::Unsealed {
            dir: store.dir().to_path_buf(),
        });
    }
    sealer.bind(&keys)?;
    store.sync()?;
    Ok(table)
}

fn port(error: StoreError) -> PortError {
    PortError(Box::new(error))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use sanctuary_hub_core::{
        ports::{Change, PostingLog, StateStore, StateTable},
        suite::{self, Ports},
    };
    use tempfile::TempDir;

    use super::*;

    const MARKER: &[u8] = b"readable-marker";

    struct OnSled(TempDir);

    impl Ports for OnSled {
        type Log = SledLog;
        type State = SledState;
        fn open(&self) -> (SledLog, SledState) {
            let dir = self.0.path();
            let storage = Storage::open(&dir.join("data"), &dir.join("root.key"), 32).unwrap();
            (storage.log, storage.state)
        }
    }

    /// A data directory with a marker in a row of the log and in a value of the state.
    fn filled() -> (TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let (data, key) = (dir.path().join("data"), dir.path().join("root.key"));
        let storage = Storage::open(&data, &key, 32).unwrap();
        let change = Change {
            table: StateTable::Alerts,
            key: vec![1; 16],
            value: Some(MARKER.to_vec()),
        };
        storage.state.apply(&[change]).unwrap();
        let rows = [(1, MARKER.repeat(4)), (2, MARKER.repeat(4))];
        storage.log.put(&rows).unwrap();
        (dir, data, key)
    }

    /// The log's table as it is on disk.
    fn raw(data: &Path) -> (Store, Table) {
        let store = Store::open(&data.join("log"), Options::default()).unwrap();
        let table = store.table("log").unwrap();
        (store, table)
    }

    #[test]
    fn the_sled_ports_pass_the_suite() {
        suite::run(|| OnSled(tempfile::tempdir().unwrap()));
    }

    #[test]
    fn nothing_is_readable_on_disk() {
        let (_dir, data, key) = filled();
        for store in ["log", "state"] {
            let stored = std::fs::read(data.join(store).join("1").join("db")).unwrap();
            assert!(
                !stored.windows(MARKER.len()).any(|w| w == MARKER),
                "{store}"
            );
        }
        // Equal rows are not seen to be equal.
        let (store, table) = raw(&data);
        let rows: Vec<_> = table.scan(&[]).map(|row| row.unwrap().1).collect();
        assert_eq!((rows.len(), rows[0].len()), (2, rows[1].len()));
        assert_ne!(rows[0], rows[1]);
        drop((store, table));
        let storage = Storage::open(&data, &key, 32).unwrap();
        assert_eq!(*storage.log.row(2).unwrap().unwrap(), MARKER.repeat(4));
    }

    #[test]
    fn another_root_key_and_a_missing_one_are_refused() {
        let (dir, data, key) = filled();
        std::fs::remove_file(&key).unwrap();
        let missing = Storage::open(&data, &key, 32).err().unwrap();
        assert!(missing.to_string().contains("is missing"), "{missing}");
        assert!(!key.exists(), "no new key is made for old data");
        let other = dir.path().join("other.key");
        drop(Storage::open(&dir.path().join("elsewhere"), &other, 32).unwrap());
        let refused = Storage::open(&data, &other, 32).err().unwrap();
        assert!(matches!(refused, StoreError::WrongKey));
    }

    #[test]
    fn a_row_under_another_number_or_with_another_bit_is_refused() {
        let (_dir, data, key) = filled();
        let (store, table) = raw(&data);
        let (first, second) = (1u64.to_be_bytes(), 2u64.to_be_bytes());
        let row = table.get(&first).unwrap().unwrap();
        table.insert(&second, &row).unwrap();
        let mut changed = row.to_vec();
        changed[100] ^= 1;
        table.insert(&first, &changed).unwrap();
        store.sync().unwrap();
        drop((row, store, table));
        let storage = Storage::open(&data, &key, 32).unwrap();
        for sequence in [1, 2] {
            assert!(storage.log.row(sequence).is_err());
        }
        assert!(storage.log.scan().all(|entry| entry.is_err()));
    }

    #[test]
    fn a_log_that_was_not_sealed_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (data, key) = (dir.path().join("data"), dir.path().join("root.key"));
        let (store, table) = raw(&data);
        table.insert(&1u64.to_be_bytes(), MARKER).unwrap();
        store.sync().unwrap();
        drop((store, table));
        std::fs::write(&key, "5a".repeat(32)).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let refused = Storage::open(&data, &key, 32).err().unwrap();
        assert!(matches!(refused, StoreError::Unsealed { .. }), "{refused}");
        assert!(refused.to_string().contains("empty data_dir"), "{refused}");
    }
}
