//! What one token costs the node and a holder, beside one raw multiplication.
//!
//! t = 2 of 3, batches of 1,024 inputs of 40 bytes. Read the times per element. They follow the
//! processor: with AVX-512 the raw multiplication is nearly twice as fast, fixed-base
//! multiplication, square roots and hashing are not, so ratios to it grow though times shrink.

mod cpu_time;

use std::hint::black_box;

use cpu_time::CpuTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_keyshare::{KeyShare, dealer};
use sanctuary_toprf::{Answer, Blinded, CheckedKeys, decode_elements, hash_to_group};

const BATCH: usize = 1024;
const QUORUM: [u16; 2] = [1, 3];

struct World {
    rng: ChaCha20Rng,
    shares: Vec<KeyShare>,
    keys: CheckedKeys,
    inputs: Vec<Vec<u8>>,
}

fn world() -> World {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (shares, keys) = dealer::deal(2, 3, &mut rng).expect("2 of 3 is possible");
    World {
        shares,
        keys: keys.check().expect("dealt keys belong together"),
        inputs: (0..BATCH as u32)
            .map(|i| [&i.to_be_bytes()[..], &[7; 36]].concat())
            .collect(),
        rng,
    }
}

fn answer(world: &mut World, batch: &Blinded, holder: u16) -> Answer {
    let share = &world.shares[usize::from(holder) - 1];
    let (elements, proof) = share
        .evaluate(&QUORUM, 2, batch.elements(), &mut world.rng)
        .expect("a well-formed batch");
    Answer {
        holder,
        elements,
        proof,
    }
}

fn oprf(criterion: &mut Criterion<CpuTime>) {
    let mut world = world();
    let batch = Blinded::new(&world.keys, &world.inputs, &mut world.rng).expect("in bounds");
    let answers = QUORUM.map(|holder| answer(&mut world, &batch, holder));
    let scalar = Scalar::random(&mut world.rng);
    let scalars: Vec<Scalar> = (0..BATCH).map(|_| Scalar::random(&mut world.rng)).collect();
    let points: Vec<_> = world.inputs.iter().map(|i| hash_to_group(i)).collect();

    let mut group = criterion.benchmark_group("oprf");
    group
        .throughput(Throughput::Elements(BATCH as u64))
        .sample_size(20);
    group.bench_function("raw variable-base multiplication", |b| {
        b.iter(|| {
            for point in &points {
                black_box(black_box(scalar) * point);
            }
        });
    });
    group.bench_function("part: hash to group", |b| {
        b.iter(|| {
            for input in &world.inputs {
                black_box(hash_to_group(black_box(input)));
            }
        });
    });
    group.bench_function("part: fixed-base multiplication", |b| {
        b.iter(|| {
            for scalar in &scalars {
                black_box(RistrettoPoint::mul_base(black_box(scalar)));
            }
        });
    });
    group.bench_function("part: encode one by one", |b| {
        b.iter(|| {
            for point in &points {
                black_box(black_box(point).compress());
            }
        });
    });
    group.bench_function("part: decode", |b| {
        b.iter(|| decode_elements(black_box(batch.elements())));
    });
    group.bench_function("node: blind", |b| {
        b.iter(|| Blinded::new(&world.keys, black_box(&world.inputs), &mut world.rng));
    });
    group.bench_function("node: verify 2 holders, combine, finish", |b| {
        b.iter(|| batch.finish(&world.keys, &QUORUM, black_box(&answers)));
    });
    group.bench_function("node: total", |b| {
        b.iter(|| {
            Blinded::new(&world.keys, black_box(&world.inputs), &mut world.rng)
                .and_then(|_| batch.finish(&world.keys, &QUORUM, black_box(&answers)))
        });
    });
    group.bench_function("holder: total", |b| {
        b.iter(|| answer(&mut world, black_box(&batch), 1));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = oprf
}
criterion_main!(benches);
