//! Rows of a file to stored records.
//!
//! Idempotent by the agency's own reference and a keyed hash of the content: a row imported before
//! and unchanged does nothing, a changed one replaces the record, whose old postings are withdrawn
//! and new ones pushed in one step when it is packed.

mod preview;
mod reject;
mod row;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Mutex,
};

use sanctuary_normalize::RULES;
use sanctuary_types::{Month, Timestamp};
use serde::{Deserialize, Serialize};

pub use preview::{RowPreview, preview_rows};
pub use reject::{Outcome, Reject, RejectsFile};

use crate::{
    Counts, Details, Mapping, NodeError, NodeSecret, RecordKey, StoredRecord,
    ports::{ImportedRecord, NodeStore},
    readers::{self, Format, Rows},
};
use row::{Read, RowReader};

/// Rows committed to the store in one step.
const COMMIT_ROWS: usize = 512;
/// A record without an expiry date of its own is renewed by an import once it has less than this
/// many months left.
const RENEW_MONTHS: u16 = 6;

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
        let bound = mapping.bind(rows.header())?;
        let reader = RowReader::new(mapping, &bound, dates_are_iso, self.now);
        let mut summary = ImportSummary::default();
        // Eight bytes of each key, which is an HMAC: what a large file costs in memory here. Among a
        // million rows, two different references meet with a chance of 3 in 100 million.
        let mut seen: HashSet<[u8; 8]> = HashSet::new();
        let mut expired: Vec<RecordKey> = Vec::new();
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
            if chunk.len() == COMMIT_ROWS {
                self.commit(&mut chunk, &mut summary)?;
                progress(Progress {
                    rows: summary.rows,
                    bytes: rows.bytes_read(),
                });
            }
        }
        self.commit(&mut chunk, &mut summary)?;
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

    /// Lets what earlier imports stored of refused rows end now: it is withdrawn when it is next
    /// packed, rather than stand until the date that no longer holds.
    fn expire(&self, keys: &[RecordKey]) -> Result<(), NodeError> {
        let this_month = Month::at(self.now);
        let mut changes = Vec::new();
        for key in keys {
            let Some(mut draft) = self.store.record(key)?.and_then(|stored| {
                Some(Draft {
                    key: stored.key,
                    details: Some(stored.details.filter(|d| d.expires >= this_month)?),
                    own_expiry: true,
                })
            }) else {
                continue;
            };
            if let Some(details) = &mut draft.details {
                details.expires = Month(this_month.0.saturating_sub(1));
            }
            changes.push(ImportedRecord {
                key: draft.key,
                content: self.content_hash(&draft)?,
                pseudonym: self.secret.pseudonym(&draft.key),
                details: draft.details,
            });
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.store.commit_import(changes)
    }

    /// Compares with what is stored and writes the difference in one step.
    fn commit(&self, chunk: &mut Vec<Draft>, summary: &mut ImportSummary) -> Result<(), NodeError> {
        let mut changes = Vec::new();
        let mut before: HashMap<RecordKey, StoredRecord> = HashMap::new();
        for draft in chunk.drain(..) {
            let content = self.content_hash(&draft)?;
            let stored = self.store.record(&draft.key)?;
            let takes_part = draft.details.is_some();
            summary.accepted += u64::from(takes_part);
            summary.notify_only += u64::from(!takes_part);
            let same = stored
                .as_ref()
                .is_some_and(|old| old.content == content && !self.needs_renewal(&draft, old));
            if takes_part {
                match &stored {
                    _ if same => summary.unchanged += 1,
                    Some(_) => summary.changed += 1,
                    None => summary.new += 1,
                }
            }
            if same {
                continue;
            }
            if let Some(stored) = stored {
                before.insert(draft.key, stored);
            }
            changes.push(ImportedRecord {
                key: draft.key,
                content,
                pseudonym: self.secret.pseudonym(&draft.key),
                details: draft.details,
            });
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.store.commit_import(changes.clone())?;
        let mut counts = self
            .counts
            .lock()
            .map_err(|_| NodeError::Store("another import failed; restart the node".to_owned()))?;
        for change in changes {
            if let Some(old) = before.get(&change.key) {
                counts.remove(old);
            }
            counts.add(&StoredRecord {
                key: change.key,
                content: change.content,
                pseudonym: change.pseudonym,
                details: change.details,
                published: None,
            });
        }
        Ok(())
    }

    /// Keyed, so that the stored hash of a record with few possible values says nothing.
    fn content_hash(&self, draft: &Draft) -> Result<[u8; 32], NodeError> {
        let Some(details) = &draft.details else {
            return Ok(self
                .secret
                .mac("sanctuary/v1/node/content", &[b"notify-only"]));
        };
        let mut hashed = details.clone();
        if !draft.own_expiry {
            hashed.expires = Month::default();
        }
        let json = zeroize::Zeroizing::new(
            serde_json::to_vec(&hashed).map_err(|_| NodeError::Damaged("record"))?,
        );
        Ok(self.secret.mac(
            "sanctuary/v1/node/content",
            &[&RULES.0.to_be_bytes(), &json],
        ))
    }

    fn needs_renewal(&self, draft: &Draft, stored: &StoredRecord) -> bool {
        let soon = Month::at(self.now).plus(RENEW_MONTHS);
        !draft.own_expiry
            && draft.details.is_some()
            && stored.details.as_ref().is_some_and(|d| d.expires < soon)
    }
}

fn head(key: &RecordKey) -> [u8; 8] {
    key.0.first_chunk().copied().unwrap_or_default()
}

/// A row on its way to the store.
struct Draft {
    key: RecordKey,
    details: Option<Details>,
    own_expiry: bool,
}
