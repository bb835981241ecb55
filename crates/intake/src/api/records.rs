use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use sanctuary_node_core::readers::Object;

use super::{
    App, Called, acts,
    acts::{fitting, once, store, wrong_reference},
    arriving::Arriving,
    idempotency::{Print, REPLAYED, key_of},
    is_media,
    outcome::{Stored, Withdrawn},
    port::{Answer, Intake},
    problem::{PROBLEM_JSON, Problem, json},
};

/// Stores one record, or replaces it.
#[utoipa::path(
    put,
    path = "/v1/records/{reference}",
    tag = "records",
    params(
        ("reference" = String, Path, description = "The agency's own reference; never leaves the node", min_length = 1, max_length = 64, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same request is done once", min_length = 1, max_length = 255, pattern = "^[!-~]+$"),
    ),
    request_body(content = ref("#/components/schemas/Record"), content_type = "application/json", description = "A flat object by the agency's mapping; the reference need not be in it"),
    responses(
        (status = 200, description = "Stored, durably; a record stood there before", body = Stored),
        (status = 201, description = "Stored, durably, for the first time", body = Stored),
        (status = 400, description = "Bad request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No valid API key", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "Too slow", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The same request is under way", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not application/json", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The record breaks rules, or the idempotency key was used otherwise", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy", body = Problem, content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(super) async fn put<I: Intake>(
    State(app): State<Arc<App<I>>>,
    Extension(caller): Called,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let reference = reference_of(path)?;
    if !is_media(&headers, &["application/json"]) {
        return Err(not_json());
    }
    let body = Arriving::new(body, app.pace).whole().await?;
    let mut print = Print::new("PUT", &reference);
    print.add(&body);
    let object: Object = serde_json::from_slice(&body)
        .map_err(|_| Problem::bad_request("the body must be one JSON object"))?;
    let done = once(
        &app,
        caller,
        key_of(&headers)?,
        print,
        move |node, caller| store(node, caller, &reference, object),
    );
    let (answer, replayed) = done.await?;
    Ok(response(answer, replayed))
}

/// Withdraws one record: nothing is kept of the person, and what was shared of it is withdrawn.
#[utoipa::path(
    delete,
    path = "/v1/records/{reference}",
    tag = "records",
    params(
        ("reference" = String, Path, description = "The agency's own reference", min_length = 1, max_length = 64, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same request is done once", min_length = 1, max_length = 255, pattern = "^[!-~]+$"),
    ),
    responses(
        (status = 200, description = "No record stands under the reference any more, durably", body = Withdrawn),
        (status = 400, description = "Bad request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No valid API key", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The same request is under way", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The idempotency key was used otherwise", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy", body = Problem, content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(super) async fn withdraw<I: Intake>(
    State(app): State<Arc<App<I>>>,
    Extension(caller): Called,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reference = reference_of(path)?;
    let print = Print::new("DELETE", &reference);
    let done = once(
        &app,
        caller,
        key_of(&headers)?,
        print,
        move |node, caller| acts::withdraw(node, caller, &reference),
    );
    let (answer, replayed) = done.await?;
    Ok(response(answer, replayed))
}

/// An answer on the wire.
pub(super) fn response(answer: Answer, replayed: bool) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let media = if status.is_client_error() {
        PROBLEM_JSON
    } else {
        "application/json"
    };
    let mut response = json(status, media, answer.body);
    if replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAYED, yes);
    }
    response
}

pub(super) fn not_json() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media-type",
        "Wrong media type",
        "send one record as application/json, many as application/x-ndjson",
    )
}

fn reference_of(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let Path(reference) = path.map_err(|_| wrong_reference())?;
    fitting(&reference)?;
    Ok(reference)
}
