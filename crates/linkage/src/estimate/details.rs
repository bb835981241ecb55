//! What the second step finds by chance, given what tokens found.

use super::near_in_age;
use crate::{
    Detail, Features,
    collisions::{Colliding, keys},
    detail::DetailTables,
    level::LevelSet,
    priors,
    sample::Dice,
};

const RANDOM_DRAWS: usize = 40_000;
const COLLIDING_DRAWS: usize = 6_000;
/// Pairs that a row of the built-in tables counts for.
const PSEUDO_PAIRS: f64 = 50.0;

/// The tables of [`crate::Population::details`].
pub(super) fn tables(records: &[Features], dice: &mut Dice) -> DetailTables {
    let mut counts = Counts(priors::CHANCE_DETAILS);
    for (detail, group) in DetailTables::places() {
        let row = counts.0.row_mut(detail, group);
        row.iter_mut().for_each(|p| *p *= PSEUDO_PAIRS);
    }
    for _ in 0..RANDOM_DRAWS.min(records.len() * (records.len() - 1) / 2) {
        let Some((a, b)) = dice.two(records) else {
            break;
        };
        counts.add_names(a, b);
        counts.add_others(a, b);
    }
    for kind in Collision::ALL {
        let colliding = Colliding::of(keys(records, |r| kind.keys(r)));
        for _ in 0..COLLIDING_DRAWS.min(colliding.pairs()) {
            let Some((i, j)) = colliding.draw(dice) else {
                break;
            };
            let (a, b) = (&records[i], &records[j]);
            if kind.is_of_names() {
                counts.add_names(a, b);
            } else {
                counts.add_others(a, b);
            }
        }
    }
    let mut tables = counts.0;
    for (detail, group) in DetailTables::places() {
        let row = tables.row_mut(detail, group);
        let total: f64 = row.iter().sum();
        row.iter_mut().for_each(|p| *p /= total);
    }
    tables
}

/// Levels that random pairs seldom reach are found among pairs that collide.
#[derive(Clone, Copy)]
enum Collision {
    TwoParts,
    OnePart,
    Band,
    Birth,
    DayMonth,
    Year,
    Fine,
    Area,
}

impl Collision {
    const ALL: [Self; 8] = [
        Self::TwoParts,
        Self::OnePart,
        Self::Band,
        Self::Birth,
        Self::DayMonth,
        Self::Year,
        Self::Fine,
        Self::Area,
    ];

    const fn is_of_names(self) -> bool {
        matches!(self, Self::TwoParts | Self::OnePart | Self::Band)
    }

    fn keys(self, r: &Features) -> Vec<(u64, u64)> {
        let alone = |key: &u64| (*key, 0);
        match self {
            Self::TwoParts => super::name::part_pairs(r),
            Self::OnePart => r.parts.iter().map(|p| (p.code, 0)).collect(),
            Self::Band => (0..).zip(&r.bands).map(|(i, band)| (*band, i)).collect(),
            Self::Birth => (r.full_birth().into_iter())
                .map(|(y, a, b)| (u64::from(y), u64::from(a) << 8 | u64::from(b)))
                .collect(),
            Self::DayMonth => (r.day_month().into_iter())
                .map(|(a, b)| (u64::from(a), u64::from(b)))
                .collect(),
            Self::Year => r.year().iter().map(|y| (u64::from(*y), 0)).collect(),
            Self::Fine => r.fines.iter().map(alone).collect(),
            Self::Area => r.areas.iter().map(alone).collect(),
        }
    }
}

struct Counts(DetailTables);

impl Counts {
    /// Judged without names, as names are what is counted.
    fn add_names(&mut self, a: &Features, b: &Features) {
        if near_in_age(a, b) {
            return;
        }
        let compared = a.comparable.levels(&b.comparable);
        let level = name_level(a, b);
        for detail in [Detail::Name, Detail::NameSingle, Detail::Middle] {
            let single = a.parts.len().min(b.parts.len()) < 2;
            if single == (detail == Detail::NameSingle)
                && !detail.is_told(LevelSet::one(level), &compared)
                && let Some(found) = detail.found(&compared)
            {
                self.0.row_mut(detail, detail.group(level))[found] += 1.0;
            }
        }
    }

    /// Judged by names.
    fn add_others(&mut self, a: &Features, b: &Features) {
        if super::share_a_name(a, b) {
            return;
        }
        let compared = a.comparable.levels(&b.comparable);
        if let (Some(level), Some(found)) = (birth_level(a, b), Detail::Birth.found(&compared)) {
            self.0.birth[level][found] += 1.0;
        }
        if let Some(found) = Detail::Address.found(&compared) {
            if !a.fines.is_empty() && !b.fines.is_empty() {
                let group = Detail::Address.group(place_level(a, b));
                self.0.address[group][found] += 1.0;
            } else if !a.areas.is_empty() && !b.areas.is_empty() {
                self.0.address_of_area[area_level(a, b)][found] += 1.0;
            }
        }
    }
}

/// A level of [`crate::Field::Name`], or of [`crate::Field::NameSingle`] where one record has one
/// part.
fn name_level(a: &Features, b: &Features) -> usize {
    let bands = a.equal_bands(b);
    let shared = a.shared_parts(b);
    if a.parts.len().min(b.parts.len()) < 2 {
        return match (shared, bands) {
            (1.., _) => 0,
            (_, 1..) => 2,
            _ => 4,
        };
    }
    match (shared, bands) {
        (3.., _) => 0,
        (2, _) => 3,
        (1, 1..) => 7,
        (1, 0) if super::name::other_initial_agrees(a, b) => 5,
        (1, 0) => 8,
        (_, 1..) => 10,
        _ => 12,
    }
}

/// A level of [`crate::Field::Birth`].
fn birth_level(a: &Features, b: &Features) -> Option<usize> {
    /// Windows of four years that overlap by two always meet up to here.
    const NEAR_YEARS: u16 = 2;
    let ((y, m, d), (z, n, e)) = (a.full_birth()?, b.full_birth()?);
    let apart = y.abs_diff(z);
    Some(match ((m, d) == (n, e), apart) {
        (true, 0) => 0,
        (true, 1..=NEAR_YEARS) => 1,
        (true, _) => 2,
        // Day and month are in ascending order here, so either may be either.
        (false, 0) if [m, d].iter().any(|x| [n, e].contains(x)) => 3,
        (false, 0) => 4,
        (false, 1..=NEAR_YEARS) => 5,
        _ => 6,
    })
}

/// A level of [`crate::Field::Place`].
fn place_level(a: &Features, b: &Features) -> usize {
    if a.fines.iter().any(|fine| b.fines.contains(fine)) {
        0
    } else if a.shares_area(b) {
        2
    } else {
        3
    }
}

/// A level of [`crate::Field::Area`].
fn area_level(a: &Features, b: &Features) -> usize {
    let shared = a.areas.iter().filter(|area| b.areas.contains(area)).count();
    2_usize.saturating_sub(shared)
}
