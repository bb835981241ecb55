//! Similarity graph attack on Bloom filters (after Vidanage, Christen, Ranbaduge, Schnell, 2020):
//! filters are as similar to each other as their records are, so the graph of similarities among
//! filters is that among the plaintext records. Records with an unusual neighbourhood are aligned
//! first; how similar everybody is to these tells the others apart.

use std::collections::HashMap;

use super::clk::{Clk, letter_pairs};
use crate::{attack::plaintext::Fields, synth::Dice};

/// Most similar neighbours that describe a record.
const NEIGHBOURS: usize = 24;
/// Aligned records that all others are compared with.
const SEEDS: usize = 256;
/// Rounds of aligning everybody by the seeds and choosing better seeds.
const ROUNDS: usize = 6;

/// Records of one side: similarity of every two.
struct Side {
    n: usize,
    similarity: Vec<f32>,
    pairs: Vec<f32>,
}

/// How many of `records` are found again from their filters by somebody who has all the records, in
/// another order, and not the key.
#[must_use]
pub fn realigned(records: &[Fields], key: &[u8], dice: &mut Dice) -> usize {
    let mut order: Vec<usize> = (0..records.len()).collect();
    dice.shuffle(&mut order);
    let filters: Vec<Clk> = order.iter().map(|i| Clk::of(&records[*i], key)).collect();
    let filters = Side::new(
        filters.len(),
        |i| filters[i].pairs(),
        |i, j| filters[i].similarity(&filters[j]),
    );
    let known = Side::of_plaintext(records);
    let found = align(&filters, &known);
    // Records with equal fields have equal filters and cannot be told apart by anybody: one is as good.
    let same =
        |a: usize, b: usize| a == b || letter_pairs(&records[a]) == letter_pairs(&records[b]);
    (0..records.len())
        .filter(|at| same(order[*at], found[*at]))
        .count()
}

impl Side {
    fn new(
        n: usize,
        pairs: impl Fn(usize) -> f64,
        similarity: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let mut side = Self {
            n,
            similarity: vec![0.0; n * n],
            pairs: (0..n).map(|i| pairs(i) as f32).collect(),
        };
        for i in 0..n {
            for j in i + 1..n {
                let value = similarity(i, j) as f32;
                side.similarity[i * n + j] = value;
                side.similarity[j * n + i] = value;
            }
        }
        side
    }

    fn of_plaintext(records: &[Fields]) -> Self {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let pairs: Vec<Vec<usize>> = records
            .iter()
            .map(|record| {
                let numbered = letter_pairs(record).into_iter().map(|pair| {
                    let next = numbers.len();
                    *numbers.entry(pair).or_insert(next)
                });
                numbered.collect()
            })
            .collect();
        let words = numbers.len().div_ceil(64);
        let sets: Vec<Vec<u64>> = pairs
            .iter()
            .map(|pairs| {
                let mut set = vec![0u64; words];
                pairs
                    .iter()
                    .for_each(|pair| set[pair / 64] |= 1 << (pair % 64));
                set
            })
            .collect();
        let count = |i: usize| pairs[i].len() as f64;
        Self::new(records.len(), count, |i, j| {
            let shared: u32 = sets[i]
                .iter()
                .zip(&sets[j])
                .map(|(a, b)| (a & b).count_ones())
                .sum();
            2.0 * f64::from(shared) / (count(i) + count(j)).max(1.0)
        })
    }

    /// Number of letter pairs and the highest similarities.
    fn neighbourhood(&self, i: usize) -> Vec<f32> {
        let mut row: Vec<f32> = self.similarity[i * self.n..(i + 1) * self.n].to_vec();
        let keep = NEIGHBOURS.min(row.len().saturating_sub(1));
        row.select_nth_unstable_by(keep, |a, b| b.total_cmp(a));
        row.truncate(keep);
        row.sort_unstable_by(|a, b| b.total_cmp(a));
        // A pair more or less weighs as much as a tenth of similarity.
        row.push(self.pairs[i] / 10.0);
        row
    }

    /// Similarities to the seeds, as a vector of mean 0 and length 1.
    fn profile(&self, i: usize, seeds: &[usize]) -> Vec<f32> {
        let mut profile: Vec<f32> = seeds
            .iter()
            .map(|seed| self.similarity[i * self.n + seed])
            .collect();
        let mean = profile.iter().sum::<f32>() / profile.len().max(1) as f32;
        profile.iter_mut().for_each(|value| *value -= mean);
        let length = profile
            .iter()
            .map(|v| v * v)
            .sum::<f32>()
            .sqrt()
            .max(f32::EPSILON);
        profile.iter_mut().for_each(|value| *value /= length);
        profile
    }
}

/// For each filter, the record it is taken for.
fn align(filters: &Side, known: &Side) -> Vec<usize> {
    let describe =
        |side: &Side| -> Vec<Vec<f32>> { (0..side.n).map(|i| side.neighbourhood(i)).collect() };
    let distance =
        |a: &[f32], b: &[f32]| -a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    let mut best = nearest(&describe(filters), &describe(known), distance);
    for _ in 0..ROUNDS {
        let seeds = best.seeds();
        if seeds.is_empty() {
            break;
        }
        let (left, right): (Vec<usize>, Vec<usize>) = seeds.into_iter().unzip();
        let left: Vec<Vec<f32>> = (0..filters.n).map(|i| filters.profile(i, &left)).collect();
        let right: Vec<Vec<f32>> = (0..known.n).map(|i| known.profile(i, &right)).collect();
        best = nearest(&left, &right, |a, b| {
            a.iter().zip(b).map(|(a, b)| a * b).sum()
        });
    }
    best.record
}

/// The record nearest to each filter, how much nearer than the next, and back.
struct Nearest {
    record: Vec<usize>,
    lead: Vec<f32>,
    filter: Vec<usize>,
}

impl Nearest {
    /// Mutually nearest pairs, those with the clearest lead.
    fn seeds(&self) -> Vec<(usize, usize)> {
        let mut mutual: Vec<usize> = (0..self.record.len())
            .filter(|i| self.filter[self.record[*i]] == *i)
            .collect();
        mutual.sort_unstable_by(|a, b| self.lead[*b].total_cmp(&self.lead[*a]));
        mutual.truncate(SEEDS.min(self.record.len() / 8 + 1));
        mutual.into_iter().map(|i| (i, self.record[i])).collect()
    }
}

fn nearest(
    filters: &[Vec<f32>],
    known: &[Vec<f32>],
    likeness: impl Fn(&[f32], &[f32]) -> f32,
) -> Nearest {
    let mut found = Nearest {
        record: vec![0; filters.len()],
        lead: vec![0.0; filters.len()],
        filter: vec![0; known.len()],
    };
    let mut best_of_known = vec![f32::NEG_INFINITY; known.len()];
    for (i, filter) in filters.iter().enumerate() {
        let (mut first, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        for (j, record) in known.iter().enumerate() {
            let value = likeness(filter, record);
            if value > first {
                (first, second) = (value, first);
                found.record[i] = j;
            } else if value > second {
                second = value;
            }
            if value > best_of_known[j] {
                best_of_known[j] = value;
                found.filter[j] = i;
            }
        }
        found.lead[i] = first - second;
    }
    found
}
