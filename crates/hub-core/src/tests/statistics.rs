//! From pushed records and handed-in counts to a released edition.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use sanctuary_figures::{
    Alone, Figures, List, OwnCounts, Product, Rule, Sex, Statistic, Told, Traits, Window,
};
use sanctuary_trust::{OfficerSignature, Partnership, Plan};
use sanctuary_types::{Role, Visibility};

use super::kit::{Kit, NOW, Record};
use crate::{HubError, PreviewRequest};

pub(super) const AGENCIES: [&str; 3] = ["police", "council", "refuge"];

pub(super) fn product() -> Product {
    Product {
        area: "Area".to_owned(),
        year_begins: (1, 1),
        lists: AGENCIES
            .iter()
            .map(|agency| List {
                name: (*agency).to_owned(),
                agencies: vec![agency.parse().unwrap()],
            })
            .collect(),
    }
}

pub(super) fn window() -> Window {
    Window {
        from: "2026-01-01".parse().unwrap(),
        to: "2026-10-31".parse().unwrap(),
    }
}

pub(super) fn request() -> PreviewRequest {
    PreviewRequest {
        window: window(),
        product: Some(product()),
        linkage: None,
    }
}

/// `alone` people nobody else knows, and the records with a match.
pub(super) fn counts(alone: u32, told: &[&Record]) -> OwnCounts {
    let traits = Traits {
        sex: Sex::Female,
        ..Traits::UNKNOWN
    };
    let mut all = Alone::default();
    for _ in 0..alone + told.len() as u32 {
        all.add(true, false, &traits);
    }
    OwnCounts {
        window: window(),
        all,
        told: told
            .iter()
            .map(|record| Told {
                pseudonym: record.card.pseudonym,
                victim: true,
                suspect: false,
                traits: traits.code(),
            })
            .collect(),
    }
}

pub(super) fn hand_in(kit: &Kit, agency: &str, counts: &OwnCounts) -> Result<(), HubError> {
    let json = counts.to_json();
    let signature = kit.agencies[agency]
        .key
        .sign(&OwnCounts::message(&kit.id(agency), &json));
    kit.hub
        .put_counts(&kit.agencies[agency].party, &json, &signature)
}

pub(super) fn preview(
    kit: &Kit,
    request: &PreviewRequest,
) -> Result<(sanctuary_figures::Preview, Figures), HubError> {
    kit.hub
        .preview_figures(request, NOW, &mut ChaCha20Rng::from_seed([3; 32]))
}

pub(super) fn text(figures: &Figures, code: &str) -> String {
    figures.text(code.parse::<Statistic>().unwrap()).to_string()
}

