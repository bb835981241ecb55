use sanctuary_keyshare::{KeyShare, dkg::Outcome};
use sanctuary_toprf::{Answer, Blinded, OprfOutput};

use crate::{Table, rng};

fn evaluate(outcomes: &[Outcome], quorum: &[u16]) -> Vec<OprfOutput> {
    let keys = outcomes[0].public_keys.check().unwrap();
    let batch = Blinded::new(&keys, &[b"one", b"two"], &mut rng(1)).unwrap();
    let answers: Vec<Answer> = quorum
        .iter()
        .map(|&holder| {
            let share: &KeyShare = &outcomes[usize::from(holder) - 1].share;
            let (elements, proof) = share
                .evaluate(quorum, quorum.len() as u16, batch.elements(), &mut rng(2))
                .unwrap();
            Answer {
                holder,
                elements,
                proof,
            }
        })
        .collect();
    batch.finish(&keys, quorum, &answers).unwrap()
}

#[test]
fn shares_of_a_ceremony_evaluate_alike_in_every_quorum() {
    let cases: [(u16, u16, &[&[u16]]); 3] = [
        (2, 2, &[&[1, 2]]),
        (2, 3, &[&[1, 2], &[1, 3], &[2, 3]]),
        (3, 5, &[&[1, 2, 3], &[1, 3, 5], &[2, 4, 5], &[3, 4, 5]]),
    ];
    for (threshold, holders, quorums) in cases {
        let mut table = Table::start(threshold, holders, 1);
        let packages = table.deal_all();
        assert_eq!(packages.len(), usize::from(holders * (holders - 1)));
        let outcomes: Vec<Outcome> = table
            .indices()
            .map(|i| table.finish(i, &packages).unwrap())
            .collect();
        for (index, outcome) in (1..).zip(&outcomes) {
            assert_eq!(outcome.share.index(), index);
            assert_eq!(outcome.public_keys, outcomes[0].public_keys);
            assert_eq!(outcome.transcript_sha256, outcomes[0].transcript_sha256);
        }
        let first = evaluate(&outcomes, quorums[0]);
        for quorum in quorums {
            assert_eq!(evaluate(&outcomes, quorum), first, "{quorum:?}");
        }
    }
}

#[test]
fn two_ceremonies_make_two_keys_and_two_transcripts() {
    let run = |seed| {
        let mut table = Table::start(2, 3, seed);
        let packages = table.deal_all();
        let outcome = table.finish(1, &packages).unwrap();
        (outcome.public_keys.group_key, outcome.transcript_sha256)
    };
    let ((key_a, transcript_a), (key_b, transcript_b)) = (run(1), run(2));
    assert_ne!(key_a, key_b);
    assert_ne!(transcript_a, transcript_b);
}

#[test]
fn the_carrier_sees_no_dealt_value() {
    let mut table = Table::start(2, 3, 1);
    let packages = table.deal_all();
    let to_one: Vec<_> = packages.iter().filter(|p| p.to == 1).cloned().collect();
    assert!(packages.iter().all(|p| p.ciphertext.len() == 32 + 64 + 16));
    // A package for holder 1 is of no use to holder 2, even relabelled.
    let relabelled: Vec<_> = to_one
        .iter()
        .cloned()
        .map(|mut p| {
            p.to = 2;
            p.from = if p.from == 2 { 1 } else { p.from };
            p
        })
        .collect();
    assert!(table.finish(2, &relabelled).is_err());
    assert!(table.finish(1, &to_one).is_ok());
    let printed = format!("{:?}", table.holders[0]);
    assert!(printed.contains("threshold") && !printed.contains("secret"));
}
