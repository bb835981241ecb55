//! The ports in memory: for tests, and for a lab that runs everything in one process. Nothing here
//! survives the process, so no daemon may use it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sanctuary_keyshare::KeyShare;
use sanctuary_types::{BatchId, KeyClass, PartyId};
use zeroize::Zeroizing;

use crate::{
    BATCHES_REMEMBERED_DAYS, Charge, Charged, PortError, QuotaStore, Refusal, RefusalLog, ShareId,
    ShareStore, quota::KnownBatch,
};

/// [`QuotaStore`] in memory.
#[derive(Default)]
pub struct MemoryQuota(Mutex<Quota>);

#[derive(Default)]
struct Quota {
    used: HashMap<(u32, KeyClass, PartyId), u64>,
    batches: HashMap<BatchId, (u32, KnownBatch)>,
    owners: HashMap<[u8; 32], (u32, PartyId)>,
}

impl QuotaStore for MemoryQuota {
    fn charge(&self, charge: &Charge) -> Result<Charged, PortError> {
        let mut quota = lock(&self.0);
        quota.forget_before(charge.day.saturating_sub(BATCHES_REMEMBERED_DAYS));
        let counter = (charge.day, charge.class, charge.agency.clone());
        let outcome = charge.decide(
            quota.batches.get(&charge.batch_id).map(|(_, batch)| batch),
            quota
                .owners
                .get(&charge.elements_sha256)
                .map(|(_, owner)| owner),
            quota.used.get(&counter).copied().unwrap_or_default(),
        );
        if let Charged::New { used } = outcome {
            quota.used.insert(counter, used);
            quota
                .batches
                .insert(charge.batch_id, (charge.day, charge.batch()));
            quota
                .owners
                .insert(charge.elements_sha256, (charge.day, charge.agency.clone()));
        }
        Ok(outcome)
    }

    fn used(&self, agency: &PartyId, class: KeyClass, day: u32) -> Result<u64, PortError> {
        let counter = (day, class, agency.clone());
        Ok(lock(&self.0)
            .used
            .get(&counter)
            .copied()
            .unwrap_or_default())
    }
}

impl Quota {
    fn forget_before(&mut self, day: u32) {
        self.used.retain(|(d, ..), _| *d >= day);
        self.batches.retain(|_, (d, _)| *d >= day);
        self.owners.retain(|_, (d, _)| *d >= day);
    }
}

/// [`ShareStore`] in memory.
#[derive(Default)]
pub struct MemoryShares(Mutex<BTreeMap<ShareId, Zeroizing<[u8; KeyShare::BYTES]>>>);

impl ShareStore for MemoryShares {
    fn save(&self, id: ShareId, share: &KeyShare) -> Result<(), PortError> {
        let mut shares = lock(&self.0);
        if shares.contains_key(&id) {
            return Err(PortError("there is a share of this key already".to_owned()));
        }
        shares.insert(id, share.to_bytes());
        Ok(())
    }

    fn load(&self, id: ShareId) -> Result<Option<KeyShare>, PortError> {
        lock(&self.0)
            .get(&id)
            .map(|bytes| KeyShare::from_bytes(bytes).map_err(|e| PortError(e.to_string())))
            .transpose()
    }

    fn ids(&self) -> Result<Vec<ShareId>, PortError> {
        Ok(lock(&self.0).keys().copied().collect())
    }
}

/// [`RefusalLog`] in memory.
#[derive(Default)]
pub struct MemoryRefusals(Mutex<Vec<Refusal>>);

impl MemoryRefusals {
    /// What was recorded so far.
    #[must_use]
    pub fn all(&self) -> Vec<Refusal> {
        lock(&self.0).clone()
    }
}

impl RefusalLog for MemoryRefusals {
    fn record(&self, refusal: &Refusal) {
        lock(&self.0).push(refusal.clone());
    }
}

/// Every change above is one insert, so a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
