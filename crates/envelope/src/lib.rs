//! Proof of match between two nodes, and envelopes that the hub carries and cannot open.
//!
//! Owns: the secret that two agencies share because they hold the same identifiers, the proof by which
//! each shows it to the other through the hub, the HPKE envelope bound to case, parties, match and
//! agreement, the recipients' rotating keys, and the refusal of everything a malicious hub could do to
//! them. Must never: do I/O, read a clock, know what an envelope says, or be linked into the hub.
//!
//! Source of the construction: RFC 9180 mode_psk (KEM X-Wing or DHKEM(X25519), HKDF-SHA256,
//! ChaCha20-Poly1305), Ed25519 inside and outside; docs/disclosure.md section 4.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod announcement;
mod book;
mod bytes;
mod error;
mod header;
mod open;
mod proof;
mod replay;
mod ring_of_keys;
mod seal;
mod secret;
mod size;
mod suite;

pub use announcement::{KEY_ACCEPTED_DAYS, KEY_FRESH_DAYS, KeyAnnouncement, KeyId};
pub use book::KeyBook;
pub use error::EnvelopeError;
pub use header::{Envelope, Expectation, Header};
pub use open::{Opened, check_evidence, open};
pub use proof::{AskerProof, Finish, Hello, OwnerProof, ProofFor, Reply, answer_hello, begin};
pub use replay::{Once, SeenOnce};
pub use ring_of_keys::KeyRing;
pub use seal::{Sealing, seal};
pub use secret::{MatchSecret, SessionKey};
pub use size::{BODY_BYTES_MAX, SIZE_CLASSES, size_class};
pub use suite::{RecipientSecret, Suite};
