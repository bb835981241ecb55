//! RFC 6962 / RFC 9162 hashing and proofs, on `tlog_tiles`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use tlog_tiles::{
    EMPTY_HASH, Hash, HashReader, check_record, check_tree, prove_record, prove_tree, record_hash,
    stored_hash_index, stored_hashes_for_record_hash, tree_hash,
};

use crate::{
    LedgerError, TileId, Tiles,
    bytes::hexed_list,
    checked::{CheckedTiles, EdgeTiles, fault},
    limits::{ENTRIES_MAX, PROOF_HASHES_MAX},
    tile::{FULL, HEIGHT},
    width_of,
};

/// A SHA-256 hash of a leaf, a node or a tree.
pub type Digest = [u8; 32];

/// The root of the empty tree: SHA-256 of nothing (RFC 6962 section 2.1).
#[must_use]
pub const fn empty_root() -> Digest {
    EMPTY_HASH.0
}

/// SHA-256(0x00 || leaf).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    record_hash(leaf).0
}

/// That one leaf stands at one index of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionProof {
    /// Where the leaf stands.
    pub index: u64,
    /// The tree's size.
    pub size: u64,
    /// The audit path, lowest first.
    #[serde(with = "hexed_list")]
    pub hashes: Vec<Digest>,
}

/// Checks that `leaf` stands where `proof` says in the tree of `root`.
///
/// # Errors
/// [`LedgerError::OutOfRange`], [`LedgerError::Proof`].
pub fn check_inclusion(
    proof: &InclusionProof,
    root: &Digest,
    leaf: &Digest,
) -> Result<(), LedgerError> {
    in_range(proof.index, proof.size)?;
    let hashes = hashes(&proof.hashes, "inclusion")?;
    check_record(&hashes, proof.size, Hash(*root), proof.index, Hash(*leaf))
        .map_err(|_| LedgerError::Proof("inclusion"))
}

/// Checks that the tree of `to` entries begins with the one of `from` entries.
///
/// # Errors
/// [`LedgerError::OutOfRange`] when it shrank, [`LedgerError::Proof`].
pub fn check_consistency(
    from: (u64, &Digest),
    to: (u64, &Digest),
    proof: &[Digest],
) -> Result<(), LedgerError> {
    let failed = || LedgerError::Proof("consistency");
    let ((from, from_root), (to, to_root)) = (from, to);
    if from > to || to > ENTRIES_MAX {
        return Err(LedgerError::OutOfRange {
            index: from,
            size: to,
        });
    }
    if from == 0 {
        let fits = proof.is_empty() && *from_root == empty_root();
        return if fits { Ok(()) } else { Err(failed()) };
    }
    let proof = hashes(proof, "consistency")?;
    check_tree(&proof, to, Hash(*to_root), from, Hash(*from_root)).map_err(|_| failed())
}

/// The proof that entry `index` is in the tree of `size` and `root`. Reads only what it has checked
/// against the root, so it cannot prove from damaged tiles.
///
/// # Errors
/// [`LedgerError::OutOfRange`], [`LedgerError::Damaged`], [`LedgerError::Store`].
pub fn prove_inclusion(
    tiles: &impl Tiles,
    index: u64,
    size: u64,
    root: &Digest,
) -> Result<InclusionProof, LedgerError> {
    in_range(index, size)?;
    let reader = CheckedTiles::new(tiles, size, root)?;
    let proof = prove_record(size, index, &reader).map_err(fault)?;
    Ok(InclusionProof {
        index,
        size,
        hashes: proof.into_iter().map(|h| h.0).collect(),
    })
}

/// The proof that the tree of `to` and `root` begins with its first `from` entries.
///
/// # Errors
/// As [`prove_inclusion`].
pub fn prove_consistency(
    tiles: &impl Tiles,
    from: u64,
    to: u64,
    root: &Digest,
) -> Result<Vec<Digest>, LedgerError> {
    if from > to || to > ENTRIES_MAX {
        return Err(LedgerError::OutOfRange {
            index: from,
            size: to,
        });
    }
    if from == 0 || from == to {
        return Ok(Vec::new());
    }
    let reader = CheckedTiles::new(tiles, to, root)?;
    let proof = prove_tree(to, from, &reader).map_err(fault)?;
    Ok(proof.into_iter().map(|h| h.0).collect())
}

/// The root of the first `size` entries as the tiles have it. With `within` (size and root of a
/// larger tree) only hashes proven to be in that tree are used.
///
/// # Errors
/// [`LedgerError::Damaged`], [`LedgerError::Store`].
pub fn root_of(
    tiles: &impl Tiles,
    size: u64,
    within: Option<(u64, &Digest)>,
) -> Result<Digest, LedgerError> {
    let whole = within.map_or(size, |(whole, _)| whole);
    if size > whole || whole > ENTRIES_MAX {
        return Err(LedgerError::OutOfRange {
            index: size,
            size: whole,
        });
    }
    if size == 0 {
        return Ok(empty_root());
    }
    let Some((whole, root)) = within else {
        let root = EdgeTiles::read(tiles, size)?.root();
        return root
            .map(|h| h.0)
            .ok_or(LedgerError::Damaged("its tiles make no root"));
    };
    let reader = CheckedTiles::new(tiles, whole, root)?;
    tree_hash(size, &reader).map(|h| h.0).map_err(fault)
}

