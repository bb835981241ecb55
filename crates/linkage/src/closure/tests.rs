use proptest::prelude::*;

use super::*;

fn score(of: &[(u32, u32, f64)], a: u32, b: u32) -> Option<f64> {
    of.iter()
        .find(|(x, y, _)| (*x, *y) == (a, b))
        .map(|(_, _, bits)| *bits)
}

#[test]
fn competitors_of_one_agency_share_the_odds() {
    // Record 0 of agency 0 against 1 and 2 of agency 1.
    let pairs = [(0, 1, 3.0), (0, 2, 2.0)];
    let refined = refine(&pairs, &[0, 1, 1], 0.0);
    let expected = 3.0 - (1.0_f64 + 4.0).log2();
    assert!((score(&refined, 0, 1).unwrap() - expected).abs() < 1e-9);
    assert!(score(&refined, 0, 2).unwrap() < -1.0);
    // At different agencies they do not compete, and in a duplicated agency they need not.
    assert_eq!(score(&refine(&pairs, &[0, 1, 2], 0.0), 0, 1), Some(3.0));
    assert_eq!(score(&refine(&pairs, &[0, 1, 1], 0.3), 0, 1), Some(3.0));
}

#[test]
fn a_record_entered_twice_does_not_compete_with_itself() {
    let refined = refine(&[(0, 1, 3.0), (0, 2, 2.0), (1, 2, 20.0)], &[0, 1, 1], 0.0);
    assert!((score(&refined, 0, 1).unwrap() - 3.0).abs() < 1e-4);
    assert_eq!(
        score(&refined, 1, 2),
        None,
        "pairs of one agency are not returned"
    );
}

#[test]
fn a_third_record_links_two() {
    let pairs = [(0, 1, 10.0), (1, 2, 10.0), (2, 3, 10.0)];
    let refined = refine(&pairs, &[0, 1, 2, 3], 0.0);
    let linked = score(&refined, 0, 2).unwrap();
    assert!((2.0..log_odds(CHAIN)).contains(&linked), "{linked}");
    assert!(score(&refined, 0, 3).is_some(), "two rounds reach further");
    let unlike = [(0, 1, 10.0), (1, 2, 10.0), (0, 2, -9.0)];
    assert_eq!(score(&refine(&unlike, &[0, 1, 2], 0.0), 0, 2), Some(-9.0));
    let weak = [(0, 1, 10.0), (1, 2, 0.5)];
    assert_eq!(score(&refine(&weak, &[0, 1, 2], 0.0), 0, 2), None);
    assert_eq!(
        refine(&pairs[..2], &[0, 1, 0], 0.0).len(),
        2,
        "two agencies: no chains"
    );
}

#[test]
fn nonsense_is_dropped() {
    let pairs = [(0, 0, 5.0), (0, 9, 5.0), (0, 1, f64::NAN), (1, 0, 2.0)];
    assert_eq!(refine(&pairs, &[0, 1], 0.0), vec![(0, 1, 2.0)]);
    assert!(refine(&[], &[], 0.0).is_empty());
}

proptest! {
    #[test]
    fn competition_only_lowers_and_order_does_not_matter(
        mut pairs in prop::collection::btree_map((0_u32..8, 8_u32..16), -20.0..20.0_f64, 0..30)
            .prop_map(|m| m.into_iter().map(|((a, b), s)| (a, b, s)).collect::<Vec<_>>()),
    ) {
        let agencies: Vec<u32> = (0..16).map(|r| r / 8).collect();
        let refined = refine(&pairs, &agencies, 0.0);
        prop_assert_eq!(refined.len(), pairs.len());
        for (a, b, bits) in &pairs {
            prop_assert!(score(&refined, *a, *b).unwrap() <= *bits + 1e-12);
        }
        pairs.reverse();
        prop_assert_eq!(refine(&pairs, &agencies, 0.0), refined);
    }
}

/// Pairs of 24 records of three agencies, some of one agency.
fn graph() -> impl Strategy<Value = Vec<ScoredEdge>> {
    prop::collection::btree_map((0_u32..24, 0_u32..24), -12.0..12.0_f64, 0..60).prop_map(|pairs| {
        let ordered: BTreeMap<(u32, u32), f64> = pairs
            .into_iter()
            .filter(|((a, b), _)| a != b)
            .map(|((a, b), bits)| ((a.min(b), a.max(b)), bits))
            .collect();
        ordered.into_iter().map(|((a, b), s)| (a, b, s)).collect()
    })
}

proptest! {
    #[test]
    fn groups_are_independent_and_complete(pairs in graph(), rate in prop::sample::select(vec![0.0, 0.3])) {
        let agencies: Vec<u32> = (0..24).map(|r| r % 3).collect();
        let holding: BTreeSet<u32> = pairs.iter().flat_map(|(a, b, _)| [a % 3, b % 3]).collect();
        let rule = ClusterRule { agencies: holding.len(), own_duplicate_rate: rate };
        let all = groups(&pairs);
        prop_assert_eq!(all.iter().map(Vec::len).sum::<usize>(), pairs.len());
        let mut apart: Vec<ScoredEdge> = all
            .iter()
            .flat_map(|group| refine_group(group, &agencies, &rule))
            .collect();
        apart.sort_by_key(|(a, b, _)| (*a, *b));
        prop_assert_eq!(&apart, &refine(&pairs, &agencies, rate));
        // And the same as if there were no groups, for every pair that has a say.
        let whole = refine_group(&pairs, &agencies, &rule);
        let alone: BTreeMap<(u32, u32), f64> = pairs.iter().map(|(a, b, s)| ((*a, *b), *s)).collect();
        for (a, b, bits) in &whole {
            if alone.get(&(*a, *b)).is_none_or(|bits| *bits >= JOINS_BITS_MIN) {
                prop_assert!((score(&apart, *a, *b).unwrap() - bits).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn one_doubtful_pair_does_not_merge_two_groups() {
    // Two groups of four, each fully linked, and one pair of 2 bits between them.
    let mut pairs = vec![(3, 4, 2.0)];
    for group in [0, 4] {
        for a in group..group + 4 {
            pairs.extend((group..a).map(|b| (b, a, 10.0)));
        }
    }
    let refined = refine(&pairs, &[0, 1, 2, 3, 4, 5, 6, 7], 0.0);
    let across = |a, b| score(&refined, a, b).map_or(0.0, probability);
    assert!(across(3, 4) > 0.7);
    for (a, b) in [(0, 4), (3, 7), (0, 7)] {
        assert!(across(a, b) < 0.5, "{a} {b}: {}", across(a, b));
    }
}
