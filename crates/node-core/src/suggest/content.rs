//! How well the values of a column suit a target.

use sanctuary_normalize::{Source, canonicalise, fold};
use sanctuary_types::{IdentifierKind as I, Timestamp};

use super::{
    column::Column,
    dates::date_formats,
    target::{GovernanceKey as R, Target},
};
use crate::mapping::{FieldName as F, parse_roles, parse_yes_no};

/// Share of the values that suit `target`; `None` when there are no values to look at.
pub fn suits(target: Target, column: &Column<'_>, now: Timestamp) -> Option<f32> {
    let share = |test: &dyn Fn(&str) -> bool| column.share(test);
    match target {
        Target::RecordId => column
            .share(|cell| cell.len() <= 64 && cell.split_whitespace().count() <= 3)
            .map(|share| if column.is_unique() { share } else { 0.0 }),
        Target::Nothing => Some(1.0),
        Target::Record(key) => match key {
            R::Role => share(&|cell| parse_roles(cell).is_some()),
            R::Basis => share(&|cell| cell.parse::<sanctuary_types::Basis>().is_ok()),
            R::Visibility => share(&|cell| cell.parse::<sanctuary_types::Visibility>().is_ok()),
            R::Expires => dates(column),
            R::Exploitation => {
                share(&|cell| cell.len() <= 64 && cell.split_whitespace().count() <= 6)
            }
            R::DutyToNotifyOnly => share(&|cell| parse_yes_no(cell).is_some()),
        },
        Target::Field(field) => match field {
            F::Forenames | F::Surnames | F::FullName | F::Aliases => share(&is_name),
            F::DateOfBirth | F::AgeAt => dates(column),
            F::YearOfBirth => {
                share(&|cell| number(cell).is_some_and(|y| (1900..=2100).contains(&y)))
            }
            F::Age => share(&|cell| number(cell).is_some_and(|years| years <= 110)),
            F::Sex => share(&is_sex),
            F::Nationality => share(&|cell| is_name(cell) && !is_sex(cell)),
            F::Address => share(&|cell| cell.chars().any(char::is_alphanumeric)),
            F::Locality => share(&|cell| {
                cell.split_whitespace().count() <= 5 && !cell.chars().all(|c| !c.is_alphabetic())
            }),
            F::Postcode => {
                share(&|cell| cell.len() <= 12 && cell.chars().any(|c| c.is_ascii_digit()))
            }
            F::Identifier(kind) => share(&|cell| is_identifier(kind, cell, now)),
        },
    }
}

/// A target that the values alone give away, whatever the column is called.
pub fn by_values_alone(column: &Column<'_>, now: Timestamp) -> Option<(Target, f32)> {
    if column.cells.len() < 5 {
        return None;
    }
    let nearly_all = |test: &dyn Fn(&str) -> bool| column.share(test).filter(|share| *share >= 0.9);
    let identifier = |kind| Target::Field(F::Identifier(kind));
    let tests: [(Target, Option<f32>); 6] = [
        (
            identifier(I::Email),
            nearly_all(&|c| c.contains('@') && is_identifier(I::Email, c, now)),
        ),
        (
            identifier(I::NationalInsurance),
            nearly_all(&|c| is_identifier(I::NationalInsurance, c, now)),
        ),
        (Target::Field(F::Postcode), nearly_all(&is_uk_postcode)),
        (
            identifier(I::Phone),
            nearly_all(&|c| is_plain_phone(c) && is_identifier(I::Phone, c, now)),
        ),
        (Target::Field(F::Sex), nearly_all(&is_sex)),
        (Target::Field(F::DateOfBirth), birth_dates(column)),
    ];
    tests
        .into_iter()
        .find_map(|(target, share)| share.map(|share| (target, share * 0.6)))
}

/// Nearly all values are words for a people rather than a country.
pub fn names_peoples(column: &Column<'_>) -> bool {
    const ENDINGS: &[&str] = &[
        "ian", "ean", "ish", "ese", "can", "yan", "ani", "aqi", "nch", "eek", "hai", "man",
    ];
    let people = |cell: &str| {
        let word = fold(cell);
        ENDINGS.iter().any(|ending| word.ends_with(ending))
    };
    column.share(people).is_some_and(|share| share >= 0.6)
}

fn dates(column: &Column<'_>) -> Option<f32> {
    (!column.cells.is_empty()).then(|| date_formats(&column.cells).share)
}

/// Dates whose years spread over a generation and do not lie ahead.
fn birth_dates(column: &Column<'_>) -> Option<f32> {
    let found = date_formats(&column.cells);
    let spread = found.years.last()?.saturating_sub(*found.years.first()?);
    let median = *found.years.get(found.years.len() / 2)?;
    (found.share >= 0.9 && spread >= 25 && median < 2010).then_some(found.share)
}

/// Letters and what stands between them; no digits, six words at most.
fn is_name(cell: &str) -> bool {
    let words = cell.split(|c: char| c.is_whitespace() || c == ';' || c == ',');
    words.filter(|word| !word.is_empty()).count() <= 8
        && cell.chars().any(char::is_alphabetic)
        && !cell
            .chars()
            .any(|c| c.is_ascii_digit() || matches!(c, '@' | ':' | '?' | '!' | '='))
}

fn is_sex(cell: &str) -> bool {
    matches!(
        fold(cell).as_str(),
        "m" | "f"
            | "male"
            | "female"
            | "man"
            | "woman"
            | "boy"
            | "girl"
            | "x"
            | "u"
            | "other"
            | "unknown"
            | "not known"
            | "non binary"
            | "trans"
            | "not stated"
            | "indeterminate"
            | "transgender"
            | "prefer not to say"
            | "1"
            | "2"
            | "9"
            | "0"
    )
}

fn number(cell: &str) -> Option<u16> {
    cell.trim().trim_end_matches(".0").parse().ok()
}

fn is_plain_phone(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    (9..=15).contains(&digits)
        && cell.starts_with(['+', '0', '('])
        && cell
            .chars()
            .all(|c| c.is_ascii_digit() || " +-().;/".contains(c))
}

/// Outward code, then a digit and two letters.
fn is_uk_postcode(cell: &str) -> bool {
    let compact: Vec<char> = cell
        .to_uppercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let Some((outward, inward)) = compact.len().checked_sub(3).map(|at| compact.split_at(at))
    else {
        return false;
    };
    let [digit, one, two] = inward else {
        return false;
    };
    (2..=4).contains(&outward.len())
        && outward.first().is_some_and(char::is_ascii_uppercase)
        && outward.iter().any(char::is_ascii_digit)
        && digit.is_ascii_digit()
        && one.is_ascii_uppercase()
        && two.is_ascii_uppercase()
}

fn is_identifier(kind: I, cell: &str, now: Timestamp) -> bool {
    let source = Source {
        identifiers: vec![(kind, cell.into())],
        ..Source::default()
    };
    let (record, problems) = canonicalise(&source, now, "GB");
    problems.is_empty() && !record.identifiers.is_empty()
}
