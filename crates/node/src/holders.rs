use futures::future::join_all;
use sanctuary_health::IntCounterVec;
use sanctuary_node_core::ports::{EvaluateBatch, HolderFault, HolderFaultKind, KeyHolders};
use sanctuary_rpc::{ErrorCode, explain, now};
use sanctuary_toprf::{Answer, HolderIndex};
use sanctuary_types::{KeyClass, PartyId};
use sanctuary_wire::keyholder::{
    EvaluateRequest, QuotaRequest, key_holder_client::KeyHolderClient,
};
use tonic::Status;

use crate::{
    Node, QuotaLeft,
    peers::{Peers, refuses_agency},
};

/// Bytes of an answer: 4,096 elements, their proof and receipt, with room.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// The word of the sharing agreement that evaluations are asked under.
const PURPOSE: &str = "matching";

/// The key holders over gRPC and mutual TLS.
#[derive(Clone)]
pub struct GrpcHolders {
    peers: Peers,
    person: Vec<PartyId>,
    identifier: Vec<PartyId>,
    refusals: IntCounterVec,
}

impl GrpcHolders {
    /// The holders of share i of each class, at i - 1.
    pub(crate) const fn new(
        peers: Peers,
        person: Vec<PartyId>,
        identifier: Vec<PartyId>,
        refusals: IntCounterVec,
    ) -> Self {
        Self {
            peers,
            person,
            identifier,
            refusals,
        }
    }

    fn name(&self, class: KeyClass, index: HolderIndex) -> Option<&PartyId> {
        let names = match class {
            KeyClass::Person => &self.person,
            KeyClass::Identifier => &self.identifier,
        };
        names.get(usize::from(index).checked_sub(1)?)
    }

    async fn ask(
        &self,
        request: &EvaluateBatch<'_>,
        holder: HolderIndex,
    ) -> Result<Answer, HolderFault> {
        let fault = |kind| HolderFault { holder, kind };
        let name = self
            .name(request.class, holder)
            .ok_or_else(|| fault(HolderFaultKind::Unavailable))?;
        let channel = self
            .peers
            .channel(name)
            .map_err(|reason| fault(HolderFaultKind::Failed(reason)))?;
        let answer = KeyHolderClient::new(channel)
            .max_decoding_message_size(ANSWER_BYTES_MAX)
            .evaluate(EvaluateRequest {
                key_class: request.class.code().into(),
                epoch: request.epoch.0,
                generation: request.generation.0,
                quorum: request.quorum.iter().map(|i| u32::from(*i)).collect(),
                batch_id: request.batch_id.0.to_vec().into(),
                purpose: PURPOSE.to_owned(),
                elements: request.elements.to_vec().into(),
            })
            .await
            .map_err(|status| {
                let code = ErrorCode::of(&status).label();
                self.refusals.with_label_values(&[code]).inc();
                tracing::warn!(holder = %name, code, "a key holder did not evaluate");
                fault(fault_kind(&status))
            })?
            .into_inner();
        Ok(Answer {
            holder,
            elements: answer.elements.to_vec(),
            proof: answer.proof[..]
                .try_into()
                .map_err(|_| fault(HolderFaultKind::WrongAnswer))?,
        })
    }
}

impl KeyHolders for GrpcHolders {
    /// All holders of the quorum at once; the first fault in the order of the quorum is told.
    async fn evaluate(&self, request: &EvaluateBatch<'_>) -> Result<Vec<Answer>, HolderFault> {
        let asked = request
            .quorum
            .iter()
            .map(|holder| self.ask(request, *holder));
        join_all(asked).await.into_iter().collect()
    }
}

impl Node {
    /// Asks every key holder of the roster what is left of today's quota; asking costs nothing of it.
    pub(crate) async fn ask_quotas(&self) {
        let roster = self.roster().current();
        let holders: Vec<PartyId> = roster.key_holders().map(|h| h.id.clone()).collect();
        let asked = holders
            .iter()
            .flat_map(|holder| KeyClass::ALL.map(|class| quota(&self.inner.peers, holder, class)));
        let answers: Vec<QuotaLeft> = join_all(asked).await.into_iter().flatten().collect();
        self.heard_quotas(answers);
    }
}

/// None from one that does not answer, or has no such key.
async fn quota(peers: &Peers, holder: &PartyId, class: KeyClass) -> Option<QuotaLeft> {
    let channel = peers.channel(holder).ok()?;
    let request = QuotaRequest {
        key_class: class.code().into(),
    };
    let answer = KeyHolderClient::new(channel).quota(request).await.ok()?;
    let answer = answer.into_inner();
    Some(QuotaLeft {
        key_holder: holder.clone(),
        class,
        used: answer.used_today,
        limit: answer.limit_per_day,
        asked: now(),
    })
}

fn fault_kind(status: &Status) -> HolderFaultKind {
    match ErrorCode::of(status) {
        ErrorCode::QuotaExceeded => HolderFaultKind::QuotaExceeded,
        ErrorCode::StaleEpoch => HolderFaultKind::StaleKey,
        ErrorCode::Unavailable | ErrorCode::DeadlineExceeded | ErrorCode::Busy => {
            HolderFaultKind::Unavailable
        }
        _ if refuses_agency(status) => HolderFaultKind::Refused(explain(status)),
        _ => HolderFaultKind::Failed(explain(status)),
    }
}
