//! The hub in this process: pushes in, candidate pairs with their probabilities out.

use anyhow::Result;
use sanctuary_hub_core::{
    Accepts, Hub, Options, Pepper, PushBatch, ScoredPair,
    memory::{MemoryLog, MemoryState},
};
use sanctuary_linkage::Policy;
use sanctuary_normalize::RULES;
use sanctuary_trust::Party;
use sanctuary_types::Timestamp;

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

    /// Matches everything; every candidate with its probability.
    pub fn scored_pairs(&self) -> Result<Vec<ScoredPair>> {
        self.hub.settle(self.now)?;
        Ok(self.hub.scored_pairs())
    }

    fn commit(&self, group: Vec<sanctuary_hub_core::CheckedBatch>) -> Result<()> {
        for outcome in self.hub.commit(group, self.now) {
            outcome?;
        }
        Ok(())
    }
}
