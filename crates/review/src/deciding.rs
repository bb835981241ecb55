//! Answers: one at a time, by a person, on the version they saw.

use sanctuary_disclosure::{Actor, Text};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, Timestamp, lp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    Answer, Decision, Item, Reason, Recheck, Review, ReviewError, Rules, Saved, State, Undo,
    Verdict, What,
};

/// A person's answer on what they saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// The possible match.
    pub alert: AlertId,
    /// The item's version that was seen.
    pub version: u32,
    /// What.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// More about why; stays at this node.
    #[serde(default)]
    pub note: Option<Text>,
}

impl Decide {
    pub(crate) fn verdict(&self, by: &Actor, now: Timestamp) -> Result<Verdict, ReviewError> {
        if !self.reason.fits(self.answer) {
            return Err(ReviewError::WrongReason);
        }
        if self.reason.needs_note() && self.note.is_none() {
            return Err(ReviewError::NoteNeeded);
        }
        Ok(Verdict {
            by: by.clone(),
            at: now,
            answer: self.answer,
            reason: self.reason,
            note: self.note.clone(),
        })
    }
}

impl Review<'_> {
    /// Saves an answer: as the decision, or as the first of two. Where two people answer, they are two
    /// different ones, and when they disagree a supervisor who is neither decides.
    ///
    /// # Errors
    /// [`ReviewError::Stale`] when the item has changed since; any other rule. Nothing is saved then.
    pub fn decide(
        &self,
        decide: &Decide,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Saved, ReviewError> {
        let roles = [Action::DecideAlert, Action::SettleAlert];
        if !roles.iter().any(|a| a.permits_any(&by.roles)) {
            return Err(ReviewError::NeedsRole(Action::DecideAlert));
        }
        let verdict = decide.verdict(by, now)?;
        let _one = self.desk.writer();
        let item = self.seen(&decide.alert, decide.version)?;
        let action = if item.state == State::Supervisor {
            Action::SettleAlert
        } else {
            Action::DecideAlert
        };
        if !action.permits_any(&by.roles) {
            return Err(match action {
                Action::SettleAlert => ReviewError::WithSupervisor,
                _ => ReviewError::NeedsRole(action),
            });
        }
        let draw = |item: &Item| self.desk.draws(&item.facts.id, now);
        let item = item.answered(verdict, &self.desk.rules(), draw, now)?;
        self.note_answer(action, decide, by)?;
        let saved = item.saved(now);
        self.store(vec![item])?;
        Ok(saved)
    }

    /// Confirms what somebody is about to ask on, and has it sent at once. Where it is confirmed already this
    /// changes nothing; where two people have to answer it is refused.
    ///
    /// # Errors
    /// [`ReviewError::NeedsTwo`], and as [`Self::decide`].
    pub fn confirm_to_ask(
        &self,
        alert: &AlertId,
        by: &Actor,
        now: Timestamp,
    ) -> Result<(), ReviewError> {
        Self::need(by, Action::DecideAlert)?;
        let item = self.item(alert)?;
        let confirmed = item.decision.as_ref().map(|d| d.answer) == Some(Answer::Confirmed);
        if confirmed && matches!(item.state, State::Sent | State::WaitingToSend) {
            return Ok(());
        }
        if item.state == State::SecondReviewer || self.desk.rules().needs_two(&item.facts) {
            return Err(ReviewError::NeedsTwo);
        }
        let decide = Decide {
            alert: *alert,
            version: item.version,
            answer: Answer::Confirmed,
            reason: Reason::RecordFits,
            note: None,
        };
        let saved = self.decide(&decide, by, now)?;
        self.send_now(alert, saved.version, by, now)?;
        Ok(())
    }

    /// States an answer in the log; stated again after a crash it is the same entry.
    pub(crate) fn note_answer(
        &self,
        action: Action,
        decide: &Decide,
        by: &Actor,
    ) -> Result<(), ReviewError> {
        let about = json!({
            "alert": decide.alert,
            "version": decide.version,
            "answer": decide.answer,
            "reason": decide.reason,
        });
        let same = lp(&[
            b"review",
            action.word().as_bytes(),
            &decide.alert.0,
            &decide.version.to_be_bytes(),
            decide.answer.word().as_bytes(),
            by.person.as_str().as_bytes(),
        ]);
        self.note(EntryKind::Decision, action, by, about, same)
    }
}

