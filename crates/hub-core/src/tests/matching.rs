use sanctuary_types::{
    AlertKind, AlertState, Band, Month, Role, Slots, Timestamp, TokenType, limits,
};

use super::kit::*;
use crate::{HubError, PushBatch, ports::PostingLog};

#[test]
fn two_agencies_hear_of_one_person_and_a_third_of_nothing() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann"), &Record::new(2, "bob")]);
    kit.push("council", &[&Record::new(3, "ann"), &Record::new(4, "cid")]);
    kit.push("refuge", &[&Record::new(5, "dan")]);
    assert!(
        kit.events("police").is_empty(),
        "a push alone tells nothing"
    );
    let report = kit.hub.run_round(NOW).unwrap();
    assert_eq!((report.tags_opened, report.candidates), (7, 1));
    let (police, council) = (kit.only("police"), kit.only("council"));
    assert_eq!(police.alert_id, council.alert_id);
    assert_eq!(
        (police.view.kind, police.view.band),
        (AlertKind::SamePerson, Band::Strong)
    );
    assert_eq!(police.view.own_pseudonym.0, [1; 16]);
    assert_eq!(police.view.other_agency, kit.id("council"));
    assert_eq!(council.view.own_pseudonym.0, [3; 16]);
    assert!(police.view.cluster_id.is_none() && !police.view.safeguarding_first);
    assert!(kit.events("refuge").is_empty());
    assert_eq!(kit.hub.status(&kit.id("police")).open_alerts, 1);
    let pairs = kit.hub.scored_pairs();
    assert_eq!(pairs.len(), 1);
    assert!(pairs[0].probability > 0.9 && pairs[0].tokens.contains(&TokenType::Nm));
    // Nothing new: nothing more to tell.
    kit.round();
    assert!(kit.hub.run_round(NOW).unwrap().idle);
    assert_eq!(kit.only("police"), police);
    assert!(
        kit.hub
            .alerts_after(&kit.id("police"), police.cursor, 10)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn one_phone_of_different_people_is_a_shared_identifier() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann").phone("07700900123")]);
    kit.push("council", &[&Record::new(2, "bob").phone("07700900123")]);
    kit.round();
    assert_eq!(kit.only("police").view.kind, AlertKind::SharedIdentifier);
    assert_eq!(kit.only("council").view.kind, AlertKind::SharedIdentifier);
}

#[test]
fn a_victim_who_is_a_suspect_elsewhere_goes_to_safeguarding_first() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann").role(Role::Suspect)]);
    kit.push(
        "refuge",
        &[&Record::new(2, "ann").role(Role::ConfirmedVictim)],
    );
    kit.round();
    for agency in ["police", "refuge"] {
        let view = kit.only(agency).view;
        assert_eq!(view.kind, AlertKind::VictimIsSuspect);
        assert!(view.safeguarding_first);
    }
}

#[test]
fn three_agencies_form_one_cluster() {
    let mut kit = Kit::new();
    for (n, agency) in ["police", "council", "refuge"].into_iter().enumerate() {
        kit.push(agency, &[&Record::new(n as u8 + 1, "ann")]);
    }
    kit.push("victim-care", &[&Record::new(9, "bob")]);
    kit.round();
    let clusters: Vec<_> = ["police", "council", "refuge"]
        .into_iter()
        .flat_map(|agency| kit.events(agency))
        .map(|event| (event.view.cluster_id.unwrap(), event.view.cluster_agencies))
        .collect();
    assert_eq!(clusters.len(), 6);
    assert!(clusters.iter().all(|c| *c == clusters[0]));
    assert_eq!(
        clusters[0].1,
        ["council", "police", "refuge"].map(|a| kit.id(a))
    );
}

#[test]
fn a_withdrawn_record_lapses_its_alerts_and_its_bytes_are_erased() {
    let mut kit = Kit::new();
    let ann = Record::new(1, "ann");
    kit.push("police", &[&ann, &Record::new(2, "bob")]);
    kit.push("council", &[&Record::new(3, "ann")]);
    kit.round();
    let before = kit.only("council");
    kit.withdraw("police", &ann);
    let report = kit.hub.run_round(NOW).unwrap();
    assert_eq!((report.erased, report.candidates), (8, 0));
    let after = kit.only("council");
    assert_eq!(after.view.state, AlertState::Lapsed);
    assert!(after.version > before.version && after.cursor > before.cursor);
    assert_eq!(kit.hub.status(&kit.id("police")).postings, 7);
    assert_eq!(kit.hub.status(&kit.id("police")).open_alerts, 0);
    let stored: Vec<u8> = kit
        .log
        .scan()
        .flat_map(|row| row.unwrap().1.to_vec())
        .collect();
    for posting in ann.postings(&kit.id("police")) {
        assert!(
            !stored.windows(78).any(|w| w == &posting[16..]),
            "still in the log"
        );
    }
    kit.restart(NOW);
    assert_eq!(kit.hub.status(&kit.id("police")).postings, 7);
    kit.round();
    assert_eq!(kit.only("council"), after);
    // The same record again: the alert is back, with the next version.
    kit.push("police", &[&ann.again()]);
    kit.round();
    let back = kit.only("council");
    assert_eq!(
        (back.view.state, back.version),
        (AlertState::Open, after.version + 1)
    );
    assert_eq!(back.raised, before.raised);
}

