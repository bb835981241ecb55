//! Acceptance 4 of the ledger: change, drop, reorder, insert or fork in the stored log, or freeze it.
//! The audit, a witness and a client each notice, and it is said which entry.

mod common;

use std::collections::BTreeMap;

use common::{World, rebuilt};
use sanctuary_ledger::{
    Checkpoint, MemoryStore, Refused,
    audit::{self, Bodies, Finding, Known},
};

const ENTRIES: usize = 700;

fn verify(world: &World, store: &MemoryStore, known: &Known<'_>) -> Result<audit::Report, Finding> {
    let note = world.ledger.latest().unwrap().note();
    audit::verify(store, note, &world.quorum(), known, world.now)
}

#[test]
fn an_untouched_log_verifies_in_full() {
    let (world, promises) = World::with_entries(ENTRIES);
    let history: Vec<Checkpoint> = vec![world.ledger.latest().unwrap().clone()];
    let actors = |party: &_| world.actors(party);
    let known = Known {
        checkpoints: &history,
        promises: &promises,
        actors: &actors,
        ..Known::default()
    };
    let report = verify(&world, world.ledger.store(), &known).unwrap();
    assert_eq!(report.size, ENTRIES as u64);
    assert_eq!(report.root, *world.ledger.latest().unwrap().root());
    assert_eq!(report.actors_checked, ENTRIES as u64);
    assert_eq!((report.actors_unknown, report.cosignatures), (0, 3));
    assert_eq!(report.promises, ENTRIES);
    assert_eq!(report.by_kind.values().sum::<u64>(), ENTRIES as u64);
}

/// An agency reads its own entries and everybody's hashes.
#[test]
fn whoever_may_read_only_some_entries_checks_all_hashes_and_those() {
    let (world, promises) = World::with_entries(ENTRIES);
    let store = world.ledger.store();
    let own: BTreeMap<u64, Vec<u8>> = (0..ENTRIES as u64)
        .step_by(7)
        .map(|n| (n, store.leaves[n as usize].clone()))
        .collect();
    let actors = |party: &_| world.actors(party);
    let known = |own| Known {
        promises: &promises,
        actors: &actors,
        bodies: Bodies::Only(own),
        ..Known::default()
    };
    let report = verify(&world, store, &known(&own)).unwrap();
    assert_eq!(report.size, ENTRIES as u64);
    assert_eq!(report.actors_checked, own.len() as u64);

    // An entry that is served otherwise than it was signed.
    let mut other = own.clone();
    let entry = other.get_mut(&350).unwrap();
    *entry.last_mut().unwrap() ^= 1;
    let finding = verify(&world, store, &known(&other)).unwrap_err();
    assert_eq!((finding.word(), finding.first), ("changed", 350));
    // A hash of an entry that is not for this reader.
    let mut hashes = store.clone();
    let id = sanctuary_ledger::TileId { level: 0, index: 1 };
    hashes.tiles.get_mut(&id).unwrap()[32 * 3] ^= 1;
    let finding = verify(&world, &hashes, &known(&own)).unwrap_err();
    assert!(finding.first <= 259 && 259 <= finding.last, "{finding}");
}

#[test]
fn each_way_of_tampering_with_entries_is_named_with_its_entry() {
    let (world, _) = World::with_entries(ENTRIES);
    type Tamper = fn(&mut Vec<Vec<u8>>, usize);
    let ways: [(&str, Tamper); 6] = [
        ("changed", |leaves, at| {
            let last = leaves[at].len() - 1;
            leaves[at][last] ^= 1;
        }),
        ("dropped", |leaves, at| {
            leaves.remove(at);
        }),
        ("reordered", |leaves, at| leaves.swap(at, at + 1)),
        ("reordered", |leaves, at| leaves.swap(at, at + 130)),
        ("inserted", |leaves, at| {
            let mut forged = leaves[at].clone();
            forged[80] ^= 1;
            leaves.insert(at, forged);
        }),
        ("truncated", |leaves, at| leaves.truncate(at)),
    ];
    for (word, tamper) in ways {
        // In the first tile, at its borders, in the middle one, in the partial one.
        for at in [0, 1, 254, 255, 256, 300, 511, 512, 560] {
            let mut store = world.ledger.store().clone();
            tamper(&mut store.leaves, at);
            let finding = verify(&world, &store, &Known::default()).unwrap_err();
            assert_eq!(
                (finding.word(), finding.first, finding.last),
                (word, at as u64, at as u64),
                "{finding}"
            );
            assert!(finding.to_string().contains(&format!("entry {at}")));
        }
    }
}

