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
