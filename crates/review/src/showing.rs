//! One item: as a line, and with everything that a person may see of it.

use sanctuary_disclosure::{Actor, Text};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, AlertState, Explanation, Timestamp};
use serde_json::json;

use crate::{
    Answer, Happening, HistoryLine, Item, ItemView, Line, Next, Reason, ReasonChoice, Recheck,
    Review, ReviewError, State, counting::is_overdue, listing::Names,
};

impl Review<'_> {
    /// One item. Logged as a read before it is shown. While a second reviewer is awaited nobody but the
    /// first one sees the first answer.
    ///
    /// # Errors
    /// [`ReviewError::NoSuchAlert`], [`ReviewError::NeedsRole`], [`ReviewError::NotLogged`].
    pub fn show(
        &self,
        alert: &AlertId,
        by: &Actor,
        now: Timestamp,
    ) -> Result<ItemView, ReviewError> {
        Self::need(by, Action::ReadAlerts)?;
        let item = self.item(alert)?;
        self.view(&item, by, false, now)
    }

    pub(crate) fn view(
        &self,
        item: &Item,
        by: &Actor,
        blind: bool,
        now: Timestamp,
    ) -> Result<ItemView, ReviewError> {
        let facts = &item.facts;
        let about = json!({ "alert": facts.id, "version": facts.version });
        self.note(
            EntryKind::Consult,
            Action::ReadAlerts,
            by,
            about,
            Vec::new(),
        )?;
        let mut names = Names::new();
        let mut line = self.line(item, by, &mut names, now)?;
        let second = item.state == State::SecondReviewer && !item.answered_by(by);
        let mut hub = facts.hub;
        if blind {
            (line.answer, line.other_says, hub) = (None, None, AlertState::Open);
        }
        let mut history = Vec::with_capacity(item.history.len());
        for happening in &item.history {
            let hidden = blind || (second && item.is_of_this_round(happening));
            history.push(self.history_line(happening, hidden, by, &mut names)?);
        }
        let reads = Action::ReadRecord.permits_any(&by.roles);
        let record = if reads {
            self.ports.records.record(&facts.own, now)?
        } else {
            None
        };
        Ok(ItemView {
            line,
            record,
            evidence: facts.evidence.clone(),
            explanation: Explanation::of(&facts.evidence),
            cluster_agencies: facts.cluster_agencies.clone(),
            alert_version: facts.version,
            hub,
            raised: facts.raised,
            may_release: facts.may_release,
            blind: blind || second,
            history,
            reasons: reasons(),
        })
    }

    pub(crate) fn line(
        &self,
        item: &Item,
        by: &Actor,
        names: &mut Names,
        now: Timestamp,
    ) -> Result<Line, ReviewError> {
        let facts = &item.facts;
        let assignee = item.assignee.as_ref();
        let undo = item.undo.as_ref().map(|u| u.until);
        Ok(Line {
            alert: facts.id,
            version: item.version,
            kind: facts.kind,
            band: facts.band,
            other: facts.other.clone(),
            own_roles: facts.own_roles.iter().collect(),
            other_roles: facts.other_roles.iter().collect(),
            child: facts.child,
            safeguarding_first: facts.safeguarding_first,
            two_reviewers: self.desk.rules().needs_two(facts),
            state: item.state,
            answer: item.decision.as_ref().map(|d| d.answer),
            other_says: item.other_says,
            assignee: assignee.map(|p| self.who(p, names)).transpose()?,
            since: item.since,
            due: item.due,
            overdue: is_overdue(item.state, item.due, now),
            undo_until: undo.filter(|until| *until > now && item.state != State::SecondReviewer),
            newer_evidence: item.newer_evidence,
            recheck: item.recheck == Recheck::Wanted,
            own: self.ports.records.line(&facts.own)?,
            next: item.next(by, now),
        })
    }

    fn history_line(
        &self,
        happening: &Happening,
        hidden: bool,
        by: &Actor,
        names: &mut Names,
    ) -> Result<HistoryLine, ReviewError> {
        let own = happening.by.as_ref() == Some(&by.person);
        let seen = !hidden || own;
        let who = happening.by.as_ref().map(|p| self.who(p, names));
        let to = happening.to.as_ref().map(|p| self.who(p, names));
        Ok(HistoryLine {
            at: happening.at,
            by: who.transpose()?,
            what: happening.what,
            text: happening.what.text().to_owned(),
            answer: happening.answer.filter(|_| seen),
            reason: happening.reason.filter(|_| seen),
            note: seen
                .then(|| happening.note.as_ref().map(Text::expose).map(str::to_owned))
                .flatten(),
            to: to.transpose()?,
        })
    }
}

impl Item {
    /// Whether somebody has answered in the round under way.
    pub(crate) fn answered_by(&self, by: &Actor) -> bool {
        self.answers.iter().any(|v| v.by.is_one_with(by))
    }

    /// Whether somebody is behind the decision that stands.
    pub(crate) fn decided_by(&self, by: &Actor) -> bool {
        let decision = self.decision.as_ref();
        decision.is_some_and(|d| d.verdicts.iter().any(|v| v.by.is_one_with(by)))
    }

    /// Of what happened since the decision that stands, answers stay hidden until the second one is given:
    /// also those that were taken back.
    fn is_of_this_round(&self, happening: &Happening) -> bool {
        let stands_since = self.decision.as_ref().map(|d| d.at);
        stands_since.is_none_or(|at| happening.at > at)
    }

    /// What this person may do with it now.
    pub(crate) fn next(&self, by: &Actor, now: Timestamp) -> Vec<Next> {
        let decides = Action::DecideAlert.permits_any(&by.roles);
        let settles = Action::SettleAlert.permits_any(&by.roles);
        let mut next = Vec::new();
        let mut add = |what: Next, may: bool| {
            if may {
                next.push(what);
            }
        };
        match self.state {
            State::New | State::Assigned => add(Next::Decide, decides),
            State::SecondReviewer => add(Next::DecideSecond, decides && !self.answered_by(by)),
            State::Supervisor => add(Next::Settle, settles && !self.answered_by(by)),
            State::Decided | State::Sent | State::Disputed => add(Next::DecideAgain, decides),
            State::WaitingToSend | State::Withdrawn => {}
        }
        add(Next::Undo, self.may_undo(by, now).is_ok());
        let waits = self.state == State::WaitingToSend && self.undo.is_some();
        add(Next::SendNow, waits && (self.decided_by(by) || settles));
        let drawn = self.recheck == Recheck::Wanted && self.state.is_decided();
        add(Next::Recheck, drawn && decides && !self.decided_by(by));
        let assignable = self.is_assignable() && Action::AssignAlert.permits_any(&by.roles);
        add(Next::Assign, assignable);
        next
    }
}

fn reasons() -> Vec<ReasonChoice> {
    let of = |answer: &Answer| {
        let answer = *answer;
        Reason::of(answer).map(move |reason| ReasonChoice {
            answer,
            reason,
            text: reason.text().to_owned(),
            needs_note: reason.needs_note(),
        })
    };
    Answer::ALL.iter().flat_map(of).collect()
}
