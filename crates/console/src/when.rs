//! Dates and times as people read them: 23 November 2026, 5:30pm, by the clocks of the United Kingdom.

use sanctuary_policy::Day;
use sanctuary_types::{MONTH_NAMES, Timestamp};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// The moment on a British clock. Summer time runs from the last Sunday of March to the last Sunday of
/// October, both at 01:00 UTC (Summer Time Order 2002).
const fn local(at: Timestamp) -> Timestamp {
    let (_, month, day) = at.date();
    let weekday_from_sunday = (at.day() + 4) % 7;
    let hour = (at.0 / HOUR_MS) % 24;
    // The last Sunday of a month of 31 days is on or before today.
    let past = day as u32 >= 25 + weekday_from_sunday && (weekday_from_sunday > 0 || hour >= 1);
    let summer = match month {
        4..=9 => true,
        3 => past,
        10 => !past,
        _ => false,
    };
    Timestamp(if summer { at.0 + HOUR_MS } else { at.0 })
}

fn month(at: Timestamp) -> &'static str {
    let (_, month, _) = at.date();
    MONTH_NAMES
        .get(usize::from(month).wrapping_sub(1))
        .copied()
        .unwrap_or("")
}

fn clock(local: Timestamp) -> String {
    let minutes = local.0 / 60_000 % 1_440;
    let (hour, minute) = (minutes / 60, minutes % 60);
    let half = if hour < 12 { "am" } else { "pm" };
    let hour = match hour % 12 {
        0 => 12,
        h => h,
    };
    format!("{hour}:{minute:02}{half}")
}

/// `23 November 2026`.
#[must_use]
pub fn date(at: Timestamp) -> String {
    Day::at(local(at)).long()
}

/// `23 November 2026 at 5:30pm`.
#[must_use]
pub fn date_time(at: Timestamp) -> String {
    format!("{} at {}", date(at), clock(local(at)))
}

/// `Mon 23 Nov`, with the year when it is another one.
fn short(at: Timestamp, now: Timestamp) -> String {
    let (year, _, day) = at.date();
    let weekday = DAYS[(at.day() % 7) as usize];
    let month: String = month(at).chars().take(3).collect();
    if year == now.date().0 {
        format!("{weekday} {day} {month}")
    } else {
        format!("{weekday} {day} {month} {year}")
    }
}

/// `today, 5:30pm`, `tomorrow, 9:00am`, `Mon 23 Nov, 9:00am`.
#[must_use]
pub fn moment(at: Timestamp, now: Timestamp) -> String {
    let (at, now) = (local(at), local(now));
    let day = match i64::from(at.day()) - i64::from(now.day()) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        _ => short(at, now),
    };
    format!("{day}, {}", clock(at))
}

/// `Due today, 5:30pm`, `Due Tue 24 Nov`, `Overdue by 2 hours`.
#[must_use]
pub fn due(due: Timestamp, now: Timestamp) -> String {
    if due < now {
        return format!("Overdue by {}", span(now.0 - due.0));
    }
    let (there, here) = (local(due), local(now));
    if there.day() <= here.day() + 1 {
        return format!("Due {}", moment(due, now));
    }
    format!("Due {}", short(there, here))
}

/// `4 minutes`, `2 hours`, `3 days`.
#[must_use]
pub fn span(ms: u64) -> String {
    let (count, unit) = match ms {
        ms if ms >= 2 * DAY_MS => (ms / DAY_MS, "day"),
        ms if ms >= HOUR_MS => (ms / HOUR_MS, "hour"),
        ms => (ms / 60_000, "minute"),
    };
    match count {
        0 => "less than a minute".to_owned(),
        1 => format!("1 {unit}"),
        n => format!("{n} {unit}s"),
    }
}

/// For `datetime` attributes.
#[must_use]
pub fn machine(at: Timestamp) -> String {
    let (year, month, day) = at.date();
    let minutes = at.0 / 60_000 % 1_440;
    format!(
        "{year}-{month:02}-{day:02}T{:02}:{:02}Z",
        minutes / 60,
        minutes % 60
    )
}

