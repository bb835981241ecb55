use std::sync::{Mutex, PoisonError};

use crate::{Change, NoticeStore, PortError, Stored};

/// Rows in memory, for tests and demonstrations.
#[derive(Debug, Default)]
pub struct MemoryNotices(Mutex<Stored>);

impl NoticeStore for MemoryNotices {
    fn load(&self) -> Result<Stored, PortError> {
        Ok(self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone())
    }

    fn commit(&self, change: &Change) -> Result<(), PortError> {
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stored.take(change);
        Ok(())
    }
}

impl Stored {
    /// What the rows are after a change.
    pub(crate) fn take(&mut self, change: &Change) {
        self.begun = change.begun.or(self.begun);
        self.settled |= change.settled;
        self.next = change.next.unwrap_or(self.next);
        self.told.extend(change.told.iter().copied());
        for id in &change.forgotten {
            self.told.remove(id);
        }
        let slips = change.slips.iter().map(|s| (s.number, s.clone()));
        self.slips.extend(slips);
        for number in &change.gone {
            self.slips.remove(number);
        }
        self.mailed.extend(change.mailed.iter().cloned());
    }
}
