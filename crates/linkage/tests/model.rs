//! Scores of hand-made candidates: what must hold whatever the numbers.
#![allow(clippy::unwrap_used)]

mod pairs;

use pairs::*;
use proptest::prelude::*;
use sanctuary_linkage::{Agreement, Candidate, Model, World};
use sanctuary_types::{
    BirthClass, EvidenceKind, IdentifierKind as K, Outcome, Presence, Slots, Strength,
    TokenType as T,
};

#[test]
fn persons_families_namesakes_and_victims_of_one_trafficker_are_told_apart() {
    let model = Model::fit(&mixture(), &WORLD);
    assert!(model.score(&same_person()).probability > 0.999);
    for other in [siblings(), namesakes(), one_phone()] {
        let scored = model.score(&other);
        assert!(scored.probability < 0.2, "{other:?} {scored:?}");
    }
}

#[test]
fn siblings_are_not_one_person_even_without_other_candidates() {
    for many in [1, 5, 300] {
        let all = vec![siblings(); many];
        for records in [60, 4_000, 1_000_000] {
            let cross_pairs = (records * records) as f64 / 4.0;
            let world = World {
                records,
                cross_pairs,
                populations: &[],
            };
            let p = Model::fit(&all, &world).score(&siblings()).probability;
            assert!(p < 0.2, "{many} candidates of {records} records: {p}");
        }
    }
}

#[test]
fn tiny_worlds_give_numbers() {
    for records in [0, 1, 2, 60] {
        for cross_pairs in [0.0, 1.0, 900.0, f64::NAN, f64::INFINITY] {
            for all in [vec![], vec![same_person()], mixture()] {
                let world = World {
                    records,
                    cross_pairs,
                    populations: &[],
                };
                let model = Model::fit(&all, &world);
                for c in mixture().iter().step_by(200).chain([&Candidate::default()]) {
                    let scored = model.score(c);
                    assert!(scored.bits.is_finite(), "{records} {cross_pairs}");
                    assert!((0.0..=1.0).contains(&scored.probability));
                }
            }
        }
    }
    let pilot = World {
        records: 60,
        cross_pairs: 900.0,
        populations: &[],
    };
    let few = vec![same_person(), siblings(), namesakes()];
    let model = Model::fit(&few, &pilot);
    assert!(model.score(&same_person()).probability > 0.9);
    assert!(model.score(&namesakes()).probability < 0.2);
}

#[test]
fn a_fit_does_not_depend_on_the_order_of_candidates() {
    let mut all = mixture();
    let forward = Model::fit(&all, &WORLD);
    all.reverse();
    let backward = Model::fit(&all, &WORLD);
    assert_eq!(forward.summary(), backward.summary());
    for c in [same_person(), siblings(), one_phone()] {
        assert_eq!(forward.score(&c), backward.score(&c));
    }
}

#[test]
fn an_explanation_names_each_piece_of_evidence() {
    let mut c = same_person();
    c.a = with(c.a, &[K::Phone, K::Email]);
    c.b = c.a;
    c.agreements.push(on(T::Id(K::Phone), &[]));
    let scored = Model::fit(&mixture(), &WORLD).score(&c);
    let lines: Vec<_> = scored
        .evidence
        .iter()
        .map(|e| (e.kind, e.outcome))
        .collect();
    assert_eq!(
        lines,
        [
            (EvidenceKind::Name, Outcome::Agreed),
            (EvidenceKind::DateOfBirth, Outcome::Agreed),
            (EvidenceKind::Place, Outcome::Agreed),
            (EvidenceKind::Identifier(K::Phone), Outcome::Agreed),
            (EvidenceKind::Identifier(K::Email), Outcome::Differed),
        ]
    );
    assert!(
        scored.evidence[..4]
            .iter()
            .all(|e| e.strength >= Strength::Strong)
    );
    assert!(scored.evidence[4].strength < Strength::ALittle);
    let family = Model::fit(&mixture(), &WORLD).score(&siblings());
    assert_eq!(family.evidence[0].outcome, Outcome::Partly);
    assert_eq!(family.evidence[1].outcome, Outcome::Differed);
}

