use std::collections::{BTreeMap, HashSet};

use sanctuary_types::Timestamp;

use super::{Bodies, Fault, Finding, Known};
use crate::{
    Checkpoint, Digest, EntryKind, Leaf, TileId, Tiles, bundle_entries, leaf_hash,
    limits::CLOCK_SKEW_MS, tile::FULL, width_of,
};

/// What reading every entry gave.
#[derive(Default)]
pub(super) struct Entries {
    /// Leaf hashes in order; fewer than the checkpoint's size when entries are missing.
    pub(super) hashes: Vec<Digest>,
    /// The first entry that is wrong in itself.
    pub(super) fault: Option<Finding>,
    pub(super) by_kind: BTreeMap<EntryKind, u64>,
    pub(super) actors_checked: u64,
    pub(super) actors_unknown: u64,
}

/// Reads the entries that the checkpoint covers, as far as they are there.
pub(super) fn read(log: &impl Tiles, checkpoint: &Checkpoint, known: &Known<'_>) -> Entries {
    let mut reading = Reading {
        entries: Entries::default(),
        ids: HashSet::new(),
        last: Timestamp(0),
        checkpoint,
        known,
    };
    let size = checkpoint.size();
    if let Bodies::Only(bodies) = known.bodies {
        reading.entries.hashes = tile_hashes(log, size);
        for (index, bytes) in bodies.range(..size) {
            reading.take_one(*index, bytes);
        }
        return reading.entries;
    }
    for index in 0..size.div_ceil(u64::from(FULL)) {
        let width = width_of(TileId { level: 0, index }, size);
        let leaves = bundle(log, index, width);
        for leaf in &leaves {
            reading.take(leaf);
        }
        if leaves.len() < usize::from(width) {
            break;
        }
    }
    reading.entries
}

/// The leaf hashes as the tiles have them, as far as they are there.
fn tile_hashes(log: &impl Tiles, size: u64) -> Vec<Digest> {
    let mut hashes = Vec::new();
    for index in 0..size.div_ceil(u64::from(FULL)) {
        let id = TileId { level: 0, index };
        let Ok(tile) = log.tile(id, width_of(id, size)) else {
            break;
        };
        hashes.extend(tile.as_chunks::<32>().0);
    }
    hashes
}

/// As many of a bundle's entries as can be read.
fn bundle(log: &impl Tiles, index: u64, width: u16) -> Vec<Vec<u8>> {
    // A truncated store has a narrower bundle: find the widest that it still gives.
    let (mut have, mut lack) = (0, width + 1);
    let mut best = Vec::new();
    let mut attempt = width;
    while have + 1 < lack {
        let read = log.bundle(index, attempt).ok();
        let leaves = read
            .as_deref()
            .and_then(|bytes| bundle_entries(bytes, attempt).ok());
        match leaves {
            Some(leaves) => {
                best = leaves.into_iter().map(<[u8]>::to_vec).collect();
                have = attempt;
            }
            None => lack = attempt,
        }
        attempt = have.midpoint(lack).max(have + 1);
    }
    best
}

struct Reading<'a> {
    entries: Entries,
    ids: HashSet<crate::EntryId>,
    last: Timestamp,
    checkpoint: &'a Checkpoint,
    known: &'a Known<'a>,
}

impl Reading<'_> {
    fn take(&mut self, bytes: &[u8]) {
        let index = self.entries.hashes.len() as u64;
        self.entries.hashes.push(leaf_hash(bytes));
        let fault = match Leaf::from_bytes(bytes) {
            Ok(leaf) => self.check(&leaf),
            Err(_) => Some(Fault::NotAnEntry),
        };
        if let Some(fault) = fault {
            self.entries.fault.get_or_insert(Finding::at(fault, index));
        }
    }

    /// An entry whose hash the tiles gave.
    fn take_one(&mut self, index: u64, bytes: &[u8]) {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        let fault = match (Leaf::from_bytes(bytes), self.entries.hashes.get(place)) {
            (_, Some(hash)) if *hash != leaf_hash(bytes) => Some(Fault::Changed),
            (_, None) => Some(Fault::Truncated),
            (Err(_), _) => Some(Fault::NotAnEntry),
            (Ok(leaf), _) => self.check(&leaf),
        };
        if let Some(fault) = fault {
            self.entries.fault.get_or_insert(Finding::at(fault, index));
        }
    }

    fn check(&mut self, leaf: &Leaf) -> Option<Fault> {
        let entry = leaf.entry();
        *self.entries.by_kind.entry(entry.kind()).or_default() += 1;
        let previous = self.last;
        self.last = previous.max(leaf.received);
        let keys = (self.known.actors)(entry.actor());
        if keys.is_empty() {
            self.entries.actors_unknown += 1;
        } else if keys.iter().any(|key| leaf.signed.verify(key).is_ok()) {
            self.entries.actors_checked += 1;
        } else {
            return Some(Fault::WrongActor(entry.actor().clone()));
        }
        if !self.ids.insert(entry.id()) {
            return Some(Fault::IdRepeated);
        }
        if leaf.received < previous {
            return Some(Fault::ClockBack);
        }
        let ahead = entry.time().0 > leaf.received.0.saturating_add(CLOCK_SKEW_MS);
        // Checkpoints tell whole seconds.
        let after = leaf.received.0 / 1000 > self.checkpoint.time().0 / 1000;
        (ahead || after).then_some(Fault::ClockFrozen)
    }
}
