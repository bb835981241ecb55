//! What an agency says of itself: right where it can be known, sane where it cannot.
#![allow(clippy::unwrap_used)]

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sanctuary_linkage::{
    Comparable, EstimateOptions, Features, Field, LinkageError, PartFeature, Population, World,
    estimate,
};
use sanctuary_types::{BirthClass, IdentifierKind, Presence, Slots, TokenType as T};

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}
fn options(total: u64) -> EstimateOptions {
    EstimateOptions {
        total_records: total,
        universe_records: 10_000,
        file_has_duplicates: false,
    }
}

/// People with uniform, independent names (200 forenames, 500 surnames), years (40), days (12 x 28),
/// areas (50) and fine places (2,000).
fn people(n: usize, seed: u64) -> Vec<Features> {
    let mut rng = rng(seed);
    let mut below = |n: u64| rng.next_u64() % n;
    (0..n)
        .map(|_| {
            let (forename, surname) = (below(200), 1_000 + below(500));
            let (year, month, day) = (
                1_950 + below(40) as u16,
                1 + below(12) as u8,
                1 + below(28) as u8,
            );
            let area = below(50);
            let part = |code: u64, bits: f64| PartFeature {
                code,
                initial: b'a' + (code % 20) as u8,
                bits,
            };
            let mut bands: Vec<u64> = (0..4).map(|_| below(400)).collect();
            bands.sort_unstable();
            let born = u64::from(year) * 372 + u64::from(month) * 31 + u64::from(day);
            Features {
                parts: vec![part(forename, 7.64), part(surname, 8.97)],
                bands,
                birth: (Some(year), Some(month), Some(day)),
                day_is_default: month == 1 && day == 1,
                areas: vec![area],
                fines: vec![area * 40 + below(40)],
                identifiers: vec![(IdentifierKind::NhsNumber, below(1 << 60))],
                tokens: vec![
                    (T::Nd, Slots::parts(&[0]), forename << 32 | born),
                    (T::Nd, Slots::parts(&[1]), surname << 40 | born),
                    (
                        T::Na,
                        Slots::parts(&[0, 1]).with_area(0),
                        forename * 50 + area,
                    ),
                    (T::Lm, Slots::default().with_band(0), below(3_000)),
                ],
                presence: Presence {
                    name_parts: 2,
                    birth: BirthClass::Full,
                    fine_place: true,
                    area: true,
                    identifiers: 1 << IdentifierKind::NhsNumber.code(),
                },
                comparable: Comparable::default(),
            }
        })
        .collect()
}

fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    let off = (found / expected - 1.0).abs();
    assert!(off < tolerance, "{what}: {found} for {expected}");
}

#[test]
fn chances_are_those_of_the_population() {
    let u = estimate(&people(12_000, 1), &options(12_000), &mut rng(2)).chance;
    near(
        u.name_single[0],
        1.0 / 200.0 + 1.0 / 500.0,
        0.05,
        "one part",
    );
    // 200 x 500 pairs, less what the rarity gate takes out.
    near(u.name[1] + u.name[2] + u.name[3], 1e-5, 0.35, "two parts");
    let beside_one: f64 = u.name[5..9].iter().sum();
    near(
        beside_one,
        1.0 / 200.0 + 1.0 / 500.0,
        0.05,
        "one part of two",
    );
    near(
        u.name[5] / beside_one,
        1.0 / 20.0,
        0.4,
        "initial beside one part",
    );
    near(u.birth_year[0], 1.0 / 40.0, 0.05, "year");
    // Of 12 x 28 days, 66 pairs with both numbers up to 12 can be swapped.
    let day_month = (66.0 * 4.0 + 12.0 + 16.0 * 12.0) / 336.0_f64.powi(2);
    near(
        u.birth[0],
        day_month / 40.0,
        0.1,
        "date of birth with swaps",
    );
    near(u.place[0], 1.0 / 2_000.0, 0.1, "fine place");
    near(u.place[0] + u.place[2], 1.0 / 50.0, 0.1, "area");
}

#[test]
fn a_sample_says_what_all_records_say() {
    let all = people(20_000, 3);
    let whole = estimate(&all, &options(20_000), &mut rng(4));
    let means: Vec<Population> = (0..4)
        .map(|part| estimate(&all[part * 5_000..][..5_000], &options(20_000), &mut rng(5)))
        .collect();
    for label in ["NA", "LM"] {
        let sampled = means.iter().map(|p| p.other_holders[label]).sum::<f64>() / 4.0;
        near(sampled, whole.other_holders[label], 0.2, label);
    }
    near(whole.other_holders["LM"], 20_000.0 / 3_000.0, 0.02, "LM");
    assert_eq!(means[0].records, 20_000);
    assert!(
        !whole.other_holders.contains_key("NR"),
        "no record emits it"
    );
}

