//! What became of records, as the API says it.

use std::collections::HashMap;

use sanctuary_node_core::{ImportSummary, Outcome, Reject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::FieldError;

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It takes part for the first time.
    New,
    /// It replaces what was there.
    Changed,
    /// It is as it was.
    Unchanged,
    /// It is known from a Duty to Notify report only: counted, never matched.
    Counted,
}

impl Became {
    /// Of the one record of an import.
    #[must_use]
    pub(super) fn of(summary: &ImportSummary) -> Self {
        match summary {
            s if s.notify_only > 0 => Self::Counted,
            s if s.new > 0 => Self::New,
            s if s.changed > 0 => Self::Changed,
            _ => Self::Unchanged,
        }
    }
}

/// A record that was taken in, durably.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stored {
    /// What became of it.
    pub outcome: Became,
    /// Values that were left out, by field and rule.
    pub problems: Vec<FieldError>,
}

/// What a withdrawal did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Withdrawn {
    /// Whether a record stood under the reference until now.
    pub withdrawn: bool,
}

/// What became of a row of a bulk request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// Taken in.
    Imported,
    /// Taken in without a value that breaks a rule.
    ImportedWithoutValue,
    /// Not taken in.
    NotImported,
}

/// The answer on one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowAnswer {
    /// Its number, from 1; empty lines do not count.
    pub row: u64,
    /// What became of it.
    pub outcome: RowOutcome,
    /// What is wrong with it, by field and rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldError>,
}

/// The last line of a bulk answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkSummary {
    /// Counts over all rows.
    pub summary: BulkCounts,
}

/// Counts over all rows of a bulk request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkCounts {
    /// Rows.
    pub rows: u64,
    /// Rows that take part.
    pub accepted: u64,
    /// Of these, new.
    pub new: u64,
    /// Of these, changed.
    pub changed: u64,
    /// Of these, as they were.
    pub unchanged: u64,
    /// Rows that break a rule.
    pub rejected: u64,
    /// Of these, not taken in.
    pub not_imported: u64,
    /// Rows known from a Duty to Notify report only.
    pub notify_only: u64,
}

impl From<&ImportSummary> for BulkCounts {
    fn from(summary: &ImportSummary) -> Self {
        Self {
            rows: summary.rows,
            accepted: summary.accepted,
            new: summary.new,
            changed: summary.changed,
            unchanged: summary.unchanged,
            rejected: summary.rejected,
            not_imported: summary.not_imported,
            notify_only: summary.notify_only,
        }
    }
}

/// Problems of the rows of one bulk request. Fields and rules are few and kept once.
#[derive(Default)]
pub(crate) struct Problems {
    words: Vec<String>,
    places: HashMap<String, u32>,
    /// Row, field, rule, whether the row was left out; in the order of rows.
    found: Vec<(u64, u32, u32, bool)>,
}

impl Problems {
    pub fn add(&mut self, reject: Reject) {
        let left_out = reject.outcome == Outcome::NotImported;
        let (field, rule) = (self.place(reject.column), self.place(reject.rule));
        self.found.push((reject.row, field, rule, left_out));
    }

    fn place(&mut self, word: String) -> u32 {
        if let Some(place) = self.places.get(&word) {
            return *place;
        }
        let place = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.clone());
        self.places.insert(word, place);
        place
    }

    fn word(&self, place: u32) -> String {
        self.words.get(place as usize).cloned().unwrap_or_default()
    }

    /// Of every problem, whatever the row.
    pub fn all(&self) -> Vec<FieldError> {
        self.found.iter().map(|p| self.error(p)).collect()
    }

    /// The answers on rows 1 to `rows`, in order.
    pub fn answers(self, rows: u64) -> impl Iterator<Item = RowAnswer> + Send {
        let mut next = 0;
        (1..=rows).map(move |row| {
            let from = next;
            while self.found.get(next).is_some_and(|found| found.0 == row) {
                next += 1;
            }
            let of_row = self.found.get(from..next).unwrap_or_default();
            let outcome = match of_row {
                [] => RowOutcome::Imported,
                some if some.iter().any(|(.., left_out)| *left_out) => RowOutcome::NotImported,
                _ => RowOutcome::ImportedWithoutValue,
            };
            RowAnswer {
                row,
                outcome,
                problems: of_row.iter().map(|p| self.error(p)).collect(),
            }
        })
    }

    fn error(&self, (_, field, rule, _): &(u64, u32, u32, bool)) -> FieldError {
        FieldError {
            field: self.word(*field),
            rule: self.word(*rule),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_answered_once_and_in_order() {
        let mut problems = Problems::default();
        let mut add = |row, column: &str, outcome| {
            problems.add(Reject {
                row,
                column: column.to_owned(),
                rule: "rule".to_owned(),
                outcome,
            });
        };
        add(2, "dob", Outcome::ImportedWithoutValue);
        add(2, "phone", Outcome::ImportedWithoutValue);
        add(4, "role", Outcome::NotImported);
        let answers: Vec<_> = problems.answers(5).collect();
        let rows: Vec<u64> = answers.iter().map(|a| a.row).collect();
        assert_eq!(rows, [1, 2, 3, 4, 5]);
        assert_eq!(answers[0].outcome, RowOutcome::Imported);
        assert_eq!(answers[1].outcome, RowOutcome::ImportedWithoutValue);
        assert_eq!(answers[1].problems[1].field, "phone");
        assert_eq!(answers[3].outcome, RowOutcome::NotImported);
        assert_eq!(answers[4].problems, []);
    }
}
