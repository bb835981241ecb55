//! What a person may ask of the review, as commands and screens write it.

use sanctuary_disclosure::Actor;
use sanctuary_types::{AlertId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Assign, Decide, Filter, ListRequest, Review, ReviewError};

/// What a person asks of the review. Who asks comes from their session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReviewRequest {
    /// A page of the queue: [`crate::Page`].
    List {
        /// Which page.
        #[serde(default)]
        list: ListRequest,
    },
    /// One item: [`crate::ItemView`].
    Show {
        /// The possible match.
        alert: AlertId,
    },
    /// One item of the re-review sample, without its decision: [`crate::ItemView`].
    ShowForRecheck {
        /// The possible match.
        alert: AlertId,
    },
    /// Gives items to a colleague: [`crate::AssignOutcome`].
    Assign {
        /// Which, to whom.
        assign: Assign,
    },
    /// Answers: [`crate::Saved`].
    Decide {
        /// The answer.
        decide: Decide,
    },
    /// Answers for the re-review sample: [`crate::Saved`].
    Recheck {
        /// The answer.
        decide: Decide,
    },
    /// Takes the last answer back: [`crate::Saved`].
    Undo {
        /// The possible match.
        alert: AlertId,
        /// The version that was seen.
        version: u32,
    },
    /// Sends without waiting for the end of the time for undoing: [`crate::Saved`].
    SendNow {
        /// The possible match.
        alert: AlertId,
        /// The version that was seen.
        version: u32,
    },
    /// The supervisor's figures: [`crate::Figures`].
    Figures {
        /// Decisions of so many days, today included.
        days: u32,
    },
    /// The person's saved views: a list of [`crate::SavedView`].
    Views,
    /// Keeps a filter under a name.
    SaveView {
        /// The name.
        name: String,
        /// The filter.
        filter: Filter,
    },
    /// Forgets a saved view.
    DeleteView {
        /// Its name.
        name: String,
    },
}

impl ReviewRequest {
    /// Whether a decision may now be on its way.
    #[must_use]
    pub const fn may_send(&self) -> bool {
        matches!(self, Self::Decide { .. } | Self::SendNow { .. })
    }
}

impl Review<'_> {
    /// Does what somebody asks; gives what is shown, as JSON.
    ///
    /// # Errors
    /// The first rule that stands against it.
    pub fn perform(
        &self,
        request: &ReviewRequest,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Value, ReviewError> {
        use ReviewRequest as Do;
        Ok(match request {
            Do::List { list } => json!(self.list(list, by, now)?),
            Do::Show { alert } => json!(self.show(alert, by, now)?),
            Do::ShowForRecheck { alert } => json!(self.show_for_recheck(alert, by, now)?),
            Do::Assign { assign } => json!(self.assign(assign, by, now)?),
            Do::Decide { decide } => json!(self.decide(decide, by, now)?),
            Do::Recheck { decide } => json!(self.recheck(decide, by, now)?),
            Do::Undo { alert, version } => json!(self.undo(alert, *version, by, now)?),
            Do::SendNow { alert, version } => json!(self.send_now(alert, *version, by, now)?),
            Do::Figures { days } => json!(self.figures(*days, by, now)?),
            Do::Views => json!(self.views(by)?),
            Do::SaveView { name, filter } => json!(self.save_view(name, filter, by)?),
            Do::DeleteView { name } => json!(self.delete_view(name, by)?),
        })
    }
}
