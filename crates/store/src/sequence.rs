use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Batch, Row, StoreError, Table};

/// Rows of a [`Table`] under a big-endian u64 that only grows: the layout sled is fastest with.
/// Numbers start at 1; those of failed or removed rows are not used again within one run.
pub struct Sequence {
    table: Table,
    next: AtomicU64,
}

impl Sequence {
    /// Goes on after the last row of `table`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the last row is damaged or its key is not a sequence number.
    pub fn open(table: Table) -> Result<Self, StoreError> {
        let next = match table.last()? {
            None => 1,
            Some((key, _)) => number(&table, &key)?.saturating_add(1),
        };
        Ok(Self {
            table,
            next: AtomicU64::new(next),
        })
    }

    /// The table underneath.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The number that the next row will get.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    /// Never hands out a number below `floor`: for a caller that stored its high-water mark, so
    /// that numbers of removed rows are not used again after a restart.
    pub fn reserve_to(&self, floor: u64) {
        self.next.fetch_max(floor, Ordering::AcqRel);
    }

    /// Writes a row and gives its number. Durable after [`crate::Store::sync`].
    ///
    /// # Errors
    /// As [`Table::insert`].
    pub fn append(&self, payload: &[u8]) -> Result<u64, StoreError> {
        let number = self.take();
        self.table.insert(&key(number), payload)?;
        Ok(number)
    }

    /// Puts a row into `batch` and gives its number.
    ///
    /// # Errors
    /// As [`Batch::insert`].
    pub fn append_to(&self, batch: &mut Batch, payload: &[u8]) -> Result<u64, StoreError> {
        let number = self.take();
        batch.insert(&self.table, &key(number), payload)?;
        Ok(number)
    }

    /// The row of a number.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub fn read(&self, number: u64) -> Result<Option<Row>, StoreError> {
        self.table.get(&key(number))
    }

    /// Rows from `number` on, in order, with their numbers.
    pub fn scan_from(
        &self,
        number_from: u64,
    ) -> impl DoubleEndedIterator<Item = Result<(u64, Row), StoreError>> + '_ {
        self.table.range(key(number_from)..).map(|entry| {
            let (key, row) = entry?;
            Ok((number(&self.table, &key)?, row))
        })
    }

    /// Upper bound of the number of rows without walking them: last number minus first, plus one.
    ///
    /// # Errors
    /// As [`Table::first`].
    pub fn len_estimate(&self) -> Result<u64, StoreError> {
        Ok(match (self.table.first()?, self.table.last()?) {
            (Some((first, _)), Some((last, _))) => {
                number(&self.table, &last)? - number(&self.table, &first)? + 1
            }
            _ => 0,
        })
    }

    fn take(&self) -> u64 {
        self.next.fetch_add(1, Ordering::AcqRel)
    }
}

/// The key of a number.
const fn key(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

fn number(table: &Table, key: &[u8]) -> Result<u64, StoreError> {
    let bytes = key.try_into().map_err(|_| StoreError::Corrupt {
        table: table.name().to_owned(),
        key: hex::encode(&key[..key.len().min(8)]),
    })?;
    Ok(u64::from_be_bytes(bytes))
}
