//! Records per second from a row to its token inputs.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sanctuary_normalize::{
    Birth, NameFrequencies, Source, TokenContext, canonicalise, parse_birth, tokens,
};
use sanctuary_types::{IdentifierKind, Timestamp};

const TODAY: Timestamp = Timestamp(1_795_392_000_000);
const ROWS: usize = 1000;

fn rows() -> Vec<Source> {
    let forenames = [
        "Mohammed",
        "Anna Maria",
        "Nguyễn Thị",
        "Łukasz",
        "Abdul Rahman",
        "Oleksandr",
    ];
    let surnames = [
        "Smith",
        "O'Brien",
        "Ghebremariam",
        "Kowalski-Nowak",
        "Hoxha",
        "van der Berg",
    ];
    (0..ROWS)
        .map(|i| Source {
            forenames: vec![forenames[i % 6].into()],
            surnames: vec![surnames[(i / 6) % 6].into()],
            birth: date(i),
            identifiers: vec![
                (
                    IdentifierKind::Phone,
                    format!("07400 {:06}", i * 37 + 123_001).into(),
                ),
                (
                    IdentifierKind::Passport,
                    format!("{:09}", i * 7_919 + 100_000_007).into(),
                ),
            ],
            address: Some(format!("Flat 2, {} Church Street, Durham", i + 1).into()),
            postcode: Some("DH1 3LE".into()),
            locality: Some("Durham".into()),
            ..Source::default()
        })
        .collect()
}

fn date(i: usize) -> Birth {
    let text = format!("{}{:02}{:02}", 1950 + i % 60, 1 + i % 12, 1 + i % 28);
    parse_birth(&text, &["%Y%m%d".to_owned()]).birth
}

fn normalise(criterion: &mut Criterion) {
    let rows = rows();
    let frequencies = NameFrequencies::default();
    let context = TokenContext {
        frequencies: &frequencies,
        universe_records: 1_000_000,
        pair_count: &|_| 1,
    };
    let mut group = criterion.benchmark_group("records");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("canonicalise", |b| {
        b.iter(|| {
            rows.iter()
                .for_each(|row| drop(black_box(canonicalise(row, TODAY, "GB"))))
        });
    });
    group.bench_function("canonicalise_and_tokens", |b| {
        b.iter(|| {
            for row in &rows {
                let (record, _) = canonicalise(row, TODAY, "GB");
                for token in tokens(&record, &context) {
                    black_box(token.oprf_input());
                }
            }
        });
    });
    group.finish();
}

criterion_group!(benches, normalise);
criterion_main!(benches);
