use crate::{Birth, Rule};

/// Two-digit years up to this are of this century: nobody on record was born later.
const SHORT_YEAR_PIVOT: u16 = 29;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Whether a mapping's date format is one that [`crate::parse_birth`] understands.
///
/// # Errors
/// [`Rule::DateFormat`] for an unknown directive, a `%` at the end, or a format without a year, a
/// month or a day.
pub fn check_date_format(format: &str) -> Result<(), Rule> {
    let items = items(format).ok_or(Rule::DateFormat)?;
    let says_something = items.iter().any(|item| !matches!(item, Item::Literal(_)));
    says_something.then_some(()).ok_or(Rule::DateFormat)
}

/// The numbers of `text` if it has the shape of `format`, whether or not they form a date.
pub(crate) fn fit(text: &str, format: &str) -> Option<Birth> {
    let items = items(format)?;
    let mut birth = Birth::default();
    let mut rest = text.trim();
    for (i, item) in items.iter().enumerate() {
        let touches = |j: Option<usize>| j.and_then(|j| items.get(j)).is_some_and(Item::is_number);
        let fixed = touches(i.checked_sub(1)) || touches(Some(i + 1));
        rest = item.read(rest, fixed, &mut birth)?;
    }
    rest.is_empty().then_some(birth)
}

/// Whether the known parts could all be right.
pub(crate) fn is_calendar_date(birth: &Birth) -> bool {
    let longest = match birth.month {
        None | Some(1 | 3 | 5 | 7 | 8 | 10 | 12) => 31,
        Some(2) if birth.year.is_none_or(is_leap) => 29,
        Some(2) => 28,
        Some(4 | 6 | 9 | 11) => 30,
        Some(_) => return false,
    };
    birth.day.is_none_or(|day| day <= longest)
}

enum Item {
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    Literal(char),
}

impl Item {
    fn is_number(&self) -> bool {
        !matches!(self, Self::MonthName | Self::Literal(_))
    }

    /// Takes this item off the front of `text`; `fixed` = all its digits must be there, because
    /// another number touches it.
    fn read<'t>(&self, text: &'t str, fixed: bool, birth: &mut Birth) -> Option<&'t str> {
        let least = if fixed { 2 } else { 1 };
        match self {
            Self::Year => {
                let (year, rest) = digits(text, 4, 4)?;
                birth.year = Some(year);
                Some(rest)
            }
            Self::ShortYear => {
                let (year, rest) = digits(text, 2, 2)?;
                birth.year = Some(if year <= SHORT_YEAR_PIVOT {
                    2000 + year
                } else {
                    1900 + year
                });
                Some(rest)
            }
            Self::Month => {
                let (month, rest) = digits(text, least, 2)?;
                birth.month = known(month);
                Some(rest)
            }
            Self::Day => {
                let (day, rest) = digits(text, least, 2)?;
                birth.day = known(day);
                Some(rest)
            }
            Self::MonthName => {
                let end = text
                    .find(|c: char| !c.is_ascii_alphabetic())
                    .unwrap_or(text.len());
                let (name, rest) = text.split_at(end);
                let name = name.to_ascii_lowercase();
                let at = MONTHS
                    .iter()
                    .position(|m| name.len() >= 3 && m.starts_with(&name))?;
                birth.month = u8::try_from(at + 1).ok();
                Some(rest)
            }
            Self::Literal(c) if c.is_whitespace() => {
                let rest = text.trim_start();
                (rest.len() < text.len()).then_some(rest)
            }
            Self::Literal(c) => text.strip_prefix(*c),
        }
    }
}

fn items(format: &str) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let mut chars = format.trim().chars();
    while let Some(c) = chars.next() {
        items.push(match c {
            '%' => match chars.next()? {
                'Y' => Item::Year,
                'y' => Item::ShortYear,
                'm' => Item::Month,
                'b' | 'B' => Item::MonthName,
                'd' => Item::Day,
                '%' => Item::Literal('%'),
                _ => return None,
            },
            literal => Item::Literal(literal),
        });
    }
    Some(items)
}

/// Zero stands for "not known".
fn known(number: u16) -> Option<u8> {
    u8::try_from(number).ok().filter(|number| *number != 0)
}

fn digits(text: &str, least: usize, most: usize) -> Option<(u16, &str)> {
    let count = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    let (number, rest) = text.split_at(count);
    (count >= least).then_some((number.parse().ok()?, rest))
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_exact() {
        let full = Some(Birth {
            year: Some(1988),
            month: Some(9),
            day: Some(2),
        });
        for (text, format) in [
            ("2/9/1988", "%d/%m/%Y"),
            ("02 SEPTEMBER 1988", "%d %B %Y"),
            ("02-Sep-88", "%d-%b-%y"),
            ("880902", "%y%m%d"),
        ] {
            assert_eq!(fit(text, format), full, "{format}");
        }
        for (text, format) in [
            ("198892", "%Y%m%d"),
            ("1988-9-2x", "%Y-%m-%d"),
            ("2.9.1988", "%d/%m/%Y"),
            ("88-9-2", "%Y-%m-%d"),
            ("2 Ma 1988", "%d %b %Y"),
        ] {
            assert_eq!(fit(text, format), None, "{format}");
        }
    }

    #[test]
    fn only_known_directives_are_formats() {
        assert_eq!(check_date_format("%d.%m.%Y"), Ok(()));
        for bad in ["%H:%M", "%Y-%", "no date", ""] {
            assert_eq!(check_date_format(bad), Err(Rule::DateFormat));
        }
    }
}
