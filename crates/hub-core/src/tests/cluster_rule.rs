use sanctuary_types::{AlertKind, AlertState, Band, EvidenceKind, Visibility};

use super::kit::*;
use crate::View;

/// Police and refuge share nothing; the council's record shares with both.
fn chain(middle: Visibility) -> Kit {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::half(1, &["ann"])]);
    kit.push("refuge", &[&Record::half(2, &["bob"])]);
    kit.push("council", &[&middle_record(middle)]);
    kit.round();
    kit
}

fn middle_record(visibility: Visibility) -> Record {
    Record::half(3, &["ann", "bob"]).visible(visibility)
}

fn kinds(view: &View) -> Vec<EvidenceKind> {
    view.evidence.iter().map(|line| line.kind).collect()
}

#[test]
fn a_third_record_links_two_that_share_nothing() {
    let mut kit = chain(Visibility::Open);
    for (agency, other) in [("police", "refuge"), ("refuge", "police")] {
        let view = kit.with(agency, other).view;
        assert_eq!(view.kind, AlertKind::SamePerson);
        assert!(view.band >= Band::Likely);
        assert_eq!(kinds(&view), [EvidenceKind::ThirdRecord]);
        assert_eq!(view.cluster_agencies.len(), 3);
    }
    let pairs = kit.hub.scored_pairs();
    assert_eq!(pairs.len(), 3);
    let linked = pairs.iter().find(|pair| pair.tokens.is_empty()).unwrap();
    assert_eq!((linked.a.0, linked.b.0), ([1; 16], [2; 16]));
    // It goes with its chain, and comes back with it.
    kit.withdraw("council", &middle_record(Visibility::Open));
    kit.round();
    assert_eq!(kit.with("police", "refuge").view.state, AlertState::Lapsed);
    assert!(kit.hub.scored_pairs().is_empty());
    kit.push("council", &[&middle_record(Visibility::Open).again()]);
    kit.restart(NOW);
    kit.round();
    assert_eq!(kit.with("police", "refuge").view.state, AlertState::Open);
}

#[test]
fn a_record_that_others_may_not_hear_of_links_nothing() {
    for hidden in [Visibility::Silent, Visibility::OwnerFirst] {
        let kit = chain(hidden);
        assert!(kit.events("police").is_empty() && kit.events("refuge").is_empty());
        // Its owner hears of both, and of the group.
        let own: Vec<View> = kit.events("council").into_iter().map(|e| e.view).collect();
        assert_eq!(own.len(), 2);
        assert!(own.iter().all(|view| view.cluster_agencies.len() == 3));
        assert!(
            !own.iter()
                .any(|v| kinds(v).contains(&EvidenceKind::ThirdRecord))
        );
    }
}

#[test]
fn a_link_goes_when_its_middle_turns_silent() {
    let mut kit = chain(Visibility::Open);
    kit.withdraw("council", &middle_record(Visibility::Open));
    let silent = middle_record(Visibility::Silent).again();
    kit.push("council", &[&silent]);
    kit.round();
    assert_eq!(kit.with("police", "refuge").view.state, AlertState::Lapsed);
    assert_eq!(kit.with("council", "refuge").view.state, AlertState::Open);
}

#[test]
fn a_hidden_record_is_linked_by_open_ones_for_its_owner_alone() {
    let mut kit = Kit::new();
    let silent = Record::half(1, &["ann"]).visible(Visibility::Silent);
    kit.push("police", &[&silent]);
    kit.push("refuge", &[&Record::half(2, &["bob"])]);
    kit.push("council", &[&Record::half(3, &["ann", "bob"])]);
    kit.round();
    let view = kit.with("police", "refuge").view;
    assert_eq!(kinds(&view), [EvidenceKind::ThirdRecord]);
    let refuge = kit.only("refuge").view;
    assert_eq!(refuge.other_agency, kit.id("council"));
    assert!(refuge.cluster_agencies.is_empty());
    assert_eq!(kit.only("council").view.other_agency, kit.id("refuge"));
}

#[test]
fn two_hidden_records_link_nothing_for_each_other() {
    let mut kit = Kit::new();
    let silent = |record: Record| record.visible(Visibility::Silent);
    kit.push("police", &[&silent(Record::half(1, &["ann"]))]);
    kit.push("council", &[&silent(Record::half(3, &["ann", "bob"]))]);
    kit.push("refuge", &[&Record::half(2, &["bob"])]);
    kit.round();
    assert!(kit.events("police").is_empty() && kit.events("refuge").is_empty());
    assert_eq!(kit.only("council").view.other_agency, kit.id("refuge"));
}

