//! The forms in which a notice leaves.

use sanctuary_notify::{CONTENT_TYPE, Event, Kind, Subject, body, framed, line};
use sanctuary_policy::{StaffRole, Urgency};

use crate::place::{START, alert, possible, settings};

fn event(subject: Subject) -> Event {
    Event {
        id: possible(1, 1, START).id(&[7; 32]),
        kind: Kind::PossibleMatch,
        subject,
        urgency: Urgency::UrgentSafeguarding,
        at: START,
        sequence: 42,
        roles: vec![StaffRole::Analyst],
    }
}

#[test]
fn a_cloud_event_has_every_attribute_that_the_specification_requires() {
    let event = event(alert(1));
    let json: serde_json::Value = serde_json::from_slice(&body(&settings(), &event)).unwrap();
    assert_eq!(json["specversion"], "1.0");
    assert_eq!(json["type"], "sanctuary.notice.possible_match");
    assert_eq!(json["source"], "https://console.example");
    assert_eq!(json["id"], event.id.to_string());
    assert_eq!(json["subject"], format!("match/0001{}", "0".repeat(28)));
    assert_eq!(json["time"], "2026-12-01T10:00:00.000Z");
    assert_eq!(json["sequence"], "0000000000000042");
    assert_eq!(json["data"]["text"], "1 possible match for you");
    assert_eq!(
        json["data"]["link"],
        format!("https://console.example/matches/0001{}", "0".repeat(28))
    );
    assert!(CONTENT_TYPE.starts_with("application/cloudevents+json"));
}

#[test]
fn own_words_replace_ours() {
    let mut own = settings();
    own.words
        .insert(Kind::PossibleMatch, "1 new lead".to_owned());
    let json: serde_json::Value = serde_json::from_slice(&body(&own, &event(alert(1)))).unwrap();
    assert_eq!(json["data"]["text"], "1 new lead");
    assert_eq!(own.text(Kind::PossibleMatch, 3), "1 new lead (3)");
}

#[test]
fn a_line_of_syslog_is_one_line_with_its_values_escaped() {
    let text = line(
        &settings(),
        &event(Subject::Feed("a\"]\\\nb".to_owned())),
        "node-1",
    );
    assert!(text.starts_with(
        "<130>1 2026-12-01T10:00:00.000Z node-1 sanctuary-node - possible_match [notice@32473 id=\""
    ));
    assert!(text.contains(r#"subject="feed/a\"\]\\b""#) && !text.contains('\n'));
    assert!(text.ends_with("] 1 possible match for you"));
    let no_host = line(&settings(), &event(Subject::Ledger), "a host");
    assert!(no_host.contains("Z - sanctuary-node"));
    assert_eq!(framed("abc"), b"3 abc");
}