#[test]
fn a_dwelling_says_nothing_about_the_person() {
    let model = Model::fit(&mixture(), &WORLD);
    let mut c = namesakes();
    let before = model.score(&c);
    c.a = with(c.a, &[K::Address, K::Uprn]);
    c.b = c.a;
    assert_eq!(model.score(&c), before, "differing");
    c.agreements
        .extend([on(T::Id(K::Address), &[]), on(T::Id(K::Uprn), &[])]);
    let after = model.score(&c);
    assert_eq!(
        (after.probability, after.bits),
        (before.probability, before.bits),
        "agreeing"
    );
    let said: Vec<_> = after
        .evidence
        .iter()
        .filter(|e| !before.evidence.contains(e))
        .map(|e| e.kind)
        .collect();
    assert_eq!(
        said,
        [
            EvidenceKind::Identifier(K::Uprn),
            EvidenceKind::Identifier(K::Address)
        ],
        "and is named"
    );
}

#[test]
fn the_more_people_hold_a_value_the_less_it_says() {
    let model = Model::fit(&mixture(), &WORLD);
    let score = |excess| {
        let mut c = one_phone();
        c.agreements[0].excess = excess;
        model.score(&c).bits
    };
    assert!(score(0) > score(3) && score(3) > score(100));
}

fn token() -> impl Strategy<Value = T> {
    prop::sample::select((0..=255).filter_map(T::from_code).collect::<Vec<T>>())
}
fn slots() -> impl Strategy<Value = Slots> {
    (0_u8..8, 0_u8..5, 0_u8..3).prop_map(|(parts, band, area)| Slots { parts, band, area })
}
fn presence() -> impl Strategy<Value = Presence> {
    (0_u8..4, 0_u8..4, any::<bool>(), any::<bool>(), 0_u16..8192).prop_map(
        |(name_parts, birth, fine_place, area, identifiers)| Presence {
            name_parts,
            birth: BirthClass::from_code(birth).unwrap(),
            fine_place,
            area,
            identifiers,
        },
    )
}
fn any_candidate() -> impl Strategy<Value = Candidate> {
    let agreement =
        (token(), slots(), slots(), 0_u32..40).prop_map(|(token, a, b, excess)| Agreement {
            token,
            a,
            b,
            excess,
            holders: excess + 2,
        });
    (
        presence(),
        presence(),
        prop::collection::vec(agreement, 0..8),
    )
        .prop_map(|(a, b, agreements)| Candidate {
            a,
            b,
            agreements,
            ..Candidate::default()
        })
}

proptest! {
    #[test]
    fn scores_are_symmetric_and_finite(c in any_candidate(), others in prop::collection::vec(any_candidate(), 0..6)) {
        let model = Model::fit(&others, &WORLD);
        let scored = model.score(&c);
        prop_assert!(scored.bits.is_finite());
        prop_assert_eq!(scored, model.score(&c.swapped()));
        let turned: Vec<Candidate> = others.iter().map(Candidate::swapped).collect();
        prop_assert_eq!(model.summary(), Model::fit(&turned, &WORLD).summary());
    }

    #[test]
    fn an_agreed_personal_number_never_lowers_the_probability(
        c in any_candidate(),
        kind in prop::sample::select(vec![K::Passport, K::NationalInsurance, K::NhsNumber, K::NationalId, K::OnlineHandle, K::Imei]),
        excess in 0_u32..100_000,
        records in 1_u64..100_000,
    ) {
        let world = World { records, cross_pairs: 1e6, populations: &[] };
        let model = Model::fit(&mixture(), &world);
        let mut without = c;
        without.agreements.retain(|x| x.token != T::Id(kind));
        let before = model.score(&without).probability;
        without.agreements.push(Agreement { excess, holders: excess + 2, ..on(T::Id(kind), &[]) });
        let after = model.score(&without).probability;
        prop_assert!(after >= before - 1e-12, "{} {}", before, after);
    }
}
