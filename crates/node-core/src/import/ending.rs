//! Records whose time is over: nothing is kept of the person unless a hold says so.

use sanctuary_types::Month;

use super::{COMMIT_ROWS, Importer};
use crate::{
    Ended, NodeError, RecordKey, StoredRecord,
    ports::{ImportedRecord, NodeStore},
};

/// Records that are due to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Past their expiry, or withdrawn under a hold that has ended.
    pub ending: Vec<(RecordKey, Ended)>,
    /// Held, past their expiry and still at the hub: they stop matching, and stay here.
    pub held: Vec<RecordKey>,
}

impl Due {
    /// Whether nothing is due.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ending.is_empty() && self.held.is_empty()
    }
}

impl<S: NodeStore> Importer<'_, S> {
    /// What is due today. The hub sees only the latest month of each batch, so the node keeps the time
    /// of each record itself: to be called once a day.
    ///
    /// # Errors
    /// What the store gives.
    pub fn due(&self) -> Result<Due, NodeError> {
        let mut due = Due::default();
        self.store.for_each_record(&mut |record| {
            match self.end_of(&record) {
                Some(why) => due.ending.push((record.key, why)),
                None if self.has_expired(&record) && record.published.is_some() => {
                    due.held.push(record.key);
                }
                None => {}
            }
            Ok(())
        })?;
        Ok(due)
    }

    /// Ends what is due, in atomic steps; gives how many records ended. A record that was imported anew
    /// or put under a hold since stays.
    ///
    /// # Errors
    /// What the store gives; what was ended before stays so.
    pub fn end(&self, due: &Due) -> Result<u64, NodeError> {
        let mut ended = 0;
        for step in due.ending.chunks(COMMIT_ROWS) {
            let mut counts = self.lock_counts()?;
            let mut standing: Vec<(StoredRecord, Ended)> = Vec::new();
            for (key, _) in step {
                let record = self.store.record(key)?;
                let still = record.and_then(|record| {
                    let why = self.end_of(&record)?;
                    Some((record, why))
                });
                standing.extend(still);
            }
            let gone = standing
                .iter()
                .map(|(record, why)| ImportedRecord::ending(record, *why, self.now));
            self.store.commit_import(gone.collect())?;
            standing
                .iter()
                .for_each(|(record, _)| counts.remove(record));
            ended += standing.len() as u64;
        }
        for keys in due.held.chunks(COMMIT_ROWS) {
            self.store.requeue(keys)?;
        }
        Ok(ended)
    }

    fn has_expired(&self, record: &StoredRecord) -> bool {
        let details = record.details.as_ref();
        details.is_some_and(|details| details.expires < Month::at(self.now))
    }

    fn end_of(&self, record: &StoredRecord) -> Option<Ended> {
        if record.details.is_none() || record.kept.is_held(self.now) {
            return None;
        }
        match record.kept.withdrawn {
            Some(_) => Some(Ended::Withdrawn),
            None => self.has_expired(record).then_some(Ended::Expired),
        }
    }
}
