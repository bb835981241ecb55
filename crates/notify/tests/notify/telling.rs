//! What is told once, again, or not at all.

use sanctuary_notify::{Kind, Occasion, Recipient, Settings};
use sanctuary_policy::StaffRole;
use sanctuary_types::Timestamp;

use crate::place::{DAY, MINUTE, Place, START, after, person, possible, settings};

#[test]
fn the_same_is_told_once_and_a_new_turn_again() {
    let place = Place::new(settings());
    let now = after(MINUTE);
    assert_eq!(place.tell(vec![possible(1, 1, now)], now).events, 1);
    assert_eq!(place.tell(vec![possible(1, 1, now)], after(DAY)).events, 0);
    let place = place.restarted(after(DAY));
    assert_eq!(place.tell(vec![possible(1, 1, now)], after(DAY)).events, 0);
    assert_eq!(place.tell(vec![possible(1, 2, now)], after(DAY)).events, 1);
    // Gone, and long after that it is not known any more.
    assert_eq!(place.tell(Vec::new(), after(20 * DAY)).events, 0);
    assert_eq!(
        place
            .tell(vec![possible(1, 1, now)], after(20 * DAY))
            .events,
        0
    );
    place.tell(Vec::new(), after(40 * DAY));
    assert_eq!(
        place
            .tell(vec![possible(1, 1, now)], after(40 * DAY))
            .events,
        1
    );
}

#[test]
fn what_waited_before_the_first_time_is_not_told_but_is_when_it_becomes_somebodys() {
    let place = Place::new(settings());
    let old = possible(1, 1, Timestamp(START.0 - 1));
    let both = vec![old.clone(), possible(2, 1, START)];
    assert_eq!(place.tell(both, after(MINUTE)).events, 1);
    let given = Occasion {
        person: Some(person("ann")),
        ..old
    };
    assert_eq!(place.tell(vec![given], after(2 * MINUTE)).events, 1);
}

#[test]
fn whose_it_is_else_the_roles_address_else_everybody_but_those_who_may_not() {
    let recipients = |settings: Settings, change: &dyn Fn(&mut sanctuary_notify::Occasion)| {
        let place = Place::new(settings);
        let mut occasion = possible(1, 1, after(MINUTE));
        change(&mut occasion);
        place.tell(vec![occasion], after(MINUTE));
        let mails = place.desk.mails(after(MINUTE));
        mails.into_iter().map(|m| m.to).collect::<Vec<_>>()
    };
    let of = |id: &str| Recipient::Person(person(id));
    let cy = recipients(settings(), &|o| o.person = Some(person("cy")));
    assert_eq!(cy, [of("cy")]);
    let no_address = recipients(settings(), &|o| o.person = Some(person("dee")));
    assert_eq!(no_address, [of("ann"), of("bob")]);
    let second = recipients(settings(), &|o| {
        o.kind = Kind::SecondReviewer;
        o.but_not = vec![person("ann")];
    });
    assert_eq!(second, [of("bob")]);
    let mut team = settings();
    if let Some(mail) = &mut team.mail {
        mail.roles.insert(StaffRole::Analyst);
    }
    let role = recipients(team, &|_| {});
    assert_eq!(role, [Recipient::Role(StaffRole::Analyst)]);
}

#[test]
fn a_webhook_hears_the_kinds_it_wants() {
    let mut some = settings();
    some.webhooks[0].kinds.insert(Kind::Request);
    let place = Place::new(some);
    let now = after(MINUTE);
    let mut request = possible(2, 1, now);
    request.kind = Kind::Request;
    assert_eq!(
        place.tell(vec![possible(1, 1, now), request], now).events,
        2
    );
    let slip = place.desk.next("desk", now).unwrap();
    assert_eq!(slip.event.kind, Kind::Request);
}
