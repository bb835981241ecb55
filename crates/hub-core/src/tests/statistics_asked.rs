//! What officers may ask the hub for, and what an estimate comes with.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use sanctuary_figures::{Estimate, List, OwnCounts, Refusal, Rule, Weight, Window};
use sanctuary_trust::{Anchors, OfficerSignature, Partnership, Plan};
use sanctuary_types::Timestamp;

use super::{
    kit::{Kit, NOW, Record},
    statistics::{AGENCIES, counts, hand_in, preview, product, request, text, window},
};
use crate::{HubError, LinkageQuality, PreviewRequest};

const DAY_MS: u64 = 86_400_000;

/// Records of people whom two agencies know, by the agencies' places.
fn shared(kit: &mut Kit, pairs: &[(usize, usize, u8)]) -> [Vec<Record>; 3] {
    let mut of: [Vec<Record>; 3] = Default::default();
    let mut number = 0;
    for (a, b, people) in pairs {
        for person in 0..*people {
            let name = format!("{a}-{b}-{person}");
            for agency in [a, b] {
                number += 1;
                of[*agency].push(Record::new(number, &name));
            }
        }
    }
    for (agency, records) in AGENCIES.iter().zip(&of) {
        kit.push(agency, &records.iter().collect::<Vec<_>>());
    }
    kit.round();
    of
}

fn hand_in_all(kit: &Kit, window: Window, alone: [u32; 3], of: &[Vec<Record>; 3]) {
    for ((agency, alone), records) in AGENCIES.iter().zip(alone).zip(of) {
        let counts = OwnCounts {
            window,
            ..counts(alone, &records.iter().collect::<Vec<_>>())
        };
        hand_in(kit, agency, &counts).unwrap();
    }
}

const MEASURED: LinkageQuality = LinkageQuality {
    recall: 0.93,
    precision: 0.98,
};

#[test]
fn an_estimate_says_apart_what_doubtful_matches_do() {
    let mut kit = Kit::new();
    let of = shared(&mut kit, &[(0, 1, 14), (1, 2, 12), (0, 2, 11)]);
    hand_in_all(&kit, window(), [90, 70, 50], &of);
    let asked = PreviewRequest {
        linkage: Some(MEASURED),
        ..request()
    };
    let (_, figures) = preview(&kit, &asked).unwrap();
    assert_eq!(text(&figures, "victims.two_or_more"), "35");
    let Estimate::Made {
        range,
        doubt,
        warnings,
        ..
    } = &figures.estimate
    else {
        panic!("{:?}", figures.estimate);
    };
    let doubt = doubt.expect("drawn");
    // The hub is sure of these matches: alone they move next to nothing, chance nearly everything.
    assert_eq!(doubt.weight, Weight::Less);
    assert!(doubt.known_within <= 10, "{doubt:?}");
    let (alone, together) = (doubt.alone, doubt.together);
    assert!(together.low <= alone.low && alone.high.unwrap() <= together.high.unwrap());
    // 247 people are known; about 1,000 would be if the lists met by chance.
    assert!(
        range.low >= 240 && range.high.unwrap() > alone.high.unwrap(),
        "{range:?} {doubt:?}"
    );
    let codes: Vec<&str> = warnings.iter().map(|w| w.code.as_str()).collect();
    assert!(codes.starts_with(&["W1", "W3"]) && codes.ends_with(&["W10", "W11", "W12"]));
}

#[test]
fn linkage_below_four_fifths_gives_no_estimate() {
    let mut kit = Kit::new();
    let of = shared(&mut kit, &[(0, 1, 14), (1, 2, 12), (0, 2, 11)]);
    hand_in_all(&kit, window(), [90, 70, 50], &of);
    let asked = PreviewRequest {
        linkage: Some(LinkageQuality {
            recall: 0.79,
            precision: 1.0,
        }),
        ..request()
    };
    let (_, figures) = preview(&kit, &asked).unwrap();
    let Estimate::NotMade { rule, reason } = &figures.estimate else {
        panic!("{:?}", figures.estimate);
    };
    assert_eq!(rule, "R5");
    assert!(reason.contains("79 %"), "{reason}");
}

fn officers() -> (Partnership, Anchors) {
    let plan = Plan::new("hub", &["alder", "birch", "cedar"], &AGENCIES).unwrap();
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let partnership = Partnership::generate(&plan, NOW, &mut rng).unwrap();
    let anchors = partnership.anchors.clone();
    (partnership, anchors)
}

fn refused(kit: &Kit, asked: &PreviewRequest, now: Timestamp) -> Refusal {
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    match kit.hub.preview_figures(asked, now, &mut rng) {
        Err(HubError::Figures(refusal)) => refusal,
        other => panic!("{:?}", other.map(|(_, figures)| figures.number)),
    }
}

#[test]
fn other_windows_other_groups_and_too_few_people_are_refused_with_the_reason() {
    let mut kit = Kit::new();
    let of = shared(&mut kit, &[(0, 1, 14), (1, 2, 12), (0, 2, 11)]);
    hand_in_all(&kit, window(), [90, 70, 50], &of);
    let (made, _) = preview(&kit, &request()).unwrap();
    let (partnership, anchors) = officers();
    let signed: Vec<OfficerSignature> = partnership.officers[..2]
        .iter()
        .map(|officer| OfficerSignature {
            officer: officer.signing.public(),
            signature: officer.signing.sign(&made.edition.message()),
        })
        .collect();
    let hash = made.edition.hash();
    kit.hub
        .release_figures(&hash, &signed, &anchors, NOW)
        .unwrap();

    // A second window that overlaps the first.
    let later = Timestamp(NOW.0 + 90 * DAY_MS);
    for (from, to) in [("2026-04-01", "2026-12-31"), ("2026-01-01", "2026-09-30")] {
        let window = Window {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        };
        let asked = PreviewRequest {
            window,
            product: None,
            linkage: None,
        };
        let refusal = refused(&kit, &asked, later);
        assert_eq!(refusal.rule, Rule::OneWindow, "{from} to {to}");
        assert!(refusal.to_string().starts_with("Rule 10: "), "{refusal}");
        assert_eq!(kit.hub.counts_wanted(&kit.id("police")).unwrap(), None);
    }

    // A group that was not agreed: one agency's people alone.
    let mut finer = product();
    finer.lists.push(List {
        name: "Women".to_owned(),
        agencies: vec!["victim-care".parse().unwrap()],
    });
    let year = Window {
        from: window().from,
        to: "2026-12-31".parse().unwrap(),
    };
    let asked = PreviewRequest {
        window: year,
        product: Some(finer),
        linkage: None,
    };
    let refusal = refused(&kit, &asked, later);
    assert_eq!(refusal.rule, Rule::FixedList);
    let figures = kit.hub.figures(0).unwrap().unwrap();
    let refusal = figures.figure("victims.sex.female.child").unwrap_err();
    assert_eq!(refusal.rule, Rule::FixedList);
    assert!(refusal.reason.contains("no group split by another"));

    // Nine more people, then ten.
    let asked = PreviewRequest {
        window: year,
        product: None,
        linkage: None,
    };
    hand_in_all(&kit, year, [95, 74, 50], &of);
    let refusal = refused(&kit, &asked, later);
    assert_eq!(
        refusal.to_string(),
        "Rule 1: Fewer than ten people entered or left since the last edition, so a new one would show who: use the last one, with its date."
    );
    hand_in_all(&kit, year, [95, 74, 51], &of);
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    let (_, figures) = kit.hub.preview_figures(&asked, later, &mut rng).unwrap();
    assert_eq!(figures.number, 2);
}
