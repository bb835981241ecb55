use std::path::Path;

use super::*;
use crate::synth::{self, Partnership, Profile};

/// 23 November 2026.
const NOW: Timestamp = Timestamp(1_795_392_000_000);

fn written(people: usize, profile: Profile, dir: &Path) -> Partnership {
    let options = synth::Options {
        people,
        agencies: 4,
        seed: 11,
        profile,
    };
    let made = synth::generate(&options).unwrap();
    made.write(dir).unwrap();
    made
}

fn options_for(made: &Partnership, dir: &Path) -> Options {
    let agency = |file: &synth::AgencyFile| AgencyInput {
        name: file.name.parse().unwrap(),
        path: dir.join(format!("{}.csv", file.name)),
        mapping: file.mapping.to_owned(),
    };
    Options {
        agencies: made.agencies.iter().map(agency).collect(),
        truth: Source::People(dir.join("truth.csv")),
        within: false,
        no_national_id: false,
        threshold: 0.5,
        no_key_holders: true,
        second_step: true,
        by: Some(Breakdown {
            column: "culture".to_owned(),
            file: Some(dir.join("people.csv")),
        }),
        now: NOW,
    }
}

#[test]
fn every_synthetic_file_is_read_by_its_mapping() {
    let dir = tempfile::tempdir().unwrap();
    for profile in [Profile::Durham, Profile::Hard, Profile::Clean] {
        let made = written(500, profile, dir.path());
        let options = options_for(&made, dir.path());
        for node in import(&options, &read_mappings(&options).unwrap()).unwrap() {
            assert_eq!(node.summary.not_imported, 0, "{} refuses rows", node.agency);
            // Noise makes a few impossible dates and misread check digits, as life does.
            let incomplete = node.summary.rejected as f64 / node.summary.rows as f64;
            let most = if profile == Profile::Hard {
                0.05
            } else {
                0.025
            };
            assert!(
                incomplete <= most,
                "{}: {incomplete} of rows lack a value",
                node.agency
            );
        }
    }
}

#[test]
fn clean_data_is_found_by_the_whole_pipeline() {
    let dir = tempfile::tempdir().unwrap();
    let made = written(150, Profile::Clean, dir.path());
    let options = Options {
        no_key_holders: false,
        ..options_for(&made, dir.path())
    };
    let report = evaluate(&options).unwrap();
    assert!(report.candidate_recall > 0.97, "{report}");
    assert!(report.at_best.f1 > 0.95, "{report}");
    // Among so few people a handful share two common names and a date of birth that papers give as
    // 1 January; at one half some of them are told, as they should be.
    assert!(report.at_threshold.precision > 0.9, "{report}");
    assert!(report.groups.iter().any(|group| group.name == "gb"));
    let json = serde_json::to_value(&report).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    let mut contract = vec![
        "agencies",
        "true_pairs",
        "candidate_pairs",
        "candidate_recall",
        "candidates_per_record",
        "at_threshold",
        "at_strong",
        "at_best",
        "stages",
        "compared",
        "calibration",
        "calibration_error",
        "stated_85_to_95",
        "groups",
        "timing_s",
        "records_per_s",
    ];
    contract.sort_unstable();
    assert_eq!(keys, contract);
    assert!(json["timing_s"]["match"].is_number());
}

#[test]
fn a_hash_in_place_of_the_key_holders_gives_the_same_scores() {
    let dir = tempfile::tempdir().unwrap();
    let made = written(40, Profile::Durham, dir.path());
    let mut options = options_for(&made, dir.path());
    let mut run = |no_key_holders| {
        options.no_key_holders = no_key_holders;
        let mut report = evaluate(&options).unwrap();
        let nothing = Timing::default();
        (report.timing_s, report.records_per_s) = (nothing, Speed::default());
        rounded(serde_json::to_value(&report).unwrap())
    };
    let with_holders = run(false);
    assert_eq!(with_holders, run(true));
    assert!(with_holders["compared"]["pairs"].as_f64() > Some(0.0));
}

/// Sums in another order differ in the last digit.
fn rounded(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(n) => n.as_f64().map(|x| (x * 1e9).round() / 1e9).into(),
        Value::Array(all) => all.into_iter().map(rounded).collect(),
        Value::Object(all) => all.into_iter().map(|(k, v)| (k, rounded(v))).collect(),
        other => other,
    }
}

