//! The same tampering when the hub itself does it and signs it anew: witnesses and clients that were
//! there before notice, and what they hold convicts it.

mod common;

use common::{World, rebuilt};
use sanctuary_ledger::{
    AddCheckpoint, Checkpoint, Leaf, MemoryStore, Promise, Refused,
    audit::{self, Fault, Known},
};
use sanctuary_types::Timestamp;

const ENTRIES: usize = 700;

/// A hub that rewrites entry 350, rebuilds everything and signs it anew, with witnesses that never saw
/// the old tree.
fn rewritten_and_signed() -> (World, World, Vec<Promise>, Checkpoint) {
    let (mut world, mut promises) = World::with_entries(300);
    promises.extend(world.act(400));
    world.publish().unwrap();
    let (mut forked, _) = World::with_entries(300);
    forked.act(50);
    forked.tick(7);
    forked.act(400);
    let head = forked.ledger.checkpoint(forked.now).unwrap();
    let head = forked.cosigned_by_newcomers(&head);
    (world, forked, promises, head)
}

#[test]
fn a_fork_signed_by_the_hub_convicts_it() {
    let (world, forked, promises, head) = rewritten_and_signed();
    let store = forked.ledger.store();
    let quorum = world.quorum();
    let now = forked.now;
    // Without memory, nothing is wrong with the new past.
    audit::verify(store, head.note(), &quorum, &Known::default(), now).unwrap();

    // A client that was there before.
    let seen = [world.ledger.latest().unwrap().clone()];
    let known = Known {
        checkpoints: &seen,
        ..Known::default()
    };
    let finding = audit::verify(store, head.note(), &quorum, &known, now).unwrap_err();
    let Fault::Forked(evidence) = &finding.fault else {
        panic!("{finding}")
    };
    assert_eq!(evidence.verify(quorum.log()).unwrap(), 700);
    assert_eq!((finding.first, finding.last), (0, 699));
    // One who also holds receipts: exactly which.
    let known = Known {
        promises: &promises,
        ..Known::default()
    };
    let finding = audit::verify(store, head.note(), &quorum, &known, now).unwrap_err();
    let Fault::PromiseBroken(evidence) = &finding.fault else {
        panic!("{finding}")
    };
    evidence.verify(quorum.log()).unwrap();
    assert_eq!((finding.first, finding.last), (350, 350));
}

#[test]
fn a_witness_and_a_client_refuse_the_forked_log() {
    let (mut world, forked, _, head) = rewritten_and_signed();
    let proof = forked.ledger.prove_consistency(700, head.size()).unwrap();
    let witness = &mut world.witnesses[0];
    let request = AddCheckpoint {
        old_size: 700,
        proof: proof.clone(),
        note: head.note().to_vec(),
    };
    let refusal = witness.add_checkpoint(&request, forked.now).unwrap_err();
    assert!(
        matches!(
            refusal,
            Refused::Inconsistent {
                seen: 700,
                size: 750
            }
        ),
        "{refusal}"
    );
    assert!(refusal.to_string().contains("700"));

    let mut client = world.client();
    let last = world.ledger.latest().unwrap();
    client.accept(last.note(), None, world.now).unwrap();
    let refusal = client
        .accept(head.note(), Some(&proof), forked.now)
        .unwrap_err();
    assert!(
        matches!(
            refusal,
            Refused::Inconsistent {
                seen: 700,
                size: 750
            }
        ),
        "{refusal}"
    );
}

#[test]
fn witness_and_client_notice_each_way_of_tampering_once_the_hub_signs_it() {
    let (mut world, _) = World::with_entries(ENTRIES);
    let before = world.ledger.latest().unwrap().clone();
    type Tamper = fn(&mut Vec<Vec<u8>>);
    let ways: [(&str, Tamper); 5] = [
        ("change", |leaves| {
            let last = leaves[350].len() - 1;
            leaves[350][last] ^= 1;
        }),
        ("drop", |leaves| {
            leaves.remove(350);
        }),
        ("reorder", |leaves| leaves.swap(350, 351)),
        ("insert", |leaves| {
            let mut forged = leaves[350].clone();
            forged[80] ^= 1;
            leaves.insert(350, forged);
        }),
        ("truncate", |leaves| leaves.truncate(350)),
    ];
    for (way, tamper) in ways {
        let mut leaves = world.ledger.store().leaves.clone();
        tamper(&mut leaves);
        let mut forged = rebuilt(leaves, world.signer());
        let head = forged.checkpoint(world.now).unwrap();
        let head = world.cosigned_by_newcomers(&head);
        let proof = forged
            .prove_consistency(700.min(head.size()), head.size())
            .unwrap();
        let request = AddCheckpoint {
            old_size: 700,
            proof: proof.clone(),
            note: head.note().to_vec(),
        };
        let mut client = world.client();
        client.accept(before.note(), None, world.now).unwrap();
        let by_witness = world.witnesses[0]
            .add_checkpoint(&request, world.now)
            .unwrap_err();
        let by_client = client
            .accept(head.note(), Some(&proof), world.now)
            .unwrap_err();
        for refusal in [by_witness, by_client] {
            let as_expected = match (way, &refusal) {
                (
                    "change" | "reorder",
                    Refused::Forked {
                        size: 700,
                        evidence,
                    },
                ) => evidence.verify(world.quorum().log()).is_ok(),
                (
                    "insert",
                    Refused::Inconsistent {
                        seen: 700,
                        size: 701,
                    },
                ) => true,
                (
                    "drop",
                    Refused::Smaller {
                        seen: 700,
                        offered: 699,
                    },
                ) => true,
                (
                    "truncate",
                    Refused::Smaller {
                        seen: 700,
                        offered: 350,
                    },
                ) => true,
                _ => false,
            };
            assert!(as_expected, "{way}: {refusal}");
        }
        // And whoever holds the old checkpoint and its own promises finds the entry in the forged copy.
        let known = Known {
            checkpoints: std::slice::from_ref(&before),
            ..Known::default()
        };
        let finding = audit::verify(
            forged.store(),
            head.note(),
            &world.quorum(),
            &known,
            world.now,
        );
        let finding = finding.unwrap_err();
        assert!(
            (finding.first..=finding.last).contains(&350),
            "{way}: {finding}"
        );
    }
}

