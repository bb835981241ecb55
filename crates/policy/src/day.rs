use std::{fmt, str::FromStr};

use sanctuary_types::{MONTH_NAMES, Timestamp};
use serde::{Deserialize, Serialize};

use crate::PolicyError;

const DAY_MS: u64 = 86_400_000;

/// A calendar day (UTC), counted from 1970-01-01; written `2026-11-30` in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub u32);

impl Day {
    /// The first moment of the day.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 as u64 * DAY_MS)
    }
    /// The first moment after the day.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        Timestamp((self.0 as u64 + 1) * DAY_MS)
    }
    /// The day that `now` falls in.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(now.day())
    }
    /// `30 November 2026`, as people read it.
    #[must_use]
    pub fn long(self) -> String {
        let (year, month, day) = self.start().date();
        let name = MONTH_NAMES
            .get(usize::from(month).saturating_sub(1))
            .copied()
            .unwrap_or_default();
        format!("{day} {name} {year}")
    }

    /// The day of a civil date, refused when the calendar has none. Source: Howard Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    fn of(year: i64, month: i64, day: i64) -> Option<Self> {
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y - era * 400;
        let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
        let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
        let found = Self(u32::try_from(days).ok()?);
        let (y, m, d) = found.start().date();
        ((i64::from(y), i64::from(m), i64::from(d)) == (year, month, day)).then_some(found)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.start().date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = PolicyError;
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let bad = PolicyError::Date("it");
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else {
            return Err(bad);
        };
        if (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return Err(bad);
        }
        let number = |part: &str| part.parse::<u16>().ok().map(i64::from);
        match (number(year), number(month), number(day)) {
            (Some(y @ 1970..=2199), Some(m), Some(d)) => Self::of(y, m, d).ok_or(bad),
            _ => Err(bad),
        }
    }
}

impl TryFrom<String> for Day {
    type Error = PolicyError;
    fn try_from(text: String) -> Result<Self, PolicyError> {
        text.parse()
    }
}
impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_two_centuries_round_trips() {
        for count in 0..73_000 {
            let day = Day(count);
            assert_eq!(day.to_string().parse::<Day>(), Ok(day));
        }
        assert_eq!(
            "2026-11-24".parse::<Day>().unwrap().long(),
            "24 November 2026"
        );
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for bad in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "30-11-2026",
            "",
            "2026-11-31",
        ] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
    }
}
