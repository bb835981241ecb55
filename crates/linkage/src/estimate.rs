use std::collections::BTreeMap;

use rand_core::CryptoRng;
use sanctuary_types::TokenType;

use crate::{
    Features, LevelTables, Population,
    collisions::{chance, groups, keys},
    observation::Tables,
    population::RARITY_TYPES,
    sample::Dice,
};

mod details;
mod name;
mod own;

/// What [`estimate`] has to know besides the records.
#[derive(Clone, Copy, Debug)]
pub struct EstimateOptions {
    /// Records the agency holds; the slice may be a uniform sample of them.
    pub total_records: u64,
    /// Records of the whole partnership: what the rarity gate of name pairs was set for.
    pub universe_records: u64,
    /// The file is to be compared with itself (each record an agency of its own), so that a value
    /// held by a few records may well be one person.
    pub file_has_duplicates: bool,
}

/// Pairs of records that the built-in tables count for: an agency of 300 records is believed
/// about half, one of 5,000 almost wholly.
const PSEUDO_PAIRS: f64 = 50_000.0;
/// In a file with duplicates, holders of one value that may be one person.
const ONE_PERSON_HOLDERS: usize = 8;
const LEVEL_MIN: f64 = 1e-7;

/// What an agency may say of its own population, from its records or a uniform sample of up to
/// 20,000 of them. Needs no labels: a pair that may be one person is left out (years of birth
/// within one, for names; a name part in common, for dates and places). Only averages come out.
///
/// Deterministic for a given state of `rng`. With fewer than two records the built-in tables are
/// returned.
pub fn estimate(
    records: &[Features],
    options: &EstimateOptions,
    rng: &mut impl CryptoRng,
) -> Population {
    let n = records.len();
    let total = options.total_records.max(n as u64);
    let built_in = Population::built_in(total, options.universe_records);
    if n < 2 {
        return built_in;
    }
    let mut dice = Dice::new(rng);
    let kept = KeptShares::of(records, &mut dice);
    let (name, name_single) = name::rows(records, options.universe_records, kept.names, &mut dice);
    let (birth, birth_year) = birth_rows(records, kept.others, &mut dice);
    let (place, area) = place_rows(records, kept.others, &mut dice);
    let measured = LevelTables {
        name,
        name_single,
        birth,
        birth_year,
        place,
        area,
        sex: sex_row(records),
    };
    let chance = Tables {
        levels: believed(records, &measured, &built_in.chance),
        details: details::tables(records, &mut dice),
    };
    Population {
        other_holders: other_holders(records, total, options.file_has_duplicates),
        own_duplicate_rate: own::duplicate_rate(records, total, &chance),
        chance: chance.levels,
        details: chance.details,
        ..built_in
    }
}

/// Shares of random pairs that are certainly two people.
struct KeptShares {
    names: f64,
    others: f64,
}

impl KeptShares {
    const DRAWS: usize = 4_000;
    const MIN: f64 = 0.02;

    fn of(records: &[Features], dice: &mut Dice) -> Self {
        let (mut names, mut others) = (0_usize, 0_usize);
        for _ in 0..Self::DRAWS {
            if let Some((a, b)) = dice.two(records) {
                names += usize::from(!near_in_age(a, b));
                others += usize::from(!share_a_name(a, b));
            }
        }
        let share = |count: usize| (count as f64 / Self::DRAWS as f64).max(Self::MIN);
        Self {
            names: share(names),
            others: share(others),
        }
    }
}

/// Whether two records may be one person, judged without names.
fn near_in_age(a: &Features, b: &Features) -> bool {
    match (a.year(), b.year()) {
        (Some(x), Some(y)) => x.abs_diff(y) <= 1,
        _ => a.shares_area(b) || a.areas.is_empty() || b.areas.is_empty(),
    }
}

/// Whether two records may be one person, judged by names.
fn share_a_name(a: &Features, b: &Features) -> bool {
    a.parts.is_empty() || b.parts.is_empty() || a.shared_parts(b) > 0
}

fn share(records: &[Features], has: impl Fn(&Features) -> bool) -> f64 {
    records.iter().filter(|r| has(r)).count() as f64 / records.len().max(1) as f64
}

fn birth_rows(records: &[Features], kept: f64, dice: &mut Dice) -> ([f64; 7], [f64; 3]) {
    let known = |has: fn(&Features) -> bool| share(records, has).powi(2).max(1e-9);
    let full = chance(
        records,
        keys(records, Features::full_birth),
        share_a_name,
        kept,
        dice,
    ) / known(|r| r.full_birth().is_some());
    let year = chance(
        records,
        keys(records, Features::year),
        share_a_name,
        kept,
        dice,
    ) / known(|r| r.year().is_some());
    let day_month = chance(
        records,
        keys(records, Features::day_month),
        share_a_name,
        kept,
        dice,
    ) / known(|r| r.day_month().is_some());
    let windows = |r: &Features| r.year().map(|y| [y / 2, y / 2 + 1]).into_iter().flatten();
    // Two overlapping windows: a pair of one year counts twice, a near pair once.
    let near = chance(records, keys(records, windows), share_a_name, kept, dice)
        / known(|r| r.year().is_some())
        / 1.5;
    let exact_year = year.max(1e-4);
    let off_by_few = (near - year).max(1e-4);
    // Of pairs with one year, the share that also has the month or the day in common.
    let and_one = 0.115;
    let mut birth = [
        full.max(1e-6),
        (day_month * near).max(1e-6),
        (day_month * (1.0 - near)).max(1e-5),
        exact_year * and_one,
        exact_year * (1.0 - and_one),
        off_by_few,
        0.0,
    ];
    close(&mut birth);
    let mut birth_year = [exact_year, off_by_few, 0.0];
    close(&mut birth_year);
    (birth, birth_year)
}

