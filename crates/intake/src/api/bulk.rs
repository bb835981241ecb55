use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    App, Called,
    acts::{Many, TakenAll, put_many},
    arriving::Arriving,
    idempotency::{Print, key_of},
    is_media,
    outcome::RowAnswer,
    port::Intake,
    problem::Problem,
    records::{not_json, response},
};

const MEDIA: &str = "application/x-ndjson";
/// Answers in one piece of the response.
const ANSWERS_A_PIECE: usize = 512;

/// Stores many records, one JSON object a line. The answer begins when every row is durable, and has one
/// line a row, then one with the counts. Repeated under its idempotency key, it has the counts alone.
#[utoipa::path(
    post,
    path = "/v1/records",
    tag = "records",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same request is done once", min_length = 1, max_length = 255, pattern = "^[!-~]+$"),
    ),
    request_body(content = String, content_type = "application/x-ndjson", description = "One flat JSON object a line, by the agency's mapping, with its reference"),
    responses(
        (status = 200, description = "A line for each row (RowAnswer), then the counts (BulkSummary)", body = String, content_type = "application/x-ndjson"),
        (status = 400, description = "Bad request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No valid API key", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "Too slow; rows before may have been taken in", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The same request is under way", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too many rows; those before were taken in", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not application/x-ndjson", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The idempotency key was used otherwise", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy", body = Problem, content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(super) async fn post<I: Intake>(
    State(app): State<Arc<App<I>>>,
    Extension(caller): Called,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if !is_media(&headers, &[MEDIA, "application/jsonl"]) {
        return Err(not_json());
    }
    let body = Arriving::new(body, app.pace);
    let print = Print::new("POST", "/v1/records");
    match put_many(&app, caller, key_of(&headers)?, body, print).await? {
        Many::Now(taken) => Ok(answers(taken)),
        Many::Before(before) => {
            let mut again = response(before, true);
            let media = header::HeaderValue::from_static(MEDIA);
            again.headers_mut().insert(header::CONTENT_TYPE, media);
            Ok(again)
        }
    }
}

fn answers(taken: TakenAll) -> Response {
    let (mut rows, summary) = taken.told();
    let mut end = Some(line(&summary));
    let pieces = std::iter::from_fn(move || {
        let piece: Vec<RowAnswer> = rows.by_ref().take(ANSWERS_A_PIECE).collect();
        if piece.is_empty() {
            return end.take().map(Bytes::from);
        }
        Some(Bytes::from(
            piece.iter().flat_map(line).collect::<Vec<u8>>(),
        ))
    });
    let body = Body::from_stream(tokio_stream::iter(
        pieces.map(Ok::<_, std::convert::Infallible>),
    ));
    let headers = [
        (header::CONTENT_TYPE, MEDIA),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (StatusCode::OK, headers, body).into_response()
}

fn line(of: &impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(of).unwrap_or_default();
    line.push(b'\n');
    line
}
