//! Entries, their content, the operator's side of the log, proof files.

mod common;

use common::{ORIGIN, World};
use sanctuary_ledger::{
    Checkpoint, EntryKind, Ledger, LedgerError, LogSigner, MemoryStore, SealedContent, SignedEntry,
    TlogProof, audit,
};
use sanctuary_types::Timestamp;

const MINUTE_MS: u64 = 60_000;

#[test]
fn a_retry_appends_nothing_and_gets_the_same_promise() {
    let mut world = World::new();
    let entries: Vec<_> = (0..5).map(|_| world.entry(EntryKind::Consult).1).collect();
    let first = world.log(&entries);
    world.tick(5_000);
    assert_eq!(world.log(&entries[1..3]), first[1..3]);
    let twice = [entries[4].clone(), entries[4].clone()];
    assert_eq!(world.log(&twice), [first[4].clone(), first[4].clone()]);
    assert_eq!(world.ledger.size(), 5);

    // A new one beside old ones: only the new one is added.
    let mut mixed = entries[..2].to_vec();
    mixed.push(world.entry(EntryKind::Disclose).1);
    let promises = world.log(&mixed);
    assert_eq!((promises[2].index, world.ledger.size()), (5, 6));
}

#[test]
fn an_id_cannot_be_used_for_two_acts() {
    let mut world = World::new();
    let (content, entry) = world.entry(EntryKind::Request);
    world.log(&[entry]);
    let (party, key) = world.agencies[0].clone();
    let other = content
        .entry(
            EntryKind::Release,
            world.now,
            party,
            sanctuary_ledger::ActorRole::Releaser,
            &[],
        )
        .unwrap()
        .sign(&key)
        .check(&key.public())
        .unwrap();
    assert!(matches!(
        world.ledger.append(&[other], world.now),
        Err(LedgerError::IdReused(_))
    ));
    assert_eq!(world.ledger.size(), 1);
}

#[test]
fn nobody_logs_in_anothers_name_and_nothing_is_dated_ahead() {
    let mut world = World::new();
    let (_, entry) = world.entry(EntryKind::Release);
    let stranger = world.agencies[2].1.public();
    let refused = entry.clone().check(&stranger).unwrap_err();
    assert!(refused.to_string().contains("durham-police"));

    let checked = entry.check(&world.agencies[0].1.public()).unwrap();
    let behind = Timestamp(world.now.0 - 3 * MINUTE_MS);
    assert!(matches!(
        world.ledger.append(&[checked], behind),
        Err(LedgerError::FutureEntry { ahead_ms: 180_000 })
    ));
}

#[test]
fn entries_travel_in_one_spelling() {
    let mut world = World::new();
    let (_, entry) = world.entry(EntryKind::MatchRaised);
    let bytes = entry.to_bytes();
    assert_eq!(SignedEntry::from_bytes(&bytes).unwrap(), entry);
    for cut in 0..bytes.len() {
        assert!(SignedEntry::from_bytes(&bytes[..cut]).is_err());
    }
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let read = SignedEntry::from_bytes(&changed);
        let public = world.public(entry.entry().actor());
        assert!(read.and_then(|e| e.check(&public)).is_err(), "byte {place}");
    }
}

#[test]
fn content_opens_its_own_entry_only_and_is_never_in_the_log() {
    let mut world = World::new();
    let (content, entry) = world.entry(EntryKind::Consult);
    let (other, _) = world.entry(EntryKind::Consult);
    assert!(content.opens(entry.entry()));
    assert!(!other.opens(entry.entry()));
    let back = SealedContent::from_bytes(&content.to_bytes()).unwrap();
    assert!(back.opens(entry.entry()));
    assert_eq!(back.content(), b"what it is about");

    world.log(&[entry]);
    let leaf = world.ledger.leaf(0).unwrap().to_bytes();
    let words = b"what it is about";
    assert!(!leaf.windows(words.len()).any(|w| w == words));
    assert!(!format!("{content:?}").contains("about"));
    // The same content twice commits to different bytes: nothing can be guessed and compared.
    assert_ne!(content.commitment(), other.commitment());
}

