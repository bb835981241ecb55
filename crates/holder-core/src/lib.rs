//! What a key holder does: count, evaluate, sign receipts, take part in key ceremonies.
//!
//! Owns: the order of the checks before an evaluation, the quota rule, receipts, the ceremony's
//! signatures. Ports: [`QuotaStore`], [`ShareStore`], [`RefusalLog`].
//! Must never: see anything but blinded points, evaluate before the charge is durable, let a key
//! share out in any form but sealed, do I/O, read a clock, draw its own randomness.
//!
//! A holder's limit L per agency and class is Q * t / n for an intended quota of Q full evaluations
//! a day: an agency that rotates its quorums over n holders gets n * L / t = Q of them, not more.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod ceremony;
mod error;
mod evaluate;
mod keyring;
pub mod memory;
mod quota;
mod receipt;
mod refusal;
mod shares;
#[cfg(feature = "suite")]
pub mod suite;

pub use ceremony::{CeremonyDesk, CeremonyResult, CeremonyStart, ShortCeremonyId, short};
pub use error::{HolderError, PortError};
pub use evaluate::{Evaluation, EvaluationRequest, Evaluator, QuotaStatus};
pub use keyring::{ActiveKey, KeyRing, QuotaOverrides};
pub use quota::{BATCHES_REMEMBERED_DAYS, Charge, Charged, KnownBatch, QuotaStore};
pub use receipt::Receipt;
pub use refusal::{Refusal, RefusalLog};
/// The messages of a ceremony, as `keyshare` defines them.
pub use sanctuary_keyshare::dkg::{Echo, Round1, SealedPackage};
pub use shares::{ShareId, ShareStore};
