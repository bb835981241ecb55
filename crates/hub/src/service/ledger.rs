use sanctuary_ledger::{LedgerError, Promise, Refused, SignedEntry, limits};
use sanctuary_rpc::{ErrorCode, RosterWatch, caller};
use sanctuary_trust::PartyKind;
use sanctuary_types::PartyId;
use sanctuary_wire::ledger::{
    self as pb, AddCosignatureReply, AddCosignatureRequest, AppendReply, AppendRequest,
    CheckpointReply, CheckpointRequest, EntriesReply, EntriesRequest, HistoryReply, HistoryRequest,
    IndexedEntry, NextCheckpointReply, NextCheckpointRequest, ProveReply, ProveRequest,
    ResourceReply, ResourceRequest, ledger_server::Ledger,
};
use tonic::{Request, Response, Status};

use super::refuse::blocking;
use crate::ledger::HubLedger;

/// Checkpoints in one answer.
const HISTORY_MAX: usize = 256;

/// `sanctuary.ledger.v1.Ledger`.
pub(crate) struct LedgerService {
    pub(crate) ledger: HubLedger,
    pub(crate) roster: RosterWatch,
}

#[tonic::async_trait]
impl Ledger for LedgerService {
    async fn append(
        &self,
        request: Request<AppendRequest>,
    ) -> Result<Response<AppendReply>, Status> {
        let party = caller(&request, &self.roster)?;
        let entries = request.into_inner().entries;
        if entries.len() > limits::BATCH_ENTRIES_MAX {
            return Err(ErrorCode::TooLarge.status(format!(
                "{} entries at once are too many; send at most {}",
                entries.len(),
                limits::BATCH_ENTRIES_MAX
            )));
        }
        let id = party.id.clone();
        let ledger = self.ledger.clone();
        let promises = blocking(move || {
            let entries = entries
                .iter()
                .map(|bytes| SignedEntry::from_bytes(bytes))
                .collect::<Result<Vec<_>, _>>()?;
            ledger.append(&party, entries)
        })
        .await?
        .map_err(|error| refuse(&id, "append", &error))?;
        Ok(Response::new(AppendReply {
            promises: promises.iter().map(promise).collect(),
        }))
    }

    async fn checkpoint(
        &self,
        request: Request<CheckpointRequest>,
    ) -> Result<Response<CheckpointReply>, Status> {
        let id = caller(&request, &self.roster)?.id;
        let seen = request.into_inner().seen_size;
        let ledger = self.ledger.clone();
        let published = blocking(move || ledger.published(seen))
            .await?
            .map_err(|error| refuse(&id, "checkpoint", &error))?;
        let (checkpoint, proof) = published.ok_or_else(unwitnessed)?;
        Ok(Response::new(CheckpointReply {
            note: checkpoint.note().to_vec().into(),
            proof: proof.iter().map(|h| h.to_vec().into()).collect(),
        }))
    }

    async fn resource(
        &self,
        request: Request<ResourceRequest>,
    ) -> Result<Response<ResourceReply>, Status> {
        let party = caller(&request, &self.roster)?;
        let id = party.id.clone();
        let path = request.into_inner().path;
        let ledger = self.ledger.clone();
        let content = blocking(move || ledger.resource(&party, &path))
            .await?
            .map_err(|error| refuse(&id, "resource", &error))?
            .ok_or_else(|| {
                ErrorCode::NotFound.status(
                    "there is no such part of the log for you; check the path, and leave entry bundles to officers",
                )
            })?;
        Ok(Response::new(ResourceReply {
            content: content.into(),
        }))
    }

    async fn prove(&self, request: Request<ProveRequest>) -> Result<Response<ProveReply>, Status> {
        let party = caller(&request, &self.roster)?;
        let ProveRequest { index, size } = request.into_inner();
        let ledger = self.ledger.clone();
        let (proof, leaf) = blocking(move || ledger.prove(index, size))
            .await?
            .map_err(|error| refuse(&party.id, "prove", &error))?;
        let readable = party.kind == PartyKind::Officer || leaf.entry().concerns(&party.id);
        Ok(Response::new(ProveReply {
            proof: proof.hashes.iter().map(|h| h.to_vec().into()).collect(),
            leaf_hash: leaf.hash().to_vec().into(),
            leaf: if readable {
                leaf.to_bytes().into()
            } else {
                Default::default()
            },
        }))
    }

