//! What one comparison costs both sides together, beside one raw multiplication.
//!
//! Two ordinary records (two parts, a middle name, an address of 33 letter pairs, date, sex), with
//! encoding, decoding and seal. Time the thread spent on a processor, where the system tells it.

#[path = "../../keyshare/benches/cpu_time/mod.rs"]
mod cpu_time;

use std::hint::black_box;

use cpu_time::CpuTime;
use criterion::{Criterion, criterion_group, criterion_main};
use curve25519_dalek::{RistrettoPoint, Scalar};
use sanctuary_compare::{
    Answer, ComparisonId, Header, Opening, PairKey, Seed, Stage, Version, answer, finish, open,
};
use sanctuary_linkage::Comparable;
use sanctuary_types::PartyId;

fn record(surname: &str, birth: (u16, u8, u8)) -> Comparable {
    let address = "flat 2 12 church street durham dh1";
    Comparable::new(
        ["anna", surname],
        ["maria"],
        address.split(' '),
        Some(birth),
        Some(b'F'),
    )
}

fn full(surname: &str) -> Comparable {
    let middles = ["maria", "luisa", "helena"];
    let address = "flat 2 12 north stirling downs church street durham dh1";
    Comparable::new(
        ["anna", surname],
        middles,
        address.split(' '),
        Some((1990, 3, 4)),
        Some(b'F'),
    )
}

fn pair(criterion: &mut Criterion<CpuTime>) {
    let (a, b) = (
        record("kowalska", (1990, 3, 4)),
        record("kowalski", (1990, 4, 3)),
    );
    let (one, two) = (Seed::new([1; 32]), Seed::new([2; 32]));
    let point = RistrettoPoint::from_uniform_bytes(&[5; 64]);
    let scalar = Scalar::from_bytes_mod_order_wide(&[6; 64]);
    let opened = open(&a, Version([0; 16]), &one);
    let opening = Opening::decode(&opened).expect("made here");
    let answered = answer(&b, &opening, &two);

    criterion.bench_function("raw multiplication", |bench| {
        bench.iter(|| black_box(&point) * black_box(&scalar));
    });
    criterion.bench_function("open", |bench| {
        bench.iter(|| open(black_box(&a), Version([0; 16]), &one));
    });
    criterion.bench_function("answer, with decoding", |bench| {
        bench.iter(|| {
            let opening = Opening::decode(black_box(&opened)).expect("made here");
            answer(&b, &opening, &two)
        });
    });
    criterion.bench_function("finish, with decoding", |bench| {
        bench.iter(|| {
            let answer = Answer::decode(black_box(&answered)).expect("made here");
            finish(&a, &answer, &one)
        });
    });
    criterion.bench_function("a pair, both sides", |bench| {
        bench.iter(|| whole(&a, &b, &one, &two));
    });
    let (c, d) = (full("kowalska"), full("kowalski"));
    criterion.bench_function("a pair with three further names each", |bench| {
        bench.iter(|| whole(&c, &d, &one, &two));
    });
}

fn whole(a: &Comparable, b: &Comparable, one: &Seed, two: &Seed) -> usize {
    let (police, council): (PartyId, PartyId) = (
        "police".parse().expect("an id"),
        "council".parse().expect("an id"),
    );
    let key = PairKey::new([&[1; 32]; 3]).expect("three tokens");
    let header = Header {
        comparison: ComparisonId([1; 16]),
        stage: Stage::Open,
        from: &police,
        to: &council,
    };
    let opened = open(a, Version([0; 16]), one);
    let sealed = key.seal(&header, &opened, one, |_| [0; 64]).expect("fits");
    let opening = Opening::decode(&opened).expect("made here");
    let answered = answer(b, &opening, two);
    let header = Header {
        stage: Stage::Answer,
        from: &council,
        to: &police,
        ..header
    };
    let reply = key
        .seal(&header, &answered, two, |_| [0; 64])
        .expect("fits");
    let answer = Answer::decode(&answered).expect("made here");
    let levels = finish(a, &answer, one).expect("an honest peer");
    sealed.len() + reply.len() + usize::from(levels.to_bytes()[0])
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime).sample_size(30);
    targets = pair
}
criterion_main!(benches);
