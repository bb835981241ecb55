//! The gRPC services: wire messages to `hub-core` and back, refusals to statuses.

mod alerts;
mod comparisons;
mod directory;
mod disclosures;
mod ingest;
mod ledger;
mod refuse;
mod statistics;
mod words;

pub(crate) use alerts::AlertsService;
pub(crate) use comparisons::ComparisonsService;
pub(crate) use directory::DirectoryService;
pub(crate) use disclosures::DisclosuresService;
pub(crate) use ingest::IngestService;
pub(crate) use ledger::LedgerService;
pub(crate) use statistics::StatisticsService;
