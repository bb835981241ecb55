//! Threshold oblivious pseudorandom function, the asking side.
//!
//! RFC 9497 VOPRF(ristretto255, SHA-512), mode 0x01, whose key is Shamir-shared among n holders of
//! whom t answer (the 2HashDH / TOPPSS shape). Everything here is the RFC's arithmetic; what the
//! RFC does not have is only this: each holder's proof is checked against `lambda_i * Y_i`, the
//! answers are added, and the asking side doubles twice, so that the function is the RFC's under
//! four times the shared key (see [`Blinded`]).
//!
//! Owns: hashing to the group, blinding, the shared proof transcript, checking each holder's
//! proof, adding the answers, unblinding. Must never: hold a key share, do I/O, make randomness of
//! its own, let an output or an input be printed.
//!
//! The order of calls is the order of the conditions that make additive blinding safe
//! (see [`Blinded`]): [`PublicKeys::check`], [`Blinded::new`], [`Blinded::finish`].

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod blind;
pub mod dleq;
mod error;
mod finish;
mod fixed_base;
mod group;
mod keys;
mod lagrange;
mod output;

#[cfg(test)]
mod rfc9497_vectors;

pub use blind::Blinded;
pub use error::ToprfError;
pub use finish::Answer;
pub use group::{decode_elements, hash_to_group, hash_to_scalar};
pub use keys::{CheckedKeys, HOLDERS_MAX, PublicKeys};
pub use lagrange::{check_quorum, coefficient};
pub use output::OprfOutput;

/// A key holder's share index, 1 to n: the x coordinate of its share.
pub type HolderIndex = u16;

/// Bytes of one encoded group element.
pub const ELEMENT_BYTES: usize = 32;
/// Bytes of one proof: challenge and response.
pub const PROOF_BYTES: usize = 64;
