use sanctuary_types::{AlertKind, AlertState, Role, Visibility};

use super::kit::*;

/// The next version of a record in one batch with the withdrawal of the last, as nodes push it.
fn change(kit: &mut Kit, agency: &str, old: &Record, new: &Record) {
    let mut batch = kit.batch();
    old.add_withdrawal(&kit.id(agency), &mut batch);
    new.add_to(&kit.id(agency), &mut batch);
    kit.sign(agency, &mut batch);
    kit.push_batch(agency, &batch).unwrap();
    kit.round();
}

#[test]
fn a_change_of_role_turns_the_alert_on_both_sides_in_one_step() {
    let mut kit = Kit::new();
    let ann = Record::new(1, "ann");
    kit.push("police", &[&ann, &Record::new(2, "bob")]);
    kit.push("council", &[&Record::new(3, "ann")]);
    kit.round();
    let before = kit.only("council");
    assert_eq!(
        (before.view.kind, before.version),
        (AlertKind::SamePerson, 1)
    );

    let suspect = ann.clone().role(Role::Suspect).again();
    change(&mut kit, "police", &ann, &suspect);
    for agency in ["police", "council"] {
        let now = kit.only(agency);
        assert_eq!(now.alert_id, before.alert_id);
        assert_eq!(now.view.kind, AlertKind::VictimIsSuspect);
        assert_eq!(
            (now.view.state, now.version),
            (AlertState::Open, 2),
            "{agency}"
        );
        assert!(now.view.safeguarding_first);
    }
    assert!(kit.only("council").view.other_roles.has(Role::Suspect));
}

#[test]
fn an_objection_closes_the_alert_to_the_other_side_and_the_owner_may_open_it_again() {
    let mut kit = Kit::new();
    let ann = Record::new(1, "ann");
    kit.push("refuge", &[&ann]);
    kit.push("council", &[&Record::new(3, "ann")]);
    kit.round();
    assert_eq!(kit.only("council").view.state, AlertState::Open);
    let objects = ann.clone().visible(Visibility::OwnerFirst).again();
    change(&mut kit, "refuge", &ann, &objects);
    let council = kit.only("council");
    assert_eq!(
        (council.view.state, council.version),
        (AlertState::Lapsed, 2)
    );
    let refuge = kit.only("refuge");
    assert_eq!(refuge.view.state, AlertState::Open);
    assert!(refuge.view.may_release, "the owner decides");
}
