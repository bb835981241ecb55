//! How many of the true matches a record of certain fields can be expected to find, by the tables that
//! the model starts from: what a missing field costs, before anybody has measured it.

use sanctuary_types::IdentifierKind;

use crate::{
    level::{Field, LevelTables},
    priors::{SAME_PERSON, chance, identifier},
};

/// Which fields a record has, as far as they matter for being found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Known {
    /// Name parts; more than two count as two.
    pub names: u8,
    /// Day, month and year of birth.
    pub birth: bool,
    /// At least the year of birth.
    pub year: bool,
    /// Postcode, or house and street.
    pub fine_place: bool,
    /// Town or outward code.
    pub area: bool,
    /// A telephone number.
    pub phone: bool,
    /// Passport, National Insurance, NHS or another state's number.
    pub document: bool,
}

/// The share of a person's matches that reach a probability of one half, where the other record has the
/// same fields. Fields are taken to agree independently of each other; what the second step and other
/// records add is left out, so the share is on the low side.
#[must_use]
pub fn found_share(known: Known, universe_records: u64) -> f64 {
    let same = &SAME_PERSON;
    let by_chance = chance(universe_records);
    // One true record among all there are: the evidence has to outweigh that.
    let needed = (universe_records.max(2) as f64).log2();
    let mut sums = vec![(1.0, -needed)];
    let fields = [
        match known.names {
            0 => None,
            1 => Some(Field::NameSingle),
            _ => Some(Field::Name),
        },
        match (known.birth, known.year) {
            (true, _) => Some(Field::Birth),
            (false, true) => Some(Field::BirthYear),
            _ => None,
        },
        match (known.fine_place, known.area) {
            (true, _) => Some(Field::Place),
            (false, true) => Some(Field::Area),
            _ => None,
        },
    ];
    for field in fields.into_iter().flatten() {
        sums = joined(&sums, &levels(same, &by_chance, field));
    }
    let kinds = [
        (known.phone, IdentifierKind::Phone),
        (known.document, IdentifierKind::Passport),
    ];
    for (_, kind) in kinds.into_iter().filter(|(known, _)| *known) {
        let Some(prior) = identifier(kind) else {
            continue;
        };
        let shared = prior.sharers / universe_records.max(2) as f64;
        let one = |same: f64, chance: f64| (same, (same / chance).log2());
        sums = joined(
            &sums,
            &[
                one(prior.same_person, shared),
                one(1.0 - prior.same_person, 1.0 - shared),
            ],
        );
    }
    let found = sums.iter().filter(|(_, bits)| *bits >= 0.0);
    found.map(|(share, _)| share).sum()
}

/// (chance, bits) of each level of a field for one and the same person.
fn levels(same: &LevelTables, by_chance: &LevelTables, field: Field) -> Vec<(f64, f64)> {
    let rows = same.row(field).iter().zip(by_chance.row(field));
    rows.map(|(m, u)| (*m, (m / u).log2())).collect()
}

fn joined(sums: &[(f64, f64)], levels: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let pairs = sums
        .iter()
        .flat_map(|sum| levels.iter().map(move |l| (sum, l)));
    pairs.map(|(a, b)| (a.0 * b.0, a.1 + b.1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Known = Known {
        names: 2,
        birth: true,
        year: true,
        fine_place: true,
        area: true,
        phone: true,
        document: true,
    };

    #[test]
    fn every_field_adds_and_none_alone_is_enough() {
        let all = found_share(ALL, 20_000);
        assert!(all > 0.9 && all <= 1.0 + 1e-9, "{all}");
        for less in [
            Known { names: 0, ..ALL },
            Known {
                birth: false,
                year: false,
                ..ALL
            },
            Known {
                fine_place: false,
                area: false,
                ..ALL
            },
            Known {
                phone: false,
                ..ALL
            },
            Known {
                document: false,
                ..ALL
            },
        ] {
            assert!(found_share(less, 20_000) <= all + 1e-9, "{less:?}");
        }
        let nothing = found_share(Known::default(), 20_000);
        assert!(nothing < 1e-9, "{nothing}");
        let year = Known {
            year: true,
            ..Known::default()
        };
        assert!(found_share(year, 20_000) < 1e-9);
    }

    #[test]
    fn a_name_without_a_date_of_birth_loses_many() {
        let plain = Known {
            phone: false,
            document: false,
            fine_place: false,
            area: false,
            ..ALL
        };
        let undated = Known {
            birth: false,
            year: false,
            ..plain
        };
        let (with, without) = (found_share(plain, 20_000), found_share(undated, 20_000));
        assert!(with > 0.85, "{with}");
        assert!(with - without > 0.3, "{with} {without}");
    }
}