#[test]
fn the_second_step_can_be_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let made = written(60, Profile::Hard, dir.path());
    let mut options = options_for(&made, dir.path());
    let with = evaluate(&options).unwrap();
    options.second_step = false;
    let without = evaluate(&options).unwrap();
    assert!(with.compared.is_some_and(|compared| compared.pairs > 0));
    assert!(with.stages.second_step.is_some() && with.stages.pairs_only.is_some());
    assert!(without.compared.is_none());
    assert!(without.stages.second_step.is_none() && without.stages.pairs_only.is_none());
    let f1 = |stage: &Stage| stage.at_threshold.f1;
    assert_eq!(f1(&with.stages.tokens), f1(&without.stages.tokens));
    assert_eq!(f1(&with.stages.cluster), without.at_threshold.f1);
}

#[test]
fn the_same_files_give_the_same_result() {
    let dir = tempfile::tempdir().unwrap();
    let made = written(60, Profile::Durham, dir.path());
    let run = || {
        let report = evaluate(&options_for(&made, dir.path())).unwrap();
        (
            report.candidate_pairs,
            report.at_best.threshold,
            report.at_threshold.pairs,
        )
    };
    assert_eq!(run(), run());
}

#[test]
fn one_file_is_compared_with_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut csv = "id,first,last,dob,town,who\n".to_owned();
    for n in 0..60 {
        let (first, last) = (FIRST[n % 12], LAST[n % 20]);
        let line = format!(
            "{first},{last},{:04}-{:02}-{:02},Durham,{n}\n",
            1950 + n,
            2 + n % 10,
            2 + n % 25
        );
        csv += &format!("a{n},{line}");
        if n % 2 == 0 {
            csv += &format!("b{n},{line}");
        }
    }
    let path = dir.path().join("all.csv");
    std::fs::write(&path, csv).unwrap();
    let mapping = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"first\"\nsurnames = \"last\"\n\
        date_of_birth = \"dob\"\nlocality = \"town\"\n[record]\nrole = \"suspect\"\nbasis = \"safeguarding\"\n\
        visibility = \"open\"\n";
    let agency = AgencyInput {
        name: "all".parse().unwrap(),
        path,
        mapping: mapping.to_owned(),
    };
    let options = Options {
        agencies: vec![agency],
        truth: Source::Column("who".to_owned()),
        within: true,
        no_national_id: false,
        threshold: 0.5,
        no_key_holders: true,
        second_step: true,
        by: None,
        now: NOW,
    };
    let report = evaluate(&options).unwrap();
    assert_eq!(report.true_pairs, 30);
    assert_eq!(report.candidate_recall, 1.0, "{report}");
    assert!(report.at_best.f1 > 0.95, "{report}");
    let alone = Options {
        within: false,
        ..options
    };
    assert!(
        matches!(evaluate(&alone), Err(Fault::Input(_))),
        "one file needs --within"
    );
}

const FIRST: [&str; 12] = [
    "Gerald",
    "Beatrice",
    "Tesfay",
    "Oluwaseun",
    "Xhensila",
    "Piotr",
    "Mei",
    "Ibrahim",
    "Volodymyr",
    "Ruta",
    "Hamid",
    "Claire",
];
const LAST: [&str; 20] = [
    "Hepple",
    "Featherstone",
    "Okonkwo",
    "Shehu",
    "Wozniak",
    "Popescu",
    "Zhang",
    "Nguyen",
    "Kidane",
    "Warsame",
    "Dervishi",
    "Tkachuk",
    "Quigley",
    "Barakat",
    "Lambton",
    "Rutherford",
    "Vickers",
    "Ilyas",
    "Jacobs",
    "Mbeki",
];

#[test]
fn wrong_input_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let made = written(40, Profile::Clean, dir.path());
    let good = options_for(&made, dir.path());
    let message = |options: Options| match evaluate(&options) {
        Err(Fault::Input(error)) => format!("{error:#}"),
        other => panic!("{other:?}"),
    };
    let no_column = Options {
        truth: Source::Column("nobody".to_owned()),
        ..good.clone()
    };
    assert!(message(no_column).contains("has no column \"nobody\""));
    let mut bad_mapping = good.clone();
    bad_mapping.agencies[1].mapping = "version = 1".to_owned();
    assert!(message(bad_mapping).contains("the mapping of council"));
    let mut no_file = good;
    no_file.agencies[2].path = dir.path().join("absent.csv");
    assert!(message(no_file).contains("absent.csv"));
}
