use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    App, blocking,
    port::{Counts, Intake},
    problem::{Problem, json},
};

/// What the node holds and waits for. Counts only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeCounts {
    /// Records that take part.
    pub records: u64,
    /// Records known only from Duty to Notify reports.
    pub notify_only: u64,
    /// Records that wait to be tokenised.
    pub pending: u64,
    /// Batches that wait for the hub.
    pub outbox: u64,
    /// What the node last failed at; empty when all is well.
    pub last_problem: String,
}

impl From<Counts> for NodeCounts {
    fn from(counts: Counts) -> Self {
        Self {
            records: counts.records,
            notify_only: counts.notify_only,
            pending: counts.pending,
            outbox: counts.outbox,
            last_problem: counts.last_problem,
        }
    }
}

/// What the node holds and waits for.
#[utoipa::path(
    get,
    path = "/v1/status",
    tag = "status",
    responses(
        (status = 200, description = "Counts", body = NodeCounts),
        (status = 401, description = "No valid API key", body = Problem, content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(super) async fn get<I: Intake>(State(app): State<Arc<App<I>>>) -> Result<Response, Problem> {
    let node = Arc::clone(&app.node);
    let counts = blocking(move || node.counts()).await?;
    let body = serde_json::to_vec(&NodeCounts::from(counts)).unwrap_or_default();
    Ok(json(StatusCode::OK, "application/json", body))
}
