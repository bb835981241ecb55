//! Parcels and cases as they are stored.

use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::PARCEL_ID_BYTES;
use crate::{
    HubError,
    ports::{Change, StateStore, StateTable},
};

/// A parcel without its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ParcelRow {
    pub(super) id: [u8; PARCEL_ID_BYTES],
    pub(super) from: PartyId,
    pub(super) to: PartyId,
    /// Of the body: a retry has the same.
    pub(super) sha256: [u8; 32],
    pub(super) bytes: usize,
    pub(super) received: Timestamp,
    /// Undelivered, it is given up after this; delivered, its id is forgotten.
    pub(super) keep_until: Timestamp,
    /// The recipient has it; the body is gone.
    pub(super) delivered: bool,
}

/// A case between two agencies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CaseRow {
    pub(super) asker: PartyId,
    pub(super) owner: PartyId,
    pub(super) match_id: AlertId,
    pub(super) begun: Timestamp,
    /// Parcels of it are carried until then.
    pub(super) keep_until: Timestamp,
    /// 1 open, 2 answered, 3 closed.
    pub(super) stage: u8,
    pub(super) urgency: u8,
    pub(super) answer_due: Timestamp,
}

impl CaseRow {
    pub(super) fn is_between(&self, a: &PartyId, b: &PartyId) -> bool {
        (self.asker == *a && self.owner == *b) || (self.asker == *b && self.owner == *a)
    }

    pub(super) fn concerns(&self, party: &PartyId) -> bool {
        self.asker == *party || self.owner == *party
    }

    pub(super) fn put(&self, case: CaseId) -> Result<Change, HubError> {
        put(StateTable::Cases, case.0.to_vec(), self)
    }
}

impl ParcelRow {
    pub(super) fn put(&self, sequence: u64) -> Result<Change, HubError> {
        put(StateTable::Parcels, sequence.to_be_bytes().to_vec(), self)
    }
}

pub(super) fn put<T: Serialize>(
    table: StateTable,
    key: Vec<u8>,
    row: &T,
) -> Result<Change, HubError> {
    let value = serde_json::to_vec(row).map_err(|_| HubError::DamagedState)?;
    Ok(Change {
        table,
        key,
        value: Some(value),
    })
}

pub(super) const fn remove(table: StateTable, key: Vec<u8>) -> Change {
    Change {
        table,
        key,
        value: None,
    }
}

/// Every row of a table.
pub(super) fn read_all<S: StateStore, T: DeserializeOwned>(
    state: &S,
    table: StateTable,
) -> Result<Vec<(Vec<u8>, T)>, HubError> {
    const PAGE: usize = 1024;
    let mut all = Vec::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let rows = state.scan(table, &[], after.as_deref(), PAGE)?;
        let last = rows.len() < PAGE;
        after = rows.last().map(|(key, _)| key.clone());
        for (key, value) in rows {
            let row = serde_json::from_slice(&value).map_err(|_| HubError::DamagedState)?;
            all.push((key, row));
        }
        if last {
            return Ok(all);
        }
    }
}
