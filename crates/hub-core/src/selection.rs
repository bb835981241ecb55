//! Which pairs a round looks at, and whether the model is fitted anew.

use std::collections::HashSet;

use sanctuary_linkage::Candidate;
use sanctuary_types::PartyId;

use crate::{
    Hub,
    clusters::{Clusters, name},
    graph::PairKey,
    matching::Matching,
    ports::{PostingLog, StateStore},
    scoring::{self, Finding, oriented},
};

/// A model fitted to fewer candidates than this share of today's is fitted anew.
const FITTED_SHARE_MIN: f64 = 1.0 / 1.1;
/// Rounds with changes after which the model is fitted anew in any case.
const ROUNDS_PER_FIT: u32 = 60;

impl Matching {
    pub(crate) fn set_names(&mut self, names: Vec<Option<PartyId>>) {
        self.opener.set_names(names.clone());
        self.names = names;
    }

    pub(crate) fn needs_fit(
        &mut self,
        populations_version: u64,
        settle: bool,
        changed: bool,
    ) -> bool {
        let pairs = self.graph.pair_count() as f64;
        let Some(fitted) = &mut self.fitted else {
            return true;
        };
        fitted.settled &= !changed && fitted.populations_version == populations_version;
        fitted.rounds_since += u32::from(changed);
        let outgrown = (fitted.candidates as f64) < pairs * FITTED_SHARE_MIN;
        let moved = fitted.populations_version != populations_version;
        !fitted.settled && (settle || outgrown || moved || fitted.rounds_since >= ROUNDS_PER_FIT)
    }

    /// All pairs, each in its own orientation, in an order that does not depend on arrival.
    pub(crate) fn all_pairs(&self) -> Vec<PairKey> {
        self.in_order(self.graph.pairs().map(|(key, _)| key).collect())
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

    pub(crate) fn judge<L: PostingLog, S: StateStore>(
        &mut self,
        hub: &Hub<L, S>,
        keys: &[PairKey],
        candidates: &[Candidate],
    ) -> Vec<Option<Finding>> {
        let Some(fitted) = &self.fitted else {
            return vec![None; keys.len()];
        };
        let graph = &mut self.graph;
        keys.iter()
            .zip(candidates)
            .map(|(key, candidate)| {
                let related = !candidate.agreements.is_empty();
                related
                    .then(|| {
                        let policy = &hub.options.policy;
                        scoring::judge(graph, &fitted.model, policy, *key, candidate)
                    })
                    .flatten()
            })
            .collect()
    }

    /// Records whose group looks different now, to anybody.
    pub(crate) fn regrouped(&self, now: &Clusters) -> HashSet<u32> {
        let mut records = now.changed_from(&self.clusters);
        records.extend(&self.touched);
        records.extend(now.companions(&self.touched));
        records
    }

    pub(crate) fn regrouped_pairs(&self, records: &HashSet<u32>) -> Vec<PairKey> {
        if records.is_empty() {
            return Vec::new();
        }
        let keys = self.graph.pairs().map(|(key, _)| key);
        self.in_order(
            keys.filter(|(a, b)| records.contains(a) || records.contains(b))
                .collect(),
        )
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