/// Proven leaves and block roots of one tree, for finding where another differs.
pub(crate) struct ProvenTree<'a, T> {
    reader: CheckedTiles<'a, T>,
    size: u64,
}

impl<'a, T: Tiles> ProvenTree<'a, T> {
    /// # Errors
    /// [`LedgerError::Damaged`] when the right edge does not lead to the root.
    pub(crate) fn new(tiles: &'a T, size: u64, root: &Digest) -> Result<Self, LedgerError> {
        let reader = CheckedTiles::new(tiles, size, root)?;
        Ok(Self { reader, size })
    }

    /// Leaf hashes of level-0 tile `index`.
    pub(crate) fn leaves(&self, index: u64) -> Result<Vec<Digest>, LedgerError> {
        let width = width_of(TileId { level: 0, index }, self.size);
        let start = index * u64::from(FULL);
        let wanted = start..start + u64::from(width);
        self.read(wanted.map(|n| stored_hash_index(0, n)).collect())
    }

    /// The root of the full block of 256 entries number `block`.
    pub(crate) fn block(&self, block: u64) -> Result<Digest, LedgerError> {
        in_range(block, self.size >> HEIGHT)?;
        let roots = self.read(vec![stored_hash_index(HEIGHT, block)])?;
        let root = roots.first().copied();
        root.ok_or(LedgerError::Damaged("a hash is missing"))
    }

    fn read(&self, indexes: Vec<u64>) -> Result<Vec<Digest>, LedgerError> {
        let hashes = self.reader.read_hashes(&indexes).map_err(fault)?;
        Ok(hashes.into_iter().map(|h| h.0).collect())
    }
}

/// Tiles of a tree that grew, new or wider, and its new root.
pub(crate) type Grown = (Vec<(TileId, Vec<u8>)>, Digest);

/// Adds `leaves` to the tree of `size` and `root`.
pub(crate) fn grow(
    tiles: &impl Tiles,
    size: u64,
    root: &Digest,
    leaves: &[Digest],
) -> Result<Grown, LedgerError> {
    let to = size + leaves.len() as u64;
    let mut known = edge(tiles, size, root)?;
    for (n, leaf) in (size..).zip(leaves) {
        let new = stored_hashes_for_record_hash(n, Hash(*leaf), &known).map_err(fault)?;
        known.0.extend((stored_hash_index(0, n)..).zip(new));
    }
    let new_root = if to == 0 {
        EMPTY_HASH
    } else {
        tree_hash(to, &known).map_err(fault)?
    };
    let mut changed = Vec::new();
    for level in 0..=ENTRIES_MAX.ilog2() as u8 / HEIGHT {
        let (old, new) = (size >> (level * HEIGHT), to >> (level * HEIGHT));
        if old == new {
            break;
        }
        for index in old / u64::from(FULL)..new.div_ceil(u64::from(FULL)) {
            let id = TileId { level, index };
            changed.push((id, widened(tiles, id, (size, to), &known)?));
        }
    }
    Ok((changed, new_root.0))
}

/// The roots of the full subtrees that make up the tree: all that growing needs of it.
fn edge(tiles: &impl Tiles, size: u64, root: &Digest) -> Result<Known, LedgerError> {
    if size == 0 {
        return Ok(Known(HashMap::new()));
    }
    let edge = EdgeTiles::read(tiles, size)?;
    let peaks = edge
        .peaks()
        .filter(|_| edge.root() == Some(Hash(*root)))
        .ok_or(LedgerError::Damaged("its tiles do not lead to the root"))?;
    Ok(Known(peaks.into_iter().collect()))
}

/// Tile `id` as the grown tree has it: what it had, then the new hashes of its level.
fn widened(
    tiles: &impl Tiles,
    id: TileId,
    (from, to): (u64, u64),
    known: &Known,
) -> Result<Vec<u8>, LedgerError> {
    let (had, has) = (width_of(id, from), width_of(id, to));
    let mut bytes = match had {
        0 => Vec::with_capacity(32 * usize::from(has)),
        _ => tiles.tile(id, had)?,
    };
    let first = id.index * u64::from(FULL);
    for n in first + u64::from(had)..first + u64::from(has) {
        let hash = known.0.get(&stored_hash_index(id.level * HEIGHT, n));
        bytes.extend_from_slice(&hash.ok_or(LedgerError::Damaged("a hash is missing"))?.0);
    }
    Ok(bytes)
}

/// Hashes that are known already, by their stored index.
struct Known(HashMap<u64, Hash>);

impl HashReader for Known {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let found = indexes.iter().map(|i| self.0.get(i).copied());
        found
            .collect::<Option<_>>()
            .ok_or(tlog_tiles::Error::IndexesNotInTree)
    }
}

fn hashes(list: &[Digest], what: &'static str) -> Result<Vec<Hash>, LedgerError> {
    if list.len() > PROOF_HASHES_MAX {
        return Err(LedgerError::Proof(what));
    }
    Ok(list.iter().map(|h| Hash(*h)).collect())
}

const fn in_range(index: u64, size: u64) -> Result<(), LedgerError> {
    if index < size && size <= ENTRIES_MAX {
        Ok(())
    } else {
        Err(LedgerError::OutOfRange { index, size })
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
