//! An agency's identifiers to canonical forms and token inputs.
//!
//! Owns: folding, name parts and their phonetic codes, dates of birth, places, identifier checks,
//! the rarity gate and the list of token inputs of one record (docs/linkage-quality.md, sections 1
//! and 2). Linked by the node alone: everything it handles is personal data.
//!
//! Must never: do I/O, read a clock, log, or put a personal value into an error or a `Debug` text.
//!
//! ```
//! use sanctuary_normalize::{Birth, NameFrequencies, Source, TokenContext, canonicalise, tokens};
//! use sanctuary_types::{Timestamp, TokenType};
//!
//! let source = Source {
//!     forenames: vec!["Mohamed".into()],
//!     surnames: vec!["Ahmed".into()],
//!     birth: Birth { year: Some(1986), month: Some(2), day: Some(1) },
//!     ..Source::default()
//! };
//! let (record, problems) = canonicalise(&source, Timestamp(1_795_392_000_000), "GB");
//! assert!(problems.is_empty());
//! let frequencies = NameFrequencies::default();
//! let context = TokenContext { frequencies: &frequencies, universe_records: 40_000, pair_count: &|_| 1 };
//! assert!(tokens(&record, &context).iter().any(|t| t.token == TokenType::Nd));
//! ```
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use sanctuary_types::RulesVersion;

mod bands;
mod birth;
mod canonical;
mod canonicalise;
mod date_format;
mod frequency;
mod identifiers;
mod name_words;
mod naming;
mod nicknames;
mod parts;
mod phonetic;
mod place;
mod rule;
mod source;
mod street;
mod text;
mod tokens;
mod vietnamese;

pub use birth::{Birth, ParsedBirth, parse_birth, year_from_age, year_of_birth};
pub use canonical::{Canonical, NamePart};
pub use canonicalise::canonicalise;
pub use date_format::check_date_format;
pub use frequency::NameFrequencies;
pub use name_words::name_words;
pub use nicknames::root_name;
pub use phonetic::name_code;
pub use rule::{Field, Rule};
pub use source::{RawIdentifier, Source};
pub use text::fold;
pub use tokens::{TokenContext, TokenInput, tokens};

/// Version of these rules. Any change to a token value raises it: tokens of two versions do not
/// meet, because the version is part of every OPRF input.
pub const RULES: RulesVersion = RulesVersion(1);