impl crate::Desk {
    /// Whether a decision is looked at again: drawn by a secret of the node, the same however often it is
    /// asked, and nothing that the reviewer could know.
    fn draws(&self, alert: &AlertId, at: Timestamp) -> bool {
        let text = lp(&[
            b"sanctuary/v1/review/recheck",
            &self.sample_key,
            &alert.0,
            &at.0.to_be_bytes(),
        ]);
        let hash: [u8; 32] = Sha256::digest(text).into();
        let number = hash
            .first_chunk()
            .map_or(0, |head| u64::from_be_bytes(*head));
        number % 1_000 < u64::from(self.rules().recheck_per_mille)
    }
}

impl Item {
    fn answered(
        mut self,
        verdict: Verdict,
        rules: &Rules,
        draw: impl Fn(&Self) -> bool,
        now: Timestamp,
    ) -> Result<Self, ReviewError> {
        match self.state {
            State::Withdrawn => return Err(ReviewError::Withdrawn),
            State::WaitingToSend => return Err(ReviewError::UndoFirst),
            State::SecondReviewer | State::Supervisor if self.answered_by(&verdict.by) => {
                return Err(ReviewError::SamePerson);
            }
            _ => {}
        }
        let undo = self.back(now, rules);
        let mut answers = std::mem::take(&mut self.answers);
        let agrees = answers.first().map(|first| first.answer == verdict.answer);
        let what = match (self.state, agrees) {
            (State::Supervisor, _) | (State::SecondReviewer, Some(true)) => What::Decided,
            (State::SecondReviewer, _) => What::Disagreed,
            _ if rules.needs_two(&self.facts) => What::FirstAnswer,
            _ => What::Decided,
        };
        self.happened(now, Some(&verdict.by.person), what);
        if let Some(line) = self.history.last_mut() {
            line.answer = Some(verdict.answer);
            line.reason = Some(verdict.reason);
            line.note = verdict.note.clone();
        }
        let reviewers_agreed = match self.state {
            State::Supervisor => Some(false),
            State::SecondReviewer => agrees,
            _ => None,
        };
        answers.push(verdict);
        match what {
            What::FirstAnswer | What::Disagreed => {
                let first = what == What::FirstAnswer;
                self.answers = answers;
                self.assignee = None;
                self.state = if first {
                    State::SecondReviewer
                } else {
                    State::Supervisor
                };
                // The first answer can be taken back until there is a second one.
                self.undo = first.then_some(Undo {
                    until: Timestamp(u64::MAX),
                    ..undo
                });
            }
            _ => {
                self.undo = Some(undo);
                self.conclude(answers, reviewers_agreed, now);
                self.recheck = if draw(&self) {
                    Recheck::Wanted
                } else {
                    Recheck::None
                };
            }
        }
        Ok(self)
    }

    fn back(&self, now: Timestamp, rules: &Rules) -> Undo {
        Undo {
            until: Timestamp(now.0.saturating_add(rules.undo_ms)),
            state: self.state,
            assignee: self.assignee.clone(),
            answers: self.answers.clone(),
            decision: self.decision.clone(),
            newer_evidence: self.newer_evidence,
            recheck: self.recheck.clone(),
        }
    }

    fn conclude(&mut self, verdicts: Vec<Verdict>, agreed: Option<bool>, now: Timestamp) {
        let Some(answer) = verdicts.last().map(|v| v.answer) else {
            return;
        };
        self.decision = Some(Decision {
            answer,
            verdicts,
            at: now,
            alert_version: self.facts.version,
            kind: self.facts.kind,
            band: self.facts.band,
            agreed: self.facts.agreed(),
            reviewers_agreed: agreed,
            waited_since: self.since,
            was_due: self.due,
        });
        self.newer_evidence = false;
        // There is no "cannot tell" at the hub: an earlier answer of this agency is taken back there.
        self.state = if answer == Answer::CannotTell && !self.own_word_stands() {
            State::Decided
        } else {
            State::WaitingToSend
        };
    }

    pub(crate) fn saved(&self, now: Timestamp) -> Saved {
        let until = self.undo.as_ref().map(|u| u.until);
        Saved {
            alert: self.facts.id,
            version: self.version,
            state: self.state,
            undo_until: until.filter(|u| *u > now && u.0 < u64::MAX),
        }
    }
}
