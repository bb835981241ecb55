//! What a node holds, in counts.

use std::sync::PoisonError;

use sanctuary_node_core::{NodeError, ports::NodeStore};
use serde::{Deserialize, Serialize};

use super::Node;
use crate::ledger::LedgerStatus;

/// What a node holds, for display. Counts only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// Records that take part.
    pub records: u64,
    /// Records known only from Duty to Notify reports: counted, never tokenised.
    pub notify_only: u64,
    /// Records that wait to be tokenised.
    pub pending: u64,
    /// Of these, records that were made by earlier rules and wait behind the others; what stands of them at
    /// the hub goes on matching.
    #[serde(default)]
    pub pending_new_rules: u64,
    /// Batches that wait for the hub.
    pub outbox: u64,
    /// Alerts received.
    pub alerts: u64,
    /// Where the node stands with the partnership's log.
    #[serde(default)]
    pub ledger: LedgerStatus,
    /// What the daemon last failed at, in one sentence; empty when all is well.
    pub last_problem: String,
}

impl Node {
    /// Counts for display.
    ///
    /// # Errors
    /// What the store gives.
    pub fn status(&self) -> Result<NodeStatus, NodeError> {
        let counts = self.inner.counts.lock();
        let counts = counts.unwrap_or_else(PoisonError::into_inner);
        let ledger = self.inner.ledger.status()?;
        Ok(NodeStatus {
            records: counts.records(),
            notify_only: counts.notify_only(),
            pending: self.inner.store.pending_len()?,
            pending_new_rules: self.inner.store.behind_len()?,
            outbox: self.inner.store.outbox_len()?,
            alerts: self.inner.store.alerts()?.len() as u64,
            last_problem: ledger.alarm(),
            ledger,
        })
    }
}
