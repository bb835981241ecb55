//! Candidate pairs against true pairs.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    report::{At, Bin, Group, Stage},
    truth::Pair,
};

/// A candidate and its probability.
pub type Scored = (Pair, f64);

/// Probability of the strong band.
const STRONG: f64 = 0.9;
/// Lower ends of the calibration bins; the last ends at 1.
const BINS: [f64; 12] = [
    0.0, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.75, 0.85, 0.95, 0.99,
];
/// The calibration error counts pairs that somebody might be told of.
const CALIBRATION_FROM: f64 = 0.2;

/// The figures of one stage.
pub fn stage(threshold: f64, scored: &[Scored], truth: &HashSet<Pair>) -> Stage {
    Stage {
        at_threshold: at(threshold, scored, truth),
        at_strong: at(STRONG, scored, truth),
        at_best: best(scored, truth),
        calibration_error: calibration_error(&calibration(scored, truth)),
    }
}

/// The pairs stated from `low` to below `high`, as one bin.
pub fn stated(low: f64, high: f64, scored: &[Scored], truth: &HashSet<Pair>) -> Bin {
    let within = |(_, p): &&Scored| (low..high).contains(p);
    let (mut sum, mut right, mut pairs) = (0.0, 0, 0);
    for (pair, p) in scored.iter().filter(within) {
        sum += p;
        right += usize::from(truth.contains(pair));
        pairs += 1;
    }
    Bin {
        p_mean: sum / pairs.max(1) as f64,
        true_rate: ratio(right, pairs),
        pairs,
    }
}

/// Share of true pairs that are candidates at all.
pub fn candidate_recall(scored: &[Scored], truth: &HashSet<Pair>) -> f64 {
    ratio(
        scored
            .iter()
            .filter(|(pair, _)| truth.contains(pair))
            .count(),
        truth.len(),
    )
}

/// Precision, recall and F1 of the candidates at or above a threshold.
pub fn at(threshold: f64, scored: &[Scored], truth: &HashSet<Pair>) -> At {
    let taken = scored.iter().filter(|(_, p)| *p >= threshold);
    let (mut pairs, mut right) = (0, 0);
    for (pair, _) in taken {
        pairs += 1;
        right += usize::from(truth.contains(pair));
    }
    figures(threshold, pairs, right, truth.len())
}

/// The threshold with the best F1, tried only between different scores, so that equal scores are
/// never split.
pub fn best(scored: &[Scored], truth: &HashSet<Pair>) -> At {
    let mut sorted: Vec<&Scored> = scored.iter().collect();
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut best = figures(1.0, 0, 0, truth.len());
    let mut right = 0;
    for (index, (pair, p)) in sorted.iter().enumerate() {
        right += usize::from(truth.contains(pair));
        let next = sorted.get(index + 1).map(|(_, next)| *next);
        if next != Some(*p) {
            let here = figures(*p, index + 1, right, truth.len());
            if here.f1 > best.f1 {
                best = here;
            }
        }
    }
    best
}

/// Stated probability against what was true, for the bins that have pairs.
pub fn calibration(scored: &[Scored], truth: &HashSet<Pair>) -> Vec<Bin> {
    let mut sums = [(0.0, 0usize, 0usize); BINS.len()];
    for (pair, p) in scored {
        let bin = BINS.iter().rposition(|low| p >= low).unwrap_or(0);
        if let Some((sum, right, pairs)) = sums.get_mut(bin) {
            *sum += p;
            *right += usize::from(truth.contains(pair));
            *pairs += 1;
        }
    }
    let filled = sums.into_iter().filter(|(.., pairs)| *pairs > 0);
    filled
        .map(|(sum, right, pairs)| Bin {
            p_mean: sum / pairs as f64,
            true_rate: ratio(right, pairs),
            pairs,
        })
        .collect()
}

/// Expected calibration error over the bins of pairs worth telling.
pub fn calibration_error(bins: &[Bin]) -> f64 {
    let counted = || bins.iter().filter(|bin| bin.p_mean >= CALIBRATION_FROM);
    let pairs: usize = counted().map(|bin| bin.pairs).sum();
    let off: f64 = counted()
        .map(|bin| (bin.p_mean - bin.true_rate).abs() * bin.pairs as f64)
        .sum();
    if pairs == 0 { 0.0 } else { off / pairs as f64 }
}

