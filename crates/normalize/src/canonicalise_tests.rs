use super::*;
use std::collections::BTreeSet;

use crate::{Birth, NameFrequencies, TokenContext, tokens};
use sanctuary_types::{BirthClass, TokenType};

const TODAY: Timestamp = Timestamp(1_795_392_000_000);

fn read(source: &Source) -> (Canonical, Vec<(Field, Rule)>) {
    canonicalise(source, TODAY, "GB")
}

fn canons(source: &Source) -> Vec<String> {
    read(source)
        .0
        .parts
        .iter()
        .map(|p| p.canon.clone())
        .collect()
}

#[test]
fn a_whole_row_is_read() {
    let source = Source {
        forenames: vec!["Mr Łukasz".into(), "Jan".into()],
        surnames: vec!["O'Brien".into()],
        aliases: vec!["Luke Skywalker".into()],
        birth: Birth {
            year: Some(1990),
            month: Some(7),
            day: Some(2),
        },
        sex: Some("male".into()),
        nationality: Some("Polish".into()),
        identifiers: vec![(IdentifierKind::Phone, "07400 123456; 07400 123457".into())],
        address: Some("Flat 2, 12 Church Street, Durham".into()),
        postcode: Some("DH1 3LE".into()),
        locality: Some("Durham".into()),
        ..Source::default()
    };
    let (record, problems) = read(&source);
    assert_eq!(problems, []);
    let spelled: Vec<&str> = record.parts.iter().map(|p| p.canon.as_str()).collect();
    assert_eq!(spelled, ["lukasz", "obrien", "skywalker"]);
    assert_eq!(record.areas, ["oDH1", "sDRM"]);
    assert_eq!(record.fines, ["pcDH13LE", "ad12|CRC"]);
    assert_eq!(
        record.identifiers.last().map(|(k, v)| (*k, v.as_str())),
        Some((IdentifierKind::Address, "DH13LE|12"))
    );
    assert_eq!(
        (record.sex, record.nationality.as_deref()),
        (Some('M'), Some("polish"))
    );
    assert_eq!(
        record.address_words,
        ["flat", "2", "12", "church", "street", "durham", "dh1"]
    );
    let presence = record.presence();
    assert_eq!((presence.name_parts, presence.birth), (3, BirthClass::Full));
    assert!(presence.fine_place && presence.area);
    assert_eq!(
        presence.identifiers,
        1 | 1 << IdentifierKind::Address.code()
    );
}

#[test]
fn whole_names_are_split() {
    let full = |text: &str| Source {
        full_name: Some(text.into()),
        ..Source::default()
    };
    assert_eq!(
        canons(&full("Yusuf Ali Warsame")),
        ["yusuf", "warsame", "ali"]
    );
    assert_eq!(
        canons(&full("WARSAME, Yusuf Ali")),
        ["yusuf", "warsame", "ali"]
    );
    assert_eq!(canons(&full("Warsame")), ["warsame"]);
    assert_eq!(canons(&full("No")), ["no"]);
    let mixed = Source {
        surnames: vec!["Warsame".into()],
        ..full("Yusuf Warsame")
    };
    assert_eq!(canons(&mixed), ["yusuf", "warsame"]);
}

#[test]
fn bad_fields_are_left_out_and_named() {
    let source = Source {
        forenames: vec!["Unknown".into()],
        surnames: vec!["12345".into()],
        birth: Birth {
            year: Some(2090),
            month: Some(7),
            day: Some(2),
        },
        sex: Some("zebra".into()),
        nationality: Some("n/a".into()),
        identifiers: vec![
            (IdentifierKind::Email, "nobody".into()),
            (IdentifierKind::Phone, "0000000".into()),
            (IdentifierKind::Passport, "x".repeat(2000).into()),
        ],
        address: Some("No fixed abode".into()),
        postcode: Some("Durham".into()),
        ..Source::default()
    };
    let (record, problems) = read(&source);
    assert_eq!(
        problems,
        [
            (Field::Forenames, Rule::Placeholder),
            (Field::Surnames, Rule::NotAName),
            (Field::Birth, Rule::YearOutOfRange),
            (Field::Address, Rule::Placeholder),
            (Field::Postcode, Rule::Postcode),
            (Field::Identifier(IdentifierKind::Email), Rule::Email),
            (Field::Identifier(IdentifierKind::Phone), Rule::Placeholder),
            (Field::Identifier(IdentifierKind::Passport), Rule::TooLong),
            (Field::Sex, Rule::Sex),
            (Field::Nationality, Rule::Placeholder),
        ]
    );
    assert!(record.parts.is_empty() && record.identifiers.is_empty() && record.fines.is_empty());
    assert_eq!(record.birth.class(), BirthClass::DayMonth);
}

