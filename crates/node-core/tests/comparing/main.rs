//! Comparisons between two nodes in this process, the hub played by the test: the whole way, and
//! each refusal.

#[path = "../agency/mod.rs"]
mod agency;
#[path = "../holders/mod.rs"]
mod holders;
mod scene;

use agency::{NOW, Node};
use sanctuary_node_core::{
    ComparisonLimits, ComparisonRefusal, ComparisonStage, ComparisonTask, StepOutcome,
    comparable_of,
    ports::{ComparisonLog, NodeStore},
};
use sanctuary_types::{BirthLevel, ComparedLevels, Likeness, NameLevel, Timestamp};
use scene::{Terms, USUAL, refused, scene, sealed, shared};

const DAY_MS: u64 = 86_400_000;

#[test]
fn three_steps_give_the_levels_in_clear() {
    let scene = scene();
    let (open, answer) = scene.tasks(1);
    let opening = scene.opened(&open);
    let reply = scene.answered(&answer, opening);
    let outcome = scene.finish(&open, reply);
    let record = |node: &Node, id| {
        let stored = node.store.record(&node.secret.record_key(id)).unwrap();
        comparable_of(&stored.unwrap().details.as_ref().unwrap().canonical)
    };
    let expected = record(&scene.police, "p1").levels(&record(&scene.council, "c1"));
    assert_eq!(outcome, StepOutcome::Levels(expected));
    let by_hand = ComparedLevels {
        name: Some(NameLevel::Two(Likeness::Same, Likeness::Close)),
        birth: Some(BirthLevel::Seven),
        ..ComparedLevels::default()
    };
    assert_eq!(expected, by_hand);
}

#[test]
fn each_step_is_logged_without_values_and_a_retry_is_the_same_bytes() {
    let scene = scene();
    let (open, answer) = scene.tasks(1);
    let opening = scene.opened(&open);
    assert_eq!(scene.opened(&open), opening);
    let reply = scene.answered(&answer, opening.clone());
    assert_eq!(scene.answered(&answer, opening), reply);
    scene.finish(&open, reply.clone());
    scene.finish(&open, reply);
    let log = scene.police.store.comparisons(9).unwrap();
    let stages: Vec<_> = log.iter().map(|entry| entry.stage).collect();
    assert_eq!(stages, [ComparisonStage::Finish, ComparisonStage::Open]);
    assert_eq!((log[0].own, log[0].peer.as_str()), (open.own, "council"));
    let totals = scene.council.store.comparison_totals(NOW.day()).unwrap();
    assert_eq!(totals[&scene.police.agency].answered, 1);
}

#[test]
fn tampered_messages_are_refused_and_charge_nobody() {
    let scene = scene();
    let (open, answer) = scene.tasks(1);
    let mut opening = scene.opened(&open);
    let middle = opening.len() / 2;
    opening[middle] ^= 1;
    let outcome = scene.work(
        &scene.council,
        &USUAL,
        &ComparisonTask {
            sealed: opening,
            ..answer
        },
    );
    refused(outcome, ComparisonRefusal::NotShared);
    assert!(scene.council.store.comparisons(9).unwrap().is_empty());
}

#[test]
fn a_message_of_another_comparison_is_refused() {
    let scene = scene();
    let (open, _) = scene.tasks(1);
    let (_, other) = scene.tasks(2);
    let sealed = scene.opened(&open);
    let outcome = scene.work(&scene.council, &USUAL, &ComparisonTask { sealed, ..other });
    refused(outcome, ComparisonRefusal::NotShared);
}

/// The hub sends the police's opening to the refuge, which holds the same tokens, or tells the
/// council that it came from the refuge.
#[test]
fn partners_cannot_be_swapped() {
    let scene = scene();
    let (open, answer) = scene.tasks(1);
    let opening = scene.opened(&open);
    let (_, handles) = shared(&scene.police, "p1", &scene.refuge, "r1");
    let to_refuge = ComparisonTask {
        own: scene
            .refuge
            .secret
            .pseudonym(&scene.refuge.secret.record_key("r1")),
        handles,
        sealed: opening.clone(),
        ..answer.clone()
    };
    refused(
        scene.work(&scene.refuge, &USUAL, &to_refuge),
        ComparisonRefusal::NotShared,
    );
    let from_refuge = ComparisonTask {
        other: scene.refuge.agency.clone(),
        sealed: opening,
        ..answer
    };
    refused(
        scene.work(&scene.council, &USUAL, &from_refuge),
        ComparisonRefusal::NotShared,
    );
}

/// Handles that are not the record's, or of tokens that the two do not share.
#[test]
fn invented_pairs_are_refused() {
    let scene = scene();
    let (open, answer) = scene.tasks(1);
    let other_record = ComparisonTask {
        own: scene
            .police
            .secret
            .pseudonym(&scene.police.secret.record_key("p2")),
        ..open.clone()
    };
    let without = ComparisonTask {
        handles: Vec::new(),
        ..open.clone()
    };
    let stranger = ComparisonTask {
        other: "stranger".parse().unwrap(),
        ..open.clone()
    };
    let holder = ComparisonTask {
        other: "alder".parse().unwrap(),
        ..open.clone()
    };
    let itself = ComparisonTask {
        other: scene.police.agency.clone(),
        ..open.clone()
    };
    let many = ComparisonTask {
        handles: vec![open.handles[0]; 97],
        ..open.clone()
    };
    for task in [other_record, without, stranger, holder, itself, many] {
        refused(
            scene.work(&scene.police, &USUAL, &task),
            ComparisonRefusal::NotShared,
        );
    }
    // A token of the record that the other has not got.
    let all = scene.police.published("p1").unwrap().tokens;
    let unshared = all.iter().find(|t| !open.handles.contains(&t.handle));
    let wrong = ComparisonTask {
        handles: vec![unshared.unwrap().handle],
        ..open
    };
    let outcome = scene.work(
        &scene.council,
        &USUAL,
        &ComparisonTask {
            sealed: scene.opened(&wrong),
            ..answer
        },
    );
    refused(outcome, ComparisonRefusal::NotShared);
}

