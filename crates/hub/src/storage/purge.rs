use std::time::Duration;

use sanctuary_store::{Store, StoreError};
use sanctuary_types::Timestamp;

/// Takes what was erased out of the hub's files: the log and the state are each written anew, without
/// it, and the key of the old files is destroyed.
#[derive(Clone)]
pub struct Purge {
    stores: [(&'static str, Store); 2],
}

/// One store that was written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// Which.
    pub store: &'static str,
    /// Rows that stand.
    pub rows: u64,
}

impl Purge {
    pub(super) fn of(log: &Store, state: &Store) -> Self {
        Self {
            stores: [("log", log.clone()), ("state", state.clone())],
        }
    }

    /// Writes anew what holds something that was erased `within` ago or earlier. Pushes and readers go on
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]: the old files stand then, and it is tried again.
    pub fn run(&self, within: Duration) -> Result<Vec<Purged>, StoreError> {
        let mut done = Vec::new();
        for (name, store) in &self.stores {
            if store.is_rewrite_due(within) {
                let rows = store.rewrite()?;
                done.push(Purged { store: name, rows });
            }
        }
        Ok(done)
    }

    /// Until when everything that was erased is out of the files, given the time of the last round: what
    /// has been withdrawn since then has not been erased yet.
    #[must_use]
    pub fn until(&self, last_round: Timestamp) -> Timestamp {
        let since = self.stores.iter().filter_map(|(_, s)| s.erased_since_ms());
        Timestamp(since.fold(last_round.0, u64::min))
    }
}