/// Matches of other people, so many that a few more do not change the model.
fn crowd(kit: &mut Kit) {
    let people: Vec<(Record, Record)> = (100..140)
        .map(|n| {
            let person = format!("person{n}");
            (Record::new(n, &person), Record::new(n + 100, &person))
        })
        .collect();
    kit.push("police", &people.iter().map(|p| &p.0).collect::<Vec<_>>());
    kit.push(
        "victim-care",
        &people.iter().map(|p| &p.1).collect::<Vec<_>>(),
    );
    kit.push("refuge", &[&Record::new(7, "eve")]);
}

#[test]
fn what_open_records_are_told_is_the_same_with_and_without_a_hidden_one() {
    let mut kit = Kit::new();
    crowd(&mut kit);
    kit.push("police", &[&Record::half(1, &["ann"])]);
    kit.push(
        "council",
        &[
            &Record::half(2, &["ann", "bob"]),
            &Record::half(5, &["ann"]),
        ],
    );
    kit.push("victim-care", &[&Record::half(6, &["bob"])]);
    kit.hub.settle(NOW).unwrap();
    let told = |kit: &Kit| {
        let agencies = ["police", "council", "victim-care"];
        agencies.map(|agency| kit.events(agency))
    };
    let (events, pairs) = (told(&kit), kit.hub.scored_pairs());
    let linked = |pairs: &[crate::ScoredPair]| pairs.iter().any(|p| p.tokens.is_empty());
    assert!(linked(&pairs));
    for hidden in [Visibility::Silent, Visibility::OwnerFirst] {
        let mut record = Record::half(3, &["ann", "bob"]).visible(hidden);
        if hidden == Visibility::OwnerFirst {
            record = record.again();
        }
        kit.push("refuge", &[&record]);
        let report = kit.hub.run_round(NOW).unwrap();
        assert!(!report.fitted && !kit.events("refuge").is_empty());
        assert_eq!(told(&kit), events);
        // To the last bit.
        let now = kit.hub.scored_pairs();
        assert!(pairs.iter().all(|pair| now.contains(pair)));
        assert!(now.len() > pairs.len());
        kit.withdraw("refuge", &record);
        kit.round();
    }
}

fn probability(kit: &Kit, a: u8, b: u8) -> f64 {
    let pairs = kit.hub.scored_pairs();
    let pair = pairs.iter().find(|p| (p.a.0, p.b.0) == ([a; 16], [b; 16]));
    pair.unwrap().probability
}

#[test]
fn competitors_of_one_agency_share_and_own_duplicates_do_not() {
    // Two records of the council that are equally like the police's.
    let mut apart = Kit::new();
    apart.push("police", &[&Record::half(1, &["ann", "bob"])]);
    apart.push(
        "council",
        &[&Record::half(2, &["ann"]), &Record::half(3, &["bob"])],
    );
    apart.hub.settle(NOW).unwrap();
    assert!((probability(&apart, 1, 2) - 0.5).abs() < 0.05);
    assert!((probability(&apart, 1, 3) - 0.5).abs() < 0.05);
    let stages = apart.hub.scored_pairs_by_stage();
    assert!(stages.tokens.iter().all(|pair| pair.probability > 0.9));
    assert_eq!(stages.cluster, apart.hub.scored_pairs());
    // The same person entered twice.
    let mut twice = Kit::new();
    twice.push("police", &[&Record::new(1, "ann")]);
    twice.push("council", &[&Record::new(2, "ann"), &Record::new(3, "ann")]);
    twice.hub.settle(NOW).unwrap();
    assert!(probability(&twice, 1, 2) > 0.9 && probability(&twice, 1, 3) > 0.9);
    assert_eq!(
        twice.hub.run_round(NOW).unwrap().candidates,
        2,
        "own pairs are no candidates"
    );
    assert_eq!(twice.events("council").len(), 2);
}

#[test]
fn a_round_changes_only_the_groups_that_were_touched() {
    let mut kit = chain(Visibility::Open);
    crowd(&mut kit);
    kit.push("police", &[&Record::new(11, "dan")]);
    kit.push("refuge", &[&Record::new(12, "dan")]);
    kit.round();
    let before = kit.hub.scored_pairs();
    kit.push("council", &[&Record::new(13, "dan")]);
    assert!(!kit.hub.run_round(NOW).unwrap().fitted);
    let after = kit.hub.scored_pairs();
    let others = before.iter().filter(|pair| pair.a.0[0] != 11);
    assert_eq!(others.clone().count(), before.len() - 1);
    assert!(others.clone().all(|pair| after.contains(pair)));
    assert_eq!(after.len(), before.len() + 2);
}
