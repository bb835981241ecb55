//! Errors as RFC 9457 problem details. Each says what to do and holds no value of a record.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sanctuary_node_core::NodeError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Which kind: `urn:sanctuary:problem:…`.
    #[serde(rename = "type")]
    #[schema(example = "urn:sanctuary:problem:record-refused")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What to do.
    pub detail: String,
    /// What is wrong with a record, by field and rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One rule that a field breaks; never its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field as the mapping names it; empty for the record as a whole.
    pub field: String,
    /// The rule, and what would be right.
    pub rule: String,
}

impl Problem {
    /// A problem of a kind.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: &str, detail: &str) -> Self {
        Self {
            kind: format!("urn:sanctuary:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.to_owned(),
            errors: Vec::new(),
        }
    }

    /// No live API key.
    #[must_use]
    pub fn unauthorised() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorised",
            "No valid API key",
            "send a key as `Authorization: Bearer …`; an administrator makes one with `sanctuary-node keys add`. Where client certificates are asked for, the certificate's name must be that of a live key",
        )
    }

    /// Not of the form that is asked for.
    #[must_use]
    pub fn bad_request(detail: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "Bad request",
            detail,
        )
    }

    /// Too many bytes or rows.
    #[must_use]
    pub fn too_large(detail: &str) -> Self {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Self::new(status, "too-large", "Too large", detail)
    }

    /// More rows than one request may hold.
    #[must_use]
    pub fn too_many_rows() -> Self {
        Self::too_large(
            "a bulk request holds at most 500,000 rows; those before were taken in, send the others in another request",
        )
    }

    /// Too slow.
    #[must_use]
    pub fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "too-slow",
            "Too slow",
            "the request did not arrive in time; rows before may have been taken in, and sending all again changes nothing",
        )
    }

    /// Something else was asked under the same idempotency key.
    #[must_use]
    pub fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency-key-reused",
            "Idempotency key used before",
            "another request was sent with this Idempotency-Key; take a new one for each request, and the same only to repeat it",
        )
    }

    /// The same request is under way.
    #[must_use]
    pub fn under_way() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "under-way",
            "Request under way",
            "a request with this Idempotency-Key is under way; wait for it and ask again",
        )
    }

    /// Too much at once.
    #[must_use]
    pub fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "Busy",
            "too many requests at once; try again in a few seconds",
        )
    }

    /// A fault of the node.
    #[must_use]
    pub fn of_node(error: &NodeError) -> Self {
        tracing::warn!(problem = %error, "a request could not be done");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "node",
            "The node cannot do it now",
            "see the node's log; what was acknowledged before is safe, and the same request may be sent again",
        )
    }

    /// Bytes of the body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json(status, PROBLEM_JSON, self.to_json());
        let extra: Option<(HeaderName, &str)> = match status {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "5")),
            _ => None,
        };
        if let Some((name, value)) = extra {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// Media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A reply that nobody may keep: it is about records.
pub(super) fn json(status: StatusCode, media: &'static str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body).into_response()
}
