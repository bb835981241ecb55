use sanctuary_review::{Answer, Filter, ListRequest, Next, Recheck, ReviewError, Rules};
use sanctuary_types::AlertId;

use crate::world::*;

fn always() -> World {
    World::with(Rules {
        recheck_per_mille: 1_000,
        ..Rules::default()
    })
}

#[test]
fn one_decision_in_twenty_is_drawn_the_same_whenever_it_is_asked() {
    let world = World::with(Rules::default());
    let mut drawn = Vec::new();
    for number in 0..2_000u32 {
        let mut facts = facts(1);
        facts.id.0[..4].copy_from_slice(&number.to_be_bytes());
        let alert: AlertId = facts.id;
        world.hear(facts, START);
        let mut decide = decide(1, 1, Answer::NotTheSame);
        decide.alert = alert;
        world
            .review()
            .decide(&decide, &world.actor("ann"), at(u64::from(number)))
            .unwrap();
        let request = ListRequest {
            filter: Filter {
                recheck: true,
                ..Filter::default()
            },
            ..ListRequest::default()
        };
        let page = world
            .review()
            .list(&request, &world.actor("bob"), START)
            .unwrap();
        if page.total > drawn.len() {
            drawn.push(number);
        }
    }
    // 5 % of 2,000, give or take four standard deviations.
    assert!((61..=139).contains(&drawn.len()), "{}", drawn.len());
}

#[test]
fn a_second_look_is_blind_and_by_somebody_else_and_is_counted() {
    let world = always();
    world.hear(facts(1), START);
    world.hear(facts(2), START);
    world.decide(1, "ann", Answer::Confirmed, at(1));
    world.decide(2, "ann", Answer::Confirmed, at(1));
    let (ann, bob, review) = (world.actor("ann"), world.actor("bob"), world.review());
    let refused = review.show_for_recheck(&id(1), &ann, at(2)).unwrap_err();
    assert_eq!(refused, ReviewError::SamePerson);
    let view = review.show_for_recheck(&id(1), &bob, at(2)).unwrap();
    assert!(view.blind && view.line.answer.is_none());
    assert!(
        view.history
            .iter()
            .all(|l| l.answer.is_none() && l.note.is_none())
    );
    assert!(view.line.next.contains(&Next::Recheck));
    let look = |number, answer| {
        let version = world.item(number).version;
        review.recheck(&decide(number, version, answer), &bob, at(3))
    };
    look(1, Answer::Confirmed).unwrap();
    look(2, Answer::NotTheSame).unwrap();
    assert_eq!(look(2, Answer::NotTheSame), Err(ReviewError::NotDrawn));
    assert!(matches!(
        world.item(2).recheck,
        Recheck::Done { agrees: false, .. }
    ));
    // The decision stays.
    assert_eq!(world.item(2).decision.unwrap().answer, Answer::Confirmed);
    let figures = review.figures(7, &world.actor("sam"), at(4)).unwrap();
    assert_eq!((figures.rechecks.pairs, figures.rechecks.agreed), (2, 1));
    assert_eq!(figures.rechecks.percent(), Some(50));
}

#[test]
fn the_supervisor_sees_what_is_late_who_has_it_and_what_was_decided() {
    let world = World::new();
    for number in 1..=6 {
        world.hear(facts(number), START);
    }
    world.hear(suspect(7), START);
    world.hear(suspect(8), START);
    world.decide(1, "ann", Answer::Confirmed, at(HOUR));
    world.decide(2, "ann", Answer::NotTheSame, at(DAY + HOUR));
    world.decide(3, "bob", Answer::CannotTell, at(20 * DAY));
    world.decide(7, "ann", Answer::Confirmed, at(HOUR));
    world.decide(7, "bob", Answer::Confirmed, at(2 * HOUR));
    world.decide(8, "ann", Answer::Confirmed, at(HOUR));
    world.decide(8, "bob", Answer::CannotTell, at(2 * HOUR));
    let assign = sanctuary_review::Assign {
        alerts: vec![(id(4), 1)],
        to: Some(person("ivy")),
    };
    world
        .review()
        .assign(&assign, &world.actor("sam"), at(1))
        .unwrap();
    let figures = world
        .review()
        .figures(30, &world.actor("sam"), at(20 * DAY))
        .unwrap();
    assert_eq!(
        (figures.open, figures.overdue, figures.unassigned),
        (4, 4, 3)
    );
    assert_eq!(figures.oldest_due, Some(at(DAY)));
    assert_eq!(figures.decided.len(), 30);
    let days: Vec<usize> = figures
        .decided
        .iter()
        .map(|d| d.answers.values().sum())
        .collect();
    assert_eq!(days.iter().sum::<usize>(), 4);
    assert_eq!((days[29], days[9], days[10]), (1, 2, 1));
    assert_eq!(figures.decided[29].answers[&Answer::CannotTell], 1);
    assert_eq!(figures.decided_late, 1);
    // Two who disagreed are a pair once the supervisor has decided.
    assert_eq!((figures.reviewers.pairs, figures.reviewers.agreed), (1, 1));
    world.decide(8, "sam", Answer::Confirmed, at(20 * DAY));
    let figures = world
        .review()
        .figures(30, &world.actor("sam"), at(20 * DAY))
        .unwrap();
    assert_eq!((figures.reviewers.pairs, figures.reviewers.agreed), (2, 1));
    assert_eq!(figures.workload.len(), 1);
    assert_eq!(figures.workload[0].0.person, person("ivy"));
    let refused = world
        .review()
        .figures(30, &world.actor("ann"), at(0))
        .unwrap_err();
    assert_eq!(refused.rule(), "needs_role");
}
