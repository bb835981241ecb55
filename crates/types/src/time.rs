use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z. Cores take it as `now`; only programs read a clock.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

/// Milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;

impl Timestamp {
    /// The UTC day, counted from 1970-01-01: the unit of quotas.
    #[must_use]
    pub const fn day(self) -> u32 {
        (self.0 / DAY_MS) as u32
    }

    /// To the minute, as `2026-11-23 20:43 UTC`.
    #[must_use]
    pub fn to_the_minute(self) -> String {
        let ((year, month, day), minutes) = (self.date(), self.0 / 60_000 % 1_440);
        let (hour, minute) = (minutes / 60, minutes % 60);
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
    }

    /// The UTC calendar date as (year, month 1-12, day 1-31).
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    #[must_use]
    pub const fn date(self) -> (u16, u8, u8) {
        let z = (self.0 / DAY_MS) as i64 + 719_468;
        let era = z / 146_097;
        let doe = z - era * 146_097;
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = (doy - (153 * mp + 2) / 5 + 1) as u8;
        let month = if mp < 10 { mp + 3 } else { mp - 9 } as u8;
        let year = (yoe + era * 400 + if month <= 2 { 1 } else { 0 }) as u16;
        (year, month, day)
    }
}

/// The months as people write them.
pub const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A calendar month, counted from January 2000 (0). Expiry is stated to the month, so that the
/// exact review date does not link two postings of one record.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Month(pub u16);

impl Month {
    /// The month of a (year, month 1-12); years before 2000 give the first month.
    #[must_use]
    pub const fn of(year: u16, month: u8) -> Self {
        let years = year.saturating_sub(2000);
        Self(
            years
                .saturating_mul(12)
                .saturating_add(month as u16)
                .saturating_sub(1),
        )
    }

    /// The month that `now` falls in.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        let (year, month, _) = now.date();
        Self::of(year, month)
    }

    /// This month and `months` more.
    #[must_use]
    pub const fn plus(self, months: u16) -> Self {
        Self(self.0.saturating_add(months))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(Timestamp(0).date(), (1970, 1, 1));
        assert_eq!(Timestamp(951_782_400_000).date(), (2000, 2, 29));
        assert_eq!(Timestamp(1_795_392_000_000).date(), (2026, 11, 23));
        assert_eq!(Month::at(Timestamp(1_795_392_000_000)), Month(26 * 12 + 10));
        let evening = Timestamp(1_795_392_000_000 + (20 * 60 + 43) * 60_000 + 59_999);
        assert_eq!(evening.to_the_minute(), "2026-11-23 20:43 UTC");
    }
}
