//! Elements as points: hashed to the group once, and kept, because there are few letter pairs.

use std::{
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

use curve25519_dalek::RistrettoPoint;
use sanctuary_linkage::LetterPairs;
use sanctuary_toprf::hash_to_group;
use sanctuary_types::lp;

/// Elements kept: all pairs of letters and digits, of names and of addresses, are under 3,000.
const KEPT_MAX: usize = 4_096;

/// What an element is of; elements of different kinds never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A letter pair of a name.
    Name,
    /// A letter pair of an address.
    Address,
    /// A digit of a date and its place.
    Birth,
    /// A sex.
    Sex,
}

impl Kind {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Name => b"name",
            Self::Address => b"address",
            Self::Birth => b"birth",
            Self::Sex => b"sex",
        }
    }
}

/// Every letter pair as a point.
pub(crate) fn pairs(kind: Kind, pairs: &LetterPairs) -> Vec<RistrettoPoint> {
    pairs.iter().map(|pair| element(kind, pair)).collect()
}

/// The digits of a date, each tagged with its place.
pub(crate) fn digits(birth: [u8; 8]) -> Vec<RistrettoPoint> {
    (0u64..)
        .zip(birth)
        .map(|(place, digit)| element(Kind::Birth, place << 8 | u64::from(digit)))
        .collect()
}

/// A sex.
pub(crate) fn sex(sex: u8) -> RistrettoPoint {
    element(Kind::Sex, sex.into())
}

fn element(kind: Kind, value: u64) -> RistrettoPoint {
    static KEPT: LazyLock<RwLock<HashMap<(Kind, u64), RistrettoPoint>>> =
        LazyLock::new(RwLock::default);
    let known = KEPT.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(point) = known.get(&(kind, value)) {
        return *point;
    }
    drop(known);
    let point = hashed(kind, value);
    let mut kept = KEPT.write().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < KEPT_MAX {
        kept.insert((kind, value), point);
    }
    point
}

fn hashed(kind: Kind, value: u64) -> RistrettoPoint {
    hash_to_group(&lp(&[
        b"sanctuary/v1/compare/element",
        kind.label(),
        &value.to_be_bytes(),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_values_and_places_are_told_apart_and_kept_points_are_right() {
        let kinds = [Kind::Name, Kind::Address, Kind::Birth, Kind::Sex];
        let points = |_| {
            kinds
                .iter()
                .flat_map(|kind| (0..4).map(|value| element(*kind, value).compress()))
                .collect::<Vec<_>>()
        };
        let (first, again) = (points(0), points(1));
        assert_eq!(first, again);
        for (n, point) in first.iter().enumerate() {
            assert!(!first[..n].contains(point));
            assert_eq!(*point, hashed(kinds[n / 4], n as u64 % 4).compress());
        }
        let [one, two] = [digits(*b"11111111"), digits(*b"21111111")];
        assert_eq!(one[1..], two[1..]);
        assert_ne!(one[0], two[0]);
        assert!((1..8).all(|place| one[place] != one[0]));
    }
}
