//! The cluster rule in a round: only groups around what changed are judged anew.

use std::collections::HashSet;

use sanctuary_linkage::ClusterRule;

use crate::{
    graph::PairKey,
    matching::Matching,
    rule::{Refined, Rule},
    scoring::probability,
};

/// What a pair decided "not the same" counts for in its group: nothing carries over it.
const APART_BITS: f64 = -20.0;

/// What the rule changed.
#[derive(Default)]
pub(crate) struct Moved {
    /// Pairs with other bits than before, and pairs that are none any more.
    pub(crate) pairs: Vec<PairKey>,
    /// Records whose group looks different to somebody.
    pub(crate) regrouped: HashSet<u32>,
}

impl Matching {
    /// Applies the rule around `records`, or everywhere when `whole` or the setting is another one.
    pub(crate) fn refine(
        &mut self,
        whole: bool,
        records: HashSet<u32>,
        setting: ClusterRule,
    ) -> Moved {
        let whole = whole || self.setting != Some(setting);
        self.setting = Some(setting);
        let outcomes: Vec<(Vec<u32>, Refined)> = {
            let pairs = &self.graph.pairs;
            let rule = Rule {
                graph: &self.graph,
                names: &self.names,
                setting,
                alone: |key| {
                    let bits = pairs.get(key).and_then(|pair| pair.alone)?;
                    let apart = self.apart.contains(&key);
                    Some(if apart { bits.min(APART_BITS) } else { bits })
                },
            };
            let groups = if whole {
                rule.groups(0..self.graph.record_count())
            } else {
                rule.groups(records)
            };
            let refined = groups.into_iter().map(|group| {
                let refined = rule.refine(&group);
                (group, refined)
            });
            refined.collect()
        };
        let mut moved = Moved::default();
        for (group, refined) in outcomes {
            self.take_over(&group, &refined, &mut moved);
        }
        moved.pairs.sort_unstable();
        moved.pairs.dedup();
        moved
    }

    /// Writes a group's outcome into its pairs and clusters.
    fn take_over(&mut self, group: &[u32], refined: &Refined, moved: &mut Moved) {
        let members: HashSet<u32> = group.iter().copied().collect();
        let mut inside: Vec<(u32, u32, f64)> = Vec::new();
        for record in group {
            for other in self.graph.pairs.partners(*record).to_vec() {
                let within = members.contains(&other);
                if within && other < *record {
                    continue;
                }
                let key = (*record.min(&other), *record.max(&other));
                let apart = self.apart.contains(&key);
                let Some(pair) = self.graph.pairs.get_mut(key).filter(|pair| !pair.own) else {
                    continue;
                };
                let by_rule = refined.get(&key).copied().filter(|_| !apart);
                let bits = by_rule.or(pair.alone);
                if pair.bits != bits {
                    pair.bits = bits;
                    moved.pairs.push(key);
                }
                inside.extend(
                    bits.filter(|_| within && !apart)
                        .map(|bits| (key.0, key.1, probability(bits))),
                );
            }
        }
        self.relink(group, refined, &mut inside, moved);
        let regrouped = self.clusters.regroup(&self.graph, group, &inside);
        moved.regrouped.extend(regrouped);
    }

    /// Replaces the pairs that third records link in a group.
    fn relink(
        &mut self,
        group: &[u32],
        refined: &Refined,
        inside: &mut Vec<(u32, u32, f64)>,
        moved: &mut Moved,
    ) {
        let pairs = &mut self.graph.pairs;
        let mut before = Vec::new();
        for record in group {
            before.extend(pairs.unlink(*record));
        }
        for (key, bits) in refined {
            if pairs.get(*key).is_some() {
                continue;
            }
            pairs.link(*key, *bits);
            if !before.contains(&(*key, *bits)) {
                moved.pairs.push(*key);
            }
            if !self.apart.contains(key) {
                inside.push((key.0, key.1, probability(*bits)));
            }
        }
        let gone = before.into_iter().map(|(key, _)| key);
        moved
            .pairs
            .extend(gone.filter(|key| pairs.bits(*key).is_none()));
    }
}