#[test]
fn oversize_and_empty_messages_are_refused() {
    let scene = scene();
    let (_, answer) = scene.tasks(1);
    for length in [0, 20, 64 * 1024 + 1] {
        let task = ComparisonTask {
            sealed: vec![7; length],
            ..answer.clone()
        };
        refused(
            scene.work(&scene.council, &USUAL, &task),
            ComparisonRefusal::Damaged,
        );
    }
}

#[test]
fn a_record_that_changed_in_between_is_found_out() {
    let scene = scene();
    let (open, answer) = scene.tasks(1);
    let opening = scene.opened(&open);
    let reply = scene.answered(&answer, opening);
    scene
        .police
        .import("p1,AMAL,HADDADI,1990-03-02,07700900123,potential_victim,no\n");
    refused(scene.finish(&open, reply), ComparisonRefusal::Changed);
    // Nor does it begin the same comparison twice, of two versions.
    refused(
        scene.work(&scene.police, &USUAL, &open),
        ComparisonRefusal::Changed,
    );
    let (again, _) = scene.tasks(2);
    scene.opened(&again);
}

#[test]
fn an_answerer_answers_one_opening_of_a_comparison() {
    let scene = scene();
    let (open, answer) = scene.tasks(1);
    scene.answered(&answer, scene.opened(&open));
    scene
        .police
        .import("p1,AMAL,HADDADI,1990-03-02,07700900123,potential_victim,no\n");
    let tomorrow = Terms {
        now: Timestamp(NOW.0 + DAY_MS),
        ..USUAL
    };
    let other = sealed(scene.work(&scene.police, &tomorrow, &open));
    let task = ComparisonTask {
        sealed: other,
        ..answer
    };
    refused(
        scene.work(&scene.council, &USUAL, &task),
        ComparisonRefusal::Changed,
    );
}

#[test]
fn limits_are_kept_by_peer_and_by_record_and_a_new_day_begins_anew() {
    let scene = scene();
    let limited = |per_peer, per_record| Terms {
        limits: ComparisonLimits {
            per_peer,
            per_record,
        },
        ..USUAL
    };
    let tasks: Vec<_> = (1..=3).map(|n| scene.tasks(n).0).collect();
    let outcomes = |terms: &Terms| {
        let steps = scene.works(&scene.police, terms, &tasks);
        steps
            .iter()
            .map(|step| matches!(step.outcome, StepOutcome::Sealed(_)))
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes(&limited(9, 1)), [true, false, false]);
    assert_eq!(outcomes(&limited(2, 9)), [true, true, false]);
    let limit = scene.work(&scene.police, &limited(2, 9), &tasks[2]);
    refused(limit, ComparisonRefusal::Limit);
    let tomorrow = Terms {
        now: Timestamp(NOW.0 + DAY_MS),
        ..limited(2, 9)
    };
    assert_eq!(outcomes(&tomorrow), [true, true, false]);
}

#[test]
fn switched_off_by_the_agency_or_by_the_partnership() {
    let mut scene = scene();
    let (open, _) = scene.tasks(1);
    let off = Terms {
        switched_on: false,
        ..USUAL
    };
    let outcome = scene.work(&scene.police, &off, &open);
    refused(outcome, ComparisonRefusal::SwitchedOff);
    scene.roster = scene.roster.with_second_step(false, NOW).unwrap();
    let outcome = scene.work(&scene.police, &USUAL, &open);
    refused(outcome, ComparisonRefusal::SwitchedOff);
    assert!(scene.police.store.comparisons(9).unwrap().is_empty());
}

#[test]
fn only_records_that_are_open_to_others_take_part() {
    let scene = scene();
    let (open, _) = scene.tasks(1);
    let unknown = ComparisonTask {
        own: sanctuary_types::Pseudonym([9; 16]),
        ..open.clone()
    };
    let outcome = scene.work(&scene.police, &USUAL, &unknown);
    refused(outcome, ComparisonRefusal::UnknownRecord);
    for visibility in ["owner_first", "silent"] {
        scene.police.import_with(
            &agency::MAPPING.replace("\"open\"", &format!("\"{visibility}\"")),
            "p1,AMAL,HADDAD,1990-03-02,07700900123,potential_victim,no\n",
        );
        let outcome = scene.work(&scene.police, &USUAL, &open);
        refused(outcome, ComparisonRefusal::UnknownRecord);
    }
    let later = Terms {
        now: Timestamp(NOW.0 + 800 * DAY_MS),
        ..USUAL
    };
    scene
        .police
        .import("p1,AMAL,HADDAD,1990-03-02,07700900123,potential_victim,no\n");
    let outcome = scene.work(&scene.police, &later, &open);
    refused(outcome, ComparisonRefusal::UnknownRecord);
    scene
        .police
        .import("p1,AMAL,HADDAD,1990-03-02,07700900123,potential_victim,yes\n");
    let outcome = scene.work(&scene.police, &USUAL, &open);
    refused(outcome, ComparisonRefusal::UnknownRecord);
}

#[test]
fn tasks_that_have_expired_get_no_step() {
    let scene = scene();
    let (open, _) = scene.tasks(1);
    let expired = ComparisonTask {
        expires: NOW,
        ..open
    };
    assert!(scene.works(&scene.police, &USUAL, &[expired]).is_empty());
    assert!(scene.police.store.comparisons(9).unwrap().is_empty());
}
