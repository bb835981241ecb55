use crate::{StoreError, Table, row};

/// Changes of one table that become visible, and survive a crash, all together or not at all.
#[derive(Default)]
pub struct Batch {
    pub(crate) inner: sled::Batch,
    pub(crate) changes: usize,
}

impl Batch {
    /// Sets `key` of `table` (the table that the batch will be applied to).
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] or [`StoreError::KeyLength`].
    pub fn insert(&mut self, table: &Table, key: &[u8], payload: &[u8]) -> Result<(), StoreError> {
        let value = row::encode(table.name(), key, payload)?;
        self.inner.insert(key, value);
        self.changes += 1;
        Ok(())
    }

    /// Removes `key`; a missing one is no error.
    pub fn remove(&mut self, key: &[u8]) {
        self.inner.remove(key);
        self.changes += 1;
    }

    /// How many changes were put in.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.changes
    }

    /// Whether nothing was put in.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes == 0
    }
}
