//! The queue of acts that the hub has not promised yet.

use sanctuary_ledger::{EntryId, LogKey, Promise, SignedEntry, limits::BATCH_ENTRIES_MAX};
use sanctuary_node_core::NodeError;
use sanctuary_rpc::now;
use sanctuary_types::PartyId;

use super::{NodeLedger, calls::NotTaken, refused};
use crate::store::Dead;

impl NodeLedger {
    /// Sends the acts that the hub has not promised yet; gives their promises. One that the hub does not
    /// take stands aside, visible in the status, and the others go on.
    ///
    /// # Errors
    /// [`NodeError::HubUnavailable`], [`NodeError::Refused`], a fault of the store.
    pub async fn send_pending(&self) -> Result<Vec<Promise>, NodeError> {
        let _one = self.sending.lock().await;
        let mut promises = Vec::new();
        loop {
            let entries = self
                .store_blocking(|store| store.pending(BATCH_ENTRIES_MAX / 4))
                .await?;
            if entries.is_empty() {
                return Ok(promises);
            }
            let (hub, log) = self.log_key()?;
            let entries = self.under_own_key(entries)?;
            match self.send(&hub, &log, &entries).await {
                Ok(new) => promises.extend(new),
                Err(fault) if fault.is_theirs => {
                    promises.extend(self.send_apart(&hub, &log, entries).await?);
                }
                Err(fault) => return Err(fault.error),
            }
        }
    }

    /// States the acts again that the hub did not take, as of now: what was wrong, a clock perhaps, may
    /// have been put right.
    ///
    /// # Errors
    /// A fault of the store.
    pub(super) async fn revive(&self) -> Result<(), NodeError> {
        let signing = self.calls.signing();
        self.store_blocking(move |store| {
            let dead = store.dead()?.into_iter();
            let again = dead.filter(|(_, dead)| !dead.id_taken);
            let entries = again
                .filter_map(|(id, _)| store.entry(&id).transpose())
                .map(|entry| Ok(entry?.entry().clone().at(now()).sign(&signing)))
                .collect::<Result<Vec<_>, NodeError>>()?;
            store.revive(&entries)
        })
        .await
    }

    /// One by one, so that one bad entry does not hold up the others.
    async fn send_apart(
        &self,
        hub: &PartyId,
        log: &LogKey,
        entries: Vec<SignedEntry>,
    ) -> Result<Vec<Promise>, NodeError> {
        let mut promises = Vec::new();
        for entry in entries {
            match self.send(hub, log, std::slice::from_ref(&entry)).await {
                Ok(new) => promises.extend(new),
                Err(fault) if fault.is_theirs => {
                    self.set_aside(entry.entry().id(), fault).await?;
                }
                Err(fault) => return Err(fault.error),
            }
        }
        Ok(promises)
    }

    async fn set_aside(&self, id: EntryId, fault: NotTaken) -> Result<(), NodeError> {
        tracing::error!(entry = %id, error = %fault.error, "the ledger does not take an act");
        let dead = Dead {
            reason: fault.error.to_string(),
            id_taken: fault.id_taken,
        };
        self.store_blocking(move |store| store.refused(&id, &dead))
            .await
    }

    async fn send(
        &self,
        hub: &PartyId,
        log: &LogKey,
        entries: &[SignedEntry],
    ) -> Result<Vec<Promise>, NotTaken> {
        let promises = self.calls.append(hub, entries).await?;
        for (promise, entry) in promises.iter().zip(entries) {
            promise
                .check(log, entry)
                .map_err(|error| refused(hub, &error))?;
        }
        let kept = promises.clone();
        self.store_blocking(move |store| store.promised(&kept))
            .await?;
        Ok(promises)
    }

    /// Acts that were signed before the own key changed are signed anew.
    fn under_own_key(&self, entries: Vec<SignedEntry>) -> Result<Vec<SignedEntry>, NodeError> {
        let signing = self.calls.signing();
        let public = signing.public();
        let (good, old): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| entry.clone().check(&public).is_ok());
        let anew: Vec<SignedEntry> = old
            .into_iter()
            .map(|entry| entry.entry().clone().sign(&signing))
            .collect();
        if !anew.is_empty() {
            self.store.revive(&anew)?;
        }
        Ok(good.into_iter().chain(anew).collect())
    }
}
