use sanctuary_review::{Answer, Rules, State, What};
use sanctuary_types::{AlertKind, AlertState, Band, EvidenceKind};

use crate::world::*;

fn last(world: &World) -> What {
    world.item(1).history.last().unwrap().what
}

#[test]
fn hearing_the_same_again_changes_nothing_and_a_restart_loses_nothing() {
    let mut world = World::new();
    let heard = world.hear(facts(1), START);
    assert_eq!((heard.new, heard.known), (1, 0));
    let item = world.item(1);
    let heard = world.hear(facts(1), at(DAY));
    assert_eq!((heard.new, heard.known), (0, 1));
    world.restart();
    assert_eq!(world.hear(facts(1), at(DAY)).known, 1);
    assert_eq!(world.item(1), item);
    // Several versions in one portion are each heard once.
    let versions = (1..=4).map(|v| later(&facts(2), v, AlertState::Open));
    let heard = world.review().hear(versions.collect(), START).unwrap();
    assert_eq!((heard.new, heard.changed), (1, 3));
    assert_eq!(world.item(2).facts.version, 4);
    assert_eq!(world.desk.len(), 2);
}

#[test]
fn a_child_and_a_victim_who_is_a_suspect_are_due_sooner() {
    let world = World::new();
    let clocks = Rules::default().clocks;
    world.hear(facts(1), START);
    world.hear(suspect(2), START);
    let mut child = facts(3);
    child.child = true;
    world.hear(child, START);
    let mut strong = facts(4);
    strong.band = Band::Strong;
    world.hear(strong, START);
    let minutes = |number| (world.item(number).due.0 - START.0) / MINUTE;
    assert_eq!(minutes(1), u64::from(clocks.routine.answer_minutes));
    assert_eq!(
        minutes(2),
        u64::from(clocks.urgent_safeguarding.answer_minutes)
    );
    assert_eq!(minutes(3), minutes(2));
    assert_eq!(minutes(4), u64::from(clocks.time_critical.answer_minutes));
    // It turns out to be a child: sooner, never later.
    let mut turned = later(&facts(1), 2, AlertState::Open);
    turned.child = true;
    world.hear(turned, at(HOUR));
    assert_eq!(world.item(1).due, at(25 * HOUR));
    world.hear(later(&facts(1), 3, AlertState::Open), at(HOUR));
    assert_eq!(world.item(1).due, at(25 * HOUR));
}

#[test]
fn not_the_same_stays_away_until_another_kind_of_evidence_agrees() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::NotTheSame, at(1));
    world.send(2, at(HOUR));
    world.hear(later(&facts(1), 2, AlertState::NotTheSame), at(HOUR));
    assert_eq!(world.state(1), State::Sent);
    // Stronger, but nothing of another kind.
    let mut stronger = later(&facts(1), 3, AlertState::NotTheSame);
    stronger.band = Band::Strong;
    world.hear(stronger, at(2 * HOUR));
    assert_eq!(
        (world.state(1), last(&world)),
        (State::Sent, What::NewerEvidence)
    );
    assert!(world.item(1).newer_evidence);
    let mut phone = later(&facts(1), 4, AlertState::NotTheSame);
    agree(&mut phone, EvidenceKind::DateOfBirth);
    world.hear(phone, at(3 * HOUR));
    assert_eq!((world.state(1), last(&world)), (State::New, What::Reopened));
    let item = world.item(1);
    assert_eq!(
        (item.since, item.decision, item.newer_evidence),
        (at(3 * HOUR), None, false)
    );
}

#[test]
fn a_confirmation_is_marked_and_only_reopens_for_a_victim_who_is_a_suspect() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(1));
    world.send(2, at(HOUR));
    let mut more = later(&facts(1), 3, AlertState::Confirmed);
    agree(&mut more, EvidenceKind::Place);
    world.hear(more.clone(), at(2 * HOUR));
    assert_eq!(
        (world.state(1), last(&world)),
        (State::Sent, What::NewerEvidence)
    );
    let mut turned = later(&more, 4, AlertState::Confirmed);
    turned.kind = AlertKind::VictimIsSuspect;
    world.hear(turned, at(3 * HOUR));
    assert_eq!(last(&world), What::Reopened);
    assert_eq!(world.item(1).due, at(27 * HOUR));
    world.decide(1, "ann", Answer::Confirmed, at(4 * HOUR));
    assert_eq!(world.state(1), State::SecondReviewer);
}

#[test]
fn cannot_tell_comes_back_when_the_match_grows_stronger() {
    let world = World::new();
    world.hear(facts(1), START);
    let saved = world.decide(1, "ann", Answer::CannotTell, at(1));
    // There is nothing to tell the hub, and still time to undo.
    assert_eq!(
        (saved.state, saved.undo_until),
        (State::Decided, Some(at(5 * MINUTE + 1)))
    );
    assert!(world.review().to_send(at(DAY), 9).unwrap().is_empty());
    let mut stronger = later(&facts(1), 2, AlertState::Open);
    stronger.band = Band::Strong;
    world.hear(stronger, at(HOUR));
    assert_eq!(world.state(1), State::New);
}

