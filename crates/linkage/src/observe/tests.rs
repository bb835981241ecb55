use sanctuary_types::{IdentifierKind as K, Slots, TokenType as T};

use super::*;
use crate::{
    Agreement,
    level::{birth, birth_year, name, place, single},
};

const FULL: Presence = Presence {
    name_parts: 2,
    birth: BirthClass::Full,
    fine_place: true,
    area: true,
    identifiers: 0,
};

fn on(token: T, parts: &[u8]) -> Agreement {
    Agreement::new(token, Slots::parts(parts), Slots::parts(parts))
}
fn crossed(token: T, a: u8, b: u8) -> Agreement {
    Agreement::new(token, Slots::parts(&[a]), Slots::parts(&[b]))
}
fn band(token: T, band: u8) -> Agreement {
    let slots = Slots::default().with_band(band).with_area(0);
    Agreement::new(token, slots, slots)
}
fn area(token: T, parts: &[u8], area: u8) -> Agreement {
    let slots = Slots::parts(parts).with_area(area);
    Agreement::new(token, slots, slots)
}
fn levels(both: Presence, agreements: &[Agreement]) -> Levels {
    unlike(both, both, agreements)
}
fn unlike(a: Presence, b: Presence, agreements: &[Agreement]) -> Levels {
    let agreements = agreements.to_vec();
    let candidate = Candidate {
        a,
        b,
        agreements,
        ..Candidate::default()
    };
    let found = Levels::of(&candidate);
    assert_eq!(
        found,
        Levels::of(&candidate.swapped()),
        "must not depend on the order"
    );
    found
}
fn birth_class(birth: BirthClass) -> Presence {
    Presence { birth, ..FULL }
}

#[test]
fn names_of_two_parts_and_more() {
    let name = |both, agreements: &[Agreement]| levels(both, agreements).field(Field::Name);
    let three = Presence {
        name_parts: 3,
        ..FULL
    };
    let phone = on(T::Id(K::Phone), &[]);
    let nd = on(T::Nd, &[0]);
    for (both, agreements, expected) in [
        (
            three,
            vec![nd, on(T::Nd, &[1]), on(T::Nd, &[2])],
            name::THREE,
        ),
        (three, vec![on(T::Nm, &[0, 1])], name::TWO_OF_THREE),
        (three, vec![on(T::Nr, &[0, 1])], name::TWO_OF_THREE),
        (FULL, vec![on(T::Nm, &[0, 1])], name::TWO),
        (FULL, vec![nd, on(T::Nd, &[1])], name::TWO),
        (
            FULL,
            vec![on(T::Nm, &[0, 1]), on(T::Nr, &[0, 1])],
            name::TWO_RARE,
        ),
        (
            FULL,
            vec![on(T::Nl, &[0, 1]), on(T::Nr, &[0, 1])],
            name::TWO_RARE,
        ),
        (FULL, vec![on(T::Nl, &[0, 1])], name::TWO_MEDIUM),
        (
            FULL,
            vec![on(T::Ni(K::Phone), &[0]), on(T::Nf, &[1])],
            name::TWO,
        ),
        (
            FULL,
            vec![nd, band(T::Lm, 0), band(T::La, 1)],
            name::ONE_BANDS,
        ),
        (
            FULL,
            vec![nd, band(T::Lm, 2), band(T::La, 2)],
            name::ONE_BAND,
        ),
        (
            FULL,
            vec![nd, on(T::Di, &[0]), on(T::Di, &[1])],
            name::ONE_INITIAL,
        ),
        (
            FULL,
            vec![crossed(T::Nd, 0, 1), crossed(T::Di, 1, 0)],
            name::ONE_INITIAL,
        ),
        // The initial of the agreed part itself adds nothing.
        (FULL, vec![nd, on(T::Di, &[0])], name::ONE),
        (
            FULL,
            vec![crossed(T::Nd, 0, 1), crossed(T::Di, 0, 0)],
            name::ONE,
        ),
        (FULL, vec![nd], name::ONE),
        // The part and the other's initial would have agreed on the fine place.
        (FULL, vec![on(T::Nf, &[1])], name::ONE),
        (FULL, vec![on(T::Pf, &[1])], name::ONE_INITIAL),
        (FULL, vec![area(T::Pa, &[0], 0)], name::ONE_INITIAL),
        (FULL, vec![on(T::Py, &[0])], name::ONE_INITIAL),
        (
            FULL,
            vec![on(T::Ni(K::Email), &[1])],
            name::ONE_INITIAL.or(name::ONE),
        ),
        // Nothing tested a single part here, so one may agree.
        (
            FULL,
            vec![band(T::Lm, 0), band(T::Lm, 1)],
            name::BANDS.or(name::ONE_BANDS),
        ),
        (FULL, vec![band(T::La, 3)], name::BAND.or(name::ONE_BAND)),
        (FULL, vec![band(T::La, 3), area(T::Da, &[], 0)], name::BAND),
        (FULL, vec![on(T::Di, &[0])], name::INITIAL),
        (FULL, vec![area(T::Da, &[], 0)], name::NONE),
        (FULL, vec![phone], name::INITIAL.or(name::NONE)),
        (FULL, vec![on(T::Id(K::Passport), &[])], LevelSet::MISSING),
        (FULL, vec![], LevelSet::MISSING),
    ] {
        assert_eq!(name(both, &agreements), expected, "{agreements:?}");
    }
}

