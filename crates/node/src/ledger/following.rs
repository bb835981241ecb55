//! What the node checks of the log: each newer checkpoint, each promise; and what it cosigns.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use sanctuary_ledger::{
    Accepted, AddCheckpoint, Checkpoint, ClientView, Promise, Quorum, Receipt, Refused, Witness,
    WitnessSigner,
};
use sanctuary_node_core::NodeError;
use sanctuary_rpc::now;
use sanctuary_types::PartyId;

use super::{NodeLedger, blocking, refused};
use crate::store::LedgerStore;

/// Proofs that are asked for at once.
const PROOFS_AT_ONCE: usize = 16;
/// Proofs that are stored in one step.
const PROOFS_IN_A_STEP: usize = 256;

impl NodeLedger {
    /// Takes the newest checkpoint, holds it against everything seen before, and fetches the proofs of
    /// promised entries. Gives what was accepted.
    ///
    /// # Errors
    /// [`NodeError::HubRefused`] with the rule that the checkpoint breaks, or the promise.
    pub async fn follow(&self) -> Result<Accepted, NodeError> {
        let _one = self.following.lock().await;
        let (hub, _) = self.log_key()?;
        let mut view = self.view(&hub).await?;
        let seen = view.last().map_or(0, |c| c.size());
        let (note, proof) = self.calls.checkpoint(&hub, seen).await?;
        let accepted = match view.accept(&note, Some(&proof), now()) {
            Ok(accepted) => accepted,
            Err(rule) => {
                return Err(self
                    .suspect(&hub, view.last().map(|c| &**c), &note, rule)
                    .await);
            }
        };
        self.store_blocking(move |store| store.accept(&note))
            .await?;
        self.settle(&hub, &accepted).await?;
        Ok(accepted)
    }

    /// Cosigns the newest checkpoint if it grew from the last one cosigned. Says whether it has enough
    /// cosignatures now.
    ///
    /// # Errors
    /// [`NodeError::HubRefused`] with the rule that it breaks.
    pub async fn witness(&self) -> Result<bool, NodeError> {
        let _one = self.following.lock().await;
        let (hub, _) = self.log_key()?;
        let mut witness = self.as_witness(&hub)?;
        let last = witness.last().map_err(|error| refused(&hub, &error))?;
        let known = last.as_ref().map_or(0, Checkpoint::size);
        let request = self.calls.next_checkpoint(&hub, known).await?;
        let request = AddCheckpoint::from_bytes(&request).map_err(|error| refused(&hub, &error))?;
        let note = request.note.clone();
        let line = blocking(move || Ok(witness.add_checkpoint(&request, now()))).await?;
        match line {
            Ok(line) => self.calls.add_cosignature(&hub, &line).await,
            Err(rule) => Err(self.suspect(&hub, last.as_ref(), &note, rule).await),
        }
    }

    /// How long the log has stood still for this witness, once that is longer than it may.
    ///
    /// # Errors
    /// [`Refused`] when the stored mark is not usable.
    pub fn silent_ms(&self) -> Result<Option<u64>, Refused> {
        let Ok((hub, _)) = self.log_key() else {
            return Ok(None);
        };
        match self.as_witness(&hub) {
            Ok(witness) => witness.silent_ms(now()),
            Err(_) => Ok(None),
        }
    }

    fn as_witness(&self, hub: &PartyId) -> Result<Witness<Arc<LedgerStore>>, NodeError> {
        let signer = WitnessSigner::new(self.party.as_str(), self.calls.signing())
            .map_err(|error| refused(hub, &error))?;
        let (_, log) = self.log_key()?;
        Ok(Witness::new(signer, log, Arc::clone(&self.store)))
    }

    /// Fetches the proofs of promised entries that the accepted checkpoint should hold.
    async fn settle(&self, hub: &PartyId, accepted: &Accepted) -> Result<(), NodeError> {
        let promises = self.store_blocking(LedgerStore::promises).await?;
        let (there, missing): (Vec<_>, Vec<_>) = promises
            .into_iter()
            .partition(|promise| promise.index < accepted.size());
        if let Some(broken) = missing.iter().find_map(|p| p.broken_by(accepted)) {
            self.lay_down("promise", &broken)?;
            self.store_blocking(move |store| store.convicted(&broken))
                .await?;
            return Err(refused(hub, "it broke a promise; the evidence is kept"));
        }
        for step in there.chunks(PROOFS_IN_A_STEP) {
            let proofs: Vec<_> = step.iter().map(|p| self.prove(hub, p, accepted)).collect();
            let receipts: Vec<Receipt> = stream::iter(proofs)
                .buffered(PROOFS_AT_ONCE)
                .try_collect()
                .await?;
            self.store_blocking(move |store| store.received(&receipts))
                .await?;
        }
        Ok(())
    }

    async fn prove(
        &self,
        hub: &PartyId,
        promise: &Promise,
        accepted: &Accepted,
    ) -> Result<Receipt, NodeError> {
        let (index, size) = (promise.index, accepted.size());
        let (proof, found) = self.calls.prove(hub, index, size).await?;
        if let Some(broken) = promise.replaced_in(accepted, found, proof.clone()) {
            self.lay_down("promise", &broken)?;
            self.store_blocking(move |store| store.convicted(&broken))
                .await?;
            return Err(refused(hub, "it broke a promise; the evidence is kept"));
        }
        let kept = promise.clone().keep(proof, accepted);
        kept.map_err(|error| refused(hub, &error))
    }

    pub(super) async fn view(&self, hub: &PartyId) -> Result<ClientView, NodeError> {
        let quorum = Quorum::of_roster(&self.calls.roster(), self.needed)
            .map_err(|error| refused(hub, &error))?;
        match self.store_blocking(LedgerStore::accepted).await? {
            None => Ok(ClientView::new(quorum)),
            Some(note) => ClientView::resume(quorum, &note).map_err(|error| refused(hub, &error)),
        }
    }
}
