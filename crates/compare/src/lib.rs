//! The second step between two agencies' nodes: how alike two records are, and nothing else.
//!
//! Owns: the protocol (elliptic-curve Diffie-Hellman private set intersection cardinality over
//! ristretto255, Meadows 1986; Huberman, Franklin and Hogg 1999), its messages, and their seal from
//! node to node. Must never: do I/O, read a clock, hold a key of its own, show a count to anybody.
//!
//! Three stages, carried by the hub:
//!
//! 1. [`open`]: the opener blinds its letter pairs and digits, each group (a name part, the address,
//!    the date) under a scalar of its own, filled up with random points to a fixed size;
//! 2. [`answer`]: for every pair of groups the answerer multiplies the opener's points by a scalar
//!    used only there, and blinds its own group with the same scalar;
//! 3. [`finish`]: the opener takes its own scalars off again, counts points that are equal, and
//!    makes levels of the counts.
//!
//! The opener's node learns the size of each of the answerer's groups and of each intersection; the
//! answerer learns nothing (its view is random points under decisional Diffie-Hellman); outside the
//! two nodes only [`sanctuary_types::ComparedLevels`] are seen. Every group is sorted by its encoded
//! points, which says nothing about the elements and leaves a sender no order to hide a message in.
//!
//! All randomness comes from a [`Seed`] that a node derives from its secret, the comparison, the
//! record's version and the message it answers: the same step gives the same bytes again, and
//! different contents never meet the same scalars.
//!
//! ```
//! use sanctuary_compare::{Answer, Opening, Seed, Version, answer, finish, open};
//! use sanctuary_linkage::Comparable;
//! let a = Comparable::new(["anna", "kowalska"], [], [], Some((1990, 3, 4)), Some(b'F'));
//! let b = Comparable::new(["anna", "kowalski"], [], [], Some((1990, 4, 3)), Some(b'F'));
//! let (one, two) = (Seed::new([1; 32]), Seed::new([2; 32]));
//! let opening = open(&a, Version([7; 16]), &one);
//! let reply = answer(&b, &Opening::decode(&opening)?, &two);
//! assert_eq!(finish(&a, &Answer::decode(&reply)?, &one)?, a.levels(&b));
//! # Ok::<(), sanctuary_compare::CompareError>(())
//! ```
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod answer;
mod elements;
mod error;
mod finish;
mod groups;
mod open;
mod points;
mod seal;
mod seed;
mod together;

pub use answer::{Answer, answer};
pub use error::CompareError;
pub use finish::finish;
pub use open::{Opening, Version, open};
pub use seal::{ComparisonId, Header, PairKey, SEALED_BYTES_MAX, Stage};
pub use seed::Seed;
pub use together::compare_together;
