//! The hub daemon: gRPC in front of `hub-core`, sled behind it.
//!
//! Owns: configuration, the sled adapters of the hub's ports, the committer thread, the round
//! task, conversion between wire and core. Must never: link `normalize` or `keyshare`, log a
//! posting, a card or a score, or answer a push before it is durable.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod committer;
mod config;
mod health;
mod ledger;
mod rounds;
mod run;
mod service;
mod status;
mod storage;

pub use config::{Config, ConfigError, RULES, SilenceConfig};
pub use ledger::{HubLedger, LoggedState, SledTiles, VisibleEntries};
pub use run::{run, run_with};
pub use status::status;
pub use storage::{OpenedRow, Purge, Purged, SledLog, SledState, Storage};

/// The hub on sled, whose state is logged before it changes.
pub type SledHub = sanctuary_hub_core::Hub<SledLog, LoggedState<SledState>>;
