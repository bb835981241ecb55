use sanctuary_policy::{Clocks, Urgency};
use sanctuary_types::{AlertKind, Band, Timestamp};

use crate::AlertFacts;

/// How this agency reviews: clocks of the sharing agreement, and who has to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The agreement's clocks; `answer_minutes` is the time to decide.
    pub clocks: Clocks,
    /// Two people answer every possible match, not only children and victims who are suspects.
    pub two_reviewers_always: bool,
    /// How long an answer can be undone before it is sent.
    pub undo_ms: u64,
    /// Of a thousand decisions, how many are looked at again.
    pub recheck_per_mille: u16,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            clocks: Clocks::default(),
            two_reviewers_always: false,
            undo_ms: 5 * 60_000,
            recheck_per_mille: 50,
        }
    }
}

impl Rules {
    /// How soon it should be decided: a child or a victim who is a suspect within the time of urgent
    /// safeguarding, a strong match of one person within that of a time-critical request, else routine.
    #[must_use]
    pub const fn urgency(facts: &AlertFacts) -> Urgency {
        match (facts.kind, facts.band) {
            (AlertKind::VictimIsSuspect, _) => Urgency::UrgentSafeguarding,
            _ if facts.child || facts.safeguarding_first => Urgency::UrgentSafeguarding,
            (AlertKind::SamePerson, Band::Strong) => Urgency::TimeCritical,
            _ => Urgency::Routine,
        }
    }

    /// When it should be decided, counted from when it came into the queue.
    #[must_use]
    pub const fn due(&self, facts: &AlertFacts, since: Timestamp) -> Timestamp {
        self.clocks.of(Self::urgency(facts)).answer_by(since)
    }

    /// Whether two people have to answer. No setting takes it from children and victims who are suspects.
    #[must_use]
    pub const fn needs_two(&self, facts: &AlertFacts) -> bool {
        facts.child
            || matches!(facts.kind, AlertKind::VictimIsSuspect)
            || facts.safeguarding_first
            || self.two_reviewers_always
    }
}
