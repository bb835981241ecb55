use sanctuary_review::{Answer, Decide, Next, Reason, ReviewError, State, What};
use sanctuary_types::{AlertState, Timestamp};

use crate::world::*;

#[test]
fn one_answer_decides_and_a_stale_one_saves_nothing_and_says_who_was_first() {
    let world = World::new();
    world.hear(facts(1), START);
    let seen = world.item(1).version;
    let saved = world.decide(1, "ann", Answer::Confirmed, at(MINUTE));
    assert_eq!(saved.state, State::WaitingToSend);
    assert_eq!(saved.undo_until, Some(at(6 * MINUTE)));

    let late = decide(1, seen, Answer::NotTheSame);
    let before = world.item(1);
    let Err(ReviewError::Stale(stale)) =
        world
            .review()
            .decide(&late, &world.actor("bob"), at(2 * MINUTE))
    else {
        panic!("a stale version was taken");
    };
    assert_eq!((stale.by, stale.what), (Some(person("ann")), What::Decided));
    assert_eq!(stale.version, saved.version);
    assert_eq!(world.item(1), before);
    let again = world.try_decide(1, "bob", Answer::NotTheSame, at(2 * MINUTE));
    assert_eq!(again, Err(ReviewError::UndoFirst));
}

#[test]
fn reasons_belong_to_answers_and_some_need_a_note() {
    let world = World::new();
    world.hear(facts(1), START);
    let ann = world.actor("ann");
    let mut wrong = decide(1, 1, Answer::Confirmed);
    wrong.reason = Reason::CommonName;
    let refused = world.review().decide(&wrong, &ann, START);
    assert_eq!(refused, Err(ReviewError::WrongReason));
    let silent = Decide {
        reason: Reason::Other,
        note: None,
        ..wrong
    };
    let refused = world.review().decide(&silent, &ann, START);
    assert_eq!(refused, Err(ReviewError::NoteNeeded));
    for answer in Answer::ALL {
        assert!(Reason::of(*answer).count() >= 3);
    }
    assert_eq!(world.state(1), State::New);
}

#[test]
fn an_administrator_sees_and_does_nothing_and_an_authoriser_does_not_review() {
    let world = World::new();
    world.hear(facts(1), START);
    let (ada, review) = (world.actor("ada"), world.review());
    let needs = |e: ReviewError| assert_eq!(e.rule(), "needs_role", "{e}");
    needs(review.list(&Default::default(), &ada, START).unwrap_err());
    needs(review.show(&id(1), &ada, START).unwrap_err());
    needs(review.figures(7, &ada, START).unwrap_err());
    needs(review.views(&ada).unwrap_err());
    for name in ["ada", "sam"] {
        needs(
            world
                .try_decide(1, name, Answer::Confirmed, START)
                .unwrap_err(),
        );
    }
    assert!(world.log.acts.lock().unwrap().is_empty());
}

#[test]
fn two_people_answer_a_victim_who_is_a_suspect_and_the_second_does_not_see_the_first() {
    let world = World::new();
    world.hear(suspect(1), START);
    let saved = world.decide(1, "ann", Answer::Confirmed, at(MINUTE));
    assert_eq!(
        (saved.state, saved.undo_until),
        (State::SecondReviewer, None)
    );
    assert!(world.review().to_send(at(DAY), 9).unwrap().is_empty());

    let shown = |name: &str| {
        world
            .review()
            .show(&id(1), &world.actor(name), at(MINUTE))
            .unwrap()
    };
    let bob = shown("bob");
    assert!(bob.blind && bob.line.answer.is_none());
    assert!(
        bob.history
            .iter()
            .all(|l| l.answer.is_none() && l.note.is_none())
    );
    assert!(
        !serde_json::to_string(&bob.history)
            .unwrap()
            .contains("seen in the file")
    );
    assert_eq!(bob.line.next, [Next::DecideSecond, Next::Assign]);
    let ann = shown("ann");
    assert_eq!(ann.history.last().unwrap().answer, Some(Answer::Confirmed));
    assert_eq!(ann.line.next, [Next::Undo, Next::Assign]);

    // The same person, and a colleague at the same machine, are no second person.
    let twice = world.try_decide(1, "ann", Answer::Confirmed, at(MINUTE));
    assert_eq!(twice, Err(ReviewError::SamePerson));
    let mut borrowed = world.actor("bob");
    borrowed.session = "session of ann".to_owned();
    let decide = decide(1, world.item(1).version, Answer::Confirmed);
    let refused = world.review().decide(&decide, &borrowed, at(MINUTE));
    assert_eq!(refused, Err(ReviewError::SamePerson));

    let saved = world.decide(1, "bob", Answer::Confirmed, at(2 * MINUTE));
    assert_eq!(saved.state, State::WaitingToSend);
    let decision = world.item(1).decision.unwrap();
    assert_eq!(decision.reviewers_agreed, Some(true));
    assert_eq!(decision.verdicts.len(), 2);
    let seen = shown("ivy");
    assert!(!seen.blind && seen.history.iter().filter(|l| l.answer.is_some()).count() == 2);
}

