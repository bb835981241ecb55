//! Values that are larger than a row of the state, in numbered parts.

use crate::{
    HubError,
    ports::{Change, StateRows, StateStore, StateTable},
};

/// Bytes of a value in one row.
const CHUNK_BYTES: usize = 7 * 1024;
/// Rows read at once.
const PAGE: usize = 256;

/// Writes a value under `key` in parts. A value written before under this key must not be longer.
pub(crate) fn put_chunks(table: StateTable, key: &[u8], value: &[u8], changes: &mut Vec<Change>) {
    for (number, chunk) in value.chunks(CHUNK_BYTES).enumerate() {
        changes.push(Change {
            table,
            key: part_key(key, number),
            value: Some(chunk.to_vec()),
        });
    }
}

/// Removes a value of `bytes` that stands under `key`.
pub(crate) fn remove_chunks(
    table: StateTable,
    key: &[u8],
    bytes: usize,
    changes: &mut Vec<Change>,
) {
    for number in 0..bytes.div_ceil(CHUNK_BYTES) {
        changes.push(Change {
            table,
            key: part_key(key, number),
            value: None,
        });
    }
}

/// The values whose keys (of `key_bytes`) begin with `prefix`, in the order of keys.
pub(crate) fn read_chunks<S: StateStore>(
    state: &S,
    table: StateTable,
    prefix: &[u8],
    key_bytes: usize,
) -> Result<StateRows, HubError> {
    let mut found = StateRows::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let rows = state.scan(table, prefix, after.as_deref(), PAGE)?;
        let last = rows.len() < PAGE;
        after = rows.last().map(|(key, _)| key.clone());
        for (part_key, chunk) in rows {
            let key = part_key.get(..key_bytes).ok_or(HubError::DamagedState)?;
            match found.last_mut() {
                Some((same, value)) if same == key => value.extend_from_slice(&chunk),
                _ => found.push((key.to_vec(), chunk)),
            }
        }
        if last {
            return Ok(found);
        }
    }
}

fn part_key(key: &[u8], number: usize) -> Vec<u8> {
    let number = u16::try_from(number).unwrap_or(u16::MAX);
    [key, &number.to_be_bytes()].concat()
}
