use std::{pin::Pin, sync::Arc};

use sanctuary_hub_core::{HubError, PushBatch};
use sanctuary_rpc::{ErrorCode, Peer, RosterWatch, caller};
use sanctuary_trust::Party;
use sanctuary_types::{BatchId, Epoch, PartyId, RulesVersion};
use sanctuary_wire::ingest::{self as wire, ingest_server::Ingest};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};

use super::refuse::{blocking, refuse, stopping};
use crate::{SledHub, committer::Committer, health::HubHealth};

/// Batches of one stream between arrival and reply: enough for several to share a durable write.
const IN_FLIGHT: usize = 32;

/// `sanctuary.ingest.v1.Ingest`.
pub(crate) struct IngestService {
    pub(crate) hub: Arc<SledHub>,
    pub(crate) roster: RosterWatch,
    pub(crate) committer: Committer,
    pub(crate) health: HubHealth,
}

/// A batch on its way.
struct Pending {
    id: BatchId,
    postings: u64,
    /// The answer to come.
    answered: oneshot::Receiver<Result<(), HubError>>,
}

#[tonic::async_trait]
impl Ingest for IngestService {
    type PushStream = Pin<Box<dyn Stream<Item = Result<wire::PushReply, Status>> + Send>>;

    async fn push(
        &self,
        request: Request<Streaming<wire::PushBatch>>,
    ) -> Result<Response<Self::PushStream>, Status> {
        let agency = caller(&request, &self.roster)?;
        let peer = Peer::of(&request)
            .map(|peer| peer.spki_sha256)
            .ok_or_else(|| {
                ErrorCode::NotEnrolled.status("the connection carries no certificate")
            })?;
        let lane = Lane {
            hub: Arc::clone(&self.hub),
            roster: self.roster.clone(),
            committer: self.committer.clone(),
            agency,
            peer,
        };
        let (waiting, queued) = mpsc::channel(IN_FLIGHT);
        let (replies, out) = mpsc::channel(IN_FLIGHT);
        let (agency, health) = (lane.agency.id.clone(), self.health.clone());
        tokio::spawn(async move { lane.take_in(request.into_inner(), waiting).await });
        tokio::spawn(async move { answer(agency, health, queued, replies).await });
        Ok(Response::new(Box::pin(ReceiverStream::new(out))))
    }
}

/// One agency's open stream.
struct Lane {
    hub: Arc<SledHub>,
    roster: RosterWatch,
    committer: Committer,
    agency: Party,
    peer: [u8; 32],
}

impl Lane {
    /// Checks each batch as it comes and queues it, in order, until the first refusal.
    async fn take_in(
        self,
        mut stream: Streaming<wire::PushBatch>,
        waiting: mpsc::Sender<Result<Pending, Status>>,
    ) {
        while let Some(message) = stream.next().await {
            let pending = match message {
                Ok(message) => self.queue(message).await,
                Err(status) => Err(status),
            };
            let refused = pending.is_err();
            // The answering half is gone when the caller is.
            if waiting.send(pending).await.is_err() || refused {
                return;
            }
        }
    }

    async fn queue(&self, message: wire::PushBatch) -> Result<Pending, Status> {
        self.roster.still_enrolled(&self.peer)?;
        let (hub, agency) = (Arc::clone(&self.hub), self.agency.clone());
        let checked = blocking(move || {
            let batch = read(message)?;
            let postings = batch.posting_count() as u64;
            let checked = hub.check(&agency, &batch);
            checked
                .map(|checked| (batch.batch_id, postings, checked))
                .map_err(|error| refuse(&agency.id, "push", &error))
        });
        let (id, postings, checked) = checked.await??;
        Ok(Pending {
            id,
            postings,
            answered: self.committer.submit(checked).await,
        })
    }
}

/// Answers in order; the reply is the same whether anything matched or not.
async fn answer(
    agency: PartyId,
    health: HubHealth,
    mut queued: mpsc::Receiver<Result<Pending, Status>>,
    replies: mpsc::Sender<Result<wire::PushReply, Status>>,
) {
    while let Some(pending) = queued.recv().await {
        let reply = match pending {
            Ok(pending) => match pending.answered.await {
                Ok(Ok(())) => {
                    health.pushed(&agency, pending.postings);
                    Ok(wire::PushReply {
                        batch_id: pending.id.0.to_vec().into(),
                    })
                }
                Ok(Err(error)) => Err(refuse(&agency, "push", &error)),
                Err(_) => Err(stopping()),
            },
            Err(status) => Err(status),
        };
        if let Err(status) = &reply {
            health.refused_in_stream(&agency, ErrorCode::of(status));
        }
        let refused = reply.is_err();
        if replies.send(reply).await.is_err() || refused {
            return;
        }
    }
}

fn read(message: wire::PushBatch) -> Result<PushBatch, Status> {
    let bad = |what: &str| {
        ErrorCode::InvalidArgument.status(format!(
            "{what} of a batch is malformed; update the node and push again"
        ))
    };
    Ok(PushBatch {
        batch_id: BatchId::try_from(&message.batch_id[..]).map_err(|_| bad("the id"))?,
        rules: RulesVersion(
            u16::try_from(message.rules_version).map_err(|_| bad("the rules version"))?,
        ),
        epoch: Epoch(message.epoch),
        postings: message.postings.into(),
        cards: message.cards.into(),
        withdrawals: message.withdrawals.into(),
        withdrawn_cards: message.withdrawn_cards.into(),
        population: message
            .population
            .map(|p| p.json.into())
            .unwrap_or_default(),
        signature: message.signature[..]
            .try_into()
            .map_err(|_| bad("the signature"))?,
    })
}