#[test]
fn shared_people_are_counted_once_and_an_edition_is_released_by_two() {
    let mut kit = Kit::new();
    let victim = |n: u8, person: &str| Record::new(n, person).role(Role::PotentialVictim);
    let people: Vec<String> = (0..12).map(|n| format!("person-{n}")).collect();
    let police: Vec<Record> = (0..12)
        .map(|n| victim(n, &people[usize::from(n)]))
        .collect();
    let council: Vec<Record> = (0..12)
        .map(|n| victim(100 + n, &people[usize::from(n)]))
        .collect();
    // One more whom police and refuge share, shielded by the refuge.
    let shielded = victim(50, "hidden").visible(Visibility::Silent);
    let open = victim(51, "hidden");
    kit.push("police", &police.iter().chain([&open]).collect::<Vec<_>>());
    kit.push("council", &council.iter().collect::<Vec<_>>());
    kit.push("refuge", &[&shielded]);
    kit.round();

    // The nodes are asked, and until they answer there is no preview.
    let refused = preview(&kit, &request()).unwrap_err();
    assert!(
        matches!(&refused, HubError::Figures(r) if r.rule == Rule::Counts),
        "{refused}"
    );
    for agency in AGENCIES {
        assert_eq!(
            kit.hub.counts_wanted(&kit.id(agency)).unwrap(),
            Some(window())
        );
    }
    hand_in(
        &kit,
        "police",
        &counts(20, &police.iter().chain([&open]).collect::<Vec<_>>()),
    )
    .unwrap();
    hand_in(
        &kit,
        "council",
        &counts(10, &council.iter().collect::<Vec<_>>()),
    )
    .unwrap();
    hand_in(&kit, "refuge", &counts(15, &[&shielded])).unwrap();
    assert_eq!(kit.hub.counts_wanted(&kit.id("police")).unwrap(), None);

    let (made, figures) = preview(&kit, &request()).unwrap();
    // 33 + 22 + 16 records; 12 of them are the same people. The shielded match joins nobody.
    assert_eq!(made.edition.population.value(), 33 + 22 + 16 - 12);
    assert_eq!(made.edition.population.people.len(), 12);
    assert_eq!(text(&figures, "victims"), "60");
    assert_eq!(text(&figures, "victims.list.0"), "35");
    assert_eq!(text(&figures, "victims.both.0.1"), "10");
    assert_eq!(text(&figures, "victims.both.0.2"), "x");
    assert_eq!(text(&figures, "victims.sex.female"), "60");
    assert!(
        matches!(&figures.estimate, sanctuary_figures::Estimate::NotMade { rule, .. } if rule == "R5"),
        "nobody measured the linkage"
    );

    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let plan = Plan::new("hub", &["alder", "birch", "cedar"], &AGENCIES).unwrap();
    let partnership = Partnership::generate(&plan, NOW, &mut rng).unwrap();
    let (officers, anchors) = (partnership.officers, partnership.anchors);
    let sign = |n: usize| OfficerSignature {
        officer: officers[n].signing.public(),
        signature: officers[n].signing.sign(&made.edition.message()),
    };
    let hash = made.edition.hash();
    let one = kit.hub.release_figures(&hash, &[sign(0)], &anchors, NOW);
    assert!(matches!(one, Err(HubError::Figures(r)) if r.rule == Rule::TwoPersons));
    let other = kit
        .hub
        .release_figures(&[0; 32], &[sign(0), sign(1)], &anchors, NOW);
    assert!(other.is_err());
    let released = kit
        .hub
        .release_figures(&hash, &[sign(0), sign(2)], &anchors, NOW)
        .unwrap();
    assert_eq!(released.signatures, 2);
    assert_eq!(kit.hub.figures(0).unwrap(), Some(released));
    assert_eq!(kit.hub.verify_figures(&anchors).unwrap(), 1);

    // The chain is read back after a restart, and the quarter has to pass.
    kit.restart(NOW);
    assert_eq!(kit.hub.verify_figures(&anchors).unwrap(), 1);
    let early = preview(&kit, &request()).unwrap_err();
    assert!(matches!(early, HubError::Figures(r) if r.rule == Rule::Quarter));
}

#[test]
fn counts_of_others_and_forged_counts_are_refused() {
    let kit = Kit::new();
    let good = counts(5, &[]);
    let json = good.to_json();
    let police = &kit.agencies["police"];
    let of_council = police
        .key
        .sign(&OwnCounts::message(&kit.id("council"), &json));
    let put = |json: &[u8], signature: &[u8]| kit.hub.put_counts(&police.party, json, signature);
    assert!(matches!(
        put(&json, &of_council),
        Err(HubError::Counts { .. })
    ));
    let mut uneven = good.clone();
    uneven.all.victims[0] += 1;
    assert!(matches!(
        hand_in(&kit, "police", &uneven),
        Err(HubError::Counts { .. })
    ));
    hand_in(&kit, "police", &good).unwrap();
    // Shorter counts replace longer ones wholly.
    let many: Vec<Record> = (0..90).map(|n| Record::new(n, "x")).collect();
    hand_in(&kit, "police", &counts(0, &many.iter().collect::<Vec<_>>())).unwrap();
    hand_in(&kit, "police", &good).unwrap();
    let mut product = product();
    product.lists.truncate(1);
    let alone = PreviewRequest {
        product: Some(product),
        ..request()
    };
    let refused = preview(&kit, &alone).unwrap_err();
    assert!(matches!(refused, HubError::Figures(r) if r.rule == Rule::Gate));
}
