//! The OpenAPI document, made from the handlers.

use axum::{http::StatusCode, response::Response};
use serde_json::json;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        RefOr, Required, Schema,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    outcome::{Became, BulkCounts, BulkSummary, RowAnswer, RowOutcome, Stored, Withdrawn},
    problem::{self, FieldError, Problem},
    status::NodeCounts,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sanctuary node: records of the agency's own systems",
        version = "1.0.0",
        description = "Records are flat JSON objects read through the agency's mapping, as its files are. Everything is durable when it is acknowledged; errors are RFC 9457 problem details that name fields and rules, never values.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        super::records::put,
        super::records::withdraw,
        super::bulk::post,
        super::status::get,
        get
    ),
    components(schemas(
        Became, BulkCounts, BulkSummary, FieldError, NodeCounts, Problem, RowAnswer, RowOutcome, Stored, Withdrawn
    )),
    modifiers(&Key, &Record)
)]
struct Document;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key, made by `sanctuary-node keys add`"))
            .build();
        if let Some(components) = &mut document.components {
            components.add_security_scheme("key", SecurityScheme::Http(scheme));
        }
    }
}

/// Which columns a record has is the agency's mapping's to say; here, what may stand in any.
struct Record;

impl Modify for Record {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scalar = json!({ "type": ["string", "number", "boolean", "null"] });
        let schema = json!({
            "type": "object",
            "description": "Columns of the agency's mapping with their values; other keys are not looked at",
            "additionalProperties": {
                "anyOf": [scalar, { "type": "array", "items": scalar }]
            },
            "examples": [{ "first": "Amal", "last": "Haddad", "born": "1990-03-02", "role": "potential_victim" }]
        });
        // The macro takes what it has no type of for something that may be left out.
        let put = document.paths.paths.get_mut("/v1/records/{reference}");
        let put = put.and_then(|path| path.put.as_mut());
        if let Some(RefOr::T(body)) = put.and_then(|put| put.request_body.as_mut()) {
            body.required = Some(Required::True);
        }
        if let (Some(components), Ok(schema)) = (
            &mut document.components,
            serde_json::from_value::<RefOr<Schema>>(schema),
        ) {
            components.schemas.insert("Record".to_owned(), schema);
        }
    }
}

/// The document as JSON.
#[must_use]
pub fn document() -> Vec<u8> {
    serde_json::to_vec_pretty(&Document::openapi()).unwrap_or_default()
}

/// This document.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "status",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json")),
    security(())
)]
pub(super) async fn get() -> Response {
    problem::json(StatusCode::OK, "application/json", document())
}
