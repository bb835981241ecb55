use crate::{Candidate, Levels, population::RARITY_TYPES};

/// Bits a rare or common value may add or take.
const RARITY_BITS: (f64, f64) = (-6.0, 2.0);

/// All that the model sees of a candidate; many candidates share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Pattern {
    pub levels: Levels,
    /// Quarter bits: fine enough, and keeps patterns few.
    rarity: i8,
    /// What analysts decided.
    pub decided: Option<bool>,
}

impl Pattern {
    pub(crate) fn of(
        candidate: &Candidate,
        expected_excess: &[Option<f64>; RARITY_TYPES.len()],
    ) -> Self {
        let bits = rarity_bits(candidate, expected_excess);
        Self {
            levels: Levels::of(candidate),
            // -24 to 8, so the cast is exact.
            rarity: (bits * 4.0).round_ties_even() as i8,
            decided: candidate.decided,
        }
    }

    /// A pattern made up for a test of the fit.
    #[cfg(test)]
    pub(crate) const fn planted(levels: Levels) -> Self {
        Self {
            levels,
            rarity: 0,
            decided: None,
        }
    }

    /// The same as the tokens alone show it.
    pub(crate) fn of_tokens(self) -> Self {
        Self {
            levels: self.levels.of_tokens(),
            ..self
        }
    }

    /// log2 of how much rarer the agreed values are than those of their type: the most damning
    /// one counts.
    pub(crate) fn rarity_bits(&self) -> f64 {
        f64::from(self.rarity) / 4.0
    }
}

fn rarity_bits(candidate: &Candidate, expected_excess: &[Option<f64>; RARITY_TYPES.len()]) -> f64 {
    candidate
        .agreements
        .iter()
        .filter_map(|agreement| {
            let index = RARITY_TYPES.iter().position(|t| *t == agreement.token)?;
            let expected = expected_excess[index]?;
            Some(((expected + 1.0) / (f64::from(agreement.excess) + 1.0)).log2())
        })
        .min_by(f64::total_cmp)
        .map_or(0.0, |bits| bits.clamp(RARITY_BITS.0, RARITY_BITS.1))
}

/// Distinct patterns with how many candidates have each, in the order of patterns, so that a fit
/// does not depend on the order of candidates.
pub(crate) fn collapse(mut patterns: Vec<Pattern>) -> Vec<(Pattern, f64)> {
    patterns.sort_unstable();
    patterns
        .chunk_by(|a, b| a == b)
        .filter_map(|group| Some((*group.first()?, group.len() as f64)))
        .collect()
}

/// The same for patterns that are counted already.
pub(crate) fn merge(mut patterns: Vec<(Pattern, f64)>) -> Vec<(Pattern, f64)> {
    patterns.sort_unstable_by_key(|(pattern, _)| *pattern);
    patterns
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|group| Some((group.first()?.0, group.iter().map(|(_, n)| n).sum())))
        .collect()
}