#[test]
fn the_promises_a_client_holds_name_the_entry_in_a_forged_and_signed_log() {
    let (world, promises) = World::with_entries(ENTRIES);
    let mut leaves = world.ledger.store().leaves.clone();
    leaves.remove(350);
    let mut forged = rebuilt(leaves, world.signer());
    let late = Timestamp(world.now.0 + 61_000);
    let head = forged.checkpoint(late).unwrap();
    let mut world = world;
    world.now = late;
    let head = world.cosigned_by_newcomers(&head);
    let known = Known {
        promises: &promises,
        ..Known::default()
    };
    let finding =
        audit::verify(forged.store(), head.note(), &world.quorum(), &known, late).unwrap_err();
    let Fault::PromiseBroken(evidence) = &finding.fault else {
        panic!("{finding}")
    };
    evidence.verify(world.quorum().log()).unwrap();
    assert_eq!((finding.first, finding.last), (350, 350));
}

#[test]
fn a_clock_that_stands_still_or_goes_back_is_named_with_its_entry() {
    let (mut world, _) = World::with_entries(20);
    // The hub's clock stops; the agencies' go on.
    let stopped = world.now;
    for minutes in [1, 2, 3, 4] {
        world.now = Timestamp(stopped.0 + minutes * 60_000);
        let (_, entry) = world.entry(sanctuary_ledger::EntryKind::Release);
        let public = world.public(entry.entry().actor());
        // An honest ledger refuses what is dated ahead of its clock: this one is patched over.
        let leaf = Leaf {
            received: stopped,
            signed: entry.clone(),
        };
        let _ = entry.check(&public).unwrap();
        let mut leaves = world.ledger.store().leaves.clone();
        leaves.push(leaf.to_bytes());
        world.ledger = rebuilt(leaves, world.signer());
    }
    let head = world.ledger.checkpoint(world.now).unwrap();
    let head = world.cosigned_by_newcomers(&head);
    let check = |store: &MemoryStore, head: &Checkpoint| {
        audit::verify(
            store,
            head.note(),
            &world.quorum(),
            &Known::default(),
            world.now,
        )
    };
    let finding = check(world.ledger.store(), &head).unwrap_err();
    // Two minutes are within what clocks may differ; the third is not.
    assert_eq!(
        (finding.word(), finding.first, finding.last),
        ("clock-frozen", 22, 22)
    );

    let mut leaves = world.ledger.store().leaves[..20].to_vec();
    leaves.swap(3, 9);
    let mut back = rebuilt(leaves, world.signer());
    let head = back.checkpoint(world.now).unwrap();
    let head = world.cosigned_by_newcomers(&head);
    let finding = check(back.store(), &head).unwrap_err();
    assert_eq!((finding.word(), finding.first), ("clock-back", 4));
}

#[test]
fn what_a_hub_makes_up_is_named_even_when_it_signs_it() {
    let (mut world, _) = World::with_entries(20);
    let actors_world = World::new();
    let actors = |party: &_| actors_world.actors(party);
    let forge = |leaves: Vec<Vec<u8>>, world: &mut World| {
        let mut forged = rebuilt(leaves, world.signer());
        let head = forged.checkpoint(world.now).unwrap();
        let head = world.cosigned_by_newcomers(&head);
        let known = Known {
            actors: &actors,
            ..Known::default()
        };
        audit::verify(
            forged.store(),
            head.note(),
            &world.quorum(),
            &known,
            world.now,
        )
        .unwrap_err()
    };
    // An entry in an agency's name that the agency never signed.
    let mut leaves = world.ledger.store().leaves.clone();
    let last = leaves[7].len() - 1;
    leaves[7][last] ^= 1;
    let finding = forge(leaves, &mut world);
    assert_eq!((finding.word(), finding.first), ("wrong-actor", 7));
    assert!(finding.to_string().contains("durham-council"));
    // An act told twice.
    let mut leaves = world.ledger.store().leaves.clone();
    let copy = leaves[19].clone();
    leaves.push(copy);
    assert_eq!(forge(leaves, &mut world).word(), "id-repeated");
    // Something that is no entry.
    let mut leaves = world.ledger.store().leaves.clone();
    leaves[11] = b"free text about a person".to_vec();
    let finding = forge(leaves, &mut world);
    assert_eq!((finding.word(), finding.first), ("not-an-entry", 11));
}
