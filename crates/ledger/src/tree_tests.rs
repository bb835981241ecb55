//! Roots and proofs against published vectors and against RFC 6962's definitions written out.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::{EntryId, Growth, MemoryStore, TileStore};

/// Leaves, roots and proofs of the Certificate Transparency project's Merkle tree tests.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn roots_and_proofs_are_those_of_the_published_vectors() {
    let leaves: Vec<Vec<u8>> = LEAVES.iter().map(|l| hex::decode(l).unwrap()).collect();
    let mut log = Raw::new();
    assert_eq!(log.root, empty_root());
    for (leaf, root) in leaves.iter().zip(ROOTS) {
        log.grow(std::slice::from_ref(leaf));
        assert_eq!(hex::encode(log.root), root);
    }
    let inclusion = prove_inclusion(&log.store, 0, 8, &log.root).unwrap();
    assert_eq!(
        inclusion.hashes.iter().map(hex::encode).collect::<Vec<_>>(),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    let consistency = prove_consistency(&log.store, 6, 8, &log.root).unwrap();
    assert_eq!(
        consistency.iter().map(hex::encode).collect::<Vec<_>>(),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn borders_of_tiles_hold() {
    // One below, on and above each border of a tile and of the level above.
    let sizes = [
        1u64, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537,
    ];
    let mut log = Raw::new();
    for size in sizes {
        let more = usize::try_from(size - log.leaves.len() as u64).unwrap();
        let from = log.leaves.len();
        log.grow(&numbered(from, more));
        assert_eq!(log.root, mth(&log.hashes()), "root of {size}");
        for index in [0, size / 2, size - 1] {
            log.check_inclusion(index, size);
        }
        for from in [1, 255, 257, 512, size]
            .into_iter()
            .filter(|from| *from <= size)
        {
            log.check_consistency(from, size);
        }
    }
}

#[test]
fn a_full_tile_beside_an_edge_of_two_subtrees_is_checked() {
    // What tlog_tiles 0.2.0's own reader lets through: 261 = 256 + 4 + 1 entries.
    let mut log = Raw::new();
    log.grow(&numbered(0, 261));
    log.check_that_a_flipped_bit_is_noticed((132, 231), 261);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_logs_agree_with_the_definitions(
        batches in prop::collection::vec(0usize..700, 1..12),
        picks in prop::collection::vec((any::<u64>(), any::<u64>()), 6),
        flip in any::<(u16, u8)>(),
    ) {
        let mut log = Raw::new();
        for batch in batches {
            let from = log.leaves.len();
            log.grow(&numbered(from, batch.min(5000 - from.min(5000))));
        }
        let whole = log.leaves.len() as u64;
        prop_assert_eq!(log.root, mth(&log.hashes()));
        prop_assume!(whole > 0);
        for (a, b) in picks {
            let size = 1 + a % whole;
            log.check_inclusion(b % size, size);
            log.check_consistency(b % (size + 1), size);
        }
        log.check_that_a_flipped_bit_is_noticed(flip, whole);
    }
}

/// A log of raw leaves, grown as the ledger grows it.
struct Raw {
    store: MemoryStore,
    leaves: Vec<Vec<u8>>,
    root: Digest,
}

impl Raw {
    fn new() -> Self {
        Self {
            store: MemoryStore::default(),
            leaves: Vec::new(),
            root: empty_root(),
        }
    }

    fn grow(&mut self, leaves: &[Vec<u8>]) {
        let from = self.leaves.len() as u64;
        let hashes: Vec<Digest> = leaves.iter().map(|l| leaf_hash(l)).collect();
        let (tiles, root) = grow(&self.store, from, &self.root, &hashes).unwrap();
        let named = leaves.iter().map(|l| (EntryId([0; 16]), l.clone()));
        self.store
            .commit(&Growth {
                from,
                to: from + leaves.len() as u64,
                leaves: named.collect(),
                tiles,
            })
            .unwrap();
        self.leaves.extend_from_slice(leaves);
        self.root = root;
        if !self.leaves.is_empty() {
            let size = self.leaves.len() as u64;
            assert_eq!(root_of(&self.store, size, None).unwrap(), root);
        }
    }

    fn hashes(&self) -> Vec<Digest> {
        self.leaves.iter().map(|l| sha(&[&[0], l])).collect()
    }

    fn root_at(&self, size: u64) -> Digest {
        let whole = self.leaves.len() as u64;
        let root = root_of(&self.store, size, Some((whole, &self.root))).unwrap();
        let n = usize::try_from(size).unwrap();
        assert_eq!(root, mth(&self.hashes()[..n]));
        root
    }

    fn check_inclusion(&self, index: u64, size: u64) {
        let root = self.root_at(size);
        let proof = prove_inclusion(&self.store, index, size, &root).unwrap();
        let (m, n) = (
            usize::try_from(index).unwrap(),
            usize::try_from(size).unwrap(),
        );
        assert_eq!(proof.hashes, path(m, &self.hashes()[..n]));
        let leaf = self.hashes()[m];
        check_inclusion(&proof, &root, &leaf).unwrap();
        assert!(check_inclusion(&proof, &root, &[1; 32]).is_err());
        if size > 1 {
            let mut moved = proof.clone();
            moved.index = (index + 1) % size;
            assert!(check_inclusion(&moved, &root, &leaf).is_err());
        }
    }

    fn check_consistency(&self, from: u64, to: u64) {
        let (old, new) = (self.root_at(from), self.root_at(to));
        let proof = prove_consistency(&self.store, from, to, &new).unwrap();
        let (m, n) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
        if m > 0 {
            assert_eq!(proof, subproof(m, &self.hashes()[..n], true));
        }
        check_consistency((from, &old), (to, &new), &proof).unwrap();
        assert!(check_consistency((from, &[1; 32]), (to, &new), &proof).is_err());
        assert_eq!(
            check_consistency((from, &old), (to, &[1; 32]), &proof).is_ok(),
            // The empty tree is the beginning of every tree.
            from == 0
        );
    }

    fn check_that_a_flipped_bit_is_noticed(&self, (place, bit): (u16, u8), size: u64) {
        let index = u64::from(place) % size;
        let mut damaged = self.store.clone();
        let id = TileId {
            level: 0,
            index: index / 256,
        };
        let byte = 32 * usize::try_from(index % 256).unwrap() + usize::from(bit >> 3);
        damaged.tiles.get_mut(&id).unwrap()[byte] ^= 1 << (bit & 7);
        assert!(prove_inclusion(&damaged, index, size, &self.root).is_err());
    }
}

fn numbered(from: usize, count: usize) -> Vec<Vec<u8>> {
    (from..from + count)
        .map(|n| format!("entry {n}").into_bytes())
        .collect()
}

fn sha(parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// MTH of RFC 6962 section 2.1, over leaf hashes.
fn mth(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => sha(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            sha(&[&[1], &mth(left), &mth(right)])
        }
    }
}

/// PATH of RFC 6962 section 2.1.1.
fn path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if m < k {
        (path(m, left), mth(right))
    } else {
        (path(m - k, right), mth(left))
    };
    path.push(other);
    path
}

/// SUBPROOF of RFC 6962 section 2.1.2.
fn subproof(m: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if m <= k {
        (subproof(m, left, whole), mth(right))
    } else {
        (subproof(m - k, right, false), mth(left))
    };
    proof.push(other);
    proof
}

/// The largest power of two smaller than `n`.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}
