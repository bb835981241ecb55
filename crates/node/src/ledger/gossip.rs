//! What other parties were shown of the log, over the key holders' connections: a second path that is not
//! the hub's.

use std::collections::BTreeSet;

use sanctuary_node_core::NodeError;

use super::NodeLedger;

impl NodeLedger {
    /// Hands the last checkpoint accepted to every key holder and holds what others handed in against
    /// it. Gives the number of notes that were compared. A key holder that does not answer is left out.
    ///
    /// # Errors
    /// [`NodeError::HubRefused`] when the hub signed two pasts; the evidence is kept.
    pub async fn gossip(&self) -> Result<usize, NodeError> {
        let Some(own) = self.last_accepted()? else {
            return Ok(0);
        };
        let mut heard: BTreeSet<Vec<u8>> = BTreeSet::new();
        let roster = self.calls.roster();
        for holder in roster.key_holders() {
            match self.calls.checkpoints_of(&holder.id, &own).await {
                Ok(notes) => heard.extend(notes),
                Err(reason) => {
                    tracing::debug!(holder = %holder.id, reason, "no checkpoints from a key holder");
                }
            }
        }
        let mut fork = None;
        for note in &heard {
            if let Err(error) = self.hear(note).await {
                // The others are looked at all the same: each may be evidence.
                fork.get_or_insert(error);
            }
        }
        fork.map_or(Ok(heard.len()), Err)
    }
}
