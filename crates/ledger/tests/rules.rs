//! What clients and witnesses let through, and what they refuse and how they say it.

mod common;

use common::{Marks, ORIGIN, World};
use sanctuary_ledger::{
    AddCheckpoint, ClientView, LogSigner, Quorum, Refused, Witness, WitnessSigner,
};
use sanctuary_types::Timestamp;

const MINUTE_MS: u64 = 60_000;

#[test]
fn a_client_says_which_rule_a_checkpoint_breaks() {
    let (mut world, _) = World::with_entries(20);
    let mut client = world.client();
    let first = world.ledger.latest().unwrap().clone();
    client.accept(first.note(), None, world.now).unwrap();
    world.tick(MINUTE_MS);
    world.act(10);
    let bare = world.ledger.checkpoint(world.now).unwrap();
    let proof = world.ledger.prove_consistency(20, 30).unwrap();
    let now = world.now;

    let refusal = |client: &mut ClientView, note: &[u8], proof, now| {
        client.accept(note, proof, now).unwrap_err()
    };
    assert!(matches!(
        refusal(&mut client, bare.note(), Some(&proof), now),
        Refused::TooFewCosignatures { have: 0, need: 2 }
    ));
    let full = world.publish().unwrap();
    assert!(matches!(
        refusal(&mut client, full.note(), None, now),
        Refused::ProofMissing { seen: 20, size: 30 }
    ));
    assert!(matches!(
        refusal(&mut client, full.note(), Some(&proof[1..]), now),
        Refused::Inconsistent { seen: 20, size: 30 }
    ));
    let late = Timestamp(now.0 + 15 * MINUTE_MS + 1_000);
    assert!(matches!(
        refusal(&mut client, full.note(), Some(&proof), late),
        Refused::Stale {
            age_ms: 901_000,
            max_ms: 900_000
        }
    ));
    let early = Timestamp(now.0 - 3 * MINUTE_MS);
    assert!(matches!(
        refusal(&mut client, full.note(), Some(&proof), early),
        Refused::FromTheFuture { ahead_ms: 180_000 }
    ));
    let text = String::from_utf8(full.note().to_vec()).unwrap();
    let unsigned = text
        .split_inclusive('\n')
        .filter(|l| !l.contains(&format!("\u{2014} {ORIGIN}")));
    let unsigned: String = unsigned.collect();
    assert!(matches!(
        refusal(&mut client, unsigned.as_bytes(), Some(&proof), now),
        Refused::NotSignedByHub
    ));
    let bigger = text.replacen("\n30\n", "\n31\n", 1);
    assert!(matches!(
        refusal(&mut client, bigger.as_bytes(), Some(&proof), now),
        Refused::WrongSignature(_)
    ));
    let elsewhere = text.replacen(ORIGIN, "sanctuary/other/ledger", 1);
    assert!(matches!(
        refusal(&mut client, elsewhere.as_bytes(), Some(&proof), now),
        Refused::OtherLog
    ));
    let extended = text.replacen("\n\n", "\nextension\n\n", 1);
    assert!(matches!(
        refusal(&mut client, extended.as_bytes(), Some(&proof), now),
        Refused::Malformed(_)
    ));
    for rubbish in ["", "\n\n", "a\nb\nc\n\nd\n"] {
        assert!(matches!(
            refusal(&mut client, rubbish.as_bytes(), None, now),
            Refused::Malformed(_)
        ));
    }
    // Nothing of that changed the view.
    assert_eq!(client.last().unwrap().size(), 20);
    client.accept(full.note(), Some(&proof), now).unwrap();
    assert!(matches!(
        refusal(&mut client, first.note(), None, now),
        Refused::Smaller {
            seen: 30,
            offered: 20
        }
    ));
    // A restart forgets nothing.
    let kept = client.last().unwrap().note().to_vec();
    let mut again = ClientView::resume(world.quorum(), &kept).unwrap();
    assert!(matches!(
        refusal(&mut again, first.note(), None, now),
        Refused::Smaller { .. }
    ));
}

#[test]
fn the_hub_cannot_be_its_own_witness_nor_count_one_twice() {
    let (world, _) = World::with_entries(3);
    let quorum = world.quorum();
    let [a, b, _] = quorum.witnesses() else {
        panic!("three witnesses")
    };
    let log = quorum.log().clone();
    let key = WitnessSigner::new("helper", world.hub.clone())
        .unwrap()
        .key();
    assert!(Quorum::new(log.clone(), vec![a.clone(), key], 1).is_err());
    assert!(Quorum::new(log.clone(), vec![a.clone(), a.clone()], 1).is_err());
    assert!(Quorum::new(log.clone(), vec![a.clone(), b.clone()], 3).is_err());
    let same_key = WitnessSigner::new("twin", world.agencies[0].1.clone())
        .unwrap()
        .key();
    assert!(Quorum::new(log, vec![a.clone(), same_key], 2).is_err());

    let signer = WitnessSigner::new(a.name(), world.agencies[0].1.clone()).unwrap();
    let mut witness = Witness::new(signer, quorum.log().clone(), Marks::default());
    let head = world
        .signer()
        .checkpoint(3, world.ledger.latest().unwrap().root(), world.now)
        .unwrap();
    let request = AddCheckpoint {
        old_size: 0,
        proof: vec![],
        note: head.note().to_vec(),
    };
    let line = witness.add_checkpoint(&request, world.now).unwrap();
    // The same line pasted twice is one witness.
    let pasted = [head.note(), &line, &line].concat();
    assert!(matches!(
        world.client().accept(&pasted, None, world.now),
        Err(Refused::TooFewCosignatures { have: 1, need: 2 })
    ));
}

