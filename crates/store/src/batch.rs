use crate::{StoreError, Table, row, row::RowKey};

/// Changes of one table that become visible, and survive a crash, all together or not at all.
#[derive(Default)]
pub struct Batch {
    /// In order; a payload that is missing removes. Sealed when applied: by then the store may be in
    /// another generation.
    pub(crate) changes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Batch {
    /// Sets `key` of `table` (the table that the batch will be applied to).
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] or [`StoreError::KeyLength`].
    pub fn insert(&mut self, table: &Table, key: &[u8], payload: &[u8]) -> Result<(), StoreError> {
        row::check(table.name(), key, payload)?;
        self.changes.push((key.to_vec(), Some(payload.to_vec())));
        Ok(())
    }

    /// Removes `key`; a missing one is no error.
    pub fn remove(&mut self, key: &[u8]) {
        self.changes.push((key.to_vec(), None));
    }

    /// How many changes were put in.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether nothing was put in.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(crate) fn removes(&self) -> bool {
        self.changes.iter().any(|(_, payload)| payload.is_none())
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.changes.iter().map(|(key, _)| key.as_slice())
    }

    pub(crate) fn sealed(&self, table: &str, under: &RowKey) -> Result<sled::Batch, StoreError> {
        let mut sealed = sled::Batch::default();
        for (key, payload) in &self.changes {
            match payload {
                Some(payload) => {
                    sealed.insert(key.as_slice(), under.encode(table, key, payload)?);
                }
                None => sealed.remove(key.as_slice()),
            }
        }
        Ok(sealed)
    }
}
