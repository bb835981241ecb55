use std::{cmp::Reverse, collections::BTreeMap};

use sanctuary_types::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ImportSummary;

/// Days that a note is kept.
const KEPT_DAYS: u64 = 31;
/// Notes and problems of one note.
const NOTES_MAX: usize = 400;
const PROBLEMS_MAX: usize = 64;

/// Rows of one source with problems on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportNote {
    /// The file's or the system's name.
    pub source: String,
    /// Midnight (UTC) of the day.
    pub day_ms: u64,
    /// Imports that had problems.
    pub imports: u64,
    /// Their rows.
    pub rows: u64,
    /// Of these, rows with problems.
    pub rejected: u64,
    /// Of these, rows that were not imported at all.
    pub not_imported: u64,
    /// Which, the most frequent first.
    pub problems: Vec<Problem>,
}

/// One rule that rows broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Column as the mapping names it.
    pub column: String,
    /// The rule and what to do.
    pub rule: String,
    /// How often.
    pub count: u64,
}

/// Notes of the last weeks. Counts, no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportNotes(pub Vec<ImportNote>);

impl ImportNotes {
    /// Adds what an import found wrong; says whether there was anything.
    pub fn add(&mut self, source: &str, summary: &ImportSummary, now: Timestamp) -> bool {
        if summary.rejected == 0 {
            return false;
        }
        let day_ms = now.0 / DAY_MS * DAY_MS;
        let oldest = day_ms.saturating_sub(KEPT_DAYS * DAY_MS);
        self.0.retain(|note| note.day_ms >= oldest);
        let same = |note: &&mut ImportNote| note.source == source && note.day_ms == day_ms;
        let note = match self.0.iter_mut().find(same) {
            Some(note) => note,
            None => {
                if self.0.len() >= NOTES_MAX {
                    self.0.pop();
                }
                self.0.insert(
                    0,
                    ImportNote {
                        source: source.to_owned(),
                        day_ms,
                        ..ImportNote::default()
                    },
                );
                match self.0.first_mut() {
                    Some(note) => note,
                    None => return false,
                }
            }
        };
        note.imports += 1;
        note.rows += summary.rows;
        note.rejected += summary.rejected;
        note.not_imported += summary.not_imported;
        let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
        for problem in note.problems.drain(..).chain(summary.problems.clone()) {
            *counts.entry((problem.column, problem.rule)).or_default() += problem.count;
        }
        let problems = counts.into_iter().map(|((column, rule), count)| Problem {
            column,
            rule,
            count,
        });
        note.problems = problems.collect();
        note.problems.sort_by_key(|problem| Reverse(problem.count));
        note.problems.truncate(PROBLEMS_MAX);
        true
    }
}
