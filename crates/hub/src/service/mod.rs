//! The gRPC services: wire messages to `hub-core` and back, refusals to statuses.

mod alerts;
mod directory;
mod ingest;
mod refuse;
mod words;

pub(crate) use alerts::AlertsService;
pub(crate) use directory::DirectoryService;
pub(crate) use ingest::IngestService;
