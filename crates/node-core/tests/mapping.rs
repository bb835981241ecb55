//! The mapping file: what is accepted, and that errors name the key and the nearest valid one.

use sanctuary_node_core::{
    Mapping, NodeError,
    mapping::{FieldName, Given},
};
use sanctuary_types::{Basis, IdentifierKind, Role};

const GOOD: &str = r#"
version = 1
record_id = "rec_id"
[fields]
forenames = ["given_name"]
surnames = "surname"
date_of_birth = "dob"
phone = ["mobile", "home"]
address = ["house", "street", "town"]
[formats]
date_of_birth = ["%Y%m%d", "%d/%m/%Y"]
phone_region = "GB"
[record]
role = "potential_victim; suspect"
basis = "safeguarding"
visibility = { column = "who" }
expires = { column = "review_date" }
duty_to_notify_only = { column = "dtn" }
"#;

fn error(text: &str) -> String {
    text.parse::<Mapping>().unwrap_err().to_string()
}

#[test]
fn a_mapping_as_in_the_contract_is_read() {
    let mapping: Mapping = GOOD.parse().unwrap();
    assert_eq!(mapping.record_id, "rec_id");
    assert_eq!(mapping.fields[&FieldName::Surnames], ["surname"]);
    assert_eq!(
        mapping.fields[&FieldName::Identifier(IdentifierKind::Phone)],
        ["mobile", "home"]
    );
    assert_eq!(
        mapping.governance.basis,
        Given::Constant(Basis::Safeguarding)
    );
    assert_eq!(
        mapping.governance.visibility,
        Given::Column("who".to_owned())
    );
    let Given::Constant(roles) = mapping.governance.role else {
        panic!("role is a constant")
    };
    assert!(roles.has(Role::PotentialVictim) && roles.has(Role::Suspect));
}

#[test]
fn unknown_keys_name_the_nearest_valid_one() {
    for (from, to, expected) in [
        (
            "forenames =",
            "fornames =",
            "\"fields.fornames\"; the nearest valid one is \"fields.forenames\"",
        ),
        (
            "record_id =",
            "recordid =",
            "\"recordid\"; the nearest valid one is \"record_id\"",
        ),
        (
            "phone_region",
            "phone_regio",
            "\"formats.phone_regio\"; the nearest valid one is \"formats.phone_region\"",
        ),
        (
            "visibility =",
            "visability =",
            "\"record.visability\"; the nearest valid one is \"record.visibility\"",
        ),
        (
            "{ column = \"who\" }",
            "{ colum = \"who\" }",
            "\"record.visibility.colum\"; the nearest valid one is \"record.visibility.column\"",
        ),
    ] {
        let text = error(&GOOD.replace(from, to));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn wrong_values_say_what_would_be_right() {
    for (from, to, expected) in [
        ("version = 1", "version = 2", "\"version\" must be 1"),
        ("version = 1", "", "write version = 1"),
        (
            "role = \"potential_victim; suspect\"",
            "role = \"victim\"",
            "potential_victim, confirmed_victim",
        ),
        ("basis = \"safeguarding\"", "", "record.basis\" is missing"),
        (
            "basis = \"safeguarding\"",
            "basis = 3",
            "safeguarding, crime_prevention",
        ),
        ("\"%Y%m%d\"", "\"YYYYMMDD\"", "formats.date_of_birth"),
        (
            "phone_region = \"GB\"",
            "phone_region = \"uk\"",
            "two-letter",
        ),
        ("surnames = \"surname\"", "surnames = []", "1 to 64 columns"),
        (
            "surnames = \"surname\"",
            "age = \"age\"",
            "fields.age_at go together",
        ),
        ("surnames = \"surname\"", "surnames = = 1", "line 6"),
    ] {
        let text = error(&GOOD.replace(from, to));
        assert!(text.contains(expected), "{text}");
    }
    assert!(error("version = 1\nrecord_id = \"a\"").contains("\"fields\" is missing"));
    assert!(
        error("version = 1\nrecord_id = \"a\"\n[fields]\nsurnames=\"b\"")
            .contains("\"record\" is missing")
    );
}

fn header(columns: &str) -> Vec<String> {
    columns.split(',').map(str::to_owned).collect()
}

const ALL: &str = "rec_id,given_name,surname,dob,mobile,home,house,street,town,who,review_date,dtn";

#[test]
fn a_missing_column_is_named_with_near_matches_only() {
    let mapping: Mapping = GOOD.parse().unwrap();
    assert!(mapping.bind(&header(ALL)).is_ok());
    let text = mapping
        .bind(&header(&ALL.replace("surname", "surnme")))
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("no column \"surname\"") && text.contains("\"fields.surnames\""),
        "{text}"
    );
    assert!(text.contains("did you mean \"surnme\"?"), "{text}");
    let headless = mapping
        .bind(&header("1234,Zebedee,Quux,1990-01-01"))
        .unwrap_err();
    let text = headless.to_string();
    assert!(
        !text.contains("Zebedee") && !text.contains("Quux"),
        "{text}"
    );
}

#[test]
fn a_mapped_column_that_stands_twice_is_an_error_and_others_are_not() {
    let mapping: Mapping = GOOD.parse().unwrap();
    assert!(mapping.bind(&header(&format!("{ALL},,,x,x"))).is_ok());
    let twice = mapping
        .bind(&header(&format!("{ALL},surname")))
        .unwrap_err();
    assert!(matches!(
        twice,
        NodeError::ColumnTwice {
            first: 3,
            second: 13,
            ..
        }
    ));
}

#[test]
fn mappings_of_the_shared_data_are_read() {
    let dir =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/mappings");
    let Ok(entries) = std::fs::read_dir(&dir) else {
        eprintln!("SKIPPED: the shared mappings are not here");
        return;
    };
    for entry in entries {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        text.parse::<Mapping>().unwrap();
    }
}
