//! The review of possible matches on disk, in a store of its own beside the records: items and people's
//! saved views, both sealed under keyed hashes. An item that waits for the hub is its own outbox row.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_node_core::NodeError;
use sanctuary_review::{Change, Item, PersonId, PortError, ReviewStore, SavedView};
use sanctuary_store::{Batch, Sealer, Store, StoreError};
use sanctuary_types::AlertId;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{BROKEN, fault, large::LargeTable, open_sealed};

/// The node's review.
pub struct ReviewTables {
    store: Store,
    items: LargeTable,
    views: LargeTable,
    sealer: Arc<Sealer>,
    /// Holding it is the right to change the rows.
    writing: Mutex<()>,
    broken: AtomicBool,
}

impl ReviewTables {
    /// The store underneath, to be purged.
    pub(crate) fn underneath(&self) -> Store {
        self.store.clone()
    }

    /// Opens or makes the store in `dir` under `sealer`'s root key.
    ///
    /// # Errors
    /// [`NodeError::Store`] for a directory in use, damaged or of another key.
    pub fn open(dir: &Path, sealer: Sealer) -> Result<Self, NodeError> {
        let (store, sealer) = open_sealed(dir, 32 * 1024 * 1024, sealer).map_err(fault)?;
        let large = |name: &str| Ok::<_, StoreError>(LargeTable::new(store.table(name)?, &sealer));
        Ok(Self {
            items: large("review_item").map_err(fault)?,
            views: large("review_views").map_err(fault)?,
            writing: Mutex::new(()),
            broken: AtomicBool::new(false),
            sealer: Arc::clone(&sealer),
            store,
        })
    }

    fn writer(&self) -> Result<MutexGuard<'_, ()>, PortError> {
        match self.writing.lock() {
            Ok(writing) if !self.broken.load(Ordering::Acquire) => Ok(writing),
            _ => Err(PortError::Unavailable(BROKEN.to_owned())),
        }
    }

    fn item_key(&self, id: &AlertId) -> [u8; 32] {
        self.sealer.index_key("review-item", &id.0)
    }

    fn views_key(&self, person: &PersonId) -> [u8; 32] {
        let person = person.as_str().as_bytes();
        self.sealer.index_key("review-views", person)
    }

    fn batches(&self, change: &Change) -> Result<[Batch; 2], PortError> {
        let [mut items, mut views] = [Batch::default(), Batch::default()];
        for item in &change.items {
            change.check(item, self.item(&item.facts.id)?.as_ref())?;
            let key = self.item_key(&item.facts.id);
            let put = self.items.put(&mut items, &key, &json(item)?);
            put.map_err(port)?;
        }
        if let Some((person, saved)) = &change.views {
            let key = self.views_key(person);
            let put = self.views.put(&mut views, &key, &json(saved)?);
            put.map_err(port)?;
        }
        Ok([items, views])
    }
}

impl ReviewStore for ReviewTables {
    fn item(&self, id: &AlertId) -> Result<Option<Item>, PortError> {
        one(&self.items, &self.item_key(id))
    }

    fn for_each_item(
        &self,
        visit: &mut dyn FnMut(Item) -> Result<(), PortError>,
    ) -> Result<(), PortError> {
        let mut refused = None;
        let read = self.items.for_each(&mut |_, bytes| {
            if refused.is_none() {
                refused = visit(parsed(&bytes)?).err();
            }
            Ok(())
        });
        read.map_err(port)?;
        refused.map_or(Ok(()), Err)
    }

    fn views(&self, person: &PersonId) -> Result<Vec<SavedView>, PortError> {
        Ok(one(&self.views, &self.views_key(person))?.unwrap_or_default())
    }

    fn commit(&self, change: &Change) -> Result<(), PortError> {
        let _writer = self.writer()?;
        let [items, views] = self.batches(change)?;
        let tables = [(self.items.table(), items), (self.views.table(), views)];
        let written = self.store.apply_all(&tables);
        written.and_then(|()| self.store.sync()).map_err(|error| {
            self.broken.store(true, Ordering::Release);
            port(fault(error))
        })
    }
}

fn one<T: DeserializeOwned>(table: &LargeTable, key: &[u8]) -> Result<Option<T>, PortError> {
    let bytes = table.get(key).map_err(port)?;
    bytes.map(|b| parsed(&b)).transpose().map_err(port)
}

fn json(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, PortError> {
    serde_json::to_vec(value)
        .map(Zeroizing::new)
        .map_err(|_| PortError::Damaged("possible match under review"))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NodeError> {
    serde_json::from_slice(bytes).map_err(|_| NodeError::Damaged("possible match under review"))
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
    use sanctuary_review::suite::store_keeps_its_promises;

    fn open(dir: &Path) -> ReviewTables {
        let sealer = Sealer::from_root_key(&[7; 32]).unwrap();
        ReviewTables::open(&dir.join("review"), sealer).unwrap()
    }

    #[test]
    fn the_store_on_disk_keeps_its_promises_and_survives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let tables = open(dir.path());
        store_keeps_its_promises(&tables);
        let before = tables.item(&AlertId([1; 16])).unwrap();
        assert_eq!(before.as_ref().map(|i| i.version), Some(2));
        drop(tables);
        assert_eq!(open(dir.path()).item(&AlertId([1; 16])).unwrap(), before);
    }

    #[test]
    fn neither_staff_numbers_nor_agencies_are_readable_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let tables = open(dir.path());
        store_keeps_its_promises(&tables);
        let view = SavedView {
            name: "marker-of-view".to_owned(),
            filter: sanctuary_review::Filter::default(),
        };
        let change = Change {
            items: Vec::new(),
            views: Some(("marker-of-staff".parse().unwrap(), vec![view])),
        };
        tables.commit(&change).unwrap();
        drop(tables);
        let stored = std::fs::read(dir.path().join("review").join("1").join("db")).unwrap();
        let has = |marker: &[u8]| stored.windows(marker.len()).any(|w| w == marker);
        assert!(!has(b"marker-of") && !has(b"council"));
    }
}
