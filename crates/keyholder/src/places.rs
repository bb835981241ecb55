use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sanctuary_types::PartyId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// A caller waits this long for a place before it is told to come back.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// Calls of one agency under way or waiting.
const PER_AGENCY_MAX: usize = 16;

/// Places for evaluations: as many at once as there are processors, in the order of arrival, and no
/// agency may fill the queue alone. Retransmissions are free of charge, so this is what bounds them.
pub(crate) struct Places {
    computing: Arc<Semaphore>,
    per_agency: Arc<Mutex<HashMap<PartyId, usize>>>,
}

/// A place; given back on drop.
pub(crate) struct Place {
    _computing: OwnedSemaphorePermit,
    _queued: Queued,
}

struct Queued {
    agency: PartyId,
    per_agency: Arc<Mutex<HashMap<PartyId, usize>>>,
}

impl Places {
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            computing: Arc::new(Semaphore::new(at_once)),
            per_agency: Arc::default(),
        }
    }

    /// `None` when the agency has too many calls under way or no place came free in time.
    pub(crate) async fn take(&self, agency: &PartyId) -> Option<Place> {
        let queued = self.queue(agency)?;
        let waiting = Arc::clone(&self.computing).acquire_owned();
        let permit = timeout(WAIT_MAX, waiting).await.ok()?.ok()?;
        Some(Place {
            _computing: permit,
            _queued: queued,
        })
    }

    fn queue(&self, agency: &PartyId) -> Option<Queued> {
        let mut counts = self
            .per_agency
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(agency.clone()).or_default();
        if *count >= PER_AGENCY_MAX {
            return None;
        }
        *count += 1;
        Some(Queued {
            agency: agency.clone(),
            per_agency: Arc::clone(&self.per_agency),
        })
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        let mut counts = self
            .per_agency
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.agency) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.agency);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_agency_cannot_fill_the_queue() {
        let (police, council) = ("police".parse().unwrap(), "council".parse().unwrap());
        let places = Places::new(100);
        let mut taken = Vec::new();
        for _ in 0..PER_AGENCY_MAX {
            taken.push(places.take(&police).await.unwrap());
        }
        assert!(places.take(&police).await.is_none());
        assert!(places.take(&council).await.is_some());
        taken.pop();
        assert!(places.take(&police).await.is_some());
        drop(taken);
        assert!(places.per_agency.lock().unwrap().is_empty());
    }
}
