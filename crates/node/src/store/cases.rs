//! Cases on disk, in a store of their own beside the records: rows whose keys and values are sealed
//! alike, and the signed sharing agreements.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_casework::{CaseStore, Change, PortError, Shelf, Value};
use sanctuary_node_core::NodeError;
use sanctuary_store::{Batch, Sealer, Store, StoreError, Table};
use zeroize::Zeroizing;

use super::{BROKEN, fault, large::LargeTable, open_sealed};

/// A row's place: shelf and key.
type Place = (u8, Vec<u8>);

/// The node's cases. A row's key on disk is a keyed hash, so that a stolen disk shows neither whom this
/// agency has cases with nor what a reason's print could be compared with; the keys themselves are in
/// memory, read back at the start.
pub struct CaseTables {
    store: Store,
    rows: LargeTable,
    agreements: LargeTable,
    sealer: Arc<Sealer>,
    /// Holding them is the right to change the rows.
    keys: Mutex<BTreeSet<Place>>,
    broken: AtomicBool,
}

impl CaseTables {
    /// The store underneath, to be purged.
    pub(crate) fn underneath(&self) -> Store {
        self.store.clone()
    }

    /// Opens or makes the store in `dir` under `sealer`'s root key.
    ///
    /// # Errors
    /// [`NodeError::Store`] for a directory in use, damaged or of another key; [`NodeError::Damaged`].
    pub fn open(dir: &Path, sealer: Sealer) -> Result<Self, NodeError> {
        let (store, sealer) = open_sealed(dir, 8 * 1024 * 1024, sealer).map_err(fault)?;
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        let rows = large("case").map_err(fault)?;
        let mut keys = BTreeSet::new();
        rows.for_each(&mut |_, plain| {
            let (place, _) = read_row(&plain)?;
            keys.insert(place);
            Ok(())
        })?;
        Ok(Self {
            agreements: large("agreement").map_err(fault)?,
            rows,
            keys: Mutex::new(keys),
            broken: AtomicBool::new(false),
            sealer: Arc::clone(&sealer),
            store,
        })
    }

    /// The signed agreements, oldest first.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn agreements(&self) -> Result<Vec<String>, NodeError> {
        let mut texts = Vec::new();
        self.agreements.for_each(&mut |_, plain| {
            let text = String::from_utf8(plain.to_vec());
            texts.push(text.map_err(|_| NodeError::Damaged("sharing agreement"))?);
            Ok(())
        })?;
        Ok(texts)
    }

    /// Keeps a signed agreement.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn put_agreement(&self, version: u32, text: &str) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let mut batch = Batch::default();
        self.agreements
            .put(&mut batch, &version.to_be_bytes(), text.as_bytes())?;
        self.apply(self.agreements.table(), batch)
    }

    fn writer(&self) -> Result<MutexGuard<'_, BTreeSet<Place>>, NodeError> {
        match self.keys.lock() {
            Ok(keys) if !self.broken.load(Ordering::Acquire) => Ok(keys),
            _ => Err(NodeError::Store(BROKEN.to_owned())),
        }
    }

    fn apply(&self, table: &Table, batch: Batch) -> Result<(), NodeError> {
        let written = self.store.apply_all(&[(table, batch)]);
        written.and_then(|()| self.store.sync()).map_err(|error| {
            self.broken.store(true, Ordering::Release);
            fault(error)
        })
    }

    fn disk_key(&self, (shelf, key): &Place) -> [u8; 32] {
        let named = [&[*shelf], key.as_slice()].concat();
        self.sealer.index_key("case-row", &named)
    }

    fn read(&self, place: &Place) -> Result<Option<Value>, PortError> {
        let plain = self.rows.get(&self.disk_key(place)).map_err(port)?;
        let Some(plain) = plain else {
            return Ok(None);
        };
        let (stored, value) = read_row(&plain).map_err(port)?;
        if stored == *place {
            Ok(Some(value))
        } else {
            Err(PortError::Damaged("case"))
        }
    }
}

impl CaseStore for CaseTables {
    fn get(&self, shelf: Shelf, key: &[u8]) -> Result<Option<Value>, PortError> {
        self.read(&(shelf.code(), key.to_vec()))
    }

    fn list(&self, shelf: Shelf, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Value)>, PortError> {
        let places: Vec<Place> = {
            let keys = self.writer().map_err(port)?;
            keys.range((shelf.code(), prefix.to_vec())..)
                .take_while(|(code, key)| *code == shelf.code() && key.starts_with(prefix))
                .cloned()
                .collect()
        };
        let mut rows = Vec::with_capacity(places.len());
        for place in places {
            // One that another call has removed meanwhile is not there any more.
            if let Some(value) = self.read(&place)? {
                rows.push((place.1, value));
            }
        }
        Ok(rows)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let mut keys = self.writer().map_err(port)?;
        let mut last: BTreeMap<Place, Option<Value>> = BTreeMap::new();
        for change in changes {
            let (place, value) = match change {
                Change::Add { shelf, key, value } => {
                    let place = (shelf.code(), key);
                    let exists = match last.get(&place) {
                        Some(earlier) => earlier.is_some(),
                        None => keys.contains(&place),
                    };
                    if exists {
                        return Err(PortError::Conflict);
                    }
                    (place, Some(value))
                }
                Change::Put { shelf, key, value } => ((shelf.code(), key), Some(value)),
                Change::Remove { shelf, key } => ((shelf.code(), key), None),
            };
            last.insert(place, value);
        }
        if last.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::default();
        for (place, value) in &last {
            let key = self.disk_key(place);
            let changed = match value {
                Some(value) => self.rows.put(&mut batch, &key, &row(place, value)),
                None => self.rows.remove(&mut batch, &key),
            };
            changed.map_err(port)?;
        }
        self.apply(self.rows.table(), batch).map_err(port)?;
        for (place, value) in last {
            if value.is_some() {
                keys.insert(place);
            } else {
                keys.remove(&place);
            }
        }
        Ok(())
    }
}

