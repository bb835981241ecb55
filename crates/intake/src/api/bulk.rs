use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use sanctuary_node_core::{
    ImportSummary, NodeError,
    readers::{Object, Objects, RowFault},
};
use tokio::sync::mpsc;

use super::{
    App, Called, Caller,
    arriving::Arriving,
    blocking,
    idempotency::{Print, key_of},
    is_media,
    outcome::{BulkSummary, Problems, RowAnswer},
    port::{Answer, Asked, Intake},
    problem::Problem,
    records::{not_json, response},
};

const MEDIA: &str = "application/x-ndjson";
/// Rows on their way from the network to the import.
const ROWS_AHEAD: usize = 256;
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
    let slots = Arc::clone(&app.bulk);
    let _slot = slots.try_acquire_owned().map_err(|_| Problem::busy())?;
    let body = Arriving::new(body, app.pace);
    let print = Print::new("POST", "/v1/records");
    let Some(key) = key_of(&headers)? else {
        let (taken, _) = take_all(&app, caller, body, print).await?;
        return Ok(answers(taken));
    };
    let mut asked = Asked {
        caller: caller.0.clone(),
        key,
        print: [0; 32],
    };
    let _held = app.under_way.hold(&asked)?;
    let (node, of) = (Arc::clone(&app.node), asked.clone());
    let known = blocking(move || node.recall(&of.caller, &of.key)).await?;
    if let Some(known) = known {
        let print = body.lines(None, print).await?.finish();
        if print != known.print {
            return Err(Problem::key_reused());
        }
        let mut again = response(known.answer, true);
        let media = header::HeaderValue::from_static(MEDIA);
        again.headers_mut().insert(header::CONTENT_TYPE, media);
        return Ok(again);
    }
    let (taken, print) = take_all(&app, caller, body, print).await?;
    asked.print = print.finish();
    let answer = Answer {
        status: StatusCode::OK.as_u16(),
        body: line(&BulkSummary {
            summary: (&taken.summary).into(),
        }),
    };
    let node = Arc::clone(&app.node);
    blocking(move || node.remember(&asked, &answer)).await?;
    Ok(answers(taken))
}

/// What an import of many rows gave.
struct TakenAll {
    summary: ImportSummary,
    problems: Problems,
}

/// Reads and imports side by side, with few rows in memory.
async fn take_all<I: Intake>(
    app: &App<I>,
    caller: Caller,
    body: Arriving,
    print: Print,
) -> Result<(TakenAll, Print), Problem> {
    let (to, from) = mpsc::channel(ROWS_AHEAD);
    let node = Arc::clone(&app.node);
    let import = tokio::task::spawn_blocking(move || import(&*node, &caller.0, from));
    let read = body.lines(Some(to), print).await;
    let imported = import.await;
    let taken = match imported {
        Ok(taken) => taken.map_err(|error| Problem::of_node(&error))?,
        Err(_) => {
            return Err(Problem::of_node(&NodeError::Store(
                "a task ended".to_owned(),
            )));
        }
    };
    Ok((taken, read?))
}

fn import<I: Intake>(
    node: &I,
    caller: &str,
    mut from: mpsc::Receiver<Result<Object, RowFault>>,
) -> Result<TakenAll, NodeError> {
    let objects = std::iter::from_fn(|| from.blocking_recv());
    let mut rows = Objects::new(objects, node.shape().columns);
    let mut problems = Problems::default();
    let summary = node.take(caller, &mut rows, &mut |reject| {
        problems.add(reject);
        Ok(())
    })?;
    Ok(TakenAll { summary, problems })
}

fn answers(taken: TakenAll) -> Response {
    let summary = BulkSummary {
        summary: (&taken.summary).into(),
    };
    let mut rows = taken.problems.answers(taken.summary.rows);
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
