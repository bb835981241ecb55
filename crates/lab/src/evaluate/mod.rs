//! Possible matches against known truth (`cargo lab evaluate`): CSV files of several agencies go
//! through the same import, tokenising, sealing and matching as in the daemons, and what comes out
//! is compared with a truth that the pipeline never sees.

mod apart;
mod exchange;
mod holders;
mod measure;
mod node;
mod report;
mod truth;

use std::{collections::HashMap, path::PathBuf, time::Instant};

use anyhow::{Context, Result, bail};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_hub_core::ScoredPair;
use sanctuary_node_core::{Mapping, mapping::FieldName, ports::NodeStore};
use sanctuary_types::{IdentifierKind, PartyId, Pseudonym, Timestamp};

use apart::{Alone, Splitter};
use exchange::Exchange;
use holders::{Partners, node_secret};
use measure::Scored;
use node::{Node, Pushed, seconds};
use truth::{File, Truth};

pub use report::{AgencyCounts, At, Bin, Group, Report, Speed, Timing};
pub use truth::{Breakdown, Source};

use crate::progress::Progress;

/// What to evaluate.
#[derive(Clone, Debug)]
pub struct Options {
    /// The agencies' files; exactly one with `within`.
    pub agencies: Vec<AgencyInput>,
    /// Where the truth is.
    pub truth: Source,
    /// Compare one file with itself.
    pub within: bool,
    /// Leave the `national_id` field out, as if no agency had it.
    pub no_national_id: bool,
    /// Probability from which on a pair counts in `at_threshold`.
    pub threshold: f64,
    /// What to break results down by.
    pub by: Option<Breakdown>,
    /// Today.
    pub now: Timestamp,
}

/// One agency's file.
#[derive(Clone, Debug)]
pub struct AgencyInput {
    /// A party id.
    pub name: PartyId,
    /// CSV, TSV, JSON Lines or XLSX.
    pub path: PathBuf,
    /// The text of its mapping file.
    pub mapping: String,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Fault {
    /// Something given is wrong: a file, a mapping, the truth.
    Input(anyhow::Error),
    /// The pipeline failed.
    Failed(anyhow::Error),
}

/// Probability of the strong band.
const STRONG: f64 = 0.9;
/// Everything random comes from here, so that equal input gives an equal result.
const SEED: u64 = 0x5A9C;

/// Runs the whole pipeline and measures it.
///
/// # Errors
/// [`Fault`].
pub fn evaluate(options: &Options) -> Result<Report, Fault> {
    let mappings = read_mappings(options).map_err(Fault::Input)?;
    let truth = read_truth(options, &mappings).map_err(Fault::Input)?;
    let start = Instant::now();
    let nodes = import(options, &mappings).map_err(Fault::Input)?;
    let normalise = seconds(start);
    run(options, &nodes, &truth, normalise).map_err(Fault::Failed)
}

fn run(options: &Options, nodes: &[Node], truth: &Truth, normalise: f64) -> Result<Report> {
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let names: Vec<PartyId> = options.agencies.iter().map(|a| a.name.clone()).collect();
    let partners = Partners::found(&names, truth.records() as u64, options.now, &mut rng)?;
    let start = Instant::now();
    let pushes = tokenise(options, nodes, &partners, &mut rng)?;
    let tokenise = seconds(start);
    let start = Instant::now();
    let exchange = Exchange::open(options.now)?;
    pushes.push(&exchange, &partners)?;
    let push = seconds(start);
    let start = Instant::now();
    let pairs = exchange.scored_pairs()?;
    let matching = seconds(start);
    let scored = numbered(&pairs, nodes, truth)?;
    let timing = Timing {
        normalise,
        tokenise,
        push,
        matching,
    };
    Ok(report(
        options,
        nodes,
        truth,
        &pushes.tokens(),
        &scored,
        timing,
    ))
}

fn read_mappings(options: &Options) -> Result<Vec<Mapping>> {
    match (options.within, options.agencies.len()) {
        (true, 1) | (false, 2..) => {}
        (true, _) => bail!("--within compares one file with itself: give exactly one --agency"),
        (false, _) => bail!("give two or more --agency NAME=FILE, or --within with one"),
    }
    let read = |agency: &AgencyInput| {
        let mapping: Result<Mapping, _> = agency.mapping.parse();
        let mut mapping = mapping.with_context(|| format!("the mapping of {}", agency.name))?;
        if options.no_national_id {
            mapping
                .fields
                .remove(&FieldName::Identifier(IdentifierKind::NationalId));
        }
        Ok(mapping)
    };
    options.agencies.iter().map(read).collect()
}

fn read_truth(options: &Options, mappings: &[Mapping]) -> Result<Truth> {
    let files: Vec<File<'_>> = options
        .agencies
        .iter()
        .zip(mappings)
        .map(|(agency, mapping)| File {
            agency: &agency.name,
            path: &agency.path,
            record_id: &mapping.record_id,
        })
        .collect();
    Truth::read(&files, &options.truth, options.by.as_ref())
}

fn import(options: &Options, mappings: &[Mapping]) -> Result<Vec<Node>> {
    let jobs: Vec<(&AgencyInput, &Mapping)> = options.agencies.iter().zip(mappings).collect();
    in_parallel(&jobs, |index, (agency, mapping)| {
        let secret = node_secret(&mut rng_of(index));
        Node::import(
            agency.name.clone(),
            &agency.path,
            mapping,
            secret,
            options.now,
        )
        .with_context(|| format!("{}", agency.path.display()))
    })
}

/// What goes to the hub.
enum Pushes {
    /// By each agency.
    OfAgencies(Vec<Pushed>),
    /// By each record of the one file.
    OfRecords(Vec<Alone>),
}

fn tokenise(
    options: &Options,
    nodes: &[Node],
    partners: &Partners,
    rng: &mut ChaCha20Rng,
) -> Result<Pushes> {
    let total = nodes.iter().map(|node| node.summary.accepted).sum();
    let progress = Progress::begin("tokenising records", total);
    if !options.within {
        let pushed = in_parallel(nodes, |index, node| {
            node.publish(partners, options.now, &mut rng_of(index + 1_000), &progress)
        });
        return Ok(Pushes::OfAgencies(pushed?));
    }
    let node = nodes.first().context("--within has one file")?;
    let splitter = Splitter::new(node, partners, options.now, rng)?;
    let records = apart::records(node)?;
    let halves: Vec<_> = records
        .chunks(records.len().div_ceil(threads()).max(1))
        .collect();
    let parts = in_parallel(&halves, |index, half| {
        splitter.split(half, &mut rng_of(index + 1_000), &progress)
    });
    Ok(Pushes::OfRecords(parts?.into_iter().flatten().collect()))
}

impl Pushes {
    fn push(&self, exchange: &Exchange, partners: &Partners) -> Result<()> {
        match self {
            Self::OfRecords(all) => exchange.push(all.iter().map(|a| (&a.party, &a.batch))),
            Self::OfAgencies(all) => all.iter().try_for_each(|pushed| {
                let party = &partners.member(&pushed.agency)?.party;
                exchange.push(pushed.batches.iter().map(|batch| (party, batch)))
            }),
        }
    }

