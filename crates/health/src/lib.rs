//! How a daemon is: figures that a Prometheus scrapes, whether it is alive and ready, and a sealed note for
//! its operator's `status`; and what each program does about its log and the signals that stop it.
//!
//! Owns: the listener of `/metrics`, `/healthz` and `/readyz`, the labels that figures may have, the note's
//! file. Must never: take a label from outside (only the own party id, a part of the program or an error
//! code), hold a figure about one record, person or other party.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod config;
mod figures;
mod holder;
mod hub;
mod listen;
mod machine;
mod note;
mod program;
mod show;

pub use config::MetricsConfig;
pub use figures::{FigureError, Figures};
pub use holder::HolderStatus;
pub use hub::{AgencyStatus, HubStatus, LogStatus, Remark, RoundStatus, Silence, SilenceOf};
pub use listen::{Watched, serve};
pub use machine::{data_bytes, free_bytes, memory_bytes};
pub use note::StatusNote;
pub use program::{LogFormat, start_log, stopped};
pub use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};
pub use show::{Told, show};

use sanctuary_types::DAY_MS;

/// A certificate holds 14 days and is renewed weekly: with less left the renewal has not happened.
pub const CERTIFICATE_LEFT_MIN_MS: u64 = 4 * DAY_MS;
/// A key ceremony needs officers of several organisations at one time.
pub const MANIFEST_LEFT_MIN_MS: u64 = 30 * DAY_MS;
/// A daemon writes its note every few seconds: an older one says that it does not run, or hangs.
pub const NOTE_AGE_MAX_MS: u64 = 60_000;
