//! Digests, quiet hours, and what is urgent.

use sanctuary_notify::{Digest, Outcome, Quiet};
use sanctuary_policy::Urgency;

use crate::place::{HOUR, MINUTE, Place, after, person, possible, settings};

fn sent(place: &Place, minutes: u64) -> Vec<String> {
    let now = after(minutes * MINUTE);
    let mails = place.desk.mails(now);
    for mail in &mails {
        let noted = place
            .desk
            .report_mail(&place.store, mail, &Outcome::Delivered, now);
        noted.unwrap();
    }
    mails.into_iter().map(|m| m.subject).collect()
}

fn mine(n: u16, minutes: u64) -> sanctuary_notify::Occasion {
    let mut occasion = possible(n, 1, after(minutes * MINUTE));
    occasion.person = Some(person("ann"));
    occasion
}

#[test]
fn one_mail_an_hour_and_what_is_urgent_at_once_with_all_the_rest() {
    let place = Place::new(settings());
    place.tell(vec![mine(1, 1)], after(MINUTE));
    assert_eq!(sent(&place, 1), ["1 possible match for you"]);
    place.tell(vec![mine(1, 1), mine(2, 5), mine(3, 6)], after(6 * MINUTE));
    assert!(sent(&place, 7).is_empty());
    let place = place.restarted(after(8 * MINUTE));
    assert!(sent(&place, 8).is_empty(), "a restart makes no mail");
    assert_eq!(sent(&place, 61), ["2 possible matches for you"]);
    let mut urgent = mine(4, 70);
    urgent.urgency = Urgency::UrgentSafeguarding;
    place.tell(vec![mine(5, 70)], after(70 * MINUTE));
    assert!(sent(&place, 70).is_empty());
    place.tell(vec![mine(5, 70), urgent], after(71 * MINUTE));
    assert_eq!(sent(&place, 71), ["2 possible matches for you"]);
}

#[test]
fn quiet_hours_hold_what_is_not_urgent() {
    let mut quiet = settings();
    if let Some(mail) = &mut quiet.mail {
        mail.quiet = Some(Quiet {
            from: "18:00".parse().unwrap(),
            to: "07:00".parse().unwrap(),
        });
        mail.digest = Digest::Hourly;
    }
    let place = Place::new(quiet);
    // It is 10:00 at the start.
    place.tell(vec![mine(1, 8 * 60)], after(8 * HOUR));
    assert!(sent(&place, 8 * 60).is_empty());
    assert!(sent(&place, 20 * 60 + 59).is_empty());
    assert_eq!(sent(&place, 21 * 60).len(), 1);
}

#[test]
fn a_daily_mail_waits_for_its_time() {
    let mut daily = settings();
    if let Some(mail) = &mut daily.mail {
        mail.digest = Digest::Daily("08:30".parse().unwrap());
    }
    let place = Place::new(daily);
    place.tell(vec![mine(1, 1)], after(MINUTE));
    assert!(sent(&place, 1).is_empty() && sent(&place, 22 * 60 + 29).is_empty());
    assert_eq!(sent(&place, 22 * 60 + 30).len(), 1);
}

#[test]
fn a_mail_that_failed_is_tried_again_later_and_links_to_one_thing_when_it_is_one() {
    let place = Place::new(settings());
    place.tell(vec![mine(1, 1)], after(MINUTE));
    let mails = place.desk.mails(after(MINUTE));
    assert!(
        mails[0]
            .text
            .contains("https://console.example/matches/0001")
    );
    let away = Outcome::Away {
        reason: "no connection".to_owned(),
        after_ms: None,
    };
    let noted = place
        .desk
        .report_mail(&place.store, &mails[0], &away, after(MINUTE));
    noted.unwrap();
    assert!(place.desk.mails(after(MINUTE)).is_empty());
    let again = place.desk.mails(after(2 * MINUTE));
    assert_eq!(again[0].id, mails[0].id);
}