#[test]
fn two_who_disagree_go_to_a_supervisor_who_is_neither() {
    let world = World::new();
    let mut child = facts(1);
    child.child = true;
    world.hear(child, START);
    world.decide(1, "ann", Answer::Confirmed, at(1));
    let saved = world.decide(1, "ivy", Answer::CannotTell, at(2));
    assert_eq!(saved.state, State::Supervisor);
    let refused = world.try_decide(1, "bob", Answer::Confirmed, at(3));
    assert_eq!(refused, Err(ReviewError::WithSupervisor));
    let settled = world.decide(1, "sam", Answer::NotTheSame, at(4));
    assert_eq!(settled.state, State::WaitingToSend);
    assert_eq!(
        world.item(1).decision.unwrap().reviewers_agreed,
        Some(false)
    );
    // A supervisor who had answered themselves is not a third person.
    world.hear(suspect(2), START);
    world.decide(2, "ann", Answer::Confirmed, at(1));
    world.decide(2, "bob", Answer::NotTheSame, at(2));
    let mut both = world.actor("sam");
    both.account = "ann".to_owned();
    let decide = decide(2, world.item(2).version, Answer::Confirmed);
    let refused = world.review().decide(&decide, &both, at(3));
    assert_eq!(refused, Err(ReviewError::SamePerson));
}

#[test]
fn an_answer_is_undone_by_its_author_in_time_and_goes_back_to_where_it_was() {
    let world = World::new();
    world.hear(facts(1), START);
    let before = world.item(1);
    world.decide(1, "ann", Answer::NotTheSame, at(0));
    let undo = |name: &str, after| {
        let version = world.item(1).version;
        world
            .review()
            .undo(&id(1), version, &world.actor(name), at(after))
    };
    assert_eq!(undo("bob", MINUTE), Err(ReviewError::NotYours));
    assert_eq!(undo("ann", 5 * MINUTE), Err(ReviewError::TooLate));
    let saved = undo("ann", 4 * MINUTE).unwrap();
    assert_eq!(saved.state, State::New);
    let after = world.item(1);
    assert_eq!(
        (after.decision, after.answers, after.due),
        (None, Vec::new(), before.due)
    );
    assert!(world.review().to_send(at(DAY), 9).unwrap().is_empty());
    assert_eq!(undo("ann", 4 * MINUTE), Err(ReviewError::TooLate));
    // A supervisor may undo for a colleague.
    world.decide(1, "ann", Answer::CannotTell, at(0));
    undo("sam", 1).unwrap();
}

