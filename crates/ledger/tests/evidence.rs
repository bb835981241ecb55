//! Promises, receipts, watching, gossip, and evidence that convicts a hub.

mod common;

use common::World;
use sanctuary_ledger::{
    BrokenPromise, Comparison, ForkEvidence, Promise, Receipt, Refused, Seen, Watch, compare,
    fork_between,
};
use sanctuary_types::Timestamp;

const MINUTE_MS: u64 = 60_000;

#[test]
fn a_promise_becomes_a_receipt_that_anybody_can_check() {
    let (mut world, promises) = World::with_entries(300);
    let mut client = world.client();
    let note = world.ledger.latest().unwrap().note().to_vec();
    let accepted = client.accept(&note, None, world.now).unwrap();
    let promise = &promises[270];
    promise
        .check(world.quorum().log(), &world.sent[270])
        .unwrap();
    assert!(
        promise
            .check(world.quorum().log(), &world.sent[271])
            .is_err()
    );

    let proof = world.ledger.prove_inclusion(270, accepted.size()).unwrap();
    let receipt = promise.clone().keep(proof.clone(), &accepted).unwrap();
    let json = serde_json::to_string(&receipt).unwrap();
    let receipt: Receipt = serde_json::from_str(&json).unwrap();
    // Years later, without the hub.
    assert_eq!(receipt.verify(&world.quorum()).unwrap().size(), 300);

    let mut other = promises[271].clone();
    assert!(other.clone().keep(proof.clone(), &accepted).is_err());
    other.index = 270;
    assert!(other.clone().keep(proof, &accepted).is_err());
    assert!(other.verify(world.quorum().log()).is_err());

    // Receipts do not grow old as the log grows on.
    world.act(5);
    world.publish().unwrap();
    receipt.verify(&world.quorum()).unwrap();
}

#[test]
fn gossip_finds_a_fork_of_one_size_and_of_two_sizes() {
    let (mut world, _) = World::with_entries(30);
    let honest = world.ledger.latest().unwrap().clone();
    // The hub shows somebody else another past: entry 12 is another one.
    let mut other = World::new();
    while other.sent.len() < 30 {
        if other.sent.len() == 12 {
            other.tick(1);
        }
        other.act(1);
    }
    let split = other.publish().unwrap();

    let Comparison::Forked(evidence) = compare(&honest, &split, None) else {
        panic!("one size, two roots")
    };
    let json = serde_json::to_string(&evidence).unwrap();
    let evidence: ForkEvidence = serde_json::from_str(&json).unwrap();
    assert_eq!(evidence.verify(world.quorum().log()).unwrap(), 30);

    other.act(300);
    let larger = other.publish().unwrap();
    let proof = other.ledger.prove_consistency(30, 330).unwrap();
    assert_eq!(
        compare(&larger, &honest, None),
        Comparison::ProofNeeded { from: 30, to: 330 }
    );
    assert_eq!(
        compare(&larger, &honest, Some(&proof)),
        Comparison::Inconsistent { from: 30, to: 330 }
    );
    assert_eq!(
        compare(&larger, &split, Some(&proof)),
        Comparison::Grew { from: 30, to: 330 }
    );
    // With the tiles of the larger tree the suspicion becomes proof.
    let evidence = fork_between(&honest, &larger, other.ledger.store())
        .unwrap()
        .unwrap();
    assert_eq!(evidence.verify(world.quorum().log()).unwrap(), 30);
    assert_eq!(
        fork_between(&split, &larger, other.ledger.store()).unwrap(),
        None
    );

    // Evidence cannot be made up against an honest hub.
    world.act(5);
    let next = world.publish().unwrap();
    assert_eq!(
        fork_between(&honest, &next, world.ledger.store()).unwrap(),
        None
    );
    let made_up = json.replace(&hex::encode(split.note()), &hex::encode(honest.note()));
    let made_up: ForkEvidence = serde_json::from_str(&made_up).unwrap();
    assert!(made_up.verify(world.quorum().log()).is_err());
}