#[test]
fn nobody_withdraws_for_another() {
    let mut kit = Kit::new();
    let ann = Record::new(1, "ann");
    kit.push("police", &[&ann]);
    kit.push("council", &[&Record::new(3, "ann")]);
    let mut batch = kit.batch();
    ann.add_withdrawal(&kit.id("police"), &mut batch);
    kit.sign("council", &mut batch);
    kit.push_batch("council", &batch).unwrap();
    kit.round();
    assert_eq!(kit.only("police").view.state, AlertState::Open);
    assert_eq!(kit.hub.status(&kit.id("police")).postings, 7);
}

#[test]
fn expired_records_lapse_and_are_erased_also_after_a_restart() {
    for restart in [false, true] {
        let mut kit = Kit::new();
        let mut short = Record::new(1, "ann");
        short.expiry = Month::at(NOW);
        kit.push("police", &[&short]);
        kit.push("council", &[&Record::new(2, "ann")]);
        kit.round();
        assert_eq!(kit.only("council").view.state, AlertState::Open);
        let next_month = Timestamp(NOW.0 + 32 * 86_400_000);
        if restart {
            kit.restart(next_month);
        }
        let report = kit.hub.run_round(next_month).unwrap();
        assert_eq!((report.erased, report.candidates), (8, 0));
        assert_eq!(kit.only("council").view.state, AlertState::Lapsed);
        assert_eq!(kit.hub.status(&kit.id("police")).postings, 0);
    }
}

#[test]
fn a_card_may_come_in_a_later_batch() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann")]);
    let mut whole = kit.batch();
    Record::new(2, "ann").add_to(&kit.id("council"), &mut whole);
    let mut cards = PushBatch {
        cards: std::mem::take(&mut whole.cards),
        ..kit.batch()
    };
    kit.sign("council", &mut whole);
    kit.sign("council", &mut cards);
    kit.push_batch("council", &whole).unwrap();
    assert_eq!(kit.hub.run_round(NOW).unwrap().candidates, 0);
    kit.push_batch("council", &cards).unwrap();
    assert_eq!(kit.hub.run_round(NOW).unwrap().candidates, 1);
    assert_eq!(kit.only("police").view.band, Band::Strong);
}

/// Pushes `record` with one byte of each posting changed.
fn push_forged(kit: &mut Kit, agency: &str, record: &Record, byte: usize) {
    let mut batch = kit.batch();
    record.add_to(&kit.id(agency), &mut batch);
    batch
        .postings
        .chunks_mut(94)
        .for_each(|posting| posting[byte] ^= 1);
    kit.sign(agency, &mut batch);
    kit.push_batch(agency, &batch).unwrap();
}

#[test]
fn a_forger_is_named_by_three_and_changes_nothing_else() {
    let honest = |kit: &mut Kit| {
        kit.push("police", &[&Record::new(1, "ann")]);
        kit.push("council", &[&Record::new(2, "ann")]);
    };
    let mut alone = Kit::new();
    honest(&mut alone);
    alone.round();
    // Byte 16: the share; 47: a share that is no canonical scalar any more or another one; 60: the
    // sealed body.
    for byte in [16, 47, 60] {
        for forger_first in [true, false] {
            let mut kit = Kit::new();
            if forger_first {
                push_forged(&mut kit, "refuge", &Record::new(3, "ann"), byte);
                honest(&mut kit);
            } else {
                honest(&mut kit);
                push_forged(&mut kit, "refuge", &Record::new(3, "ann"), byte);
            }
            let report = kit.hub.run_round(NOW).unwrap();
            assert_eq!(report.refused, [(kit.id("refuge"), 7)]);
            assert_eq!(report.disputed_tags, 0);
            assert_eq!(kit.hub.status(&kit.id("refuge")).refused_postings, 7);
            assert_eq!(kit.hub.status(&kit.id("police")).refused_postings, 0);
            assert!(kit.events("refuge").is_empty());
            assert_eq!(kit.only("police").view, alone.only("police").view);
            assert_eq!(kit.only("council").view, alone.only("council").view);
        }
    }
}

#[test]
fn between_two_nobody_is_named() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann")]);
    push_forged(&mut kit, "refuge", &Record::new(3, "ann"), 16);
    let report = kit.hub.run_round(NOW).unwrap();
    assert!(report.refused.is_empty());
    assert_eq!((report.disputed_tags, report.candidates), (7, 0));
}

