//! UKdat_5: one stepwise fit, and 1,000 resamples of it on one core, which must take 2 s at most.

use std::{hint::black_box, time::Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sanctuary_prevalence::{Table, interval, stepwise};

const RESAMPLES: u32 = 1_000;
const SECONDS_MAX: f64 = 2.0;

fn uk_5() -> Table {
    let lists = ["LA", "NG", "PFNCA", "GO", "GP"].map(String::from);
    let histories = [
        (1, 54),
        (2, 463),
        (4, 995),
        (8, 695),
        (16, 316),
        (3, 15),
        (5, 19),
        (9, 3),
        (6, 62),
        (10, 19),
        (18, 1),
        (12, 76),
        (20, 11),
        (24, 8),
        (7, 1),
        (11, 1),
        (14, 4),
        (15, 1),
    ];
    Table::build(&lists, histories).expect("a table")
}

fn fit_and_resample(c: &mut Criterion) {
    let table = uk_5();
    let estimate = stepwise(&table, 0.02).expect("an estimate").total();
    c.bench_function("UKdat_5, one stepwise fit", |b| {
        b.iter(|| stepwise(black_box(&table), 0.02));
    });
    let mut group = c.benchmark_group("slow");
    group
        .sample_size(10)
        .bench_function("UKdat_5, interval of 1,000 resamples", |b| {
            b.iter(|| resample(&table, estimate));
        });
    group.finish();
    ratio(&table, estimate);
}

/// Wall time of the resamples asked for, the raised ones left out.
fn resample(table: &Table, estimate: f64) -> f64 {
    let mut asked_s = 0.0;
    let began = Instant::now();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let found = interval(table, estimate, RESAMPLES, &mut rng, &mut |(done, of)| {
        if (done, of) == (RESAMPLES, RESAMPLES) {
            asked_s = began.elapsed().as_secs_f64();
        }
    });
    black_box(found).expect("an interval");
    asked_s
}

fn ratio(table: &Table, estimate: f64) {
    const FITS: u32 = 200;
    let began = Instant::now();
    for _ in 0..FITS {
        black_box(stepwise(black_box(table), 0.02)).expect("an estimate");
    }
    let fit_s = began.elapsed().as_secs_f64() / f64::from(FITS);
    let interval_s = resample(table, estimate);
    println!(
        "UKdat_5: one stepwise fit {:.3} ms; jackknife and {RESAMPLES} resamples {interval_s:.3} s, {:.0} fits' time",
        1e3 * fit_s,
        interval_s / fit_s
    );
    assert!(
        interval_s <= SECONDS_MAX,
        "{RESAMPLES} resamples took {interval_s} s"
    );
}

criterion_group!(benches, fit_and_resample);
criterion_main!(benches);
