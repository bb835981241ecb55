//! From analysts' decisions to a correction of probabilities.

use crate::weights::probability;

/// Decisions that the model's own scores count for.
const PRIOR_DECISIONS: f64 = 30.0;
/// Most that decisions may move any score.
const SHIFT_MAX: f64 = 2.0;
/// A decision is believed this much, so that one wrong click is not infinitely surprising.
const SURE: f64 = 0.95;
const ROUNDS: usize = 25;

/// A shift of log2 odds learned from decisions (recalibration in the large: Cox, Biometrika 45,
/// 1958). Only the level is corrected, since what analysts see is a narrow range of scores.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Calibration {
    shift: f64,
}

impl Calibration {
    /// The shift at which decided pairs are right as often as stated, held back towards none.
    pub(crate) fn of(decided: &[(f64, bool)]) -> Self {
        let mut shift = 0.0_f64;
        for _ in 0..ROUNDS {
            // Newton's method on the log likelihood with a normal prior on the shift.
            let (mut slope, mut curvature) =
                (-PRIOR_DECISIONS / 4.0 * shift, PRIOR_DECISIONS / 4.0);
            for (bits, one_person) in decided {
                let p = probability(bits + shift);
                let y = if *one_person { SURE } else { 1.0 - SURE };
                slope += y - p.clamp(1.0 - SURE, SURE);
                curvature += std::f64::consts::LN_2 * p * (1.0 - p);
            }
            shift = (shift + slope / curvature).clamp(-SHIFT_MAX, SHIFT_MAX);
        }
        Self { shift }
    }

    pub(crate) fn apply(self, bits: f64) -> f64 {
        bits + self.shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_decisions_nothing_changes() {
        assert_eq!(Calibration::of(&[]), Calibration::default());
    }

    #[test]
    fn decisions_that_fit_change_nothing_and_others_pull() {
        let shift = |bits: f64, right: usize, wrong: usize| {
            let mut decided = vec![(bits, true); right];
            decided.extend(vec![(bits, false); wrong]);
            Calibration::of(&decided).apply(0.0)
        };
        assert!(shift(1.0, 200, 100).abs() < 0.1, "two to one as stated");
        let confident = shift(2.0, 100, 100);
        assert!((-2.0..-1.2).contains(&confident), "{confident}");
        assert!(shift(-1.0, 300, 100) > 1.0);
    }

    #[test]
    fn a_few_wrong_clicks_do_little_and_many_have_a_limit() {
        let few = Calibration::of(&[(6.0, false); 3]).apply(0.0);
        assert!((-0.6..0.0).contains(&few), "{few}");
        let many = Calibration::of(&[(10.0, false); 5_000]).apply(0.0);
        assert_eq!(many, -SHIFT_MAX);
    }
}
