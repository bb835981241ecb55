//! Who has what. The only thing that may be done to several items at once.

use sanctuary_disclosure::{Actor, PersonId};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{AlertId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{AssignOutcome, Item, Review, ReviewError, State, What};

/// Items assigned at once.
pub const ASSIGN_MAX: usize = 200;

/// Gives items to a colleague, or takes them from whoever has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// Which, each with the version that was seen.
    pub alerts: Vec<(AlertId, u32)>,
    /// To whom; none takes them away.
    pub to: Option<PersonId>,
}

impl Review<'_> {
    /// Assigns or unassigns. Items that have changed meanwhile or cannot be assigned are left as they are
    /// and told.
    ///
    /// # Errors
    /// [`ReviewError::NotAReviewer`], [`ReviewError::TooMany`], [`ReviewError::NeedsRole`]; nothing is
    /// changed then.
    pub fn assign(
        &self,
        assign: &Assign,
        by: &Actor,
        now: Timestamp,
    ) -> Result<AssignOutcome, ReviewError> {
        Self::need(by, Action::AssignAlert)?;
        if assign.alerts.len() > ASSIGN_MAX {
            return Err(ReviewError::TooMany { max: ASSIGN_MAX });
        }
        if let Some(person) = &assign.to
            && !self.ports.people.may_review(person)?
        {
            return Err(ReviewError::NotAReviewer);
        }
        let _one = self.desk.writer();
        let mut outcome = AssignOutcome::default();
        let mut items: Vec<Item> = Vec::new();
        for (id, version) in &assign.alerts {
            let item = self.ports.store.item(id)?;
            let fits = |item: &Item| {
                item.version == *version
                    && item.is_assignable()
                    && !assign.to.as_ref().is_some_and(|to| item.was_first(to))
                    && !items.iter().any(|other| other.facts.id == *id)
            };
            match item.filter(fits) {
                Some(item) => items.push(item.given_to(assign.to.as_ref(), by, now)),
                None => outcome.skipped.push(*id),
            }
        }
        if items.is_empty() {
            return Ok(outcome);
        }
        outcome.assigned = items.iter().map(|i| (i.facts.id, i.version)).collect();
        let about = json!({ "alerts": outcome.assigned, "to": assign.to });
        self.note(EntryKind::Alter, Action::AssignAlert, by, about, Vec::new())?;
        self.store(items)?;
        Ok(outcome)
    }
}

impl Item {
    pub(crate) const fn is_assignable(&self) -> bool {
        matches!(
            self.state,
            State::New | State::Assigned | State::SecondReviewer | State::Disputed
        )
    }

    /// The first of two reviewers cannot be the second.
    fn was_first(&self, person: &PersonId) -> bool {
        self.state == State::SecondReviewer && self.answers.iter().any(|v| v.by.person == *person)
    }

    fn given_to(mut self, to: Option<&PersonId>, by: &Actor, now: Timestamp) -> Self {
        let what = if to.is_some() {
            What::Assigned
        } else {
            What::Unassigned
        };
        self.happened(now, Some(&by.person), what);
        if let Some(line) = self.history.last_mut() {
            line.to = to.cloned();
        }
        self.assignee = to.cloned();
        if matches!(self.state, State::New | State::Assigned) {
            self.state = self.waiting_state();
        }
        self
    }
}
