//! Who may call: decided once, in front of every service, by the table of `policy`. Reflection and health are
//! open, as the OpenAPI document is; what the table does not know is no call.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use sanctuary_policy::{OwnAccess, OwnRpc};
use tonic::Status;

use super::{pace::Paced, status::status_of};
use crate::api::{App, Intake, identify};

/// Calls that say what is served and whether it is; nothing about a record.
const OPEN: [&str; 3] = [
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

pub(super) async fn check<I: Intake>(
    State(app): State<Arc<App<I>>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    match OwnRpc::of_path(path).map(OwnRpc::access) {
        Some(OwnAccess::LiveKey) => {}
        None if OPEN.iter().any(|open| path.starts_with(open)) => return next.run(request).await,
        None => {
            let none = "there is no such call; ask this server's reflection for those there are";
            return Status::unimplemented(none).into_http();
        }
    }
    let caller = match identify(&app, request.headers(), request.extensions()).await {
        Ok(caller) => caller,
        Err(problem) => return status_of(&problem).into_http(),
    };
    let pace = app.pace;
    let mut request = request.map(|body| Body::new(Paced::new(body, pace)));
    request.extensions_mut().insert(caller);
    next.run(request).await
}
