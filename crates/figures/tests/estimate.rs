//! What goes with the estimate tells no more of the overlaps than the printed figures do.
mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::*;
use sanctuary_figures::{
    Doubt, Editions, Estimate, Fault, Preview, Range, Rule, Text, Warning, Weight,
};

fn warning(code: &str) -> Warning {
    Warning {
        code: code.to_owned(),
        text: format!("Warning {code}."),
    }
}

fn range(low: u32, high: u32) -> Range {
    Range {
        low,
        high: Some(high),
    }
}

fn made(warnings: &[&str]) -> Estimate {
    Estimate::Made {
        range: range(312, 874),
        models: range(290, 641),
        at_least: 287,
        warnings: warnings.iter().map(|code| warning(code)).collect(),
        doubt: Some(Doubt {
            known_within: 3,
            alone: range(402, 449),
            together: range(301, 902),
            weight: Weight::Less,
        }),
        method: "multiple systems estimation".to_owned(),
    }
}

/// By the exact counts: `both` people on the first two lists, `one` on the second and third.
fn exact(both: u32, one: u32) -> Estimate {
    if both + one < 10 {
        return Estimate::NotMade {
            rule: "R3".to_owned(),
            reason: "Fewer than 10 people are on two lists or more.".to_owned(),
        };
    }
    // The first and the third list share nobody.
    let mut warnings = vec!["W2", "W11"];
    if both + one < 50 {
        warnings.insert(0, "W1");
    }
    made(&warnings)
}

fn preview(both: u32, one: u32) -> Preview {
    let (window, now) = window(6);
    let people = people(&[60, 70, both, 40, 0, one, 0], 0);
    let mut census = census(&people, 3, window);
    census.estimate = exact(both, one);
    let editions = Editions::begin(product(3)).unwrap();
    editions.preview(&census, now).unwrap()
}

/// Rule or codes of the warnings.
fn codes(estimate: &Estimate) -> String {
    match estimate {
        Estimate::NotMade { rule, .. } => rule.clone(),
        Estimate::Made { warnings, .. } => {
            let codes: Vec<&str> = warnings.iter().map(|w| w.code.as_str()).collect();
            codes.join(" ")
        }
    }
}

#[test]
fn pages_that_look_alike_have_the_same_warnings() {
    let mut by_page: BTreeMap<Vec<String>, [BTreeSet<String>; 2]> = BTreeMap::new();
    for both in 1..60 {
        let made = preview(both, 3).edition;
        let page = made.printed.iter().map(|p| p.text.to_string()).collect();
        let [published, by_counts] = by_page.entry(page).or_default();
        published.insert(codes(&made.estimate));
        by_counts.insert(codes(&exact(both, 3)));
    }
    assert!(by_page.values().all(|[published, _]| published.len() == 1));
    // By the exact counts the same pages would have told more.
    assert!(by_page.values().any(|[_, by_counts]| by_counts.len() > 1));
    let all: BTreeSet<&String> = by_page.values().flat_map(|[p, _]| p).collect();
    let expected: Vec<String> = ["R3", "W1 W2 W11", "W2 W11"].map(String::from).into();
    assert_eq!(all, expected.iter().collect());
}

#[test]
fn the_estimate_is_in_two_figures_with_its_doubt_apart() {
    let Estimate::Made {
        range: quoted,
        models,
        at_least,
        doubt,
        ..
    } = preview(60, 20).edition.estimate
    else {
        panic!("an estimate");
    };
    assert_eq!(
        (quoted, models, at_least),
        (range(310, 870), range(290, 640), 290)
    );
    let doubt = doubt.unwrap();
    assert_eq!(
        (doubt.known_within, doubt.alone, doubt.together),
        (5, range(400, 450), range(300, 910))
    );
}

#[test]
fn what_no_count_decides_is_said_first() {
    let (window, now) = window(6);
    let mut census = census(&people(&[60, 70, 3, 40, 0, 2, 0], 0), 3, window);
    census.estimate = Estimate::NotMade {
        rule: "R5".to_owned(),
        reason: "Nobody measured the linkage.".to_owned(),
    };
    let editions = Editions::begin(product(3)).unwrap();
    let made = editions.preview(&census, now).unwrap();
    assert_eq!(codes(&made.edition.estimate), "R5");
}

#[test]
fn a_signed_estimate_that_says_more_does_not_verify() {
    let officers = officers();
    for finer in [false, true] {
        let mut preview = preview(60, 20);
        if finer {
            preview.edition.estimate = made(&["W11"]);
        }
        let mut editions = Editions::begin(product(3)).unwrap();
        officers.release(&mut editions, &preview);
        let verified = editions.verify(&officers.anchors);
        match verified {
            Ok(()) => assert!(!finer),
            Err(Fault::Broken { refusal, .. }) => {
                assert!(finer && refusal.rule == Rule::Estimate);
            }
            Err(fault) => panic!("{fault}"),
        }
        let shown = editions
            .figures(1)
            .unwrap()
            .text("victims".parse().unwrap());
        assert!(matches!(shown, Text::Number(_)));
    }
}
