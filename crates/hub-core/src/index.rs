//! The compact index: from a stored tag to the ordinals of its postings. Payloads stay in the log.
//!
//! One entry is 8 bytes (fingerprint u32, ordinal u32) and 1 control byte in a hashbrown table:
//! 10.3 to 20.6 bytes a posting, 14.8 on average (9 / load, load between 7/16 and 7/8).
//! Shards have geometrically growing shares of the key space, so that they grow one after another
//! and never all at once: no pause is longer than one shard's rehash.
//! The key is a keyed hash (HMAC under the pepper), so nobody outside can choose where it falls.

use std::collections::HashSet;

use hashbrown::HashTable;

use crate::pepper::StoredTag;

const SHARDS: usize = 256;
const SLICES: usize = 4096;
/// Entries of one tag that are kept; a tag that reaches this is a stop token until restart. Far
/// above [`sanctuary_types::limits::TAG_POSTINGS_MAX`], so that withdrawals are counted exactly.
pub(crate) const TAG_ENTRIES_MAX: usize = 1024;

/// A multimap from stored tags to ordinals. A lookup may return ordinals of another tag (1 in
/// 2^42 a pair): the reader compares the whole tag in the log.
pub(crate) struct TagIndex {
    shards: Vec<HashTable<u64>>,
    shard_of_slice: Vec<u8>,
    overfull: HashSet<u64>,
    entries: usize,
}

/// What an insertion met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// No entry of another owner.
    Nobody,
    /// At least one entry of another owner.
    Another,
    /// The tag is full; the ordinal was not kept.
    Overfull,
}

impl TagIndex {
    /// An index with room for `entries`.
    pub(crate) fn with_room(entries: usize) -> Self {
        // Shard s gets the share of [0,1) between 2^(s/SHARDS)-1 and 2^((s+1)/SHARDS)-1.
        let bound = |s: usize| (s as f64 / SHARDS as f64).exp2() - 1.0;
        let shards = (0..SHARDS)
            .map(|s| {
                let share = bound(s + 1) - bound(s);
                HashTable::with_capacity((entries as f64 * share * 1.02) as usize)
            })
            .collect();
        let shard_of_slice = (0..SLICES)
            .map(|slice| {
                let u = (slice as f64 + 0.5) / SLICES as f64;
                ((u + 1.0).log2() * SHARDS as f64) as u8
            })
            .collect();
        Self {
            shards,
            shard_of_slice,
            overfull: HashSet::new(),
            entries: 0,
        }
    }

    /// Adds `ordinal` and says whether an entry with another owner was there; `same_owner` tells
    /// whether a stored ordinal belongs to the one who inserts.
    pub(crate) fn insert(
        &mut self,
        tag: StoredTag,
        ordinal: u32,
        same_owner: impl Fn(u32) -> bool,
    ) -> Met {
        let (shard, fingerprint) = self.place(tag);
        let mut count = 0;
        let mut another = false;
        for entry in self.shards[shard].iter_hash(spread(fingerprint)) {
            if fingerprint_of(*entry) == fingerprint {
                count += 1;
                another |= !same_owner(ordinal_of(*entry));
            }
        }
        if count >= TAG_ENTRIES_MAX || self.is_marked(shard, fingerprint) {
            self.overfull.insert(marker(shard, fingerprint));
            return Met::Overfull;
        }
        self.shards[shard].insert_unique(
            spread(fingerprint),
            (u64::from(fingerprint) << 32) | u64::from(ordinal),
            |entry| spread(fingerprint_of(*entry)),
        );
        self.entries += 1;
        if another { Met::Another } else { Met::Nobody }
    }

    /// Appends the ordinals under `tag` to `out`; false when the tag is overfull, then none.
    pub(crate) fn gather(&self, tag: StoredTag, out: &mut Vec<u32>) -> bool {
        let (shard, fingerprint) = self.place(tag);
        if self.is_marked(shard, fingerprint) {
            return false;
        }
        let found = self.shards[shard]
            .iter_hash(spread(fingerprint))
            .filter(|entry| fingerprint_of(**entry) == fingerprint)
            .map(|entry| ordinal_of(*entry));
        out.extend(found);
        true
    }

    /// Takes one entry out; false when it was not there.
    pub(crate) fn remove(&mut self, tag: StoredTag, ordinal: u32) -> bool {
        let (shard, fingerprint) = self.place(tag);
        let wanted = (u64::from(fingerprint) << 32) | u64::from(ordinal);
        let entry = self.shards[shard].find_entry(spread(fingerprint), |entry| *entry == wanted);
        let found = entry.map(|occupied| occupied.remove()).is_ok();
        self.entries -= usize::from(found);
        found
    }

    /// Entries held.
    pub(crate) const fn len(&self) -> usize {
        self.entries
    }

    /// Bytes of the tables.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.shards.iter().map(HashTable::allocation_size).sum()
    }

    fn is_marked(&self, shard: usize, fingerprint: u32) -> bool {
        !self.overfull.is_empty() && self.overfull.contains(&marker(shard, fingerprint))
    }

    // Bytes 0..4 choose the shard, 4..8 are the fingerprint: independent, so that a shard's
    // fingerprints are uniform.
    fn place(&self, tag: StoredTag) -> (usize, u32) {
        let [a, b, _, _, e, f, g, h, ..] = tag.0;
        let slice = (usize::from(a) << 4) | usize::from(b >> 4);
        (
            usize::from(self.shard_of_slice[slice]),
            u32::from_be_bytes([e, f, g, h]),
        )
    }
}

const fn fingerprint_of(entry: u64) -> u32 {
    (entry >> 32) as u32
}
const fn ordinal_of(entry: u64) -> u32 {
    entry as u32
}
const fn marker(shard: usize, fingerprint: u32) -> u64 {
    ((shard as u64) << 32) | fingerprint as u64
}
// hashbrown takes the place from the low bits and its control byte from the top seven: an odd
// multiplier (2^64 / golden ratio) fills all 64 from a uniform fingerprint.
const fn spread(fingerprint: u32) -> u64 {
    (fingerprint as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