#[test]
fn a_card_that_does_not_open_is_counted_against_its_agency() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann")]);
    let mut batch = kit.batch();
    Record::new(2, "ann").add_to(&kit.id("council"), &mut batch);
    batch.cards[30] ^= 1;
    kit.sign("council", &mut batch);
    kit.push_batch("council", &batch).unwrap();
    let report = kit.hub.run_round(NOW).unwrap();
    assert_eq!(report.refused, [(kit.id("council"), 1)]);
    assert_eq!(report.candidates, 0);
}

fn holders_of_a_phone(count: usize, from: u8) -> Vec<Record> {
    let phone = || vec![(PHONE, Slots::default(), "07700900123".to_owned())];
    (0..count)
        .map(|n| Record::with_tokens(from + n as u8, phone()))
        .collect()
}

#[test]
fn an_agency_with_too_many_postings_of_a_tag_is_left_out_alone() {
    let mut kit = Kit::new();
    let many = holders_of_a_phone(limits::TAG_POSTINGS_PER_AGENCY_MAX + 1, 100);
    kit.push("refuge", &many.iter().collect::<Vec<_>>());
    kit.push("police", &[&holders_of_a_phone(1, 1)[0]]);
    kit.push("council", &[&holders_of_a_phone(1, 2)[0]]);
    let report = kit.hub.run_round(NOW).unwrap();
    assert_eq!((report.stopped_tags, report.candidates), (1, 1));
    assert!(kit.events("refuge").is_empty());
    assert_eq!(kit.only("police").view.other_agency, kit.id("council"));
    // One fewer, and it belongs.
    kit.withdraw("refuge", &many[0]);
    let report = kit.hub.run_round(NOW).unwrap();
    assert_eq!((report.stopped_tags, report.candidates), (0, 1 + 2 * 32));
}

#[test]
fn a_tag_with_too_many_postings_is_a_stop_token() {
    let mut kit = Kit::new();
    for (agency, count, from) in [("refuge", 32, 100), ("police", 32, 140), ("council", 1, 1)] {
        let many = holders_of_a_phone(count, from);
        kit.push(agency, &many.iter().collect::<Vec<_>>());
    }
    let report = kit.hub.run_round(NOW).unwrap();
    assert_eq!((report.stopped_tags, report.candidates), (1, 0));
    assert!(kit.events("council").is_empty());
}

#[test]
fn a_stale_epoch_in_the_log_is_not_compared() {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann")]);
    kit.push("council", &[&Record::new(2, "ann")]);
    let options = crate::Options {
        accepts: crate::Accepts {
            rules: RULES,
            epoch: sanctuary_types::Epoch(2),
        },
        policy: sanctuary_linkage::Policy::default(),
    };
    let pepper = crate::Pepper::from_bytes(&[5; 32]);
    let next = crate::Hub::open(kit.log.clone(), kit.state.clone(), pepper, options, NOW).unwrap();
    assert_eq!(next.run_round(NOW).unwrap().candidates, 0);
    let mut batch = kit.batch();
    Record::new(3, "ann").add_to(&kit.id("police"), &mut batch);
    kit.sign("police", &mut batch);
    let answer = next
        .push(&kit.agencies["police"].party, &[batch], NOW)
        .pop()
        .unwrap();
    assert!(matches!(answer, Err(HubError::StaleEpoch { .. })));
}

#[test]
fn a_large_load_is_told_of_when_it_has_come_in() {
    let mut kit = Kit::new();
    // 32 records of each agency with one phone, and some people known to both.
    let phones = |from: u8| holders_of_a_phone(32, from);
    let people = |from: u8| (0..4).map(move |n| Record::new(from + n, &format!("person{n}")));
    for (agency, from) in [("police", 10), ("council", 60)] {
        let records: Vec<Record> = phones(from).into_iter().chain(people(from + 40)).collect();
        kit.push(agency, &records.iter().collect::<Vec<_>>());
    }
    let report = kit.hub.run_round(NOW).unwrap();
    assert_eq!(report.candidates, 32 * 32 + 4);
    assert_eq!(
        report.told.raised,
        2 * (32 * 32 + 4),
        "a start looks at all"
    );
    let mut loaded = Kit::new();
    loaded.round();
    for (agency, from) in [("police", 10), ("council", 60)] {
        let records: Vec<Record> = phones(from).into_iter().chain(people(from + 40)).collect();
        loaded.push(agency, &records.iter().collect::<Vec<_>>());
    }
    let report = loaded.hub.run_round(NOW).unwrap();
    assert_eq!(
        report.told.raised,
        2 * 32 * 32,
        "shared identifiers at once"
    );
    let report = loaded.hub.run_round(NOW).unwrap();
    assert_eq!(report.told.raised, 2 * 4);
    assert!(loaded.hub.run_round(NOW).unwrap().idle);
}
