use sanctuary_types::{BirthClass, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Rule,
    date_format::{fit, is_calendar_date},
    text::{fold, is_filler_code, is_filler_word},
};

/// Earliest year of birth taken as one.
const YEAR_MIN: u16 = 1000;
/// Oldest age taken as one, in years.
const AGE_MAX: u16 = 130;

/// A date of birth as written: any part may be missing, and the numbers need not form a calendar
/// date, because a mistyped date still agrees in most of its digits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Birth {
    /// Year, four digits.
    pub year: Option<u16>,
    /// Month, 1 to 12 when right.
    pub month: Option<u8>,
    /// Day, 1 to 31 when right.
    pub day: Option<u8>,
}

impl Birth {
    /// Whether day and month are 1 January, which in practice stands for "only the year is known".
    #[must_use]
    pub fn day_is_default(&self) -> bool {
        self.month == Some(1) && self.day == Some(1)
    }

    /// How much of a date can be compared.
    #[must_use]
    pub fn class(&self) -> BirthClass {
        match (self.year, self.day_and_month()) {
            (Some(_), Some(_)) => BirthClass::Full,
            (Some(_), None) => BirthClass::Year,
            (None, Some(_)) => BirthClass::DayMonth,
            (None, None) => BirthClass::None,
        }
    }

    /// Year with day and month in rising order, so that a swapped day and month are the same.
    pub(crate) fn full(&self) -> Option<String> {
        Some(format!("{}-{}", self.year?, self.day_and_month()?))
    }

    /// Day and month in rising order; `None` for 1 January.
    pub(crate) fn day_and_month(&self) -> Option<String> {
        let (month, day) = (self.month?, self.day?);
        let usable = month != 0 && day != 0 && !self.day_is_default();
        usable.then(|| format!("{:02}-{:02}", month.min(day), month.max(day)))
    }

    /// Numbers that cannot be meant taken out: zeros, a year out of range, and 1 January 1900,
    /// which systems write for "not known".
    pub(crate) fn checked(self, today: Timestamp) -> (Self, Option<Rule>) {
        let mut birth = self;
        birth.year = birth.year.filter(|year| *year != 0);
        birth.month = birth.month.filter(|month| *month != 0);
        birth.day = birth.day.filter(|day| *day != 0);
        if birth.year == Some(1900) && birth.day_is_default() {
            return (Self::default(), Some(Rule::Placeholder));
        }
        let in_range = YEAR_MIN..=today.date().0;
        match birth.year {
            Some(year) if !in_range.contains(&year) => {
                birth.year = None;
                (birth, Some(Rule::YearOutOfRange))
            }
            _ => (birth, None),
        }
    }
}

/// What a date text gives, and what is wrong with it.
///
/// `birth` may be used whatever `problem` says: a date that fits no format is empty there, one
/// that is shaped like a date but is none in the calendar keeps its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParsedBirth {
    /// The numbers.
    pub birth: Birth,
    /// To be reported with the row.
    pub problem: Option<Rule>,
}

/// Reads a date of birth by the mapping's formats (`%Y %y %m %d %b %B` and plain characters), tried
/// in order. The first that gives a calendar date wins; failing that, the first whose shape fits.
/// A zero month or day means "not known". A time of day after the date is ignored.
#[must_use]
pub fn parse_birth(text: &str, formats: &[String]) -> ParsedBirth {
    let text = text.trim();
    let folded = fold(text);
    if folded.is_empty() {
        return ParsedBirth::default();
    }
    if is_filler_word(&folded) || is_filler_date(&folded) {
        return problem(Rule::Placeholder);
    }
    let shaped = shaped_like(text, formats).or_else(|| shaped_like(without_time(text)?, formats));
    match shaped {
        Some(birth) if is_calendar_date(&birth) => ParsedBirth {
            birth,
            problem: None,
        },
        Some(birth) => ParsedBirth {
            birth,
            problem: Some(Rule::NotACalendarDate),
        },
        None => problem(Rule::NoDateFormat),
    }
}

/// Reads a column that holds only the year of birth, four digits.
#[must_use]
pub fn year_of_birth(text: &str) -> ParsedBirth {
    parse_birth(text, &["%Y".to_owned()])
}

/// The likeliest year of birth of somebody of an age (in years) at a date; windows of years absorb
/// an error of one.
///
/// In the first quarter that is the year before the plain difference. From April on it is the plain
/// difference: whoever is known by an age alone mostly has papers that say 1 January, after which
/// everybody's birthday has passed.
#[must_use]
pub fn year_from_age(age: &str, age_at: Birth) -> ParsedBirth {
    let text = age.trim();
    if fold(text).is_empty() {
        return ParsedBirth::default();
    }
    let years = text.strip_suffix(".0").unwrap_or(text).parse::<u16>().ok();
    let year = match (years.filter(|years| *years <= AGE_MAX), age_at.year) {
        (Some(years), Some(at)) => at.checked_sub(years),
        _ => return problem(Rule::Age),
    };
    let early = age_at.month.is_some_and(|month| (1..=3).contains(&month));
    let year = year.map(|year| year.saturating_sub(u16::from(early)));
    ParsedBirth {
        birth: Birth {
            year,
            ..Birth::default()
        },
        problem: None,
    }
}

fn shaped_like(text: &str, formats: &[String]) -> Option<Birth> {
    let mut shaped = formats.iter().filter_map(|format| fit(text, format));
    let first = shaped.next()?;
    if is_calendar_date(&first) {
        return Some(first);
    }
    Some(shaped.find(is_calendar_date).unwrap_or(first))
}

