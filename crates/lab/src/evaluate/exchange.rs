//! The hub in this process: pushes in, candidate pairs with their probabilities out.

use anyhow::Result;
use sanctuary_hub_core::{
    Accepts, Hub, Options, Pepper, PushBatch, ScoresByStage,
    memory::{MemoryLog, MemoryState},
};
use sanctuary_linkage::Policy;
use sanctuary_normalize::RULES;
use sanctuary_trust::Party;
use sanctuary_types::{ComparedLevels, Pseudonym, Timestamp};

use super::holders::EPOCH;

/// Batches that are made durable together.
const GROUP_BATCHES: usize = 64;

/// A hub that forgets everything when dropped.
pub struct Exchange {
    hub: Hub<MemoryLog, MemoryState>,
    now: Timestamp,
}

impl Exchange {
    /// An empty hub.
    pub fn open(now: Timestamp) -> Result<Self> {
        let options = Options {
            accepts: Accepts {
                rules: RULES,
                epoch: EPOCH,
            },
            policy: Policy::default(),
        };
        // Nothing leaves this process, so the pepper protects nothing; fixed, for equal runs.
        let pepper = Pepper::from_bytes(&[0x5a; 32]);
        let hub = Hub::open(
            MemoryLog::default(),
            MemoryState::default(),
            pepper,
            options,
            now,
        )?;
        Ok(Self { hub, now })
    }

    /// Checks and stores pushes as the ingest service does.
    pub fn push<'a>(
        &self,
        batches: impl Iterator<Item = (&'a Party, &'a PushBatch)>,
    ) -> Result<()> {
        let mut group = Vec::with_capacity(GROUP_BATCHES);
        for (party, batch) in batches {
            group.push(self.hub.check(party, batch)?);
            if group.len() == GROUP_BATCHES {
                self.commit(std::mem::take(&mut group))?;
            }
        }
        self.commit(group)
    }

    /// Matches everything that was pushed.
    pub fn settle(&self) -> Result<()> {
        self.hub.settle(self.now)?;
        Ok(())
    }

    /// The pairs that the two agencies' nodes are to compare next.
    pub fn pairs_to_compare(&self) -> Vec<(Pseudonym, Pseudonym)> {
        self.hub.pairs_to_compare()
    }

    /// Hands in what nodes found.
    pub fn put_compared(&self, found: &[((Pseudonym, Pseudonym), ComparedLevels)]) {
        self.hub.put_compared(found);
    }

    /// Every pair with its probability, by each stage.
    pub fn scores(&self) -> ScoresByStage {
        self.hub.scored_pairs_by_stage()
    }

    fn commit(&self, group: Vec<sanctuary_hub_core::CheckedBatch>) -> Result<()> {
        for outcome in self.hub.commit(group, self.now) {
            outcome?;
        }
        Ok(())
    }
}
