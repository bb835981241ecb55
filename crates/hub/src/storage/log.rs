use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sanctuary_hub_core::{
    PortError,
    ports::{LogRow, LogScan, PostingLog},
};
use sanctuary_store::{
    Batch, SEALED_OVERHEAD_BYTES, Sealer, Store, StoreError, Table, VALUE_BYTES_MAX,
};
use zeroize::Zeroizing;

use super::port;

/// Rows are padded to a multiple of this, so that the length of a trailer does not give away which
/// agency's name stands in it.
const PADDED_BYTES: usize = 256;
const LENGTH_BYTES: usize = 2;
/// Bytes of length, row and padding together.
const PLAIN_BYTES_MAX: usize = VALUE_BYTES_MAX - SEALED_OVERHEAD_BYTES;
/// Salts keep the versions of a row apart; nothing is compared by this number.
const VERSION: u64 = 1;

/// [`PostingLog`] on one table with u64 big-endian keys; every row sealed at rest under the hub's
/// root key, its sequence number bound in.
pub struct SledLog {
    pub(super) store: Store,
    pub(super) table: Table,
    pub(super) sealer: Arc<Sealer>,
    /// The highest row written: only erasing writes one at or below it.
    pub(super) highest: AtomicU64,
}

/// A row of the log, opened.
pub struct OpenedRow {
    plain: Zeroizing<Vec<u8>>,
    end: usize,
}

impl Deref for OpenedRow {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.plain.get(LENGTH_BYTES..self.end).unwrap_or_default()
    }
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

    fn seal(&self, sequence: u64, row: &[u8]) -> Result<Vec<u8>, StoreError> {
        let plain = padded(row).ok_or_else(|| StoreError::TooLarge {
            table: self.table.name().to_owned(),
            bytes: row.len(),
            limit: PLAIN_BYTES_MAX - LENGTH_BYTES,
        })?;
        let key = sequence.to_be_bytes();
        self.sealer.seal(self.table.name(), &key, VERSION, &plain)
    }

    fn open(&self, key: &[u8], sealed: &[u8]) -> Result<OpenedRow, StoreError> {
        let (_, plain) = self.sealer.open(self.table.name(), key, sealed)?;
        let length = plain.first_chunk::<LENGTH_BYTES>();
        let length = usize::from(u16::from_be_bytes(*length.unwrap_or(&[0; LENGTH_BYTES])));
        let end = LENGTH_BYTES + length;
        Ok(OpenedRow { plain, end })
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
    type Row = OpenedRow;

    fn put(&self, rows: &[LogRow]) -> Result<(), PortError> {
        let highest = rows.iter().map(|(sequence, _)| *sequence).max();
        let before = self
            .highest
            .fetch_max(highest.unwrap_or(0), Ordering::AcqRel);
        if rows.iter().any(|(sequence, _)| *sequence <= before) {
            self.store.note_erasure().map_err(port)?;
        }
        let mut batch = Batch::default();
        for (sequence, row) in rows {
            let sealed = self.seal(*sequence, row).map_err(port)?;
            batch
                .insert(&self.table, &sequence.to_be_bytes(), &sealed)
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

    fn row(&self, sequence: u64) -> Result<Option<OpenedRow>, PortError> {
        let key = sequence.to_be_bytes();
        let sealed = self.table.get(&key).map_err(port)?;
        sealed
            .map(|sealed| self.open(&key, &sealed).map_err(port))
            .transpose()
    }

    fn scan(&self) -> LogScan<'_, OpenedRow> {
        Box::new(self.table.scan(&[]).map(|entry| {
            let (key, sealed) = entry.map_err(port)?;
            let sequence = sequence(&self.table, &key).map_err(port)?;
            Ok((sequence, self.open(&key, &sealed).map_err(port)?))
        }))
    }

    fn rows_estimate(&self) -> usize {
        // Wrong only means that the index grows step by step.
        self.bounds().unwrap_or(0)
    }
}

/// Length, row and zeros; `None` when the row is too long.
fn padded(row: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let length = u16::try_from(row.len()).ok()?;
    let end = LENGTH_BYTES + row.len();
    let size = end.next_multiple_of(PADDED_BYTES).min(PLAIN_BYTES_MAX);
    if end > size {
        return None;
    }
    let mut plain = Zeroizing::new(Vec::with_capacity(size));
    plain.extend_from_slice(&length.to_be_bytes());
    plain.extend_from_slice(row);
    plain.resize(size, 0);
    Some(plain)
}

fn sequence(table: &Table, key: &[u8]) -> Result<u64, StoreError> {
    let bytes = key.try_into().map_err(|_| StoreError::Corrupt {
        table: table.name().to_owned(),
        key: "not a sequence number".to_owned(),
    })?;
    Ok(u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rows_length_shows_only_in_steps() {
        for (row, size) in [(0, 256), (254, 256), (255, 512), (6025, 6144), (8000, 8139)] {
            let plain = padded(&vec![7; row]).unwrap();
            assert_eq!(plain.len(), size, "{row}");
        }
        assert!(padded(&[0; PLAIN_BYTES_MAX - LENGTH_BYTES]).is_some());
        assert!(padded(&[0; PLAIN_BYTES_MAX - LENGTH_BYTES + 1]).is_none());
    }
}
