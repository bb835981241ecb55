//! The evaluation use-case: every refusal, the charge, the receipt.
#![allow(clippy::unwrap_used)]

mod world;

use sanctuary_holder_core::{
    EvaluationRequest, HolderError, KeyRing, QuotaOverrides, ShareStore, memory::MemoryShares,
};
use sanctuary_toprf::Answer;
use sanctuary_trust::{Manifest, verify};
use sanctuary_types::{Epoch, Generation, KeyClass, Timestamp, lp};
use sha2::{Digest, Sha256};
use world::{NOW, World, manifest, request, share_id};

const DAY_MS: u64 = 86_400_000;

impl World {
    /// Holder 1's answer to `caller`.
    fn ask(
        &mut self,
        caller: &str,
        request: &EvaluationRequest<'_>,
        now: Timestamp,
    ) -> Result<sanctuary_holder_core::Evaluation, HolderError> {
        let caller = self.party(caller);
        let holder = &self.holders[0];
        holder
            .evaluator
            .evaluate(&holder.ring, &caller, request, now, &mut self.rng)
    }

    fn used(&self, caller: &str) -> u64 {
        let holder = &self.holders[0];
        let class = KeyClass::Person;
        let status = holder
            .evaluator
            .quota(&holder.ring, &self.party(caller), class, NOW);
        status.unwrap().used_today
    }
}

#[test]
fn any_two_of_three_holders_give_the_same_outputs() {
    let mut world = World::new();
    let blinded = world.blind(5);
    let keys = world.keys.check().unwrap();
    let police = world.party("police");
    let mut outputs = Vec::new();
    for quorum in [[1, 2], [1, 3], [2, 3]] {
        let answers: Vec<Answer> = quorum
            .iter()
            .map(|index| {
                let holder = &world.holders[usize::from(*index) - 1];
                let asked = EvaluationRequest {
                    quorum: &quorum,
                    ..request(blinded.elements(), 1)
                };
                let evaluation = holder
                    .evaluator
                    .evaluate(&holder.ring, &police, &asked, NOW, &mut world.rng)
                    .unwrap();
                Answer {
                    holder: *index,
                    elements: evaluation.elements,
                    proof: evaluation.receipt.proof,
                }
            })
            .collect();
        let finished = blinded.finish(&keys, &quorum, &answers).unwrap();
        outputs.push(finished.iter().map(|o| *o.as_bytes()).collect::<Vec<_>>());
    }
    assert_eq!(outputs[0], outputs[1]);
    assert_eq!(outputs[0], outputs[2]);
    // The other quorums at one holder were retransmissions of the same batch.
    assert_eq!(world.used("police"), 5);
}

#[test]
fn the_receipt_says_what_was_done_and_is_signed() {
    let mut world = World::new();
    let blinded = world.blind(2);
    let asked = request(blinded.elements(), 7);
    let given = world.ask("police", &asked, NOW).unwrap();
    let digest = |bytes: &[u8]| -> [u8; 32] { Sha256::digest(bytes).into() };
    let message = lp(&[
        b"sanctuary/v1/oprf-receipt",
        b"alder",
        b"police",
        &[1],
        &3u32.to_be_bytes(),
        &0u32.to_be_bytes(),
        &[0, 1, 0, 2],
        &[7; 16],
        &2u32.to_be_bytes(),
        &digest(blinded.elements()),
        &digest(&given.elements),
        &given.receipt.proof,
        &2u32.to_be_bytes(),
        &NOW.0.to_be_bytes(),
    ]);
    let alder = world.party("alder").signing_key;
    verify(&alder, &message, &given.signature).unwrap();
    let mut other = message;
    *other.last_mut().unwrap() ^= 1;
    assert!(verify(&alder, &other, &given.signature).is_err());
}

#[test]
fn a_retransmission_is_free_and_gives_the_same_elements() {
    let mut world = World::new();
    let blinded = world.blind(40);
    let asked = request(blinded.elements(), 1);
    let first = world.ask("police", &asked, NOW).unwrap();
    let again = world.ask("police", &asked, NOW).unwrap();
    assert_eq!(first.elements, again.elements);
    assert_eq!((first.receipt.charged, again.receipt.charged), (40, 0));
    assert_eq!(world.used("police"), 40);
}

