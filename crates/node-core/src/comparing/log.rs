use std::collections::{BTreeMap, HashMap};

use sanctuary_types::{PartyId, Pseudonym, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ComparisonLimits, ComparisonStage};

/// One line of the node's log of comparisons, durable before the step is answered. No values, no
/// counts, no levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonEntry {
    /// When.
    pub at: Timestamp,
    /// Which comparison.
    pub comparison: [u8; 16],
    /// Which step.
    pub stage: ComparisonStage,
    /// With whose node.
    pub peer: PartyId,
    /// Of which own record.
    pub own: Pseudonym,
    /// Names what the step was made of: the own record's version, or the other node's message.
    /// The same step again has the same one.
    pub made_of: [u8; 16],
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logged {
    /// It stands in the log: answer.
    Stands,
    /// The day's limit is reached.
    Limit,
    /// The same step of the same comparison was answered today, of something else.
    Changed,
}

/// The log of one UTC day, by which a new entry is judged.
#[derive(Default)]
pub struct ComparisonDay {
    day: u32,
    steps: HashMap<([u8; 16], ComparisonStage), [u8; 16]>,
    peers: BTreeMap<PartyId, ComparisonTotals>,
    records: HashMap<(PartyId, Pseudonym), u32>,
}

/// Counts of one day and one other agency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonTotals {
    /// Begun by this node.
    pub opened: u32,
    /// Answered by this node.
    pub answered: u32,
    /// Ended by this node, which told the hub the levels.
    pub finished: u32,
}

impl ComparisonTotals {
    const fn charged(self) -> u32 {
        self.opened.saturating_add(self.answered)
    }
}

impl ComparisonDay {
    /// An empty log of a day (days since 1970, UTC).
    #[must_use]
    pub fn new(day: u32) -> Self {
        Self {
            day,
            ..Self::default()
        }
    }

    /// Which day.
    #[must_use]
    pub const fn day(&self) -> u32 {
        self.day
    }

    /// Judges an entry and, if it is new and may stand, takes it up. True = it has to be written.
    ///
    /// The end of a comparison is not charged: the same node has begun it.
    pub fn take(&mut self, entry: &ComparisonEntry, limits: ComparisonLimits) -> (Logged, bool) {
        if let Some(known) = self.steps.get(&(entry.comparison, entry.stage)) {
            let logged = if *known == entry.made_of {
                Logged::Stands
            } else {
                Logged::Changed
            };
            return (logged, false);
        }
        if entry.stage != ComparisonStage::Finish {
            let peer = self.peers.get(&entry.peer).copied().unwrap_or_default();
            let record = self.records.get(&(entry.peer.clone(), entry.own));
            let record = record.copied().unwrap_or(0);
            if peer.charged() >= limits.per_peer || record >= limits.per_record {
                return (Logged::Limit, false);
            }
        }
        self.add(entry);
        (Logged::Stands, true)
    }

    /// Takes up an entry that stands in the log already.
    pub fn add(&mut self, entry: &ComparisonEntry) {
        self.steps
            .insert((entry.comparison, entry.stage), entry.made_of);
        let totals = self.peers.entry(entry.peer.clone()).or_default();
        let charged = match entry.stage {
            ComparisonStage::Open => &mut totals.opened,
            ComparisonStage::Answer => &mut totals.answered,
            ComparisonStage::Finish => {
                totals.finished += 1;
                return;
            }
        };
        *charged += 1;
        *self
            .records
            .entry((entry.peer.clone(), entry.own))
            .or_default() += 1;
    }

    /// Counts by other agency.
    #[must_use]
    pub fn totals(&self) -> BTreeMap<PartyId, ComparisonTotals> {
        self.peers.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(comparison: u8, stage: ComparisonStage, peer: &str, own: u8) -> ComparisonEntry {
        ComparisonEntry {
            at: Timestamp(0),
            comparison: [comparison; 16],
            stage,
            peer: peer.parse().unwrap(),
            own: Pseudonym([own; 16]),
            made_of: [1; 16],
        }
    }

    const LIMITS: ComparisonLimits = ComparisonLimits {
        per_peer: 3,
        per_record: 2,
    };

    #[test]
    fn limits_are_by_peer_and_by_record_with_that_peer() {
        use ComparisonStage::{Answer, Finish, Open};
        let mut day = ComparisonDay::new(1);
        let mut take = |entry| day.take(&entry, LIMITS);
        assert_eq!(take(entry(1, Open, "council", 1)), (Logged::Stands, true));
        assert_eq!(take(entry(2, Answer, "council", 1)), (Logged::Stands, true));
        assert_eq!(take(entry(3, Open, "council", 1)), (Logged::Limit, false));
        assert_eq!(take(entry(3, Open, "refuge", 1)), (Logged::Stands, true));
        assert_eq!(take(entry(4, Open, "council", 2)), (Logged::Stands, true));
        assert_eq!(take(entry(5, Open, "council", 3)), (Logged::Limit, false));
        assert_eq!(take(entry(1, Finish, "council", 1)), (Logged::Stands, true));
        let council = day.totals()[&"council".parse().unwrap()];
        assert_eq!(
            (council.opened, council.answered, council.finished),
            (2, 1, 1)
        );
    }

    #[test]
    fn the_same_step_again_is_free_and_of_something_else_refused() {
        let mut day = ComparisonDay::new(1);
        let first = entry(1, ComparisonStage::Answer, "council", 1);
        assert_eq!(day.take(&first, LIMITS), (Logged::Stands, true));
        for _ in 0..5 {
            assert_eq!(day.take(&first, LIMITS), (Logged::Stands, false));
        }
        let other = ComparisonEntry {
            made_of: [2; 16],
            ..first
        };
        assert_eq!(day.take(&other, LIMITS), (Logged::Changed, false));
    }
}
