//! What the other records around a pair say of it: competition and transitivity.
//!
//! Only records that pairs from [`JOINS_BITS_MIN`] join bear on each other, so the rule is worked
//! out group by group; a hub works out anew only the groups that a change touched.

use std::collections::{BTreeMap, BTreeSet};

use crate::{clusters::Forest, weights::probability};

/// From this many own duplicates per record a chain within an agency is worth following.
const CHAIN_RATE_MIN: f64 = 0.02;
/// Agencies with more own duplicates per record may rightly match one record twice: competition
/// counts fully up to the first rate, and no more from the second.
const COMPETITION_RATES: (f64, f64) = (0.02, 0.06);
/// A pair with fewer bits (odds of 1 to 50) has no say in any other, and joins no group.
pub const JOINS_BITS_MIN: f64 = -5.643_856_189_774_724;
/// Trust in a chain of two pairs.
const CHAIN: f64 = 0.95;
/// From this support on a chain is fully trusted; true groups have about it, as not every pair in
/// them shares a token.
const SUPPORT_FULL: f64 = 0.35;
const ROUNDS: usize = 2;
/// Pairs from this many bits carry a chain.
const LINK_BITS_MIN: f64 = 1.0;
/// No chain overrides a pair that was compared and found this unlike.
const UNLIKE_BITS: f64 = -8.0;
/// Records with more links are hubs of coincidence, not persons.
const LINKS_MAX: usize = 60;

/// (record, record, bits).
pub type ScoredEdge = (u32, u32, f64);

/// What the rule goes by besides scores: of the whole partnership, also where one group is refined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusterRule {
    /// Agencies that hold records.
    pub agencies: usize,
    /// Pairs of one agency's records that are one person, per record.
    pub own_duplicate_rate: f64,
}

impl ClusterRule {
    /// How much records of one agency compete for a record, from 0 to 1.
    fn competition(&self) -> f64 {
        let (full, none) = COMPETITION_RATES;
        ((none - self.own_duplicate_rate) / (none - full)).clamp(0.0, 1.0)
    }

    /// Whether a third record can link two.
    fn chains(&self) -> bool {
        self.agencies > 2 || self.own_duplicate_rate > CHAIN_RATE_MIN
    }
}

/// Scores of pairs in the light of all others.
///
/// `pairs` are (record, record, bits) as scored alone, each pair once; those of one agency may be
/// among them and tell own duplicates from competitors. `agencies` has each record's agency by
/// its number. Where agencies rarely have one person twice, a pair loses what its competitors at
/// the same agency gain; with more than two agencies, or own duplicates, a third record that
/// links both lifts a pair or adds it. Returns the pairs of different agencies, in order; pairs
/// of unknown records or without a number as score are dropped.
///
/// Pure and deterministic; about the sum over records of links squared.
#[must_use]
pub fn refine(pairs: &[ScoredEdge], agencies: &[u32], own_duplicate_rate: f64) -> Vec<ScoredEdge> {
    let holding: BTreeSet<u32> = pairs
        .iter()
        .flat_map(|(a, b, _)| [*a, *b])
        .filter_map(|record| agencies.get(record as usize).copied())
        .collect();
    let rule = ClusterRule {
        agencies: holding.len(),
        own_duplicate_rate,
    };
    let mut refined = Vec::with_capacity(pairs.len());
    for group in groups(pairs) {
        refined.extend(refine_group(&group, agencies, &rule));
    }
    refined.sort_unstable_by_key(|(a, b, _)| (*a, *b));
    refined
}

/// Pairs by the groups of records that bear on each other, in the order of their first record; a
/// pair that joins nothing and lies in no group is one alone. Refining each group gives what
/// [`refine`] gives for all.
#[must_use]
pub fn groups(pairs: &[ScoredEdge]) -> Vec<Vec<ScoredEdge>> {
    let mut forest = Forest::default();
    for (a, b, bits) in pairs {
        if a != b && *bits >= JOINS_BITS_MIN {
            forest.join(*a, *b);
        }
    }
    // A group is named by its root, twice; a pair between groups by its own two records.
    let mut keyed: Vec<((u32, u32), ScoredEdge)> = pairs
        .iter()
        .map(|(a, b, bits)| {
            let (a, b) = (*a.min(b), *a.max(b));
            let (x, y) = (forest.root(a), forest.root(b));
            (if x == y { (x, x) } else { (a, b) }, (a, b, *bits))
        })
        .collect();
    keyed.sort_by_key(|(key, (a, b, _))| (*key, *a, *b));
    keyed
        .chunk_by(|x, y| x.0 == y.0)
        .map(|group| group.iter().map(|(_, pair)| *pair).collect())
        .collect()
}

/// [`refine`] for one of its [`groups`], given all pairs between the group's records.
#[must_use]
pub fn refine_group(pairs: &[ScoredEdge], agencies: &[u32], rule: &ClusterRule) -> Vec<ScoredEdge> {
    let agency = |record: u32| agencies.get(record as usize).copied();
    let mut scores: BTreeMap<(u32, u32), f64> = pairs
        .iter()
        .filter(|(a, b, bits)| a != b && !bits.is_nan() && agency(*a).and(agency(*b)).is_some())
        .map(|(a, b, bits)| ((*a.min(b), *a.max(b)), *bits))
        .collect();
    // A pair alone has neither competitors nor a third record.
    if scores.len() > 1 {
        let competition = rule.competition();
        if competition > 0.0 {
            scores = compete(&scores, agencies, competition);
        }
        if rule.chains() {
            close(&mut scores);
        }
    }
    scores
        .into_iter()
        .filter(|((a, b), _)| agency(*a) != agency(*b))
        .map(|((a, b), bits)| (a, b, bits))
        .collect()
}

