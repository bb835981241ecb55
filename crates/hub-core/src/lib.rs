//! The hub's use-cases: store sealed postings, open what two agencies share, tell each agency of
//! possible matches with its own records.
//!
//! Owns: the checks of a push ([`check`]), the log's rows, the compact index, match rounds, alerts
//! and who may hear of them. Storage stands behind two ports ([`ports`]); [`memory`] implements
//! them for the lab and tests, the daemon on sled.
//!
//! Must never: handle an identifier (it has no type for one), read a clock, make randomness, let a
//! score, another agency's pseudonym or a count of others' records out to an agency, or answer a
//! push differently because something matched.
//!
//! ```
//! use sanctuary_hub_core::{Accepts, Hub, Options, Pepper, memory::{MemoryLog, MemoryState}};
//! use sanctuary_linkage::Policy;
//! use sanctuary_types::{Epoch, RulesVersion, Timestamp};
//! let options = Options {
//!     accepts: Accepts { rules: RulesVersion(1), epoch: Epoch(1) },
//!     policy: Policy::default(),
//! };
//! let pepper = Pepper::from_bytes(&[7; 32]);
//! let now = Timestamp(1_795_392_000_000);
//! let hub = Hub::open(MemoryLog::default(), MemoryState::default(), pepper, options, now)?;
//! assert_eq!(hub.run_round(now)?.candidates, 0);
//! # Ok::<(), sanctuary_hub_core::HubError>(())
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod agencies;
mod agreement;
mod alert;
mod announce;
mod batch;
mod chunks;
mod clusters;
mod commit;
mod comparisons;
mod decide;
mod emptying;
mod erase;
mod error;
mod events;
mod gather;
mod graph;
mod hub;
mod index;
mod ingest;
mod judging;
mod loading;
mod mailbox;
mod matching;
pub mod memory;
mod opening;
mod pairs;
mod pepper;
pub mod ports;
mod refining;
mod replay;
mod round;
mod rows;
mod rule;
mod scoring;
mod selection;
mod stages;
mod statistics;
#[cfg(any(test, feature = "suite"))]
pub mod suite;
mod tell;
#[cfg(test)]
mod tests;
mod withdrawal;

pub use batch::{Accepts, CheckedBatch, PushBatch, check};
pub use comparisons::{
    ComparisonCounts, ComparisonStep, ComparisonTask, SEALED_BYTES_MAX, StepOutcome,
};
pub use decide::{DecisionKind, DecisionRequest};
pub use error::{HubError, PortError};
pub use events::{AlertEvent, ClusterId, View};
pub use hub::{Hub, Options, Status};
pub use mailbox::{
    CaseCounts, CaseTick, EnvelopeKey, PARCEL_ID_BYTES, Parcel, ParcelContent, Shared, Waiting,
};
pub use pepper::Pepper;
pub use replay::OpenReport;
pub use round::RoundReport;
pub use scoring::ScoredPair;
pub use stages::ScoresByStage;
pub use statistics::{LinkageQuality, PreviewRequest};
pub use tell::TellReport;
