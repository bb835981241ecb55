//! How often two records of one agency collide on a key.

use crate::{Features, sample::Dice};

/// Larger groups are sampled.
const EXHAUSTIVE_GROUP: usize = 12;
const PAIRS_SAMPLED: usize = 66;

/// Distinct records by key, for keys that two or more hold; in the order of keys.
pub(crate) fn groups<K: Ord + Copy>(
    keys: impl Iterator<Item = (K, usize)>,
) -> Vec<(K, Vec<usize>)> {
    let mut pairs: Vec<(K, usize)> = keys.collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|group| group.len() > 1)
        .map(|group| {
            (
                group[0].0,
                group.iter().map(|(_, record)| *record).collect(),
            )
        })
        .collect()
}

/// Groups of records with one key, to draw pairs from as often as they occur.
pub(crate) struct Colliding<K> {
    groups: Vec<(K, Vec<usize>)>,
    cumulative: Vec<u64>,
}

impl<K: Ord + Copy> Colliding<K> {
    pub(crate) fn of(keys: impl Iterator<Item = (K, usize)>) -> Self {
        let groups = groups(keys);
        let mut sum = 0_u64;
        let cumulative = groups
            .iter()
            .map(|(_, group)| {
                sum += (group.len() * (group.len() - 1)) as u64;
                sum
            })
            .collect();
        Self { groups, cumulative }
    }

    /// Pairs of records with one key.
    pub(crate) fn pairs(&self) -> usize {
        self.cumulative
            .last()
            .map_or(0, |twice| *twice as usize / 2)
    }

    /// Two records of one group; `None` when no two collide.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Option<(usize, usize)> {
        let (_, group) = dice.weighted(&self.groups, &self.cumulative)?;
        dice.two(group).map(|(i, j)| (*i, *j))
    }
}

/// Each record's keys, with the record's position.
pub(crate) fn keys<'a, K, I>(
    records: &'a [Features],
    of: impl Fn(&'a Features) -> I + 'a,
) -> impl Iterator<Item = (K, usize)> + 'a
where
    K: 'a,
    I: IntoIterator<Item = K> + 'a,
    I::IntoIter: 'a,
{
    records
        .iter()
        .enumerate()
        .flat_map(move |(i, record)| of(record).into_iter().map(move |key| (key, i)))
}

/// Chance that a random pair of different people collides on a key. `may_be_one_person` drops
/// pairs that cannot be told from one person entered twice; `share_kept` is the share of random
/// pairs that it keeps.
pub(crate) fn chance<K: Ord + Copy>(
    records: &[Features],
    keyed: impl Iterator<Item = (K, usize)>,
    may_be_one_person: impl Fn(&Features, &Features) -> bool,
    share_kept: f64,
    dice: &mut Dice,
) -> f64 {
    let mut total = 0.0;
    for (_, group) in groups(keyed) {
        let size = group.len();
        let mut kept = 0_usize;
        let mut tried = 0_usize;
        let mut try_pair = |i: usize, j: usize| {
            tried += 1;
            kept += usize::from(!may_be_one_person(&records[i], &records[j]));
        };
        if size <= EXHAUSTIVE_GROUP {
            for (x, i) in group.iter().enumerate() {
                group[..x].iter().for_each(|j| try_pair(*i, *j));
            }
        } else {
            for _ in 0..PAIRS_SAMPLED {
                if let Some((i, j)) = dice.two(&group) {
                    try_pair(*i, *j);
                }
            }
        }
        total += (size * (size - 1)) as f64 * kept as f64 / tried.max(1) as f64;
    }
    let n = records.len() as f64;
    // A chance; tiny files with one common value would exceed it through `share_kept`.
    (total / (n * (n - 1.0)) / share_kept).min(0.5)
}
