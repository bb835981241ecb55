use sanctuary_types::Timestamp;

use super::{
    ColumnSuggestion, Reason, Suggestion,
    choose::{Choice, any_reference, choices},
    column::Column,
    dates::date_formats,
    target::{GovernanceKey, Target},
};
use crate::{mapping::FieldName as F, readers::Cell};

/// Proposes a mapping from a header and a sample of rows ([`super::SAMPLE_ROWS`] are plenty).
#[must_use]
pub fn suggest(header: &[String], rows: &[Vec<Cell>], now: Timestamp) -> Suggestion {
    let columns: Vec<Column<'_>> = (0..header.len()).map(|at| Column::of(rows, at)).collect();
    let offers: Vec<Vec<Choice>> = header
        .iter()
        .zip(&columns)
        .map(|(name, column)| choices(name, column, now))
        .collect();
    let mut chosen = settle(&offers);
    name_beside_surname(header, &mut chosen);
    reference(rows, &mut chosen);
    age_with_its_date(&mut chosen);
    let formats = |wanted: &dyn Fn(Target) -> bool| {
        let cells: Vec<&str> = chosen
            .iter()
            .zip(&columns)
            .filter(|(choice, _)| wanted(choice.target))
            .flat_map(|(_, column)| column.cells.iter().copied())
            .collect();
        date_formats(&cells).formats
    };
    let birth_formats = formats(&|target| target == Target::Field(F::DateOfBirth));
    let other_formats = formats(&|target| {
        target == Target::Field(F::AgeAt) || target == Target::Record(GovernanceKey::Expires)
    });
    let has_address = chosen.iter().any(|c| c.target == Target::Field(F::Address));
    let columns = header
        .iter()
        .zip(chosen)
        .map(|(column, choice)| ColumnSuggestion {
            column: column.clone(),
            also_address: has_address && choice.target == Target::Field(F::Locality),
            target: choice.target,
            confidence: choice.confidence.clamp(0.0, 1.0),
            reasons: choice.reasons,
        })
        .collect();
    Suggestion {
        columns,
        birth_formats,
        other_formats,
    }
}

/// Gives every column its best choice that no better column has taken.
fn settle(offers: &[Vec<Choice>]) -> Vec<Choice> {
    let mut order: Vec<(usize, usize)> = offers
        .iter()
        .enumerate()
        .flat_map(|(column, choices)| (0..choices.len()).map(move |rank| (column, rank)))
        .collect();
    let confidence = |&(column, rank): &(usize, usize)| {
        offers
            .get(column)
            .and_then(|choices| choices.get(rank))
            .map_or(0.0, |choice| choice.confidence)
    };
    order.sort_by(|a, b| confidence(b).total_cmp(&confidence(a)).then(a.cmp(b)));
    let mut chosen: Vec<Option<Choice>> = vec![None; offers.len()];
    let mut taken: Vec<Target> = Vec::new();
    let mut beaten = vec![false; offers.len()];
    for (column, rank) in order {
        let Some(choice) = offers.get(column).and_then(|choices| choices.get(rank)) else {
            continue;
        };
        let Some(place) = chosen.get_mut(column).filter(|place| place.is_none()) else {
            continue;
        };
        if !choice.target.takes_several() && taken.contains(&choice.target) {
            if let Some(flag) = beaten.get_mut(column) {
                *flag = true;
            }
            continue;
        }
        let mut choice = choice.clone();
        if choice.target == Target::Nothing && beaten.get(column) == Some(&true) {
            choice.reasons = vec![Reason::Second];
        }
        taken.push(choice.target);
        *place = Some(choice);
    }
    chosen
        .into_iter()
        .map(|choice| choice.unwrap_or_else(|| left_out(Reason::NotRecognised)))
        .collect()
}

fn left_out(reason: Reason) -> Choice {
    Choice {
        target: Target::Nothing,
        confidence: 0.0,
        reasons: vec![reason],
    }
}

/// Beside a surname, and without a forename, a column called "name" is the forename.
fn name_beside_surname(header: &[String], chosen: &mut [Choice]) {
    let has = |field: F, chosen: &[Choice]| chosen.iter().any(|c| c.target == Target::Field(field));
    if !has(F::Surnames, chosen) || has(F::Forenames, chosen) {
        return;
    }
    for (name, choice) in header.iter().zip(chosen) {
        let plain = super::header::words(name) == ["name"];
        if plain && choice.target == Target::Field(F::FullName) {
            choice.target = Target::Field(F::Forenames);
        }
    }
}

/// A file needs a reference: a column of different values stands in where none is called one.
fn reference(rows: &[Vec<Cell>], chosen: &mut [Choice]) {
    if chosen
        .iter()
        .any(|choice| choice.target == Target::RecordId)
    {
        return;
    }
    let taken: Vec<bool> = chosen
        .iter()
        .map(|choice| {
            choice.target != Target::Nothing
                || choice.reasons.iter().any(|reason| {
                    matches!(
                        reason,
                        Reason::FreeTextName | Reason::RunningText | Reason::SomebodyElse
                    )
                })
        })
        .collect();
    let found = any_reference(rows, &taken);
    if let Some(choice) = found.and_then(|at| chosen.get_mut(at)) {
        *choice = Choice {
            target: Target::RecordId,
            confidence: 0.5,
            reasons: vec![Reason::Unique],
        };
    }
}

/// Neither stands in a mapping without the other.
fn age_with_its_date(chosen: &mut [Choice]) {
    let has = |field: F| chosen.iter().any(|c| c.target == Target::Field(field));
    if has(F::Age) == has(F::AgeAt) {
        return;
    }
    for choice in chosen {
        let is_half = [F::Age, F::AgeAt]
            .iter()
            .any(|field| choice.target == Target::Field(*field));
        if is_half {
            *choice = left_out(Reason::AgeWithoutDate);
        }
    }
}
