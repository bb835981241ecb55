use sanctuary_types::{AlertState, Pseudonym, Timestamp, limits::LAPSED_ALERT_DAYS};

use super::kit::*;
use crate::{
    alert::Alert,
    ports::{StateStore, StateTable},
};

const DAY_MS: u64 = 86_400_000;

fn days_later(days: u32) -> Timestamp {
    Timestamp(NOW.0 + u64::from(days) * DAY_MS)
}

fn stored(kit: &Kit) -> Alert {
    let rows = kit.state.scan(StateTable::Alerts, &[], None, 9).unwrap();
    assert_eq!(rows.len(), 1);
    Alert::from_json(&rows[0].1).unwrap()
}

#[test]
fn what_a_lapsed_alert_said_goes_after_its_time_and_it_can_come_back() {
    let mut kit = Kit::new();
    let ann = Record::new(1, "ann");
    kit.push("police", &[&ann, &Record::new(2, "bob")]);
    kit.push("council", &[&Record::new(3, "ann")]);
    kit.round();
    assert_eq!(kit.only("council").version, 1);
    kit.withdraw("police", &ann);
    kit.round();
    let lapsed = kit.only("council");
    assert_eq!((lapsed.view.state, lapsed.version), (AlertState::Lapsed, 2));
    assert!(!lapsed.view.evidence.is_empty());
    assert_eq!(stored(&kit).lapsed, Some(NOW));

    // Not before its time, and a restart does not begin the time anew.
    let before = days_later(LAPSED_ALERT_DAYS - 1);
    kit.restart(before);
    kit.hub.run_round(before).unwrap();
    assert!(!stored(&kit).emptied);
    let after = days_later(LAPSED_ALERT_DAYS);
    let report = kit.hub.run_round(after).unwrap();
    assert_eq!(report.emptied, 1);
    let alert = stored(&kit);
    assert!(alert.emptied && alert.finding.is_none() && alert.decision.is_none());
    let named = |side: &crate::alert::Side| side.pseudonym != Pseudonym([0; 16]);
    assert!(!alert.sides.iter().any(named));
    assert!(kit.events("police").is_empty() && kit.events("council").is_empty());
    let json = String::from_utf8(alert.to_json().unwrap()).unwrap();
    assert!(!json.contains("evidence"), "{json}");
    assert_eq!(kit.hub.run_round(after).unwrap().emptied, 0);

    // The record comes back: the same alert, with versions that go on.
    kit.restart(after);
    kit.push("police", &[&ann.again()]);
    kit.hub.run_round(after).unwrap();
    let again = kit.only("council");
    assert_eq!(again.alert_id, lapsed.alert_id);
    assert_eq!((again.view.state, again.version), (AlertState::Open, 3));
    assert!(again.cursor > lapsed.cursor);
    let alert = stored(&kit);
    assert!(!alert.emptied && alert.lapsed.is_none());
}