#[test]
fn a_proof_file_is_checked_offline() {
    let (world, _) = World::with_entries(300);
    let checkpoint = world.ledger.latest().unwrap();
    let proof = audit::prove(world.ledger.store(), checkpoint, 259).unwrap();
    let read = TlogProof::from_bytes(&proof.to_bytes()).unwrap();
    let (leaf, head) = read.verify(&world.quorum()).unwrap();
    assert_eq!(leaf.signed, world.sent[259]);
    assert_eq!(head.size(), 300);
    let mut moved = read;
    moved.index = 258;
    assert!(moved.verify(&world.quorum()).is_err());
    assert!(matches!(
        audit::prove(world.ledger.store(), checkpoint, 300),
        Err(LedgerError::OutOfRange {
            index: 300,
            size: 300
        })
    ));
}

#[test]
fn a_log_reopens_where_it_was_and_refuses_a_damaged_store() {
    let (mut world, promises) = World::with_entries(270);
    let store: MemoryStore = world.ledger.store().clone();
    let mut again = Ledger::open(store.clone(), world.signer()).unwrap();
    assert_eq!(again.size(), 270);
    assert_eq!(again.latest().unwrap(), world.ledger.latest().unwrap());
    // The same promise as before the restart, byte for byte, although the clock went back.
    let sent = world.sent[3].clone();
    let public = world.public(sent.entry().actor());
    let checked = sent.check(&public).unwrap();
    let earlier = Timestamp(common::START.0 + 60_000);
    assert_eq!(again.append(&[checked], earlier).unwrap(), promises[3..4]);
    let entry = world.entry(EntryKind::Erase).1;
    let public = world.public(entry.entry().actor());
    let late = again
        .append(
            &[entry.check(&public).unwrap()],
            Timestamp(world.now.0 - 60_000),
        )
        .unwrap();
    assert!(late[0].received >= promises[269].received);

    let open = |store: MemoryStore| Ledger::open(store, world.signer());
    let mut changed = store.clone();
    changed.leaves[269][30] ^= 1;
    assert!(open(changed).is_err());
    let mut shorter = store.clone();
    shorter.leaves.truncate(260);
    assert!(matches!(open(shorter), Err(LedgerError::Damaged(_))));
    let mut tiles = store.clone();
    for tile in tiles.tiles.values_mut() {
        tile[5] ^= 1;
    }
    assert!(matches!(open(tiles), Err(LedgerError::Damaged(_))));
    let stranger = LogSigner::new(ORIGIN, world.agencies[0].1.clone()).unwrap();
    assert!(Ledger::open(store, stranger).is_err());
}

#[test]
fn checkpoints_come_at_least_every_ten_minutes_and_within_the_promise() {
    let mut world = World::new();
    assert!(world.ledger.checkpoint_due(world.now));
    let first: Checkpoint = world.publish().unwrap();
    assert_eq!(first.size(), 0);
    assert!(!world.ledger.checkpoint_due(world.now));
    // With its cosignatures the next one may follow soon; without, the witnesses are given time.
    world.act(1);
    world.tick(1_000);
    assert!(!world.ledger.checkpoint_due(world.now));
    world.tick(1_000);
    assert!(world.ledger.checkpoint_due(world.now));
    world.ledger.checkpoint(world.now).unwrap();
    world.act(1);
    world.tick(29_000);
    assert!(!world.ledger.checkpoint_due(world.now));
    world.tick(1_000);
    assert!(world.ledger.checkpoint_due(world.now));
    world.publish().unwrap();
    world.tick(599_000);
    assert!(!world.ledger.checkpoint_due(world.now));
    world.tick(1_000);
    assert!(world.ledger.checkpoint_due(world.now));
}
