//! The ledger's calls to the hub, wire messages to words.

use std::sync::Arc;

use sanctuary_ledger::{Digest, EntryId, InclusionProof, Promise, SignedEntry};
use sanctuary_node_core::NodeError;
use sanctuary_rpc::{ErrorCode, explain};
use sanctuary_trust::{Party, Roster, SigningKey};
use sanctuary_types::{PartyId, Timestamp};
use sanctuary_wire::keyholder::{CheckpointsRequest, key_holder_client::KeyHolderClient};
use sanctuary_wire::ledger::{
    self as pb, AddCosignatureRequest, AppendRequest, CheckpointRequest, NextCheckpointRequest,
    ProveRequest, ResourceRequest, ledger_client::LedgerClient,
};
use tonic::{Status, transport::Channel};

use crate::peers::{Peers, hub_fault};

#[derive(Clone)]
pub(super) struct Calls {
    peers: Peers,
}

impl Calls {
    pub(super) const fn new(peers: Peers) -> Self {
        Self { peers }
    }

    /// This party's signing key.
    pub(super) fn signing(&self) -> SigningKey {
        self.peers.identity().signing().clone()
    }

    pub(super) fn roster(&self) -> Arc<Roster> {
        self.peers.roster().current()
    }

    /// The hub of the roster.
    pub(super) fn hub(&self) -> Result<Party, NodeError> {
        let id = self.peers.hub()?;
        let roster = self.roster();
        let hub = roster.party(&id).cloned();
        hub.ok_or_else(|| NodeError::Keys("the roster changed just now; try again".to_owned()))
    }

    /// Promises of entries, in their order; all of them or none.
    pub(super) async fn append(
        &self,
        hub: &PartyId,
        entries: &[SignedEntry],
    ) -> Result<Vec<Promise>, NotTaken> {
        let count = entries.len();
        let entries = entries.iter().map(|e| e.to_bytes().into()).collect();
        let appended = self.client(hub)?.append(AppendRequest { entries }).await;
        let promises = appended
            .map_err(|status| NotTaken::of(hub, &status))?
            .into_inner()
            .promises;
        if promises.len() != count {
            return Err(NotTaken::from(NodeError::HubRefused {
                hub: hub.clone(),
                reason: "it did not promise every entry; report this".to_owned(),
            }));
        }
        let promises = promises.into_iter().map(|p| promise(hub, p));
        Ok(promises.collect::<Result<_, NodeError>>()?)
    }

    /// One static resource of the log.
    pub(super) async fn resource(&self, hub: &PartyId, path: String) -> Result<Vec<u8>, NodeError> {
        let reply = self
            .client(hub)?
            .resource(ResourceRequest { path })
            .await
            .map_err(|status| hub_fault(hub, &status))?;
        Ok(reply.into_inner().content.to_vec())
    }

    /// The published checkpoint and its proof from `seen` entries.
    pub(super) async fn checkpoint(
        &self,
        hub: &PartyId,
        seen_size: u64,
    ) -> Result<(Vec<u8>, Vec<Digest>), NodeError> {
        let reply = self
            .client(hub)?
            .checkpoint(CheckpointRequest { seen_size })
            .await
            .map_err(|status| hub_fault(hub, &status))?
            .into_inner();
        Ok((reply.note.to_vec(), digests(hub, &reply.proof)?))
    }

    /// The audit path of `index` in the tree of `size`, and the leaf's hash.
    pub(super) async fn prove(
        &self,
        hub: &PartyId,
        index: u64,
        size: u64,
    ) -> Result<(InclusionProof, Digest), NodeError> {
        let reply = self
            .client(hub)?
            .prove(ProveRequest { index, size })
            .await
            .map_err(|status| hub_fault(hub, &status))?
            .into_inner();
        let proof = InclusionProof {
            index,
            size,
            hashes: digests(hub, &reply.proof)?,
        };
        Ok((proof, array(hub, &reply.leaf_hash)?))
    }

    /// The body of an `add-checkpoint` request.
    pub(super) async fn next_checkpoint(
        &self,
        hub: &PartyId,
        known_size: u64,
    ) -> Result<Vec<u8>, NodeError> {
        let reply = self
            .client(hub)?
            .next_checkpoint(NextCheckpointRequest { known_size })
            .await
            .map_err(|status| hub_fault(hub, &status))?;
        Ok(reply.into_inner().request.to_vec())
    }

    pub(super) async fn add_cosignature(
        &self,
        hub: &PartyId,
        line: &[u8],
    ) -> Result<bool, NodeError> {
        let line = line.to_vec().into();
        let reply = self
            .client(hub)?
            .add_cosignature(AddCosignatureRequest { line })
            .await
            .map_err(|status| hub_fault(hub, &status))?;
        Ok(reply.into_inner().enough)
    }

    /// Hands `note` to a key holder; gives what others handed in. The error is a reason.
    pub(super) async fn checkpoints_of(
        &self,
        holder: &PartyId,
        note: &[u8],
    ) -> Result<Vec<Vec<u8>>, String> {
        let channel = self.peers.channel(holder)?;
        let note = note.to_vec().into();
        let reply = KeyHolderClient::new(channel)
            .checkpoints(CheckpointsRequest { note })
            .await
            .map_err(|status| explain(&status))?;
        let notes = reply.into_inner().notes.into_iter();
        Ok(notes.map(Into::into).collect())
    }

    fn client(&self, hub: &PartyId) -> Result<LedgerClient<Channel>, NodeError> {
        let channel = self
            .peers
            .channel(hub)
            .map_err(|reason| NodeError::HubUnavailable {
                hub: hub.clone(),
                reason,
            })?;
        Ok(LedgerClient::new(channel))
    }
}

/// Why the hub did not take entries.
pub(super) struct NotTaken {
    pub(super) error: NodeError,
    /// They themselves are at fault: others can still be taken.
    pub(super) is_theirs: bool,
    /// The id of one of them stands in the log for another statement.
    pub(super) id_taken: bool,
}

impl NotTaken {
    fn of(hub: &PartyId, status: &Status) -> Self {
        let code = ErrorCode::of(status);
        Self {
            error: hub_fault(hub, status),
            is_theirs: matches!(
                code,
                ErrorCode::InvalidArgument | ErrorCode::TooLarge | ErrorCode::Replayed
            ),
            id_taken: code == ErrorCode::Replayed,
        }
    }
}

impl From<NodeError> for NotTaken {
    fn from(error: NodeError) -> Self {
        Self {
            error,
            is_theirs: false,
            id_taken: false,
        }
    }
}

fn promise(hub: &PartyId, p: pb::Promise) -> Result<Promise, NodeError> {
    Ok(Promise::from_parts(
        p.origin,
        EntryId(array(hub, &p.id)?),
        p.index,
        array(hub, &p.leaf)?,
        Timestamp(p.received_ms),
        Timestamp(p.due_ms),
        array(hub, &p.signature)?,
    ))
}

fn digests<B: AsRef<[u8]>>(hub: &PartyId, list: &[B]) -> Result<Vec<Digest>, NodeError> {
    list.iter()
        .map(|bytes| array(hub, bytes.as_ref()))
        .collect()
}

fn array<const N: usize>(hub: &PartyId, bytes: &[u8]) -> Result<[u8; N], NodeError> {
    bytes.try_into().map_err(|_| NodeError::HubRefused {
        hub: hub.clone(),
        reason: "a hash, id or signature of the ledger has a wrong length; report this".to_owned(),
    })
}
