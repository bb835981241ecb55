//! Time to fit a model to 100,000 candidates and to score them.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sanctuary_linkage::{Agreement, Candidate, Model, World};
use sanctuary_types::{BirthClass, Presence, Slots, TokenType};

const CANDIDATES: usize = 100_000;

/// Candidates with two to nine agreed tokens of any kind and skewed numbers of holders.
fn candidates() -> Vec<Candidate> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut below = |n: u64| rng.next_u64() % n;
    let tokens: Vec<TokenType> = (0..=255).filter_map(TokenType::from_code).collect();
    (0..CANDIDATES)
        .map(|_| {
            let presence = Presence {
                name_parts: 1 + below(3) as u8,
                birth: BirthClass::from_code(below(4) as u8).unwrap_or_default(),
                fine_place: below(2) == 0,
                area: below(3) > 0,
                identifiers: below(64) as u16,
            };
            let agreements = (0..2 + below(8)).map(|_| {
                let slots = Slots {
                    parts: 1 << below(2),
                    band: below(5) as u8,
                    area: below(3) as u8,
                };
                let token = tokens[below(tokens.len() as u64) as usize];
                let excess = (below(8) * below(8) / 16) as u32;
                Agreement {
                    excess,
                    holders: excess + 2,
                    ..Agreement::new(token, slots, slots)
                }
            });
            Candidate {
                a: presence,
                b: presence,
                agreements: agreements.collect(),
                ..Candidate::default()
            }
        })
        .collect()
}

fn fit_and_score(c: &mut Criterion) {
    let candidates = candidates();
    let world = World {
        records: 200_000,
        cross_pairs: 1e10,
        populations: &[],
    };
    c.bench_function("fit 100,000 candidates", |b| {
        b.iter(|| Model::fit(black_box(&candidates), &world));
    });
    let model = Model::fit(&candidates, &world);
    c.bench_function("score 100,000 candidates", |b| {
        b.iter(|| candidates.iter().map(|x| model.score(x).bits).sum::<f64>());
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = fit_and_score
}
criterion_main!(benches);
