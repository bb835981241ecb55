use std::ops::Deref;

use crate::StoreError;

const CRC_BYTES: usize = 4;
/// Payload bytes of one row. With the segment size that [`crate::Store`] sets, the fullest leaf that sled
/// builds of such rows still stays far below its blob threshold.
pub const VALUE_BYTES_MAX: usize = 8 * 1024 - CRC_BYTES;
/// Bytes of one key.
pub const KEY_BYTES_MAX: usize = 128;

/// The payload of a stored row, its checksum verified. Dereferences to the bytes; no copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Row(sled::IVec);

impl Row {
    /// The payload as an owned vector.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    /// Checks and strips the checksum.
    pub(crate) fn open(table: &str, key: &[u8], stored: &sled::IVec) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt {
            table: table.to_owned(),
            key: hex::encode(&key[..key.len().min(8)]),
        };
        let at = stored.len().checked_sub(CRC_BYTES).ok_or_else(corrupt)?;
        let (payload, crc) = stored.split_at(at);
        if checksum(key, payload) != crc {
            return Err(corrupt());
        }
        Ok(Self(stored.subslice(0, at)))
    }
}

impl Deref for Row {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({} bytes)", self.0.len())
    }
}

/// Payload and checksum, ready for sled.
pub(crate) fn encode(table: &str, key: &[u8], payload: &[u8]) -> Result<Vec<u8>, StoreError> {
    check_key(table, key)?;
    if payload.len() > VALUE_BYTES_MAX {
        return Err(StoreError::TooLarge {
            table: table.to_owned(),
            bytes: payload.len(),
            limit: VALUE_BYTES_MAX,
        });
    }
    let mut value = Vec::with_capacity(payload.len() + CRC_BYTES);
    value.extend_from_slice(payload);
    value.extend_from_slice(&checksum(key, payload));
    Ok(value)
}

pub(crate) fn check_key(table: &str, key: &[u8]) -> Result<(), StoreError> {
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(StoreError::KeyLength {
            table: table.to_owned(),
            bytes: key.len(),
            limit: KEY_BYTES_MAX,
        });
    }
    Ok(())
}

/// CRC-32 over key and payload: a row found under another row's key is as wrong as a changed one.
fn checksum(key: &[u8], payload: &[u8]) -> [u8; CRC_BYTES] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(payload);
    hasher.finalize().to_be_bytes()
}
