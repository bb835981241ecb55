use sanctuary_types::{
    AddressLevel, BirthClass, ComparedLevels, Likeness, NameLevel, PartyId, Slots, Timestamp,
    TokenType, Visibility, limits,
};

use super::kit::*;
use crate::{
    ComparisonStep, ComparisonTask, HubError, StepOutcome,
    ports::{StateStore, StateTable},
};

/// A record that leaves doubt: one name part and an area, no date of birth.
fn vague(number: u8, person: &str) -> Record {
    let tokens = vec![
        (
            TokenType::La,
            Slots::parts(&[0]).with_area(0),
            format!("{person}/la"),
        ),
        (TokenType::Nr, Slots::parts(&[0, 1]), format!("{person}/nr")),
        (
            TokenType::Na,
            Slots::parts(&[0]).with_area(0),
            format!("{person}/na"),
        ),
        (TokenType::Nf, Slots::parts(&[1]), format!("{person}/nf")),
        (
            TokenType::Na,
            Slots::parts(&[1]).with_area(0),
            format!("{person}/na1"),
        ),
    ];
    let mut record = Record::with_tokens(number, tokens);
    record.card.presence.birth = BirthClass::None;
    record
}

fn doubtful() -> Kit {
    let mut kit = Kit::new();
    kit.hub.set_second_step(true);
    kit.push("police", &[&vague(1, "ann")]);
    kit.push("council", &[&vague(2, "ann")]);
    kit.round();
    kit
}

fn take(kit: &Kit, agency: &str) -> Vec<ComparisonTask> {
    kit.hub.take_comparisons(&kit.id(agency), 10, NOW).unwrap()
}

/// Opener and answerer of the kit's only comparison.
fn sides(kit: &Kit) -> (&'static str, &'static str) {
    if take(kit, "police").is_empty() {
        ("council", "police")
    } else {
        ("police", "council")
    }
}

fn put(
    kit: &Kit,
    agency: &str,
    task: &ComparisonTask,
    outcome: StepOutcome,
) -> Result<Vec<[u8; 16]>, HubError> {
    let step = ComparisonStep {
        id: task.id,
        stage: task.stage,
        outcome,
    };
    kit.hub.put_comparisons(&kit.id(agency), &[step], NOW)
}

const ALIKE: ComparedLevels = ComparedLevels {
    name: Some(NameLevel::Two(Likeness::Same, Likeness::Same)),
    birth: None,
    address: Some(AddressLevel::Same),
    middle: None,
    sex: Some(true),
};

/// Carries the comparison to its end.
fn carry(kit: &Kit, levels: ComparedLevels) {
    let (opener, answerer) = sides(kit);
    let message = vec![9; 20_000];
    let task = &take(kit, opener)[0];
    put(kit, opener, task, StepOutcome::Sealed(vec![1; 10])).unwrap();
    let task = &take(kit, answerer)[0];
    put(kit, answerer, task, StepOutcome::Sealed(message.clone())).unwrap();
    let task = &take(kit, opener)[0];
    assert_eq!((task.stage, &task.sealed), (3, &message));
    put(kit, opener, task, StepOutcome::Levels(levels)).unwrap();
}

fn bits(kit: &Kit) -> f64 {
    kit.hub.scored_pairs()[0].bits
}

#[test]
fn a_doubtful_pair_is_compared_and_what_was_found_counts() {
    let mut kit = doubtful();
    let before = bits(&kit);
    let (opener, answerer) = sides(&kit);
    assert!(take(&kit, answerer).is_empty() && take(&kit, "refuge").is_empty());
    let task = take(&kit, opener).remove(0);
    assert_eq!((task.stage, task.handles.len()), (1, 4));
    assert_eq!(task.other, kit.id(answerer));
    assert!(task.sealed.is_empty() && task.expires > NOW);
    put(&kit, opener, &task, StepOutcome::Sealed(b"hello".to_vec())).unwrap();
    // A retry is acknowledged and changes nothing.
    let taken = put(&kit, opener, &task, StepOutcome::Sealed(b"other".to_vec())).unwrap();
    assert_eq!(taken, [task.id]);
    // Everything is durable.
    kit.restart(NOW);
    kit.hub.set_second_step(true);
    kit.round();
    assert!(take(&kit, opener).is_empty());
    let answer = take(&kit, answerer).remove(0);
    assert_eq!((answer.id, answer.stage), (task.id, 2));
    assert_eq!(answer.sealed, b"hello");
    assert_ne!(answer.handles, task.handles);
    put(
        &kit,
        answerer,
        &answer,
        StepOutcome::Sealed(b"back".to_vec()),
    )
    .unwrap();
    let last = take(&kit, opener).remove(0);
    assert_eq!((last.stage, &last.sealed[..]), (3, &b"back"[..]));
    put(&kit, opener, &last, StepOutcome::Levels(ALIKE)).unwrap();
    assert!(take(&kit, opener).is_empty() && take(&kit, answerer).is_empty());
    assert_eq!(bits(&kit), before, "the next round reads it");
    kit.round();
    let after = bits(&kit);
    assert!(after > before + 1.0, "{before} {after}");
    let counts = kit.hub.comparison_counts(Some(&kit.id(opener)));
    assert_eq!((counts.waiting, counts.done, counts.refusals()), (0, 1, 0));
    let stages = kit.hub.scored_pairs_by_stage();
    assert!((stages.tokens[0].bits - before).abs() < 1e-9);
    assert!((stages.pairs_only[0].bits - after).abs() < 1e-9);
    assert_eq!(stages.second_step, kit.hub.scored_pairs());
    // A restart keeps it, and it is not asked for again.
    kit.restart(NOW);
    kit.hub.set_second_step(true);
    kit.round();
    assert!((bits(&kit) - after).abs() < 1e-9);
    let tomorrow = Timestamp(NOW.0 + 86_400_000);
    assert_eq!(kit.hub.run_round(tomorrow).unwrap().comparisons_begun, 0);
}

