//! The proof that a record is gone, from the log: what was done, in order, with receipts that anybody can
//! check, and nothing of what was erased.

use sanctuary_ledger::EntryId;
use sanctuary_node_core::{Ended, NodeError, StoredRecord, ports::NodeStore};
use sanctuary_types::{BatchId, Timestamp, lp};
use sanctuary_wire::directory::{StatusRequest, directory_client::DirectoryClient};
use serde::{Deserialize, Serialize};

use crate::{LoggedAct, Node, acts, peers::hub_fault};

/// What the log proves about the end of one record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordProof {
    /// Keyed hash of the reference: all that is left of it here.
    pub record: String,
    /// How it ended; none while it stands.
    pub how: Option<Ended>,
    /// When.
    pub at: Option<Timestamp>,
    /// The act by which it ended, where it is one of its own.
    pub ended: Option<LoggedAct>,
    /// The push that withdrew what was published, promised before it left.
    pub withdrawn: Option<LoggedAct>,
    /// Whether the hub holds that push durably. Without a push nothing stood at the hub.
    pub acknowledged: bool,
    /// The act after which nothing of it is in a file of this node.
    pub purged: Option<LoggedAct>,
    /// What the hub says of its own files; none while it cannot be reached.
    pub hub: Option<HubWord>,
}

/// The hub's word about its files. Its own log has an entry for each purge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubWord {
    /// What was withdrawn before is in none of its files.
    pub purged_until: Timestamp,
    /// Whether that is after the push that withdrew this record.
    pub covers: bool,
}

impl RecordProof {
    /// The entries, with their receipts, for `sanctuary audit verify --receipts`.
    #[must_use]
    pub fn entries(&self) -> Vec<&LoggedAct> {
        [&self.ended, &self.withdrawn, &self.purged]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Whether everything has been done, everywhere, and is proven.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let withdrawn = self.withdrawn.is_none() || self.hub.is_some_and(|hub| hub.covers);
        let proven = self.entries().iter().all(|act| act.receipt.is_some());
        self.how.is_some() && self.acknowledged && self.purged.is_some() && withdrawn && proven
    }
}

impl Node {
    /// The proof for the record of a reference. Blocks.
    pub(super) fn record_proof(&self, record: &StoredRecord) -> Result<RecordProof, NodeError> {
        let mut proof = RecordProof {
            record: hex(&record.key.0),
            how: None,
            at: None,
            ended: None,
            withdrawn: None,
            acknowledged: false,
            purged: None,
            hub: None,
        };
        let Some(gone) = record.kept.gone else {
            return Ok(proof);
        };
        (proof.how, proof.at) = (Some(gone.why), Some(gone.at));
        proof.ended = self.act_of(&acts::same_gone(gone.why, gone.at))?;
        let mut last = gone.at;
        if let Some(batch) = gone.batch {
            proof.withdrawn = self.act_of(&lp(&[b"push", b"withdraw", &batch.0]))?;
            proof.acknowledged = !self.waits(&batch)?;
            last = proof.withdrawn.as_ref().map_or(last, |act| act.time);
            proof.hub = self.hub_word(last).ok();
        } else {
            proof.acknowledged = record.published.is_none();
        }
        // Once the push is packed nothing of the record is left to be overwritten.
        let purge = self.inner.store.purges()?;
        let purge = purge.into_iter().find(|purge| purge.begun > last);
        if let Some(purge) = purge.filter(|_| record.published.is_none()) {
            proof.purged = self.act_of(&acts::same_purge(purge.begun))?;
        }
        Ok(proof)
    }

    fn act_of(&self, same: &[u8]) -> Result<Option<LoggedAct>, NodeError> {
        let id: EntryId = self.ledger().id_of_same(same);
        self.ledger().logged_act(&id)
    }

    fn waits(&self, batch: &BatchId) -> Result<bool, NodeError> {
        let outbox = self.store().outbox(usize::MAX)?;
        Ok(outbox.iter().any(|e| e.batch.contents.batch_id == *batch))
    }

    fn hub_word(&self, withdrawn: Timestamp) -> Result<HubWord, NodeError> {
        let peers = &self.inner.peers;
        let hub = peers.hub()?;
        let channel = peers
            .channel(&hub)
            .map_err(|reason| NodeError::HubUnavailable {
                hub: hub.clone(),
                reason,
            })?;
        let asked = async {
            let status = DirectoryClient::new(channel).status(StatusRequest {}).await;
            status.map_err(|status| hub_fault(&hub, &status))
        };
        let status = self.inner.cases.runtime().block_on(asked)?.into_inner();
        Ok(HubWord {
            purged_until: Timestamp(status.purged_until_ms),
            covers: status.purged_until_ms > withdrawn.0,
        })
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
