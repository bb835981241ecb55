use std::collections::BTreeMap;

use proptest::prelude::*;
use sanctuary_types::{AlertId, AlertState, Role, Visibility};

use super::kit::*;
use crate::View;

const AGENCIES: [&str; 4] = ["council", "police", "refuge", "victim-care"];

/// (agency, person, phone, visibility, role) of one record.
type Plan = (usize, u8, Option<u8>, Visibility, Role);

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    // Two owner-first records of one person are left out: there, earlier and later is the meaning.
    let visibility = prop_oneof![4 => Just(Visibility::Open), 1 => Just(Visibility::Silent)];
    let role = prop_oneof![Just(Role::PotentialVictim), Just(Role::Suspect)];
    let one = (
        0..4usize,
        0..5u8,
        proptest::option::of(0..3u8),
        visibility,
        role,
    );
    proptest::collection::vec(one, 2..14)
}

fn record(number: usize, plan: &Plan) -> Record {
    let (_, person, phone, visibility, role) = plan;
    let mut record = Record::new(number as u8 + 1, &format!("person{person}"))
        .visible(*visibility)
        .role(*role);
    if let Some(phone) = phone {
        record = record.phone(&format!("phone{phone}"));
    }
    // Some stand between two people.
    if number % 4 == 2 {
        let next = (person + 1) % 5;
        record = Record::half(
            number as u8 + 1,
            &[&format!("person{person}"), &format!("person{next}")],
        )
        .visible(*visibility)
        .role(*role);
    }
    // Not everybody gives everything.
    if number % 3 == 1 {
        record.tokens.truncate(3);
    }
    record
}

/// What every agency sees in the end; lapsed alerts aside, which depend on what was seen between.
fn seen(kit: &Kit) -> BTreeMap<(&'static str, AlertId), View> {
    AGENCIES
        .into_iter()
        .flat_map(|agency| {
            kit.events(agency)
                .into_iter()
                .map(move |event| (agency, event))
        })
        .filter(|(_, event)| event.view.state != AlertState::Lapsed)
        .map(|(agency, event)| ((agency, event.alert_id), event.view))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_agencies_see_depends_on_the_records_alone(
        plans in plans(),
        order in any::<prop::sample::Index>(),
        seed in any::<u64>(),
        restarts in proptest::collection::vec(0..14usize, 0..3),
        gone in 0..14usize,
    ) {
        // At once, in order, one round; then one record withdrawn.
        let mut plain = Kit::new();
        for (n, plan) in plans.iter().enumerate() {
            plain.push(AGENCIES[plan.0], &[&record(n, plan)]);
        }
        let gone = gone % plans.len();
        plain.withdraw(AGENCIES[plans[gone].0], &record(gone, &plans[gone]));
        plain.hub.settle(NOW).unwrap();

        // Shuffled, with rounds and restarts in between.
        let mut shuffled: Vec<usize> = (0..plans.len()).collect();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        let cut = order.index(plans.len());
        let mut other = Kit::new();
        for (step, n) in shuffled.iter().enumerate() {
            other.push(AGENCIES[plans[*n].0], &[&record(*n, &plans[*n])]);
            if step >= cut {
                other.round();
            }
            if restarts.contains(&step) {
                other.restart(NOW);
            }
        }
        other.withdraw(AGENCIES[plans[gone].0], &record(gone, &plans[gone]));
        other.round();
        other.hub.settle(NOW).unwrap();

        prop_assert_eq!(seen(&plain), seen(&other));
        prop_assert_eq!(plain.hub.scored_pairs(), other.hub.scored_pairs());

        // A restart and a settling more tell nobody anything new.
        let before: Vec<_> = AGENCIES.iter().map(|agency| other.events(agency)).collect();
        other.restart(NOW);
        other.round();
        other.hub.settle(NOW).unwrap();
        let after: Vec<_> = AGENCIES.iter().map(|agency| other.events(agency)).collect();
        prop_assert_eq!(before, after);
    }
}
