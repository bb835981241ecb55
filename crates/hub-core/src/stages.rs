//! Scores by the stages of the method, and the second step without nodes: for the operator's quality
//! checks and the lab, worked out on demand. Never for an agency.

use std::collections::HashMap;

use sanctuary_linkage::{Candidate, ClusterRule, Model, Scored};
use sanctuary_types::{ComparedLevels, Pseudonym};

use crate::{
    Hub, ScoredPair,
    agencies::ModelWorld,
    graph::PairKey,
    matching::Matching,
    pairs::Compared,
    ports::{PostingLog, StateStore},
    rule::Rule,
    scoring,
};

/// The scores of every pair after each stage, each in the order of pseudonyms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoresByStage {
    /// By the shared tokens alone, each pair for itself.
    pub tokens: Vec<ScoredPair>,
    /// The same in the light of all other pairs.
    pub cluster: Vec<ScoredPair>,
    /// By tokens and what nodes compared, each pair for itself.
    pub pairs_only: Vec<ScoredPair>,
    /// Everything: what alerts go by.
    pub second_step: Vec<ScoredPair>,
}

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// Every pair's score by each stage, as of the last round. Fits a second model when nodes have
    /// compared pairs.
    #[must_use]
    pub fn scored_pairs_by_stage(&self) -> ScoresByStage {
        let matching = self.matching();
        let (world, rule, _) = self.ingest().world(true);
        world.map_or_else(ScoresByStage::default, |world| matching.stages(world, rule))
    }

    /// Pairs of pseudonyms that nodes should compare and have not, without limits: for the lab,
    /// which stands in for the nodes. In the order of pseudonyms.
    #[must_use]
    pub fn pairs_to_compare(&self) -> Vec<(Pseudonym, Pseudonym)> {
        let matching = self.matching();
        let wanted = matching.wanted(matching.all_pairs());
        let pseudonym = |record: u32| matching.graph.record_at(record).pseudonym;
        let pairs = wanted
            .into_iter()
            .map(|((a, b), _)| (pseudonym(a), pseudonym(b)));
        pairs.collect()
    }

    /// Takes what the lab's nodes found, for the next round; it is not durable. Pairs that are not
    /// candidates are left out.
    pub fn put_compared(&self, found: &[((Pseudonym, Pseudonym), ComparedLevels)]) {
        let mut matching = self.matching();
        let graph = &mut matching.graph;
        let mut known: HashMap<(Pseudonym, Pseudonym), PairKey> = HashMap::new();
        for (key, _) in graph.pairs.cross() {
            let (a, b) = (graph.record_at(key.0), graph.record_at(key.1));
            known.insert((a.pseudonym, b.pseudonym), key);
            known.insert((b.pseudonym, a.pseudonym), key);
        }
        for (pair, levels) in found {
            let key = known.get(pair).copied();
            if let Some((key, cards)) =
                key.and_then(|key| Some((key, scoring::cards_of(graph, key)?)))
            {
                let levels = *levels;
                graph
                    .pairs
                    .set_compared(key, Some(Compared { cards, levels }));
            }
        }
    }
}

impl Matching {
    fn stages(&self, world: ModelWorld, rule: ClusterRule) -> ScoresByStage {
        let pairs = &self.graph.pairs;
        let second_step = self.scored_pairs();
        let alone = pairs.cross();
        let pairs_only = self.described(alone.filter_map(|(key, pair)| Some((key, pair.alone?))));
        if pairs.comparisons() == 0 {
            return ScoresByStage {
                tokens: pairs_only.clone(),
                cluster: second_step.clone(),
                pairs_only,
                second_step,
            };
        }
        let keys = self.all_pairs();
        let candidates = self.uncompared(&keys);
        let model = scoring::fit(&candidates, world);
        let mut alone = by_key(&model, &keys, &candidates);
        let tokens = self.described(alone.iter().map(|(key, bits)| (*key, *bits)));
        let own = self.in_order(pairs.own().collect());
        alone.extend(by_key(&model, &own, &self.uncompared(&own)));
        let rule = Rule {
            graph: &self.graph,
            names: &self.names,
            setting: rule,
            alone: |key| alone.get(&key).copied(),
        };
        let mut refined = HashMap::new();
        for group in rule.groups(0..self.graph.record_count()) {
            refined.extend(rule.refine(&group));
        }
        for (key, bits) in alone.iter().filter(|(key, _)| !self.graph.is_own(**key)) {
            refined.entry(*key).or_insert(*bits);
        }
        ScoresByStage {
            tokens,
            cluster: self.described(refined.into_iter()),
            pairs_only,
            second_step,
        }
    }

    /// Pairs of open records that nodes should compare and have not, as they are oriented, with
    /// their scores.
    pub(crate) fn wanted(&self, keys: Vec<PairKey>) -> Vec<(PairKey, Scored)> {
        let wanted = |(a, b): PairKey| {
            let key = (a.min(b), a.max(b));
            let pair = self.graph.pairs.get(key).filter(|pair| !pair.own)?;
            let open = self.graph.is_open(a) && self.graph.is_open(b);
            let known = self.graph.pairs.decided(key).is_some()
                || scoring::compared(&self.graph, key).is_some();
            let bits = pair.alone.filter(|_| open && !known)?;
            let scored = Scored {
                probability: scoring::probability(bits),
                bits,
                evidence: Vec::new(),
            };
            let candidate = Candidate {
                a: scoring::presence(&self.graph, a),
                b: scoring::presence(&self.graph, b),
                ..Candidate::default()
            };
            sanctuary_linkage::wants_comparison(&scored, &candidate).then_some(((a, b), scored))
        };
        keys.into_iter().filter_map(wanted).collect()
    }

    /// Candidates as if nodes had compared nothing.
    fn uncompared(&self, keys: &[PairKey]) -> Vec<Candidate> {
        let mut candidates = self.candidates(keys);
        for candidate in &mut candidates {
            candidate.compared = None;
        }
        candidates
    }
}

fn by_key(model: &Model, keys: &[PairKey], candidates: &[Candidate]) -> HashMap<PairKey, f64> {
    let scored = keys.iter().zip(candidates);
    scored
        .map(|((a, b), candidate)| ((*a.min(b), *a.max(b)), model.score(candidate).bits))
        .collect()
}
