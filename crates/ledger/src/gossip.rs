//! Comparing checkpoints that came over different paths.

use serde::{Deserialize, Serialize};

use crate::{
    Checkpoint, Digest, LedgerError, LogKey, Tiles,
    bytes::{hexed, hexed_bytes, hexed_list},
    check_consistency, prove_consistency, root_of,
};

/// How two checkpoints of one log relate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same tree.
    Same,
    /// The larger is proven to contain the smaller.
    Grew {
        /// Entries of the smaller.
        from: u64,
        /// Entries of the larger.
        to: u64,
    },
    /// The sizes differ and there is no proof: fetch the consistency proof of these sizes.
    ProofNeeded {
        /// Entries of the smaller.
        from: u64,
        /// Entries of the larger.
        to: u64,
    },
    /// The proof does not hold. Whoever made it up is not known: fetch the larger tree's tiles and let
    /// [`fork_between`] settle it.
    Inconsistent {
        /// Entries of the smaller.
        from: u64,
        /// Entries of the larger.
        to: u64,
    },
    /// The hub signed two pasts.
    Forked(ForkEvidence),
    /// They are of different logs.
    OtherLog,
}

/// Compares two checkpoints, in any order; `proof` is the consistency proof between their sizes.
#[must_use]
pub fn compare(a: &Checkpoint, b: &Checkpoint, proof: Option<&[Digest]>) -> Comparison {
    if a.origin() != b.origin() {
        return Comparison::OtherLog;
    }
    let (old, new) = if a.size() <= b.size() { (a, b) } else { (b, a) };
    let (from, to) = (old.size(), new.size());
    if from == to {
        return if old.root() == new.root() {
            Comparison::Same
        } else {
            Comparison::Forked(ForkEvidence::of_one_size(old, new))
        };
    }
    let proof = match proof {
        Some(proof) => proof,
        // From the empty tree everything grows, and the proof is empty.
        None if from == 0 => &[],
        None => return Comparison::ProofNeeded { from, to },
    };
    match check_consistency((from, old.root()), (to, new.root()), proof) {
        Ok(()) => Comparison::Grew { from, to },
        Err(_) => Comparison::Inconsistent { from, to },
    }
}

/// Proof, for anybody who has the hub's public key, that the hub signed two pasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForkEvidence {
    #[serde(with = "hexed_bytes")]
    smaller: Vec<u8>,
    #[serde(with = "hexed_bytes")]
    larger: Vec<u8>,
    /// The root that the larger tree has at the smaller one's size.
    #[serde(with = "hexed")]
    prefix_root: Digest,
    /// That it has: from `prefix_root` to the larger root.
    #[serde(with = "hexed_list")]
    proof: Vec<Digest>,
}

impl ForkEvidence {
    fn of_one_size(a: &Checkpoint, b: &Checkpoint) -> Self {
        Self {
            smaller: a.note().to_vec(),
            larger: b.note().to_vec(),
            prefix_root: *b.root(),
            proof: Vec::new(),
        }
    }

    /// The two signed notes, the smaller tree's first.
    #[must_use]
    pub fn notes(&self) -> [&[u8]; 2] {
        [&self.smaller, &self.larger]
    }

    /// Ok when it proves the fork; gives the size at which the two trees differ.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] when it proves nothing.
    pub fn verify(&self, log: &LogKey) -> Result<u64, LedgerError> {
        let nothing = |reason| LedgerError::Malformed {
            what: "evidence of a fork",
            reason,
        };
        let read = |note| {
            Checkpoint::verify(note, log)
                .map_err(|_| nothing("a checkpoint in it is not signed by the hub"))
        };
        let (old, new) = (read(&self.smaller)?, read(&self.larger)?);
        let leads = check_consistency(
            (old.size(), &self.prefix_root),
            (new.size(), new.root()),
            &self.proof,
        );
        if leads.is_err() {
            return Err(nothing("its proof does not lead to the larger tree"));
        }
        if self.prefix_root == *old.root() {
            return Err(nothing("the two checkpoints agree"));
        }
        Ok(old.size())
    }
}

/// Settles a suspicion: with the tiles of the larger tree, either the consistency proof or the
/// evidence.
///
/// # Errors
/// [`LedgerError::Damaged`] or [`LedgerError::Store`] when the tiles do not belong to the larger
/// checkpoint or are missing: then whoever serves them does not let itself be checked.
pub fn fork_between(
    smaller: &Checkpoint,
    larger: &Checkpoint,
    tiles: &impl Tiles,
) -> Result<Option<ForkEvidence>, LedgerError> {
    let prefix_root = root_of(tiles, smaller.size(), Some((larger.size(), larger.root())))?;
    if prefix_root == *smaller.root() {
        return Ok(None);
    }
    let proof = prove_consistency(tiles, smaller.size(), larger.size(), larger.root())?;
    Ok(Some(ForkEvidence {
        smaller: smaller.note().to_vec(),
        larger: larger.note().to_vec(),
        prefix_root,
        proof,
    }))
}
