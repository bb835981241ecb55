use sanctuary_review::{Answer, ReviewError, State};
use sanctuary_types::AlertState;

use crate::world::*;

#[test]
fn nothing_is_sent_while_it_can_be_undone_unless_somebody_says_so() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(0));
    assert_eq!(world.send(2, at(5 * MINUTE - 1)), 0);
    let version = world.item(1).version;
    let review = world.review();
    let refused = review.send_now(&id(1), version, &world.actor("bob"), at(1));
    assert_eq!(refused, Err(ReviewError::NotYours));
    review
        .send_now(&id(1), version, &world.actor("ann"), at(1))
        .unwrap();
    let version = world.item(1).version;
    let undone = review.undo(&id(1), version, &world.actor("ann"), at(2));
    assert_eq!(undone, Err(ReviewError::TooLate));
    assert_eq!(world.send(2, at(2)), 1);
    assert_eq!(world.state(1), State::Sent);
}

/// The node may stop between any two steps: before it asks the hub, after the hub has it, after the event
/// came in. Told twice is told once.
#[test]
fn a_stop_between_any_two_steps_sends_once_and_loses_nothing() {
    for stop in 0..4 {
        let mut world = World::new();
        world.hear(facts(1), START);
        if stop == 0 {
            world.restart();
        }
        world.decide(1, "ann", Answer::Confirmed, at(0));
        if stop == 1 {
            world.restart();
        }
        let first = world.review().to_send(at(HOUR), 9).unwrap();
        assert_eq!(first.len(), 1);
        if stop == 2 {
            // The hub was told, the node did not hear of it: the same again, the same act in the log.
            world.restart();
            assert_eq!(world.review().to_send(at(HOUR), 9).unwrap(), first);
        }
        if stop == 3 {
            // The event comes in before the node could note what it had done.
            world.restart();
            world.hear(later(&facts(1), 2, AlertState::Confirmed), at(HOUR));
            assert_eq!(world.state(1), State::Sent);
        }
        let send = &first[0];
        let sent = || world.review().sent(&send.alert, send.version, 2, at(HOUR));
        sent().unwrap();
        let item = world.item(1);
        sent().unwrap();
        assert_eq!(world.item(1), item);
        assert_eq!(item.state, State::Sent);
        assert!(world.review().to_send(at(DAY), 9).unwrap().is_empty());
    }
}

#[test]
fn a_version_that_came_meanwhile_is_the_one_decided_on() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(0));
    let old = world.review().to_send(at(HOUR), 9).unwrap();
    world.hear(later(&facts(1), 7, AlertState::Open), at(HOUR));
    let new = world.review().to_send(at(HOUR), 9).unwrap();
    assert_eq!((old[0].alert_version, new[0].alert_version), (1, 7));
    // The answer to the older attempt is not an answer to this one.
    world
        .review()
        .sent(&id(1), old[0].version, 2, at(HOUR))
        .unwrap();
    assert_eq!(world.state(1), State::WaitingToSend);
}

#[test]
fn the_other_sides_answer_meanwhile_stops_ours_and_the_same_one_needs_no_sending() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(0));
    world.hear(later(&facts(1), 2, AlertState::NotTheSame), at(1));
    assert_eq!(world.state(1), State::Disputed);
    assert_eq!(world.send(3, at(HOUR)), 0);
    world.hear(facts(2), START);
    world.decide(2, "ann", Answer::Confirmed, at(0));
    world.hear(later(&facts(2), 2, AlertState::Confirmed), at(1));
    assert_eq!(world.state(2), State::Sent);
    assert_eq!(world.send(3, at(HOUR)), 0);
}

#[test]
fn cannot_tell_takes_an_earlier_answer_back_at_the_hub() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(0));
    world.send(2, at(HOUR));
    // Before the hub's own event has come back.
    world.decide(1, "bob", Answer::CannotTell, at(2 * HOUR));
    let send = world.review().to_send(at(DAY), 9).unwrap();
    assert_eq!(
        (send[0].answer, send[0].alert_version),
        (Answer::CannotTell, 2)
    );
    world
        .review()
        .sent(&id(1), send[0].version, 3, at(DAY))
        .unwrap();
    assert_eq!(world.state(1), State::Decided);
    world.hear(later(&facts(1), 3, AlertState::Open), at(DAY));
    assert_eq!(world.state(1), State::Decided);
    // The other agency's answer is not this one's to take back.
    world.hear(later(&facts(2), 1, AlertState::Confirmed), START);
    world.decide(2, "ann", Answer::CannotTell, at(0));
    assert_eq!(world.state(2), State::Decided);
}
