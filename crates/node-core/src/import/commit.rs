//! The difference between what is imported and what is stored, written in atomic steps.

use std::{collections::HashMap, sync::MutexGuard};

use sanctuary_normalize::RULES;
use sanctuary_types::Month;

use super::{COMMIT_ROWS, ImportSummary, Importer};
use crate::{
    Counts, Details, Ended, Kept, NodeError, RecordKey, StoredRecord,
    ports::{ImportedRecord, NodeStore},
};

/// A record without an expiry date of its own is renewed by an import once it has less than this
/// many months left.
const RENEW_MONTHS: u16 = 6;

/// A row on its way to the store.
pub(super) struct Draft {
    pub key: RecordKey,
    pub details: Option<Details>,
    pub own_expiry: bool,
}

/// What a withdrawal did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Withdrawal {
    /// Records that took part until now.
    pub withdrawn: u64,
    /// References under which nothing stands.
    pub unknown: u64,
}

impl<S: NodeStore> Importer<'_, S> {
    /// Withdraws records by the agency's own references: nothing is kept of the person, and what was
    /// published is withdrawn from the hub when the record is next packed. A reference under which
    /// nothing stands is counted and harmless, so that a withdrawal may be repeated.
    ///
    /// # Errors
    /// What the store gives; what was withdrawn before stays so.
    pub fn withdraw<R: AsRef<str>>(&self, references: &[R]) -> Result<Withdrawal, NodeError> {
        let key = |reference: &R| self.secret.record_key(reference.as_ref());
        let keys: Vec<RecordKey> = references.iter().map(key).collect();
        let mut done = Withdrawal::default();
        for keys in keys.chunks(COMMIT_ROWS) {
            let withdrawn = self.withdraw_keys(keys)?;
            done.withdrawn += withdrawn;
            done.unknown += keys.len() as u64 - withdrawn;
        }
        Ok(done)
    }

    /// In one atomic step; gives how many stood.
    pub(super) fn withdraw_keys(&self, keys: &[RecordKey]) -> Result<u64, NodeError> {
        let mut counts = self.lock_counts()?;
        let mut standing: HashMap<RecordKey, StoredRecord> = HashMap::new();
        let mut held: HashMap<RecordKey, Kept> = HashMap::new();
        for key in keys {
            let Some(record) = self.store.record(key)?.filter(StoredRecord::takes_part) else {
                continue;
            };
            if record.kept.is_held(self.now) && record.details.is_some() {
                // The hold keeps the agency's own data, not the sharing.
                let withdrawn = Some(self.now);
                held.insert(
                    *key,
                    Kept {
                        withdrawn,
                        ..record.kept
                    },
                );
            } else {
                standing.insert(*key, record);
            }
        }
        if !held.is_empty() {
            let changes: Vec<(RecordKey, Kept)> = held.iter().map(|(k, v)| (*k, *v)).collect();
            self.store.keep(&changes)?;
        }
        if !standing.is_empty() {
            let gone = standing
                .values()
                .map(|record| ImportedRecord::ending(record, Ended::Withdrawn, self.now));
            self.store.commit_import(gone.collect())?;
            standing.values().for_each(|record| counts.remove(record));
        }
        Ok((standing.len() + held.len()) as u64)
    }

    /// Lets what earlier imports stored of refused rows end now: it is withdrawn when it is next
    /// packed, rather than stand until the date that no longer holds.
    pub(super) fn expire(&self, keys: &[RecordKey]) -> Result<(), NodeError> {
        let _counts = self.lock_counts()?;
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
                ended: None,
            });
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.store.commit_import(changes)
    }

    /// Compares with what is stored and writes the difference in one step.
    pub(super) fn commit(
        &self,
        chunk: &mut Vec<Draft>,
        summary: &mut ImportSummary,
    ) -> Result<(), NodeError> {
        if chunk.is_empty() {
            return Ok(());
        }
        // Held from the comparison to the change: several ways in may be at work at once.
        let mut counts = self.lock_counts()?;
        let mut changes = Vec::new();
        let mut before: HashMap<RecordKey, StoredRecord> = HashMap::new();
        for draft in chunk.drain(..) {
            let content = self.content_hash(&draft)?;
            let stored = self.store.record(&draft.key)?;
            let takes_part = draft.details.is_some();
            summary.accepted += u64::from(takes_part);
            summary.notify_only += u64::from(!takes_part);
            // What was taken out of sharing while it was held is shared again.
            let same = stored.as_ref().is_some_and(|old| {
                old.content == content
                    && old.kept.withdrawn.is_none()
                    && !self.needs_renewal(&draft, old)
            });
            if takes_part {
                match &stored {
                    _ if same => summary.unchanged += 1,
                    Some(old) if !old.is_erased() => summary.changed += 1,
                    _ => summary.new += 1,
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
                ended: None,
            });
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.store.commit_import(changes.clone())?;
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
                kept: Kept::default(),
            });
        }
        Ok(())
    }

    pub(super) fn lock_counts(&self) -> Result<MutexGuard<'_, Counts>, NodeError> {
        self.counts
            .lock()
            .map_err(|_| NodeError::Store("another import failed; restart the node".to_owned()))
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
