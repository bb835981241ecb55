//! The cluster rule: what the other records around a pair say of it.
//!
//! Records that likely pairs join form a group, and a group is judged as a whole: competitors of one
//! agency share the odds, a third record that belongs to two links them. What is told of two open
//! records depends on open records alone, so that nobody can read a hidden record off somebody
//! else's match: a record that is not open takes part in its own pairs only
//! (docs/decisions/2026-11-24-chains-and-visibility.md).

use std::collections::{BTreeMap, HashMap, HashSet};

use sanctuary_linkage::{ClusterRule, JOINS_BITS_MIN, ScoredEdge, refine_group};
use sanctuary_types::PartyId;

use crate::{
    clusters::name,
    graph::{Graph, PairKey},
};

/// Records of one group that are not open and that the rule is still computed for, each alone;
/// beyond it they keep what their own evidence says.
const HIDDEN_MAX: usize = 64;

/// A group's pairs of different agencies with their final bits.
pub(crate) type Refined = BTreeMap<PairKey, f64>;

/// Judges groups of records by the bits that each pair has alone.
pub(crate) struct Rule<'a, B> {
    pub(crate) graph: &'a Graph,
    pub(crate) names: &'a [Option<PartyId>],
    pub(crate) setting: ClusterRule,
    /// Bits of a pair by its own evidence.
    pub(crate) alone: B,
}

impl<B: Fn(PairKey) -> Option<f64>> Rule<'_, B> {
    /// The groups around `records`: each of them is in exactly one, with whoever likely pairs join
    /// it to.
    pub(crate) fn groups(&self, records: impl IntoIterator<Item = u32>) -> Vec<Vec<u32>> {
        let mut seen: HashSet<u32> = HashSet::new();
        let mut groups = Vec::new();
        for record in records {
            if !seen.insert(record) {
                continue;
            }
            let mut group = vec![record];
            let mut at = 0;
            while let Some(&from) = group.get(at) {
                at += 1;
                for to in self.graph.pairs.partners(from) {
                    if !seen.contains(to) && self.joins((from.min(*to), from.max(*to))) {
                        seen.insert(*to);
                        group.push(*to);
                    }
                }
            }
            groups.push(group);
        }
        groups
    }

    /// Final bits of the pairs inside a group, and of those that only a third record links.
    pub(crate) fn refine(&self, group: &[u32]) -> Refined {
        if group.len() < 2 {
            return Refined::new();
        }
        let group = Group::of(self, group);
        let mut refined = Refined::new();
        let hidden: Vec<u32> = (0..)
            .zip(&group.open)
            .filter(|(_, open)| !**open)
            .map(|(i, _)| i)
            .collect();
        let mut take = |with: &[u32]| {
            let pairs = group.pairs_with(with);
            for (a, b, bits) in refine_group(&pairs, &group.agencies, &self.setting) {
                if with.iter().all(|hidden| a == *hidden || b == *hidden) {
                    refined.insert(group.key(a, b), bits);
                }
            }
        };
        take(&[]);
        if hidden.len() <= HIDDEN_MAX {
            for record in &hidden {
                take(&[*record]);
            }
            for (a, b, _) in group
                .pairs
                .iter()
                .filter(|(a, b, _)| !group.open[*a as usize] && !group.open[*b as usize])
            {
                take(&[*a, *b]);
            }
        }
        refined
    }

    fn joins(&self, key: PairKey) -> bool {
        (self.alone)(key).is_some_and(|bits| bits >= JOINS_BITS_MIN)
    }
}

/// A group by its own numbers, which do not depend on who pushed first.
struct Group {
    records: Vec<u32>,
    agencies: Vec<u32>,
    open: Vec<bool>,
    pairs: Vec<ScoredEdge>,
}

impl Group {
    fn of<B: Fn(PairKey) -> Option<f64>>(rule: &Rule<'_, B>, records: &[u32]) -> Self {
        let graph = rule.graph;
        let mut records = records.to_vec();
        records.sort_by_key(|record| {
            let known = graph.record_at(*record);
            (known.pseudonym, name(rule.names, known.agency))
        });
        let number: HashMap<u32, u32> = records.iter().copied().zip(0..).collect();
        let mut pairs = Vec::new();
        for (a, record) in (0..).zip(&records) {
            for partner in graph.pairs.partners(*record) {
                let Some(b) = number.get(partner).filter(|b| **b > a) else {
                    continue;
                };
                let key = (*record.min(partner), *record.max(partner));
                pairs.extend((rule.alone)(key).map(|bits| (a, *b, bits)));
            }
        }
        pairs.sort_by_key(|(a, b, _)| (*a, *b));
        Self {
            agencies: records.iter().map(|r| graph.record_at(*r).agency).collect(),
            open: records.iter().map(|r| graph.is_open(*r)).collect(),
            records,
            pairs,
        }
    }

    /// Pairs of open records and of `with`.
    fn pairs_with(&self, with: &[u32]) -> Vec<ScoredEdge> {
        let counts = |record: u32| self.open[record as usize] || with.contains(&record);
        let pairs = self.pairs.iter().copied();
        pairs.filter(|(a, b, _)| counts(*a) && counts(*b)).collect()
    }

    fn key(&self, a: u32, b: u32) -> PairKey {
        let (a, b) = (self.records[a as usize], self.records[b as usize]);
        (a.min(b), a.max(b))
    }
}
