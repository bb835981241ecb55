use sanctuary_types::{BatchId, Epoch, PartyId, RulesVersion};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::BatchContents;

/// What the log's entry of a push is about: its id, its counts as the hub sees them (dummies are among
/// them), and a hash that binds it to exactly this push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchFacts {
    /// The push.
    pub batch_id: BatchId,
    /// Epoch of its tags.
    pub epoch: Epoch,
    /// Rules of its tokens.
    pub rules: RulesVersion,
    /// Postings published.
    pub postings: u64,
    /// Cards published.
    pub cards: u64,
    /// Postings withdrawn.
    pub withdrawals: u64,
    /// Cards withdrawn.
    pub withdrawn_cards: u64,
    /// SHA-256 of the message that the agency signed, as hexadecimal.
    pub sha256: String,
}

impl BatchFacts {
    /// Of the push of `agency`.
    #[must_use]
    pub fn of(contents: &BatchContents, agency: &PartyId) -> Self {
        let count = |bytes: &[u8], each: usize| (bytes.len() / each) as u64;
        Self {
            batch_id: contents.batch_id,
            epoch: contents.epoch,
            rules: contents.rules,
            postings: count(&contents.postings, 94),
            cards: count(&contents.cards, 58),
            withdrawals: count(&contents.withdrawals, 24),
            withdrawn_cards: count(&contents.withdrawn_cards, 8),
            sha256: hex(&Sha256::digest(contents.message(agency))),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
