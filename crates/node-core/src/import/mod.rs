//! Rows of a file to stored records.
//!
//! Idempotent by the agency's own reference and a keyed hash of the content: a row imported before
//! and unchanged does nothing, a changed one replaces the record, whose old postings are withdrawn
//! and new ones pushed in one step when it is packed.

mod commit;
mod ending;
mod feed;
mod preview;
mod reject;
mod row;
mod snapshot;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::Mutex,
};

use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

pub use commit::Withdrawal;
pub use ending::Due;
pub use feed::{BadFeedName, FeedName};
pub use preview::{RowPreview, preview_rows};
pub use reject::{Outcome, Reject, RejectsFile};
pub use snapshot::{Brake, Extent, FromFeed, OpenRows};

use crate::{
    Counts, Mapping, NodeError, NodeSecret, RecordKey,
    ports::NodeStore,
    quality::Problem,
    readers::{self, Format, Rows},
};
use commit::Draft;
use row::{Read, RowReader};

/// Rows committed to the store in one step.
const COMMIT_ROWS: usize = 512;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSummary {
    /// Rows read.
    pub rows: u64,
    /// Rows that take part: new, changed or unchanged records, without those of `notify_only`.
    pub accepted: u64,
    /// Of these, new.
    pub new: u64,
    /// Of these, changed.
    pub changed: u64,
    /// Of these, as they were.
    pub unchanged: u64,
    /// Rows in the rejects file, whether imported without a value or not imported.
    pub rejected: u64,
    /// Of these, rows not imported at all.
    pub not_imported: u64,
    /// Rows known only from a Duty to Notify report: counted, never tokenised.
    pub notify_only: u64,
    /// Records that a full snapshot no longer has: withdrawn.
    #[serde(default)]
    pub withdrawn: u64,
    /// Records that a full snapshot does not seem to have, and that stay because the reference of
    /// some row cannot be read.
    #[serde(default)]
    pub missing_kept: u64,
    /// What was wrong with rows, by column and rule, the most frequent first.
    #[serde(default)]
    pub problems: Vec<Problem>,
    /// Where the rejects are; `None` when there are none.
    pub rejects_file: Option<PathBuf>,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Bytes of text read (rows, for a workbook).
    pub bytes: u64,
}

/// Imports files into a store.
pub struct Importer<'a, S> {
    /// Where records go.
    pub store: &'a S,
    /// Names them.
    pub secret: &'a NodeSecret,
    /// Counts over all records, kept up to date.
    pub counts: &'a Mutex<Counts>,
    /// Bounds years of birth and expiry.
    pub now: Timestamp,
}

