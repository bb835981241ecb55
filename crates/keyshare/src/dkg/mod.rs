//! Distributed key generation: n holders make a key that none of them ever has whole.
//!
//! The arithmetic is FROST's distributed key generation (`frost-ristretto255`), of which only the
//! sharing is used. The channels it asks for are made here: an officer's tool passes all messages
//! on and learns nothing.
//!
//! | step | each holder | refuses |
//! |---|---|---|
//! | [`Ceremony::start`] | commits to a polynomial; signed, public | |
//! | [`Ceremony::echo`] | sees everybody's package, signs a hash of all | altered, missing, foreign packages |
//! | [`Ceremony::deal`] | sees everybody's hash; seals a value for each other holder | unequal hashes, false proofs |
//! | [`Ceremony::finish`] | adds what it was dealt | values off the committed polynomial |
//!
//! The echo makes the public packages a broadcast: a holder that shows different packages to
//! different holders is found before any secret value is dealt.

mod ceremony;
mod checks;
mod frost;
mod messages;
mod sealing;
mod terms;

pub use ceremony::{Ceremony, Outcome};
pub use messages::{Echo, Round1, SealedPackage};
pub use terms::{CeremonyId, Member, Terms};
