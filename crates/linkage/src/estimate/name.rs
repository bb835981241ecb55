//! Chance agreement of names.

use sanctuary_types::TokenType;

use super::{close, emits, near_in_age};
use crate::{
    Features,
    collisions::{Colliding, chance, keys},
    sample::Dice,
};

const PAIR_DRAWS: usize = 150_000;
const COLLIDING_DRAWS: usize = 20_000;
const INITIAL_DRAWS: usize = 20_000;
const TINY: f64 = 1e-7;

/// The rows of [`crate::Field::Name`] and [`crate::Field::NameSingle`].
pub(super) fn rows(
    records: &[Features],
    universe: u64,
    kept: f64,
    dice: &mut Dice,
) -> ([f64; 13], [f64; 5]) {
    let parts = |r: &Features| r.parts.iter().map(|p| p.code).collect::<Vec<u64>>();
    let one = chance(records, keys(records, parts), near_in_age, kept, dice);
    let two = chance(records, keys(records, part_pairs), near_in_age, kept, dice).max(TINY);
    let exactly_one = (one - 2.0 * two).max(TINY);
    let beside_one = BesideOnePart::of(records, dice);
    let (bands, band) = bands_without_parts(records, dice);
    let (rare, medium) = gated_pairs(records, universe, two);
    let three_parts = super::share(records, |r| r.parts.len() >= 3);
    let mut name = [
        (two * 0.02).max(TINY),
        rare,
        medium,
        (two - rare - medium).max(two * 0.2),
        (two * (1.0 + 2.0 * three_parts)).max(TINY),
        exactly_one * beside_one.initial,
        exactly_one * beside_one.bands,
        exactly_one * beside_one.band,
        exactly_one * beside_one.nothing,
        bands,
        band,
        0.0,
        0.0,
    ];
    name[11] = (1.0 - name.iter().sum::<f64>()).max(TINY) * initials_without_parts(records, dice);
    close(&mut name);
    let mut single = [one.max(TINY), bands, band, 0.0, 0.0];
    single[3] = (1.0 - single.iter().sum::<f64>()).max(TINY) * name[11];
    close(&mut single);
    (name, single)
}

/// Draws for a Monte Carlo estimate: no more than there are pairs.
fn draws(most: usize, records: &[Features]) -> usize {
    most.min(records.len() * (records.len() - 1) / 2)
}

/// Codes of every two parts, smaller first.
pub(super) fn part_pairs(record: &Features) -> Vec<(u64, u64)> {
    let codes = &record.parts;
    let pair = |a: u64, b: u64| (a.min(b), a.max(b));
    (0..codes.len())
        .flat_map(|j| (0..j).map(move |i| pair(codes[i].code, codes[j].code)))
        .collect()
}

/// What else agrees where exactly one part does, as shares.
struct BesideOnePart {
    initial: f64,
    bands: f64,
    band: f64,
    nothing: f64,
}

impl BesideOnePart {
    fn of(records: &[Features], dice: &mut Dice) -> Self {
        let by_part = Colliding::of(keys(records, |r: &Features| {
            r.parts.iter().map(|p| p.code).collect::<Vec<u64>>()
        }));
        let (mut initial, mut bands, mut band, mut nothing) = (0.5, 0.5, 0.5, 0.5);
        for _ in 0..draws(COLLIDING_DRAWS, records) {
            let Some((i, j)) = by_part.draw(dice) else {
                break;
            };
            let (a, b) = (&records[i], &records[j]);
            if near_in_age(a, b) || a.shared_parts(b) != 1 || a.parts.len().min(b.parts.len()) < 2 {
                continue;
            }
            *match a.equal_bands(b) {
                2.. => &mut bands,
                1 => &mut band,
                0 if other_initial_agrees(a, b) => &mut initial,
                0 => &mut nothing,
            } += 1.0;
        }
        let total: f64 = initial + bands + band + nothing;
        Self {
            initial: initial / total,
            bands: bands / total,
            band: band / total,
            nothing: nothing / total,
        }
    }
}

/// Whether the core parts beside the one shared part begin alike.
pub(super) fn other_initial_agrees(a: &Features, b: &Features) -> bool {
    let other = |r: &Features, s: &Features| {
        let at = r.parts.iter().position(|p| s.has_code(p.code))?;
        r.parts.get(1_usize.checked_sub(at)?).map(|p| p.initial)
    };
    matches!((other(a, b), other(b, a)), (Some(x), Some(y)) if x == y)
}

/// Chance of two bands, and of one, where no part agrees.
fn bands_without_parts(records: &[Features], dice: &mut Dice) -> (f64, f64) {
    let (mut two, mut one, mut tried) = (0_u32, 0_u32, 0_u32);
    for _ in 0..draws(PAIR_DRAWS, records) {
        let Some((a, b)) = dice.two(records) else {
            break;
        };
        if near_in_age(a, b) || a.shared_parts(b) > 0 {
            continue;
        }
        tried += 1;
        match a.equal_bands(b) {
            2.. => two += 1,
            1 => one += 1,
            0 => {}
        }
    }
    let share = |count: u32| f64::from(count) / f64::from(tried.max(1));
    (share(two).max(2e-6), share(one).max(1e-5))
}

/// Chance that core initials meet where no part agrees.
fn initials_without_parts(records: &[Features], dice: &mut Dice) -> f64 {
    let (mut met, mut tried) = (0.5, 1.0);
    for _ in 0..draws(INITIAL_DRAWS, records) {
        let Some((a, b)) = dice.two(records) else {
            break;
        };
        if super::share_a_name(a, b) {
            continue;
        }
        tried += 1.0;
        let core = |r: &Features| {
            r.parts
                .iter()
                .take(2)
                .map(|p| p.initial)
                .collect::<Vec<u8>>()
        };
        let (x, y) = (core(a), core(b));
        met += f64::from(u8::from(x.iter().any(|i| y.contains(i))));
    }
    met / tried
}

/// Chance that a pair of parts which passed the rarity gate, or came close and is held once by
/// the agency, is also another person's. From the name table, since such collisions are too few
/// to count; doubled, because names go together by culture.
fn gated_pairs(records: &[Features], universe: u64, two: f64) -> (f64, f64) {
    const BY_CULTURE: f64 = 2.0;
    let gate = (universe.max(1) as f64).log2() + 2.0;
    let (mut rare, mut medium) = (0.0, 0.0);
    for record in records {
        let [first, second, ..] = &record.parts[..] else {
            continue;
        };
        let bits = first.bits + second.bits;
        // Either part may be anybody's forename or surname, hence twice.
        let expected = 2.0 * (-bits).exp2();
        if bits >= gate {
            rare += expected;
        } else if emits(record, TokenType::Nl) {
            medium += expected;
        }
    }
    let mean = |sum: f64| BY_CULTURE * sum / records.len() as f64;
    let bounded = |chance: f64| chance.max(TINY).min(two * 0.5);
    (mean(rare).min(two * 0.5).max(TINY), bounded(mean(medium)))
}
