//! What the other records around a pair say of it: competition and transitivity.

use std::collections::{BTreeMap, BTreeSet};

use crate::weights::probability;

/// Agencies with more own duplicates per record than this may rightly match one record twice.
const DUPLICATE_RATE_MAX: f64 = 0.02;
/// Competitors with lower odds are ignored.
const COMPETITOR_ODDS_MIN: f64 = 0.02;
/// Trust in a chain of two pairs.
const CHAIN: f64 = 0.95;
const ROUNDS: usize = 2;
/// Pairs from this many bits carry a chain.
const LINK_BITS_MIN: f64 = 1.0;
/// No chain overrides a pair that was compared and found this unlike.
const UNLIKE_BITS: f64 = -8.0;
/// Records with more links are hubs of coincidence, not persons.
const LINKS_MAX: usize = 60;

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
pub fn refine(
    pairs: &[(u32, u32, f64)],
    agencies: &[u32],
    own_duplicate_rate: f64,
) -> Vec<(u32, u32, f64)> {
    let agency = |record: u32| agencies.get(record as usize).copied();
    let mut scores: BTreeMap<(u32, u32), f64> = pairs
        .iter()
        .filter(|(a, b, bits)| a != b && !bits.is_nan() && agency(*a).and(agency(*b)).is_some())
        .map(|(a, b, bits)| ((*a.min(b), *a.max(b)), *bits))
        .collect();
    let crosses = |pair: (u32, u32)| agency(pair.0) != agency(pair.1);
    if own_duplicate_rate <= DUPLICATE_RATE_MAX {
        scores = compete(&scores, agencies);
    }
    let holding: BTreeSet<u32> = scores
        .keys()
        .flat_map(|(a, b)| [*a, *b])
        .filter_map(agency)
        .collect();
    if holding.len() > 2 || own_duplicate_rate > DUPLICATE_RATE_MAX {
        close(&mut scores);
    }
    scores
        .into_iter()
        .filter(|(pair, _)| crosses(*pair))
        .map(|((a, b), bits)| (a, b, bits))
        .collect()
}

/// Records of one agency with their odds.
type Rivals = Vec<(u32, f64)>;

/// Soft one-to-one: odds are shared among the records of one agency that compete for a record,
/// except those that are likely the same person entered twice.
fn compete(scores: &BTreeMap<(u32, u32), f64>, agencies: &[u32]) -> BTreeMap<(u32, u32), f64> {
    let agency = |record: u32| agencies.get(record as usize).copied();
    let odds = |bits: f64| bits.clamp(-60.0, 60.0).exp2();
    // (record, other agency) -> its candidates there with their odds.
    let mut rows: BTreeMap<(u32, Option<u32>), Rivals> = BTreeMap::new();
    for ((a, b), bits) in scores {
        if agency(*a) != agency(*b) && odds(*bits) > COMPETITOR_ODDS_MIN {
            rows.entry((*a, agency(*b)))
                .or_default()
                .push((*b, odds(*bits)));
            rows.entry((*b, agency(*a)))
                .or_default()
                .push((*a, odds(*bits)));
        }
    }
    let duplicate = |x: u32, y: u32| {
        let bits = scores.get(&(x.min(y), x.max(y))).copied().unwrap_or(-40.0);
        probability(bits.clamp(-40.0, 40.0))
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
            (*pair, bits - (1.0 + rivals).log2())
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
        let mut lifted: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for around in links.values().filter(|l| l.len() <= LINKS_MAX) {
            for (i, (x, p)) in around.iter().enumerate() {
                for (y, q) in &around[..i] {
                    let pair = (*x.min(y), *x.max(y));
                    let known = lifted.get(&pair).or(scores.get(&pair)).copied();
                    let bits = log_odds(CHAIN * p * q);
                    if !unlike.contains(&pair) && known.is_none_or(|known| bits > known) {
                        lifted.insert(pair, bits);
                    }
                }
            }
        }
        scores.extend(lifted);
    }
}

fn log_odds(p: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    (p / (1.0 - p)).log2()
}

#[cfg(test)]
mod tests;