/// Shelf, length of the key, key, value.
fn row((shelf, key): &Place, value: &Value) -> Zeroizing<Vec<u8>> {
    let length = u16::try_from(key.len()).unwrap_or(u16::MAX);
    let mut plain = Zeroizing::new(Vec::with_capacity(3 + key.len() + value.len()));
    plain.push(*shelf);
    plain.extend_from_slice(&length.to_be_bytes());
    plain.extend_from_slice(key);
    plain.extend_from_slice(value);
    plain
}

fn read_row(plain: &[u8]) -> Result<(Place, Value), NodeError> {
    let damaged = || NodeError::Damaged("case");
    let ([shelf, high, low], rest) = plain.split_first_chunk::<3>().ok_or_else(damaged)?;
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let (key, value) = rest.split_at_checked(length).ok_or_else(damaged)?;
    Ok(((*shelf, key.to_vec()), Zeroizing::new(value.to_vec())))
}

fn port(error: NodeError) -> PortError {
    match error {
        NodeError::Damaged(what) => PortError::Damaged(what),
        other => PortError::Unavailable(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(dir: &Path) -> CaseTables {
        let key = dir.join("key");
        let sealer = Sealer::from_key_file_or_generate(&key).unwrap();
        CaseTables::open(&dir.join("cases"), sealer).unwrap()
    }

    fn put(shelf: Shelf, key: &[u8], value: &[u8]) -> Change {
        Change::Put {
            shelf,
            key: key.to_vec(),
            value: Zeroizing::new(value.to_vec()),
        }
    }

    #[test]
    fn rows_survive_in_the_order_of_their_keys() {
        let dir = tempfile::tempdir().unwrap();
        let large = vec![7; 300 * 1024];
        let tables = open(dir.path());
        tables
            .commit(vec![
                put(Shelf::Step, b"b\0\0", b"1"),
                put(Shelf::Step, b"b", &large),
                put(Shelf::Step, b"a", b"2"),
                put(Shelf::Step, b"ba", b"3"),
                put(Shelf::Case, b"b", b"4"),
            ])
            .unwrap();
        drop(tables);
        let tables = open(dir.path());
        let keys = |prefix: &[u8]| {
            let rows = tables.list(Shelf::Step, prefix).unwrap();
            rows.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(keys(b""), [&b"a"[..], b"b", b"b\0\0", b"ba"]);
        assert_eq!(keys(b"b"), [&b"b"[..], b"b\0\0", b"ba"]);
        let read = |shelf, key: &[u8]| tables.get(shelf, key).unwrap().map(|v| v.to_vec());
        assert_eq!(read(Shelf::Step, b"b"), Some(large));
        assert_eq!(read(Shelf::Case, b"b"), Some(b"4".to_vec()));
        assert_eq!(read(Shelf::Case, b"a"), None);
        // A smaller value leaves no rest of the larger one.
        tables.commit(vec![put(Shelf::Step, b"b", b"5")]).unwrap();
        assert_eq!(read(Shelf::Step, b"b"), Some(b"5".to_vec()));
    }

    #[test]
    fn a_commit_is_whole_or_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let tables = open(dir.path());
        let add = |key: &[u8]| Change::Add {
            shelf: Shelf::Step,
            key: key.to_vec(),
            value: Zeroizing::new(vec![1]),
        };
        tables.commit(vec![add(b"a")]).unwrap();
        let refused = tables.commit(vec![put(Shelf::Case, b"x", b"1"), add(b"a")]);
        assert_eq!(refused, Err(PortError::Conflict));
        assert_eq!(tables.get(Shelf::Case, b"x").unwrap(), None);
        let twice = tables.commit(vec![add(b"b"), add(b"b")]);
        assert_eq!(twice, Err(PortError::Conflict));
        let remove = Change::Remove {
            shelf: Shelf::Step,
            key: b"a".to_vec(),
        };
        tables.commit(vec![remove.clone(), add(b"a")]).unwrap();
        tables.commit(vec![remove.clone(), remove]).unwrap();
        assert!(tables.list(Shelf::Step, b"").unwrap().is_empty());
    }

    #[test]
    fn neither_keys_nor_values_are_readable_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let tables = open(dir.path());
        tables
            .commit(vec![put(
                Shelf::Reason,
                b"marker-in-key",
                b"marker-in-value",
            )])
            .unwrap();
        tables.put_agreement(1, "marker-of-agreement").unwrap();
        assert_eq!(tables.agreements().unwrap(), ["marker-of-agreement"]);
        drop(tables);
        let stored = std::fs::read(dir.path().join("cases").join("1").join("db")).unwrap();
        assert!(
            !stored
                .windows(9)
                .any(|w| w == b"marker-in" || w == b"marker-of")
        );
    }
}