#[test]
fn a_broken_promise_convicts_the_hub_and_an_honest_one_is_safe() {
    let (mut world, mut promises) = World::with_entries(10);
    let log = world.quorum().log().clone();
    let short = world.ledger.latest().unwrap().clone();
    promises.extend(world.act(1));
    let promise = &promises[10];

    // In time, the old checkpoint is no breach.
    assert!(promise.broken_by(&short).is_none());
    // A minute later a checkpoint of the old size is.
    let late = Timestamp(world.now.0 + 62_000);
    let stuck = world.signer().checkpoint(10, short.root(), late).unwrap();
    let evidence = promise.broken_by(&stuck).unwrap();
    let json = serde_json::to_string(&evidence).unwrap();
    let evidence: BrokenPromise = serde_json::from_str(&json).unwrap();
    evidence.verify(&log).unwrap();

    // Another entry in its place is one too.
    let mut other = World::new();
    other.act(3);
    other.tick(5);
    other.act(30);
    let elsewhere = other.publish().unwrap();
    let found = other.ledger.leaf(10).unwrap().hash();
    let proof = other.ledger.prove_inclusion(10, 33).unwrap();
    let evidence = promise
        .replaced_in(&elsewhere, found, proof.clone())
        .unwrap();
    evidence.verify(&log).unwrap();
    assert!(promise.replaced_in(&elsewhere, [1; 32], proof).is_none());

    // The promise kept: nothing can be made of it.
    let whole = world.publish().unwrap();
    assert!(promise.broken_by(&whole).is_none());
    let proof = world.ledger.prove_inclusion(10, 11).unwrap();
    assert!(promise.replaced_in(&whole, promise.leaf, proof).is_none());
    let forged = json.replacen("\"index\":10", "\"index\":11", 1);
    let forged: BrokenPromise = serde_json::from_str(&forged).unwrap();
    assert!(forged.verify(&log).is_err());
}

#[test]
fn a_watch_follows_and_says_when_the_log_stands_still() {
    let (mut world, _) = World::with_entries(5);
    let mut watch = Watch::new(world.client());
    let note = |world: &World| world.ledger.latest().unwrap().note().to_vec();
    assert_eq!(
        watch.offer(&note(&world), None, world.now).unwrap(),
        Seen::First { size: 5 }
    );
    let promise: Promise = world.act(1).remove(0);
    watch.expect(promise.clone());
    world.tick(10 * MINUTE_MS);
    // The heartbeat of an idle log, and then growth.
    assert!(world.ledger.checkpoint_due(world.now));
    world.publish().unwrap();
    let proof = world.ledger.prove_consistency(5, 6).unwrap();
    assert_eq!(
        watch.offer(&note(&world), Some(&proof), world.now).unwrap(),
        Seen::Grew { from: 5, to: 6 }
    );
    assert_eq!(watch.to_prove().collect::<Vec<_>>(), [&promise]);
    watch.kept(&promise);
    assert_eq!(watch.to_prove().count(), 0);
    world.tick(10 * MINUTE_MS);
    world.publish().unwrap();
    assert_eq!(
        watch.offer(&note(&world), None, world.now).unwrap(),
        Seen::Unchanged
    );
    watch.alive(world.now).unwrap();
    world.tick(15 * MINUTE_MS + 1_000);
    assert!(matches!(watch.alive(world.now), Err(Refused::Stale { .. })));
    assert!(matches!(
        watch.offer(&note(&world), None, world.now),
        Err(Refused::Stale { .. })
    ));
    assert_eq!(watch.hear(&note(&world), None).unwrap(), Comparison::Same);
}

#[test]
fn a_watch_shows_a_promise_that_was_broken() {
    let (mut world, _) = World::with_entries(5);
    let (mut forgetful, _) = World::with_entries(5);
    let mut watch = Watch::new(world.client());
    watch.expect(world.act(1).remove(0));
    forgetful.now = Timestamp(world.now.0 + 2 * MINUTE_MS);
    let note = forgetful.publish().unwrap();
    watch.offer(note.note(), None, forgetful.now).unwrap();
    let [broken] = &watch.broken()[..] else {
        panic!("one broken promise")
    };
    broken.verify(world.quorum().log()).unwrap();
    assert_eq!(broken.promise().index, 5);
}
