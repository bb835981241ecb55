//! The hub's log: promises what it is told, in memory.

use std::sync::{Arc, Mutex};

use sanctuary_ledger::{EntryKind, Ledger, LogSigner, MemoryStore, SignedEntry, origin_of};
use sanctuary_rpc::{ErrorCode, RosterWatch, caller, now};
use sanctuary_trust::Member;
use sanctuary_wire::ledger::{self as pb, ledger_server};
use tonic::{Request, Response, Status};

use super::HubState;

pub(super) fn service(
    hub: &Arc<HubState>,
    member: &Member,
    roster: &RosterWatch,
) -> ledger_server::LedgerServer<Double> {
    let signer = LogSigner::new(&origin_of(&member.party.id), member.signing.clone()).unwrap();
    let ledger = Ledger::open(MemoryStore::default(), signer).unwrap();
    ledger_server::LedgerServer::new(Double {
        hub: Arc::clone(hub),
        ledger: Mutex::new(ledger),
        roster: roster.clone(),
    })
}

pub(super) struct Double {
    hub: Arc<HubState>,
    ledger: Mutex<Ledger<MemoryStore>>,
    roster: RosterWatch,
}

impl HubState {
    /// Kinds of the acts that were promised, in order.
    pub fn acts(&self) -> Vec<EntryKind> {
        self.logged.lock().unwrap().clone()
    }
}

#[tonic::async_trait]
impl ledger_server::Ledger for Double {
    async fn append(
        &self,
        request: Request<pb::AppendRequest>,
    ) -> Result<Response<pb::AppendReply>, Status> {
        if let Some((code, reason)) = *self.hub.refuse_log.lock().unwrap() {
            return Err(code.status(reason));
        }
        let party = caller(&request, &self.roster)?;
        let entries: Vec<_> = request.into_inner().entries;
        let entries: Vec<_> = entries
            .iter()
            .map(|bytes| SignedEntry::from_bytes(bytes).unwrap())
            .map(|entry| entry.check(&party.signing_key).unwrap())
            .collect();
        let mut ledger = self.ledger.lock().unwrap();
        let size = ledger.size();
        let promises = ledger.append(&entries, now()).unwrap();
        let kinds = entries.iter().map(|e| e.entry().kind()).zip(&promises);
        let new = kinds.filter(|(_, p)| p.index >= size).map(|(kind, _)| kind);
        self.hub.logged.lock().unwrap().extend(new);
        let promises = promises.iter().map(|promise| pb::Promise {
            origin: promise.origin.clone(),
            id: promise.id.0.to_vec().into(),
            index: promise.index,
            leaf: promise.leaf.to_vec().into(),
            received_ms: promise.received.0,
            due_ms: promise.due.0,
            signature: promise.signature().to_vec().into(),
        });
        Ok(Response::new(pb::AppendReply {
            promises: promises.collect(),
        }))
    }

    async fn checkpoint(
        &self,
        _: Request<pb::CheckpointRequest>,
    ) -> Result<Response<pb::CheckpointReply>, Status> {
        Err(not_here())
    }

    async fn resource(
        &self,
        _: Request<pb::ResourceRequest>,
    ) -> Result<Response<pb::ResourceReply>, Status> {
        Err(not_here())
    }

    async fn prove(
        &self,
        _: Request<pb::ProveRequest>,
    ) -> Result<Response<pb::ProveReply>, Status> {
        Err(not_here())
    }

    async fn entries(
        &self,
        _: Request<pb::EntriesRequest>,
    ) -> Result<Response<pb::EntriesReply>, Status> {
        Err(not_here())
    }

    async fn history(
        &self,
        _: Request<pb::HistoryRequest>,
    ) -> Result<Response<pb::HistoryReply>, Status> {
        Err(not_here())
    }

    async fn next_checkpoint(
        &self,
        _: Request<pb::NextCheckpointRequest>,
    ) -> Result<Response<pb::NextCheckpointReply>, Status> {
        Err(not_here())
    }

    async fn add_cosignature(
        &self,
        _: Request<pb::AddCosignatureRequest>,
    ) -> Result<Response<pb::AddCosignatureReply>, Status> {
        Err(not_here())
    }
}

fn not_here() -> Status {
    ErrorCode::Unavailable.status("the double signs no checkpoints")
}
