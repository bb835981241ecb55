//! The published vectors of the linkage specification: names, codes and whole token sets.

use std::{collections::BTreeSet, fs, path::Path};

use sanctuary_normalize::{
    Birth, Canonical, NameFrequencies, TokenContext, fold, name_code, name_words, root_name, tokens,
};
use sanctuary_types::{IdentifierKind, Slots, TokenType};
use serde_json::Value;

#[test]
fn names_fold_split_and_code_as_published() {
    let Some(vectors) = vectors() else { return };
    let names = vectors["names"].as_array().unwrap();
    assert!(names.len() >= 52);
    for name in names {
        let raw = name["raw"].as_str().unwrap();
        let words = name_words(raw);
        let roots: Vec<&str> = words.iter().map(|w| root_name(w)).collect();
        let codes: Vec<String> = roots.iter().map(|r| name_code(r)).collect();
        assert_eq!(fold(raw), name["fold"].as_str().unwrap());
        assert_eq!(words, texts(&name["parts"]), "{raw}");
        assert_eq!(roots, texts(&name["canon"]), "{raw}");
        assert_eq!(codes, texts(&name["code"]), "{raw}");
    }
}

#[test]
fn nicknames_lead_where_the_table_says() {
    let Some(vectors) = vectors() else { return };
    let nicknames = vectors["nicknames"].as_object().unwrap();
    assert!(nicknames.len() >= 578);
    for (variant, towards) in nicknames {
        assert_eq!(
            root_name(variant),
            root_name(towards.as_str().unwrap()),
            "{variant}"
        );
    }
}

#[test]
fn record_fields_are_read_as_published() {
    let Some(vectors) = vectors() else { return };
    for record in vectors["records"].as_array().unwrap() {
        for (raw, words) in
            [("fn", 0), ("sn", 1)].map(|(key, at)| (&record["raw"][at], &record[key]))
        {
            assert_eq!(name_words(raw.as_str().unwrap()), texts(words));
        }
    }
}

#[test]
fn records_give_the_published_tokens() {
    let Some(vectors) = vectors() else { return };
    let records = vectors["records"].as_array().unwrap();
    assert!(records.len() >= 25);
    for record in records {
        let canonical = canonical(record);
        let codes: Vec<&str> = canonical.parts.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, texts(&record["P"]), "{}", record["raw"]);
        let expected: BTreeSet<Token> = record["tokens"]
            .as_array()
            .unwrap()
            .iter()
            .map(expected_token)
            .collect();
        let made = made_tokens(&canonical, &expected);
        assert_eq!(made, expected, "{}", record["raw"]);
    }
}

type Token = (TokenType, String, Slots);

/// Types that the published vectors do not have, and the rarity gate, which depends on a table:
/// the gate is open where the vector has a rare name, so that its value and slots are compared.
fn made_tokens(canonical: &Canonical, expected: &BTreeSet<Token>) -> BTreeSet<Token> {
    let frequencies = NameFrequencies::default();
    let made = |universe_records| {
        let context = TokenContext {
            frequencies: &frequencies,
            universe_records,
            pair_count: &|_| 9,
        };
        tokens(canonical, &context)
    };
    let ours = |token: &TokenType| {
        matches!(
            token,
            TokenType::Di
                | TokenType::Nl
                | TokenType::Pa
                | TokenType::Pf
                | TokenType::Py
                | TokenType::Pn
        )
    };
    let rare = |t: &Token| t.0 == TokenType::Nr;
    let mut out: BTreeSet<Token> = made(u64::MAX)
        .into_iter()
        .filter(|t| !ours(&t.token))
        .map(|t| (t.token, t.value().to_owned(), t.slots))
        .collect();
    assert!(
        !out.iter().any(rare),
        "nothing is rare in an endless universe"
    );
    let gated: BTreeSet<Token> = opened_gate(canonical, &made(1))
        .into_iter()
        .filter(|t| expected.contains(t))
        .collect();
    out.extend(gated);
    out
}

/// Every pair with the gate open; the triple, which stands in when no pair passes, built here from
/// a universe at which only it passes.
fn opened_gate(canonical: &Canonical, open: &[sanctuary_normalize::TokenInput]) -> Vec<Token> {
    let frequencies = NameFrequencies::default();
    let mut out: Vec<Token> = open
        .iter()
        .filter(|t| t.token == TokenType::Nr)
        .map(|t| (t.token, t.value().to_owned(), t.slots))
        .collect();
    for power in 1..60 {
        let context = TokenContext {
            frequencies: &frequencies,
            universe_records: 1 << power,
            pair_count: &|_| 9,
        };
        out.extend(
            tokens(canonical, &context)
                .iter()
                .filter(|t| t.token == TokenType::Nr && t.slots == Slots::parts(&[0, 1, 2]))
                .map(|t| (t.token, t.value().to_owned(), t.slots)),
        );
    }
    out
}

fn canonical(record: &Value) -> Canonical {
    let number = |i: usize| record["dob"][i].as_u64();
    let birth = Birth {
        year: number(0).map(|n| n as u16),
        month: number(1).map(|n| n as u8),
        day: number(2).map(|n| n as u8),
    };
    let identifiers = record["ids"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(kind, values)| {
            texts(values)
                .into_iter()
                .map(|value| (kind_of(kind), value))
        });
    Canonical::from_fields(
        (&texts(&record["fn"]), &texts(&record["sn"]), &[]),
        birth,
        texts(&record["area"]),
        texts(&record["fine"]),
        identifiers.collect(),
    )
}

fn expected_token(token: &Value) -> Token {
    let label = token[0].as_str().unwrap();
    let token_type = match label.split_once(':') {
        Some(("ID", kind)) => TokenType::Id(kind_of(kind)),
        Some((_, kind)) => TokenType::Ni(kind_of(kind)),
        None => (1..32)
            .filter_map(TokenType::from_code)
            .find(|t| t.label() == label)
            .unwrap(),
    };
    let mut slots = Slots::default();
    for slot in token[2]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s.as_u64().unwrap() as u8)
    {
        slots = match slot {
            200.. => slots.with_area(slot - 200),
            100.. => slots.with_band(slot - 100),
            part => Slots {
                parts: slots.parts | 1 << part,
                ..slots
            },
        };
    }
    (token_type, token[1].as_str().unwrap().to_owned(), slots)
}

fn kind_of(word: &str) -> IdentifierKind {
    match word {
        "nino" => IdentifierKind::NationalInsurance,
        "vrm" => IdentifierKind::Vehicle,
        "bank" => IdentifierKind::BankAccount,
        "handle" => IdentifierKind::OnlineHandle,
        same => IdentifierKind::from_label(same).unwrap(),
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|t| t.as_str().unwrap().to_owned())
        .collect()
}

fn vectors() -> Option<Value> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/linkage/testvectors.json");
    match fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            eprintln!("SKIPPED: the published vectors are not on this machine");
            None
        }
    }
}