#[test]
fn over_the_limit_is_refused_until_the_next_day() {
    let mut world = World::new();
    let blinded = world.blind(21);
    world
        .ask("police", &request(blinded.elements(), 1), NOW)
        .unwrap();
    let second = world.blind(20);
    let asked = request(second.elements(), 2);
    let refused = world.ask("police", &asked, NOW).unwrap_err();
    assert_eq!(
        refused,
        HolderError::OverQuota {
            class: "person",
            limit: 40,
            used: 21,
            asked: 20,
            resets_ms: (u64::from(NOW.day()) + 1) * DAY_MS,
        }
    );
    assert_eq!(world.used("police"), 21, "a refusal costs nothing");
    assert!(
        world
            .ask("council", &request(blinded.elements(), 3), NOW)
            .is_err()
    );
    let identifier = EvaluationRequest {
        class: KeyClass::Identifier,
        ..asked.clone()
    };
    world.ask("police", &identifier, NOW).unwrap();
    let third = world.blind(20);
    let tomorrow = Timestamp(NOW.0 + DAY_MS);
    world
        .ask("police", &request(third.elements(), 4), tomorrow)
        .unwrap();
}

#[test]
fn batches_of_others_and_changed_batches_are_refused() {
    let mut world = World::new();
    let (first, second) = (world.blind(1), world.blind(1));
    world
        .ask("police", &request(first.elements(), 1), NOW)
        .unwrap();
    for (elements, batch) in [(&first, 1), (&second, 1), (&first, 2)] {
        let replayed = world.ask("council", &request(elements.elements(), batch), NOW);
        assert_eq!(replayed.unwrap_err(), HolderError::OtherAgency);
    }
    let changed = world.ask("police", &request(second.elements(), 1), NOW);
    assert_eq!(changed.unwrap_err(), HolderError::ChangedBatch);
    let other_key = EvaluationRequest {
        class: KeyClass::Identifier,
        ..request(first.elements(), 1)
    };
    // Free evaluation under a second key would be a hole in the quota.
    let changed = world.ask("police", &other_key, NOW);
    assert_eq!(changed.unwrap_err(), HolderError::ChangedBatch);
}

#[test]
fn only_agencies_may_ask() {
    let mut world = World::new();
    let blinded = world.blind(1);
    for caller in ["hub", "birch", "officer-1"] {
        let refused = world.ask(caller, &request(blinded.elements(), 1), NOW);
        assert!(matches!(refused, Err(HolderError::WrongKind { .. })));
    }
}

#[test]
fn malformed_requests_are_refused_before_the_charge() {
    let mut world = World::new();
    let blinded = world.blind(1);
    let good = request(blinded.elements(), 1);
    let long = vec![1; 32 * 4097];
    let purposes = ["", "Case 12", &"x".repeat(65)];
    let mut bad: Vec<EvaluationRequest<'_>> = vec![
        EvaluationRequest {
            elements: &[],
            ..good.clone()
        },
        EvaluationRequest {
            elements: &blinded.elements()[..31],
            ..good.clone()
        },
        EvaluationRequest {
            elements: &long,
            ..good.clone()
        },
    ];
    let quorums: [&[u16]; 7] = [&[], &[1], &[2, 1], &[1, 1], &[2, 3], &[1, 4], &[1, 2, 3]];
    bad.extend(quorums.map(|quorum| EvaluationRequest {
        quorum,
        ..good.clone()
    }));
    bad.extend(purposes.iter().map(|purpose| EvaluationRequest {
        purpose,
        ..good.clone()
    }));
    for (i, asked) in bad.iter().enumerate() {
        let code = world.ask("police", asked, NOW).unwrap_err().code();
        let expected = ["elements", "batch_size", "quorum", "field"];
        assert!(expected.contains(&code), "request {i}: {code}");
    }
    assert_eq!(world.used("police"), 0);
}

