//! The pairs of records that share opened tags, what each scored, and the pairs that a third record
//! links.

use std::collections::{HashMap, HashSet};

use sanctuary_types::{CardId, ComparedLevels};

use crate::graph::PairKey;

#[derive(Default)]
pub(crate) struct Pairs {
    map: HashMap<PairKey, Pair>,
    /// By record: those it shares a tag with, its own agency's included.
    partners: Vec<Vec<u32>>,
    /// Pairs of records of different agencies.
    cross: usize,
    /// Pairs whose evidence changed since the last [`Pairs::take_dirty`].
    dirty: HashSet<PairKey>,
    /// Pairs that share no tag and that a third record links, in bits.
    linked: HashMap<PairKey, f64>,
    linked_of: HashMap<u32, Vec<u32>>,
    compared: HashMap<PairKey, Compared>,
    /// What people decided: one person, or not.
    decided: HashMap<PairKey, bool>,
    /// Changes of `decided` so far.
    decided_changes: u64,
}

/// Two records that share tags.
#[derive(Default)]
pub(crate) struct Pair {
    /// The tags, by number.
    pub(crate) groups: Vec<u32>,
    /// Two records of one agency: scored to tell own duplicates from competitors, never told.
    pub(crate) own: bool,
    /// Bits by the pair's own evidence.
    pub(crate) alone: Option<f64>,
    /// Bits in the light of all others.
    pub(crate) bits: Option<f64>,
}

/// What two nodes found, and the versions of the two records they found it in (by record number,
/// the smaller first).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) cards: [CardId; 2],
    pub(crate) levels: ComparedLevels,
}

impl Pairs {
    pub(crate) fn get(&self, key: PairKey) -> Option<&Pair> {
        self.map.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: PairKey) -> Option<&mut Pair> {
        self.map.get_mut(&key)
    }

    /// Pairs of records of different agencies, in no order.
    pub(crate) fn cross(&self) -> impl Iterator<Item = (PairKey, &Pair)> {
        let all = self.map.iter().map(|(key, pair)| (*key, pair));
        all.filter(|(_, pair)| !pair.own)
    }

    /// Pairs of records of one agency, in no order.
    pub(crate) fn own(&self) -> impl Iterator<Item = PairKey> {
        let own = self.map.iter().filter(|(_, pair)| pair.own);
        own.map(|(key, _)| *key)
    }

    /// Pairs that a third record alone links, in no order.
    pub(crate) fn linked(&self) -> impl Iterator<Item = (PairKey, f64)> {
        self.linked.iter().map(|(key, bits)| (*key, *bits))
    }

    /// How many pairs of records of different agencies share a tag.
    pub(crate) const fn count(&self) -> usize {
        self.cross
    }

    /// Bits of a pair in the light of all others, if it is one.
    /// A pair that came to share a tag since is no linked one any more.
    pub(crate) fn bits(&self, key: PairKey) -> Option<f64> {
        match self.map.get(&key) {
            Some(pair) => pair.bits,
            None => self.linked.get(&key).copied(),
        }
    }

    /// Records that share a tag with `record`.
    pub(crate) fn partners(&self, record: u32) -> &[u32] {
        self.partners
            .get(record as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// Records that a third one alone links with `record`.
    pub(crate) fn linked_with(&self, record: u32) -> &[u32] {
        self.linked_of.get(&record).map_or(&[], Vec::as_slice)
    }

    /// Adds a shared tag to a pair.
    pub(crate) fn attach(&mut self, key: PairKey, group: u32, own: bool) {
        let pair = self.map.entry(key).or_default();
        if pair.groups.is_empty() {
            pair.own = own;
            self.cross += usize::from(!own);
            let most = key.0.max(key.1) as usize + 1;
            if self.partners.len() < most {
                self.partners.resize_with(most, Vec::new);
            }
            self.partners[key.0 as usize].push(key.1);
            self.partners[key.1 as usize].push(key.0);
        }
        pair.groups.push(group);
        self.dirty.insert(key);
    }

    /// Takes a shared tag out of a pair; without any, it is none any more.
    pub(crate) fn detach(&mut self, key: PairKey, group: u32) {
        let Some(pair) = self.map.get_mut(&key) else {
            return;
        };
        pair.groups.retain(|known| *known != group);
        if pair.groups.is_empty() {
            self.cross -= usize::from(!pair.own);
            self.map.remove(&key);
            self.partners[key.0 as usize].retain(|other| *other != key.1);
            self.partners[key.1 as usize].retain(|other| *other != key.0);
        }
        self.dirty.insert(key);
    }

    /// Pairs whose evidence changed, in no order; forgets them.
    pub(crate) fn take_dirty(&mut self) -> Vec<PairKey> {
        self.dirty.drain().collect()
    }

    /// Forgets which pairs third records link with `record`; gives them with their bits.
    pub(crate) fn unlink(&mut self, record: u32) -> Vec<(PairKey, f64)> {
        let others = self.linked_of.remove(&record).unwrap_or_default();
        let mut gone = Vec::with_capacity(others.len());
        for other in others {
            let key = (record.min(other), record.max(other));
            if let Some(back) = self.linked_of.get_mut(&other) {
                back.retain(|r| *r != record);
            }
            gone.extend(self.linked.remove(&key).map(|bits| (key, bits)));
        }
        gone
    }

    /// Notes that a third record links a pair.
    pub(crate) fn link(&mut self, key: PairKey, bits: f64) {
        if self.linked.insert(key, bits).is_none() {
            self.linked_of.entry(key.0).or_default().push(key.1);
            self.linked_of.entry(key.1).or_default().push(key.0);
        }
    }

    /// What two nodes found of a pair.
    pub(crate) fn compared(&self, key: PairKey) -> Option<&Compared> {
        self.compared.get(&key)
    }

    /// Sets or forgets what two nodes found of a pair.
    pub(crate) fn set_compared(&mut self, key: PairKey, compared: Option<Compared>) {
        let before = match compared {
            Some(compared) => self.compared.insert(key, compared),
            None => self.compared.remove(&key),
        };
        if before != compared {
            self.dirty.insert(key);
        }
    }

    /// How many pairs two nodes have compared.
    pub(crate) fn comparisons(&self) -> usize {
        self.compared.len()
    }

    pub(crate) fn decided(&self, key: PairKey) -> Option<bool> {
        self.decided.get(&key).copied()
    }

    /// Takes what people decided; gives the pairs of which that is new.
    pub(crate) fn set_decided(&mut self, decided: HashMap<PairKey, bool>) -> Vec<PairKey> {
        let differs = |key: &&PairKey| self.decided.get(key) != decided.get(key);
        let changed = self.decided.keys().chain(decided.keys());
        let changed: Vec<PairKey> = changed.filter(differs).copied().collect();
        self.decided_changes += u64::from(!changed.is_empty());
        self.decided = decided;
        changed
    }

    /// How many decisions there are, and how often they changed.
    pub(crate) fn decisions(&self) -> (usize, u64) {
        (self.decided.len(), self.decided_changes)
    }
}
