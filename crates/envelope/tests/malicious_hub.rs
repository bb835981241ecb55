//! Everything a hub could do to a proof, a key or an envelope, each refused with its own error.

mod common;

use common::{Agency, CASE, DAY_MS, MATCH, NOW, World, about, id, later, prove};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};
use sanctuary_envelope::{
    Envelope, EnvelopeError, KeyRing, MatchSecret, Suite, answer_hello, begin, open,
};
use sanctuary_types::{AlertId, CaseId, Epoch, Timestamp};

fn worlds() -> impl Iterator<Item = World> {
    Suite::ALL.into_iter().map(World::new)
}

#[test]
fn an_honest_envelope_opens_once_in_both_suites() {
    for mut world in worlds() {
        let envelope = world.sealed(b"a request");
        let opened = world.open(&envelope, later(DAY_MS)).unwrap();
        assert_eq!(
            (opened.body.as_slice(), opened.case),
            (&b"a request"[..], CASE)
        );
        assert_eq!(
            world.open(&envelope, later(DAY_MS)).unwrap_err(),
            EnvelopeError::Replayed
        );
    }
}

#[test]
fn a_hub_that_invents_a_match_is_found_by_both_sides() {
    let world = World::new(Suite::XWing);
    let mut rng = world.rng;
    // The two nodes hold different identifiers.
    let error = prove(&[[1; 32]], &[[2; 32]], &mut rng).unwrap_err();
    assert_eq!(
        error,
        EnvelopeError::InventedMatch {
            peer: id("charity")
        }
    );
    // One of several differs, one is missing.
    assert!(prove(&[[1; 32], [2; 32]], &[[1; 32], [3; 32]], &mut rng).is_err());
    assert!(prove(&[[1; 32], [2; 32]], &[[1; 32]], &mut rng).is_err());
    // The hub plays the asker: it has no secret, so the owner's node refuses its finish.
    let secret = || MatchSecret::combine(MATCH, &[[1; 32]]).unwrap();
    let (_, hello) = begin(
        about(),
        MatchSecret::combine(MATCH, &[[9; 32]]).unwrap(),
        &mut rng,
    );
    let (owner, reply) = answer_hello(&about(), secret(), &hello, &mut rng).unwrap();
    let forged = sanctuary_envelope::Finish {
        about: about(),
        mac: reply.mac,
    };
    assert_eq!(
        owner.confirm(&forged).unwrap_err(),
        EnvelopeError::InventedMatch { peer: id("police") }
    );
    // It reflects a node's own proof, or replays one of an earlier proof.
    let (asker, hello) = begin(about(), secret(), &mut rng);
    let (_, old_hello) = begin(about(), secret(), &mut rng);
    let (_, old_reply) = answer_hello(&about(), secret(), &old_hello, &mut rng).unwrap();
    assert!(asker.finish(&old_reply).is_err());
    // It hands the proof to another agency or match.
    let mut elsewhere = about();
    elsewhere.owner = id("council");
    assert_eq!(
        answer_hello(&elsewhere, secret(), &hello, &mut rng).unwrap_err(),
        EnvelopeError::ProofMismatch
    );
    elsewhere = about();
    elsewhere.match_id = AlertId([8; 16]);
    assert_eq!(
        answer_hello(&elsewhere, secret(), &hello, &mut rng).unwrap_err(),
        EnvelopeError::ProofMismatch
    );
    assert_eq!(
        MatchSecret::combine(MATCH, &[]).unwrap_err(),
        EnvelopeError::NothingShared
    );
}

#[test]
fn the_order_and_number_of_shared_tokens_does_not_matter() {
    let mut rng = World::new(Suite::X25519).rng;
    let (a, b) = prove(&[[1; 32], [2; 32], [1; 32]], &[[2; 32], [1; 32]], &mut rng).unwrap();
    assert_eq!(a.expose(), b.expose());
}

#[test]
fn a_hub_that_swaps_a_recipient_key_is_refused() {
    for mut world in worlds() {
        let mut rng = StdRng::from_seed([6; 32]);
        let mut hub = Agency::new("charity", &mut rng);
        let forged = hub
            .ring
            .rotate(
                &id("charity"),
                world.suite,
                &hub.signing,
                later(1),
                &mut rng,
            )
            .unwrap();
        let charity_key = world.charity.signing.public();
        assert_eq!(
            world
                .police
                .book
                .learn(forged.clone(), &charity_key)
                .unwrap_err(),
            EnvelopeError::SwappedKey {
                party: id("charity")
            }
        );
        // The true signature over another key.
        let mut mixed = world
            .charity
            .ring
            .announcement(&world.charity.id, &world.charity.signing)
            .unwrap();
        mixed.public = forged.public;
        mixed.key_id = forged.key_id;
        assert!(matches!(
            world.police.book.learn(mixed, &charity_key),
            Err(EnvelopeError::SwappedKey { .. })
        ));
        // And what is sealed goes to the true key still.
        let envelope = world.sealed(b"x");
        assert!(world.open(&envelope, NOW).is_ok());
    }
}

