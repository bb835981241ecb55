use sanctuary_keyshare::{KeyShare, KeyshareError, dealer};
use sanctuary_toprf::{Answer, Blinded, CheckedKeys, ToprfError};
use sanctuary_types::limits::OPRF_ELEMENTS_MAX;

use crate::{answers, rng};

fn two_of_three() -> (Vec<KeyShare>, CheckedKeys) {
    let (shares, keys) = dealer::deal(2, 3, &mut rng(11)).unwrap();
    (shares, keys.check().unwrap())
}

#[test]
fn every_wrong_answer_is_refused_and_its_holder_named() {
    let (shares, keys) = two_of_three();
    let inputs = [b"one", b"two", b"six"];
    let batch = Blinded::new(&keys, &inputs, &mut rng(1)).unwrap();
    let earlier = Blinded::new(&keys, &inputs, &mut rng(2)).unwrap();
    let quorum = [1, 3];
    let right = answers(&shares, &quorum, &batch);
    assert!(batch.finish(&keys, &quorum, &right).is_ok());

    let replayed = answers(&shares, &quorum, &earlier);
    let other_quorum = answers(&shares, &[2, 3], &batch);
    type Wrong<'a> = (&'a str, Box<dyn Fn(&mut Answer) + 'a>);
    let wrongs: [Wrong<'_>; 11] = [
        ("swapped elements", Box::new(|a| a.elements.rotate_left(32))),
        (
            "replayed",
            Box::new(|a| a.clone_from(replayed.iter().find(|r| r.holder == a.holder).unwrap())),
        ),
        (
            "replayed elements only",
            Box::new(|a| a.elements.clone_from(&replayed[0].elements)),
        ),
        ("one element short", Box::new(|a| a.elements.truncate(64))),
        ("a byte short", Box::new(|a| a.elements.truncate(95))),
        (
            "one element more",
            Box::new(|a| a.elements.extend_from_within(..32)),
        ),
        ("empty", Box::new(|a| a.elements.clear())),
        ("identity", Box::new(|a| a.elements[32..64].fill(0))),
        ("non-canonical", Box::new(|a| a.elements[32..64].fill(0xff))),
        ("changed proof", Box::new(|a| a.proof[40] ^= 1)),
        ("zero proof", Box::new(|a| a.proof.fill(0))),
    ];
    for (what, spoil) in &wrongs {
        for (position, holder) in quorum.into_iter().enumerate() {
            let mut spoilt = right.clone();
            spoil(&mut spoilt[position]);
            assert_eq!(
                batch.finish(&keys, &quorum, &spoilt).unwrap_err(),
                ToprfError::BadAnswer { holder },
                "{what}"
            );
        }
    }
    // Holder 3 answered for another quorum: its weight, and so its key, is another.
    let mut spoilt = right.clone();
    spoilt[1].clone_from(&other_quorum[1]);
    let refused = batch.finish(&keys, &quorum, &spoilt);
    assert_eq!(refused.unwrap_err(), ToprfError::BadAnswer { holder: 3 });
    // Two holders' answers exchanged.
    let mut spoilt = right.clone();
    (spoilt[0].holder, spoilt[1].holder) = (3, 1);
    let refused = batch.finish(&keys, &quorum, &spoilt);
    assert_eq!(refused.unwrap_err(), ToprfError::BadAnswer { holder: 1 });
    // After a refusal the same batch goes to another quorum.
    assert!(batch.finish(&keys, &[2, 3], &other_quorum).is_ok());
}

