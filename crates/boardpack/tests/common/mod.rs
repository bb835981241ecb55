//! A pack of a synthetic partnership, large enough that most figures are printed.
#![allow(dead_code)]

use sanctuary_boardpack::Pack;
use sanctuary_figures::{
    Age, Alone, Census, County, Doubt, Editions, Estimate, Exploitation, Figures, Known, List,
    Nationality, Outcome, PersonToken, Place, Product, Range, Requests, Sex, Traits, Urgency,
    Warning, Weight, Window,
};
use sanctuary_types::Timestamp;

const NAMES: [&str; 6] = [
    "Durham Constabulary",
    "County council",
    "Support charities",
    "Health",
    "Darlington council",
    "GLAA",
];

/// People on each combination of six lists: more on one list than on two, few on three.
fn cells() -> Vec<u32> {
    (1_u32..64)
        .map(|mask| {
            let size = [115, 85, 45, 30, 25, 12]
                .iter()
                .enumerate()
                .filter(|(i, _)| mask >> i & 1 == 1)
                .map(|(_, n)| *n)
                .min()
                .unwrap_or_default();
            match mask.count_ones() {
                1 => size,
                2 => size / 3,
                3 => size / 14,
                _ => 0,
            }
        })
        .collect()
}

fn traits(number: u32) -> Traits {
    let pick = |salt: u32, of: u32| {
        (number
            .wrapping_mul(2_654_435_761)
            .wrapping_add(salt.wrapping_mul(40_503))
            >> 11)
            % of
    };
    let exploitation = match pick(1, 20) {
        0..=6 => vec![Exploitation::Criminal],
        7..=11 => vec![Exploitation::Labour],
        12..=15 => vec![Exploitation::Sexual],
        16 => vec![Exploitation::Domestic],
        17 => vec![Exploitation::Labour, Exploitation::Sexual],
        18 => Vec::new(),
        _ if number.is_multiple_of(11) => vec![Exploitation::Organ],
        _ => vec![Exploitation::Criminal],
    };
    Traits {
        county: if exploitation == [Exploitation::Criminal] && pick(2, 3) > 0 {
            County::Flagged
        } else {
            County::NotFlagged
        },
        exploitation,
        age: [
            Age::Adult,
            Age::Adult,
            Age::Child,
            Age::Child,
            Age::NotKnown,
        ][pick(3, 5) as usize],
        sex: [Sex::Female, Sex::Male, Sex::Male][pick(4, 3) as usize],
        nationality: [
            Nationality::Uk,
            Nationality::Uk,
            Nationality::Europe,
            Nationality::Asia,
            Nationality::Africa,
            Nationality::NotKnown,
        ][pick(5, 6) as usize],
        place: [
            Place::Uk,
            Place::Uk,
            Place::Uk,
            Place::Both,
            Place::NotKnown,
        ][pick(6, 5) as usize],
    }
}

pub fn census(estimate: Estimate) -> Census {
    let mut alone = vec![Alone::default(); 6];
    let mut shared = Vec::new();
    let mut number = 0_u32;
    for (cell, n) in cells().into_iter().enumerate() {
        let mask = (cell + 1) as u8;
        for _ in 0..n {
            number += 1;
            if mask.count_ones() == 1 {
                alone[mask.trailing_zeros() as usize].add_victim(&traits(number));
            } else {
                let mut token = [0; 16];
                token[..4].copy_from_slice(&number.to_be_bytes());
                let suspect_on = if number.is_multiple_of(13) { mask } else { 0 };
                shared.push(Known {
                    token: PersonToken(token),
                    victim_on: mask,
                    suspect_on,
                    traits: traits(number),
                });
            }
        }
    }
    for (list, suspects) in alone.iter_mut().zip([60, 9, 2, 0, 5, 14]) {
        list.suspects = suspects;
    }
    let mut requests = Requests::default();
    for (urgency, n, late) in [
        (Urgency::Now, 4, 1),
        (Urgency::SameDay, 18, 3),
        (Urgency::Soon, 41, 12),
        (Urgency::Routine, 33, 9),
    ] {
        requests.add(urgency, Outcome::Answered, false, n / 2);
        requests.add(urgency, Outcome::Closed, false, n - n / 2);
        requests.add(urgency, Outcome::Open, true, late);
        requests.add(urgency, Outcome::Open, false, 1);
    }
    Census {
        window: Window {
            from: "2026-04-01".parse().unwrap(),
            to: "2026-10-31".parse().unwrap(),
        },
        shared,
        alone,
        requests,
        estimate,
    }
}

pub fn made() -> Estimate {
    let warning = |code: &str, text: &str| Warning {
        code: code.to_owned(),
        text: text.to_owned(),
    };
    Estimate::Made {
        range: Range { low: 712, high: Some(1_630) },
        models: Range { low: 780, high: Some(1_351) },
        at_least: 668,
        doubt: Some(Doubt {
            known_within: 7,
            alone: Range { low: 871, high: Some(1_093) },
            together: Range { low: 702, high: Some(1_688) },
            weight: Weight::Less,
        }),
        warnings: vec![
            warning("W4", "Methods that fit about as well differ by more than half, so the range over all of them is quoted."),
            warning("W10", "Some possible matches are missed: if one link in ten is missed, the estimate is about one sixth too high."),
            warning("W11", "People differ in how visible they are to agencies. This usually makes the estimate too low, and the range does not cover it."),
            warning("W12", "People who can appear on no list at all are not in the estimate."),
        ],
        method: "multiple systems estimation, forward stepwise at 0.02, sanctuary 0.1.0, data to 31 October 2026".to_owned(),
    }
}

pub fn figures(estimate: Estimate) -> Figures {
    let product = Product {
        area: "County Durham and Darlington".to_owned(),
        year_begins: (4, 1),
        lists: NAMES
            .iter()
            .zip([
                &["durham-police"][..],
                &["durham-council", "durham-fire"],
                &["haven", "salvation-army"],
                &["nhs-durham"],
                &["darlington-council"],
                &["glaa"],
            ])
            .map(|(name, agencies)| List {
                name: (*name).to_owned(),
                agencies: agencies.iter().map(|a| a.parse().unwrap()).collect(),
            })
            .collect(),
    };
    let editions = Editions::begin(product).unwrap();
    let now: Timestamp = "2026-11-20"
        .parse::<sanctuary_policy::Day>()
        .unwrap()
        .start();
    let preview = editions.preview(&census(estimate), now).unwrap();
    eprintln!("audit: {:?}", preview.audit);
    let mut figures = editions.figures_of(&preview);
    figures.signatures = 2;
    figures
}

pub fn pack() -> Pack {
    Pack::of(figures(made()))
}
