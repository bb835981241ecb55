use sanctuary_disclosure::PersonId;
use sanctuary_policy::StaffRole;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Event;

/// Who gets a mail. The address is looked up when it leaves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// One colleague.
    Person(PersonId),
    /// The address that the configuration gives a role.
    Role(StaffRole),
}

/// One notice on its way over one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slip {
    /// Its number; grows.
    pub number: u64,
    /// Over which channel.
    pub channel: String,
    /// Of a mail: to whom.
    pub to: Option<Recipient>,
    /// What.
    pub event: Event,
    /// How far it is.
    pub state: SlipState,
    /// Failed tries.
    pub tries: u32,
    /// Since when it is being tried.
    pub since: Timestamp,
}

/// How far a slip is. A delivered one is no longer there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlipState {
    /// To be sent from this moment on.
    Waiting {
        /// Not before.
        from: Timestamp,
    },
    /// Given up: a person decides.
    Dead {
        /// When.
        at: Timestamp,
        /// Why, in one sentence.
        reason: String,
    },
}

impl Slip {
    /// Whether it was given up.
    #[must_use]
    pub const fn is_dead(&self) -> bool {
        matches!(self.state, SlipState::Dead { .. })
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        matches!(self.state, SlipState::Waiting { from } if from <= now)
    }
}
