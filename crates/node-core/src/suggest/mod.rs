//! Proposes a mapping for an agency's file from its column names and a sample of its rows.
//!
//! Looks only inside the node and says nothing of values: reasons name the column, the rule and
//! shares. A column of free text is never proposed for anything, because what people write there
//! names other people; neither is one that is about somebody else (a social worker's telephone).

mod abroad;
mod choose;
mod column;
mod content;
mod dates;
mod header;
mod lexicon;
mod settle;
mod target;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use serde::Serialize;

pub use settle::suggest;
pub use target::{GovernanceKey, Target};

/// Rows of a sample: enough to tell a date from a number, few enough to be read at once.
pub const SAMPLE_ROWS: usize = 500;

/// What is proposed for a file.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// One for each column, in the file's order.
    pub columns: Vec<ColumnSuggestion>,
    /// Date formats of the column proposed as date of birth.
    pub birth_formats: Vec<String>,
    /// Date formats of the other date columns proposed.
    pub other_formats: Vec<String>,
}

/// What is proposed for one column.
#[derive(Clone, Debug)]
pub struct ColumnSuggestion {
    /// The column's name in the file.
    pub column: String,
    /// What it is for.
    pub target: Target,
    /// A town stands in `locality` and in `address`.
    pub also_address: bool,
    /// 0 to 1; 0 for a column that is left out.
    pub confidence: f32,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Why a column is proposed for something, or for nothing. Holds no value of the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// Its name says so.
    Name,
    /// This share of its filled cells suits.
    Values(f32),
    /// It is empty in the sample.
    NoValues,
    /// Its values say so, its name does not.
    ValuesAlone,
    /// Every row has a value of its own.
    Unique,
    /// Its name says that people write freely there.
    FreeTextName,
    /// Its cells hold running text.
    RunningText,
    /// It seems to be about another person than the one of the record.
    SomebodyElse,
    /// Known, and of no use for matching.
    NotWanted,
    /// Nothing fits.
    NotRecognised,
    /// Another column fits the same field better.
    Second,
    /// An age needs the date on which it was right.
    AgeWithoutDate,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Name => "the column's name says so",
            Self::Values(share) => {
                return write!(f, "{:.0} % of its values suit", share * 100.0);
            }
            Self::NoValues => "the rows looked at have no value there",
            Self::ValuesAlone => "its values look like it, its name does not say so",
            Self::Unique => "every row has a different value there",
            Self::FreeTextName => "free text: never shared",
            Self::RunningText => "holds running text: never shared",
            Self::SomebodyElse => "seems to be about somebody else",
            Self::NotWanted => "not used for matching",
            Self::NotRecognised => "not recognised",
            Self::Second => "another column fits better",
            Self::AgeWithoutDate => "an age needs a column with the date on which it was right",
        };
        f.write_str(text)
    }
}

impl Serialize for ColumnSuggestion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("ColumnSuggestion", 4)?;
        out.serialize_field("column", &self.column)?;
        out.serialize_field("key", &self.target.key())?;
        out.serialize_field("confidence", &self.confidence)?;
        let reasons: Vec<String> = self.reasons.iter().map(ToString::to_string).collect();
        out.serialize_field("reasons", &reasons)?;
        out.end()
    }
}
