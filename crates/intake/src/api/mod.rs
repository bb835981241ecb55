//! HTTP/JSON on the agency's own network: records one by one or many at once, read through the agency's
//! mapping as files are. Acknowledged when durable. What it does is in `acts`; `grpc` carries the same.

mod acts;
mod arriving;
mod bulk;
mod caller;
mod document;
mod idempotency;
mod outcome;
mod port;
mod problem;
mod records;
mod serve;
mod status;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing,
};
use sanctuary_node_core::NodeError;
use tokio::sync::Semaphore;

pub(crate) use acts::{Many, RowSource, fitting, once, put_many, store, withdraw};
pub(crate) use caller::{Caller, identify};
pub(crate) use idempotency::{Print, key_of};

pub use arriving::{Pace, RECORD_BYTES_MAX, ROWS_MAX};
pub use axum::Router as Routes;
pub use caller::{Certificates, Shown};
pub use document::document;
pub use outcome::{Became, BulkCounts, BulkSummary, RowAnswer, RowOutcome, Stored, Withdrawn};
pub use port::{Answer, Asked, Counts, Intake, Remembered, Shape};
pub use problem::{FieldError, PROBLEM_JSON, Problem};
pub use serve::{Limits, Protocol, listener, serve};
pub use status::NodeCounts;

use idempotency::UnderWay;

/// Bulk requests at once: each has a thread of the import.
const BULK_AT_ONCE: usize = 4;
/// Other requests at once.
const CALLS_AT_ONCE: usize = 64;

/// What handlers share, whatever carries a request.
pub(crate) struct App<I> {
    pub node: Arc<I>,
    pub pace: Pace,
    certificates: Certificates,
    under_way: UnderWay,
    bulk: Arc<Semaphore>,
    calls: Arc<Semaphore>,
}

/// Every path over HTTP, and every call over gRPC, of one node: limits count over both.
pub struct Ways {
    /// HTTP/1.1 and JSON.
    pub http: Router,
    /// gRPC.
    pub grpc: Router,
}

/// Both ways into a node.
pub async fn ways<I: Intake>(node: Arc<I>, pace: Pace, certificates: Certificates) -> Ways {
    let app = Arc::new(App {
        node,
        pace,
        certificates,
        under_way: UnderWay::default(),
        bulk: Arc::new(Semaphore::new(BULK_AT_ONCE)),
        calls: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
    });
    Ways {
        http: http(Arc::clone(&app)),
        grpc: crate::grpc::routes(app).await,
    }
}

fn http<I: Intake>(app: Arc<App<I>>) -> Router {
    Router::new()
        .route(
            "/v1/records/{reference}",
            routing::put(records::put::<I>).delete(records::withdraw::<I>),
        )
        .route("/v1/records", routing::post(bulk::post::<I>))
        .route("/v1/status", routing::get(status::get::<I>))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            authenticate::<I>,
        ))
        .route("/v1/openapi.json", routing::get(document::get))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .with_state(app)
}

async fn authenticate<I: Intake>(
    State(app): State<Arc<App<I>>>,
    mut request: Request,
    next: Next,
) -> Response {
    match identify(&app, request.headers(), request.extensions()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Runs something that blocks.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| Problem::of_node(&error)),
        Err(_) => Err(Problem::of_node(&NodeError::Store(
            "a task ended".to_owned(),
        ))),
    }
}

/// Whether the content type of a request is `wanted`, whatever its parameters.
fn is_media(headers: &HeaderMap, wanted: &[&str]) -> bool {
    let given = headers.get(header::CONTENT_TYPE);
    let given = given
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media = given.split(';').next().unwrap_or_default().trim();
    wanted
        .iter()
        .any(|wanted| media.eq_ignore_ascii_case(wanted))
}

async fn not_found() -> Problem {
    let status = axum::http::StatusCode::NOT_FOUND;
    Problem::new(
        status,
        "no-such-path",
        "No such path",
        "see /v1/openapi.json for the paths there are",
    )
}

async fn not_allowed() -> Problem {
    let status = axum::http::StatusCode::METHOD_NOT_ALLOWED;
    Problem::new(
        status,
        "no-such-method",
        "No such method",
        "see /v1/openapi.json for the methods of this path",
    )
}

type Called = Extension<Caller>;
