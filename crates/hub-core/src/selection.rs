//! Which pairs a round looks at, and whether the model is fitted anew.

use std::collections::{HashMap, HashSet};

use sanctuary_linkage::{Candidate, Policy};
use sanctuary_types::{AlertState, PartyId};

use crate::{
    clusters::name,
    graph::PairKey,
    matching::Matching,
    scoring::{self, Finding, oriented},
};

/// A model fitted to fewer candidates than this share of today's is fitted anew; likewise for
/// decisions and comparisons.
const FITTED_SHARE_MIN: f64 = 1.0 / 1.1;
/// Rounds with changes after which the model is fitted anew in any case.
const ROUNDS_PER_FIT: u32 = 60;

impl Matching {
    pub(crate) fn set_names(&mut self, names: Vec<Option<PartyId>>) {
        if self.names == names {
            return;
        }
        let numbered = names.iter().zip(0..);
        self.numbers = numbered
            .filter_map(|(name, number)| Some((name.clone()?, number)))
            .collect();
        self.opener.set_names(names.clone());
        self.names = names;
    }

    /// `quiet`: nothing came in, so there is time to settle what earlier rounds left approximate.
    /// One decision more is no reason to fit, unless everything is to be `settle`d.
    pub(crate) fn needs_fit(
        &mut self,
        populations_version: u64,
        settle: bool,
        quiet: bool,
        changed: bool,
    ) -> bool {
        let pairs = &self.graph.pairs;
        let Some(fitted) = &mut self.fitted else {
            return true;
        };
        let outgrown = |then: usize, now: usize| (then as f64) < now as f64 * FITTED_SHARE_MIN;
        let moved = fitted.populations_version != populations_version;
        let learned = outgrown(fitted.decisions.0, pairs.decisions().0)
            || outgrown(fitted.comparisons, pairs.comparisons());
        let decided = fitted.decisions.1 != pairs.decisions().1;
        fitted.settled &= !changed && !moved && !learned;
        fitted.rounds_since += u32::from(changed);
        let outgrown = outgrown(fitted.candidates, pairs.count());
        let due = settle || quiet || outgrown || moved || learned;
        (settle && decided) || (!fitted.settled && (due || fitted.rounds_since >= ROUNDS_PER_FIT))
    }

    /// All pairs that share a tag, each in its own orientation, in an order that does not depend on
    /// arrival.
    pub(crate) fn all_pairs(&self) -> Vec<PairKey> {
        self.in_order(self.graph.pairs.cross().map(|(key, _)| key).collect())
    }

    pub(crate) fn in_order(&self, keys: Vec<PairKey>) -> Vec<PairKey> {
        let mut keys: Vec<PairKey> = keys
            .into_iter()
            .map(|key| oriented(&self.graph, key, |agency| name(&self.names, agency)))
            .collect();
        let rank = |record: u32| {
            let record = self.graph.record_at(record);
            (record.pseudonym, name(&self.names, record.agency))
        };
        keys.sort_by(|x, y| (rank(x.0), rank(x.1)).cmp(&(rank(y.0), rank(y.1))));
        keys
    }

    /// What pairs share, each in the orientation given.
    pub(crate) fn candidates(&self, keys: &[PairKey]) -> Vec<Candidate> {
        let candidates = keys.iter();
        candidates
            .map(|key| scoring::candidate(&self.graph, *key))
            .collect()
    }

    /// What is worth telling of each pair.
    pub(crate) fn judge(&self, policy: &Policy, keys: &[PairKey]) -> Vec<Option<Finding>> {
        let judge = |key: &PairKey| {
            let model = &self.fitted.as_ref()?.model;
            scoring::judge(&self.graph, model, policy, *key)
        };
        keys.iter().map(judge).collect()
    }

    /// Scores pairs by their own evidence.
    pub(crate) fn score(&mut self, keys: &[PairKey], candidates: &[Candidate]) {
        let Some(fitted) = &self.fitted else {
            return;
        };
        for ((a, b), candidate) in keys.iter().zip(candidates) {
            if let Some(pair) = self.graph.pairs.get_mut((*a.min(b), *a.max(b))) {
                pair.alone = Some(fitted.model.score(candidate).bits);
            }
        }
    }

    /// Pairs whose alerts show another group than before: those of `records`.
    pub(crate) fn pairs_of(&self, records: &HashSet<u32>) -> Vec<PairKey> {
        let pairs = &self.graph.pairs;
        let of = |record: &u32| {
            let others = pairs.partners(*record).iter();
            let all = others.chain(pairs.linked_with(*record));
            let keys = all.map(|other| (*record.min(other), *record.max(other)));
            keys.filter(|key| !self.graph.is_own(*key))
                .collect::<Vec<_>>()
        };
        let mut keys: Vec<PairKey> = records.iter().flat_map(of).collect();
        keys.sort_unstable();
        keys.dedup();
        self.in_order(keys)
    }

    /// Takes note of what people have decided; gives the records of pairs where that is new.
    pub(crate) fn read_decisions(&mut self) -> HashSet<u32> {
        self.special
            .retain(|id| self.alerts.get(id).is_some_and(|alert| alert.is_special()));
        let (mut decided, mut apart) = (HashMap::new(), HashSet::new());
        for alert in self.special.iter().filter_map(|id| self.alerts.get(id)) {
            let record = |side: usize| {
                let side = &alert.sides[side];
                let agency = self.numbers.get(&side.agency)?;
                self.graph.record_number(*agency, side.pseudonym)
            };
            let (Some(a), Some(b), Some(decision)) = (record(0), record(1), &alert.decision) else {
                continue;
            };
            let key = (a.min(b), a.max(b));
            decided.extend(alert.label().map(|label| (key, label)));
            apart.extend((decision.state == AlertState::NotTheSame).then_some(key));
        }
        let mut changed: HashSet<u32> = HashSet::new();
        for (a, b) in self.graph.pairs.set_decided(decided) {
            changed.extend([a, b]);
        }
        for (a, b) in self.apart.symmetric_difference(&apart) {
            changed.extend([*a, *b]);
        }
        self.apart = apart;
        changed
    }

    /// Agencies with more refused postings than at the last round.
    pub(crate) fn note_refused(&mut self) -> Vec<(PartyId, u32)> {
        let counts = self.graph.refused();
        let grown = counts
            .iter()
            .filter(|(agency, count)| **count > self.refused.get(agency).copied().unwrap_or(0));
        let mut named: Vec<(PartyId, u32)> = grown
            .filter_map(|(agency, count)| Some((name(&self.names, *agency)?.clone(), *count)))
            .collect();
        named.sort();
        self.refused = counts;
        named
    }
}
