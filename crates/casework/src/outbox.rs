//! What waits for the hub, in order.

use crate::{Casework, CaseworkError, Change, OutboxId, Outgoing, Shelf, codec::damaged};

impl Casework<'_> {
    /// The oldest `limit` things for the hub. They stay until [`Self::sent_out`].
    ///
    /// # Errors
    /// [`CaseworkError::Port`].
    pub fn outbox(&self, limit: usize) -> Result<Vec<(OutboxId, Outgoing)>, CaseworkError> {
        let rows = self.ports.store.list(Shelf::Outbox, &[])?;
        let read = |(key, row): &(Vec<u8>, crate::Value)| {
            let id = key.as_slice().try_into().map_err(|_| damaged("outbox"))?;
            Ok((OutboxId(u64::from_be_bytes(id)), Outgoing::from_bytes(row)?))
        };
        rows.iter().take(limit).map(read).collect()
    }

    /// The hub holds it durably.
    ///
    /// # Errors
    /// [`CaseworkError::Port`].
    pub fn sent_out(&self, id: OutboxId) -> Result<(), CaseworkError> {
        let change = Change::remove(Shelf::Outbox, id.0.to_be_bytes());
        Ok(self.ports.store.commit(vec![change])?)
    }
}
