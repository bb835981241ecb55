//! What must hold for any row, however odd.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sanctuary_normalize::{
    Birth, Canonical, NameFrequencies, RawIdentifier, Source, TokenContext, TokenInput,
    canonicalise, fold, name_code, name_words, parse_birth, root_name, tokens,
};
use sanctuary_types::{IdentifierKind, KeyClass, Timestamp, TokenType, limits::RECORD_TOKENS_MAX};

const TODAY: Timestamp = Timestamp(1_795_392_000_000);

fn tokens_of(record: &Canonical) -> Vec<TokenInput> {
    let frequencies = NameFrequencies::default();
    let context = TokenContext {
        frequencies: &frequencies,
        universe_records: 20_000,
        pair_count: &|_| 1,
    };
    tokens(record, &context)
}

fn values(record: &Canonical) -> BTreeMap<String, BTreeSet<String>> {
    let mut by_type: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for token in tokens_of(record) {
        by_type
            .entry(token.token.label())
            .or_default()
            .insert(token.value().to_owned());
    }
    by_type
}

fn named(forename: &str, surname: &str, birth: Birth) -> Source {
    Source {
        forenames: vec![forename.into()],
        surnames: vec![surname.into()],
        birth,
        postcode: Some("DH1 3LE".into()),
        identifiers: vec![(IdentifierKind::Phone, "07400 123456".into())],
        ..Source::default()
    }
}

fn any_raw() -> impl Strategy<Value = RawIdentifier> {
    let awkward = prop_oneof![
        any::<String>(),
        "\\PC{0,40}",
        "[a-z0-9 ,;.'@+/-]{0,40}",
        "[A-Z]{1,2}[0-9]{1,2}[A-Z]? ?[0-9][A-Z]{2}",
        "(flat|unit)? ?[0-9]{1,7}[a-z]? [a-z]{1,9} (road|st|court)?",
    ];
    awkward.prop_map(RawIdentifier::from)
}

fn any_list() -> impl Strategy<Value = Vec<RawIdentifier>> {
    prop::collection::vec(any_raw(), 0..4)
}

fn any_birth() -> impl Strategy<Value = Birth> {
    let part = || prop::option::of(any::<u8>());
    (prop::option::of(any::<u16>()), part(), part()).prop_map(|(year, month, day)| Birth {
        year,
        month,
        day,
    })
}

fn any_source() -> impl Strategy<Value = Source> {
    let kinds = prop::sample::select(IdentifierKind::ALL.to_vec());
    let option = || prop::option::of(any_raw());
    (
        (any_list(), any_list(), option(), any_list(), any_birth()),
        (option(), option(), option(), option(), option()),
        prop::collection::vec((kinds, any_raw()), 0..12),
    )
        .prop_map(|(names, rest, identifiers)| Source {
            forenames: names.0,
            surnames: names.1,
            full_name: names.2,
            aliases: names.3,
            birth: names.4,
            sex: rest.0,
            nationality: rest.1,
            identifiers,
            address: rest.2,
            postcode: rest.3,
            locality: rest.4,
        })
}

