//! Sealed postings: the hub can open them only where two agencies hold the same token.
//!
//! A posting is `tag | share | handle | expiry | sealed body`. The tag is equal at all agencies
//! that hold the token, so the hub can bring postings together. The share is a point on a line
//! `y = k0 + a1 * x` that only holders of the token can compute; each agency has one fixed `x`.
//! Postings of two agencies give two points, hence `k0`, hence the key of both bodies. Any number
//! of postings of one agency give one point: nothing. Secret sharing of the metadata in the manner
//! of STAR (Davidson et al., CCS 2022), with the agency in place of the random x coordinate.
//!
//! Owns: deriving a token's secrets, sealing, opening, dummies, padding sizes. Must never: see an
//! identifier, do I/O, make randomness of its own.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod aead;
mod card;
mod error;
mod line;
pub mod pad;
mod posting;
mod secrets;

pub use card::{SealedCard, card_id, open_card, seal_card};
pub use error::PostingError;
pub use line::{AgencyPoint, PairPoints, TokenKey, agency_point, open_pair};
pub use posting::{Posting, seal};
pub use secrets::{TokenSecrets, derive};
