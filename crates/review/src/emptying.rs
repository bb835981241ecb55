//! Possible matches that were withdrawn long ago: what they said of the other record goes, and what
//! colleagues wrote about them.

use sanctuary_types::{AlertId, Roles, Timestamp};

use crate::{Item, Review, ReviewError, State};

impl Review<'_> {
    /// Those withdrawn before `until` that still say something.
    ///
    /// # Errors
    /// What the store gives.
    pub fn withdrawn_before(&self, until: Timestamp) -> Result<Vec<AlertId>, ReviewError> {
        let mut ids = Vec::new();
        self.ports.store.for_each_item(&mut |item| {
            let last = item.history.last().map_or(item.since, |line| line.at);
            if item.state == State::Withdrawn && last < until && says_something(&item) {
                ids.push(item.facts.id);
            }
            Ok(())
        })?;
        Ok(ids)
    }

    /// Empties them; one that has come back since is left alone. Gives how many.
    ///
    /// # Errors
    /// What the store gives; what was emptied before stays so.
    pub fn empty(&self, ids: &[AlertId]) -> Result<u64, ReviewError> {
        let _one = self.desk.writer();
        let mut emptied = 0;
        for id in ids {
            let Some(mut item) = self.ports.store.item(id)? else {
                continue;
            };
            if item.state == State::Withdrawn && says_something(&item) {
                empty(&mut item);
                item.version += 1;
                self.store(vec![item])?;
                emptied += 1;
            }
        }
        Ok(emptied)
    }
}

fn says_something(item: &Item) -> bool {
    let facts = &item.facts;
    !facts.evidence.is_empty()
        || !facts.cluster_agencies.is_empty()
        || facts.other_roles != Roles::default()
        || item.decision.is_some()
        || item.history.iter().any(|line| line.note.is_some())
}

fn empty(item: &mut Item) {
    item.facts.evidence.clear();
    item.facts.cluster_agencies.clear();
    item.facts.other_roles = Roles::default();
    item.facts.own_roles = Roles::default();
    item.answers.clear();
    item.decision = None;
    item.undo = None;
    item.recheck = crate::Recheck::None;
    for line in &mut item.history {
        line.note = None;
    }
}
