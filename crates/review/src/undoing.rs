//! Taking an answer back before anybody outside has heard of it.

use sanctuary_disclosure::Actor;
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, Timestamp};
use serde_json::json;

use crate::{Item, Review, ReviewError, Saved, State, What};

impl Review<'_> {
    /// Takes the last answer back: its author may, or a supervisor, while nothing has been sent.
    ///
    /// # Errors
    /// [`ReviewError::TooLate`], [`ReviewError::NotYours`], [`ReviewError::Stale`].
    pub fn undo(
        &self,
        alert: &AlertId,
        version: u32,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Saved, ReviewError> {
        let _one = self.desk.writer();
        let mut item = self.seen(alert, version)?;
        item.may_undo(by, now)?;
        let Some(back) = item.undo.take() else {
            return Err(ReviewError::TooLate);
        };
        let about = json!({ "alert": alert, "version": version, "undo": true });
        self.note(
            EntryKind::Decision,
            Action::DecideAlert,
            by,
            about,
            Vec::new(),
        )?;
        (item.state, item.assignee) = (back.state, back.assignee);
        (item.answers, item.decision) = (back.answers, back.decision);
        (item.newer_evidence, item.recheck) = (back.newer_evidence, back.recheck);
        item.happened(now, Some(&by.person), What::Undone);
        let saved = item.saved(now);
        self.store(vec![item])?;
        Ok(saved)
    }
}

impl Item {
    pub(crate) fn may_undo(&self, by: &Actor, now: Timestamp) -> Result<(), ReviewError> {
        let undoable = matches!(
            self.state,
            State::SecondReviewer | State::WaitingToSend | State::Decided
        );
        let until = self.undo.as_ref().map(|u| u.until);
        if !undoable || until.is_none_or(|until| until <= now) {
            return Err(ReviewError::TooLate);
        }
        let answers = match &self.decision {
            Some(decision) if self.state != State::SecondReviewer => &decision.verdicts,
            _ => &self.answers,
        };
        let own = answers.last().is_some_and(|v| v.by.person == by.person)
            && Action::DecideAlert.permits_any(&by.roles);
        if own || Action::SettleAlert.permits_any(&by.roles) {
            Ok(())
        } else {
            Err(ReviewError::NotYours)
        }
    }
}
