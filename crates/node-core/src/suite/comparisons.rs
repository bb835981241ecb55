use sanctuary_types::{Pseudonym, Timestamp};

use crate::{
    ComparisonEntry, ComparisonLimits, ComparisonStage, ComparisonTotals, Logged,
    ports::ComparisonLog,
};

const DAY_MS: u64 = 86_400_000;
const LIMITS: ComparisonLimits = ComparisonLimits {
    per_peer: 3,
    per_record: 2,
};

/// Runs every scenario of the log of comparisons, each on a fresh store; `reopen` closes a store and
/// opens it again, where there is something to close.
///
/// # Panics
/// When the store does not do what the port says.
pub fn run_comparisons<S: ComparisonLog>(fresh: impl Fn() -> S, reopen: impl Fn(S) -> S) {
    limits_outlive_a_restart_and_end_with_the_day(fresh(), &reopen);
    the_same_step_is_written_once(fresh(), &reopen);
    newest_come_first(&fresh());
}

fn limits_outlive_a_restart_and_end_with_the_day<S: ComparisonLog>(
    store: S,
    reopen: impl Fn(S) -> S,
) {
    let first = [entry(1, 0), entry(2, 0), entry(3, 0)];
    let logged = store.log_comparisons(&first, LIMITS).unwrap();
    assert_eq!(logged, [Logged::Stands, Logged::Stands, Logged::Limit]);
    let store = reopen(store);
    let again = store.log_comparisons(&first, LIMITS).unwrap();
    assert_eq!(again, logged);
    let totals = store.comparison_totals(0).unwrap();
    let council = totals.get(&"council".parse().unwrap());
    let expected = ComparisonTotals {
        opened: 2,
        ..ComparisonTotals::default()
    };
    assert_eq!(council, Some(&expected));
    let tomorrow = store.log_comparisons(&[entry(3, 1)], LIMITS).unwrap();
    assert_eq!(tomorrow, [Logged::Stands]);
    assert_eq!(store.comparisons(9).unwrap().len(), 3);
    assert_eq!(store.comparison_totals(0).unwrap(), totals);
    assert!(store.log_comparisons(&[], LIMITS).unwrap().is_empty());
}

fn the_same_step_is_written_once<S: ComparisonLog>(store: S, reopen: impl Fn(S) -> S) {
    let answer = ComparisonEntry {
        stage: ComparisonStage::Answer,
        ..entry(1, 0)
    };
    let both = [answer.clone(), answer.clone()];
    let logged = store.log_comparisons(&both, LIMITS).unwrap();
    assert_eq!(logged, [Logged::Stands; 2]);
    let store = reopen(store);
    let other = ComparisonEntry {
        made_of: [9; 16],
        ..answer.clone()
    };
    let logged = store.log_comparisons(&[other, answer.clone()], LIMITS);
    assert_eq!(logged.unwrap(), [Logged::Changed, Logged::Stands]);
    assert_eq!(store.comparisons(9).unwrap(), [answer]);
}

fn newest_come_first(store: &impl ComparisonLog) {
    for day in 0..3 {
        let entries = [entry(1, day), entry(2, day)];
        store.log_comparisons(&entries, LIMITS).unwrap();
    }
    let days = |limit| {
        let newest = store.comparisons(limit).unwrap();
        newest.iter().map(|e| e.at.day()).collect::<Vec<_>>()
    };
    assert_eq!(days(5), [2, 2, 1, 1, 0]);
    assert_eq!(days(1), [2]);
}

fn entry(comparison: u8, day: u64) -> ComparisonEntry {
    ComparisonEntry {
        at: Timestamp(day * DAY_MS + u64::from(comparison)),
        comparison: [comparison; 16],
        stage: ComparisonStage::Open,
        peer: "council".parse().unwrap(),
        own: Pseudonym([1; 16]),
        made_of: [1; 16],
    }
}