#[test]
fn a_first_answer_that_was_taken_back_stays_hidden_too() {
    let world = World::new();
    world.hear(suspect(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(1));
    let version = world.item(1).version;
    world
        .review()
        .undo(&id(1), version, &world.actor("ann"), at(DAY))
        .unwrap();
    assert_eq!(world.state(1), State::New);
    world.decide(1, "ann", Answer::NotTheSame, at(DAY + 1));
    world.decide(1, "bob", Answer::NotTheSame, at(DAY + 2));
    let version = world.item(1).version;
    world
        .review()
        .undo(&id(1), version, &world.actor("bob"), at(DAY + 3))
        .unwrap();
    assert_eq!(world.state(1), State::SecondReviewer);
    let ivy = world
        .review()
        .show(&id(1), &world.actor("ivy"), at(DAY + 4))
        .unwrap();
    assert!(ivy.history.iter().all(|l| l.answer.is_none()));
}

#[test]
fn a_sent_decision_can_be_changed_and_the_old_one_stands_until_then() {
    let world = World::new();
    world.hear(suspect(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(1));
    world.decide(1, "bob", Answer::Confirmed, at(2));
    assert_eq!(world.send(2, at(HOUR)), 1);
    assert_eq!(world.state(1), State::Sent);
    world.hear(later(&suspect(1), 2, AlertState::Confirmed), at(HOUR));
    world.decide(1, "ann", Answer::NotTheSame, at(2 * HOUR));
    assert_eq!(world.item(1).decision.unwrap().answer, Answer::Confirmed);
    world.decide(1, "ivy", Answer::NotTheSame, at(3 * HOUR));
    assert_eq!(world.item(1).decision.unwrap().answer, Answer::NotTheSame);
    let send = world.review().to_send(at(DAY), 9).unwrap();
    assert_eq!(
        (send[0].answer, send[0].alert_version),
        (Answer::NotTheSame, 2)
    );
    // Undone, the first decision stands again.
    let version = world.item(1).version;
    world
        .review()
        .undo(&id(1), version, &world.actor("ivy"), at(3 * HOUR + 1))
        .unwrap();
    assert_eq!(world.item(1).decision.unwrap().answer, Answer::Confirmed);
}

#[test]
fn nothing_is_done_that_could_not_be_logged_first() {
    use std::sync::atomic::Ordering;
    let world = World::new();
    world.hear(facts(1), START);
    world.log.is_down.store(true, Ordering::Relaxed);
    let refused = world
        .try_decide(1, "ann", Answer::Confirmed, START)
        .unwrap_err();
    assert!(refused.is_passing());
    assert_eq!(refused.rule(), "not_logged");
    assert!(
        world
            .review()
            .show(&id(1), &world.actor("ann"), START)
            .is_err()
    );
    assert!(
        world
            .review()
            .list(&Default::default(), &world.actor("ann"), START)
            .is_err()
    );
    assert_eq!(world.item(1).version, 1);
    world.log.is_down.store(false, Ordering::Relaxed);
    world.decide(1, "ann", Answer::Confirmed, START);
    let acts = world.log.acts.lock().unwrap();
    assert!(acts.last().unwrap().1.contains("\"answer\":\"confirmed\""));
    assert!(
        !acts
            .iter()
            .any(|(_, text)| text.contains("seen in the file"))
    );
    assert_eq!(world.item(1).history.last().unwrap().at, Timestamp(START.0));
}

#[test]
fn somebody_who_asks_confirms_at_once_but_never_alone_where_two_are_needed() {
    let world = World::new();
    let (ivy, review) = (world.actor("ivy"), world.review());
    world.hear(facts(1), START);
    world.hear(suspect(2), START);
    review.confirm_to_ask(&id(1), &ivy, at(1)).unwrap();
    assert_eq!(world.send(2, at(1)), 1);
    let item = world.item(1);
    review.confirm_to_ask(&id(1), &ivy, at(2)).unwrap();
    assert_eq!(world.item(1), item);
    let refused = review.confirm_to_ask(&id(2), &ivy, at(1));
    assert_eq!(refused, Err(ReviewError::NeedsTwo));
    world.decide(2, "ivy", Answer::Confirmed, at(2));
    assert_eq!(
        review.confirm_to_ask(&id(2), &ivy, at(3)),
        Err(ReviewError::NeedsTwo)
    );
    world.decide(2, "ann", Answer::Confirmed, at(4));
    review.confirm_to_ask(&id(2), &ivy, at(5)).unwrap();
    let refused = review.confirm_to_ask(&id(9), &ivy, at(5));
    assert_eq!(refused, Err(ReviewError::NoSuchAlert));
}

#[test]
fn a_refusal_names_who_was_faster() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(MINUTE));
    let late = decide(1, 1, Answer::NotTheSame);
    let refused = world
        .review()
        .decide(&late, &world.actor("bob"), at(2 * MINUTE));
    let fault = world.review().fault(&refused.unwrap_err());
    assert_eq!(fault.rule, "stale");
    assert_eq!(fault.stale.unwrap().by.unwrap().name, "ann of police");
    assert!(fault.text.ends_with("ann of police changed it last"));
}
