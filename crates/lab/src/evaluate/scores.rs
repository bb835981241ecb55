//! What the hub scored, in the record numbers of the truth.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use sanctuary_hub_core::{ScoredPair, ScoresByStage};
use sanctuary_node_core::ports::NodeStore;
use sanctuary_types::Pseudonym;

use super::{
    measure::{self, Scored},
    node::Node,
    report::Stages,
    truth::{Pair, Truth},
};

/// Every pair with its probability, by each stage; those of the second step only when it was on.
pub struct Scores {
    pub tokens: Vec<Scored>,
    cluster: Vec<Scored>,
    second_step: Option<Vec<Scored>>,
    pairs_only: Option<Vec<Scored>>,
}

impl Scores {
    /// Puts numbers for the hub's pseudonyms.
    pub fn of(
        scores: &ScoresByStage,
        nodes: &[Node],
        truth: &Truth,
        second_step: bool,
    ) -> Result<Self> {
        let numbers = Numbers::of(nodes, truth)?;
        let asked_for =
            |pairs: &[ScoredPair]| second_step.then(|| numbers.pairs(pairs)).transpose();
        Ok(Self {
            tokens: numbers.pairs(&scores.tokens)?,
            cluster: numbers.pairs(&scores.cluster)?,
            second_step: asked_for(&scores.second_step)?,
            pairs_only: asked_for(&scores.pairs_only)?,
        })
    }

    /// The product's answer.
    pub fn last(&self) -> &[Scored] {
        self.second_step.as_ref().unwrap_or(&self.cluster)
    }

    /// The figures of every stage.
    pub fn stages(&self, threshold: f64, truth: &HashSet<Pair>) -> Stages {
        let stage = |scored: &Vec<Scored>| measure::stage(threshold, scored, truth);
        Stages {
            tokens: stage(&self.tokens),
            cluster: stage(&self.cluster),
            second_step: self.second_step.as_ref().map(stage),
            pairs_only: self.pairs_only.as_ref().map(stage),
        }
    }
}

/// Record numbers by pseudonym.
struct Numbers(HashMap<Pseudonym, u32>);

impl Numbers {
    fn of(nodes: &[Node], truth: &Truth) -> Result<Self> {
        let mut numbers = HashMap::new();
        for (agency, node) in nodes.iter().enumerate() {
            node.store.for_each_record(&mut |record| {
                let details = record.details.as_ref();
                let number = details.and_then(|d| truth.number(agency, &d.reference));
                numbers.extend(number.map(|number| (record.pseudonym, number)));
                Ok(())
            })?;
        }
        Ok(Self(numbers))
    }

    fn number(&self, pseudonym: &Pseudonym) -> Result<u32> {
        let number = self.0.get(pseudonym).copied();
        number.context("the hub scored a record that no file has")
    }

    fn pairs(&self, pairs: &[ScoredPair]) -> Result<Vec<Scored>> {
        let numbered = pairs.iter().map(|pair| {
            let (a, b) = (self.number(&pair.a)?, self.number(&pair.b)?);
            Ok(((a.min(b), a.max(b)), pair.probability))
        });
        let mut all = numbered.collect::<Result<Vec<Scored>>>()?;
        // The hub's order hangs on pseudonyms; sums shall not.
        all.sort_unstable_by_key(|(pair, _)| *pair);
        Ok(all)
    }
}
