//! The agency's node: reads the agency's files, keeps its records sealed, tokenises them with the
//! key holders, pushes sealed postings to the hub in slots, and joins alerts to own records.
//!
//! Owns: its configuration, the sled adapter of `node-core`'s store, the gRPC clients, the daemon's
//! loops and the local commands. Must never: send an identifier anywhere, log one, write one
//! unsealed.
//!
//! [`run`] is the daemon; [`Node`] is the same node in the hands of a program, such as the lab.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod acts;
mod cases;
pub mod commands;
mod comparing;
mod config;
mod console;
mod convert;
mod export;
mod feeds;
mod holders;
mod hub;
mod intake;
mod jobs;
mod ledger;
mod node;
mod notices;
mod peers;
mod records;
mod review;
mod run;
mod statistics;
mod store;
mod ways;

pub use cases::{CaseFault, CaseRequest, CourierReport};
pub use comparing::{CompareReport, ComparisonLine, ComparisonsView};
pub use config::{Config, ConfigError, Switch};
pub use console::{
    ConsoleConfig, OidcConfig, SecondFactorClaim, SecondFactorConfig, Stated, run_console,
};
pub use export::{CaseUrl, ExportFormat, ExportRequest, ExportWhat};
pub use feeds::{Allowance, DatabaseConfig, FeedConfig, FeedMode, FeedSource, FolderConfig};
pub use holders::GrpcHolders;
pub use hub::PushReport;
pub use intake::{ApiKey, ApiKeys, ClientAuth, IntakeConfig};
pub use jobs::{Access, Answered, Job, StaffActJob, StaffJob};
pub use ledger::{LedgerPart, LedgerStatus, LoggedAct, NodeLedger, Progress};
pub use node::{KeyUntil, Node, NodeStatus, QuotaLeft, is_in_use};
pub use notices::{NoticeRequest, NoticesConfig};
pub use records::{DueLine, HubWord, RecordProof, RecordShown, RecordsRequest};
pub use review::{ReviewConfig, TellReport};
pub use run::{run, run_node};
pub use store::{ReviewTables, SledStore, StaffTables};
