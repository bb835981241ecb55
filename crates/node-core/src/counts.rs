use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use sanctuary_normalize::{Canonical, NameFrequencies};
use sanctuary_types::IdentifierKind;

use crate::{Admission, Filling, NodeError, StoredRecord, ports::NodeStore};

/// What a node counts over its own records: how common names, name pairs and identifier values
/// are. Held in memory under a key of this process; made again by a scan at start.
#[derive(Default)]
pub struct Counts {
    /// Names, for the rarity gate.
    pub names: NameFrequencies,
    pairs: HashMap<u64, u32>,
    identifiers: HashMap<u64, u32>,
    hasher: RandomState,
    records: u64,
    notify_only: u64,
    changes: u64,
    admission: Admission,
    filling: Filling,
}

impl Counts {
    /// Counts everything in the store.
    ///
    /// # Errors
    /// What the store gives.
    pub fn of_store(store: &impl NodeStore) -> Result<Self, NodeError> {
        let mut counts = Self::default();
        store.for_each_record(&mut |record| {
            counts.add(&record);
            Ok(())
        })?;
        Ok(counts)
    }

    /// Records that take part.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Records known only from Duty to Notify reports.
    #[must_use]
    pub const fn notify_only(&self) -> u64 {
        self.notify_only
    }

    /// How many own records have a name pair ([`Canonical::pair_key`]).
    #[must_use]
    pub fn pair_count(&self, pair: &str) -> u32 {
        let key = self.hasher.hash_one(pair);
        self.pairs.get(&key).copied().unwrap_or(0)
    }

    /// How many own records hold an identifier value.
    #[must_use]
    pub fn identifier_count(&self, kind: IdentifierKind, value: &str) -> u32 {
        let key = self.hasher.hash_one((kind, value));
        self.identifiers.get(&key).copied().unwrap_or(0)
    }

    /// Records counted or taken back since the start.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// How full the records are.
    #[must_use]
    pub const fn filling(&self) -> &Filling {
        &self.filling
    }

    /// Which token inputs may be sent.
    #[must_use]
    pub const fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Takes up the outcome of a new test.
    pub fn set_admission(&mut self, admission: Admission) {
        self.admission = admission;
    }

    /// Counts a record.
    pub fn add(&mut self, record: &StoredRecord) {
        match &record.details {
            Some(details) => {
                self.records += 1;
                self.change(&details.canonical, true);
            }
            None if record.is_erased() => {}
            None => self.notify_only += 1,
        }
    }

    /// Takes back a record counted before.
    pub fn remove(&mut self, record: &StoredRecord) {
        match &record.details {
            Some(details) => {
                self.records = self.records.saturating_sub(1);
                self.change(&details.canonical, false);
            }
            None if record.is_erased() => {}
            None => self.notify_only = self.notify_only.saturating_sub(1),
        }
    }

    fn change(&mut self, canonical: &Canonical, up: bool) {
        self.changes += 1;
        self.filling.change(canonical, up);
        if up {
            self.names.count(canonical);
        } else {
            self.names.uncount(canonical);
        }
        if let Some(pair) = canonical.pair_key() {
            step(&mut self.pairs, self.hasher.hash_one(pair.as_str()), up);
        }
        for (kind, value) in &canonical.identifiers {
            let key = self.hasher.hash_one((*kind, value.as_str()));
            step(&mut self.identifiers, key, up);
        }
    }
}

fn step(counts: &mut HashMap<u64, u32>, key: u64, up: bool) {
    if up {
        let count = counts.entry(key).or_default();
        *count = count.saturating_add(1);
    } else if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

impl std::fmt::Debug for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counts")
            .field("records", &self.records)
            .field("notify_only", &self.notify_only)
            .finish_non_exhaustive()
    }
}
