//! What ends by itself: records whose time is over, and what possible matches said that lapsed long ago.

use sanctuary_node_core::{Ended, NodeError, ports::NodeStore};
use sanctuary_rpc::now;
use sanctuary_types::{DAY_MS, Timestamp, limits::LAPSED_ALERT_DAYS};

use crate::{Node, acts};

impl Node {
    /// Ends records whose time is over, but for those that are held; gives how many ended. The log has the
    /// act before anything is erased.
    ///
    /// # Errors
    /// What the stores give; what was ended stays so, and the same again does the rest.
    pub async fn end_due(&self) -> Result<u64, NodeError> {
        let node = self.clone();
        tokio::task::spawn_blocking(move || node.end_due_blocking())
            .await
            .map_err(|_| NodeError::Store("the end of records was cut off".to_owned()))?
    }

    /// As [`Node::end_due`], from a thread that may block.
    pub(super) fn end_due_blocking(&self) -> Result<u64, NodeError> {
        let importer = self.importer();
        let due = importer.due()?;
        if due.is_empty() {
            return Ok(0);
        }
        for why in Ended::ALL {
            let count = due.ending.iter().filter(|(_, w)| w == why).count() as u64;
            if count > 0 {
                let act = acts::of_gone(*why, importer.now, count);
                self.ledger().note_blocking(act)?;
            }
        }
        let ended = importer.end(&due)?;
        tracing::info!(ended, held = due.held.len(), "records have ended");
        Ok(ended)
    }

    /// Takes out what possible matches said that lapsed [`LAPSED_ALERT_DAYS`] days ago or earlier, and what
    /// colleagues wrote about them. Blocks.
    pub fn empty_lapsed(&self, now_is: Timestamp) -> Result<u64, NodeError> {
        let kept_ms = u64::from(LAPSED_ALERT_DAYS) * DAY_MS;
        let until = Timestamp(now_is.0.saturating_sub(kept_ms));
        let review = self.review();
        let fault = |error: sanctuary_review::ReviewError| NodeError::Store(error.to_string());
        let ids = review.withdrawn_before(until).map_err(fault)?;
        if ids.is_empty() {
            return Ok(0);
        }
        self.store().empty_alerts(&ids)?;
        let emptied = review.empty(&ids).map_err(fault)?;
        self.ledger().note_blocking(acts::of_emptied(emptied))?;
        Ok(emptied)
    }

    /// What has to be done once a day, beside the end of records.
    pub(crate) fn empty_lapsed_today(&self) -> Result<u64, NodeError> {
        self.empty_lapsed(now())
    }
}
