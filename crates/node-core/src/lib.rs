//! A node's use-cases: files in, sealed postings out, alerts joined to own records.
//!
//! Owns: reading agencies' files by their mapping ([`readers`], [`Mapping`]), the import
//! ([`Importer`]), tokenising with t of n key holders ([`Tokeniser`]), packing a push ([`pack()`]),
//! the whole step from pending records to the outbox ([`Publisher`]), joining alerts to own records,
//! and encrypted comparisons with other nodes ([`Comparer`]). Needs a [`ports::NodeStore`] and [`ports::KeyHolders`] from the daemon.
//!
//! Must never: make a token of a record known only from a Duty to Notify report; put a value of a
//! record into an error, a reject or a log; talk to the network or read a clock by itself.
//!
//! The way of a row: [`readers::Rows`] → `Source` → `Canonical` → [`StoredRecord`], pending →
//! token inputs → OPRF outputs → [`SignedBatch`] in the outbox → acknowledged by the hub.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod admission;
mod alerts;
mod comparing;
mod consent;
mod counts;
mod error;
mod features;
mod filling;
mod import;
mod kept;
pub mod mapping;
pub mod memory;
mod pack;
pub mod ports;
mod publish;
pub mod quality;
pub mod readers;
mod record;
mod rules;
mod secret;
mod shuffle;
mod statistics;
pub mod suggest;
#[cfg(any(test, feature = "suite"))]
pub mod suite;
mod tokenise;
mod tokens;

pub use admission::{Admission, LeftOut};
pub use alerts::{AlertView, StoredAlert, alert_views, receive_alerts};
pub use comparing::{
    Comparer, ComparisonDay, ComparisonEntry, ComparisonLimits, ComparisonRefusal, ComparisonStage,
    ComparisonStep, ComparisonTask, ComparisonTotals, Logged, StepOutcome,
};
pub use consent::{Agreed, Consent, Views};
pub use counts::Counts;
pub use error::NodeError;
pub use features::{comparable_of, population_of, population_of_store};
pub use filling::Filling;
pub use import::{
    BadFeedName, Brake, Due, Extent, FeedName, FromFeed, ImportSummary, Importer, OpenRows,
    Outcome, Progress, Reject, RejectsFile, RowPreview, Withdrawal, preview_rows,
};
pub use kept::{Ended, Gone, Hold, HoldReason, Kept};
pub use mapping::Mapping;
pub use pack::{
    BatchContents, BatchFacts, PackJob, Packed, Padding, RecordToken, RecordTokens, SignedBatch,
    pack,
};
pub use publish::{PublishReport, Publisher};
pub use record::{Details, Published, PublishedToken, RecordKey, StoredRecord};
pub use rules::RulesInUse;
pub use secret::NodeSecret;
pub use statistics::{own_counts, traits_of};
pub use tokenise::{Evaluated, KeySet, Oprf, OprfInput, Tokeniser};
pub use tokens::{IDENTIFIER_VALUE_CAP, card_of, is_child, token_inputs, too_common};
