use std::fmt;

use sanctuary_types::{IdentifierKind, Presence, Slots, TokenType};

use crate::Comparable;

/// One distinct phonetic name part of a record.
#[derive(Clone, PartialEq)]
pub struct PartFeature {
    /// Hash of the part's code; equal codes give equal hashes.
    pub code: u64,
    /// First symbol of the code.
    pub initial: u8,
    /// How rare the code is: -log2 of its share, from the table behind the rarity gate.
    pub bits: f64,
}

/// One record of an agency as [`crate::estimate`] sees it: hashes of normalised values, made and
/// dropped at the agency. Never sent.
#[derive(Clone, Default, PartialEq)]
pub struct Features {
    /// At most three parts; the first two are the core of the name.
    pub parts: Vec<PartFeature>,
    /// MinHash bands of the name, in the order of band numbers.
    pub bands: Vec<u64>,
    /// Year, month, day as far as known.
    pub birth: (Option<u16>, Option<u8>, Option<u8>),
    /// 1 January: nearly always an estimate, so only the year counts.
    pub day_is_default: bool,
    /// Areas, at most two.
    pub areas: Vec<u64>,
    /// Fine places, at most two.
    pub fines: Vec<u64>,
    /// Strong identifiers.
    pub identifiers: Vec<(IdentifierKind, u64)>,
    /// Every token the record emits: type, parts it speaks of, hash of the value.
    pub tokens: Vec<(TokenType, Slots, u64)>,
    /// What the tokens could agree on.
    pub presence: Presence,
    /// What the second step would compare.
    pub comparable: Comparable,
}

impl Features {
    pub(crate) fn year(&self) -> Option<u16> {
        self.birth.0
    }

    /// Day and month in ascending order, so that a swap makes no difference.
    pub(crate) fn day_month(&self) -> Option<(u8, u8)> {
        match (self.birth.1, self.birth.2, self.day_is_default) {
            (Some(m), Some(d), false) => Some((m.min(d), m.max(d))),
            _ => None,
        }
    }

    pub(crate) fn full_birth(&self) -> Option<(u16, u8, u8)> {
        let (low, high) = self.day_month()?;
        Some((self.year()?, low, high))
    }

    pub(crate) fn has_code(&self, code: u64) -> bool {
        self.parts.iter().any(|p| p.code == code)
    }

    /// Distinct name parts that both records have.
    pub(crate) fn shared_parts(&self, other: &Self) -> usize {
        self.parts.iter().filter(|p| other.has_code(p.code)).count()
    }

    pub(crate) fn equal_bands(&self, other: &Self) -> usize {
        self.bands
            .iter()
            .zip(&other.bands)
            .filter(|(a, b)| a == b)
            .count()
    }

    pub(crate) fn shares_area(&self, other: &Self) -> bool {
        self.areas.iter().any(|a| other.areas.contains(a))
    }
}

impl fmt::Debug for PartFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartFeature(<redacted>)")
    }
}

/// A plain hash of a name is as good as the name.
impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Features(<redacted>)")
    }
}