#[test]
fn a_hub_that_re_signs_an_old_tree_without_witnesses_is_stale() {
    let (world, _) = World::with_entries(4);
    let old = world.ledger.latest().unwrap();
    let now = Timestamp(world.now.0 + 20 * MINUTE_MS);
    // The hub's own time is fresh, the witnesses' are those of twenty minutes ago.
    let fresh = world
        .signer()
        .checkpoint(old.size(), old.root(), now)
        .unwrap();
    let text = std::str::from_utf8(old.note()).unwrap();
    let revived = text
        .split_inclusive('\n')
        .skip(6)
        .fold(fresh, |note, line| note.with_line(line.as_bytes()).unwrap());
    assert_eq!(world.quorum().cosignatures(&revived).unwrap().len(), 3);
    assert!(matches!(
        world.client().accept(revived.note(), None, now),
        Err(Refused::Stale { .. })
    ));
}

#[test]
fn a_witness_signs_only_what_grew_from_what_it_saw() {
    let (mut world, _) = World::with_entries(40);
    let mut witness = world.witnesses.remove(0);
    let now = world.now;
    world.act(3);
    world.ledger.checkpoint(now).unwrap();
    let good = world.ledger.for_witness(40).unwrap();

    let wrong_size = AddCheckpoint {
        old_size: 0,
        proof: vec![],
        ..good.clone()
    };
    assert!(matches!(
        witness.add_checkpoint(&wrong_size, now),
        Err(Refused::Conflict { known: 40 })
    ));
    let no_proof = AddCheckpoint {
        proof: vec![],
        ..good.clone()
    };
    assert!(matches!(
        witness.add_checkpoint(&no_proof, now),
        Err(Refused::Inconsistent { seen: 40, size: 43 })
    ));
    let root = *world.ledger.latest().unwrap().root();
    let shrunk = world.signer().checkpoint(39, &root, now).unwrap();
    let shrunk = AddCheckpoint {
        old_size: 39,
        proof: vec![],
        note: shrunk.note().to_vec(),
    };
    assert!(matches!(
        witness.add_checkpoint(&shrunk, now),
        Err(Refused::Smaller {
            seen: 40,
            offered: 39
        })
    ));
    let forked = world.signer().checkpoint(40, &root, now).unwrap();
    let forked = AddCheckpoint {
        old_size: 40,
        proof: vec![],
        note: forked.note().to_vec(),
    };
    let refusal = witness.add_checkpoint(&forked, now).unwrap_err();
    let Refused::Forked { size: 40, evidence } = refusal else {
        panic!("{refusal}")
    };
    assert_eq!(evidence.verify(world.quorum().log()).unwrap(), 40);
    let stranger = LogSigner::new(ORIGIN, world.agencies[1].1.clone()).unwrap();
    let stranger = stranger.checkpoint(43, &root, now).unwrap();
    let unsigned = AddCheckpoint {
        note: stranger.note().to_vec(),
        ..good.clone()
    };
    assert!(matches!(
        witness.add_checkpoint(&unsigned, now),
        Err(Refused::NotSignedByHub)
    ));
    let old = Timestamp(now.0 + 16 * MINUTE_MS);
    assert!(matches!(
        witness.add_checkpoint(&good, old),
        Err(Refused::Stale { .. })
    ));
    assert_eq!(witness.silent_ms(now).unwrap(), None);
    assert_eq!(witness.silent_ms(old).unwrap(), Some(16 * MINUTE_MS));

    witness.add_checkpoint(&good, now).unwrap();
    assert_eq!(witness.known_size().unwrap(), 43);
}

#[test]
fn a_witness_that_cannot_remember_does_not_sign() {
    let (mut world, _) = World::with_entries(4);
    let (id, key) = world.agencies[0].clone();
    let signer = WitnessSigner::new(id.as_str(), key).unwrap();
    let marks = Marks {
        fail: true,
        ..Marks::default()
    };
    let mut witness = Witness::new(signer, world.quorum().log().clone(), marks);
    world.ledger.checkpoint(world.now).unwrap();
    let request = world.ledger.for_witness(0).unwrap();
    assert!(witness.add_checkpoint(&request, world.now).is_err());
    assert_eq!(witness.known_size().unwrap(), 0);
}

#[test]
fn a_cosignature_of_a_stranger_is_not_added() {
    let (mut world, _) = World::with_entries(4);
    let quorum = world.quorum();
    let signer = WitnessSigner::new("stranger", world.agencies[0].1.clone()).unwrap();
    let mut stranger = Witness::new(signer, quorum.log().clone(), Marks::default());
    let request = world.ledger.for_witness(0).unwrap();
    let line = stranger.add_checkpoint(&request, world.now).unwrap();
    let before = world.ledger.latest().unwrap().clone();
    assert!(world.ledger.add_cosignature(&line, &quorum).is_err());
    assert!(world.ledger.add_cosignature(b"rubbish", &quorum).is_err());
    assert_eq!(world.ledger.latest().unwrap(), &before);
}
