use std::sync::Arc;

use sanctuary_rpc::{RosterWatch, caller};
use sanctuary_types::{Epoch, RulesVersion};
use sanctuary_wire::directory::{StatusRequest, StatusResponse, directory_server::Directory};
use tonic::{Request, Response, Status};

use super::refuse::blocking;
use crate::SledHub;

/// `sanctuary.directory.v1.Directory`.
pub(crate) struct DirectoryService {
    pub(crate) hub: Arc<SledHub>,
    pub(crate) roster: RosterWatch,
    pub(crate) rules: RulesVersion,
    pub(crate) epoch: Epoch,
    pub(crate) round_interval_ms: u64,
}

#[tonic::async_trait]
impl Directory for DirectoryService {
    async fn status(
        &self,
        request: Request<StatusRequest>,
    ) -> Result<Response<StatusResponse>, Status> {
        let party = caller(&request, &self.roster)?.id;
        let hub = Arc::clone(&self.hub);
        let asked = move || (hub.status(&party), hub.comparison_counts(Some(&party)));
        let (status, comparisons) = blocking(asked).await?;
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
        }))
    }
}
