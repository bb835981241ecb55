//! From weights to the words of an explanation.

use sanctuary_types::{Evidence, EvidenceKind, IdentifierKind, Outcome, Strength};

use crate::{
    Detail, Field,
    level::{LevelSet, area, birth, birth_year, name, place, sex, single},
    observation::Observation,
};

/// Rarity is mentioned from this many bits.
const RARITY_BITS_MIN: f64 = 0.5;

/// The line of what tokens say of a field, or of one detail that was compared, and the bits it
/// adds; none where there is nothing to tell.
pub(crate) fn of_step(
    observation: &Observation,
    detail: Option<(Detail, usize)>,
    bits: f64,
) -> Option<Evidence> {
    match detail {
        None => of_field(observation.field(), observation.set(), bits),
        Some((detail, found)) => Some(of_detail(detail, found, bits)),
    }
}

fn of_detail(detail: Detail, found: usize, bits: f64) -> Evidence {
    let (kind, same, differs) = match detail {
        Detail::Name => (
            EvidenceKind::NameSpelling,
            found <= 1 || found == 4,
            found >= 7,
        ),
        Detail::NameSingle => (EvidenceKind::NameSpelling, found <= 1, found >= 3),
        Detail::Birth => (EvidenceKind::BirthDigits, found == 0, found >= 4),
        Detail::Address | Detail::AddressOfArea => {
            (EvidenceKind::AddressSpelling, found <= 1, found >= 4)
        }
        Detail::Middle => (EvidenceKind::MiddleName, found == 0, found >= 2),
    };
    let outcome = match (same, differs) {
        (true, _) => Outcome::Agreed,
        (_, true) => Outcome::Differed,
        _ => Outcome::Partly,
    };
    line(kind, outcome, bits)
}

fn of_field(field: Field, set: LevelSet, bits: f64) -> Option<Evidence> {
    if set.is_missing() {
        return None;
    }
    let (kind, agreed, differed) = match field {
        Field::Name => (
            EvidenceKind::Name,
            name::THREE
                .or(name::TWO_RARE)
                .or(name::TWO_MEDIUM)
                .or(name::TWO)
                .or(name::TWO_OF_THREE),
            name::NONE,
        ),
        Field::NameSingle => (EvidenceKind::Name, single::ONLY, single::NONE),
        Field::Birth => (EvidenceKind::DateOfBirth, birth::FULL, birth::NONE),
        Field::BirthYear => (
            EvidenceKind::DateOfBirth,
            birth_year::YEAR,
            birth_year::NONE,
        ),
        Field::Place => (EvidenceKind::Place, place::FINE, place::NONE),
        Field::Area => (EvidenceKind::Place, area::TWO, area::NONE),
        Field::Sex => (EvidenceKind::Sex, sex::SAME, sex::OTHER),
    };
    let outcome = if set.within(agreed) {
        Outcome::Agreed
    } else if set.meets(differed) {
        Outcome::Differed
    } else {
        Outcome::Partly
    };
    Some(line(kind, outcome, bits))
}

/// The line of an identifier that both records have.
pub(crate) fn of_identifier(kind: IdentifierKind, agreed: bool, bits: f64) -> Evidence {
    let outcome = if agreed {
        Outcome::Agreed
    } else {
        Outcome::Differed
    };
    line(EvidenceKind::Identifier(kind), outcome, bits)
}

/// The line of how rare the agreed values are, when it matters.
pub(crate) fn of_rarity(bits: f64) -> Option<Evidence> {
    (bits.abs() >= RARITY_BITS_MIN).then(|| line(EvidenceKind::Rarity, Outcome::Agreed, bits))
}

fn line(kind: EvidenceKind, outcome: Outcome, bits: f64) -> Evidence {
    Evidence {
        kind,
        outcome,
        strength: Strength::of_bits(bits),
    }
}
