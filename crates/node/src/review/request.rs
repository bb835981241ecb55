//! The one call by which a command or a screen reaches the review.

use sanctuary_disclosure::DecisionKind;
use sanctuary_policy::{Action, Day};
use sanctuary_review::{Actor, Refusals, ReviewFault, ReviewRequest};
use sanctuary_rpc::now;
use serde_json::{Value, json};

use crate::Node;

impl Node {
    /// Does what somebody asks of the review, as the person of their session; gives what is shown. Blocks.
    ///
    /// # Errors
    /// [`ReviewFault`] with the first rule that stands against it.
    pub fn review_request(
        &self,
        by: &Actor,
        request: &ReviewRequest,
    ) -> Result<Value, ReviewFault> {
        let review = self.review();
        let done = review.perform(request, by, now());
        let mut done = done.map_err(|error| review.fault(&error))?;
        if let ReviewRequest::Figures { days } = request
            && let Some(refusals) = self.refusals(*days, by)
        {
            done["refusals"] = json!(refusals);
        }
        if request.may_send() {
            self.review_touched();
        }
        Ok(done)
    }

    /// Answers to others' requests in the last `days` days; none for somebody who may not see them, or
    /// while they cannot be read.
    pub fn refusals(&self, days: u32, by: &Actor) -> Option<Refusals> {
        if !Action::ReadFigures.permits_any(&by.roles) {
            return None;
        }
        let (now, today) = (now(), Day::at(now()));
        let from = Day(today.0.saturating_sub(days.max(1) - 1)).start();
        let figures = self.casework(|casework| casework.figures(from, today.end(), by, now));
        let decisions = figures.ok()?.decisions;
        let nothing = [DecisionKind::Refused, DecisionKind::NeitherConfirmNorDeny];
        let of = |kind: &DecisionKind| decisions.get(kind).copied().unwrap_or_default();
        Some(Refusals {
            answered: decisions.values().sum(),
            refused: nothing.iter().map(of).sum(),
        })
    }
}
