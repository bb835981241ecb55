//! The console of the hub's operators: how the hub is, which agencies it meets and when, what it refuses.
//!
//! A program of its own beside the hub. Owns: its pages, its operators, their sessions. Must never: open the
//! hub's stores or hold their key, link anything that knows a posting, an identifier or a record. All that it
//! shows is the note that the hub writes of itself ([`sanctuary_health::HubStatus`]).

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod config;
mod pages;
mod register;
mod run;
mod screens;
mod serve;

pub use config::{Config, ConfigError};
pub use pages::{PATHS, templates};
pub use register::OperatorTables;
pub use run::{add_first, run};
pub use serve::{Desk, router};
