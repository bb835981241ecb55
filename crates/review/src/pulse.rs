//! Numbers beside a queue that is open already: what waits, and what came since it was shown.

use sanctuary_disclosure::Actor;
use sanctuary_policy::Action;
use sanctuary_types::Timestamp;
use serde::Serialize;

use crate::{Review, ReviewError, counting::is_overdue};

/// Counts of what waits for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pulse {
    /// Waiting for an answer.
    pub waiting: usize,
    /// Of these, past their time.
    pub overdue: usize,
    /// Of these, new or open again since the page was shown.
    pub arrived: usize,
}

impl Review<'_> {
    /// What waits now and what came after `since`. From the index alone and not logged: it shows no possible match.
    ///
    /// # Errors
    /// [`ReviewError::NeedsRole`].
    pub fn pulse(
        &self,
        since: Timestamp,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Pulse, ReviewError> {
        Self::need(by, Action::ReadAlerts)?;
        let index = self.desk.read();
        let mut pulse = Pulse::default();
        for ((due, _), entry) in &index.entries {
            if entry.state.is_open() {
                pulse.waiting += 1;
                pulse.overdue += usize::from(is_overdue(entry.state, *due, now));
                pulse.arrived += usize::from(entry.since > since);
            }
        }
        Ok(pulse)
    }
}
