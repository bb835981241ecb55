use sanctuary_types::{AlertState, Visibility};

use super::kit::*;
use crate::{DecisionKind, DecisionRequest, HubError};

const ALL: [Visibility; 3] = [Visibility::Open, Visibility::OwnerFirst, Visibility::Silent];

fn pair(police: Visibility, council: Visibility) -> Kit {
    let mut kit = Kit::new();
    kit.push("police", &[&Record::new(1, "ann").visible(police)]);
    kit.push("council", &[&Record::new(2, "ann").visible(council)]);
    kit.round();
    kit
}

fn release(kit: &Kit, agency: &str) -> Result<u32, HubError> {
    let event = kit.only(agency);
    let request = DecisionRequest {
        alert_id: event.alert_id,
        version: event.version,
        kind: DecisionKind::ReleaseToOther,
        reason: String::new(),
    };
    kit.hub.decide(&kit.id(agency), &request, NOW)
}

#[test]
fn who_hears_at_first() {
    use Visibility::{Open, OwnerFirst, Silent};
    // (police's record, council's record) -> (police hears, council hears); police pushed first.
    let expected = |police, council| match (police, council) {
        (Open, Open) => (true, true),
        (Open, OwnerFirst | Silent) => (false, true),
        (OwnerFirst | Silent, Open) => (true, false),
        (OwnerFirst, OwnerFirst) => (true, false),
        (Silent, _) | (_, Silent) => (false, false),
    };
    for police in ALL {
        for council in ALL {
            let kit = pair(police, council);
            let heard = (
                !kit.events("police").is_empty(),
                !kit.events("council").is_empty(),
            );
            assert_eq!(heard, expected(police, council), "{police:?} {council:?}");
        }
    }
}

#[test]
fn an_owner_first_record_is_told_of_when_its_owner_says_so() {
    for other in [Visibility::Open, Visibility::OwnerFirst] {
        let mut kit = pair(Visibility::OwnerFirst, other);
        assert!(kit.only("police").view.may_release);
        let version = release(&kit, "police").unwrap();
        assert_eq!(kit.only("police").version, version);
        let told = kit.only("council");
        assert!(!told.view.may_release && !kit.only("police").view.may_release);
        assert_eq!(
            told.version, 1,
            "its own count of versions, not the owner's"
        );
        assert!(matches!(
            release(&kit, "police"),
            Err(HubError::Decision { .. })
        ));
        kit.restart(NOW);
        kit.round();
        assert_eq!(kit.only("council"), told);
    }
}

#[test]
fn nobody_else_can_release() {
    let kit = pair(Visibility::Open, Visibility::Open);
    assert!(matches!(
        release(&kit, "police"),
        Err(HubError::Decision { .. })
    ));
    let kit = pair(Visibility::Silent, Visibility::Open);
    assert!(matches!(
        release(&kit, "police"),
        Err(HubError::Decision { .. })
    ));
    // The other side cannot even tell that there is an alert.
    let event = kit.only("police");
    let request = DecisionRequest {
        alert_id: event.alert_id,
        version: 1,
        kind: DecisionKind::Confirmed,
        reason: String::new(),
    };
    let answer = kit.hub.decide(&kit.id("council"), &request, NOW);
    assert!(matches!(answer, Err(HubError::UnknownAlert)));
}

#[test]
fn a_record_that_turns_silent_lapses_for_the_other_and_shows_nothing_newer() {
    let mut kit = Kit::new();
    let ann = Record::new(1, "ann");
    kit.push("police", &[&ann]);
    kit.push("council", &[&Record::new(2, "ann")]);
    kit.round();
    let before = kit.only("council").view;
    kit.withdraw("police", &ann);
    let silent = ann
        .again()
        .visible(Visibility::Silent)
        .role(sanctuary_types::Role::Suspect);
    kit.push("police", &[&silent]);
    kit.round();
    assert_eq!(kit.only("police").view.state, AlertState::Open);
    let after = kit.only("council").view;
    assert_eq!(after.state, AlertState::Lapsed);
    assert_eq!(
        (after.other_roles, after.kind),
        (before.other_roles, before.kind)
    );
}

#[test]
fn hidden_records_do_not_show_in_clusters() {
    let mut kit = Kit::new();
    // The hidden record has the smallest pseudonym: it must not become the cluster's name.
    kit.push(
        "refuge",
        &[&Record::new(1, "ann").visible(Visibility::Silent)],
    );
    kit.push("police", &[&Record::new(2, "ann")]);
    kit.push("council", &[&Record::new(3, "ann")]);
    kit.round();
    let alone = (kit.only("police").view, kit.only("council").view);
    assert!(
        alone.0.cluster_id.is_none(),
        "three agencies, of which it may know two"
    );
    let own: Vec<_> = kit.events("refuge").into_iter().map(|e| e.view).collect();
    assert_eq!(own.len(), 2);
    assert!(own.iter().all(|view| view.cluster_agencies.len() == 3));
    kit.push("victim-care", &[&Record::new(4, "ann")]);
    kit.round();
    let with_hidden = kit.events("police");
    let mut open = Kit::new();
    open.push("police", &[&Record::new(2, "ann")]);
    open.push("council", &[&Record::new(3, "ann")]);
    open.push("victim-care", &[&Record::new(4, "ann")]);
    open.round();
    let without: Vec<_> = open.events("police").into_iter().map(|e| e.view).collect();
    for event in with_hidden {
        assert!(without.iter().any(|view| {
            (view.cluster_id, &view.cluster_agencies)
                == (event.view.cluster_id, &event.view.cluster_agencies)
        }));
    }
}

#[test]
fn a_released_record_joins_the_cluster_its_new_hearer_sees() {
    let mut kit = Kit::new();
    kit.push(
        "refuge",
        &[&Record::new(1, "ann").visible(Visibility::OwnerFirst)],
    );
    kit.push("police", &[&Record::new(2, "ann")]);
    kit.push("council", &[&Record::new(3, "ann")]);
    kit.round();
    assert!(kit.only("police").view.cluster_agencies.is_empty());
    let to_police = kit
        .events("refuge")
        .into_iter()
        .find(|event| event.view.other_agency == kit.id("police"))
        .unwrap();
    let request = DecisionRequest {
        alert_id: to_police.alert_id,
        version: to_police.version,
        kind: DecisionKind::ReleaseToOther,
        reason: "agreed_by_phone".to_owned(),
    };
    kit.hub.decide(&kit.id("refuge"), &request, NOW).unwrap();
    kit.round();
    let seen = kit.events("police");
    assert_eq!(seen.len(), 2);
    assert!(
        seen.iter()
            .all(|event| event.view.cluster_agencies.len() == 3)
    );
    assert!(kit.only("council").view.cluster_agencies.is_empty());
}