#[test]
fn names_of_one_part() {
    let one = Presence {
        name_parts: 1,
        ..FULL
    };
    for (agreements, expected) in [
        (vec![on(T::Nf, &[0])], single::ONLY),
        (
            vec![band(T::La, 0), band(T::La, 1)],
            single::BANDS.or(single::ONLY),
        ),
        (vec![band(T::La, 1)], single::BAND.or(single::ONLY)),
        (vec![band(T::La, 1), area(T::Da, &[], 0)], single::BAND),
        (vec![on(T::Di, &[0])], single::INITIAL),
        (vec![area(T::Da, &[], 0)], single::NONE),
        (
            vec![on(T::Id(K::Vehicle), &[])],
            single::INITIAL.or(single::NONE),
        ),
        (vec![on(T::Id(K::NhsNumber), &[])], LevelSet::MISSING),
    ] {
        let found = unlike(one, FULL, &agreements);
        assert_eq!(found.field(Field::NameSingle), expected, "{agreements:?}");
        assert!(found.field(Field::Name).is_missing());
    }
    let none = Presence {
        name_parts: 0,
        ..FULL
    };
    let found = unlike(none, FULL, &[area(T::Da, &[], 0)]);
    assert!(found.field(Field::Name).is_missing() && found.field(Field::NameSingle).is_missing());
}

#[test]
fn full_dates_of_birth() {
    use birth::{DAY_MONTH, DAY_MONTH_NEAR, FULL as SAME, NEAR, NONE, YEAR, YEAR_AND_ONE};
    let pair = on(T::Nr, &[0, 1]);
    let not_full = DAY_MONTH_NEAR
        .or(DAY_MONTH)
        .or(YEAR_AND_ONE)
        .or(YEAR)
        .or(NEAR)
        .or(NONE);
    for (agreements, expected) in [
        (vec![on(T::Nd, &[0])], SAME),
        (vec![on(T::Di, &[0])], SAME),
        (vec![area(T::Da, &[], 1)], SAME),
        (vec![on(T::Nm, &[0, 1]), on(T::Nw, &[0, 1])], DAY_MONTH_NEAR),
        (vec![on(T::Nm, &[0, 1])], DAY_MONTH),
        (vec![pair, band(T::Lm, 0)], DAY_MONTH),
        (
            vec![on(T::Nw, &[0, 1]), on(T::Nw, &[0, 1])],
            YEAR_AND_ONE.or(YEAR),
        ),
        (vec![on(T::Nw, &[0, 1])], NEAR),
        (vec![pair], NONE),
        (
            vec![on(T::Nf, &[0]), band(T::Lm, 0)],
            DAY_MONTH_NEAR.or(DAY_MONTH),
        ),
        (vec![on(T::Nf, &[0])], not_full),
        (vec![band(T::Lm, 0)], DAY_MONTH_NEAR.or(DAY_MONTH)),
        (vec![band(T::La, 0)], LevelSet::MISSING),
    ] {
        let found = levels(FULL, &agreements);
        assert_eq!(found.field(Field::Birth), expected, "{agreements:?}");
        assert!(found.field(Field::BirthYear).is_missing());
    }
}

#[test]
fn years_of_birth() {
    let window = on(T::Nw, &[0, 1]);
    for (agreements, expected) in [
        (vec![window, window], birth_year::YEAR),
        (vec![window], birth_year::NEAR),
        (vec![area(T::Na, &[0, 1], 0)], birth_year::NONE),
        (vec![on(T::Nf, &[0])], LevelSet::MISSING),
    ] {
        let found = unlike(FULL, birth_class(BirthClass::Year), &agreements);
        assert_eq!(found.field(Field::BirthYear), expected, "{agreements:?}");
        assert!(found.field(Field::Birth).is_missing());
    }
    for without in [BirthClass::None, BirthClass::DayMonth] {
        let found = unlike(FULL, birth_class(without), &[on(T::Nr, &[0, 1])]);
        assert!(found.field(Field::Birth).is_missing());
        assert!(found.field(Field::BirthYear).is_missing());
    }
}

