use sanctuary_node_core::{NodeError, RecordKey};
use sanctuary_store::{Batch, Table};

use super::{SledStore, fault};

/// Queue changes of one command: of what is pending, and of what stands behind it.
pub(super) struct QueueChange<'a> {
    store: &'a SledStore,
    rows: Batch,
    behind: Batch,
}

impl<'a> QueueChange<'a> {
    pub(super) fn new(store: &'a SledStore) -> Self {
        Self {
            store,
            rows: Batch::default(),
            behind: Batch::default(),
        }
    }

    pub(super) fn enqueue(&mut self, key: &RecordKey) -> Result<(), NodeError> {
        self.leave_behind(key)?;
        let queue = &self.store.queue;
        self.rows.insert(queue, &key.0, &[]).map_err(fault)
    }

    /// Behind everything that is pending, unless it is pending already.
    pub(super) fn enqueue_behind(&mut self, key: &RecordKey) -> Result<(), NodeError> {
        if self.store.queue.contains(&key.0).map_err(fault)? {
            return Ok(());
        }
        let behind = &self.store.behind;
        self.behind.insert(behind, &key.0, &[]).map_err(fault)
    }

    pub(super) fn dequeue(&mut self, key: &RecordKey) -> Result<(), NodeError> {
        self.leave_behind(key)?;
        self.rows.remove(&key.0);
        Ok(())
    }

    /// What has to be applied together with the rest of the command.
    pub(super) fn changes(self) -> [(&'a Table, Batch); 2] {
        [
            (&self.store.queue, self.rows),
            (&self.store.behind, self.behind),
        ]
    }

    fn leave_behind(&mut self, key: &RecordKey) -> Result<(), NodeError> {
        if self.store.behind.contains(&key.0).map_err(fault)? {
            self.behind.remove(&key.0);
        }
        Ok(())
    }
}
