//! What the hub says of a possible match, and what it means for the work that was done on it.

use sanctuary_types::{AlertKind, AlertState, Timestamp};

use crate::{AlertFacts, Answer, Decision, Item, Recheck, Review, ReviewError, Rules, State, What};

/// What hearing events did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// New in the queue.
    pub new: u64,
    /// Changed.
    pub changed: u64,
    /// Known already.
    pub known: u64,
}

/// Items stored in one change.
const STORED_AT_ONCE: usize = 256;

impl Review<'_> {
    /// Takes what the hub tells of alerts into the queue. Hearing the same version again changes nothing, so
    /// this is called before the stream's cursor moves.
    ///
    /// # Errors
    /// What the store gives; hear the same again then.
    pub fn hear(&self, alerts: Vec<AlertFacts>, now: Timestamp) -> Result<Heard, ReviewError> {
        let _one = self.desk.writer();
        let rules = self.desk.rules();
        let mut heard = Heard::default();
        let mut items: Vec<Item> = Vec::new();
        for facts in alerts {
            let waiting = items.iter().position(|i| i.facts.id == facts.id);
            let stored = match waiting {
                Some(place) => Some(items.swap_remove(place)),
                None if self.desk.alert_version(&facts.id).is_none() => None,
                None => self.ports.store.item(&facts.id)?,
            };
            match stored {
                None => {
                    heard.new += 1;
                    items.push(arrive(facts, &rules, now));
                }
                Some(item) if item.facts.version >= facts.version => {
                    heard.known += 1;
                    if waiting.is_some() {
                        items.push(item);
                    }
                }
                // Two versions of one alert are two changes: each replaces the version before.
                Some(item) if waiting.is_some() => {
                    self.store(vec![item.clone()])?;
                    heard.changed += 1;
                    items.push(item.told_by_hub(facts, &rules, now));
                }
                Some(item) => {
                    heard.changed += 1;
                    items.push(item.told_by_hub(facts, &rules, now));
                }
            }
            if items.len() >= STORED_AT_ONCE {
                self.store(std::mem::take(&mut items))?;
            }
        }
        if !items.is_empty() {
            self.store(items)?;
        }
        Ok(heard)
    }
}

fn arrive(facts: AlertFacts, rules: &Rules, now: Timestamp) -> Item {
    let state = if facts.hub == AlertState::Lapsed {
        State::Withdrawn
    } else {
        State::New
    };
    let mut item = Item {
        version: 0,
        state,
        assignee: None,
        since: now,
        due: rules.due(&facts, now),
        answers: Vec::new(),
        decision: None,
        undo: None,
        told: None,
        other_says: answer_of(facts.hub),
        newer_evidence: false,
        recheck: Recheck::None,
        history: Vec::new(),
        facts,
    };
    item.happened(now, None, What::Arrived);
    item
}

/// What a decision at the hub says.
pub(crate) const fn answer_of(hub: AlertState) -> Option<Answer> {
    match hub {
        AlertState::Confirmed => Some(Answer::Confirmed),
        AlertState::NotTheSame => Some(Answer::NotTheSame),
        AlertState::Open | AlertState::Lapsed => None,
    }
}

impl Item {
    /// The item after a newer version of the alert.
    fn told_by_hub(mut self, facts: AlertFacts, rules: &Rules, now: Timestamp) -> Self {
        let was = std::mem::replace(&mut self.facts, facts);
        let lines = self.history.len();
        self.version += 1;
        if self.facts.hub == AlertState::Lapsed {
            self.lapse(now);
        } else {
            self.go_on(was.hub, rules, now);
        }
        if self.history.len() == lines {
            self.also(now, None, What::Heard);
        }
        self
    }

    fn go_on(&mut self, was: AlertState, rules: &Rules, now: Timestamp) {
        let was = if self.state == State::Withdrawn {
            self.come_back(rules, now)
        } else {
            was
        };
        self.hear_decision(was, rules, now);
        self.hear_evidence(rules, now);
        if self.state.is_open() && self.decision.is_none() {
            // More urgent than before: a child, or a victim who is a suspect. Never less.
            self.due = self.due.min(rules.due(&self.facts, now));
        }
    }

    /// The evidence is back, as when an agency publishes anew under the next key. What was decided and told
    /// stands; everything else is asked anew. Gives where the decision left it at the hub.
    fn come_back(&mut self, rules: &Rules, now: Timestamp) -> AlertState {
        match self.decision.as_ref().map(|d| d.answer) {
            Some(Answer::CannotTell) => self.state = State::Decided,
            Some(_) => self.state = State::Sent,
            None => {
                self.reopen(rules, now);
                return AlertState::Lapsed;
            }
        }
        self.also(now, None, What::Returned);
        match self.decision.as_ref().map(|d| d.answer) {
            Some(Answer::Confirmed) => AlertState::Confirmed,
            Some(Answer::NotTheSame) => AlertState::NotTheSame,
            Some(Answer::CannotTell) | None => AlertState::Open,
        }
    }