/// Both sides' handles name postings of the same tags, in the same order.
#[test]
fn handles_of_both_sides_belong_together() {
    let kit = doubtful();
    let (opener, answerer) = sides(&kit);
    let first = take(&kit, opener).remove(0);
    put(&kit, opener, &first, StepOutcome::Sealed(vec![1])).unwrap();
    let second = take(&kit, answerer).remove(0);
    let record = |task: &ComparisonTask| vague(task.own.0[0], "ann");
    let tags = |agency: &str, task: &ComparisonTask| -> Vec<Vec<u8>> {
        let postings = record(task).postings(&kit.id(agency));
        let tag = |handle: &sanctuary_types::Handle| {
            let posting = postings.iter().find(|p| p[48..56] == handle.0);
            posting.unwrap()[..16].to_vec()
        };
        task.handles.iter().map(tag).collect()
    };
    assert_eq!(tags(opener, &first), tags(answerer, &second));
}

#[test]
fn what_was_found_goes_with_the_versions_of_the_records() {
    let mut kit = doubtful();
    let before = bits(&kit);
    carry(&kit, ALIKE);
    kit.round();
    assert!(bits(&kit) > before + 1.0);
    kit.withdraw("police", &vague(1, "ann"));
    kit.push("police", &[&vague(1, "ann").again()]);
    kit.round();
    kit.hub.settle(NOW).unwrap();
    assert!(
        (bits(&kit) - before).abs() < 1e-6,
        "{before} {}",
        bits(&kit)
    );
    let stored = kit
        .state
        .scan(StateTable::Comparisons, &[], None, 10)
        .unwrap();
    assert_eq!(stored.len(), 1);
    let row = String::from_utf8_lossy(&stored[0].1).into_owned();
    assert!(row.contains("refused") && !row.contains("address"), "{row}");
    // The new version is compared, but not on the same day.
    assert!(take(&kit, "police").is_empty() && take(&kit, "council").is_empty());
    let tomorrow = Timestamp(NOW.0 + 86_400_000);
    assert_eq!(kit.hub.run_round(tomorrow).unwrap().comparisons_begun, 1);
}

#[test]
fn a_withdrawn_record_ends_its_comparison() {
    let mut kit = doubtful();
    let (opener, _) = sides(&kit);
    let task = take(&kit, opener).remove(0);
    put(&kit, opener, &task, StepOutcome::Sealed(vec![1])).unwrap();
    kit.withdraw("council", &vague(2, "ann"));
    kit.round();
    assert!(take(&kit, "police").is_empty() && take(&kit, "council").is_empty());
    let counts = kit.hub.comparison_counts(None);
    assert_eq!((counts.waiting, counts.refused["changed"]), (0, 1));
    let next_day = Timestamp(NOW.0 + 86_400_000);
    kit.hub.run_round(next_day).unwrap();
    assert_eq!(kit.hub.comparison_counts(None).refusals(), 0, "forgotten");
}

#[test]
fn a_refusal_is_counted_and_asked_again_on_another_day() {
    let kit = doubtful();
    let (opener, _) = sides(&kit);
    let task = take(&kit, opener).remove(0);
    put(
        &kit,
        opener,
        &task,
        StepOutcome::Refused("switched_off".to_owned()),
    )
    .unwrap();
    kit.round();
    let counts = kit.hub.comparison_counts(None);
    assert_eq!(counts.refused["switched_off"], 1);
    assert!(take(&kit, "police").is_empty() && take(&kit, "council").is_empty());
    let tomorrow = Timestamp(NOW.0 + 86_400_000);
    assert_eq!(kit.hub.run_round(tomorrow).unwrap().comparisons_begun, 1);
    assert_eq!(kit.hub.comparison_counts(None).refusals(), 0);
}

#[test]
fn an_unknown_code_is_damage_and_nobody_answers_for_another() {
    let kit = doubtful();
    let (opener, answerer) = sides(&kit);
    let task = take(&kit, opener).remove(0);
    for stranger in [answerer, "refuge"] {
        let taken = put(&kit, stranger, &task, StepOutcome::Sealed(vec![1])).unwrap();
        assert_eq!(taken, [task.id], "says nothing of what there is");
    }
    assert_eq!(take(&kit, opener), std::slice::from_ref(&task));
    put(
        &kit,
        opener,
        &task,
        StepOutcome::Refused("no <b>words</b>".to_owned()),
    )
    .unwrap();
    assert_eq!(kit.hub.comparison_counts(None).refused["damaged"], 1);
}

