//! The agreement: what it permits, what it denies, who signed it.

use rand::{SeedableRng, rngs::StdRng};
use sanctuary_policy::{
    Agreement, Denial, Field, Gateway, PolicyError, Purpose, Question, Sector, SignedAgreement,
    Urgency,
};
use sanctuary_trust::{Partnership, Plan};
use sanctuary_types::{PartyId, Timestamp};

const EXAMPLE: &str = include_str!("../../../deploy/agreement/example.toml");
/// 24 November 2026.
const NOW: Timestamp = Timestamp(1_795_478_400_000);
const DAY_MS: u64 = 86_400_000;

fn agreement() -> Agreement {
    SignedAgreement::from_toml(EXAMPLE)
        .unwrap()
        .proposal()
        .clone()
}

fn partnership() -> Partnership {
    let plan = Plan::new(
        "hub",
        &["alder", "birch", "cedar"],
        &["police", "council", "safeguarding", "charity"],
    )
    .unwrap();
    Partnership::generate(&plan, NOW, &mut StdRng::from_seed([3; 32])).unwrap()
}

fn id(text: &str) -> PartyId {
    text.parse().unwrap()
}

fn ask<'a>(asker: &'a PartyId, owner: &'a PartyId, fields: &'a [Field]) -> Question<'a> {
    Question {
        asker,
        owner,
        purpose: Purpose::InvestigateExploitation,
        gateway: Gateway::CrimeAndTaxation,
        fields,
        urgency: Urgency::Routine,
        child: false,
        now: NOW,
    }
}

#[test]
fn the_example_permits_what_it_says_and_denies_the_rest() {
    let agreement = agreement();
    let (police, council, charity) = (id("police"), id("council"), id("charity"));
    let fields = [Field::Contact, Field::Phone];
    let question = ask(&police, &charity, &fields);
    let permission = agreement.permits(&question).unwrap();
    assert_eq!(permission.agreement_version(), 1);
    assert_eq!(permission.clock().answer_minutes, 20_160);

    let rule = |question: Question<'_>| agreement.permits(&question).unwrap_err().rule();
    let with = |fields: &[Field]| {
        agreement
            .permits(&ask(&police, &charity, fields))
            .unwrap_err()
            .rule()
    };
    assert_eq!(with(&[]), "no_fields");
    assert_eq!(with(&[Field::Address]), "field_not_covered");
    assert_eq!(with(&[Field::Phone, Field::Phone]), "field_twice");
    assert_eq!(with(&Field::ALL[..9]), "too_many_fields");
    assert_eq!(rule(ask(&police, &police, &fields)), "own_record");
    assert_eq!(rule(ask(&police, &id("stranger"), &fields)), "not_a_party");
    assert_eq!(
        rule(ask(&charity, &police, &fields)),
        "gateway_not_for_asker"
    );
    assert_eq!(rule(ask(&council, &police, &fields)), "no_rule");
    let other = |purpose, gateway, urgency| {
        rule(Question {
            purpose,
            gateway,
            urgency,
            ..question
        })
    };
    use Urgency::{Routine, ThreatToLife};
    assert_eq!(
        other(Purpose::SupportVictim, Gateway::CrimeAndTaxation, Routine),
        "gateway_does_not_serve_purpose"
    );
    assert_eq!(
        other(Purpose::SafeguardChild, Gateway::ChildEnquiry, Routine),
        "gateway_for_children"
    );
    assert_eq!(
        other(
            Purpose::InvestigateExploitation,
            Gateway::CrimeAndTaxation,
            ThreatToLife
        ),
        "urgency_needs_threat_to_life"
    );
}

#[test]
fn outside_its_dates_the_agreement_stops_everything_and_says_so() {
    let agreement = agreement();
    let (police, charity) = (id("police"), id("charity"));
    let fields = [Field::Contact];
    let at = |now| Question {
        now,
        ..ask(&police, &charity, &fields)
    };
    let last = Timestamp(agreement.expires.end().0 - 1);
    assert!(agreement.permits(&at(last)).is_ok());
    assert!(agreement.permits(&at(last)).unwrap().is_review_overdue());
    let denial = agreement.permits(&at(agreement.expires.end())).unwrap_err();
    assert_eq!(
        denial.to_string(),
        "the sharing agreement ended on 15 November 2027: nothing may be asked or released until the officers sign a new one"
    );
    assert_eq!(
        agreement
            .permits_carriage(&police, &charity, agreement.expires.end())
            .unwrap_err(),
        denial
    );
    let early = Timestamp(agreement.in_force.start().0 - 1);
    assert!(matches!(
        agreement.permits(&at(early)),
        Err(Denial::NotYetInForce { .. })
    ));
    // Every question that the agreement could be asked is denied a day later.
    for purpose in Purpose::ALL {
        for gateway in Gateway::ALL {
            for field in Field::ALL {
                let question = Question {
                    purpose: *purpose,
                    gateway: *gateway,
                    fields: &[*field],
                    ..at(Timestamp(agreement.expires.end().0 + DAY_MS))
                };
                assert_eq!(
                    agreement.permits(&question).unwrap_err().rule(),
                    "agreement_expired"
                );
            }
        }
    }
}

