//! From what a match is proven.

use sanctuary_types::{AlertId, PartyId, Timestamp};

use super::Shared;
use crate::{
    Hub, HubError,
    alert::{Alert, Side},
    comparisons::handles,
    matching::Matching,
    ports::{PostingLog, StateStore},
};

/// Tokens of one match that are named.
const TOKENS_MAX: usize = 64;

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// The caller's postings of the tokens that the two records of an alert share: the same tokens at
    /// both sides. Waits for a round that is under way.
    ///
    /// # Errors
    /// [`HubError::UnknownAlert`] for an alert that the caller was not told of or that has lapsed,
    /// [`HubError::Denied`], or storage.
    pub fn shared_tokens(
        &self,
        agency: &PartyId,
        alert: &AlertId,
        now: Timestamp,
    ) -> Result<Shared, HubError> {
        let matching = self.matching();
        let alert = matching.alerts.get(alert).ok_or(HubError::UnknownAlert)?;
        let own = alert
            .sides
            .iter()
            .position(|side| side.agency == *agency && side.told.is_some())
            .filter(|_| alert.finding.is_some())
            .ok_or(HubError::UnknownAlert)?;
        let other = &alert.sides[1 - own];
        self.agreements()
            .permits_carriage(agency, &other.agency, now)?;
        // Right after a start the graph is empty until the first round.
        let (Some(a), Some(b)) = (
            matching.record_of(&alert.sides[own]),
            matching.record_of(other),
        ) else {
            return Err(HubError::NotLookedYet);
        };
        let [handles, _] = handles(self, &matching.graph, (a, b), TOKENS_MAX)?;
        Ok(Shared {
            handles,
            epoch: self.options.accepts.epoch,
            other: other.agency.clone(),
        })
    }
}

impl Alert {
    pub(super) fn is_between(&self, a: &PartyId, b: &PartyId) -> bool {
        let [x, y] = &self.sides;
        (x.agency == *a && y.agency == *b) || (x.agency == *b && y.agency == *a)
    }
}

impl Matching {
    fn record_of(&self, side: &Side) -> Option<u32> {
        let agency = self.numbers.get(&side.agency)?;
        self.graph.record_number(*agency, side.pseudonym)
    }
}
