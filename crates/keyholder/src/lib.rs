//! The key holder daemon: one of n independent organisations, t of which must answer.
//!
//! Owns: its configuration, the store adapters of `holder-core`'s ports, the gRPC services, loading
//! manifests. Must never: log or keep an element, answer before the charge is durable, write a key
//! share unsealed.
//!
//! [`run`] serves until told to stop; `main.rs` only reads arguments and signals.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod acts;
mod config;
mod gossip;
mod health;
mod journal;
mod keys;
mod places;
mod run;
mod service;
mod status;

pub use config::{Config, ConfigError, QuotaGrant};
pub use journal::{Journal, JournalError};
pub use run::{run, run_with};
pub use status::status;
