use std::sync::Arc;

use sanctuary_health::SilenceOf;
use sanctuary_rpc::{RosterWatch, caller, now};
use sanctuary_trust::{Party, PartyKind};
use sanctuary_types::{Epoch, PartyId, RulesVersion, Timestamp};
use sanctuary_wire::directory::{
    AgreementRequest, AgreementResponse, PutAgreementRequest, PutAgreementResponse, SilentAgency,
    StatusRequest, StatusResponse, directory_server::Directory,
};
use tonic::{Request, Response, Status};

use super::refuse::{blocking, refuse};
use crate::{Purge, SledHub, health::HubHealth};

/// `sanctuary.directory.v1.Directory`.
pub(crate) struct DirectoryService {
    pub(crate) hub: Arc<SledHub>,
    pub(crate) roster: RosterWatch,
    pub(crate) rules: RulesVersion,
    pub(crate) epoch: Epoch,
    pub(crate) round_interval_ms: u64,
    pub(crate) purge: Purge,
    pub(crate) health: HubHealth,
}

/// What a caller is told of agencies' silence.
#[derive(Default)]
struct Met {
    /// When the caller's own node last called; 0 = never.
    last_call: Timestamp,
    silent: Vec<SilentAgency>,
}

impl DirectoryService {
    /// Officers hear of every silent agency, an agency of its own silence, key holders of none.
    fn met(&self, party: &PartyId, kind: PartyKind) -> Met {
        if !matches!(kind, PartyKind::Agency | PartyKind::Officer) {
            return Met::default();
        }
        let roster = self.roster.current();
        let mut agencies = self.health.agencies(roster.agencies().map(|a| &a.id));
        if kind == PartyKind::Agency {
            agencies.retain(|met| met.agency == party.as_str());
        }
        let own = agencies.first().filter(|_| kind == PartyKind::Agency);
        Met {
            last_call: own.and_then(|met| met.last_call).unwrap_or_default(),
            silent: agencies
                .into_iter()
                .filter_map(|met| {
                    let silence = met.silence?;
                    Some(SilentAgency {
                        agency: met.agency,
                        since_ms: silence.since.0,
                        still_calls: silence.of == SilenceOf::Pushes,
                    })
                })
                .collect(),
        }
    }
}

#[tonic::async_trait]
impl Directory for DirectoryService {
    async fn status(
        &self,
        request: Request<StatusRequest>,
    ) -> Result<Response<StatusResponse>, Status> {
        let Party {
            id: party, kind, ..
        } = caller(&request, &self.roster)?;
        let met = self.met(&party, kind);
        let hub = Arc::clone(&self.hub);
        let asked = move || {
            (
                hub.status(&party),
                hub.comparison_counts(Some(&party)),
                hub.case_counts(Some(&party), now()),
                hub.agreement_version(now()),
            )
        };
        let (status, comparisons, cases, agreement_version) = blocking(asked).await?;
        Ok(Response::new(StatusResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules_version: self.rules.0.into(),
            epoch: self.epoch.0,
            roster_version: self.roster.current().version(),
            postings: status.postings,
            batches: status.batches,
            last_push_ms: status.last_push.0,
            open_alerts: status.open_alerts,
            round_interval_ms: u32::try_from(self.round_interval_ms).unwrap_or(u32::MAX),
            last_round_ms: status.last_round.0,
            stored_postings: status.stored_postings,
            refused_postings: status.refused_postings,
            comparisons_waiting: comparisons.waiting,
            comparisons_done: comparisons.done,
            comparisons_refused: comparisons.refusals(),
            cases_open: cases.open,
            cases_answered: cases.answered,
            cases_closed: cases.closed,
            cases_overdue: cases.overdue,
            agreement_version,
            last_call_ms: met.last_call.0,
            silent: met.silent,
            purged_until_ms: self.purge.until(status.last_round).0,
        }))
    }

    async fn put_agreement(
        &self,
        request: Request<PutAgreementRequest>,
    ) -> Result<Response<PutAgreementResponse>, Status> {
        let officer = caller(&request, &self.roster)?.id;
        let signed = request.into_inner().signed;
        let (hub, roster) = (Arc::clone(&self.hub), self.roster.clone());
        let put = blocking(move || hub.put_agreement(&signed, roster.anchors(), &roster.current()))
            .await?;
        let version = put.map_err(|error| refuse(&officer, "put agreement", &error))?;
        tracing::info!(%officer, version, "holds a sharing agreement");
        Ok(Response::new(PutAgreementResponse { version }))
    }

    async fn agreement(
        &self,
        request: Request<AgreementRequest>,
    ) -> Result<Response<AgreementResponse>, Status> {
        let party = caller(&request, &self.roster)?.id;
        let after = request.into_inner().after_version;
        let hub = Arc::clone(&self.hub);
        let found = blocking(move || hub.agreements_after(after)).await?;
        let texts = found.map_err(|error| refuse(&party, "agreement", &error))?;
        let signed = texts.into_iter().map(Into::into).collect();
        Ok(Response::new(AgreementResponse { signed }))
    }
}
