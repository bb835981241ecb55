use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn tag(n: u64) -> StoredTag {
    // Spread over shards and fingerprints as HMAC output is.
    let mixed = ring::digest::digest(&ring::digest::SHA256, &n.to_be_bytes());
    StoredTag::read(mixed.as_ref())
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u64),
    Remove(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0u64..200).prop_map(Step::Insert),
        1 => any::<usize>().prop_map(Step::Remove),
    ];
    proptest::collection::vec(step, 0..600)
}

proptest! {
    #[test]
    fn the_index_is_a_multimap(steps in steps(), room in 0usize..2000) {
        let mut index = TagIndex::with_room(room);
        let mut model: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        let mut live: Vec<(u64, u32)> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Insert(n) => {
                    // The owner is the parity of the ordinal.
                    let ordinal = at as u32;
                    let held = model.entry(*n).or_default();
                    let another = held.iter().any(|o| o % 2 != ordinal % 2);
                    let met = index.insert(tag(*n), ordinal, |o| o % 2 == ordinal % 2);
                    prop_assert_eq!(met == Met::Another, another);
                    held.push(ordinal);
                    live.push((*n, ordinal));
                }
                Step::Remove(which) if !live.is_empty() => {
                    let (n, ordinal) = live.swap_remove(which % live.len());
                    prop_assert!(index.remove(tag(n), ordinal));
                    prop_assert!(!index.remove(tag(n), ordinal));
                    model.get_mut(&n).unwrap().retain(|o| *o != ordinal);
                }
                Step::Remove(_) => {}
            }
        }
        prop_assert_eq!(index.len(), live.len());
        for (n, held) in model {
            let mut found = Vec::new();
            prop_assert!(index.gather(tag(n), &mut found));
            found.sort_unstable();
            let mut held = held;
            held.sort_unstable();
            prop_assert_eq!(found, held);
        }
    }
}

#[test]
fn a_tag_that_fills_up_is_a_stop_token_and_harms_no_other() {
    let mut index = TagIndex::with_room(0);
    index.insert(tag(2), 7, |_| true);
    for ordinal in 0..TAG_ENTRIES_MAX as u32 {
        assert_ne!(index.insert(tag(1), ordinal, |_| true), Met::Overfull);
    }
    assert_eq!(index.insert(tag(1), 9999, |_| true), Met::Overfull);
    let mut found = Vec::new();
    assert!(!index.gather(tag(1), &mut found));
    assert!(found.is_empty());
    assert!(index.gather(tag(2), &mut found));
    assert_eq!(found, [7]);
}

#[test]
fn a_posting_costs_between_10_and_21_bytes_and_shards_grow_one_after_another() {
    let mut index = TagIndex::with_room(0);
    let mut growths = 0;
    let mut before = 0;
    for n in 0..400_000u64 {
        index.insert(tag(n), n as u32, |_| true);
        if n > 200_000 {
            let now = index
                .shards
                .iter()
                .filter(|s| s.num_buckets() > 1024)
                .count();
            growths += usize::from(now > before);
            before = now;
        }
    }
    let per_posting = index.memory_bytes() as f64 / 400_000.0;
    assert!(
        (9.0..21.5).contains(&per_posting),
        "{per_posting} bytes a posting"
    );
    assert!(growths > 40, "only {growths} separate growth steps");
}
