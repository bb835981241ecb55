//! The re-review sample: a second look at decisions, by somebody who took no part in them and does not see
//! what was decided.

use sanctuary_disclosure::Actor;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, Timestamp};

use crate::{Decide, Item, ItemView, Recheck, Review, ReviewError, Saved, What};

impl Review<'_> {
    /// A drawn item as it was before it was decided: without answers, reasons and notes.
    ///
    /// # Errors
    /// [`ReviewError::NotDrawn`], [`ReviewError::SamePerson`] for whoever decided it.
    pub fn show_for_recheck(
        &self,
        alert: &AlertId,
        by: &Actor,
        now: Timestamp,
    ) -> Result<ItemView, ReviewError> {
        Self::need(by, Action::DecideAlert)?;
        let item = self.item(alert)?;
        item.may_recheck(by)?;
        self.view(&item, by, true, now)
    }

    /// Saves what the second look found. The decision stays as it is: a supervisor sees that the two differ
    /// and has it decided again.
    ///
    /// # Errors
    /// As [`Self::show_for_recheck`], and the rules of an answer.
    pub fn recheck(
        &self,
        decide: &Decide,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Saved, ReviewError> {
        Self::need(by, Action::DecideAlert)?;
        let verdict = decide.verdict(by, now)?;
        let _one = self.desk.writer();
        let mut item = self.seen(&decide.alert, decide.version)?;
        item.may_recheck(by)?;
        self.note_answer(Action::DecideAlert, decide, by)?;
        let agrees = item
            .decision
            .as_ref()
            .is_some_and(|d| d.answer == verdict.answer);
        item.happened(now, Some(&by.person), What::Rechecked);
        if let Some(line) = item.history.last_mut() {
            line.answer = Some(verdict.answer);
            line.reason = Some(verdict.reason);
            line.note = verdict.note.clone();
        }
        item.recheck = Recheck::Done {
            verdict: Box::new(verdict),
            agrees,
        };
        let saved = item.saved(now);
        self.store(vec![item])?;
        Ok(saved)
    }
}

impl Item {
    fn may_recheck(&self, by: &Actor) -> Result<(), ReviewError> {
        if self.recheck != Recheck::Wanted || !self.state.is_decided() {
            return Err(ReviewError::NotDrawn);
        }
        if self.decided_by(by) {
            return Err(ReviewError::SamePerson);
        }
        Ok(())
    }
}