#[test]
fn the_last_entry_is_watched_like_any_other() {
    let (world, _) = World::with_entries(ENTRIES);
    let mut store = world.ledger.store().clone();
    store.leaves.pop();
    let finding = verify(&world, &store, &Known::default()).unwrap_err();
    assert_eq!(
        (finding.word(), finding.first, finding.last),
        ("truncated", 699, 699)
    );
    let mut store = world.ledger.store().clone();
    store.leaves[699] = store.leaves[3].clone();
    let finding = verify(&world, &store, &Known::default()).unwrap_err();
    assert_eq!(
        (finding.word(), finding.first, finding.last),
        ("changed", 699, 699)
    );
}

#[test]
fn damaged_tiles_are_told_from_tampered_entries() {
    let (world, _) = World::with_entries(ENTRIES);
    for (level, index, place, entry) in [(0, 0, 17, 17), (0, 2, 40, 552), (1, 0, 1, 256)] {
        let mut store = world.ledger.store().clone();
        let id = sanctuary_ledger::TileId { level, index };
        store.tiles.get_mut(&id).unwrap()[32 * place] ^= 1;
        let finding = verify(&world, &store, &Known::default()).unwrap_err();
        assert_eq!(
            (finding.word(), finding.first),
            ("tile-damaged", entry),
            "{finding}"
        );
    }
}

#[test]
fn an_entry_rewritten_with_its_tiles_is_found_as_narrowly_as_what_others_hold_allows() {
    let (mut world, mut promises) = World::with_entries(300);
    let earlier = world.ledger.latest().unwrap().clone();
    promises.extend(world.act(400));
    world.publish().unwrap();
    let mut leaves = world.ledger.store().leaves.clone();
    let last = leaves[350].len() - 1;
    leaves[350][last] ^= 1;
    // Every tile fits the changed entry; only the signed root does not.
    let store = rebuilt(leaves, world.signer()).store().clone();

    let alone = verify(&world, &store, &Known::default()).unwrap_err();
    assert_eq!(
        (alone.word(), alone.first, alone.last),
        ("rewritten", 0, 699)
    );
    let history = [earlier];
    let known = Known {
        checkpoints: &history,
        ..Known::default()
    };
    let bounded = verify(&world, &store, &known).unwrap_err();
    assert_eq!((bounded.first, bounded.last), (300, 699));
    // Whoever holds the promise for it knows exactly, if all before it is known to be whole.
    let known = Known {
        promises: &promises[350..360],
        ..known
    };
    let exact = verify(&world, &store, &known).unwrap_err();
    assert_eq!((exact.first, exact.last), (300, 350));

    // Only the level-0 tile covers the change: the block's root above it narrows it to the block.
    let mut half = world.ledger.store().clone();
    half.leaves[350][last] ^= 1;
    let id = sanctuary_ledger::TileId { level: 0, index: 1 };
    half.tiles.insert(id, store.tiles[&id].clone());
    let block = verify(&world, &half, &Known::default()).unwrap_err();
    assert_eq!(
        (block.word(), block.first, block.last),
        ("rewritten", 256, 511)
    );
}

#[test]
fn a_log_shorter_than_a_checkpoint_somebody_holds_is_truncated() {
    let (mut world, _) = World::with_entries(40);
    let old = world.ledger.store().clone();
    let held = world.ledger.latest().unwrap().clone();
    world.act(9);
    let newer = world.publish().unwrap();
    let check = |checkpoints: &[Checkpoint]| {
        let known = Known {
            checkpoints,
            ..Known::default()
        };
        audit::verify(&old, held.note(), &world.quorum(), &known, world.now).unwrap_err()
    };
    // The larger one alone cannot say whether the forty that are left are the same.
    let finding = check(std::slice::from_ref(&newer));
    assert_eq!(
        (finding.word(), finding.first, finding.last),
        ("truncated", 0, 40)
    );
    let finding = check(&[newer, held.clone()]);
    assert_eq!(
        (finding.word(), finding.first, finding.last),
        ("truncated", 40, 40)
    );
}

#[test]
fn a_frozen_log_is_noticed_by_all_three() {
    let (mut world, _) = World::with_entries(40);
    let note = world.ledger.latest().unwrap().note().to_vec();
    world.tick(16 * 60_000);
    let finding = verify(&world, world.ledger.store(), &Known::default()).unwrap_err();
    assert_eq!((finding.word(), finding.first), ("frozen", 40));
    assert!(finding.to_string().contains("stands still"));
    assert!(matches!(
        world.client().accept(&note, None, world.now),
        Err(Refused::Stale { .. })
    ));
    assert!(world.witnesses[0].silent_ms(world.now).unwrap().is_some());
    let request = world.ledger.for_witness(40).unwrap();
    assert!(matches!(
        world.witnesses[0].add_checkpoint(&request, world.now),
        Err(Refused::Stale { .. })
    ));
}
