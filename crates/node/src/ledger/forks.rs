//! Two pasts: evidence against the hub, from whatever path the second checkpoint came.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt};

use sanctuary_ledger::{
    Checkpoint, Comparison, Fetched, ForkEvidence, PortError, Refused, Resource, compare,
    fork_between,
};
use sanctuary_node_core::NodeError;
use sanctuary_types::PartyId;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{NodeLedger, blocking, refused};

impl NodeLedger {
    /// Takes a checkpoint that came over another path than the hub's, such as a key holder's connection,
    /// and holds it against the last one accepted. A fork is kept as evidence.
    ///
    /// # Errors
    /// [`NodeError::HubRefused`] when the hub signed two pasts, or does not let itself be checked. A note
    /// that the hub did not sign says nothing of the hub and is no error.
    pub async fn hear(&self, note: &[u8]) -> Result<(), NodeError> {
        let (hub, log) = self.log_key()?;
        let Ok(heard) = Checkpoint::verify(note, &log) else {
            return Ok(());
        };
        let Some(own) = self.store.accepted()? else {
            return Ok(());
        };
        let own = Checkpoint::verify(&own, &log).map_err(|error| refused(&hub, &error))?;
        match compare(&own, &heard, None) {
            Comparison::Same | Comparison::Grew { .. } | Comparison::OtherLog => Ok(()),
            Comparison::Forked(evidence) => Err(self.convict(&hub, &evidence)?),
            Comparison::ProofNeeded { .. } | Comparison::Inconsistent { .. } => {
                self.settle_suspicion(&hub, &own, &heard).await
            }
        }
    }

    /// The error for a checkpoint that breaks a rule; where it shows a fork, the evidence is kept.
    pub(super) async fn suspect(
        &self,
        hub: &PartyId,
        last: Option<&Checkpoint>,
        note: &[u8],
        rule: Refused,
    ) -> NodeError {
        let settled = match &rule {
            Refused::Forked { evidence, .. } => match self.convict(hub, evidence) {
                Ok(error) | Err(error) => Err(error),
            },
            Refused::Inconsistent { .. } | Refused::ProofMissing { .. } => {
                self.settle_offered(hub, last, note).await
            }
            _ => Ok(()),
        };
        settled.err().unwrap_or_else(|| refused(hub, &rule))
    }

    async fn settle_offered(
        &self,
        hub: &PartyId,
        last: Option<&Checkpoint>,
        note: &[u8],
    ) -> Result<(), NodeError> {
        let (_, log) = self.log_key()?;
        match (last, Checkpoint::verify(note, &log)) {
            (Some(last), Ok(new)) => self.settle_suspicion(hub, last, &new).await,
            _ => Ok(()),
        }
    }

    /// With the tiles of the larger tree, a suspicion becomes evidence or goes away.
    async fn settle_suspicion(
        &self,
        hub: &PartyId,
        a: &Checkpoint,
        b: &Checkpoint,
    ) -> Result<(), NodeError> {
        let (smaller, larger) = if a.size() <= b.size() { (a, b) } else { (b, a) };
        let (smaller, larger) = (smaller.clone(), larger.clone());
        let (this, from) = (self.clone(), hub.clone());
        let fork = blocking(move || {
            let tiles = Fetched(|resource: Resource| this.fetch(&from, resource));
            Ok(fork_between(&smaller, &larger, &tiles))
        })
        .await?;
        match fork {
            Ok(None) => Ok(()),
            Ok(Some(evidence)) => Err(self.convict(hub, &evidence)?),
            Err(error) => Err(refused(
                hub,
                &format!("it does not let two of its checkpoints be compared: {error}"),
            )),
        }
    }

    fn fetch(&self, hub: &PartyId, resource: Resource) -> Result<Vec<u8>, PortError> {
        let (this, hub) = (self.clone(), hub.clone());
        self.wait(async move { this.calls.resource(&hub, resource.path()).await })
            .map_err(|error| PortError(error.0))
    }

    fn convict(&self, hub: &PartyId, evidence: &ForkEvidence) -> Result<NodeError, NodeError> {
        if self.store.forked(evidence)? {
            self.lay_down("fork", evidence)?;
            tracing::error!("the hub signed two pasts of the ledger; the evidence is kept");
        }
        Ok(refused(
            hub,
            "it signed two different pasts of the ledger; the evidence is kept, send it to the auditor",
        ))
    }

    /// Writes evidence where people find it; it holds no secret.
    pub(super) fn lay_down(&self, what: &str, evidence: &impl Serialize) -> Result<(), NodeError> {
        let json = serde_json::to_vec_pretty(evidence)
            .map_err(|_| NodeError::Damaged("evidence of the ledger"))?;
        let name = hex::encode(&Sha256::digest(&json)[..8]);
        fs::create_dir_all(&self.evidence_dir)?;
        let path = self.evidence_dir.join(format!("{what}-{name}.json"));
        let mut file = fs::File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(&json)?;
        Ok(file.sync_all()?)
    }
}
