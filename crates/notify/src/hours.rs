//! Quiet hours and digests, in the agency's own time zone.

use std::{fmt, str::FromStr};

use jiff::{civil::DateTime, tz::TimeZone};
use sanctuary_types::Timestamp;
use serde::Deserialize;

const HOUR_MS: u64 = 3_600_000;

/// Hours that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadHours(&'static str);

/// A time zone by its name, such as `Europe/London`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(TimeZone);

impl FromStr for Zone {
    type Err = BadHours;
    fn from_str(name: &str) -> Result<Self, BadHours> {
        let zone = TimeZone::get(name);
        zone.map(Self)
            .map_err(|_| BadHours("time_zone must be a name such as Europe/London"))
    }
}
impl TryFrom<String> for Zone {
    type Error = BadHours;
    fn try_from(name: String) -> Result<Self, BadHours> {
        name.parse()
    }
}

impl Zone {
    fn local(&self, at: Timestamp) -> Option<DateTime> {
        let at = i64::try_from(at.0).ok()?;
        let at = jiff::Timestamp::from_millisecond(at).ok()?;
        Some(self.0.to_datetime(at))
    }

    /// The moment at which it was this time of day last.
    fn last(&self, time: TimeOfDay, now: Timestamp) -> Option<Timestamp> {
        let local = self.local(now)?;
        let of = |day: jiff::civil::Date| {
            let at = day.at(time.hour, time.minute, 0, 0);
            let zoned = self.0.to_ambiguous_timestamp(at).compatible().ok()?;
            u64::try_from(zoned.as_millisecond()).ok().map(Timestamp)
        };
        let today = of(local.date())?;
        if today <= now {
            return Some(today);
        }
        of(local.date().yesterday().ok()?)
    }
}

/// A time of day, `07:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct TimeOfDay {
    hour: i8,
    minute: i8,
}

impl FromStr for TimeOfDay {
    type Err = BadHours;
    fn from_str(text: &str) -> Result<Self, BadHours> {
        let read = || {
            let (hour, minute) = text.split_once(':')?;
            let digits = |part: &str, most: i8| {
                let two = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
                part.parse().ok().filter(|n: &i8| two && *n <= most)
            };
            Some(Self {
                hour: digits(hour, 23)?,
                minute: digits(minute, 59)?,
            })
        };
        read().ok_or(BadHours("a time of day is written as 07:30"))
    }
}
impl TryFrom<String> for TimeOfDay {
    type Error = BadHours;
    fn try_from(text: String) -> Result<Self, BadHours> {
        text.parse()
    }
}
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// From when to when nobody is disturbed for what is not urgent; over midnight where `to` is earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// From.
    pub from: TimeOfDay,
    /// Until before.
    pub to: TimeOfDay,
}

impl Quiet {
    /// Whether it is quiet now.
    #[must_use]
    pub fn holds(&self, zone: &Zone, now: Timestamp) -> bool {
        let Some(local) = zone.local(now) else {
            return false;
        };
        let time = TimeOfDay {
            hour: local.hour(),
            minute: local.minute(),
        };
        if self.from <= self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        }
    }
}

/// How often one person gets a mail at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Digest {
    /// Once an hour.
    #[default]
    Hourly,
    /// Once a day, from this time on.
    Daily(TimeOfDay),
}

impl Digest {
    /// Whether another mail may go to somebody whose last one left at `last`.
    #[must_use]
    pub fn allows(&self, zone: &Zone, last: Option<Timestamp>, now: Timestamp) -> bool {
        match (self, last) {
            (Self::Hourly, None) => true,
            (Self::Hourly, Some(last)) => now.0 >= last.0.saturating_add(HOUR_MS),
            (Self::Daily(time), last) => {
                let due = zone.last(*time, now);
                due.is_some_and(|due| last.unwrap_or_default() < due)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-07-01 00:00 UTC, which is 01:00 in London.
    const JULY: u64 = 1_782_864_000_000;
    const MINUTE: u64 = 60_000;

    fn at(minutes: u64) -> Timestamp {
        Timestamp(JULY + minutes * MINUTE)
    }

    #[test]
    fn quiet_hours_go_over_midnight_and_by_summer_time() {
        let zone: Zone = "Europe/London".parse().unwrap();
        let quiet = Quiet {
            from: "22:00".parse().unwrap(),
            to: "07:00".parse().unwrap(),
        };
        assert!(quiet.holds(&zone, at(0)));
        assert!(quiet.holds(&zone, at(5 * 60 + 59)));
        assert!(!quiet.holds(&zone, at(6 * 60)), "06:00 UTC is 07:00 here");
        assert!(!quiet.holds(&zone, at(20 * 60 + 59)));
        assert!(quiet.holds(&zone, at(21 * 60)));
        let noon = Quiet {
            from: "12:00".parse().unwrap(),
            to: "13:00".parse().unwrap(),
        };
        assert!(noon.holds(&zone, at(11 * 60)) && !noon.holds(&zone, at(12 * 60)));
    }

    #[test]
    fn digests_are_hourly_or_from_a_time_of_day_on() {
        let zone: Zone = "Europe/London".parse().unwrap();
        assert!(Digest::Hourly.allows(&zone, None, at(0)));
        assert!(!Digest::Hourly.allows(&zone, Some(at(0)), at(59)));
        assert!(Digest::Hourly.allows(&zone, Some(at(0)), at(60)));
        let daily = Digest::Daily("08:30".parse().unwrap());
        let half_past_eight = 7 * 60 + 30;
        assert!(!daily.allows(&zone, Some(at(0)), at(half_past_eight - 1)));
        assert!(daily.allows(&zone, Some(at(0)), at(half_past_eight)));
        assert!(!daily.allows(&zone, Some(at(half_past_eight)), at(half_past_eight + 600)));
        assert!(daily.allows(
            &zone,
            Some(at(half_past_eight)),
            at(half_past_eight + 1_440)
        ));
    }

    #[test]
    fn what_is_no_time_or_zone_is_refused() {
        for wrong in ["7:30", "24:00", "07:60", "07.30", "", "+1:30", "07:30:00"] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
        assert!("Europe/Londinium".parse::<Zone>().is_err());
    }
}