/// Chance that the sexes of two records that have one are equal.
fn sex_row(records: &[Features]) -> [f64; 2] {
    let mut counts: BTreeMap<u8, f64> = BTreeMap::new();
    for sex in records.iter().filter_map(|r| r.comparable.sex) {
        *counts.entry(sex).or_default() += 1.0;
    }
    let known: f64 = counts.values().sum();
    // Two believed pairs of each kind, so that a file of one sex claims no certainty.
    let equal = (counts.values().map(|n| n * n).sum::<f64>() + 2.0) / (known * known + 4.0);
    [equal, 1.0 - equal]
}

/// The rows of [`crate::Field::Place`] and [`crate::Field::Area`].
fn place_rows(records: &[Features], kept: f64, dice: &mut Dice) -> ([f64; 4], [f64; 3]) {
    let with_area = share(records, |r| !r.areas.is_empty()).powi(2);
    let with_fine = share(records, |r| !r.fines.is_empty()).powi(2);
    let or = |known: f64, otherwise: f64, measured: f64| {
        if known > 0.0 {
            measured / known
        } else {
            otherwise
        }
    };
    let areas = keys(records, |r: &Features| r.areas.iter().copied());
    let any = chance(records, areas, share_a_name, kept, dice);
    let any = or(with_area, 0.01, any);
    let fines = keys(records, |r: &Features| r.fines.iter().copied());
    let fine = chance(records, fines, share_a_name, kept, dice);
    let fine = or(with_fine, 1e-4, fine).max(1e-5);
    let both = keys(records, |r: &Features| match r.areas[..] {
        [first, second, ..] => Some((first, second)),
        _ => None,
    });
    let two = chance(records, both, share_a_name, kept, dice);
    // No less than if the two areas had nothing to do with each other.
    let two = or(with_area, 1e-4, two).max(any * any / 4.0).max(1e-7);
    // A pair with both areas in common was met once for each.
    let one = (any - 2.0 * two).max(any * 0.02).max(1e-6);
    // Levels exclude each other: whoever shares a fine place mostly shares the areas around it.
    let mut place = [fine, (two - fine).max(two * 0.05), one, 0.0];
    let mut area = [two, one, 0.0];
    close(&mut place);
    close(&mut area);
    (place, area)
}

/// Gives the last level what is left of one, and makes the row a distribution.
fn close(row: &mut [f64]) {
    if let Some((last, others)) = row.split_last_mut() {
        others.iter_mut().for_each(|p| *p = p.max(LEVEL_MIN / 10.0));
        *last = (1.0 - others.iter().sum::<f64>()).max(1e-3);
    }
    let sum: f64 = row.iter().sum();
    row.iter_mut().for_each(|p| *p /= sum);
}

/// Leans on the built-in tables by how few pairs of records speak for each row.
fn believed(records: &[Features], measured: &LevelTables, built_in: &LevelTables) -> LevelTables {
    let n = records.len() as f64;
    let weight = |share_known: f64| {
        let pairs = n * (n - 1.0) / 2.0 * share_known.powi(2);
        pairs / (pairs + PSEUDO_PAIRS)
    };
    let names = weight(share(records, |r| !r.parts.is_empty()));
    let births = weight(share(records, |r| r.full_birth().is_some()));
    let years = weight(share(records, |r| r.year().is_some()));
    let places = weight(share(records, |r| {
        !r.areas.is_empty() || !r.fines.is_empty()
    }));
    LevelTables {
        birth: measured.mixed(births, built_in).birth,
        birth_year: measured.mixed(years, built_in).birth_year,
        place: measured.mixed(places, built_in).place,
        area: measured.mixed(places, built_in).area,
        sex: measured.sex,
        ..measured.mixed(names, built_in)
    }
}

/// Mean number of other records with the same value, by token type, scaled from the sample to the
/// whole agency.
fn other_holders(records: &[Features], total: u64, duplicates: bool) -> BTreeMap<String, f64> {
    // In a sample of one in k, a holder meets one in k of the others.
    let scale = (total.saturating_sub(1)) as f64 / (records.len() - 1) as f64;
    let others = |holders: usize| {
        if duplicates {
            holders.saturating_sub(ONE_PERSON_HOLDERS)
        } else {
            holders - 1
        }
    };
    let mut means = BTreeMap::new();
    for token in RARITY_TYPES {
        let values = |r: &Features| {
            let of_type = r
                .tokens
                .iter()
                .filter(|(t, _, _)| *t == token)
                .map(|(_, _, v)| *v);
            of_type.collect::<Vec<u64>>()
        };
        let mut emitted: Vec<(u64, usize)> = keys(records, values).collect();
        emitted.sort_unstable();
        emitted.dedup();
        let collisions: usize = groups(emitted.iter().copied())
            .iter()
            .map(|(_, holders)| holders.len() * others(holders.len()))
            .sum();
        if !emitted.is_empty() {
            means.insert(
                token.label(),
                collisions as f64 / emitted.len() as f64 * scale,
            );
        }
    }
    means
}

/// Whether the record emits a token of the type.
fn emits(record: &Features, token: TokenType) -> bool {
    record.tokens.iter().any(|(t, _, _)| *t == token)
}
