use sanctuary_node_core::{NodeError, RecordKey};
use sanctuary_store::Batch;

use super::{SledStore, fault};

/// Queue changes of one command.
pub(super) struct QueueChange<'a> {
    store: &'a SledStore,
    pub(super) rows: Batch,
}

impl<'a> QueueChange<'a> {
    pub(super) fn new(store: &'a SledStore) -> Self {
        Self {
            store,
            rows: Batch::default(),
        }
    }

    pub(super) fn enqueue(&mut self, key: &RecordKey) -> Result<(), NodeError> {
        let queue = &self.store.queue;
        self.rows.insert(queue, &key.0, &[]).map_err(fault)
    }

    pub(super) fn dequeue(&mut self, key: &RecordKey) {
        self.rows.remove(&key.0);
    }
}