#[test]
fn a_postcode_and_town_inside_the_address_are_seen() {
    let source = Source {
        address: Some("52 north stirling downs coolaroo M8 2AB".into()),
        locality: Some("Coolaroo".into()),
        ..Source::default()
    };
    let (record, problems) = read(&source);
    assert_eq!(problems, []);
    assert_eq!(record.areas, ["oM8", "sKLR"]);
    assert_eq!(record.fines, ["pcM82AB", "ad52|NRT"]);
    let town_only = Source {
        address: Some("13 young".into()),
        locality: Some("Young".into()),
        ..Source::default()
    };
    assert_eq!(read(&town_only).0.fines, [""; 0]);
}

#[test]
fn too_many_identifiers_are_cut_and_named() {
    let many = (0..30).map(|i| (IdentifierKind::Phone, format!("074001234{i:02}").into()));
    let source = Source {
        identifiers: many.collect(),
        ..Source::default()
    };
    let (record, problems) = read(&source);
    assert_eq!(record.identifiers.len(), 24);
    assert_eq!(
        problems,
        [(Field::Identifier(IdentifierKind::Phone), Rule::TooMany)]
    );
}

#[test]
fn a_record_does_not_print_itself() {
    let source = Source {
        surnames: vec!["Warsame".into()],
        ..Source::default()
    };
    let printed = format!("{:?}", read(&source));
    assert!(!printed.to_lowercase().contains("warsame"), "{printed}");
}

#[test]
fn a_nationality_says_which_words_go_together() {
    let parts_of = |forenames: &str, surname: &str, nationality: Option<&str>| {
        let source = Source {
            forenames: vec![forenames.into()],
            surnames: vec![surname.into()],
            nationality: nationality.map(Into::into),
            ..Source::default()
        };
        let (record, _) = canonicalise(&source, TODAY, "GB");
        record
            .parts
            .iter()
            .map(|p| p.canon.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        parts_of("Xiao Ming", "Wang", None),
        ["xiao", "wang", "ming"]
    );
    assert_eq!(
        parts_of("Xiao Ming", "Wang", Some("Chinese"))[..2],
        ["xiaoming", "wang"]
    );
    assert_eq!(
        parts_of("Xiaoming", "Wang", Some("Chinese")),
        ["xiaoming", "wang"]
    );
    // The same words under another nationality stay as they are.
    assert_eq!(
        parts_of("Xiao Ming", "Wang", Some("Polish")),
        ["xiao", "wang", "ming"]
    );
}

/// Two agencies that hold different two words of one father-name chain, and a third that holds all.
#[test]
fn a_chain_of_three_names_meets_each_of_its_halves() {
    let values = |forenames: &str, surname: &str, nationality: &str| {
        let source = Source {
            forenames: vec![forenames.into()],
            surnames: vec![surname.into()],
            nationality: Some(nationality.into()),
            birth: Birth {
                year: Some(1990),
                month: None,
                day: None,
            },
            ..Source::default()
        };
        let frequencies = NameFrequencies::default();
        let context = TokenContext {
            frequencies: &frequencies,
            universe_records: u64::MAX,
            pair_count: &|_| 9,
        };
        let (record, _) = canonicalise(&source, TODAY, "GB");
        tokens(&record, &context)
            .into_iter()
            .filter(|t| t.token == TokenType::Nw)
            .map(|t| t.value().to_owned())
            .collect::<BTreeSet<_>>()
    };
    let all = values("Tesfay Berhane", "Kidane", "Eritrean");
    for (forename, surname) in [
        ("Tesfay", "Berhane"),
        ("Tesfay", "Kidane"),
        ("Berhane", "Kidane"),
    ] {
        assert!(
            !all.is_disjoint(&values(forename, surname, "")),
            "{forename} {surname}"
        );
    }
    assert_eq!(all.len(), 6);
    // The names themselves say so where the nationality is not known.
    assert_eq!(values("Mohamed Ali", "Warsame", "").len(), 6);
    // With a family name the middle name makes no pair of its own.
    assert_eq!(values("John Michael", "Smith", "British").len(), 2);
}
