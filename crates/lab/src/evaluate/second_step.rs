//! The second step between the lab's nodes: pairs in, levels out. Each side is the file's record
//! that the pseudonym stands for, so it makes no difference whether an agency has a file or, with
//! `--within`, a single record.

use std::collections::HashMap;

use anyhow::{Context, Result};
use sanctuary_compare::compare_together;
use sanctuary_linkage::Comparable;
use sanctuary_node_core::{comparable_of, ports::NodeStore};
use sanctuary_types::{ComparedLevels, Pseudonym};

use super::{in_parallel, node::Node, rng_of};
use crate::progress::Progress;

/// Pairs that one thread compares before it looks for more.
const CHUNK_PAIRS: usize = 32;
/// Where the random streams of this step begin.
const STREAM: usize = 1_000_000;

/// How two records are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the encrypted protocol, through the bytes of its messages.
    Encrypted,
    /// In clear; the levels are the same.
    InClear,
}

/// What each record of the files brings to a comparison.
pub struct Comparables(HashMap<Pseudonym, Comparable>);

impl Comparables {
    /// Of every record that has details.
    pub fn of(nodes: &[Node]) -> Result<Self> {
        let mut all = HashMap::new();
        for node in nodes {
            node.store.for_each_record(&mut |record| {
                let details = record.details.as_ref();
                all.extend(details.map(|d| (record.pseudonym, comparable_of(&d.canonical))));
                Ok(())
            })?;
        }
        Ok(Self(all))
    }

    /// The levels of each pair, in the order given.
    pub fn compare(
        &self,
        pairs: &[(Pseudonym, Pseudonym)],
        way: Way,
    ) -> Result<Vec<ComparedLevels>> {
        let progress = Progress::begin("comparing records", pairs.len() as u64);
        let chunks: Vec<_> = pairs.chunks(CHUNK_PAIRS).collect();
        let levels = in_parallel(&chunks, |index, chunk| {
            let mut rng = rng_of(STREAM + index);
            let compared = chunk.iter().map(|(a, b)| {
                let (a, b) = (self.record(a)?, self.record(b)?);
                match way {
                    Way::InClear => Ok(a.levels(b)),
                    Way::Encrypted => Ok(compare_together(a, b, &mut rng)?),
                }
            });
            let compared = compared.collect::<Result<Vec<_>>>()?;
            progress.advance(chunk.len() as u64);
            Ok(compared)
        })?;
        Ok(levels.into_iter().flatten().collect())
    }

    fn record(&self, pseudonym: &Pseudonym) -> Result<&Comparable> {
        let record = self.0.get(pseudonym);
        record.context("the hub asks for a record that no file has")
    }
}
