//! Reading hashes of a tree that are proven to belong to its root.
//!
//! `tlog_tiles::TileHashReader` is meant for this, but in 0.2.0 it counts the right edge by subtrees
//! and not by tiles: when two subtrees lie in one tile it leaves some full tiles unchecked (first seen
//! at 261 entries, by the property test of `tree`). So the check is done here, its arithmetic there.

use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
};

use tlog_tiles::{Error, Hash, HashReader, Tile, node_hash, stored_hash_index, sub_tree_index};

use crate::{
    Digest, LedgerError, PortError, TileId, Tiles,
    tile::{FULL, HEIGHT},
    width_of,
};

/// The tiles of the tree of one size and root; gives no hash that was not checked against the root.
pub(crate) struct CheckedTiles<'a, T> {
    tiles: &'a T,
    size: u64,
    /// Tiles already proven, at their width in this tree.
    proven: RefCell<HashMap<TileId, Vec<u8>>>,
}

impl<'a, T: Tiles> CheckedTiles<'a, T> {
    /// Reads the tree's right edge and checks that it leads to the root.
    pub(crate) fn new(tiles: &'a T, size: u64, root: &Digest) -> Result<Self, LedgerError> {
        let edge = EdgeTiles::read(tiles, size)?;
        if edge.root() != Some(Hash(*root)) {
            return Err(LedgerError::Damaged("its tiles do not lead to the root"));
        }
        Ok(Self {
            tiles,
            size,
            proven: RefCell::new(edge.tiles),
        })
    }

    /// A tile, proven by the tile above it, and that by the one above it.
    fn prove(&self, id: TileId) -> Result<Vec<u8>, Error> {
        if let Some(bytes) = self.proven.borrow().get(&id) {
            return Ok(bytes.clone());
        }
        // Every partial tile lies on the edge, so this one is full and has a parent.
        let parent = TileId {
            level: id.level + 1,
            index: id.index / u64::from(FULL),
        };
        let place = usize::try_from(id.index % u64::from(FULL)).map_err(|_| Error::BadMath)?;
        if width_of(parent, self.size) == 0 {
            return Err(Error::IndexesNotInTree);
        }
        let above = self.prove(parent)?;
        let bytes = read(self.tiles, id, self.size)?;
        let expected = above.get(32 * place..32 * (place + 1));
        if expected != Some(&Tile::subtree_hash(&bytes).0) {
            return Err(Error::InconsistentTile);
        }
        self.proven.borrow_mut().insert(id, bytes.clone());
        Ok(bytes)
    }
}

impl<T: Tiles> HashReader for CheckedTiles<'_, T> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let one = |index: &u64| {
            let (tile, id) = tile_of(*index, self.size)?;
            tile.hash_at_index(&self.prove(id)?, *index)
        };
        indexes.iter().map(one).collect()
    }
}

/// The partial tiles at the right edge: together they make the root.
pub(crate) struct EdgeTiles {
    size: u64,
    tiles: HashMap<TileId, Vec<u8>>,
}

impl EdgeTiles {
    /// Reads them; nothing is checked.
    pub(crate) fn read(tiles: &impl Tiles, size: u64) -> Result<Self, LedgerError> {
        let mut edge = HashMap::new();
        for index in sub_tree_index(0, size, Vec::new()) {
            let (_, id) = tile_of(index, size).map_err(fault)?;
            if let Entry::Vacant(place) = edge.entry(id) {
                place.insert(read(tiles, id, size).map_err(fault)?);
            }
        }
        Ok(Self { size, tiles: edge })
    }

    /// The full subtrees of the edge, largest first, by stored index.
    pub(crate) fn peaks(&self) -> Option<Vec<(u64, Hash)>> {
        let indexes = sub_tree_index(0, self.size, Vec::new());
        let hash = |index: u64| {
            let (tile, id) = tile_of(index, self.size).ok()?;
            let hash = tile.hash_at_index(self.tiles.get(&id)?, index).ok()?;
            Some((index, hash))
        };
        indexes.into_iter().map(hash).collect()
    }

    /// The root they make; none for the empty tree.
    pub(crate) fn root(&self) -> Option<Hash> {
        let peaks = self.peaks()?;
        let mut from_right = peaks.into_iter().rev().map(|(_, hash)| hash);
        let last = from_right.next()?;
        Some(from_right.fold(last, |right, left| node_hash(left, right)))
    }
}

/// The tile that holds a stored hash, as wide as it is in a tree of `size`.
fn tile_of(index: u64, size: u64) -> Result<(Tile, TileId), Error> {
    if index >= stored_hash_index(0, size) {
        return Err(Error::IndexesNotInTree);
    }
    let tile = Tile::from_index(HEIGHT, index)
        .parent(0, size)
        .ok_or(Error::IndexesNotInTree)?;
    let id = TileId {
        level: tile.level(),
        index: tile.level_index(),
    };
    Ok((tile, id))
}

fn read(tiles: &impl Tiles, id: TileId, size: u64) -> Result<Vec<u8>, Error> {
    let width = width_of(id, size);
    let bytes = tiles
        .tile(id, width)
        .map_err(|PortError(reason)| Error::InvalidInput(reason))?;
    if width > 0 && bytes.len() == 32 * usize::from(width) {
        Ok(bytes)
    } else {
        Err(Error::InvalidTile)
    }
}

/// What went wrong below `tlog_tiles`, in our words.
pub(crate) fn fault(error: Error) -> LedgerError {
    match error {
        // Only `read` makes these here: sizes and indexes are checked before.
        Error::InvalidInput(reason) => LedgerError::Store(PortError(reason)),
        _ => LedgerError::Damaged("its tiles do not lead to the root"),
    }
}
