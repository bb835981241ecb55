//! A change of the rules of normalisation: records are made anew in the background, behind new ones and
//! within the quota, while what stands at the hub goes on matching.

use sanctuary_normalize::{Canonical, RULES};
use sanctuary_types::{Epoch, RulesVersion};

use crate::{
    Details, NodeError, Oprf, Publisher, RecordKey,
    ports::{NodeStore, PackCommit, PackState},
    publish::REQUEUE_RECORDS,
};

/// The rules that tokens are made by.
#[derive(Clone, Copy, Debug)]
pub struct RulesInUse {
    /// Their version.
    pub version: RulesVersion,
    /// Normalised values of earlier rules under these; `None` where only the agency's own row can tell:
    /// such a record keeps its tokens until its next import.
    pub upgrade: fn(&Canonical) -> Option<Canonical>,
}

impl Default for RulesInUse {
    /// This program's. There are no earlier rules whose values could be taken over.
    fn default() -> Self {
        Self {
            version: RULES,
            upgrade: |_| None,
        }
    }
}

impl<S: NodeStore, O: Oprf> Publisher<'_, S, O> {
    /// Puts the records of earlier rules behind what is pending, each with its values under the new ones.
    /// Cut off anywhere, the next start does the rest.
    pub(crate) fn enter_rules(
        &self,
        mut state: PackState,
        epoch: Epoch,
    ) -> Result<PackState, NodeError> {
        let version = self.rules.version;
        let mut earlier: Vec<RecordKey> = Vec::new();
        self.store.for_each_record(&mut |record| {
            let details = record.details.as_ref();
            if details.is_some_and(|details| details.canonical.rules != version) {
                earlier.push(record.key);
            }
            Ok(())
        })?;
        for keys in earlier.chunks(REQUEUE_RECORDS) {
            // Held with the counts: no import changes a record between the look and the change.
            let mut counts = self.counts()?;
            let mut renewed: Vec<(RecordKey, Details)> = Vec::new();
            for key in keys {
                let Some(mut record) = self.store.record(key)? else {
                    continue;
                };
                let upgraded = record.details.as_ref().and_then(|details| {
                    let earlier = details.canonical.rules != version;
                    let mut details = details.clone();
                    details.canonical =
                        (self.rules.upgrade)(&details.canonical).filter(|_| earlier)?;
                    Some(details)
                });
                if let Some(details) = upgraded {
                    counts.remove(&record);
                    record.details = Some(details.clone());
                    counts.add(&record);
                    renewed.push((*key, details));
                }
            }
            self.store.renormalise(renewed)?;
        }
        state.published_under = Some((epoch, version));
        self.store.commit_pack(PackCommit {
            records: Vec::new(),
            batch: None,
            state: state.clone(),
        })?;
        Ok(state)
    }
}
