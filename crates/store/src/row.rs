use std::ops::Deref;

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};

use crate::StoreError;

const TAG_BYTES: usize = 16;
const CRC_BYTES: usize = 4;
/// Payload bytes of one row. With the segment size that [`crate::Store`] sets, the fullest leaf that sled
/// builds of such rows still stays far below its blob threshold.
pub const VALUE_BYTES_MAX: usize = 8 * 1024 - 4;
/// Bytes of one key.
pub const KEY_BYTES_MAX: usize = 128;

/// The payload of a stored row, opened and so checked. Dereferences to the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Row(Vec<u8>);

impl Row {
    /// The payload as an owned vector.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.0.clone()
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

/// Seals the rows of one generation of a store: AES-256-GCM with a random nonce, table and key bound
/// in, so that a row found under another key is as wrong as a changed one. One generation is far
/// shorter than the 2^32 rows up to which random nonces are safe.
pub(crate) struct RowKey {
    key: LessSafeKey,
    random: SystemRandom,
}

impl RowKey {
    pub(crate) const BYTES: usize = 32;

    pub(crate) fn new(bytes: &[u8; Self::BYTES]) -> Result<Self, StoreError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| StoreError::Random)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            random: SystemRandom::new(),
        })
    }

    /// Nonce, sealed payload and tag, ready for sled.
    pub(crate) fn encode(
        &self,
        table: &str,
        key: &[u8],
        payload: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        check(table, key, payload)?;
        let mut nonce = [0; NONCE_LEN];
        self.random
            .fill(&mut nonce)
            .map_err(|_| StoreError::Random)?;
        let mut value = Vec::with_capacity(NONCE_LEN + payload.len() + TAG_BYTES);
        value.extend_from_slice(&nonce);
        value.extend_from_slice(payload);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, bound(table, key), &mut value[NONCE_LEN..])
            .map_err(|_| StoreError::Random)?;
        value.extend_from_slice(tag.as_ref());
        Ok(value)
    }

    pub(crate) fn open(&self, table: &str, key: &[u8], stored: &[u8]) -> Result<Row, StoreError> {
        let corrupt = || corrupt(table, key);
        let (nonce, sealed) = stored
            .split_first_chunk::<NONCE_LEN>()
            .ok_or_else(corrupt)?;
        let mut payload = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self
            .key
            .open_in_place(nonce, bound(table, key), &mut payload)
            .map_err(|_| corrupt())?
            .len();
        payload.truncate(length);
        Ok(Row(payload))
    }
}

/// A row of a store from before generations: payload and CRC-32 over key and payload.
pub(crate) fn open_unsealed(table: &str, key: &[u8], stored: &[u8]) -> Result<Row, StoreError> {
    let at = stored.len().checked_sub(CRC_BYTES);
    let (payload, crc) = stored.split_at(at.ok_or_else(|| corrupt(table, key))?);
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(payload);
    if hasher.finalize().to_be_bytes() == crc {
        Ok(Row(payload.to_vec()))
    } else {
        Err(corrupt(table, key))
    }
}

/// Whether the row fits at all.
pub(crate) fn check(table: &str, key: &[u8], payload: &[u8]) -> Result<(), StoreError> {
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(StoreError::KeyLength {
            table: table.to_owned(),
            bytes: key.len(),
            limit: KEY_BYTES_MAX,
        });
    }
    if payload.len() > VALUE_BYTES_MAX {
        return Err(StoreError::TooLarge {
            table: table.to_owned(),
            bytes: payload.len(),
            limit: VALUE_BYTES_MAX,
        });
    }
    Ok(())
}

fn corrupt(table: &str, key: &[u8]) -> StoreError {
    StoreError::Corrupt {
        table: table.to_owned(),
        key: hex::encode(&key[..key.len().min(8)]),
    }
}

/// Names have no zero byte, so no table and key run into others.
fn bound(table: &str, key: &[u8]) -> Aad<Vec<u8>> {
    Aad::from([table.as_bytes(), &[0], key].concat())
}