    fn lapse(&mut self, now: Timestamp) {
        if self.state == State::Withdrawn {
            return;
        }
        if self.state == State::WaitingToSend {
            self.decision = None;
        }
        self.state = State::Withdrawn;
        self.answers.clear();
        self.undo = None;
        self.other_says = None;
        self.also(now, None, What::Withdrawn);
    }

    fn reopen(&mut self, rules: &Rules, now: Timestamp) {
        self.decision = None;
        self.answers.clear();
        self.undo = None;
        self.newer_evidence = false;
        self.recheck = Recheck::None;
        self.since = now;
        self.due = rules.due(&self.facts, now);
        self.state = self.waiting_state();
        self.also(now, None, What::Reopened);
    }

    /// A decision stands at the hub, or does not any more: this agency's own, or the other one's.
    fn hear_decision(&mut self, was: AlertState, rules: &Rules, now: Timestamp) {
        let says = answer_of(self.facts.hub);
        let own = self.decision.as_ref().map(|d| d.answer);
        if self.state == State::WaitingToSend && self.stands_as_decided() {
            // Told, and the node stopped before it could note so; or the other side said the same.
            self.now_told(self.facts.version, rules, now);
            return;
        }
        if self.told.is_some_and(|t| t.version >= self.facts.version) {
            // This agency's own word. What the other one said before stays known while they disagree.
            if self.state != State::Disputed {
                self.other_says = None;
            }
            return;
        }
        if was == self.facts.hub {
            return;
        }
        // What this agency said before is not the other one's answer.
        let told = self.told.map(|t| t.answer);
        self.other_says = says.filter(|answer| Some(*answer) != told);
        match (says, own) {
            (Some(other), Some(own)) if other == own => self.settle(now),
            (Some(_), Some(Answer::Confirmed | Answer::NotTheSame)) => self.dispute(rules, now),
            // Not while the own answer is on its way: it will stand there.
            (None, Some(_)) if self.state == State::WaitingToSend => {}
            (None, Some(Answer::Confirmed)) => self.dispute(rules, now),
            // Another kind of evidence at the hub, or the other side took the answer back.
            (None, Some(Answer::NotTheSame)) => self.reopen(rules, now),
            _ => {}
        }
    }

    /// The other agency says the same now.
    fn settle(&mut self, now: Timestamp) {
        if self.state == State::Disputed {
            self.state = State::Sent;
            self.also(now, None, What::Settled);
        }
    }

    /// The agencies disagree: somebody has to call, with a clock of its own.
    pub(crate) fn dispute(&mut self, rules: &Rules, now: Timestamp) {
        self.undo = None;
        if self.state != State::Disputed {
            (self.since, self.due) = (now, rules.due(&self.facts, now));
            self.state = State::Disputed;
            self.also(now, None, What::Disputed);
        }
    }

    /// Evidence that the decision did not know.
    fn hear_evidence(&mut self, rules: &Rules, now: Timestamp) {
        if !self.state.is_decided() {
            return;
        }
        let Some(decision) = &self.decision else {
            return;
        };
        match decision.against(&self.facts) {
            Evidence::Known => {}
            Evidence::Newer if self.newer_evidence => {}
            Evidence::Newer => {
                self.newer_evidence = true;
                self.also(now, None, What::NewerEvidence);
            }
            Evidence::Reopens => self.reopen(rules, now),
        }
    }
}

/// What the evidence of today is to a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    Known,
    Newer,
    Reopens,
}

impl Decision {
    /// "Not the same" stays away until another kind of evidence agrees; "cannot tell" also comes back when
    /// the match grows stronger. Any answer comes back when the alert turns into victim-is-suspect: that
    /// needs two reviewers and safeguarding, whatever was said before.
    fn against(&self, facts: &AlertFacts) -> Evidence {
        let agreed = facts.agreed();
        let another_kind = agreed.iter().any(|kind| !self.agreed.contains(kind));
        let turned = facts.kind == AlertKind::VictimIsSuspect && self.kind != facts.kind;
        let reopens = turned
            || match self.answer {
                Answer::Confirmed => false,
                Answer::NotTheSame => another_kind,
                Answer::CannotTell => another_kind || facts.band > self.band,
            };
        let changed = another_kind || facts.band != self.band || facts.kind != self.kind;
        match (reopens, changed) {
            (true, _) => Evidence::Reopens,
            (false, true) => Evidence::Newer,
            (false, false) => Evidence::Known,
        }
    }
}