#[test]
fn agencies_that_decide_otherwise_are_in_dispute_until_they_agree() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(1));
    world.send(2, at(HOUR));
    world.hear(later(&facts(1), 2, AlertState::Confirmed), at(HOUR));
    assert_eq!(world.item(1).other_says, None);
    world.hear(later(&facts(1), 3, AlertState::NotTheSame), at(2 * HOUR));
    assert_eq!(
        (world.state(1), last(&world)),
        (State::Disputed, What::Disputed)
    );
    assert_eq!(world.item(1).other_says, Some(Answer::NotTheSame));
    world.hear(later(&facts(1), 4, AlertState::Confirmed), at(3 * HOUR));
    assert_eq!((world.state(1), last(&world)), (State::Sent, What::Settled));
    // Taken back by the other side: no answer of both stands any more.
    world.hear(later(&facts(1), 5, AlertState::Open), at(4 * HOUR));
    assert_eq!(world.state(1), State::Disputed);
}

#[test]
fn another_agencys_answer_is_known_and_does_not_decide_here() {
    let world = World::new();
    world.hear(later(&facts(1), 1, AlertState::NotTheSame), START);
    assert_eq!(world.state(1), State::New);
    assert_eq!(world.item(1).other_says, Some(Answer::NotTheSame));
    // Deciding otherwise is possible; it is told, and marked as a dispute from then on.
    world.decide(1, "ann", Answer::Confirmed, at(1));
    assert_eq!(world.send(2, at(HOUR)), 1);
    assert_eq!(
        (world.state(1), last(&world)),
        (State::Disputed, What::Disputed)
    );
    world.hear(later(&facts(1), 2, AlertState::Confirmed), at(HOUR));
    assert_eq!(world.state(1), State::Disputed);
    assert_eq!(world.item(1).other_says, Some(Answer::NotTheSame));
}

#[test]
fn evidence_that_goes_withdraws_and_its_return_asks_anew() {
    let world = World::new();
    world.hear(facts(1), START);
    world.decide(1, "ann", Answer::Confirmed, at(1));
    world.hear(later(&facts(1), 2, AlertState::Lapsed), at(2));
    assert_eq!(
        (world.state(1), last(&world)),
        (State::Withdrawn, What::Withdrawn)
    );
    assert!(world.review().to_send(at(DAY), 9).unwrap().is_empty());
    assert_eq!(
        world
            .try_decide(1, "ann", Answer::Confirmed, at(3))
            .unwrap_err()
            .rule(),
        "withdrawn"
    );
    world.hear(later(&facts(1), 3, AlertState::Open), at(DAY));
    assert_eq!((world.state(1), world.item(1).decision), (State::New, None));
    assert_eq!(world.item(1).since, at(DAY));
}

#[test]
fn what_was_decided_and_sent_stands_when_the_same_evidence_comes_back() {
    let world = World::new();
    for (number, answer, hub) in [
        (1, Answer::Confirmed, AlertState::Confirmed),
        (2, Answer::NotTheSame, AlertState::NotTheSame),
        (3, Answer::CannotTell, AlertState::Open),
    ] {
        world.hear(facts(number), START);
        world.decide(number, "ann", answer, at(1));
        world.send(2, at(HOUR));
        let decided = world.state(number);
        world.hear(later(&facts(number), 3, AlertState::Lapsed), at(DAY));
        world.hear(later(&facts(number), 4, hub), at(2 * DAY));
        assert_eq!(world.state(number), decided);
        let last = world.item(number).history.last().unwrap().what;
        assert_eq!(
            (last, world.item(number).other_says),
            (What::Returned, None)
        );
    }
    // Back with another kind of evidence it is asked anew, as ever.
    world.hear(later(&facts(2), 5, AlertState::Lapsed), at(3 * DAY));
    let mut more = later(&facts(2), 6, AlertState::NotTheSame);
    agree(&mut more, EvidenceKind::Place);
    world.hear(more, at(4 * DAY));
    assert_eq!(world.state(2), State::New);
    // Back, and the other agency has decided otherwise meanwhile.
    world.hear(later(&facts(1), 5, AlertState::Lapsed), at(3 * DAY));
    world.hear(later(&facts(1), 6, AlertState::NotTheSame), at(4 * DAY));
    assert_eq!(world.state(1), State::Disputed);
    assert_eq!(world.item(1).other_says, Some(Answer::NotTheSame));
    assert_eq!(world.item(1).since, at(4 * DAY));
}

#[test]
fn any_newer_version_of_the_hub_makes_an_open_form_stale() {
    let world = World::new();
    world.hear(facts(1), START);
    let seen = world.item(1).version;
    world.hear(later(&facts(1), 2, AlertState::Open), at(1));
    assert_eq!(last(&world), What::Heard);
    let refused = world.review().decide(
        &decide(1, seen, Answer::Confirmed),
        &world.actor("ann"),
        at(2),
    );
    assert_eq!(refused.unwrap_err().rule(), "stale");
}
