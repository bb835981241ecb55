//! PREVALENCE.md 3.3: intervals by resampling. Generators differ, so only the stable ones are compared.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sanctuary_prevalence::{Interval, Method, Table, interval, stepwise};

use crate::{figures::near, tables::*};

fn of(table: &Table, resamples: u32) -> Interval {
    let estimate = stepwise(table, 0.02).unwrap().total();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    interval(table, estimate, resamples, &mut rng, &mut |_| ()).unwrap()
}

#[test]
fn stable_intervals_are_near_the_reference() {
    for (table, low, high) in [(kosovo(), 12513.0, 16505.0), (uk_4(), 8936.6, 13499.9)] {
        let found = of(&table, 1_000);
        assert!(!found.interval_saturated && found.raised.is_none());
        assert_eq!(found.shown.method, Method::Bca);
        near(found.shown.low, low, 0.05 * low);
        near(found.shown.high, high, 0.05 * high);
    }
}

#[test]
fn saturated_intervals_are_flagged_and_shown_as_percentiles() {
    for table in [
        new_orleans_5_185(),
        new_orleans_185(),
        uk_5(),
        uk_6(),
        ned_5(),
    ] {
        let found = of(&table, 1_000);
        assert!(found.interval_saturated, "{:?}", table.lists());
        let raised = found.raised.expect("more resamples");
        assert_eq!(raised.resamples, 4_000);
        let plain = (raised.percentile.p2_5, raised.percentile.p97_5);
        let shown = (found.shown.low, found.shown.high);
        assert_eq!(shown == plain, raised.saturated);
    }
}

#[test]
fn quantiles_of_resamples_are_within_the_seeds_of_the_reference() {
    // Lowest and highest of six seeds, with half of their distance on either side.
    let found = of(&uk_5(), 1_000).asked.percentile;
    for (value, low, high) in [
        (found.p2_5, 9801.0, 9973.0),
        (found.p10, 10364.0, 10470.0),
        (found.p50, 11801.0, 11995.0),
        (found.p90, 15938.0, 18596.0),
        (found.p97_5, 26591.0, 27754.0),
    ] {
        let margin = (high - low) / 2.0_f64;
        assert!(
            (low - margin..=high + margin).contains(&value),
            "{value} not in {low}..{high}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_interval() {
    assert_eq!(of(&uk_4(), 200), of(&uk_4(), 200));
    let refused = interval(
        &uk_4(),
        1.0,
        99,
        &mut ChaCha20Rng::seed_from_u64(1),
        &mut |_| (),
    );
    assert!(refused.is_err());
}
