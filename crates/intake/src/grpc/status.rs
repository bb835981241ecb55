//! Problems as gRPC has them: a code, and google.rpc details with reason, fields and rules.

use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::api::Problem;

/// Whose reasons they are.
pub const ERROR_DOMAIN: &str = "sanctuary-node";
/// Field errors of one answer: details travel in a header, which clients limit to 8 KiB.
const ERRORS_MAX: usize = 20;
const RETRY: Duration = Duration::from_secs(5);

pub(super) fn status_of(problem: &Problem) -> Status {
    let kind = problem.kind.rsplit(':').next().unwrap_or_default();
    let code = match kind {
        "bad-request" | "record-refused" => Code::InvalidArgument,
        "unauthorised" => Code::Unauthenticated,
        "too-slow" => Code::DeadlineExceeded,
        "under-way" => Code::Aborted,
        "too-large" => Code::OutOfRange,
        "idempotency-key-reused" => Code::FailedPrecondition,
        "busy" => Code::Unavailable,
        _ => Code::Internal,
    };
    let mut details = ErrorDetails::new();
    let reason = kind.to_ascii_uppercase().replace('-', "_");
    details.set_error_info(reason, ERROR_DOMAIN, HashMap::new());
    for error in problem.errors.iter().take(ERRORS_MAX) {
        details.add_bad_request_violation(&error.field, &error.rule);
    }
    if code == Code::Unavailable {
        details.set_retry_info(Some(RETRY));
    }
    let message = format!("{}: {}", problem.title, problem.detail);
    Status::with_error_details(code, message, details)
}
