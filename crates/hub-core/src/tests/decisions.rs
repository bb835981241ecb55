use sanctuary_types::{AlertState, Slots};

use super::kit::*;
use crate::{DecisionKind, DecisionRequest, HubError};

fn request(kit: &Kit, agency: &str, kind: DecisionKind) -> DecisionRequest {
    let event = kit.only(agency);
    DecisionRequest {
        alert_id: event.alert_id,
        version: event.version,
        kind,
        reason: "checked_with_agency".to_owned(),
    }
}

fn decide(kit: &Kit, agency: &str, kind: DecisionKind) -> Result<u32, HubError> {
    kit.hub
        .decide(&kit.id(agency), &request(kit, agency, kind), NOW)
}

fn pair() -> Kit {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann")]);
    kit.push("council", &[&Record::new(2, "ann")]);
    kit.round();
    kit
}

#[test]
fn either_side_decides_and_both_hear() {
    let kit = pair();
    let version = decide(&kit, "council", DecisionKind::Confirmed).unwrap();
    assert_eq!(version, 2);
    assert_eq!(kit.only("council").view.state, AlertState::Confirmed);
    assert_eq!(kit.only("police").view.state, AlertState::Confirmed);
    assert_eq!(kit.hub.status(&kit.id("police")).open_alerts, 0);
    decide(&kit, "police", DecisionKind::Reopen).unwrap();
    assert_eq!(kit.only("council").view.state, AlertState::Open);
    assert!(matches!(
        decide(&kit, "police", DecisionKind::Reopen),
        Err(HubError::Decision { .. })
    ));
}

#[test]
fn a_decision_on_an_older_version_is_refused() {
    let kit = pair();
    let old = request(&kit, "police", DecisionKind::NotTheSame);
    decide(&kit, "council", DecisionKind::Confirmed).unwrap();
    let refused = kit.hub.decide(&kit.id("police"), &old, NOW);
    assert!(matches!(refused, Err(HubError::StaleAlert { current: 2 })));
    let with_text = DecisionRequest {
        reason: "John Smith says no".to_owned(),
        ..old
    };
    let refused = kit
        .hub
        .decide(&kit.id("police"), &with_text, NOW)
        .unwrap_err();
    assert!(matches!(refused, HubError::Decision { .. }));
    assert!(!refused.to_string().contains("Smith"));
}

#[test]
fn not_the_same_stays_until_a_new_kind_of_token_agrees() {
    let mut kit = pair();
    decide(&kit, "police", DecisionKind::NotTheSame).unwrap();
    // More of what was known, other people, settling, a restart: all change nothing.
    kit.push("refuge", &[&Record::new(7, "eve")]);
    kit.push("victim-care", &[&Record::new(8, "eve")]);
    kit.round();
    kit.hub.settle(NOW).unwrap();
    kit.restart(NOW);
    kit.round();
    for agency in ["police", "council"] {
        assert_eq!(kit.only(agency).view.state, AlertState::NotTheSame);
    }
    let version = kit.only("police").version;
    // The same phone on both records is new evidence.
    for (agency, number) in [("police", 1), ("council", 2)] {
        let phone = vec![(PHONE, Slots::default(), "07700900123".to_owned())];
        let mut more = Record::with_tokens(number, phone);
        more.key = Record::new(number, "ann").key;
        let mut batch = kit.batch();
        batch.postings = more.postings(&kit.id(agency)).concat();
        kit.sign(agency, &mut batch);
        kit.push_batch(agency, &batch).unwrap();
    }
    kit.round();
    for agency in ["police", "council"] {
        assert_eq!(kit.only(agency).view.state, AlertState::Open);
        assert!(kit.only(agency).version > version);
    }
    decide(&kit, "council", DecisionKind::NotTheSame).unwrap();
    kit.hub.settle(NOW).unwrap();
    assert_eq!(kit.only("police").view.state, AlertState::NotTheSame);
}

#[test]
fn a_pair_decided_not_the_same_holds_no_cluster_together() {
    let mut kit = Kit::new();
    // The council shares with each of the others; these share nothing with each other.
    kit.push("police", &[&Record::half(1, &["ann"])]);
    kit.push("refuge", &[&Record::half(2, &["bob"])]);
    kit.push("council", &[&Record::half(3, &["ann", "bob"])]);
    kit.round();
    assert_eq!(kit.with("refuge", "council").view.cluster_agencies.len(), 3);
    assert_eq!(kit.with("refuge", "police").view.state, AlertState::Open);
    let event = kit.with("police", "council");
    let mut decision = DecisionRequest {
        alert_id: event.alert_id,
        version: event.version,
        kind: DecisionKind::NotTheSame,
        reason: String::new(),
    };
    kit.hub.decide(&kit.id("police"), &decision, NOW).unwrap();
    kit.round();
    let refuge = kit.with("refuge", "council").view;
    assert!(refuge.cluster_id.is_none());
    // Nor does it link anything.
    assert_eq!(kit.with("refuge", "police").view.state, AlertState::Lapsed);
    let police = kit.with("police", "council").view;
    assert_eq!(police.state, AlertState::NotTheSame);
    decision.kind = DecisionKind::Reopen;
    decision.version = kit.with("police", "council").version;
    kit.hub.decide(&kit.id("police"), &decision, NOW).unwrap();
    kit.round();
    assert_eq!(kit.with("refuge", "council").view.cluster_agencies.len(), 3);
    assert_eq!(kit.with("refuge", "police").view.state, AlertState::Open);
}

#[test]
fn what_people_decided_of_one_person_is_learned_and_of_an_identifier_is_not() {
    let labels = |kit: &Kit| {
        let matching = kit.hub.matching();
        let pairs = matching.graph.pairs.cross();
        let labels = pairs.filter_map(|(key, _)| matching.graph.pairs.decided(key));
        labels.collect::<Vec<_>>()
    };
    let kit = pair();
    decide(&kit, "police", DecisionKind::Confirmed).unwrap();
    kit.round();
    assert_eq!(labels(&kit), [true]);
    assert!(kit.hub.settle(NOW).unwrap().idle, "learned already");
    decide(&kit, "council", DecisionKind::NotTheSame).unwrap();
    assert!(kit.hub.settle(NOW).unwrap().fitted);
    assert_eq!(labels(&kit), [false]);
    decide(&kit, "council", DecisionKind::Reopen).unwrap();
    kit.hub.settle(NOW).unwrap();
    assert!(labels(&kit).is_empty());

    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann").phone("07700900123")]);
    kit.push("council", &[&Record::new(2, "bob").phone("07700900123")]);
    kit.round();
    decide(&kit, "police", DecisionKind::NotTheSame).unwrap();
    kit.hub.settle(NOW).unwrap();
    assert!(labels(&kit).is_empty());
}

#[test]
fn an_alert_that_lapsed_cannot_be_decided_and_comes_back_decided() {
    let mut kit = Kit::new();
    let ann = Record::new(1, "ann");
    kit.push("police", &[&ann]);
    kit.push("council", &[&Record::new(2, "ann")]);
    kit.round();
    decide(&kit, "council", DecisionKind::NotTheSame).unwrap();
    kit.withdraw("police", &ann);
    kit.round();
    assert_eq!(kit.only("council").view.state, AlertState::Lapsed);
    assert!(matches!(
        decide(&kit, "council", DecisionKind::Confirmed),
        Err(HubError::Decision { .. })
    ));
    kit.push("police", &[&ann.again()]);
    kit.round();
    assert_eq!(kit.only("council").view.state, AlertState::NotTheSame);
}
