use std::{sync::Arc, time::Instant};

use sanctuary_holder_core::{Evaluation, EvaluationRequest, Evaluator, HolderError, QuotaStatus};
use sanctuary_rpc::{ErrorCode, RosterWatch, caller, now};
use sanctuary_trust::Party;
use sanctuary_types::{BatchId, Epoch, Generation};
use sanctuary_wire::keyholder::{
    CheckpointsRequest, CheckpointsResponse, EvaluateRequest, EvaluateResponse, QuotaRequest,
    QuotaResponse, Receipt, key_holder_server::KeyHolder,
};
use tonic::{Request, Response, Status};

use super::{
    convert::{class, indices},
    refuse::refuse,
};
use crate::{Journal, gossip::Gossip, health::HolderHealth, keys::KeyWatch, places::Places};

/// A ristretto255 point.
const ELEMENT_BYTES: usize = 32;

/// `sanctuary.keyholder.v1.KeyHolder`.
pub(crate) struct KeyHolderService {
    pub(crate) roster: RosterWatch,
    pub(crate) keys: Arc<KeyWatch>,
    pub(crate) evaluator: Arc<Evaluator<Journal>>,
    pub(crate) journal: Journal,
    pub(crate) places: Places,
    pub(crate) gossip: Gossip,
    pub(crate) health: HolderHealth,
}

#[tonic::async_trait]
impl KeyHolder for KeyHolderService {
    async fn evaluate(
        &self,
        request: Request<EvaluateRequest>,
    ) -> Result<Response<EvaluateResponse>, Status> {
        let caller = caller(&request, &self.roster)?;
        let party = caller.id.clone();
        let message = request.into_inner();
        let place = self.places.take(&party).await.ok_or_else(|| {
            tracing::warn!(%party, "no place for an evaluation");
            ErrorCode::Busy
                .status("this key holder is busy with this agency's batches; try again in a moment")
        })?;
        let (keys, evaluator) = (Arc::clone(&self.keys), Arc::clone(&self.evaluator));
        let work = move || {
            let _place = place;
            evaluate(&keys, &evaluator, &caller, &message)
        };
        let (at, began) = (now(), Instant::now());
        match blocking(work).await? {
            Ok(evaluation) => {
                let elements = evaluation.elements.len() / ELEMENT_BYTES;
                self.health.evaluated(began, elements);
                Ok(Response::new(answer(evaluation)))
            }
            Err(error) => Err(refuse(&self.journal, &party, at, &error)),
        }
    }

    async fn quota(
        &self,
        request: Request<QuotaRequest>,
    ) -> Result<Response<QuotaResponse>, Status> {
        let caller = caller(&request, &self.roster)?;
        let party = caller.id.clone();
        let code = request.into_inner().key_class;
        let (keys, evaluator) = (Arc::clone(&self.keys), Arc::clone(&self.evaluator));
        let at = now();
        let work = move || evaluator.quota(&keys.ring(), &caller, class(code)?, at);
        let QuotaStatus {
            limit_per_day,
            used_today,
        } = blocking(work)
            .await?
            .map_err(|error| refuse(&self.journal, &party, at, &error))?;
        Ok(Response::new(QuotaResponse {
            limit_per_day,
            used_today,
        }))
    }

    async fn checkpoints(
        &self,
        request: Request<CheckpointsRequest>,
    ) -> Result<Response<CheckpointsResponse>, Status> {
        let party = caller(&request, &self.roster)?.id;
        let note = request.into_inner().note;
        let gossip = self.gossip.clone();
        let others = blocking(move || gossip.exchange(&party, &note)).await?;
        let notes = others.map_err(|refused| {
            tracing::warn!(error = %refused, "refused a checkpoint");
            ErrorCode::InvalidArgument.status(refused.to_string())
        })?;
        Ok(Response::new(CheckpointsResponse {
            notes: notes.into_iter().map(Into::into).collect(),
        }))
    }
}

fn evaluate(
    keys: &KeyWatch,
    evaluator: &Evaluator<Journal>,
    caller: &Party,
    message: &EvaluateRequest,
) -> Result<Evaluation, HolderError> {
    let quorum = indices(&message.quorum)?;
    let request = EvaluationRequest {
        class: class(message.key_class)?,
        epoch: Epoch(message.epoch),
        generation: Generation(message.generation),
        quorum: &quorum,
        batch_id: BatchId::try_from(&*message.batch_id)
            .map_err(|_| HolderError::Field("the batch id, which has 16 bytes,"))?,
        purpose: &message.purpose,
        elements: &message.elements,
    };
    let ring = keys.ring();
    evaluator.evaluate(&ring, caller, &request, now(), &mut rand::rng())
}

fn answer(evaluation: Evaluation) -> EvaluateResponse {
    let receipt = &evaluation.receipt;
    EvaluateResponse {
        proof: receipt.proof.to_vec().into(),
        receipt: Some(Receipt {
            charged: receipt.charged,
            time_ms: receipt.time.0,
            signature: evaluation.signature.to_vec().into(),
        }),
        elements: evaluation.elements.into(),
    }
}

/// Runs work that computes or waits for the disk off the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        tracing::error!("a request ended in a panic");
        ErrorCode::Internal.status("this key holder failed on the request; tell its operator")
    })
}
