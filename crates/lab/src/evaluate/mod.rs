//! Possible matches against known truth (`cargo lab evaluate`): CSV files of several agencies go
//! through the same import, tokenising, sealing and matching as in the daemons, and what comes out
//! is compared with a truth that the pipeline never sees.

mod apart;
mod exchange;
mod found;
pub(crate) mod holders;
mod measure;
pub(crate) mod node;
pub(crate) mod oprf;
mod report;
mod scores;
mod second_step;
mod table;
mod truth;

use std::{collections::HashSet, path::PathBuf, time::Instant};

use anyhow::{Context, Result, bail};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_node_core::{Mapping, mapping::FieldName};
use sanctuary_types::{IdentifierKind, PartyId, Timestamp};

use apart::{Alone, Splitter};
use exchange::Exchange;
use found::Found;
use holders::{Partners, node_secret};
use node::{Node, Pushed, seconds};
use scores::Scores;
use second_step::{Comparables, Way};
use truth::{File, Truth};

pub use report::{AgencyCounts, At, Bin, Compared, Group, Report, Speed, Stage, Stages, Timing};
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
    /// Use a plain hash in place of the threshold OPRF: the same scores in a fraction of the time.
    pub no_key_holders: bool,
    /// Let the nodes compare the candidates that tokens leave in doubt.
    pub second_step: bool,
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
    /// CSV, TSV, JSON Lines, XLSX or a POLE document.
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

/// With every answer the model is fitted anew, and a few more pairs may come into doubt.
const COMPARING_ROUNDS_MAX: usize = 4;
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
    let partners = Partners::found(
        &names,
        truth.records() as u64,
        options.no_key_holders,
        options.now,
        &mut rng,
    )?;
    let start = Instant::now();
    let pushes = tokenise(options, nodes, &partners, &mut rng)?;
    let tokenise = seconds(start);
    let start = Instant::now();
    let exchange = Exchange::open(options.now)?;
    pushes.push(&exchange, &partners)?;
    let push = seconds(start);
    let mut timing = Timing {
        normalise,
        tokenise,
        push,
        ..Timing::default()
    };
    timed(&mut timing.matching, || exchange.settle())?;
    let compared = match options.second_step {
        true => Some(compare(options, &exchange, nodes, &mut timing)?),
        false => None,
    };
    let found = Found {
        tokens: pushes.tokens(),
        scores: Scores::of(&exchange.scores(), nodes, truth, options.second_step)?,
        compared,
        timing,
    };
    Ok(found.report(options, nodes, truth))
}

/// Lets the nodes compare what the hub asks for, until it asks for nothing new; gives how many
/// pairs that were.
fn compare(
    options: &Options,
    exchange: &Exchange,
    nodes: &[Node],
    timing: &mut Timing,
) -> Result<usize> {
    let comparables = Comparables::of(nodes)?;
    let way = if options.no_key_holders {
        Way::InClear
    } else {
        Way::Encrypted
    };
    let mut done = HashSet::new();
    for _ in 0..COMPARING_ROUNDS_MAX {
        let mut pairs = exchange.pairs_to_compare();
        pairs.retain(|pair| done.insert(*pair));
        if pairs.is_empty() {
            break;
        }
        let levels = timed(&mut timing.compare, || comparables.compare(&pairs, way))?;
        let found: Vec<_> = pairs.into_iter().zip(levels).collect();
        timed(&mut timing.matching, || {
            exchange.put_compared(&found);
            exchange.settle()
        })?;
    }
    Ok(done.len())
}

/// Adds the time of `work` to `sum`, seconds.
fn timed<T>(sum: &mut f64, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    *sum += seconds(start);
    result
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

/// `work` on every item, as many at a time as there are processors; results in order.
pub(crate) fn in_parallel<T: Sync, R: Send>(
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
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .build()?
        .block_on(future))
}

#[cfg(test)]
mod tests;