impl<S: NodeStore> Importer<'_, S> {
    /// Imports a file; rejects go to `<file>.rejects.csv` beside it.
    ///
    /// # Errors
    /// [`NodeError`] for what makes the whole file unusable; rows before it stay imported, and
    /// importing the corrected file again does the rest.
    pub fn import_file(
        &self,
        path: &Path,
        mapping: &Mapping,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportSummary, NodeError> {
        let mut rows = readers::open(path)?;
        let is_workbook = Format::of_path(path)? == Format::Xlsx;
        let mut rejects = RejectsFile::beside(path);
        let mut summary = self.import(
            rows.as_mut(),
            mapping,
            is_workbook,
            &mut |reject| rejects.write(&reject),
            progress,
        )?;
        summary.rejects_file = rejects.finish()?;
        Ok(summary)
    }

    /// Imports rows. `dates_are_iso` for readers that give dates as `YYYY-MM-DD` themselves.
    ///
    /// # Errors
    /// As [`Importer::import_file`].
    pub fn import(
        &self,
        rows: &mut dyn Rows,
        mapping: &Mapping,
        dates_are_iso: bool,
        reject: &mut dyn FnMut(Reject) -> Result<(), NodeError>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportSummary, NodeError> {
        self.import_rows(
            rows,
            mapping,
            dates_are_iso,
            &mut |_| Ok(()),
            reject,
            progress,
        )
    }

    /// Calls `enrol` with the records of each step before the step, and `progress` after it: what
    /// `progress` names is durable.
    fn import_rows(
        &self,
        rows: &mut dyn Rows,
        mapping: &Mapping,
        dates_are_iso: bool,
        enrol: &mut dyn FnMut(&[RecordKey]) -> Result<(), NodeError>,
        reject: &mut dyn FnMut(Reject) -> Result<(), NodeError>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportSummary, NodeError> {
        let bound = mapping.bind(rows.header())?;
        let reader = RowReader::new(mapping, &bound, dates_are_iso, self.now);
        let mut summary = ImportSummary::default();
        // Eight bytes of each key, which is an HMAC: what a large file costs in memory here. Among a
        // million rows, two different references meet with a chance of 3 in 100 million.
        let mut seen: HashSet<[u8; 8]> = HashSet::new();
        let mut expired: Vec<RecordKey> = Vec::new();
        let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut chunk: Vec<Draft> = Vec::with_capacity(COMMIT_ROWS);
        while let Some(row) = rows.next_row()? {
            summary.rows += 1;
            let number = row.number;
            let mut read = match row.cells {
                Ok(cells) => reader.read(&cells),
                Err(fault) => Read::refused("", fault.to_string()),
            };
            if let Some(draft) = &read.record
                && !seen.insert(head(&self.secret.record_key(&draft.reference)))
            {
                read = Read::refused(
                    &mapping.record_id,
                    "the record id is repeated in this file; only its first row counts".to_owned(),
                );
            }
            expired.extend(
                read.expired
                    .map(|reference| self.secret.record_key(&reference)),
            );
            summary.rejected += u64::from(!read.problems.is_empty());
            summary.not_imported += u64::from(read.record.is_none());
            for (column, rule) in read.problems {
                let outcome = match read.record {
                    Some(_) => Outcome::ImportedWithoutValue,
                    None => Outcome::NotImported,
                };
                // Columns come from the mapping and rules from this program, so these are few.
                *found.entry((column.clone(), rule.clone())).or_default() += 1;
                reject(Reject {
                    row: number,
                    column,
                    rule,
                    outcome,
                })?;
            }
            if let Some(record) = read.record {
                chunk.push(Draft {
                    key: self.secret.record_key(&record.reference),
                    details: (!record.notify_only).then_some(record.details).flatten(),
                    own_expiry: record.own_expiry,
                });
            }
            if summary.rows.is_multiple_of(COMMIT_ROWS as u64) {
                enrol_all(&chunk, enrol)?;
                self.commit(&mut chunk, &mut summary)?;
                progress(Progress {
                    rows: summary.rows,
                    bytes: rows.bytes_read(),
                });
            }
        }
        enrol_all(&chunk, enrol)?;
        self.commit(&mut chunk, &mut summary)?;
        summary.problems = problems_of(found);
        // Another row of the file may say that the record goes on.
        expired.retain(|key| !seen.contains(&head(key)));
        for keys in expired.chunks(COMMIT_ROWS) {
            self.expire(keys)?;
        }
        progress(Progress {
            rows: summary.rows,
            bytes: rows.bytes_read(),
        });
        Ok(summary)
    }
}

fn problems_of(found: BTreeMap<(String, String), u64>) -> Vec<Problem> {
    let problem = |((column, rule), count)| Problem {
        column,
        rule,
        count,
    };
    let mut problems: Vec<Problem> = found.into_iter().map(problem).collect();
    problems.sort_by_key(|problem| Reverse(problem.count));
    problems
}

fn head(key: &RecordKey) -> [u8; 8] {
    key.0.first_chunk().copied().unwrap_or_default()
}

fn enrol_all(
    chunk: &[Draft],
    enrol: &mut dyn FnMut(&[RecordKey]) -> Result<(), NodeError>,
) -> Result<(), NodeError> {
    let keys: Vec<RecordKey> = chunk.iter().map(|draft| draft.key).collect();
    if keys.is_empty() {
        return Ok(());
    }
    enrol(&keys)
}