#[test]
fn identity_and_non_canonical_points_are_refused() {
    let mut world = World::new();
    let good = world.blind(1).elements().to_vec();
    // Identity; all ones (non-canonical); the prime itself plus one; a negative field element.
    let mut above_prime = [0xff; 32];
    above_prime[0] = 0xee;
    above_prime[31] = 0x7f;
    let mut negative = [0; 32];
    negative[0] = 1;
    for (batch, bad) in (1..).zip([[0; 32], [0xff; 32], above_prime, negative]) {
        let elements = [good.clone(), bad.to_vec()].concat();
        let refused = world.ask("police", &request(&elements, batch), NOW);
        assert_eq!(refused.unwrap_err(), HolderError::Elements);
    }
}

#[test]
fn a_stale_epoch_or_generation_names_the_current_one() {
    let mut world = World::new();
    let blinded = world.blind(1);
    for (epoch, generation) in [(2, 0), (4, 0), (3, 1)] {
        let asked = EvaluationRequest {
            epoch: Epoch(epoch),
            generation: Generation(generation),
            ..request(blinded.elements(), 1)
        };
        let refused = world.ask("police", &asked, NOW).unwrap_err();
        assert!(matches!(
            refused,
            HolderError::Stale {
                epoch: Epoch(3),
                ..
            }
        ));
        let text = refused.to_string();
        assert!(text.contains("fetch the manifest of epoch 3 generation 0"));
    }
    let after_its_end = Timestamp(NOW.0 + 400 * DAY_MS);
    let refused = world.ask("police", &request(blinded.elements(), 1), after_its_end);
    assert!(matches!(refused, Err(HolderError::NoKey { .. })));
}

#[test]
fn two_epochs_overlap_and_a_grant_replaces_the_limit() {
    let mut world = World::new();
    let grant = ("police".parse().unwrap(), KeyClass::Person);
    let mut ring = KeyRing::new(QuotaOverrides::from([(grant, 3)]));
    let shares = MemoryShares::default();
    let share = world.holders[0]
        .shares
        .load(share_id(KeyClass::Person))
        .unwrap()
        .unwrap();
    for epoch in [Epoch(3), Epoch(4)] {
        let mut id = share_id(KeyClass::Person);
        id.epoch = epoch;
        shares.save(id, &share).unwrap();
        let manifest = Manifest {
            epoch,
            ..manifest(&world.partnership, &world.keys)
        };
        ring.add(&world.holders[0].id, manifest, &shares).unwrap();
    }
    world.holders[0].ring = ring;
    for (batch, epoch) in [(1, 3), (2, 4)] {
        let blinded = world.blind(1);
        let asked = EvaluationRequest {
            epoch: Epoch(epoch),
            ..request(blinded.elements(), batch)
        };
        world.ask("police", &asked, NOW).unwrap();
    }
    // Epochs share one count: two keys do not double the quota.
    let blinded = world.blind(2);
    let refused = world.ask("police", &request(blinded.elements(), 3), NOW);
    assert!(matches!(
        refused,
        Err(HolderError::OverQuota {
            limit: 3,
            used: 2,
            ..
        })
    ));
}

#[test]
fn a_manifest_that_does_not_fit_the_share_is_refused() {
    let world = World::new();
    let own = &world.holders[0];
    let good = manifest(&world.partnership, &world.keys);
    let add = |manifest: Manifest| {
        KeyRing::default()
            .add(&own.id, manifest, &own.shares)
            .unwrap_err()
    };
    let mut swapped = good.clone();
    swapped.share_keys.swap(0, 1);
    assert!(matches!(add(swapped), HolderError::ShareMismatch { .. }));
    let mut reordered = good.clone();
    reordered.holders.swap(0, 1);
    assert!(matches!(add(reordered), HolderError::ShareMismatch { .. }));
    let mut without = good.clone();
    without.holders.remove(0);
    assert!(matches!(add(without), HolderError::NotAHolder { .. }));
    let other = Manifest {
        epoch: Epoch(9),
        ..good
    };
    assert!(matches!(add(other), HolderError::NoShare { .. }));
}