#[test]
fn answers_must_be_one_of_each_holder_of_the_quorum() {
    let (shares, keys) = two_of_three();
    let batch = Blinded::new(&keys, &[b"x"], &mut rng(1)).unwrap();
    let right = answers(&shares, &[1, 2], &batch);
    let refusal =
        |quorum: &[u16], given: &[Answer]| batch.finish(&keys, quorum, given).unwrap_err();
    assert_eq!(
        refusal(&[1, 2], &right[..1]),
        ToprfError::AnswerCount { holder: 2 }
    );
    let repeated = [right[0].clone(), right[0].clone(), right[1].clone()];
    assert_eq!(
        refusal(&[1, 2], &repeated),
        ToprfError::AnswerCount { holder: 1 }
    );
    assert_eq!(
        refusal(&[1, 3], &right),
        ToprfError::AnswerCount { holder: 2 }
    );
    assert_eq!(
        refusal(&[2, 1], &right),
        ToprfError::Quorum { threshold: 2 }
    );
    assert_eq!(
        refusal(&[1, 4], &[]),
        ToprfError::UnknownHolder { holder: 4 }
    );
    let mut reordered = right.clone();
    reordered.reverse();
    assert!(batch.finish(&keys, &[1, 2], &reordered).is_ok());
}

#[test]
fn a_batch_is_finished_only_under_the_key_it_was_blinded_for() {
    let (shares, keys) = two_of_three();
    let other = dealer::deal(2, 3, &mut rng(12)).unwrap().1.check().unwrap();
    let batch = Blinded::new(&keys, &[b"x"], &mut rng(1)).unwrap();
    let right = answers(&shares, &[1, 2], &batch);
    assert_eq!(
        batch.finish(&other, &[1, 2], &right).unwrap_err(),
        ToprfError::OtherKey
    );
}

#[test]
fn holders_refuse_what_they_must_not_multiply() {
    let (shares, keys) = two_of_three();
    let batch = Blinded::new(&keys, &[b"x", b"y"], &mut rng(1)).unwrap();
    let evaluate = |quorum: &[u16], elements: &[u8]| {
        shares[0]
            .evaluate(quorum, 2, elements, &mut rng(3))
            .unwrap_err()
    };
    let mut identity = batch.elements().to_vec();
    identity[32..].fill(0);
    let mut non_canonical = batch.elements().to_vec();
    non_canonical[32..].fill(0xff);
    for elements in [&identity[..], &non_canonical, &batch.elements()[..63]] {
        assert_eq!(
            evaluate(&[1, 2], elements),
            KeyshareError::MalformedElements
        );
    }
    let too_many = batch.elements().repeat(OPRF_ELEMENTS_MAX / 2 + 1);
    for elements in [&[][..], &too_many] {
        assert_eq!(
            evaluate(&[1, 2], elements),
            KeyshareError::BatchSize {
                limit: OPRF_ELEMENTS_MAX
            }
        );
    }
    assert_eq!(
        evaluate(&[2, 3], batch.elements()),
        KeyshareError::NotInQuorum { holder: 1 }
    );
    for quorum in [&[1][..], &[1, 1], &[2, 1], &[0, 1], &[1, 2, 3]] {
        assert_eq!(
            evaluate(quorum, batch.elements()),
            KeyshareError::Quorum(ToprfError::Quorum { threshold: 2 })
        );
    }
}

#[test]
fn batches_out_of_bounds_are_not_blinded() {
    let (_, keys) = two_of_three();
    let none: [&[u8]; 0] = [];
    let refusal = |result: Result<Blinded, ToprfError>| result.unwrap_err();
    assert_eq!(
        refusal(Blinded::new(&keys, &none, &mut rng(1))),
        ToprfError::BatchSize {
            given: 0,
            limit: OPRF_ELEMENTS_MAX
        }
    );
    let many = vec![b"x"; OPRF_ELEMENTS_MAX + 1];
    assert_eq!(
        refusal(Blinded::new(&keys, &many, &mut rng(1))),
        ToprfError::BatchSize {
            given: many.len(),
            limit: OPRF_ELEMENTS_MAX
        }
    );
    let long = [vec![0; 65_535], vec![0; 65_536]];
    assert_eq!(
        refusal(Blinded::new(&keys, &long, &mut rng(1))),
        ToprfError::InputTooLong { position: 1 }
    );
    assert!(Blinded::new(&keys, &long[..1], &mut rng(1)).is_ok());
    assert_eq!(
        format!(
            "{:?}",
            Blinded::new(&keys, &[b"secret"], &mut rng(1)).unwrap()
        ),
        "Blinded(1 inputs, <redacted>)"
    );
}
