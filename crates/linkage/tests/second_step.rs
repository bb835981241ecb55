//! What comparisons and decisions do to scores.
#![allow(clippy::unwrap_used)]

mod pairs;

use pairs::*;
use sanctuary_linkage::{Candidate, Model, Scored, wants_comparison};
use sanctuary_types::{
    BirthClass, BirthLevel, ComparedLevels, EvidenceKind, Likeness, NameLevel, Outcome, Presence,
};

fn compared(name: (Likeness, Likeness), birth: Option<BirthLevel>) -> ComparedLevels {
    ComparedLevels {
        name: Some(NameLevel::Two(name.0, name.1)),
        birth,
        sex: Some(true),
        ..ComparedLevels::default()
    }
}

#[test]
fn what_is_compared_speaks_for_and_against() {
    use Likeness::{Close, Same, Unlike};
    let model = Model::fit(&mixture(), &WORLD);
    let of = |levels| {
        let candidate = Candidate {
            compared: levels,
            ..siblings()
        };
        let scored = model.score(&candidate);
        let turned = model.score(&candidate.swapped());
        assert!((scored.bits - turned.bits).abs() < 1e-9);
        scored
    };
    let tokens = of(None).bits;
    let alike = of(Some(compared((Same, Close), Some(BirthLevel::Seven))));
    let unlike = of(Some(compared((Same, Unlike), Some(BirthLevel::Fewer))));
    assert!(alike.bits > tokens + 3.0, "{} {tokens}", alike.bits);
    assert!(unlike.bits < tokens, "{} {tokens}", unlike.bits);
    let kinds: Vec<EvidenceKind> = alike.evidence.iter().map(|e| e.kind).collect();
    for kind in [
        EvidenceKind::NameSpelling,
        EvidenceKind::BirthDigits,
        EvidenceKind::Sex,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} in {kinds:?}");
    }
    let digits = |s: &Scored| {
        let line = s
            .evidence
            .iter()
            .find(|e| e.kind == EvidenceKind::BirthDigits);
        line.map(|e| e.outcome)
    };
    assert_eq!(digits(&alike), Some(Outcome::Partly));
    assert_eq!(digits(&unlike), Some(Outcome::Differed));
    // A date that one record lacks cannot have been compared.
    let no_date = Presence {
        birth: BirthClass::None,
        ..FULL
    };
    let without = Candidate {
        a: no_date,
        ..siblings()
    };
    let lied = Candidate {
        compared: Some(ComparedLevels {
            birth: Some(BirthLevel::Eight),
            ..ComparedLevels::default()
        }),
        ..without.clone()
    };
    assert_eq!(model.score(&lied).bits, model.score(&without).bits);
}

#[test]
fn comparing_those_in_doubt_does_not_bend_the_rest() {
    use Likeness::{Same, Unlike};
    let alone = Model::fit(&mixture(), &WORLD);
    // Siblings are in doubt, and are found to be two people.
    let with: Vec<Candidate> = mixture()
        .into_iter()
        .map(|c| Candidate {
            compared: (c == siblings()).then(|| compared((Same, Unlike), Some(BirthLevel::Fewer))),
            ..c
        })
        .collect();
    let model = Model::fit(&with, &WORLD);
    for candidate in [same_person(), namesakes(), one_phone()] {
        let (before, after) = (alone.score(&candidate), model.score(&candidate));
        let moved = (before.probability - after.probability).abs();
        assert!(moved < 0.05, "{} {}", before.bits, after.bits);
    }
    let matches = model.summary().expected_matches;
    assert!(matches <= alone.summary().expected_matches * 1.1 + 1e-9);
}

#[test]
fn decisions_teach_and_a_few_wrong_ones_do_not() {
    let mixed = mixture();
    let decide = |which: fn() -> Candidate, how: bool, most: usize| {
        let mut left = most;
        let decided: Vec<Candidate> = mixed
            .iter()
            .cloned()
            .map(|c| {
                let chosen = c == which() && left > 0;
                left -= usize::from(chosen);
                Candidate {
                    decided: chosen.then_some(how),
                    ..c
                }
            })
            .collect();
        Model::fit(&decided, &WORLD)
    };
    let untaught = Model::fit(&mixed, &WORLD);
    let few = decide(same_person, false, 3);
    let drop = untaught.score(&same_person()).bits - few.score(&same_person()).bits;
    assert!((-0.5..1.0).contains(&drop), "{drop}");
    assert!(few.score(&same_person()).probability > 0.9);
    let taught = decide(siblings, false, 200);
    assert!(taught.score(&siblings()).bits <= untaught.score(&siblings()).bits);
}

#[test]
fn the_second_step_is_for_pairs_in_doubt_and_without_dates() {
    let with = |probability: f64| Scored {
        probability,
        bits: (probability / (1.0 - probability)).log2(),
        evidence: Vec::new(),
    };
    let candidate = siblings();
    for (probability, wanted) in [(0.004, false), (0.005, true), (0.5, true), (0.996, false)] {
        assert_eq!(wants_comparison(&with(probability), &candidate), wanted);
    }
    let no_date = Candidate {
        b: Presence {
            birth: BirthClass::Year,
            ..FULL
        },
        ..candidate
    };
    assert!(wants_comparison(&with(0.999_9), &no_date));
    assert!(wants_comparison(&with(1e-4), &no_date));
    assert!(!wants_comparison(&with(1e-9), &no_date), "hopeless");
}
