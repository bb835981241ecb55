//! Ways to guess which posting belongs with which, and how good a guess is beside chance.

use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha20Rng;

/// Relabellings that chance is judged by.
const RELABELLINGS: usize = 300;

/// A posting as it stands in a batch, and whose it is; dummies are nobody's.
#[derive(Clone, Copy)]
pub struct Line {
    pub owner: Option<usize>,
    pub bytes: [u8; 94],
}

/// A guess at a partner for each posting of a batch, by its readable bytes and place alone.
pub struct Strategy {
    pub name: &'static str,
    pub partners: fn(&[Line]) -> Vec<usize>,
}

/// All of them.
pub const STRATEGIES: [Strategy; 8] = [
    Strategy {
        name: "the next posting",
        partners: |lines| ring(lines, |_| 0),
    },
    Strategy {
        name: "the opposite posting",
        partners: |lines| {
            let n = lines.len();
            (0..n).map(|at| (at + n / 2) % n).collect()
        },
    },
    Strategy {
        name: "the next tag",
        partners: |lines| ring(lines, |line| number(&line.bytes[..16])),
    },
    Strategy {
        name: "the next share",
        partners: |lines| ring(lines, |line| number(&line.bytes[16..32])),
    },
    Strategy {
        name: "the next handle",
        partners: |lines| ring(lines, |line| number(&line.bytes[48..56])),
    },
    Strategy {
        name: "the next of the same month",
        partners: |lines| ring(lines, |line| number(&line.bytes[56..58])),
    },
    Strategy {
        name: "the next sealed body",
        partners: |lines| ring(lines, |line| number(&line.bytes[58..74])),
    },
    Strategy {
        name: "the most similar bytes",
        partners: most_similar,
    },
];

/// Each posting's successor when they are sorted by `key`, the last one's being the first; equal
/// keys keep their places.
fn ring(lines: &[Line], key: impl Fn(&Line) -> u128) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|at| (key(&lines[*at]), *at));
    let mut partners = vec![0; lines.len()];
    for (place, at) in order.iter().enumerate() {
        partners[*at] = order[(place + 1) % order.len()];
    }
    partners
}

fn number(bytes: &[u8]) -> u128 {
    bytes
        .iter()
        .fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}

/// The posting with the fewest different bits.
fn most_similar(lines: &[Line]) -> Vec<usize> {
    let words: Vec<[u128; 6]> = lines
        .iter()
        .map(|line| {
            let mut words = [0; 6];
            let chunks = line.bytes.chunks(16);
            words
                .iter_mut()
                .zip(chunks)
                .for_each(|(w, c)| *w = number(c));
            words
        })
        .collect();
    let distance = |a: usize, b: usize| -> u32 {
        let pairs = words[a].iter().zip(&words[b]);
        pairs.map(|(x, y)| (x ^ y).count_ones()).sum()
    };
    (0..lines.len())
        .map(|at| {
            let others = (0..lines.len()).filter(|other| *other != at);
            others
                .min_by_key(|other| distance(at, *other))
                .unwrap_or(at)
        })
        .collect()
}

/// How far the guesses of a strategy over many batches are from chance, in standard deviations:
/// right guesses beside those after the owners were dealt out anew.
pub fn deviation(batches: &[Vec<Line>], strategy: &Strategy) -> f64 {
    let guessed: Vec<_> = batches.iter().map(|b| (strategy.partners)(b)).collect();
    beside_chance(batches, |batch, owners| {
        let partners = &guessed[batch];
        let right = (0..owners.len())
            .filter(|at| owners[*at].is_some() && owners[*at] == owners[partners[*at]]);
        right.count() as f64
    })
}

/// The same for the distance in places between postings of one record: negative when they stand
/// nearer to each other than chance puts them.
pub fn distance_deviation(batches: &[Vec<Line>]) -> f64 {
    beside_chance(batches, |_, owners| {
        let records = owners.iter().flatten().max().map_or(0, |last| last + 1);
        let mut places: Vec<Vec<f64>> = vec![Vec::new(); records];
        for (at, owner) in owners.iter().enumerate() {
            if let Some(owner) = owner {
                places[*owner].push(at as f64 / owners.len() as f64);
            }
        }
        places.iter().map(|places| pairwise_distance(places)).sum()
    })
}

/// Sum of the distances of all pairs; `places` ascend.
fn pairwise_distance(places: &[f64]) -> f64 {
    let n = places.len() as f64;
    let weighted = places.iter().enumerate();
    weighted
        .map(|(i, place)| place * (2.0 * i as f64 - n + 1.0))
        .sum()
}

/// A statistic's distance from its mean under relabelling, in standard deviations.
fn beside_chance(batches: &[Vec<Line>], statistic: impl Fn(usize, &[Option<usize>]) -> f64) -> f64 {
    let mut owners: Vec<Vec<Option<usize>>> = batches
        .iter()
        .map(|batch| batch.iter().map(|line| line.owner).collect())
        .collect();
    let total = |owners: &[Vec<Option<usize>>]| -> f64 {
        let numbered = owners.iter().enumerate();
        numbered
            .map(|(batch, owners)| statistic(batch, owners))
            .sum()
    };
    let observed = total(&owners);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let by_chance: Vec<f64> = (0..RELABELLINGS)
        .map(|_| {
            owners.iter_mut().for_each(|batch| batch.shuffle(&mut rng));
            total(&owners)
        })
        .collect();
    let n = by_chance.len() as f64;
    let mean = by_chance.iter().sum::<f64>() / n;
    let variance = by_chance.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (observed - mean) / variance.sqrt().max(1e-9)
}
