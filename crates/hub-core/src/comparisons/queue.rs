//! What waits for whom, and the day's counts: in memory, read back at the start.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sanctuary_types::{PartyId, Pseudonym, Timestamp, limits};

use super::{
    Comparison, ComparisonCounts, Stage,
    stored::{put_message, read_all},
};
use crate::{
    HubError,
    ports::{Change, StateStore, StateTable},
};

/// Comparisons forgotten in one atomic write.
const FORGOTTEN_PER_WRITE: usize = 64;

/// Every comparison of the hub.
#[derive(Default)]
pub(crate) struct Comparisons {
    rows: BTreeMap<[u8; 16], Comparison>,
    /// (whose turn, since when, id).
    queue: BTreeSet<(PartyId, Timestamp, [u8; 16])>,
    /// Done since the last round.
    pub(crate) arrived: Vec<[u8; 16]>,
    begun: Begun,
}

/// Comparisons begun on one UTC day.
#[derive(Default)]
struct Begun {
    day: u32,
    by_agencies: HashMap<[PartyId; 2], u32>,
    /// By (record, agency of the other one).
    by_record: HashMap<(PartyId, Pseudonym, PartyId), u32>,
}

impl Comparisons {
    pub(crate) fn open<S: StateStore>(state: &S) -> Result<Self, HubError> {
        let mut all = Self::default();
        let stored = read_all(state)?;
        all.begun.day = stored.iter().map(|c| c.created.day()).max().unwrap_or(0);
        for comparison in stored {
            if comparison.created.day() == all.begun.day {
                all.begun.note(&comparison);
            }
            all.take_in(comparison);
        }
        Ok(all)
    }

    pub(crate) fn get(&self, id: &[u8; 16]) -> Option<&Comparison> {
        self.rows.get(id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Comparison> {
        self.rows.values()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Those whose turn is `agency`'s, oldest first.
    pub(crate) fn of<'a>(&'a self, agency: &'a PartyId) -> impl Iterator<Item = &'a Comparison> {
        let from = (agency.clone(), Timestamp(0), [0; 16]);
        self.queue
            .range(from..)
            .take_while(move |(party, ..)| party == agency)
            .filter_map(|(_, _, id)| self.rows.get(id))
    }

    /// How those of `agency`, or of all, stand.
    pub(crate) fn counts(&self, agency: Option<&PartyId>) -> ComparisonCounts {
        let mut counts = ComparisonCounts::default();
        let concerns = |c: &&Comparison| {
            agency.is_none_or(|agency| c.ends.iter().any(|end| end.agency == *agency))
        };
        for comparison in self.rows.values().filter(concerns) {
            match &comparison.stage {
                Stage::Done(_) => counts.done += 1,
                Stage::Refused(code) => *counts.refused.entry(code.clone()).or_default() += 1,
                Stage::Open | Stage::Answer | Stage::Finish => counts.waiting += 1,
            }
        }
        counts
    }

    /// Whether the day's limits allow one more between these two records; counts it if so.
    pub(crate) fn may_begin(&mut self, comparison: &Comparison) -> bool {
        self.begun.roll(comparison.created.day());
        let allowed = self.begun.allows(comparison);
        if allowed {
            self.begun.note(comparison);
        }
        allowed
    }

    /// Makes changed comparisons durable together with their messages, and only then takes them in.
    pub(crate) fn write<S: StateStore>(
        &mut self,
        state: &S,
        changed: Vec<Comparison>,
        messages: Vec<Change>,
    ) -> Result<(), HubError> {
        let mut changes = messages;
        for comparison in &changed {
            comparison.put(&mut changes)?;
            if comparison.turn().is_none() {
                put_message(&comparison.id, &[], &mut changes);
            }
        }
        if !changes.is_empty() {
            state.apply(&changes)?;
        }
        changed.into_iter().for_each(|c| self.take_in(c));
        Ok(())
    }

    /// Forgets comparisons for good.
    pub(crate) fn forget<S: StateStore>(
        &mut self,
        state: &S,
        ids: &[[u8; 16]],
    ) -> Result<(), HubError> {
        for part in ids.chunks(FORGOTTEN_PER_WRITE) {
            let mut changes = Vec::new();
            for id in part {
                changes.push(Change {
                    table: StateTable::Comparisons,
                    key: id.to_vec(),
                    value: None,
                });
                put_message(id, &[], &mut changes);
            }
            state.apply(&changes)?;
            part.iter().for_each(|id| self.take_out(id));
        }
        Ok(())
    }

    fn take_in(&mut self, comparison: Comparison) {
        self.take_out(&comparison.id);
        if let Some((whose, ..)) = comparison.turn() {
            let entry = (whose.agency.clone(), comparison.created, comparison.id);
            self.queue.insert(entry);
        }
        self.rows.insert(comparison.id, comparison);
    }

    fn take_out(&mut self, id: &[u8; 16]) {
        if let Some(before) = self.rows.remove(id)
            && let Some((whose, ..)) = before.turn()
        {
            self.queue
                .remove(&(whose.agency.clone(), before.created, before.id));
        }
    }
}

impl Begun {
    fn roll(&mut self, day: u32) {
        if self.day != day {
            *self = Self {
                day,
                ..Self::default()
            };
        }
    }

    fn allows(&self, comparison: &Comparison) -> bool {
        let agencies = self.by_agencies.get(&agencies(comparison));
        let record = |key| self.by_record.get(&key).copied().unwrap_or(0);
        agencies.copied().unwrap_or(0) < limits::COMPARISONS_PER_PEER_DAY
            && records(comparison)
                .into_iter()
                .all(|key| record(key) < limits::COMPARISONS_PER_RECORD_DAY)
    }

    fn note(&mut self, comparison: &Comparison) {
        *self.by_agencies.entry(agencies(comparison)).or_default() += 1;
        for key in records(comparison) {
            *self.by_record.entry(key).or_default() += 1;
        }
    }
}

fn agencies(comparison: &Comparison) -> [PartyId; 2] {
    let mut both = comparison.ends.clone().map(|end| end.agency);
    both.sort();
    both
}

fn records(comparison: &Comparison) -> [(PartyId, Pseudonym, PartyId); 2] {
    let [a, b] = &comparison.ends;
    let key = |own: &super::End, other: &super::End| {
        (own.agency.clone(), own.pseudonym, other.agency.clone())
    };
    [key(a, b), key(b, a)]
}
