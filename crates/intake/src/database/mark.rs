use std::mem::discriminant;

use serde::{Deserialize, Serialize};

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;
const DAY_S: i64 = 86_400;

/// How far a feed has got: the highest value of its watermark column. It is bound to the query's `$1`, never
/// written into the query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// A moment: microseconds since the beginning of 2000, UTC.
    Moment(i64),
    /// A day: days since 1 January 2000.
    Day(i32),
    /// A whole number, such as that of a sequence.
    Whole(i64),
    /// Text, in the order of the database.
    Text(String),
}

impl Mark {
    /// Further back, for what was begun before the mark and committed after it was read: seconds for moments
    /// and days, counts for whole numbers. Text has no "before".
    #[must_use]
    pub fn back(&self, overlap_s: u32, overlap_count: u32) -> Self {
        match self {
            Self::Moment(at) => Self::Moment(at.saturating_sub(i64::from(overlap_s) * MICROS)),
            Self::Day(day) => {
                let days = i64::from(overlap_s).div_euclid(DAY_S)
                    + i64::from(i64::from(overlap_s) % DAY_S > 0);
                Self::Day(day.saturating_sub(i32::try_from(days).unwrap_or(i32::MAX)))
            }
            Self::Whole(number) => Self::Whole(number.saturating_sub(i64::from(overlap_count))),
            Self::Text(text) => Self::Text(text.clone()),
        }
    }

    /// The further of two; where a column has changed its type, this one.
    #[must_use]
    pub fn further(this: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (&this, &other) {
            (Some(a), Some(b)) if discriminant(a) != discriminant(b) => this,
            _ => this.max(other),
        }
    }

    /// No later than `now`: one row from a clock that runs ahead must not hide those that follow.
    #[must_use]
    pub fn at_most(self, now: i64) -> Self {
        match self {
            Self::Moment(at) => Self::Moment(at.min(now)),
            Self::Day(day) => {
                let today = now.div_euclid(DAY_S * MICROS);
                Self::Day(day.min(i32::try_from(today).unwrap_or(i32::MAX)))
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_goes_back_by_the_overlap_and_never_beyond_now() {
        assert_eq!(
            Mark::Moment(10 * MICROS).back(3, 99),
            Mark::Moment(7 * MICROS)
        );
        assert_eq!(Mark::Day(10).back(1, 0), Mark::Day(9));
        assert_eq!(Mark::Day(10).back(0, 0), Mark::Day(10));
        assert_eq!(Mark::Whole(i64::MIN).back(0, 5), Mark::Whole(i64::MIN));
        assert_eq!(Mark::Text("b".into()).back(9, 9), Mark::Text("b".into()));
        assert_eq!(Mark::Moment(i64::MAX).at_most(5), Mark::Moment(5));
        assert_eq!(Mark::Day(9_000).at_most(DAY_S * MICROS), Mark::Day(1));
        assert_eq!(Mark::Whole(7).at_most(0), Mark::Whole(7));
        let (one, two, text) = (Mark::Whole(1), Mark::Whole(2), Mark::Text("a".into()));
        let further = |a: &Mark, b: &Mark| Mark::further(Some(a.clone()), Some(b.clone()));
        assert_eq!(further(&one, &two), Some(two.clone()));
        assert_eq!(further(&one, &text), Some(one));
        assert_eq!(Mark::further(None, Some(two.clone())), Some(two));
    }
}