    async fn entries(
        &self,
        request: Request<EntriesRequest>,
    ) -> Result<Response<EntriesReply>, Status> {
        let party = caller(&request, &self.roster)?;
        let id = party.id.clone();
        let EntriesRequest { from, limit } = request.into_inner();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let ledger = self.ledger.clone();
        let visible = blocking(move || ledger.entries(&party, from, limit))
            .await?
            .map_err(|error| refuse(&id, "entries", &error))?;
        let entries = visible.entries.into_iter();
        Ok(Response::new(EntriesReply {
            entries: entries
                .map(|(index, leaf)| IndexedEntry {
                    index,
                    leaf: leaf.into(),
                })
                .collect(),
            next: visible.next,
        }))
    }

    async fn history(
        &self,
        request: Request<HistoryRequest>,
    ) -> Result<Response<HistoryReply>, Status> {
        let id = caller(&request, &self.roster)?.id;
        let HistoryRequest { from_size, limit } = request.into_inner();
        let limit = match usize::try_from(limit) {
            Ok(limit @ 1..=HISTORY_MAX) => limit,
            _ => HISTORY_MAX,
        };
        let ledger = self.ledger.clone();
        let notes = blocking(move || ledger.history(from_size, limit))
            .await?
            .map_err(|error| refuse(&id, "history", &error))?;
        Ok(Response::new(HistoryReply {
            notes: notes.into_iter().map(Into::into).collect(),
        }))
    }

    async fn next_checkpoint(
        &self,
        request: Request<NextCheckpointRequest>,
    ) -> Result<Response<NextCheckpointReply>, Status> {
        let id = caller(&request, &self.roster)?.id;
        let known = request.into_inner().known_size;
        let ledger = self.ledger.clone();
        let next = blocking(move || ledger.for_witness(known))
            .await?
            .map_err(|error| refuse(&id, "next checkpoint", &error))?;
        Ok(Response::new(NextCheckpointReply {
            request: next.to_bytes().into(),
        }))
    }

    async fn add_cosignature(
        &self,
        request: Request<AddCosignatureRequest>,
    ) -> Result<Response<AddCosignatureReply>, Status> {
        let id = caller(&request, &self.roster)?.id;
        let line = request.into_inner().line;
        let ledger = self.ledger.clone();
        let enough = blocking(move || ledger.add_cosignature(&line)).await?;
        match enough {
            Ok(enough) => Ok(Response::new(AddCosignatureReply { enough })),
            Err(Refused::Malformed(error)) => Err(refuse(&id, "cosignature", &error)),
            Err(refused) => Err(tell(&id, "cosignature", ErrorCode::Conflict, &refused)),
        }
    }
}

fn promise(promise: &Promise) -> pb::Promise {
    pb::Promise {
        origin: promise.origin.clone(),
        id: promise.id.0.to_vec().into(),
        index: promise.index,
        leaf: promise.leaf.to_vec().into(),
        received_ms: promise.received.0,
        due_ms: promise.due.0,
        signature: promise.signature().to_vec().into(),
    }
}

fn unwitnessed() -> Status {
    ErrorCode::Unavailable
        .status("no checkpoint has enough cosignatures yet; try again in a few seconds")
}

pub(super) fn refuse(party: &PartyId, call: &'static str, error: &LedgerError) -> Status {
    let code = match error {
        LedgerError::Malformed { .. } | LedgerError::FutureEntry { .. } => {
            ErrorCode::InvalidArgument
        }
        LedgerError::TooMany { .. } => ErrorCode::TooLarge,
        LedgerError::Signature(_) => ErrorCode::NotAllowed,
        LedgerError::OutOfRange { .. } => ErrorCode::NotFound,
        LedgerError::IdReused(_) => ErrorCode::Replayed,
        // A witness whose line was made for a checkpoint that is no longer the latest tries again.
        LedgerError::Proof(_) => ErrorCode::Conflict,
        LedgerError::Damaged(_) => ErrorCode::DataLoss,
        LedgerError::Store(_) => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    };
    tell(party, call, code, error)
}

/// Tells the caller why, and leaves a trace: ids only.
fn tell(
    party: &PartyId,
    call: &'static str,
    code: ErrorCode,
    error: &dyn std::error::Error,
) -> Status {
    match code {
        ErrorCode::DataLoss | ErrorCode::Unavailable | ErrorCode::Internal => {
            tracing::error!(%party, call, code = code.label(), %error, "the ledger failed");
        }
        _ => {
            tracing::warn!(%party, call, code = code.label(), %error, "refused a call on the ledger")
        }
    }
    code.status(error.to_string())
}