#[test]
fn a_hub_that_hands_out_an_old_key_is_refused_and_old_keys_are_destroyed() {
    let mut world = World::new(Suite::XWing);
    let charity = &mut world.charity;
    let first = charity
        .ring
        .announcement(&charity.id, &charity.signing)
        .unwrap();
    let mut rotate = |at: Timestamp| {
        charity.ring.rotate(
            &charity.id,
            Suite::XWing,
            &charity.signing,
            at,
            &mut world.rng,
        )
    };
    assert!(rotate(later(20 * DAY_MS)).is_none());
    let second = rotate(later(28 * DAY_MS)).unwrap();
    let key = charity.signing.public();
    let early = Envelope::clone(&world.sealed(b"late approval"));
    world.police.book.learn(second.clone(), &key).unwrap();
    assert_eq!(
        world.police.book.learn(first, &key).unwrap_err(),
        EnvelopeError::OldKey {
            party: id("charity")
        }
    );
    // The hub keeps new keys back: after the fresh days nothing is sealed any more.
    assert!(
        world
            .police
            .book
            .current(&id("charity"), later(57 * DAY_MS))
            .is_ok()
    );
    assert_eq!(
        world
            .police
            .book
            .current(&id("charity"), later(58 * DAY_MS))
            .unwrap_err(),
        EnvelopeError::NoKey {
            party: id("charity")
        }
    );
    // The old private key still opens what was sealed to it, until it is destroyed.
    let stored = world.charity.ring.to_bytes();
    world.charity.ring = KeyRing::from_bytes(&stored).unwrap();
    assert!(world.open(&early, later(DAY_MS)).is_ok());
    world.charity.ring.destroy(later(60 * DAY_MS));
    assert_eq!(world.charity.ring.to_bytes().len(), 41);
    assert_eq!(
        world.open(&early, later(DAY_MS)).unwrap_err(),
        EnvelopeError::DestroyedKey
    );
    assert!(KeyRing::from_bytes(&stored[1..]).is_err());
}

#[test]
fn a_hub_that_signs_anew_is_refused() {
    for mut world in worlds() {
        let mut envelope = world.sealed(b"x");
        let hub = Agency::new("hub", &mut world.rng);
        // It signs with its own key, and the recipient checks the sender's.
        envelope.signature = hub.signing.sign(b"anything");
        assert_eq!(
            world.open(&envelope, NOW).unwrap_err(),
            EnvelopeError::OuterSignature { from: id("police") }
        );
        // With a corrupt agency that the hub names as the sender: the header is not what is expected.
        envelope.header.from = id("council");
        assert_eq!(
            world.open(&envelope, NOW).unwrap_err(),
            EnvelopeError::Header("another sender")
        );
        // Even a recipient that believed the hub's key does not open it: the true key is in the info.
        let mut stripped = world.sealed(b"y");
        stripped.signature = resigned(&stripped, &hub);
        let mut expected = world.expectation();
        expected.case = Some(CASE);
        let opened = open(
            &stripped,
            &expected,
            &hub.signing.public(),
            &world.charity.ring,
            &world.session,
            &mut world.charity.seen,
            NOW,
        );
        assert_eq!(opened.unwrap_err(), EnvelopeError::DoesNotOpen);
    }
}

/// A signature by another key over exactly what the sender signed (the format is public).
fn resigned(envelope: &Envelope, by: &Agency) -> [u8; 64] {
    use sha2::{Digest, Sha256};
    by.signing.sign(&sanctuary_types::lp(&[
        b"sanctuary/v1/envelope-sig",
        &envelope.header.to_bytes(),
        &envelope.encapsulated,
        &Sha256::digest(&envelope.sealed),
    ]))
}

