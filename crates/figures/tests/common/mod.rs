//! A partnership of four lists for tests.
#![allow(dead_code)]

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_figures::{
    Alone, Census, Editions, Estimate, Known, List, PersonToken, Preview, Product, Requests,
    Traits, Window,
};
use sanctuary_trust::{Anchors, OfficerSignature, Partnership, Plan, SigningKey};
use sanctuary_types::Timestamp;

pub const DAY_MS: u64 = 86_400_000;

pub fn product(lists: usize) -> Product {
    let names = [
        "Police",
        "Council",
        "Charity",
        "Health",
        "Housing",
        "Labour inspectors",
    ];
    Product {
        area: "County Durham and Darlington".to_owned(),
        year_begins: (1, 1),
        lists: names[..lists]
            .iter()
            .enumerate()
            .map(|(i, name)| List {
                name: (*name).to_owned(),
                agencies: vec![format!("agency-{i}").parse().unwrap()],
            })
            .collect(),
    }
}

/// 1 January of 2026 to the end of a month, and a moment soon after.
pub fn window(month: u8) -> (Window, Timestamp) {
    let ends = [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
        "2026-06-30",
        "2026-07-31",
        "2026-08-31",
        "2026-09-30",
        "2026-10-31",
        "2026-11-30",
        "2026-12-31",
    ];
    let window = Window {
        from: "2026-01-01".parse().unwrap(),
        to: ends[usize::from(month) - 1].parse().unwrap(),
    };
    (window, Timestamp(window.to.end().0 + 5 * DAY_MS))
}

/// A person in the tests: everybody has a token here unless on one list only.
#[derive(Clone)]
pub struct Person {
    pub number: u32,
    pub mask: u8,
    pub traits: Traits,
}

pub fn people(cells: &[u32], first: u32) -> Vec<Person> {
    let mut all = Vec::new();
    for (cell, n) in cells.iter().enumerate() {
        for place in 0..*n {
            // The same people keep their numbers when a cell grows.
            all.push(Person {
                number: first + cell as u32 * 10_000 + place,
                mask: (cell + 1) as u8,
                traits: Traits::UNKNOWN,
            });
        }
    }
    all
}

pub fn census(people: &[Person], lists: usize, window: Window) -> Census {
    let mut alone = vec![Alone::default(); lists];
    let mut shared = Vec::new();
    for person in people {
        if person.mask.count_ones() == 1 {
            alone[person.mask.trailing_zeros() as usize].add_victim(&person.traits);
        } else {
            let mut token = [0; 16];
            token[..4].copy_from_slice(&person.number.to_be_bytes());
            shared.push(Known {
                token: PersonToken(token),
                victim_on: person.mask,
                suspect_on: 0,
                traits: person.traits.clone(),
            });
        }
    }
    Census {
        window,
        shared,
        alone,
        requests: Requests::default(),
        estimate: Estimate::NotMade {
            rule: "R3".to_owned(),
            reason: "Too few people are on two lists.".to_owned(),
        },
    }
}

pub struct Officers {
    pub anchors: Anchors,
    pub keys: Vec<SigningKey>,
}

pub fn officers() -> Officers {
    let plan = Plan::new("hub", &["alder", "birch", "cedar"], &["police", "council"]).unwrap();
    let mut rng = StdRng::from_seed([7; 32]);
    let partnership = Partnership::generate(&plan, Timestamp(1_795_392_000_000), &mut rng).unwrap();
    Officers {
        anchors: partnership.anchors,
        keys: partnership
            .officers
            .into_iter()
            .map(|o| o.signing)
            .collect(),
    }
}

impl Officers {
    pub fn sign(&self, preview: &Preview, which: &[usize]) -> Vec<OfficerSignature> {
        which
            .iter()
            .map(|i| OfficerSignature {
                officer: self.keys[*i].public(),
                signature: self.keys[*i].sign(&preview.edition.message()),
            })
            .collect()
    }
    pub fn release(&self, editions: &mut Editions, preview: &Preview) {
        let now = preview.edition.made;
        let signed = self.sign(preview, &[0, 1]);
        editions
            .release(preview, &signed, &self.anchors, now)
            .unwrap();
    }
}
