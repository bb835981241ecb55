//! How good an agency's own records are for being matched: for the agency alone.
//!
//! Counts, own references and masked values; never a name, a date of birth or a whole identifier.

mod notes;
mod shared;
mod tally;

use sanctuary_types::{IdentifierKind, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Counts, FeedName, NodeError,
    ports::{FeedRoll, NodeStore},
};
pub use notes::{ImportNote, ImportNotes, Problem};
use shared::Sharing;
use tally::Tally;

/// Own records that hold one value before it is worth a look.
pub const SHARED_RECORDS_MIN: u32 = 5;

/// The whole report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// When it was made.
    pub made_ms: u64,
    /// Records in the whole partnership, as the estimate of losses takes it.
    pub universe_records: u64,
    /// All records that take part.
    pub all: SourceQuality,
    /// Records of each feed; those that came another way are only in `all`.
    pub feeds: Vec<SourceQuality>,
    /// Dates of birth.
    pub births: BirthQuality,
    /// Values that many own records share, the most shared first.
    pub shared: Vec<SharedValue>,
    /// The same in numbers, for each kind.
    pub shared_kinds: Vec<SharedKind>,
    /// Token kinds of which values were left out because too many people share them; empty until the node
    /// has made tokens.
    pub left_out: Vec<TooCommon>,
    /// What missing fields are expected to cost.
    pub losses: Vec<FieldLoss>,
    /// Rows with problems in the last weeks.
    pub imports: Vec<ImportNote>,
}

/// How full the records of one source are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceQuality {
    /// The feed; empty for all records.
    pub feed: String,
    /// Records.
    pub records: u64,
    /// Records that have a field.
    pub fields: Vec<FieldFill>,
}

/// Records that have one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFill {
    /// `date_of_birth`, `phone` and so on.
    pub field: String,
    /// Records that have it, after normalisation.
    pub filled: u64,
}

/// Dates of birth, which decide most matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthQuality {
    /// Day, month and year, other than 1 January.
    pub full: u64,
    /// 1 January of some year, which counts as the year only: nearly always an estimate.
    pub first_of_january: u64,
    /// As many would be expected if nobody had filled it in for an unknown date.
    pub first_of_january_expected: u64,
    /// Only a year, or parts of a date.
    pub partial: u64,
    /// Nothing.
    pub none: u64,
    /// People who would be older than 105.
    pub too_old: u64,
    /// Other dates that far more records have than chance explains.
    pub common: Vec<CommonDate>,
}

/// One date that many records have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommonDate {
    /// Records that have it.
    pub records: u64,
    /// Some of them.
    pub references: Vec<String>,
}

/// One value that many own records share: a refuge, a switchboard, a worker's mobile, a placeholder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedValue {
    /// What it is.
    pub kind: String,
    /// Its last characters; empty for a place.
    pub masked: String,
    /// Records that hold it.
    pub records: u32,
    /// Held by so many that it is not shared with anybody.
    pub too_common: bool,
    /// Some of the records.
    pub references: Vec<String>,
}

/// Shared values of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedKind {
    /// The kind.
    pub kind: String,
    /// Values that [`SHARED_RECORDS_MIN`] records or more hold.
    pub values: u64,
    /// Records that hold one of them.
    pub records: u64,
    /// Records whose value is too common to be shared with anybody.
    pub too_common: u64,
}

/// What the admission test left out of one kind of token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TooCommon {
    /// The kind as docs/linkage-quality.md names it.
    pub token: String,
    /// Values left out.
    pub values: u64,
    /// How often people have them.
    pub occurrences: u64,
    /// Of how many.
    pub of: u64,
    /// The whole kind is left out.
    pub whole_kind: bool,
}

/// What one missing field is expected to cost ([`sanctuary_linkage::found_share`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldLoss {
    /// The field.
    pub field: String,
    /// Share of the records without it.
    pub missing_share: f64,
    /// Of 1,000 true matches with records of other agencies, how many more would be found if every record
    /// had it.
    pub lost_of_1000: f64,
}

impl QualityReport {
    /// Looks at every record once, and once more at those of feeds.
    ///
    /// # Errors
    /// What the store gives.
    pub fn of_store<S: NodeStore + FeedRoll>(
        store: &S,
        counts: &Counts,
        feeds: &[FeedName],
        universe_records: u64,
        now: Timestamp,
    ) -> Result<Self, NodeError> {
        let mut tally = Tally::new(now);
        let mut sharing = Sharing::default();
        store.for_each_record(&mut |record| {
            if let Some(details) = &record.details {
                tally.add(details);
                sharing.add(details, counts);
            }
            Ok(())
        })?;
        let mut by_feed = Vec::new();
        for feed in feeds {
            let mut of_feed = Tally::new(now);
            store.for_each_enrolled(feed, &mut |key| {
                if let Some(details) = store.record(&key)?.and_then(|record| record.details) {
                    of_feed.add(&details);
                }
                Ok(())
            })?;
            by_feed.push(of_feed.source(feed.as_str()));
        }
        let (shared, shared_kinds) = sharing.found();
        let left_out = counts.admission().left_out().iter().map(|kind| TooCommon {
            token: kind.token.label(),
            values: kind.values,
            occurrences: kind.occurrences,
            of: kind.of,
            whole_kind: kind.whole_kind,
        });
        Ok(Self {
            made_ms: now.0,
            universe_records,
            all: tally.source(""),
            feeds: by_feed,
            shared,
            shared_kinds,
            left_out: left_out.collect(),
            losses: tally.losses(universe_records),
            births: tally.births(),
            imports: Vec::new(),
        })
    }

    /// Own references that the report names.
    #[must_use]
    pub fn references(&self) -> usize {
        let values = self.shared.iter().map(|value| value.references.len());
        let dates = self.births.common.iter().map(|date| date.references.len());
        values.chain(dates).sum()
    }
}

/// The last characters of a value, so that its owners know it again.
fn masked(kind: IdentifierKind, value: &str) -> String {
    let shown = match kind {
        IdentifierKind::Uprn | IdentifierKind::Address => return String::new(),
        IdentifierKind::Phone => 3,
        _ => 2,
    };
    let letters: Vec<char> = value.chars().collect();
    if letters.len() < 3 * shown {
        return "…".to_owned();
    }
    let tail: String = letters.iter().skip(letters.len() - shown).collect();
    format!("…{tail}")
}
