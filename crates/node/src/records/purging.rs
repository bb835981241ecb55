//! Out of the files: what was erased, overwritten or replaced is in no file of this node within the time
//! that the configuration states.

use sanctuary_node_core::NodeError;
use sanctuary_rpc::now;

use crate::{
    Node, acts,
    store::{PurgeTimes, fault},
};

impl Node {
    /// Writes each store anew that holds something that was erased long enough ago, and destroys the key
    /// of its old file; gives which. Blocks; other uses of the node go on meanwhile.
    ///
    /// # Errors
    /// [`NodeError::Store`]: the old file stands then, and the next time does it.
    pub fn purge(&self) -> Result<Vec<&'static str>, NodeError> {
        let inner = &self.inner;
        let stores = [
            ("records", inner.store.underneath()),
            ("cases", inner.cases.store.underneath()),
            ("review", inner.review.underneath()),
            ("ledger", inner.ledger.underneath()),
        ];
        let mut purged = Vec::new();
        for (name, store) in stores {
            if !store.is_rewrite_due(inner.purge_within) {
                continue;
            }
            let begun = now();
            let rows = store.rewrite().map_err(fault)?;
            let finished = now();
            if name == "records" {
                inner.store.note_purge(PurgeTimes { begun, finished })?;
                inner
                    .ledger
                    .note_blocking(acts::of_purge(begun, finished))?;
            }
            tracing::info!(store = name, rows, "took what was erased out of the files");
            purged.push(name);
        }
        Ok(purged)
    }
}