#[test]
fn a_hub_that_alters_the_header_is_refused_field_by_field() {
    let mut world = World::new(Suite::XWing);
    let envelope = world.sealed(b"x");
    type Alter = fn(&mut Envelope);
    let altered: [(Alter, EnvelopeError); 8] = [
        (
            |e| e.header.to = id("council"),
            EnvelopeError::Header("another recipient"),
        ),
        (
            |e| e.header.match_id = AlertId([9; 16]),
            EnvelopeError::Header("another match"),
        ),
        (
            |e| e.header.epoch = Epoch(4),
            EnvelopeError::Header("another epoch"),
        ),
        (
            |e| e.header.agreement_version = 2,
            EnvelopeError::Header("another version of the sharing agreement"),
        ),
        (|e| e.header.suite = Suite::X25519, EnvelopeError::Suite),
        (
            |e| e.header.case = CaseId([2; 16]),
            EnvelopeError::OuterSignature { from: id("police") },
        ),
        (
            |e| e.header.expires = later(900 * DAY_MS),
            EnvelopeError::OuterSignature { from: id("police") },
        ),
        (
            |e| e.header.created = later(1),
            EnvelopeError::OuterSignature { from: id("police") },
        ),
    ];
    for (alter, expected) in altered {
        let mut copy = envelope.clone();
        alter(&mut copy);
        assert_eq!(world.open(&copy, NOW).unwrap_err(), expected);
    }
    let mut wanted = world.expectation();
    wanted.case = Some(CaseId([3; 16]));
    let opened = open(
        &envelope,
        &wanted,
        &world.police.signing.public(),
        &world.charity.ring,
        &world.session,
        &mut world.charity.seen,
        NOW,
    );
    assert_eq!(opened.unwrap_err(), EnvelopeError::Header("another case"));
    // None of the altered copies spoilt the true one.
    assert!(world.open(&envelope, NOW).is_ok());
}

#[test]
fn a_hub_that_delays_past_expiry_is_refused() {
    let mut world = World::new(Suite::XWing);
    let envelope = world.sealed(b"x");
    assert_eq!(
        world.open(&envelope, later(2 * DAY_MS)).unwrap_err(),
        EnvelopeError::Expired
    );
    let early = Timestamp(NOW.0 - 6 * 60_000);
    assert_eq!(
        world.open(&envelope, early).unwrap_err(),
        EnvelopeError::FromTheFuture
    );
    assert!(world.open(&envelope, later(2 * DAY_MS - 1)).is_ok());
}

#[test]
fn a_thief_of_the_recipient_key_opens_nothing_without_the_match_secret() {
    let mut world = World::new(Suite::XWing);
    let envelope = world.sealed(b"x");
    let (other, _) = prove(&[[4; 32]], &[[4; 32]], &mut world.rng).unwrap();
    world.session = other;
    assert_eq!(
        world.open(&envelope, NOW).unwrap_err(),
        EnvelopeError::DoesNotOpen
    );
}

#[test]
fn a_refusal_and_a_report_have_one_size_and_the_message_does_not_show() {
    let mut world = World::new(Suite::XWing);
    let short = world.sealed(b"{}");
    let long = world.sealed(&[b'r'; 12_000]);
    assert_eq!(short.sealed.len(), long.sealed.len());
    short.check_sizes().unwrap();
    let needle = [b'r'; 16];
    assert!(!long.sealed.windows(16).any(|w| w == needle));
    let mut odd = short;
    odd.sealed.push(0);
    assert_eq!(odd.check_sizes().unwrap_err(), EnvelopeError::Size);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_flipped_bit_is_refused(place in any::<prop::sample::Index>(), bit in 0u8..8, part in 0u8..3) {
        let mut world = World::new(Suite::X25519);
        let mut envelope = world.sealed(b"a message");
        match part {
            0 => { let i = place.index(envelope.sealed.len()); envelope.sealed[i] ^= 1 << bit; }
            1 => { let i = place.index(envelope.encapsulated.len()); envelope.encapsulated[i] ^= 1 << bit; }
            _ => { let i = place.index(64); envelope.signature[i] ^= 1 << bit; }
        }
        let error = world.open(&envelope, NOW).unwrap_err();
        prop_assert_eq!(error, EnvelopeError::OuterSignature { from: id("police") });
    }

    #[test]
    fn bodies_of_any_length_come_back(body in prop::collection::vec(any::<u8>(), 0..70_000)) {
        let mut world = World::new(Suite::X25519);
        let envelope = world.sealed(&body);
        let opened = world.open(&envelope, NOW).unwrap();
        prop_assert_eq!(opened.body.as_slice(), body.as_slice());
    }
}