    /// Of each file.
    fn tokens(&self) -> Vec<u64> {
        match self {
            Self::OfRecords(all) => vec![all.iter().map(|a| a.tokens).sum()],
            Self::OfAgencies(all) => all.iter().map(|pushed| pushed.tokens).collect(),
        }
    }
}

/// The hub's pseudonyms as record numbers.
fn numbered(pairs: &[ScoredPair], nodes: &[Node], truth: &Truth) -> Result<Vec<Scored>> {
    let mut numbers: HashMap<Pseudonym, u32> = HashMap::new();
    for (agency, node) in nodes.iter().enumerate() {
        node.store.for_each_record(&mut |record| {
            let reference = record
                .details
                .as_ref()
                .map(|details| details.reference.as_str());
            if let Some(number) = reference.and_then(|r| truth.number(agency, r)) {
                numbers.insert(record.pseudonym, number);
            }
            Ok(())
        })?;
    }
    let number = |pseudonym: &Pseudonym| {
        numbers
            .get(pseudonym)
            .copied()
            .context("the hub scored a record that no file has")
    };
    let pair = |pair: &ScoredPair| {
        let (a, b) = (number(&pair.a)?, number(&pair.b)?);
        Ok(((a.min(b), a.max(b)), pair.probability))
    };
    pairs.iter().map(pair).collect()
}

fn report(
    options: &Options,
    nodes: &[Node],
    truth: &Truth,
    tokens: &[u64],
    scored: &[Scored],
    timing_s: Timing,
) -> Report {
    let records: u64 = nodes.iter().map(|node| node.summary.accepted).sum();
    let per_second = |time: f64| {
        if time > 0.0 {
            records as f64 / time
        } else {
            0.0
        }
    };
    let calibration = measure::calibration(scored, &truth.pairs);
    let groups = truth.groups.as_ref();
    let groups =
        groups.map(|groups| measure::by_group(options.threshold, scored, &truth.pairs, groups));
    Report {
        agencies: nodes
            .iter()
            .zip(tokens)
            .map(|(node, tokens)| counts(node, *tokens))
            .collect(),
        true_pairs: truth.pairs.len(),
        candidate_pairs: scored.len(),
        candidate_recall: measure::candidate_recall(scored, &truth.pairs),
        at_threshold: measure::at(options.threshold, scored, &truth.pairs),
        at_strong: measure::at(STRONG, scored, &truth.pairs),
        at_best: measure::best(scored, &truth.pairs),
        calibration_error: measure::calibration_error(&calibration),
        calibration,
        groups: groups.unwrap_or_default(),
        records_per_s: Speed {
            tokenise: per_second(timing_s.tokenise),
            ingest_and_match: per_second(timing_s.push + timing_s.matching),
        },
        timing_s,
    }
}

fn counts(node: &Node, tokens: u64) -> AgencyCounts {
    let summary = &node.summary;
    AgencyCounts {
        name: node.agency.to_string(),
        records: summary.rows,
        rejected: summary.rejected,
        tokens,
        tokens_per_record: tokens as f64 / summary.accepted.max(1) as f64,
        incomplete: summary.rejected - summary.not_imported,
        notify_only: summary.notify_only,
    }
}

/// `work` on every item, as many at a time as there are processors; results in order.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(usize, &T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            match items.get(index) {
                Some(item) => done.push((index, work(index, item))),
                None => return done,
            }
        }
    };
    let mut all: Vec<(usize, Result<R>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads()).map(|_| scope.spawn(worker)).collect();
        let joined = workers
            .into_iter()
            .map(|w| w.join().map_err(|_| anyhow::anyhow!("a worker panicked")));
        joined.collect::<Result<Vec<_>>>()
    })?
    .into_iter()
    .flatten()
    .collect();
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn rng_of(index: usize) -> ChaCha20Rng {
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    rng.set_stream(index as u64 + 1);
    rng
}

/// Runs a future that never waits for anything but this process.
fn block_on<F: Future>(future: F) -> Result<F::Output> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .build()?
        .block_on(future))
}

#[cfg(test)]
mod tests;