/// A typed date, `2026-11-23T17:30` as browsers send it from a date and time field, by the clocks of the
/// United Kingdom.
#[must_use]
pub fn typed(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let mut parts = date.splitn(3, '-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (hour, minute) = time.split_once(':')?;
    let hour = hour.parse::<u64>().ok().filter(|h| *h < 24)?;
    let minute = minute.get(..2)?.parse::<u64>().ok().filter(|m| *m < 60)?;
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Howard Hinnant, `days_from_civil`.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y / 400;
    let yoe = y - era * 400;
    let mp = (month + 9) % 12;
    let doy = (153 * mp + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = u64::try_from(era * 146_097 + doe - 719_468).ok()?;
    let wall = Timestamp(days * DAY_MS + hour * HOUR_MS + minute * 60_000);
    let summer = Timestamp(wall.0.saturating_sub(HOUR_MS));
    Some(if local(summer) == wall { summer } else { wall })
}

/// A value as people read it: `1988-05-19` is written out, everything else stays as it is.
#[must_use]
pub fn written(value: &str) -> String {
    let mut parts = value.splitn(3, '-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let number = |part: Option<&str>, digits: usize| {
        let part = part.filter(|p| p.len() == digits)?;
        part.parse::<usize>().ok()
    };
    let read = || {
        let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
        let month = MONTH_NAMES.get(month.checked_sub(1)?)?;
        (1..=31)
            .contains(&day)
            .then(|| format!("{day} {month} {year}"))
    };
    read().unwrap_or_else(|| value.to_owned())
}

/// The value of a date and time field.
#[must_use]
pub fn field(at: Timestamp) -> String {
    let mut text = machine(local(at));
    text.pop();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn utc(hours: u64) -> Timestamp {
        // 23 November 2026, 00:00 UTC, a Monday.
        Timestamp(1_795_392_000_000 + hours * HOUR_MS)
    }

    #[test]
    fn dates_are_written_out() {
        assert_eq!(date_time(utc(17)), "23 November 2026 at 5:00pm");
        assert_eq!(moment(utc(17), utc(9)), "today, 5:00pm");
        assert_eq!(due(utc(24 + 9), utc(9)), "Due tomorrow, 9:00am");
        assert_eq!(due(utc(72), utc(9)), "Due Thu 26 Nov");
        assert_eq!(due(utc(7), utc(9)), "Overdue by 2 hours");
        assert_eq!(span(30_000), "less than a minute");
        assert_eq!(span(60_000), "1 minute");
        assert_eq!(span(3 * DAY_MS), "3 days");
    }

    #[test]
    fn summer_time_begins_and_ends_on_its_sundays() {
        // 29 March 2026 and 25 October 2026 at 01:00 UTC.
        let (begin, end) = (1_774_746_000_000, 1_792_890_000_000);
        assert_eq!(date_time(Timestamp(begin - 1)), "29 March 2026 at 12:59am");
        assert_eq!(date_time(Timestamp(begin)), "29 March 2026 at 2:00am");
        assert_eq!(date_time(Timestamp(end - 1)), "25 October 2026 at 1:59am");
        assert_eq!(date_time(Timestamp(end)), "25 October 2026 at 1:00am");
        // 1 July 2026, noon UTC.
        assert_eq!(
            date_time(Timestamp(1_782_907_200_000)),
            "1 July 2026 at 1:00pm"
        );
    }

    #[test]
    fn dates_of_records_are_written_out() {
        assert_eq!(written("1988-05-19"), "19 May 1988");
        for other in [
            "",
            "07700 900418",
            "1988-13-01",
            "1988-05",
            "a-b-c",
            "1988-05-190",
        ] {
            assert_eq!(written(other), other);
        }
    }

    #[test]
    fn typed_times_come_back_as_they_were_shown() {
        for at in [utc(17), Timestamp(1_782_907_200_000)] {
            assert_eq!(typed(&field(at)), Some(at));
        }
        for bad in [
            "",
            "2026-11-23",
            "2026-13-01T10:00",
            "2026-11-23T25:00",
            "x-y-zT1:1",
        ] {
            assert_eq!(typed(bad), None, "{bad}");
        }
    }
}
