//! A key holder's share of an OPRF key.
//!
//! Owns: the share, evaluating blinded elements with proof, the ceremony in which holders make a
//! key that none of them ever has whole. Must never: see an input, do I/O, make randomness of its
//! own, be linked into a node, the hub or the officers' tool.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[cfg(feature = "dealer")]
pub mod dealer;
pub mod dkg;
mod error;
mod evaluate;
mod prove;
mod share;

pub use error::KeyshareError;
pub use share::KeyShare;