/// Figures by group; a pair counts for the group of either record, once.
pub fn by_group(
    threshold: f64,
    scored: &[Scored],
    truth: &HashSet<Pair>,
    groups: &[String],
) -> Vec<Group> {
    let of = |pair: &Pair| {
        let name = |record: u32| groups.get(record as usize).map_or("", String::as_str);
        let (a, b) = (name(pair.0), name(pair.1));
        std::iter::once(a).chain((a != b).then_some(b))
    };
    let probability: HashMap<&Pair, f64> = scored.iter().map(|(pair, p)| (pair, *p)).collect();
    let mut all: BTreeMap<&str, Tally> = BTreeMap::new();
    for pair in truth {
        for name in of(pair) {
            let tally = all.entry(name).or_default();
            tally.truths += 1;
            tally.candidates += usize::from(probability.contains_key(pair));
            tally.right += usize::from(probability.get(pair).is_some_and(|p| *p >= threshold));
        }
    }
    for (pair, _) in scored.iter().filter(|(_, p)| *p >= threshold) {
        for name in of(pair) {
            all.entry(name).or_default().taken += 1;
        }
    }
    let mut rows: Vec<Group> = all
        .into_iter()
        .map(|(name, tally)| tally.group(name))
        .collect();
    rows.sort_by(|a, b| b.true_pairs.cmp(&a.true_pairs).then(a.name.cmp(&b.name)));
    rows
}

#[derive(Default)]
struct Tally {
    truths: usize,
    candidates: usize,
    right: usize,
    taken: usize,
}

impl Tally {
    fn group(&self, name: &str) -> Group {
        Group {
            name: name.to_owned(),
            true_pairs: self.truths,
            candidate_recall: ratio(self.candidates, self.truths),
            recall: ratio(self.right, self.truths),
            precision: ratio(self.right, self.taken),
        }
    }
}

fn figures(threshold: f64, pairs: usize, right: usize, truths: usize) -> At {
    At {
        threshold,
        precision: ratio(right, pairs),
        recall: ratio(right, truths),
        f1: ratio(2 * right, pairs + truths),
        pairs,
    }
}

/// 0 when there is nothing to divide by.
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored() -> Vec<Scored> {
        vec![
            ((0, 1), 0.99),
            ((2, 3), 0.8),
            ((4, 5), 0.8),
            ((6, 7), 0.3),
            ((8, 9), 0.1),
        ]
    }
    fn truth() -> HashSet<Pair> {
        HashSet::from([(0, 1), (2, 3), (6, 7), (10, 11)])
    }

    #[test]
    fn figures_are_the_textbook_ones() {
        let half = at(0.5, &scored(), &truth());
        assert_eq!(
            (half.pairs, half.precision, half.recall),
            (3, 2.0 / 3.0, 0.5)
        );
        assert!((half.f1 - 4.0 / 7.0).abs() < 1e-12);
        assert_eq!(candidate_recall(&scored(), &truth()), 0.75);
    }

    #[test]
    fn the_best_threshold_never_splits_equal_scores() {
        let best = best(&scored(), &truth());
        assert_eq!((best.threshold, best.pairs), (0.3, 4));
        assert_eq!(best.f1, 0.75);
    }

    #[test]
    fn calibration_counts_each_pair_once() {
        let bins = calibration(&scored(), &truth());
        assert_eq!(bins.iter().map(|bin| bin.pairs).sum::<usize>(), 5);
        // 0.99 true, two of 0.8 of which one is true, 0.3 true: (0.01 + 2 * 0.3 + 0.7) / 4.
        assert!((calibration_error(&bins) - 1.31 / 4.0).abs() < 1e-12);
    }

    #[test]
    fn a_range_of_probabilities_is_one_bin() {
        let bin = stated(0.3, 0.99, &scored(), &truth());
        assert_eq!((bin.pairs, bin.true_rate), (3, 2.0 / 3.0));
        assert!((bin.p_mean - 1.9 / 3.0).abs() < 1e-12);
        assert_eq!(stated(0.4, 0.5, &scored(), &truth()).pairs, 0);
    }

    #[test]
    fn a_pair_counts_for_both_its_groups() {
        let mut groups = vec!["gb".to_owned(); 12];
        groups[3] = "vn".to_owned();
        let rows = by_group(0.5, &scored(), &truth(), &groups);
        assert_eq!(rows.len(), 2);
        let (gb, vn) = (&rows[0], &rows[1]);
        assert_eq!((gb.name.as_str(), gb.true_pairs, gb.recall), ("gb", 4, 0.5));
        assert_eq!(
            (vn.name.as_str(), vn.true_pairs, vn.recall, vn.precision),
            ("vn", 1, 1.0, 1.0)
        );
    }
}
