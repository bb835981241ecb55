use std::collections::BTreeMap;

use sanctuary_figures::OwnCounts;
use sanctuary_types::PartyId;

use crate::{
    HubError,
    chunks::{put_chunks, read_chunks, remove_chunks},
    ports::{StateStore, StateTable},
};

/// The chain of editions.
pub(super) const CHAIN: u8 = 1;
/// The preview that waits for signatures.
pub(super) const PREVIEW: u8 = 2;
/// The window that counts are wanted for.
pub(super) const WANTED: u8 = 3;
/// An agency's id with zeros up to the longest.
const AGENCY_BYTES: usize = 32;

pub(super) fn read_value<S: StateStore>(state: &S, kind: u8) -> Result<Option<Vec<u8>>, HubError> {
    let found = read_chunks(state, StateTable::Figures, &[kind], 1)?;
    Ok(found.into_iter().next().map(|(_, value)| value))
}

pub(super) fn write_value<S: StateStore>(
    state: &S,
    kind: u8,
    value: &[u8],
) -> Result<(), HubError> {
    replace(state, StateTable::Figures, &[kind], value)
}

pub(super) fn read_counts<S: StateStore>(
    state: &S,
) -> Result<BTreeMap<PartyId, OwnCounts>, HubError> {
    let mut all = BTreeMap::new();
    for (key, value) in read_chunks(state, StateTable::Counts, &[], AGENCY_BYTES)? {
        let name = std::str::from_utf8(&key).map_err(|_| HubError::DamagedState)?;
        let agency = name
            .trim_end_matches('\0')
            .parse()
            .map_err(|_| HubError::DamagedState)?;
        let counts = OwnCounts::from_json(&value).ok_or(HubError::DamagedState)?;
        all.insert(agency, counts);
    }
    Ok(all)
}

pub(super) fn write_counts<S: StateStore>(
    state: &S,
    agency: &PartyId,
    counts: &[u8],
) -> Result<(), HubError> {
    let mut key = [0; AGENCY_BYTES];
    for (to, from) in key.iter_mut().zip(agency.as_bytes()) {
        *to = *from;
    }
    replace(state, StateTable::Counts, &key, counts)
}

/// Writes a value and takes out the parts of a longer one before it.
fn replace<S: StateStore>(
    state: &S,
    table: StateTable,
    key: &[u8],
    value: &[u8],
) -> Result<(), HubError> {
    let before = read_chunks(state, table, key, key.len())?;
    let mut changes = Vec::new();
    if let Some((_, old)) = before.first() {
        remove_chunks(table, key, old.len(), &mut changes);
    }
    let mut parts = Vec::new();
    put_chunks(table, key, value, &mut parts);
    // One change for each key: what is written again is not removed first.
    changes.retain(|removed| parts.iter().all(|part| part.key != removed.key));
    changes.extend(parts);
    Ok(state.apply(&changes)?)
}
