//! Tokens of a name part and the other's initial: who emits them, and which slips they forgive.

use std::collections::BTreeSet;

use sanctuary_normalize::{
    Birth, NameFrequencies, RawIdentifier, Source, TokenContext, canonicalise, tokens,
};
use sanctuary_types::{Timestamp, TokenType};

const TODAY: Timestamp = Timestamp(1_795_392_000_000);

fn source(forename: &str, surname: &str) -> Source {
    Source {
        forenames: vec![RawIdentifier::from(forename)],
        surnames: vec![RawIdentifier::from(surname)],
        locality: Some("Leeds".into()),
        ..Source::default()
    }
}

fn values(source: &Source, token: TokenType, universe_records: u64) -> BTreeSet<String> {
    let (record, _) = canonicalise(source, TODAY, "GB");
    let frequencies = NameFrequencies::default();
    let context = TokenContext {
        frequencies: &frequencies,
        universe_records,
        pair_count: &|_| 9,
    };
    tokens(&record, &context)
        .iter()
        .filter(|t| t.token == token)
        .map(|t| t.value().to_owned())
        .collect()
}

#[test]
fn a_slip_in_one_name_leaves_a_token_in_common() {
    let (a, b) = (source("Jason", "Bledsoe"), source("Jason", "Bledxoe"));
    let shared = |token| {
        let of = |source| values(source, token, 10_000);
        of(&a).intersection(&of(&b)).count()
    };
    assert_eq!(shared(TokenType::Pa), 1, "the forename and the initial");
    // Slips in both names leave only the near misses.
    let (a, b) = (source("Jason", "Bledsoe"), source("Jasoh", "Bledsot"));
    let near = |source| values(source, TokenType::Pn, 10_000);
    assert!(near(&a).intersection(&near(&b)).count() >= 1);
}

#[test]
fn records_with_better_evidence_emit_fewer() {
    let born = Source {
        birth: Birth {
            year: Some(1986),
            month: Some(2),
            day: Some(11),
        },
        ..source("Jason", "Bledsoe")
    };
    let count = |source: &Source, token| values(source, token, 10_000).len();
    assert_eq!(count(&born, TokenType::Py), 2);
    assert_eq!(count(&born, TokenType::Pa), 2);
    assert_eq!(count(&born, TokenType::Pn), 0, "a year is known");
    let housed = Source {
        address: Some("12 High Street".into()),
        ..born
    };
    assert_eq!(count(&housed, TokenType::Pf), 2);
    for token in [TokenType::Pa, TokenType::Py, TokenType::Pn] {
        assert_eq!(count(&housed, token), 0);
    }
}

#[test]
fn a_common_part_joins_no_year_or_area() {
    let person = Source {
        birth: Birth {
            year: Some(1986),
            month: None,
            day: None,
        },
        ..source("Jason", "Bledsoe")
    };
    for token in [TokenType::Pa, TokenType::Py] {
        assert!(values(&person, token, u64::MAX).is_empty());
        assert!(!values(&person, token, 10_000).is_empty());
    }
}
