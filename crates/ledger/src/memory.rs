use std::collections::{BTreeMap, HashMap};

use crate::{EntryId, Growth, PortError, TileId, TileStore, Tiles, encode_bundle, tile::FULL};

/// The port in memory: for tests, and for what a client or auditor has fetched.
///
/// Its fields are public so that an auditor can fill it from a download, and a test can tamper.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    /// The leaves in order.
    pub leaves: Vec<Vec<u8>>,
    /// Hashes of each tile, 32 bytes each.
    pub tiles: BTreeMap<TileId, Vec<u8>>,
    /// Where each id stands.
    pub ids: HashMap<EntryId, u64>,
    /// Notes by size and time in seconds.
    pub checkpoints: BTreeMap<(u64, u64), Vec<u8>>,
}

impl Tiles for MemoryStore {
    fn tile(&self, id: TileId, width: u16) -> Result<Vec<u8>, PortError> {
        let hashes = self.tiles.get(&id);
        hashes
            .and_then(|h| h.get(..32 * usize::from(width)))
            .map(<[u8]>::to_vec)
            .ok_or_else(|| PortError(format!("tile {}/{} is missing", id.level, id.index)))
    }

    fn bundle(&self, index: u64, width: u16) -> Result<Vec<u8>, PortError> {
        let start = usize::try_from(index * u64::from(FULL)).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::from(width));
        let leaves = self
            .leaves
            .get(start..end)
            .ok_or_else(|| PortError(format!("entries from {start} on are missing")))?;
        Ok(encode_bundle(leaves.iter().map(Vec::as_slice)))
    }
}

impl TileStore for MemoryStore {
    fn size(&self) -> Result<u64, PortError> {
        Ok(self.leaves.len() as u64)
    }

    fn index_of(&self, id: &EntryId) -> Result<Option<u64>, PortError> {
        Ok(self.ids.get(id).copied())
    }

    fn commit(&mut self, growth: &Growth) -> Result<(), PortError> {
        if growth.from != self.leaves.len() as u64 {
            return Err(PortError("the log has grown meanwhile".to_owned()));
        }
        for (index, (id, leaf)) in (growth.from..).zip(&growth.leaves) {
            self.ids.insert(*id, index);
            self.leaves.push(leaf.clone());
        }
        self.tiles.extend(growth.tiles.iter().cloned());
        Ok(())
    }

    fn keep_checkpoint(&mut self, size: u64, time_s: u64, note: &[u8]) -> Result<(), PortError> {
        self.checkpoints.insert((size, time_s), note.to_vec());
        Ok(())
    }

    fn latest_checkpoint(&self) -> Result<Option<Vec<u8>>, PortError> {
        Ok(self
            .checkpoints
            .last_key_value()
            .map(|(_, note)| note.clone()))
    }

    fn checkpoints(&self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, PortError> {
        let range = self.checkpoints.range((from, 0)..);
        Ok(range.take(limit).map(|(_, note)| note.clone()).collect())
    }
}