#[test]
fn places() {
    use place::{AREA, FINE, NONE, TWO_AREAS};
    let area_only = Presence {
        fine_place: false,
        ..FULL
    };
    let fine_only = Presence {
        area: false,
        ..FULL
    };
    let two = [area(T::Na, &[0, 1], 0), area(T::Na, &[0, 1], 1)];
    for (both, agreements, expected) in [
        (FULL, vec![on(T::Nf, &[0]), two[0]], FINE),
        (FULL, two.to_vec(), TWO_AREAS),
        (FULL, vec![two[0]], AREA),
        (FULL, vec![area(T::Da, &[], 0)], FINE.or(AREA)),
        (FULL, vec![on(T::Nm, &[0, 1])], NONE),
        (FULL, vec![on(T::Nd, &[0])], NONE),
        (
            FULL,
            vec![on(T::Ni(K::Phone), &[0])],
            TWO_AREAS.or(AREA).or(NONE),
        ),
        // Without areas there is nothing between the fine place and nothing.
        (fine_only, vec![on(T::Nm, &[0, 1])], NONE),
        (fine_only, vec![on(T::Pf, &[0])], FINE),
        (FULL, vec![on(T::Id(K::Phone), &[])], LevelSet::MISSING),
    ] {
        let found = levels(both, &agreements);
        assert_eq!(found.field(Field::Place), expected, "{agreements:?}");
        assert!(found.field(Field::Area).is_missing());
    }
    use crate::level::area as areas;
    for (agreements, expected) in [
        (two.to_vec(), areas::TWO),
        (vec![two[1]], areas::ONE),
        (vec![on(T::Di, &[0])], areas::NONE),
        (vec![on(T::Nr, &[0, 1])], areas::NONE),
        (vec![on(T::Ni(K::Phone), &[0])], LevelSet::MISSING),
    ] {
        let found = levels(area_only, &agreements);
        assert_eq!(found.field(Field::Area), expected, "{agreements:?}");
        assert!(found.field(Field::Place).is_missing());
    }
}

#[test]
fn one_area_of_the_other_record_is_one_area() {
    let slots = |area| Slots::parts(&[0, 1]).with_area(area);
    let both = [(0, 0), (1, 0)].map(|(a, b)| Agreement::new(T::Na, slots(a), slots(b)));
    assert_eq!(levels(FULL, &both).field(Field::Place), place::AREA);
}

#[test]
fn identifiers_agree_differ_or_are_absent() {
    let kinds = |list: &[K]| list.iter().fold(0, |bits, k| bits | (1 << k.code()));
    let a = Presence {
        identifiers: kinds(&[K::Phone, K::Email, K::Address]),
        ..FULL
    };
    let b = Presence {
        identifiers: kinds(&[K::Phone, K::Email, K::Vehicle, K::Address]),
        ..FULL
    };
    let phone = |excess| Agreement {
        excess,
        ..on(T::Id(K::Phone), &[])
    };
    let found = unlike(a, b, &[phone(9), phone(4), on(T::Id(K::Address), &[])]);
    assert!(found.agrees(K::Phone) && !found.differs(K::Phone));
    assert_eq!(
        found.excess(K::Phone),
        4,
        "the more exclusive number counts"
    );
    assert!(found.differs(K::Email));
    assert!(!found.agrees(K::Vehicle) && !found.differs(K::Vehicle));
    assert!(!found.agrees(K::Address), "place has a field of its own");
    assert!(!levels(a, &[]).differs(K::Address));
}

#[test]
fn a_near_miss_is_like_a_band_and_an_area_at_least() {
    use crate::level::area as areas;
    let none = Presence {
        fine_place: false,
        birth: BirthClass::None,
        ..FULL
    };
    let near = area(T::Pn, &[0], 0);
    let found = levels(none, &[near]);
    assert_eq!(
        found.field(Field::Name),
        name::BAND.or(name::ONE_BAND),
        "the part itself was not tested alone"
    );
    assert_eq!(found.field(Field::Area), areas::ONE.or(areas::TWO));
    // Equal codes are near misses of each other; the whole part counts then.
    let found = levels(none, &[near, area(T::Pa, &[0], 0)]);
    assert_eq!(found.field(Field::Name), name::ONE_INITIAL);
    assert_eq!(found.field(Field::Area), areas::ONE);
}

#[test]
fn a_further_name_that_the_tokens_agreed_on_is_not_counted_again() {
    use sanctuary_types::{Likeness, MiddleLevel, NameLevel};
    let three = Presence {
        name_parts: 3,
        ..FULL
    };
    let middle = |agreed: &[u8], worse: Likeness| {
        let candidate = Candidate {
            a: three,
            b: three,
            agreements: vec![on(T::Nd, agreed)],
            compared: Some(ComparedLevels {
                name: Some(NameLevel::Two(Likeness::Same, worse)),
                middle: Some(MiddleLevel::Close),
                ..ComparedLevels::default()
            }),
            ..Candidate::default()
        };
        Levels::of(&candidate).detail(Detail::Middle)
    };
    // Brothers: the father's and the grandfather's name agree, and nothing else.
    assert_eq!(middle(&[1, 2], Likeness::Unlike), None);
    // One part agreed, so the further name is news; so it is beside two equal main names.
    assert_eq!(middle(&[1], Likeness::Unlike), Some(0));
    assert_eq!(middle(&[0, 1], Likeness::Same), Some(0));
}
