//! Days and moments as PostgreSQL counts them, from the beginning of 2000.

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Days from the first of March of the year 0 to the first of January 2000.
const TO_2000: i64 = 730_425;

/// `2001-02-03`; `infinity` beyond all dates.
pub(super) fn date(day: i32) -> String {
    match day {
        i32::MIN => "-infinity".to_owned(),
        i32::MAX => "infinity".to_owned(),
        day => civil(day.into()),
    }
}

/// `2001-02-03` at midnight, which is how dates are kept by mistake; else with the time, and `zone` behind.
pub(super) fn moment(at: i64, zone: &str) -> String {
    if at == i64::MIN {
        return "-infinity".to_owned();
    }
    if at == i64::MAX {
        return "infinity".to_owned();
    }
    let time = at.rem_euclid(DAY);
    if time == 0 && zone.is_empty() {
        return civil(at.div_euclid(DAY));
    }
    exact(at, zone)
}

/// With the time down to microseconds where there are any.
pub(super) fn exact(at: i64, zone: &str) -> String {
    let (day, time) = (at.div_euclid(DAY), at.rem_euclid(DAY));
    let (seconds, micros) = (time / 1_000_000, time % 1_000_000);
    let (h, m, s) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let behind = if micros == 0 {
        String::new()
    } else {
        format!(".{micros:06}")
    };
    let day = civil(day);
    let (day, era) = day.split_once(' ').unwrap_or((&day, ""));
    let text = format!("{day}T{h:02}:{m:02}:{s:02}{behind}{zone}");
    if era.is_empty() {
        text
    } else {
        format!("{text} {era}")
    }
}

/// Year, month and day of the Gregorian calendar, by eras of 400 years; years before 1 have `BC` behind, as
/// PostgreSQL reads them.
fn civil(day: i64) -> String {
    let day = day + TO_2000;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if year > 0 {
        format!("{year:04}-{month:02}-{of_month:02}")
    } else {
        format!("{:04}-{month:02}-{of_month:02} BC", 1 - year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_those_of_the_calendar() {
        assert_eq!(date(0), "2000-01-01");
        assert_eq!(date(59), "2000-02-29");
        assert_eq!(date(-1), "1999-12-31");
        assert_eq!(date(-3_592), "1990-03-02");
        assert_eq!(date(9_831), "2026-12-01");
        assert_eq!(moment(0, ""), "2000-01-01");
        assert_eq!(moment(1, ""), "2000-01-01T00:00:00.000001");
        assert_eq!(moment(-1, "Z"), "1999-12-31T23:59:59.999999Z");
        assert_eq!(moment(i64::MAX, "Z"), "infinity");
        assert_eq!(
            exact(-63_082_368_000_000_000 + 1, ""),
            "0001-12-31T00:00:00.000001 BC"
        );
    }
}
