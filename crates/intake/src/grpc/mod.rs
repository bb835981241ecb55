//! The same records over gRPC, with reflection and health: the calls of `api`, by the same limits, keys and
//! answers. Served on the agency's own network only.

mod authorise;
mod convert;
mod pace;
mod records;
mod status;
mod wire;

use std::sync::Arc;

use axum::{Router, middleware};
use tonic::service::Routes;
use tonic_health::{ServingStatus, server::HealthReporter};

pub use wire::{
    Became, DeleteRecordRequest, DeleteRecordResponse, FieldProblem, PutRecordRequest,
    PutRecordResponse, PutRecordsRequest, PutRecordsResponse, RowAnswer, RowOutcome, StatusRequest,
    StatusResponse, Summary, put_records_response::Told, records_client::RecordsClient,
};

use crate::api::{App, Intake};
use records::Service;
use wire::records_server::{RecordsServer, SERVICE_NAME};

/// What is served, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/intake.descriptors"));

/// Bytes of one message; a row of more than 1 MiB is answered as one that cannot be read.
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Every service. Empty but for "no such call" when the descriptors are damaged, which a test rules out.
pub(crate) async fn routes<I: Intake>(app: Arc<App<I>>) -> Router {
    let health = HealthReporter::new();
    health
        .set_service_status(SERVICE_NAME, ServingStatus::Serving)
        .await;
    let records =
        RecordsServer::new(Service::of(&app)).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let mut services = Routes::new(records).add_service(health_service(health));
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // Older tools ask by the old name.
    if let (Ok(v1), Ok(alpha)) = (reflection().build_v1(), reflection().build_v1alpha()) {
        services = services.add_service(v1).add_service(alpha);
    }
    services
        .prepare()
        .into_axum_router()
        .layer(middleware::from_fn_with_state(app, authorise::check::<I>))
}

fn health_service(
    health: HealthReporter,
) -> tonic_health::pb::health_server::HealthServer<tonic_health::server::HealthService> {
    tonic_health::pb::health_server::HealthServer::new(
        tonic_health::server::HealthService::from_health_reporter(health),
    )
}
