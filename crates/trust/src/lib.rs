//! Who belongs to the partnership, and which keys are theirs.
//!
//! Owns: the officers' anchors, the signed roster, the signed key manifest, the certificate
//! authority, enrolment by one-time token, and the files that hold them. Must never: open a
//! network connection, read a clock, draw its own randomness, or see anything about a person.
//! Only [`files`] touches the disk.
//!
//! A certificate alone opens nothing: a peer counts only when the SHA-256 of its public key
//! stands in the roster, and the roster counts only when k of m officers signed it. So whoever
//! runs the certificate authority cannot invent agencies.
//!
//! ```
//! use rand::{SeedableRng, rngs::StdRng};
//! use sanctuary_trust::{Partnership, Plan};
//! use sanctuary_types::Timestamp;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let plan = Plan::new("hub", &["alder", "birch", "cedar"], &["police", "council"])?;
//! let mut rng = StdRng::from_seed([7; 32]);
//! let partnership = Partnership::generate(&plan, Timestamp(1_795_392_000_000), &mut rng)?;
//! let roster = partnership.roster.verify(&partnership.anchors, 0)?;
//! assert_eq!(roster.agencies().count(), 2);
//! # Ok(())
//! # }
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod anchors;
mod attestation;
mod ca;
mod encode;
pub mod enrol;
mod error;
pub mod files;
mod manifest;
mod partnership;
pub mod quorum;
mod roster;
mod sealing;
mod signing;
mod spki;

pub use anchors::{Anchors, Fingerprint};
pub use attestation::{Attestation, DkgResult, dkg_result_message};
pub use ca::{Authority, Leaf, LeafNames, dns_name};
pub use error::TrustError;
pub use manifest::{Manifest, ManifestTerms, SUITE, SignedManifest};
pub use partnership::{Member, Partnership, Plan, PlannedParty};
pub use quorum::OfficerSignature;
pub use roster::{Party, PartyKind, Roster, SignedRoster};
pub use sealing::SealingKey;
pub use signing::{SigningKey, verify};
pub use spki::{Validity, spki_sha256, validity};
