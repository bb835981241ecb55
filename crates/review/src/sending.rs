//! What the hub is to be told. The item itself is the outbox: its state says that it waits, so a crash
//! between any two steps loses nothing, and telling the hub the same again changes nothing there.

use sanctuary_disclosure::Actor;
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, AlertKind, AlertState, Timestamp, lp};
use serde_json::json;

use crate::{
    Answer, Item, Review, ReviewError, Rules, Saved, State, Told, What, arriving::answer_of,
};

/// A decision that the hub is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToSend {
    /// The alert.
    pub alert: AlertId,
    /// The item's version, for [`Review::sent`].
    pub version: u32,
    /// The hub's version to decide on.
    pub alert_version: u32,
    /// What the alert says: only about one person may anything be asked.
    pub kind: AlertKind,
    /// What was decided; "cannot tell" takes an earlier answer back.
    pub answer: Answer,
    /// Who decided.
    pub by: Actor,
    /// What makes telling it this act and no other, for the log.
    pub same: Vec<u8>,
}

impl Review<'_> {
    /// Decisions whose time for undoing is over, at most `max`.
    ///
    /// # Errors
    /// What the store gives.
    pub fn to_send(&self, now: Timestamp, max: usize) -> Result<Vec<ToSend>, ReviewError> {
        let ids = self.desk.read().to_send(now, max);
        let mut sends = Vec::with_capacity(ids.len());
        for id in ids {
            let item = self.ports.store.item(&id)?;
            sends.extend(item.as_ref().and_then(Item::to_send));
        }
        Ok(sends)
    }

    /// The hub holds the decision of this version of the item; `alert_version` is what it answered. Said
    /// again, or of an item that has moved on, it changes nothing.
    ///
    /// # Errors
    /// What the store gives.
    pub fn sent(
        &self,
        alert: &AlertId,
        version: u32,
        alert_version: u32,
        now: Timestamp,
    ) -> Result<(), ReviewError> {
        let _one = self.desk.writer();
        let mut item = self.item(alert)?;
        if item.version != version || item.state != State::WaitingToSend {
            return Ok(());
        }
        item.version += 1;
        item.now_told(alert_version, &self.desk.rules(), now);
        self.store(vec![item])
    }

    /// Ends the time for undoing: it is sent with the next pass.
    ///
    /// # Errors
    /// [`ReviewError::TooLate`] when it does not wait any more, [`ReviewError::NotYours`],
    /// [`ReviewError::Stale`].
    pub fn send_now(
        &self,
        alert: &AlertId,
        version: u32,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Saved, ReviewError> {
        let _one = self.desk.writer();
        let mut item = self.seen(alert, version)?;
        if item.state != State::WaitingToSend {
            return Err(ReviewError::TooLate);
        }
        if !item.decided_by(by) && !Action::SettleAlert.permits_any(&by.roles) {
            return Err(ReviewError::NotYours);
        }
        let about = json!({ "alert": alert, "version": version, "send_now": true });
        self.note(
            EntryKind::Decision,
            Action::DecideAlert,
            by,
            about,
            Vec::new(),
        )?;
        item.undo = None;
        item.version += 1;
        let saved = item.saved(now);
        self.store(vec![item])?;
        Ok(saved)
    }
}

impl Item {
    fn to_send(&self) -> Option<ToSend> {
        let decision = self.decision.as_ref()?;
        let told = self.told.map_or(0, |t| t.version);
        if self.state != State::WaitingToSend {
            return None;
        }
        Some(ToSend {
            alert: self.facts.id,
            version: self.version,
            // What the hub answered last may be newer than what it has told since.
            alert_version: self.facts.version.max(told),
            kind: self.facts.kind,
            answer: decision.answer,
            by: decision.verdicts.last()?.by.clone(),
            same: lp(&[
                b"review/tell",
                &self.facts.id.0,
                &decision.at.0.to_be_bytes(),
                decision.answer.word().as_bytes(),
            ]),
        })
    }

    /// Whether an answer of this agency is what the hub has now.
    pub(crate) fn own_word_stands(&self) -> bool {
        self.told.is_some_and(|told| {
            told.answer != Answer::CannotTell
                && (told.version > self.facts.version
                    || answer_of(self.facts.hub) == Some(told.answer))
        })
    }

    /// Whether the hub has what was decided here, whoever told it.
    pub(crate) fn stands_as_decided(&self) -> bool {
        match self.decision.as_ref().map(|d| d.answer) {
            Some(Answer::CannotTell) => self.facts.hub == AlertState::Open,
            answer => answer.is_some() && answer_of(self.facts.hub) == answer,
        }
    }

    /// The hub has the decision. Without a version of its own: the caller's change is it.
    pub(crate) fn now_told(&mut self, version: u32, rules: &Rules, now: Timestamp) {
        let Some(answer) = self.decision.as_ref().map(|d| d.answer) else {
            return;
        };
        self.told = Some(Told { answer, version });
        self.undo = None;
        self.also(now, None, What::Sent);
        let disputed = self.other_says.is_some_and(|other| other != answer);
        match answer {
            Answer::CannotTell => self.state = State::Decided,
            _ if disputed => self.dispute(rules, now),
            _ => self.state = State::Sent,
        }
    }
}
