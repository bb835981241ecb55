use sanctuary_node_core::{NodeError, RecordKey};
use sanctuary_store::Batch;

use super::{Next, SledStore, fault};

/// Queue changes of one command.
pub(super) struct QueueChange<'a> {
    store: &'a SledStore,
    pub(super) queue: Batch,
    pub(super) queued: Batch,
}

impl<'a> QueueChange<'a> {
    pub(super) fn new(store: &'a SledStore) -> Self {
        Self {
            store,
            queue: Batch::default(),
            queued: Batch::default(),
        }
    }

    pub(super) fn enqueue(&mut self, next: &mut Next, key: &RecordKey) -> Result<(), NodeError> {
        if self.store.queued.contains(&key.0).map_err(fault)? {
            return Ok(());
        }
        let number = next.queue.to_be_bytes();
        next.queue += 1;
        self.queue
            .insert(&self.store.queue, &number, &key.0)
            .map_err(fault)?;
        self.queued
            .insert(&self.store.queued, &key.0, &number)
            .map_err(fault)
    }

    pub(super) fn dequeue(&mut self, key: &RecordKey) -> Result<(), NodeError> {
        if let Some(number) = self.store.queued.get(&key.0).map_err(fault)? {
            self.queue.remove(&number);
            self.queued.remove(&key.0);
        }
        Ok(())
    }
}
