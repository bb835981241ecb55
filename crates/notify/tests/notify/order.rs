//! A receiver that is away for an hour: nothing is lost, nothing overtakes, a restart changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use sanctuary_notify::{EventId, Kind, Outcome};

use crate::place::{DAY, HOUR, MINUTE, Place, SECOND, after, possible, settings};

fn away() -> Outcome {
    Outcome::Away {
        reason: "nothing listens there".to_owned(),
        after_ms: None,
    }
}

fn only_webhook() -> sanctuary_notify::Settings {
    sanctuary_notify::Settings {
        mail: None,
        ..settings()
    }
}

/// Hundreds of notices about sixty possible matches; the receiver is away from minute 5 to minute 65, and the
/// node dies every seven minutes, sometimes between a delivery and its note.
#[test]
fn an_hour_without_a_receiver_loses_nothing_and_keeps_the_order_of_each_subject() {
    let mut place = Place::new(only_webhook());
    let mut waiting = Vec::new();
    let mut received: Vec<(String, u64, EventId)> = Vec::new();
    let (mut tries, mut second) = (0u32, 0u64);
    while second < 3 * 3_600 {
        let now = after(second * SECOND);
        // A change of some possible match every ten seconds for an hour.
        if second % 10 == 0 && second < 3_600 {
            let n = (second / 10 % 60) as u16;
            waiting.push(possible(n, second, now));
        }
        if second % 10 == 0 {
            place.tell(waiting.clone(), now);
        }
        let is_up = !(300..3_900).contains(&second);
        while let Some(slip) = place.desk.next("desk", now) {
            tries += 1;
            let outcome = if is_up { Outcome::Delivered } else { away() };
            if is_up {
                let subject = slip.event.subject.to_string();
                received.push((subject, slip.event.sequence, slip.event.id));
            }
            if is_up && second % 420 == 0 {
                // kill -9 after the receiver has it: it comes again, under the same id.
                break;
            }
            let noted = place.desk.report(&place.store, slip.number, &outcome, now);
            noted.unwrap();
            if !is_up {
                break;
            }
        }
        if second % 420 == 0 {
            place = Place {
                desk: sanctuary_notify::Desk::open(&place.store, only_webhook(), [7; 32], now)
                    .unwrap(),
                store: place.store,
            };
        }
        second += 1;
    }
    assert!(place.desk.list().is_empty());
    let distinct: BTreeSet<EventId> = received.iter().map(|(_, _, id)| *id).collect();
    assert_eq!(distinct.len(), 360, "each notice arrived");
    assert!(received.len() > 360, "some came twice, under the same id");
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for (subject, sequence, _) in &received {
        let before = last.insert(subject, *sequence);
        assert!(before.is_none_or(|before| before <= *sequence), "{subject}");
    }
    assert!(
        tries < 360 + 200,
        "a receiver that is away is not hammered: {tries}"
    );
}

#[test]
fn one_that_is_refused_holds_up_its_own_subject_only() {
    let place = Place::new(only_webhook());
    let now = after(MINUTE);
    let waiting = vec![
        possible(1, 1, now),
        possible(1, 2, now),
        possible(2, 1, now),
    ];
    place.tell(waiting, now);
    let refused = Outcome::Refused {
        reason: "the receiver answered 422".to_owned(),
    };
    let first = place.desk.next("desk", now).unwrap();
    let report = |number, outcome: &Outcome, at| {
        let noted = place.desk.report(&place.store, number, outcome, at);
        noted.unwrap();
    };
    report(first.number, &refused, now);
    let other = place.desk.next("desk", now).unwrap();
    assert_ne!(other.event.subject, first.event.subject);
    report(other.number, &Outcome::Delivered, now);
    assert_eq!(place.desk.next("desk", now), None, "the second one waits");
    let again = place.desk.next("desk", after(2 * MINUTE)).unwrap();
    assert_eq!((again.number, again.tries), (first.number, 1));
    report(again.number, &Outcome::Delivered, after(2 * MINUTE));
    let second = place.desk.next("desk", after(2 * MINUTE)).unwrap();
    assert_eq!(second.event.subject, first.event.subject);
}

#[test]
fn after_five_days_it_is_given_up_and_holds_the_later_ones_until_a_person_says() {
    let place = Place::new(only_webhook());
    let now = after(MINUTE);
    let first = vec![possible(1, 1, now)];
    place.tell(first.clone(), now);
    let later = after(4 * DAY);
    let both = vec![first[0].clone(), possible(1, 2, later)];
    place.tell(both.clone(), later);
    let end = after(5 * DAY + HOUR);
    assert_eq!(place.tell(both, end).given_up, 1);
    let list = place.desk.list();
    assert!(
        list[0]
            .dead
            .as_ref()
            .is_some_and(|why| why.contains("five days"))
    );
    assert!(list[1].held && list[1].dead.is_none());
    assert_eq!(place.desk.next("desk", end), None, "it would overtake");
    let dead = BTreeSet::from([list[0].number]);
    assert_eq!(place.desk.retry(&place.store, Some(&dead), end), Ok(1));
    let next = place.desk.next("desk", end).unwrap();
    assert_eq!(next.number, list[0].number);
    assert_eq!(place.desk.drop_slips(&place.store, &dead), Ok(1));
    let next = place.desk.next("desk", end).unwrap();
    assert_eq!(
        (next.number, next.event.kind),
        (list[1].number, Kind::PossibleMatch)
    );
}

#[test]
fn a_pause_that_the_receiver_asks_for_is_kept_up_to_an_hour() {
    let place = Place::new(only_webhook());
    let now = after(MINUTE);
    place.tell(vec![possible(1, 1, now), possible(2, 1, now)], now);
    let first = place.desk.next("desk", now).unwrap();
    let outcome = Outcome::Away {
        reason: "the receiver answered 503".to_owned(),
        after_ms: Some(10 * HOUR),
    };
    place
        .desk
        .report(&place.store, first.number, &outcome, now)
        .unwrap();
    assert_eq!(place.desk.next("desk", after(50 * MINUTE)), None);
    assert!(place.desk.next("desk", after(62 * MINUTE)).is_some());
}
