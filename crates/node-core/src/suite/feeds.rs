use std::collections::BTreeSet;

use crate::{FeedName, RecordKey, ports::FeedRoll};

/// A roll of feeds on a fresh store.
///
/// # Panics
/// When the store does not do what the port says.
pub fn run_feeds(store: &impl FeedRoll) {
    let name = |text: &str| text.parse::<FeedName>().unwrap();
    let (cases, calls) = (name("cases"), name("calls"));
    let keys: Vec<RecordKey> = (0..5).map(|n| RecordKey([n; 32])).collect();
    let enrolled = |feed: &FeedName| {
        let mut found = Vec::new();
        store
            .for_each_enrolled(feed, &mut |key| {
                found.push(key);
                Ok(())
            })
            .unwrap();
        let distinct: BTreeSet<RecordKey> = found.iter().copied().collect();
        assert_eq!(distinct.len(), found.len(), "each once");
        distinct
    };
    assert!(enrolled(&cases).is_empty());
    store.enrol(&cases, &keys[..3]).unwrap();
    store.enrol(&cases, &keys[1..4]).unwrap();
    store.enrol(&calls, &keys[3..]).unwrap();
    assert_eq!(enrolled(&cases), keys[..4].iter().copied().collect());
    assert_eq!(enrolled(&calls), keys[3..].iter().copied().collect());
    store.strike(&cases, &keys[3..]).unwrap();
    store.strike(&cases, &keys[3..]).unwrap();
    assert_eq!(enrolled(&cases), keys[..3].iter().copied().collect());
    assert_eq!(enrolled(&calls).len(), 2, "feeds do not touch each other");
}