#[test]
fn answers_that_do_not_fit_are_refused() {
    let kit = doubtful();
    let (opener, _) = sides(&kit);
    let task = take(&kit, opener).remove(0);
    for (stage, outcome) in [
        (1, StepOutcome::Levels(ALIKE)),
        (3, StepOutcome::Sealed(vec![1])),
        (1, StepOutcome::Sealed(Vec::new())),
        (1, StepOutcome::Sealed(vec![0; 64 * 1024 + 1])),
        (4, StepOutcome::Refused("limit".to_owned())),
    ] {
        let task = ComparisonTask {
            stage,
            ..task.clone()
        };
        let refused = put(&kit, opener, &task, outcome);
        assert!(matches!(refused, Err(HubError::Step { .. })));
    }
    put(&kit, opener, &task, StepOutcome::Sealed(vec![7; 64 * 1024])).unwrap();
    assert_eq!(take(&kit, sides(&kit).0)[0].sealed, vec![7; 64 * 1024]);
}

#[test]
fn nothing_is_compared_that_is_hidden_sure_or_switched_off() {
    let begun = |switch: bool, first: Record, second: Record| {
        let mut kit = Kit::new();
        kit.hub.set_second_step(switch);
        kit.push("police", &[&first]);
        kit.push("council", &[&second]);
        kit.hub.run_round(NOW).unwrap().comparisons_begun
    };
    assert_eq!(begun(true, vague(1, "ann"), vague(2, "ann")), 1);
    assert_eq!(begun(false, vague(1, "ann"), vague(2, "ann")), 0);
    let sure = |number| Record::new(number, "ann").phone("07700900123");
    assert_eq!(begun(true, sure(1), sure(2)), 0);
    for hidden in [Visibility::OwnerFirst, Visibility::Silent] {
        let first = vague(1, "ann").visible(hidden);
        assert_eq!(begun(true, first, vague(2, "ann")), 0);
    }
}

#[test]
fn switching_off_ends_what_waits_and_switching_on_looks_again() {
    let kit = doubtful();
    kit.hub.set_second_step(false);
    assert!(take(&kit, "police").is_empty() && take(&kit, "council").is_empty());
    kit.round();
    assert_eq!(kit.hub.comparison_counts(None).refused["switched_off"], 1);
    kit.hub.set_second_step(true);
    let tomorrow = Timestamp(NOW.0 + 86_400_000);
    assert_eq!(kit.hub.run_round(tomorrow).unwrap().comparisons_begun, 1);
}

#[test]
fn nobody_waits_for_ever() {
    let kit = doubtful();
    let (opener, _) = sides(&kit);
    let task = take(&kit, opener).remove(0);
    let late = Timestamp(task.expires.0);
    let step = ComparisonStep {
        id: task.id,
        stage: 1,
        outcome: StepOutcome::Sealed(vec![1]),
    };
    let id = kit.id(opener);
    assert!(kit.hub.take_comparisons(&id, 10, late).unwrap().is_empty());
    kit.hub.put_comparisons(&id, &[step], late).unwrap();
    let report = kit.hub.run_round(late).unwrap();
    let counts = kit.hub.comparison_counts(None);
    assert_eq!(counts.refused["expired"], 1);
    assert_eq!((counts.waiting, report.comparisons_begun), (1, 1));
}

#[test]
fn a_record_is_compared_with_one_agency_a_limited_number_of_times_a_day() {
    let mut kit = Kit::new();
    kit.hub.set_second_step(true);
    let many: Vec<Record> = (100..130).map(|number| vague(number, "ann")).collect();
    kit.push("police", &[&vague(1, "ann")]);
    kit.push("council", &many.iter().collect::<Vec<_>>());
    let begun = kit.hub.run_round(NOW).unwrap().comparisons_begun;
    assert_eq!(begun, limits::COMPARISONS_PER_RECORD_DAY as usize);
    kit.restart(NOW);
    kit.hub.set_second_step(true);
    assert_eq!(kit.hub.run_round(NOW).unwrap().comparisons_begun, 0);
}

#[test]
fn the_most_uncertain_come_first_and_the_lab_sees_them_all() {
    let kit = doubtful();
    let pairs = kit.hub.pairs_to_compare();
    assert_eq!(pairs.len(), 1);
    let before = bits(&kit);
    kit.hub.put_compared(&[(pairs[0], ALIKE)]);
    kit.hub.settle(NOW).unwrap();
    assert!(bits(&kit) > before + 1.0);
    assert!(kit.hub.pairs_to_compare().is_empty());
    let names: Vec<PartyId> = kit
        .hub
        .scored_pairs()
        .into_iter()
        .map(|pair| pair.agency_a)
        .collect();
    assert_eq!(names.len(), 1);
}