#[test]
fn no_purpose_law_detail_or_party_of_immigration_enforcement_exists() {
    for word in [
        "immigration_enforcement",
        "immigration",
        "home_office_enforcement",
        "hostile_data_sharing",
        "removal",
        "border_force",
    ] {
        assert!(word.parse::<Purpose>().is_err());
        assert!(word.parse::<Sector>().is_err());
        assert!(word.parse::<Gateway>().is_err());
        assert!(word.parse::<Field>().is_err());
    }
    let words = Purpose::ALL
        .iter()
        .map(|p| (p.word(), p.text()))
        .chain(Gateway::ALL.iter().map(|g| (g.word(), g.text())))
        .chain(Field::ALL.iter().map(|f| (f.word(), f.text())))
        .chain(Sector::ALL.iter().map(|s| (s.word(), s.text())));
    for (word, text) in words {
        assert!(!word.contains("immigration") && !text.to_lowercase().contains("immigration"));
    }
}

#[test]
fn an_agreement_cannot_configure_immigration_enforcement() {
    let try_with = |from: &str, to: &str| {
        assert!(EXAMPLE.contains(from));
        SignedAgreement::from_toml(&EXAMPLE.replacen(from, to, 1)).unwrap_err()
    };
    let purpose = "purpose = \"protect_life\"";
    for word in [
        "immigration_enforcement",
        "IMMIGRATION",
        "home_office_enforcement",
        "hostile_data_sharing",
        "immi-gration",
    ] {
        let error = try_with(purpose, &format!("purpose = \"{word}\""));
        assert!(
            matches!(&error, PolicyError::ImmigrationEnforcement { text } if text == word),
            "{error}"
        );
    }
    let error = try_with(purpose, "purpose = \"marketing\"");
    assert!(error.to_string().contains("\"marketing\""), "{error}");
    for (from, to) in [
        (
            "title = \"Adults at risk\"",
            "title = \"Adults at risk and immigration checks\"",
        ),
        (
            "name = \"Constabulary\"",
            "name = \"Immigration Enforcement\"",
        ),
        ("id = \"police\"", "id = \"border-force\""),
        (
            "aim = \"Find people",
            "aim = \"Immigration enforcement. Find people",
        ),
    ] {
        let error = try_with(from, to);
        assert!(
            matches!(error, PolicyError::ImmigrationEnforcement { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_document_that_contradicts_itself_or_the_law_is_refused() {
    for (from, to) in [
        ("fields_max = 8", "fields_max = 0"),
        ("expires = \"2027-11-15\"", "expires = \"2026-11-15\""),
        ("expires = \"2027-11-15\"", "expires = \"2039-11-15\""),
        ("made = \"2026-11-02\"", "made = \"2026-02-30\""),
        ("format = 1", "format = 2"),
        ("askers = [\"safeguarding\"]", "askers = [\"nobody\"]"),
        (
            "gateways = [\"care_act_2014_s45\"]",
            "gateways = [\"pcsc_act_2022_s44a\"]",
        ),
        (
            "gateways = [\"pcsc_act_2022_s44a\"]",
            "gateways = [\"dpa_2018_sch2_para2\"]",
        ),
        ("fields = [\"contact\", ", "fields = [\"everything\", "),
        ("fields_max = 8", "fields_max = 8\nimmigration = true"),
        (
            "review_of_refusal_hours = 24",
            "review_of_refusal_hours = 240",
        ),
    ] {
        assert!(EXAMPLE.contains(from), "{from}");
        let changed = EXAMPLE.replacen(from, to, 1);
        assert!(
            SignedAgreement::from_toml(&changed).is_err(),
            "{from} -> {to}"
        );
    }
}

#[test]
fn k_officers_sign_the_words_and_nothing_else_counts() {
    let partnership = partnership();
    let anchors = &partnership.anchors;
    let mut signed = SignedAgreement::from_toml(EXAMPLE).unwrap();
    assert!(signed.verify(anchors, 0).is_err());
    signed
        .sign(anchors, &partnership.officers[0].signing)
        .unwrap();
    assert!(signed.verify(anchors, 0).is_err());
    signed
        .sign(anchors, &partnership.officers[1].signing)
        .unwrap();
    let agreement = signed.verify(anchors, 1).unwrap();
    assert!(signed.verify(anchors, 2).is_err());
    assert!(
        signed
            .sign(anchors, &partnership.agencies[0].signing)
            .is_err()
    );

    let text = signed.to_toml().unwrap();
    let again = SignedAgreement::from_toml(&text).unwrap();
    assert_eq!(again, signed);
    again.verify(anchors, 1).unwrap();

    // Any word changed after signing is found, in every part of the document.
    for (from, to) in [
        ("version = 1", "version = 2"),
        ("fields_max = 8", "fields_max = 9"),
        ("release_days = 180", "release_days = 181"),
        ("second_step = true", "second_step = false"),
        ("2027-11-15", "2027-11-16"),
        ("name = \"Constabulary\"", "name = \"Constabularies\""),
        ("tick_minutes = 15", "tick_minutes = 30"),
        ("\"views\"", "\"sex\""),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let changed = SignedAgreement::from_toml(&changed).unwrap();
        assert!(changed.verify(anchors, 0).is_err(), "{from}");
        assert_ne!(changed.proposal().sha256(), agreement.sha256());
    }
    let other = Partnership::generate(
        &Plan::new("hub", &["alder"], &["police"]).unwrap(),
        NOW,
        &mut StdRng::from_seed([4; 32]),
    )
    .unwrap();
    assert!(signed.verify(&other.anchors, 0).is_err());

    let roster = partnership.roster.verify(anchors, 0).unwrap();
    agreement.check_roster(&roster).unwrap();
    let roster = roster.without(&id("charity"), NOW).unwrap();
    assert_eq!(
        agreement.check_roster(&roster),
        Err(PolicyError::NotOnRoster("charity".to_owned()))
    );
}
