//! From agreed tokens to possible matches, clusters and alerts.
//!
//! Owns: what an agency may say of its own population ([`Population`], [`estimate`]), how agreed
//! tokens become field levels, what the second step compares and for whom ([`Comparable`],
//! [`wants_comparison`]), the mixture model that weighs both ([`Model`]), what records around a pair
//! say of it ([`refine`]), the words of an alert ([`classify`]) and groups of records
//! ([`clusters`]). Used by nodes (populations, comparisons) and by the hub (everything else).
//!
//! Must never: do I/O, read a clock, hold a raw identifier or see a value. A [`Candidate`] says
//! *which kinds* of token two records share, never what they were made of; [`Features`] are
//! hashes, stay at the agency, and leave it only as the averages of a [`Population`].
//!
//! The model is that of Fellegi and Sunter, "A Theory for Record Linkage" (JASA 64, 1969), with
//! three changes: a level may be known only to be one of a set (a token that was not emitted says
//! nothing), a third latent class for associates (family, housemates, one trafficker's phone), and
//! frequencies of chance agreement (u) that come from the agencies and are never fitted here.
//!
//! ```
//! use sanctuary_linkage::{Agreement, Candidate, Model, Policy, World, classify};
//! use sanctuary_types::{AlertKind, BirthClass, Presence, Roles, Slots, TokenType};
//! let presence = Presence { name_parts: 2, birth: BirthClass::Full, ..Presence::default() };
//! let agreed = |token, parts: &[u8]| Agreement::new(token, Slots::parts(parts), Slots::parts(parts));
//! let candidate = Candidate {
//!     a: presence,
//!     b: presence,
//!     agreements: vec![agreed(TokenType::Nd, &[0]), agreed(TokenType::Nd, &[1]), agreed(TokenType::Nm, &[0, 1])],
//!     ..Candidate::default()
//! };
//! let world = World { records: 2_000, cross_pairs: 1e6, populations: &[] };
//! let model = Model::fit(std::slice::from_ref(&candidate), &world);
//! let scored = model.score(&candidate);
//! let alert = classify(&scored, &candidate, Roles::default(), Roles::default(), &Policy::default());
//! assert_eq!(alert.map(|(kind, _)| kind), Some(AlertKind::SamePerson));
//! ```
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod calibrate;
mod candidate;
mod classify;
mod closure;
mod clusters;
mod collisions;
mod comparable;
mod detail;
mod em;
mod error;
mod estimate;
mod evidence;
mod expected;
mod features;
mod level;
mod model;
mod observation;
mod observe;
mod pattern;
mod population;
mod priors;
mod sample;
mod second_step;
mod weights;

pub use candidate::{Agreement, Candidate, World};
pub use classify::{Policy, classify};
pub use closure::{ClusterRule, JOINS_BITS_MIN, ScoredEdge, groups, refine, refine_group};
pub use clusters::clusters;
pub use comparable::{Comparable, LetterPairs, Overlap, OverlapCounts, swapped};
pub use detail::{Detail, DetailTables};
pub use error::LinkageError;
pub use estimate::{EstimateOptions, estimate};
pub use expected::{Known, found_share};
pub use features::{Features, PartFeature};
pub use level::{Field, LevelSet, LevelTables};
pub use model::{Fit, Model, Scored};
pub use observe::Levels;
pub use population::Population;
pub use second_step::wants_comparison;
