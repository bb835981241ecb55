use std::{
    ops::{Bound, RangeBounds},
    sync::Arc,
};

use crate::{Batch, Row, StoreError, generation::Generation, row::RowKey, store::Shared};

/// One named table of a [`crate::Store`]: byte keys in order, checked values. Cheap to clone.
///
/// Writes are visible at once and durable after [`crate::Store::sync`].
#[derive(Clone)]
pub struct Table {
    name: Arc<str>,
    place: usize,
    shared: Arc<Shared>,
}

impl Table {
    pub(crate) fn new(name: &str, place: usize, shared: Arc<Shared>) -> Self {
        Self {
            name: name.into(),
            place,
            shared,
        }
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The row of `key`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its checksum is wrong; any read fault.
    pub fn get(&self, key: &[u8]) -> Result<Option<Row>, StoreError> {
        let current = self.shared.current();
        let stored = self.tree_in(&current)?.get(key).map_err(read_fault)?;
        stored
            .map(|value| current.key.open(&self.name, key, &value))
            .transpose()
    }

    /// Sets the row of `key`.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::KeyLength`], [`StoreError::Full`] or a write fault.
    pub fn insert(&self, key: &[u8], payload: &[u8]) -> Result<(), StoreError> {
        let current = self.shared.current();
        let value = current.key.encode(&self.name, key, payload)?;
        let done = self.tree_in(&current)?.insert(key, value);
        self.shared.moving.touch(self.place, std::iter::once(key));
        done.map(|_previous| ()).map_err(write_fault)
    }

    /// Removes the row of `key`; says whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Full`] or a write fault.
    pub fn remove(&self, key: &[u8]) -> Result<bool, StoreError> {
        self.shared.erased.note()?;
        let current = self.shared.current();
        let done = self.tree_in(&current)?.remove(key);
        self.shared.moving.touch(self.place, std::iter::once(key));
        done.map(|previous| previous.is_some()).map_err(write_fault)
    }

    /// Whether `key` has a row.
    ///
    /// # Errors
    /// A read fault.
    pub fn contains(&self, key: &[u8]) -> Result<bool, StoreError> {
        let current = self.shared.current();
        self.tree_in(&current)?
            .contains_key(key)
            .map_err(read_fault)
    }

    /// Applies `batch` as one atomic change.
    ///
    /// # Errors
    /// [`StoreError::Full`] or a write fault; then nothing of it survives a restart in part.
    pub fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.removes() {
            self.shared.erased.note()?;
        }
        let current = self.shared.current();
        let sealed = batch.sealed(&self.name, &current.key)?;
        let done = self.tree_in(&current)?.apply_batch(sealed);
        self.shared.moving.touch(self.place, batch.keys());
        done.map_err(write_fault)
    }

    /// The rows whose keys start with `prefix`, in key order. An empty prefix gives all.
    #[must_use]
    pub fn scan(&self, prefix: &[u8]) -> Rows {
        self.rows(|tree| Some(tree.scan_prefix(prefix)))
    }

    /// The rows whose keys lie in `keys`, in key order.
    pub fn range<K: AsRef<[u8]>>(&self, keys: impl RangeBounds<K>) -> Rows {
        let bounds = (
            keys.start_bound().map(|k| k.as_ref().to_vec()),
            keys.end_bound().map(|k| k.as_ref().to_vec()),
        );
        // sled's own answer to a range that ends before it starts is not documented: ours is empty.
        self.rows(|tree| (!ends_before_start(&bounds)).then(|| tree.range::<Vec<u8>, _>(bounds)))
    }

    /// The row with the smallest key.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub fn first(&self) -> Result<Option<(Vec<u8>, Row)>, StoreError> {
        self.scan(&[]).next().transpose()
    }

    /// The row with the largest key.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub fn last(&self) -> Result<Option<(Vec<u8>, Row)>, StoreError> {
        self.scan(&[]).next_back().transpose()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let current = self.shared.current();
        self.tree_in(&current).is_ok_and(sled::Tree::is_empty)
    }

    /// Number of rows by walking all of them: for start-up, status and tests, not for each request.
    /// For a [`crate::Sequence`] use its `len_estimate`.
    #[must_use]
    pub fn len_estimate(&self) -> usize {
        let current = self.shared.current();
        self.tree_in(&current).map_or(0, sled::Tree::len)
    }

    pub(crate) const fn place(&self) -> usize {
        self.place
    }

    /// Its tree in a generation.
    pub(crate) fn tree_in<'g>(
        &self,
        generation: &'g Generation,
    ) -> Result<&'g sled::Tree, StoreError> {
        let tree = generation.trees.get(self.place).map(|(_, tree)| tree);
        tree.ok_or_else(|| StoreError::Damaged {
            detail: format!("table {} is missing", self.name),
        })
    }

    /// Rows of today's generation: an iterator goes on in it when the store has left it.
    fn rows(&self, of: impl FnOnce(&sled::Tree) -> Option<sled::Iter>) -> Rows {
        let current = self.shared.current();
        Rows {
            name: Arc::clone(&self.name),
            key: Arc::clone(&current.key),
            iter: self.tree_in(&current).ok().and_then(of),
        }
    }
}

/// Rows in key order, checked one by one as they are read; also backwards.
pub struct Rows {
    name: Arc<str>,
    key: Arc<RowKey>,
    iter: Option<sled::Iter>,
}

impl Rows {
    fn check(&self, entry: sled::Result<(sled::IVec, sled::IVec)>) -> <Self as Iterator>::Item {
        let (key, value) = entry.map_err(read_fault)?;
        let row = self.key.open(&self.name, &key, &value)?;
        Ok((key.to_vec(), row))
    }
}

impl Iterator for Rows {
    type Item = Result<(Vec<u8>, Row), StoreError>;
    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.iter.as_mut()?.next()?;
        Some(self.check(entry))
    }
}

impl DoubleEndedIterator for Rows {
    fn next_back(&mut self) -> Option<Self::Item> {
        let entry = self.iter.as_mut()?.next_back()?;
        Some(self.check(entry))
    }
}

fn ends_before_start(bounds: &(Bound<Vec<u8>>, Bound<Vec<u8>>)) -> bool {
    use Bound::{Excluded, Included};
    match bounds {
        (Included(from), Included(to)) => to < from,
        (Included(from) | Excluded(from), Included(to) | Excluded(to)) => to <= from,
        _ => false,
    }
}

fn read_fault(error: sled::Error) -> StoreError {
    StoreError::sled("read from the data directory", error)
}

fn write_fault(error: sled::Error) -> StoreError {
    StoreError::sled("write to the data directory", error)
}
