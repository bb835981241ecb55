//! HTTP/JSON on the agency's own network: records one by one or many at once, read through the agency's
//! mapping as files are. Acknowledged when durable.

mod arriving;
mod bulk;
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

pub use arriving::{Pace, RECORD_BYTES_MAX, ROWS_MAX};
pub use document::document;
pub use outcome::{Became, BulkCounts, BulkSummary, RowAnswer, RowOutcome, Stored, Withdrawn};
pub use port::{Answer, Asked, Counts, Intake, Remembered, Shape};
pub use problem::{FieldError, PROBLEM_JSON, Problem};
pub use serve::{Limits, listener, serve};
pub use status::NodeCounts;

use idempotency::UnderWay;

/// Bulk requests at once: each has a thread of the import.
const BULK_AT_ONCE: usize = 4;
/// Other requests at once.
const CALLS_AT_ONCE: usize = 64;

/// What handlers share.
pub(crate) struct App<I> {
    node: Arc<I>,
    pace: Pace,
    under_way: UnderWay,
    bulk: Arc<Semaphore>,
    calls: Arc<Semaphore>,
}

/// Name of the API key of a request.
#[derive(Clone)]
struct Caller(String);

/// Every path of the API.
pub fn routes<I: Intake>(node: Arc<I>, pace: Pace) -> Router {
    let app = Arc::new(App {
        node,
        pace,
        under_way: UnderWay::default(),
        bulk: Arc::new(Semaphore::new(BULK_AT_ONCE)),
        calls: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
    });
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
    let Some(key) = bearer(request.headers()) else {
        return Problem::unauthorised().into_response();
    };
    let node = Arc::clone(&app.node);
    match blocking(move || node.caller(&key)).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(Caller(caller));
            next.run(request).await
        }
        Ok(None) => Problem::unauthorised().into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = text.split_once(' ')?;
    let fits = scheme.eq_ignore_ascii_case("bearer") && key.len() <= 256;
    fits.then(|| key.trim().to_owned())
}

/// Runs something that blocks.
async fn blocking<T: Send + 'static>(
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
