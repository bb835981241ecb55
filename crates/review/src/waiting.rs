//! What waits for a person, for whoever tells people so. No record, no agency, no answer.

use sanctuary_disclosure::PersonId;
use sanctuary_policy::Urgency;
use sanctuary_types::{AlertId, Timestamp};

use crate::{Desk, State};

/// An item of the queue that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The possible match.
    pub alert: AlertId,
    /// Where it is.
    pub state: State,
    /// How soon.
    pub urgency: Urgency,
    /// Who has it.
    pub assignee: Option<PersonId>,
    /// When it came into the queue, or was opened again.
    pub since: Timestamp,
    /// When it should be decided.
    pub due: Timestamp,
    /// Who has answered in the round under way, and may not answer again.
    pub answered: Vec<PersonId>,
}

impl Desk {
    /// Every item that waits for a person, soonest due first. From memory: cheap enough to ask often.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        let index = self.read();
        let open = index.entries.iter().filter(|(_, e)| e.state.is_open());
        open.map(|((due, alert), entry)| {
            let name = |number: u16| index.people.name(number).cloned();
            Waiting {
                alert: *alert,
                state: entry.state,
                urgency: entry.urgency,
                assignee: entry.assignee.and_then(name),
                since: entry.since,
                due: *due,
                answered: entry
                    .answered
                    .iter()
                    .flatten()
                    .filter_map(|n| name(*n))
                    .collect(),
            }
        })
        .collect()
    }
}
