//! A comparison as it is stored.

use sanctuary_types::{CardId, ComparedLevels, Handle, PartyId, Pseudonym, Timestamp};
use serde::{Deserialize, Serialize};

use super::{EXPIRES_AFTER_MS, HANDLES_MAX, SEALED_BYTES_MAX};
use crate::{
    HubError,
    ports::{Change, StateStore, StateTable},
};

/// Bytes of a message in one row of the state.
const CHUNK_BYTES: usize = 7 * 1024;
const CHUNKS_MAX: usize = SEALED_BYTES_MAX.div_ceil(CHUNK_BYTES);
/// Refusals that a node may state; anything else counts as damaged.
const CODES: [&str; 6] = [
    "switched_off",
    "limit",
    "unknown_record",
    "changed",
    "not_shared",
    "damaged",
];

/// One comparison of two record versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) id: [u8; 16],
    /// In the order of (pseudonym, agency).
    pub(crate) ends: [End; 2],
    /// Which end begins.
    pub(crate) opener: u8,
    pub(crate) stage: Stage,
    pub(crate) created: Timestamp,
}

/// One record of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) agency: PartyId,
    pub(crate) pseudonym: Pseudonym,
    /// The version of the record.
    pub(crate) card: CardId,
    /// Emptied when the comparison is over.
    pub(crate) handles: Vec<Handle>,
}

/// Where a comparison stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// The opener's turn.
    Open,
    /// The answerer's turn.
    Answer,
    /// The opener's turn again.
    Finish,
    Done(ComparedLevels),
    /// Kept for the rest of its day, so that it is not begun again at once.
    Refused(String),
}

impl Comparison {
    pub(crate) fn new(id: [u8; 16], mut ends: [End; 2], now: Timestamp) -> Self {
        ends.iter_mut()
            .for_each(|end| end.handles.truncate(HANDLES_MAX));
        Self {
            id,
            ends,
            // Not always the same side: the opener alone learns the levels before the hub does.
            opener: id[0] & 1,
            stage: Stage::Open,
            created: now,
        }
    }

    pub(crate) const fn expires(&self) -> Timestamp {
        Timestamp(self.created.0.saturating_add(EXPIRES_AFTER_MS))
    }

    /// The end whose turn it is, and the number of the stage.
    pub(crate) fn turn(&self) -> Option<(&End, &End, u32)> {
        let opener = usize::from(self.opener & 1);
        let (side, stage) = match self.stage {
            Stage::Open => (opener, 1),
            Stage::Answer => (1 - opener, 2),
            Stage::Finish => (opener, 3),
            Stage::Done(_) | Stage::Refused(_) => return None,
        };
        Some((&self.ends[side], &self.ends[1 - side], stage))
    }

    /// It is over: what only a running one needs goes.
    pub(crate) fn end(&mut self, stage: Stage) {
        self.stage = stage;
        for end in &mut self.ends {
            end.handles.clear();
        }
    }

    pub(crate) fn cards(&self) -> [CardId; 2] {
        [self.ends[0].card, self.ends[1].card]
    }

    pub(crate) fn put(&self, changes: &mut Vec<Change>) -> Result<(), HubError> {
        changes.push(Change {
            table: StateTable::Comparisons,
            key: self.id.to_vec(),
            value: Some(serde_json::to_vec(self).map_err(|_| HubError::DamagedState)?),
        });
        Ok(())
    }
}

/// The code of a refusal as it is counted.
pub(crate) fn refusal(code: &str) -> String {
    let known = CODES.iter().find(|known| **known == code);
    (*known.unwrap_or(&"damaged")).to_owned()
}

/// Puts a message in place of the one before.
pub(crate) fn put_message(id: &[u8; 16], message: &[u8], changes: &mut Vec<Change>) {
    let mut chunks = message.chunks(CHUNK_BYTES);
    for number in 0..CHUNKS_MAX {
        changes.push(Change {
            table: StateTable::Messages,
            key: [id.as_slice(), &[number as u8]].concat(),
            value: chunks.next().map(<[u8]>::to_vec),
        });
    }
}

/// The message that waits; empty when there is none.
pub(crate) fn message<S: StateStore>(state: &S, id: &[u8; 16]) -> Result<Vec<u8>, HubError> {
    let rows = state.scan(StateTable::Messages, id, None, CHUNKS_MAX)?;
    Ok(rows.into_iter().flat_map(|(_, chunk)| chunk).collect())
}

/// Every stored comparison.
pub(crate) fn read_all<S: StateStore>(state: &S) -> Result<Vec<Comparison>, HubError> {
    const PAGE: usize = 1024;
    let mut all = Vec::new();
    let mut from: Option<Vec<u8>> = None;
    loop {
        let rows = state.scan(StateTable::Comparisons, &[], from.as_deref(), PAGE)?;
        for (_, value) in &rows {
            all.push(serde_json::from_slice(value).map_err(|_| HubError::DamagedState)?);
        }
        match rows.last() {
            Some((key, _)) if rows.len() == PAGE => from = Some(key.clone()),
            _ => return Ok(all),
        }
    }
}
