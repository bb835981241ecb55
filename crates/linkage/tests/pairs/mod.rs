//! Hand-made candidates.
#![allow(dead_code, missing_docs)]

use sanctuary_linkage::{Agreement, Candidate, World};
use sanctuary_types::{BirthClass, IdentifierKind as K, Presence, Slots, TokenType as T};

pub const FULL: Presence = Presence {
    name_parts: 2,
    birth: BirthClass::Full,
    fine_place: true,
    area: true,
    identifiers: 0,
};
pub const WORLD: World<'static> = World {
    records: 4_000,
    cross_pairs: 4e6,
    populations: &[],
};

pub fn on(token: T, parts: &[u8]) -> Agreement {
    Agreement::new(token, Slots::parts(parts), Slots::parts(parts))
}
pub fn candidate(both: Presence, agreements: &[Agreement]) -> Candidate {
    Candidate {
        a: both,
        b: both,
        agreements: agreements.to_vec(),
        ..Candidate::default()
    }
}
pub fn same_person() -> Candidate {
    let slots = Slots::parts(&[0, 1]).with_area(0);
    candidate(
        FULL,
        &[
            on(T::Nd, &[0]),
            on(T::Nd, &[1]),
            on(T::Nm, &[0, 1]),
            on(T::Nw, &[0, 1]),
            on(T::Nw, &[0, 1]),
            on(T::Nf, &[0]),
            on(T::Nf, &[1]),
            Agreement::new(T::Na, slots, slots),
        ],
    )
}
/// One surname, one address, two dates of birth.
pub fn siblings() -> Candidate {
    candidate(FULL, &[on(T::Nf, &[1])])
}
/// Two people of one common name.
pub fn namesakes() -> Candidate {
    candidate(FULL, &[on(T::Nw, &[0, 1])])
}
/// Many people on one trafficker's phone.
pub fn one_phone() -> Candidate {
    let both = with(FULL, &[K::Phone]);
    let phone = Agreement {
        excess: 9,
        holders: 11,
        ..on(T::Id(K::Phone), &[])
    };
    candidate(both, &[phone])
}
pub fn with(presence: Presence, kinds: &[K]) -> Presence {
    let identifiers = kinds
        .iter()
        .fold(presence.identifiers, |bits, k| bits | (1 << k.code()));
    Presence {
        identifiers,
        ..presence
    }
}
pub fn mixture() -> Vec<Candidate> {
    [
        (same_person(), 900),
        (siblings(), 300),
        (namesakes(), 400),
        (one_phone(), 45),
    ]
    .into_iter()
    .flat_map(|(c, n)| std::iter::repeat_n(c, n))
    .collect()
}