/// The date before a time of day (`2001-02-03 00:00:00`, `…T00:00:00Z`) or before the `.0` that
/// spreadsheets add to numbers.
fn without_time(text: &str) -> Option<&str> {
    if let Some(number) = text.strip_suffix(".0") {
        return Some(number);
    }
    let (date, time) = text.rsplit_once(['T', ' '])?;
    let clock = time.contains(':') && time.starts_with(|c: char| c.is_ascii_digit());
    clock.then(|| date.trim_end())
}

fn is_filler_date(folded: &str) -> bool {
    let digits: String = folded.split(' ').collect();
    digits.len() >= 6 && is_filler_code(&digits) && digits.bytes().all(|b| b == b'0' || b == b'9')
}

fn problem(rule: Rule) -> ParsedBirth {
    ParsedBirth {
        birth: Birth::default(),
        problem: Some(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Timestamp = Timestamp(1_795_392_000_000);

    fn birth(year: u16, month: u8, day: u8) -> Birth {
        let given = |n: u8| (n != 0).then_some(n);
        Birth {
            year: (year != 0).then_some(year),
            month: given(month),
            day: given(day),
        }
    }

    fn parse(text: &str, formats: &[&str]) -> ParsedBirth {
        let formats: Vec<String> = formats.iter().map(|f| (*f).to_owned()).collect();
        parse_birth(text, &formats)
    }

    #[test]
    fn formats_are_tried_in_order_and_a_calendar_date_wins() {
        let both = &["%d/%m/%Y", "%m/%d/%Y"];
        assert_eq!(parse("03/04/2001", both).birth, birth(2001, 4, 3));
        assert_eq!(
            parse("03/25/2001", both),
            ParsedBirth {
                birth: birth(2001, 3, 25),
                problem: None
            }
        );
        assert_eq!(
            parse("1990-07-02 00:00:00", &["%Y-%m-%d"]).birth,
            birth(1990, 7, 2)
        );
        assert_eq!(parse("19900702.0", &["%Y%m%d"]).birth, birth(1990, 7, 2));
        assert_eq!(parse("2 Sept 1988", &["%d %b %Y"]).birth, birth(1988, 9, 2));
        assert_eq!(parse("1990", &["%d/%m/%Y", "%Y"]).birth, birth(1990, 0, 0));
    }

    #[test]
    fn impossible_dates_keep_their_numbers_and_are_reported() {
        let parsed = parse("19901902", &["%Y%m%d"]);
        assert_eq!(parsed.birth, birth(1990, 19, 2));
        assert_eq!(parsed.problem, Some(Rule::NotACalendarDate));
        assert_eq!(
            parse("19900700", &["%Y%m%d"]),
            ParsedBirth {
                birth: birth(1990, 7, 0),
                problem: None
            }
        );
        assert_eq!(
            parse("2001-02-29", &["%Y-%m-%d"]).problem,
            Some(Rule::NotACalendarDate)
        );
        assert_eq!(parse("2000-02-29", &["%Y-%m-%d"]).problem, None);
    }

    #[test]
    fn other_texts_give_no_birth() {
        for (text, rule) in [
            ("spring 1990", Some(Rule::NoDateFormat)),
            ("1990/07/02", Some(Rule::NoDateFormat)),
            ("unknown", Some(Rule::Placeholder)),
            ("00000000", Some(Rule::Placeholder)),
            ("99/99/9999", Some(Rule::Placeholder)),
            ("  ", None),
        ] {
            assert_eq!(
                parse(text, &["%Y%m%d"]),
                ParsedBirth {
                    birth: Birth::default(),
                    problem: rule
                }
            );
        }
    }

    #[test]
    fn first_of_january_is_a_year() {
        assert_eq!(birth(1986, 1, 1).class(), BirthClass::Year);
        assert_eq!(birth(1986, 1, 1).full(), None);
        assert_eq!(birth(0, 1, 1).class(), BirthClass::None);
        assert_eq!(birth(0, 5, 1).class(), BirthClass::DayMonth);
        assert_eq!(birth(1992, 12, 3).full().as_deref(), Some("1992-03-12"));
        assert_eq!(birth(1992, 12, 0).class(), BirthClass::Year);
    }

    #[test]
    fn years_out_of_range_go() {
        assert_eq!(
            birth(2027, 5, 2).checked(TODAY),
            (birth(0, 5, 2), Some(Rule::YearOutOfRange))
        );
        assert_eq!(birth(2026, 5, 2).checked(TODAY), (birth(2026, 5, 2), None));
        assert_eq!(
            birth(999, 5, 2).checked(TODAY).1,
            Some(Rule::YearOutOfRange)
        );
        assert_eq!(
            birth(1900, 1, 1).checked(TODAY),
            (Birth::default(), Some(Rule::Placeholder))
        );
    }

    #[test]
    fn an_age_gives_the_likeliest_year() {
        let at = |month| Birth {
            year: Some(2020),
            month,
            day: None,
        };
        assert_eq!(year_from_age("30", at(Some(3))).birth.year, Some(1989));
        assert_eq!(year_from_age("30", at(Some(6))).birth.year, Some(1990));
        assert_eq!(year_from_age("30", at(Some(10))).birth.year, Some(1990));
        assert_eq!(year_from_age("30", at(None)).birth.year, Some(1990));
        assert_eq!(year_from_age("about 30", at(None)).problem, Some(Rule::Age));
        assert_eq!(year_from_age("131", at(None)).problem, Some(Rule::Age));
        assert_eq!(
            year_from_age("30", Birth::default()).problem,
            Some(Rule::Age)
        );
        assert_eq!(year_of_birth("1990").birth.year, Some(1990));
    }
}
