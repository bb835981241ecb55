use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use sanctuary_node_core::readers::{Object, Objects};
use serde_json::Value;

use super::{
    App, Called, Caller,
    arriving::Arriving,
    blocking,
    idempotency::{Print, REPLAYED, key_of},
    is_media,
    outcome::{Became, Problems, Stored, Withdrawn},
    port::{Answer, Asked, Intake},
    problem::{PROBLEM_JSON, Problem, json},
};

/// Characters of a reference in a path.
const REFERENCE_CHARS_MAX: usize = 64;

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
    once(&app, caller, &headers, print, move |node, caller| {
        store(node, caller, &reference, object)
    })
    .await
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
    once(&app, caller, &headers, print, move |node, caller| {
        let done = node.withdraw(caller, &reference);
        let done = done.map_err(|error| Problem::of_node(&error))?;
        Ok(answer(
            StatusCode::OK,
            &Withdrawn {
                withdrawn: done.withdrawn > 0,
            },
        ))
    })
    .await
}

/// Does a request, or answers it as before when its idempotency key is known.
async fn once<I: Intake>(
    app: &App<I>,
    caller: Caller,
    headers: &HeaderMap,
    print: Print,
    work: impl FnOnce(&I, &str) -> Result<Answer, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let _call = app.calls.try_acquire().map_err(|_| Problem::busy())?;
    let asked = key_of(headers)?.map(|key| Asked {
        caller: caller.0.clone(),
        key,
        print: print.finish(),
    });
    let _held = asked.as_ref().map(|a| app.under_way.hold(a)).transpose()?;
    let node = Arc::clone(&app.node);
    let answered = blocking(move || {
        if let Some(asked) = &asked
            && let Some(known) = node.recall(&asked.caller, &asked.key)?
        {
            return Ok(if known.print == asked.print {
                Ok((known.answer, true))
            } else {
                Err(Problem::key_reused())
            });
        }
        let done = work(&node, &caller.0);
        // What the record itself is refused for is the answer, too; a fault of the node is none.
        let answer = match &done {
            Ok(answer) => Some(answer.clone()),
            Err(problem) => (problem.status == 422).then(|| Answer {
                status: problem.status,
                body: problem.to_json(),
            }),
        };
        if let (Some(asked), Some(answer)) = (&asked, &answer) {
            node.remember(asked, answer)?;
        }
        Ok(done.map(|answer| (answer, false)))
    })
    .await?;
    let (answer, replayed) = answered?;
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

fn store<I: Intake>(
    node: &I,
    caller: &str,
    reference: &str,
    mut object: Object,
) -> Result<Answer, Problem> {
    let shape = node.shape();
    let given = object
        .entry(shape.record_id.clone())
        .or_insert_with(|| Value::String(reference.to_owned()));
    let is_same = match given {
        Value::String(text) => text.trim() == reference,
        Value::Number(number) => number.to_string() == reference,
        _ => false,
    };
    if !is_same {
        let mut problem = refused();
        problem.errors.push(super::FieldError {
            field: shape.record_id,
            rule: "the reference in the record must be the one in the path, or be left out"
                .to_owned(),
        });
        return Err(problem);
    }
    let mut problems = Problems::default();
    let mut rows = Objects::new(std::iter::once(Ok(object)), shape.columns);
    let taken = node.take(caller, &mut rows, &mut |reject| {
        problems.add(reject);
        Ok(())
    });
    let summary = taken.map_err(|error| Problem::of_node(&error))?;
    if summary.not_imported > 0 {
        return Err(Problem {
            errors: problems.all(),
            ..refused()
        });
    }
    let outcome = Became::of(&summary);
    let status = match outcome {
        Became::New => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    let problems = problems.all();
    Ok(answer(status, &Stored { outcome, problems }))
}

fn refused() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "record-refused",
        "The record was not taken in",
        "put right what `errors` names and send the record again",
    )
}

fn answer(status: StatusCode, body: &impl serde::Serialize) -> Answer {
    Answer {
        status: status.as_u16(),
        body: serde_json::to_vec(body).unwrap_or_default(),
    }
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
    let wrong = || {
        Problem::bad_request(
            "the reference must be 1 to 64 characters of UTF-8 text, without control characters or spaces at its ends",
        )
    };
    let Path(reference) = path.map_err(|_| wrong())?;
    let fits = (1..=REFERENCE_CHARS_MAX).contains(&reference.chars().count())
        && reference.trim() == reference
        && !reference.chars().any(char::is_control);
    fits.then_some(reference).ok_or_else(wrong)
}
