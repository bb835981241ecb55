//! A node's use-cases: files in, sealed postings out, alerts joined to own records.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod error;
pub mod mapping;
pub mod readers;

pub use error::NodeError;
pub use mapping::Mapping;
