use sanctuary_posting::{Posting, SealedCard};
use sanctuary_trust::PartyKind;
use sanctuary_types::{Epoch, RulesVersion, limits};

use super::kit::*;
use crate::{HubError, PushBatch, ports::PostingLog};

fn one_record(kit: &mut Kit, agency: &str) -> PushBatch {
    let mut batch = kit.batch();
    Record::new(1, "ann").add_to(&kit.id(agency), &mut batch);
    kit.sign(agency, &mut batch);
    batch
}

fn rows(kit: &Kit) -> usize {
    kit.log.scan().count()
}

#[test]
fn a_retry_is_answered_alike_and_stored_once() {
    let mut kit = Kit::new();
    let batch = one_record(&mut kit, "police");
    kit.push_batch("police", &batch).unwrap();
    let (stored, status) = (rows(&kit), kit.hub.status(&kit.id("police")));
    assert_eq!((status.postings, status.batches), (7, 1));
    kit.push_batch("police", &batch).unwrap();
    kit.restart(NOW);
    kit.push_batch("police", &batch).unwrap();
    assert_eq!(rows(&kit), stored);
    assert_eq!(kit.hub.status(&kit.id("police")), status);
    // Also when both copies arrive in one group.
    let mut kit = Kit::new();
    let batch = one_record(&mut kit, "police");
    let check = || {
        kit.hub
            .check(&kit.agencies["police"].party, &batch)
            .unwrap()
    };
    let answers = kit.hub.commit(vec![check(), check()], NOW);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(rows(&kit), stored);
}

#[test]
fn another_agency_cannot_replay_a_batch() {
    let mut kit = Kit::new();
    let batch = one_record(&mut kit, "police");
    kit.push_batch("police", &batch).unwrap();
    let stored = rows(&kit);
    let as_it_is = kit.push_batch("council", &batch).unwrap_err();
    assert!(matches!(as_it_is, HubError::Signature { agency, .. } if agency == kit.id("council")));
    let mut signed_again = PushBatch {
        batch_id: kit.batch().batch_id,
        ..batch.clone()
    };
    kit.sign("council", &mut signed_again);
    let refused = kit.push_batch("council", &signed_again).unwrap_err();
    assert!(matches!(refused, HubError::Replayed { .. }));
    // Not even in the same group as the first copy.
    let fresh = Kit::new();
    let first = fresh
        .hub
        .check(&fresh.agencies["police"].party, &batch)
        .unwrap();
    let second = fresh
        .hub
        .check(&fresh.agencies["council"].party, &signed_again)
        .unwrap();
    let answers = fresh.hub.commit(vec![first, second], NOW);
    assert!(matches!(
        answers[..],
        [Ok(()), Err(HubError::Replayed { .. })]
    ));
    assert_eq!(rows(&kit), stored);
}

#[test]
fn an_id_has_one_content_and_a_content_one_id() {
    let mut kit = Kit::new();
    let batch = one_record(&mut kit, "police");
    kit.push_batch("police", &batch).unwrap();
    let mut other = PushBatch {
        cards: Vec::new(),
        ..batch.clone()
    };
    kit.sign("police", &mut other);
    let refused = kit.push_batch("police", &other).unwrap_err();
    assert!(matches!(refused, HubError::BatchIdReused { .. }));
    let mut again = PushBatch {
        batch_id: kit.batch().batch_id,
        ..batch
    };
    kit.sign("police", &mut again);
    let refused = kit.push_batch("police", &again).unwrap_err();
    assert!(matches!(refused, HubError::ContentRepeated { .. }));
}

#[test]
fn what_does_not_fit_is_refused_by_name_and_leaves_nothing() {
    let mut kit = Kit::new();
    let good = one_record(&mut kit, "police");
    type Case = (fn(&mut PushBatch), &'static str);
    let cases: Vec<Case> = vec![
        (
            |b| b.rules = RulesVersion(0),
            "rules version 0, the hub compares version 1",
        ),
        (|b| b.rules = RulesVersion(2), "update the hub"),
        (|b| b.epoch = Epoch(0), "epoch 0, the hub is in epoch 1"),
        (|b| b.postings.truncate(100), "94-byte"),
        (|b| b.cards.push(0), "58-byte"),
        (|b| b.withdrawals = vec![0; 23], "24-byte"),
        (|b| b.withdrawn_cards = vec![0; 9], "8-byte"),
        (
            |b| b.postings = vec![0; 94 * (limits::BATCH_POSTINGS_MAX + 1)],
            "smaller batches",
        ),
        (|b| b.population = b"{\"version\":1}".to_vec(), "population"),
        (
            |b| *b = PushBatch::new(b.batch_id, b.rules, b.epoch),
            "empty",
        ),
    ];
    for (change, expected) in cases {
        let mut batch = good.clone();
        change(&mut batch);
        kit.sign("police", &mut batch);
        let error = kit.push_batch("police", &batch).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let mut changed_on_the_way = good.clone();
    changed_on_the_way.cards[20] ^= 1;
    let refused = kit.push_batch("police", &changed_on_the_way).unwrap_err();
    assert!(matches!(refused, HubError::Signature { .. }));
    let mut officer = kit.agencies["police"].party.clone();
    officer.kind = PartyKind::Officer;
    assert!(matches!(
        kit.hub.check(&officer, &good),
        Err(HubError::NotAnAgency { .. })
    ));
    assert_eq!(rows(&kit), 0);
    kit.push_batch("police", &good).unwrap();
}

#[test]
fn the_log_has_no_tag_as_pushed() {
    let mut kit = Kit::new();
    let batch = one_record(&mut kit, "police");
    kit.push_batch("police", &batch).unwrap();
    let stored: Vec<u8> = kit
        .log
        .scan()
        .flat_map(|row| row.unwrap().1.to_vec())
        .collect();
    let has = |part: &[u8]| stored.windows(part.len()).any(|w| w == part);
    for posting in batch.postings.chunks(Posting::BYTES) {
        assert!(!has(&posting[..16]));
        assert!(has(&posting[16..]), "everything but the tag is kept");
    }
    assert!(has(&batch.cards[..SealedCard::BYTES]));
}