/// Records of one agency with their odds.
type Rivals = Vec<(u32, f64)>;

/// Soft one-to-one: odds are shared among the records of one agency that compete for a record,
/// except those that are likely the same person entered twice.
fn compete(
    scores: &BTreeMap<(u32, u32), f64>,
    agencies: &[u32],
    competition: f64,
) -> BTreeMap<(u32, u32), f64> {
    let agency = |record: u32| agencies.get(record as usize).copied();
    let odds = |bits: f64| bits.clamp(-60.0, 60.0).exp2();
    // (record, other agency) -> its candidates there with their odds.
    let mut rows: BTreeMap<(u32, Option<u32>), Rivals> = BTreeMap::new();
    for ((a, b), bits) in scores {
        if agency(*a) != agency(*b) && *bits >= JOINS_BITS_MIN {
            rows.entry((*a, agency(*b)))
                .or_default()
                .push((*b, odds(*bits)));
            rows.entry((*b, agency(*a)))
                .or_default()
                .push((*a, odds(*bits)));
        }
    }
    let duplicate = |x: u32, y: u32| {
        let known = scores.get(&(x.min(y), x.max(y)));
        known.map_or(0.0, |bits| probability(*bits))
    };
    let against = |own: u32, side: u32| -> f64 {
        let row = rows
            .get(&(own, agency(side)))
            .map_or(&[][..], Vec::as_slice);
        row.iter()
            .filter(|(record, _)| *record != side)
            .map(|(record, odds)| odds * (1.0 - duplicate(side, *record)))
            .sum()
    };
    scores
        .iter()
        .map(|(pair, bits)| {
            let (a, b) = *pair;
            let crosses = agency(a) != agency(b);
            let rivals = if crosses {
                against(a, b) + against(b, a)
            } else {
                0.0
            };
            (*pair, bits - (1.0 + competition * rivals).log2())
        })
        .collect()
}

/// Soft transitive closure: a pair is at least nearly as likely as the chain of two pairs through
/// a third record.
fn close(scores: &mut BTreeMap<(u32, u32), f64>) {
    let unlike: BTreeSet<(u32, u32)> = scores
        .iter()
        .filter(|(_, bits)| **bits < UNLIKE_BITS)
        .map(|(pair, _)| *pair)
        .collect();
    for _ in 0..ROUNDS {
        let mut links: BTreeMap<u32, Vec<(u32, f64)>> = BTreeMap::new();
        for ((a, b), bits) in scores.iter().filter(|(_, bits)| **bits > LINK_BITS_MIN) {
            let p = probability(bits.min(40.0));
            links.entry(*a).or_default().push((*b, p));
            links.entry(*b).or_default().push((*a, p));
        }
        for row in links.values_mut() {
            row.sort_unstable_by_key(|(record, _)| *record);
        }
        let mut lifted: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for around in links.values().filter(|l| l.len() <= LINKS_MAX) {
            for (i, (x, p)) in around.iter().enumerate() {
                for (y, q) in &around[..i] {
                    let pair = (*x.min(y), *x.max(y));
                    let known = lifted.get(&pair).or(scores.get(&pair)).copied();
                    let most = log_odds(CHAIN * p * q);
                    if unlike.contains(&pair) || known.is_some_and(|known| most <= known) {
                        continue;
                    }
                    let support = support(&links, *x, *y);
                    let bits = log_odds(CHAIN * p * q * (support / SUPPORT_FULL).min(1.0));
                    if known.is_none_or(|known| bits > known) {
                        lifted.insert(pair, bits);
                    }
                }
            }
        }
        scores.extend(lifted);
    }
}

/// Share of those linked to either of two records that are linked to both, weighed by how likely
/// the links are. Where one doubtful pair joins two groups, it alone speaks for every pair across
/// them, and the silence of all others speaks against.
fn support(links: &BTreeMap<u32, Vec<(u32, f64)>>, x: u32, y: u32) -> f64 {
    let row = |record: u32| links.get(&record).map_or(&[][..], Vec::as_slice);
    let (mut a, mut b) = (row(x), row(y));
    let (mut both, mut either) = (0.0, 0.0);
    while !a.is_empty() || !b.is_empty() {
        let next = |side: &[(u32, f64)]| side.first().map_or(u32::MAX, |(record, _)| *record);
        let record = next(a).min(next(b));
        let take = |side: &mut &[(u32, f64)]| match side.split_first() {
            Some(((r, p), rest)) if *r == record => {
                *side = rest;
                *p
            }
            _ => 0.0,
        };
        let (p, q) = (take(&mut a), take(&mut b));
        if record != x && record != y {
            both += p.min(q);
            either += p.max(q);
        }
    }
    if either > 0.0 { both / either } else { 0.0 }
}

fn log_odds(p: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    (p / (1.0 - p)).log2()
}

#[cfg(test)]
mod tests;