proptest! {
    #[test]
    fn any_row_becomes_a_bounded_record(source in any_source(), region in "[A-Z]{0,3}") {
        let (record, _) = canonicalise(&source, TODAY, &region);
        prop_assert!(record.parts.len() <= 3 && record.areas.len() <= 2 && record.fines.len() <= 2);
        let bands = if record.parts.is_empty() { 0 } else { 4 };
        prop_assert_eq!(record.bands.len(), bands);
        let codes: BTreeSet<&str> = record.parts.iter().map(|p| p.code.as_str()).collect();
        prop_assert_eq!(codes.len(), record.parts.len());
        let made = tokens_of(&record);
        prop_assert!(made.len() <= RECORD_TOKENS_MAX);
        let distinct: BTreeSet<_> = made.iter().map(|t| (t.token, t.value())).collect();
        prop_assert_eq!(distinct.len(), made.len());
        let stored = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(serde_json::from_str::<Canonical>(&stored).unwrap(), record);
    }

    #[test]
    fn no_person_token_is_a_lone_field(source in any_source()) {
        for token in tokens_of(&canonicalise(&source, TODAY, "GB").0) {
            let joint = match token.token {
                TokenType::Nr | TokenType::Nl => token.value().contains('+'),
                _ => token.value().contains('|'),
            };
            prop_assert!(joint || token.token.class() == KeyClass::Identifier);
        }
    }

    #[test]
    fn folding_twice_is_folding_once(text in any::<String>()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once.clone());
        prop_assert!(once.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b' '));
    }

    #[test]
    fn name_words_and_roots_are_stable(text in "\\PC{0,60}") {
        for word in name_words(&text) {
            prop_assert_eq!(root_name(root_name(&word)), root_name(&word));
            prop_assert!((1..=9).contains(&name_code(&word).len()));
        }
    }

    #[test]
    fn swapped_names_share_every_token(a in "[A-Za-z]{2,12}", b in "[A-Za-z]{2,12}", birth in any_birth()) {
        let one = canonicalise(&named(&a, &b, birth), TODAY, "GB").0;
        let other = canonicalise(&named(&b, &a, birth), TODAY, "GB").0;
        prop_assert_eq!(values(&one), values(&other));
    }

    #[test]
    fn swapped_day_and_month_share_tokens(day in 1u8..=31, month in 1u8..=31, year in 1900u16..2026) {
        let born = |month, day| Birth { year: Some(year), month: Some(month), day: Some(day) };
        let one = canonicalise(&named("Yusuf", "Warsame", born(month, day)), TODAY, "GB").0;
        let other = canonicalise(&named("Yusuf", "Warsame", born(day, month)), TODAY, "GB").0;
        prop_assert_eq!(values(&one), values(&other));
        prop_assert_eq!(values(&one).contains_key("ND"), !(day == 1 && month == 1));
    }

    #[test]
    fn years_up_to_two_apart_share_a_window(year in 1900u16..2020, apart in 0u16..=2) {
        let windows = |year| {
            let birth = Birth { year: Some(year), month: None, day: None };
            values(&canonicalise(&named("Yusuf", "Warsame", birth), TODAY, "GB").0).remove("NW").unwrap()
        };
        prop_assert!(windows(year).intersection(&windows(year + apart)).next().is_some());
    }

    #[test]
    fn any_date_text_and_format_are_survived(text in any::<String>(), format in "(%[YmdbBy]|[-/. ]|\\PC){0,8}") {
        let parsed = parse_birth(&text, &[format]);
        prop_assert!(parsed.birth == Birth::default() || parsed.problem.is_none_or(|p| p.keeps_value()));
    }

    #[test]
    fn written_dates_are_read_back(year in 1000u16..2100, month in 1u8..=12, day in 1u8..=28) {
        let born = Birth { year: Some(year), month: Some(month), day: Some(day) };
        for (format, text) in [
            ("%Y%m%d", format!("{year}{month:02}{day:02}")),
            ("%d/%m/%Y", format!("{day}/{month}/{year}")),
            ("%Y-%m-%d", format!("{year}-{month:02}-{day:02}T00:00:00")),
        ] {
            prop_assert_eq!(parse_birth(&text, &[format.to_owned()]).birth, born);
        }
    }
}

#[test]
fn oprf_inputs_keep_types_classes_and_values_apart() {
    let birth = Birth {
        year: Some(1990),
        month: Some(7),
        day: Some(2),
    };
    let record = canonicalise(&named("Yusuf", "Warsame", birth), TODAY, "GB").0;
    let made = tokens_of(&record);
    let inputs: BTreeSet<Vec<u8>> = made.iter().map(|t| t.oprf_input().to_vec()).collect();
    assert_eq!(inputs.len(), made.len());
    let phone = made
        .iter()
        .find(|t| t.token == TokenType::Id(IdentifierKind::Phone))
        .unwrap();
    let mut expected = Vec::new();
    for part in [
        &b"sanctuary/v1/input"[..],
        b"identifier",
        &[0, 1],
        b"ID:phone",
        b"07400123456",
    ] {
        expected.extend((part.len() as u32).to_be_bytes());
        expected.extend(part);
    }
    assert_eq!(phone.oprf_input().to_vec(), expected);
    assert!(!format!("{made:?}").contains("07400"));
}

#[test]
fn names_alone_pass_only_the_rarity_gate() {
    let record = |forename, surname| {
        canonicalise(&named(forename, surname, Birth::default()), TODAY, "GB").0
    };
    let labels = |record: &Canonical, universe_records, count| -> BTreeSet<String> {
        let frequencies = NameFrequencies::default();
        let context = TokenContext {
            frequencies: &frequencies,
            universe_records,
            pair_count: &|_| count,
        };
        tokens(record, &context)
            .iter()
            .map(|t| t.token.label())
            .collect()
    };
    let common = record("John", "Smith");
    assert!(
        !labels(&common, 40_000, 1).contains("NR") && !labels(&common, 40_000, 1).contains("NL")
    );
    let rare = record("Shkelzen", "Ghebremariam");
    assert!(labels(&rare, 40_000, 9).contains("NR"));
    let frequencies = NameFrequencies::default();
    let bits: f64 = rare.parts.iter().map(|p| frequencies.bits(&p.code)).sum();
    let universe = 2f64.powf(bits).round() as u64;
    assert!(
        labels(&rare, universe, 1).contains("NL") && !labels(&rare, universe, 1).contains("NR")
    );
    assert!(
        !labels(&rare, universe, 2).contains("NL"),
        "held twice by the agency"
    );
    assert!(
        !labels(&rare, universe * 8, 1).contains("NL"),
        "not rare enough"
    );
}
