//! Alerts and groups.

use proptest::prelude::*;
use sanctuary_linkage::{Agreement, Candidate, Policy, Scored, classify, clusters};
use sanctuary_types::{AlertKind, Band, IdentifierKind as K, Role, Roles, Slots, TokenType as T};

fn scored(probability: f64) -> Scored {
    Scored {
        probability,
        bits: (probability / (1.0 - probability)).log2(),
        evidence: Vec::new(),
    }
}
fn sharing(kind: K, holders: u32) -> Candidate {
    let slots = Slots::default();
    let agreement = Agreement {
        holders,
        ..Agreement::new(T::Id(kind), slots, slots)
    };
    Candidate {
        agreements: vec![agreement],
        ..Candidate::default()
    }
}

#[test]
fn bands_of_one_person() {
    let (none, policy) = (Roles::default(), Policy::default());
    let of = |p, policy: &Policy| classify(&scored(p), &Candidate::default(), none, none, policy);
    assert_eq!(
        of(0.95, &policy),
        Some((AlertKind::SamePerson, Band::Strong))
    );
    assert_eq!(
        of(0.5, &policy),
        Some((AlertKind::SamePerson, Band::Likely))
    );
    assert_eq!(of(0.3, &policy), None);
    assert_eq!(of(0.1, &policy), None);
    let wide = Policy {
        send_possible: true,
        ..policy
    };
    assert_eq!(
        of(0.3, &wide),
        Some((AlertKind::SamePerson, Band::Possible))
    );
    assert_eq!(of(0.19, &wide), None);
}

#[test]
fn a_victim_who_may_be_a_suspect_comes_first() {
    let victim = Roles::default().with(Role::PotentialVictim);
    let suspect = Roles::default().with(Role::Convicted).with(Role::Witness);
    let wide = Policy {
        send_possible: true,
        ..Policy::default()
    };
    let of = |p, a, b| classify(&scored(p), &sharing(K::Phone, 2), a, b, &wide).map(|x| x.0);
    assert_eq!(of(0.6, victim, suspect), Some(AlertKind::VictimIsSuspect));
    assert_eq!(of(0.6, suspect, victim), Some(AlertKind::VictimIsSuspect));
    assert_eq!(
        of(0.3, victim, suspect),
        Some(AlertKind::SamePerson),
        "too weak to say so"
    );
    assert_eq!(of(0.6, victim, victim), Some(AlertKind::SamePerson));
    assert_eq!(of(0.1, victim, suspect), Some(AlertKind::SharedIdentifier));
}

#[test]
fn a_shared_value_of_different_people() {
    let (none, policy) = (Roles::default(), Policy::default());
    let of = |c: &Candidate, p, policy: &Policy| classify(&scored(p), c, none, none, policy);
    let shared = |band| Some((AlertKind::SharedIdentifier, band));
    assert_eq!(
        of(&sharing(K::Phone, 12), 0.01, &policy),
        shared(Band::Strong)
    );
    assert_eq!(
        of(&sharing(K::Phone, 13), 0.01, &policy),
        shared(Band::Likely)
    );
    assert_eq!(
        of(&sharing(K::Address, 2), 0.01, &policy),
        shared(Band::Strong)
    );
    assert_eq!(of(&sharing(K::Passport, 2), 0.01, &policy), None);
    // Too weak for a person alert that nobody asked for, the shared phone is still told.
    assert_eq!(
        of(&sharing(K::Phone, 2), 0.3, &policy),
        shared(Band::Strong)
    );
    assert_eq!(
        of(&sharing(K::Phone, 2), 0.7, &policy),
        Some((AlertKind::SamePerson, Band::Likely)),
        "one alert, not two"
    );
    let phones = Policy {
        shared_identifiers: vec![K::Phone],
        ..policy
    };
    assert_eq!(of(&sharing(K::Address, 2), 0.01, &phones), None);
    let mut both = sharing(K::Address, 40);
    both.agreements.extend(sharing(K::Phone, 3).agreements);
    assert_eq!(of(&both, 0.01, &Policy::default()), shared(Band::Strong));
}

#[test]
fn a_policy_reads_from_a_file_and_refuses_unknown_words() {
    let policy: Policy =
        serde_json::from_str(r#"{"shared_identifiers":["phone","uprn"]}"#).unwrap_or_default();
    assert_eq!(policy.shared_identifiers, [K::Phone, K::Uprn]);
    assert_eq!(policy.exclusive_holders_max, 12);
    assert!(serde_json::from_str::<Policy>(r#"{"send_posible":true}"#).is_err());
}

#[test]
fn groups_are_connected_and_ordered() {
    let edges = [
        (9, 4, 0.9),
        (4, 7, 0.95),
        (1, 2, 0.99),
        (2, 3, 0.4),
        (5, 5, 1.0),
        (6, 8, f64::NAN),
    ];
    assert_eq!(clusters(&edges, 0.5), vec![vec![1, 2], vec![4, 7, 9]]);
    assert_eq!(clusters(&edges, 0.3), vec![vec![1, 2, 3], vec![4, 7, 9]]);
    assert!(clusters(&[], 0.5).is_empty());
    let chain: Vec<_> = (0..100_000).map(|i| (i, i + 1, 1.0)).collect();
    assert_eq!(clusters(&chain, 0.5).len(), 1);
}

proptest! {
    #[test]
    fn groups_equal_those_of_repeated_merging(edges in prop::collection::vec((0_u32..20, 0_u32..20, 0.0..1.0_f64), 0..30)) {
        let mut label: Vec<u32> = (0..20).collect();
        for _ in 0..20 {
            for (a, b, p) in &edges {
                if *p >= 0.5 {
                    let low = label[*a as usize].min(label[*b as usize]);
                    label[*a as usize] = low;
                    label[*b as usize] = low;
                }
            }
        }
        let expected: Vec<Vec<u32>> = (0..20)
            .map(|l| (0..20).filter(|r| label[*r as usize] == l).collect::<Vec<u32>>())
            .filter(|group| group.len() > 1)
            .collect();
        prop_assert_eq!(clusters(&edges, 0.5), expected);
    }
}
