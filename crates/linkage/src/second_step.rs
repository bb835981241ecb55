//! Which candidates the second step is for.

use sanctuary_types::BirthClass;

use crate::{Candidate, Scored};

/// Outside this range of probabilities the second step rarely changes a decision.
const BAND: std::ops::RangeInclusive<f64> = 0.005..=0.995;
/// Without a date of birth the tokens say little, so a low probability is no verdict; below this
/// not even equal names and addresses would make a pair likely.
const WITHOUT_BIRTH_MIN: f64 = 1e-5;

/// Whether the two agencies' nodes should compare the records of a candidate: where the tokens
/// left it open, and always where a date of birth is missing.
#[must_use]
pub fn wants_comparison(scored: &Scored, candidate: &Candidate) -> bool {
    let full = |birth: BirthClass| birth == BirthClass::Full;
    let born = full(candidate.a.birth) && full(candidate.b.birth);
    BAND.contains(&scored.probability) || (!born && scored.probability >= WITHOUT_BIRTH_MIN)
}