#[test]
fn a_file_with_duplicates_does_not_count_them_as_other_people() {
    let all: Vec<Features> = people(3_000, 6)
        .into_iter()
        .flat_map(|p| [p.clone(), p])
        .collect();
    let within = EstimateOptions {
        file_has_duplicates: true,
        ..options(6_000)
    };
    let file = estimate(&all, &within, &mut rng(7));
    let agency = estimate(&all, &options(6_000), &mut rng(7));
    assert_eq!(file.other_holders["NA"], 0.0);
    assert!(agency.other_holders["NA"] > 0.9);
    near(file.own_duplicate_rate, 0.5, 0.02, "duplicates per record");
    assert!(estimate(&people(3_000, 6), &options(3_000), &mut rng(7)).own_duplicate_rate < 0.002);
    // Levels leave out pairs that may be one person, so doubling the file changes them little.
    near(
        file.chance.name_single[0],
        1.0 / 200.0 + 1.0 / 500.0,
        0.1,
        "one part",
    );
    near(
        file.chance.birth[0],
        468.0 / 336.0_f64.powi(2) / 40.0,
        0.5,
        "date of birth",
    );
}

#[test]
fn a_tiny_agency_is_finite_valid_and_sane() {
    for n in [0, 1, 2, 3, 30] {
        let population = estimate(&people(n, 8), &options(n as u64), &mut rng(9));
        population.validate().unwrap();
        let usual = Population::built_in(1, 10_000);
        for field in Field::ALL {
            for (p, q) in population
                .chance
                .row(field)
                .iter()
                .zip(usual.chance.row(field))
            {
                assert!(
                    (p / q).log2().abs() < 1.0,
                    "{n} records, {field:?}: {p} for {q}"
                );
            }
        }
    }
    let alike = vec![people(1, 10).remove(0); 30];
    estimate(&alike, &options(30), &mut rng(9))
        .validate()
        .unwrap();
    let empty = vec![Features::default(); 30];
    estimate(&empty, &options(30), &mut rng(9))
        .validate()
        .unwrap();
    let alike = vec![people(1, 10).remove(0); 3_000];
    estimate(&alike, &options(3_000), &mut rng(9))
        .validate()
        .unwrap();
}

#[test]
fn estimates_repeat() {
    let all = people(2_000, 11);
    let of = |seed| estimate(&all, &options(2_000), &mut rng(seed));
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn json_returns_and_nonsense_is_refused() {
    let good = estimate(&people(500, 12), &options(500), &mut rng(13));
    let json = good.to_json().unwrap();
    assert!(json.len() < 4_096, "{}", json.len());
    assert_eq!(Population::from_json(&json).unwrap(), good);

    let mut bad = Vec::new();
    for value in [f64::NAN, -0.1, 0.0, 1.5, f64::INFINITY] {
        let mut p = good.clone();
        p.chance.name[3] = value;
        bad.push(p);
    }
    let change = |f: fn(&mut Population)| {
        let mut p = good.clone();
        f(&mut p);
        p
    };
    bad.push(change(|p| p.chance.place[0] += 0.01));
    bad.push(change(|p| p.records = 0));
    bad.push(change(|p| p.records = 2_000_000_000));
    bad.push(change(|p| p.own_duplicate_rate = f64::NAN));
    bad.push(change(|p| p.own_duplicate_rate = -1.0));
    bad.push(change(|p| {
        let _ = p.other_holders.insert("ND".into(), f64::NAN);
    }));
    bad.push(change(|p| {
        let _ = p.other_holders.insert("ND".into(), 1e300);
    }));
    bad.push(change(|p| {
        let _ = p.other_holders.insert("ID:phone".into(), 1.0);
    }));
    for population in &bad {
        let refused = matches!(population.validate(), Err(LinkageError::OutOfRange { .. }));
        assert!(refused, "{population:?}");
        assert!(population.to_json().is_err());
    }
    let later = change(|p| p.version = 1);
    assert!(matches!(
        later.validate(),
        Err(LinkageError::Version { found: 1, known: 2 })
    ));

    let text = String::from_utf8(json).unwrap();
    for refused in [
        text.replace("\"version\"", "\"extra\":1,\"version\""),
        text.replacen("\"place\":[", "\"place\":[0.1,", 1),
        text.replacen("500", "-500", 1),
        "{}".to_owned(),
        format!("{text}{}", " ".repeat(20_000)),
    ] {
        assert!(
            Population::from_json(refused.as_bytes()).is_err(),
            "{refused}"
        );
    }
}

#[test]
fn agencies_count_by_their_records() {
    use sanctuary_linkage::{Agreement, Candidate, Model};
    let mut rare = Population::built_in(9_000, 10_000);
    rare.chance.birth_year = [0.01, 0.09, 0.9];
    let mut common = Population::built_in(1_000, 10_000);
    common.chance.birth_year = [0.5, 0.1, 0.4];
    let presence = Presence {
        name_parts: 2,
        birth: BirthClass::Year,
        ..Presence::default()
    };
    let window = Agreement::new(T::Nw, Slots::parts(&[0, 1]), Slots::parts(&[0, 1]));
    let candidate = Candidate {
        a: presence,
        b: presence,
        agreements: vec![window; 2],
        ..Candidate::default()
    };
    let bits = |populations: &[Population]| {
        let world = World {
            records: 10_000,
            cross_pairs: 9e6,
            populations,
        };
        Model::fit(&[], &world).score(&candidate).bits
    };
    let mostly_rare = bits(&[rare.clone(), common.clone()]);
    (rare.records, common.records) = (1_000, 9_000);
    let mostly_common = bits(&[rare, common]);
    // (.9 x .01 + .1 x .5) against (.1 x .01 + .9 x .5)
    near(
        mostly_rare - mostly_common,
        (0.451_f64 / 0.059).log2(),
        0.01,
        "bits",
    );
}
