//! What a hub could do to the carriage, each refused and kept as an alarm by the node it is done to.

mod common;

use common::*;
use sanctuary_casework::{CaseworkError, ParcelContent, ParcelId, Received};
use sanctuary_envelope::{Envelope, EnvelopeError, KeyRing, Suite};
use sanctuary_policy::Field;
use sanctuary_trust::SigningKey;

const WANTED: [Field; 1] = [Field::Risk];

fn rule(received: Received) -> String {
    match received {
        Received::Refused(alarm) => alarm.rule,
        other => format!("{other:?}"),
    }
}

/// Asked and proven, the sealed request not yet delivered.
fn under_way() -> (World, sanctuary_types::CaseId, sanctuary_casework::Parcel) {
    let mut world = World::new(&["police", "charity"]);
    world.settle(NOW);
    let case = world.ask("charity", &WANTED, "words on their way", NOW);
    for _ in 0..6 {
        for name in ["police", "charity"] {
            world.collect(name, NOW).unwrap();
        }
        let envelope = world
            .mail
            .iter()
            .position(|p| matches!(p.content, ParcelContent::Envelope(_)));
        if let Some(at) = envelope {
            let parcel = world.mail.remove(at);
            world.deliver("charity", NOW).unwrap();
            return (world, case, parcel);
        }
        for name in ["charity", "police"] {
            world.deliver(name, NOW).unwrap();
        }
    }
    panic!("the request never left");
}

fn envelope(parcel: &sanctuary_casework::Parcel) -> Envelope {
    match &parcel.content {
        ParcelContent::Envelope(envelope) => (**envelope).clone(),
        _ => panic!("not an envelope"),
    }
}

#[test]
fn an_invented_match_is_refused_and_nothing_leaves() {
    let mut world = World::new(&["police", "charity"]);
    let alert = alert_between("police", "charity");
    // The two hold nothing in common; the hub says that they do.
    world
        .at("charity")
        .outside
        .tokens
        .lock()
        .unwrap()
        .insert(alert, vec![[9; 32]]);
    world.settle(NOW);
    let case = world.ask("charity", &WANTED, "words on an invented match", NOW);
    world.settle(NOW);
    assert_eq!(world.at("police").rules(), ["invented_match"]);
    assert_eq!(world.stage("police", &case), "authorised");
    assert!(
        !world
            .seen
            .iter()
            .any(|p| matches!(p.content, ParcelContent::Envelope(_)))
    );
}

#[test]
fn a_swapped_recipient_key_is_refused() {
    let mut world = World::new(&["police", "charity"]);
    world.settle(NOW);
    let forger = SigningKey::generate(&mut world.rng).unwrap();
    let mut ring = KeyRing::default();
    let forged = ring
        .rotate(
            &id("charity"),
            Suite::XWing,
            &forger,
            later(1),
            &mut world.rng,
        )
        .unwrap();
    let refused = world
        .at("police")
        .work()
        .learn_key(&forged, NOW)
        .unwrap_err();
    assert!(matches!(
        refused,
        CaseworkError::Envelope(EnvelopeError::SwappedKey { .. })
    ));
    let _ = world.at("police").work().learn_key(&forged, NOW);
    assert_eq!(world.at("police").rules(), ["swapped_key"], "once");
}

#[test]
fn a_replayed_envelope_is_refused_and_an_honest_repeat_is_not() {
    let (mut world, case, parcel) = under_way();
    assert_eq!(world.receive("charity", &parcel, NOW), Received::Taken);
    assert_eq!(world.receive("charity", &parcel, NOW), Received::Again);
    let mut replay = parcel.clone();
    replay.id = ParcelId([8; 16]);
    assert_eq!(rule(world.receive("charity", &replay, NOW)), "replayed");
    assert_eq!(world.stage("charity", &case), "sent");
}

#[test]
fn a_re_signed_or_altered_envelope_is_refused() {
    let (mut world, _, parcel) = under_way();
    let mut forged = envelope(&parcel);
    forged.signature = SigningKey::generate(&mut world.rng)
        .unwrap()
        .sign(b"sanctuary/v1/forged");
    let mut bad = parcel.clone();
    bad.content = ParcelContent::Envelope(Box::new(forged));
    assert_eq!(rule(world.receive("charity", &bad, NOW)), "outer_signature");
    let mut altered = envelope(&parcel);
    altered.sealed[5] ^= 1;
    bad.content = ParcelContent::Envelope(Box::new(altered));
    assert_eq!(rule(world.receive("charity", &bad, NOW)), "outer_signature");
    bad = parcel.clone();
    bad.from = id("council");
    assert!(matches!(
        world.receive("charity", &bad, NOW),
        Received::Refused(_)
    ));
    assert_eq!(
        world.receive("charity", &parcel, NOW),
        Received::Taken,
        "the true one still opens"
    );
}

#[test]
fn an_envelope_delayed_past_its_expiry_is_refused() {
    let (mut world, _, parcel) = under_way();
    assert_eq!(
        rule(world.receive("charity", &parcel, later(31 * DAY_MS))),
        "expired"
    );
}
