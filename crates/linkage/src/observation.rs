//! All that one field says of a pair: the levels its tokens leave open, and what was compared.

use crate::{
    Detail, Field, Levels,
    detail::DetailTables,
    level::{LevelSet, LevelTables},
    priors::{ASSOCIATE, ASSOCIATE_BY_CHANCE, ASSOCIATE_NAME},
};

/// No field counts for less than this.
const FIELD_BITS_MIN: f64 = -7.0;
/// With a comparison it may count for this much less.
const DETAIL_BITS_MIN: f64 = -4.0;
const CHANCE_MIN: f64 = 1e-9;
/// Most details of one field.
const DETAILS_MAX: usize = 2;

/// Levels and details of one class of pairs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tables {
    pub levels: LevelTables,
    pub details: DetailTables,
}

/// One field of one pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Observation {
    field: Field,
    set: LevelSet,
    details: [Option<(Detail, usize)>; DETAILS_MAX],
}

impl Observation {
    /// `None` when the field says nothing at all.
    pub(crate) fn of(levels: &Levels, field: Field) -> Option<Self> {
        let mut details = [None; DETAILS_MAX];
        let found = Detail::ALL
            .into_iter()
            .filter(|detail| detail.field() == field)
            .filter_map(|detail| Some((detail, levels.detail(detail)?)));
        for (slot, detail) in details.iter_mut().zip(found) {
            *slot = Some(detail);
        }
        let set = levels.field(field);
        let says = !set.is_missing() || details[0].is_some();
        says.then_some(Self {
            field,
            set,
            details,
        })
    }

    /// The observation with the tokens alone, then with one detail more at a time.
    pub(crate) fn steps(self) -> impl Iterator<Item = (Option<(Detail, usize)>, Self)> {
        let tokens = Self {
            details: [None; DETAILS_MAX],
            ..self
        };
        let mut so_far = tokens;
        let details = self.details.into_iter().enumerate();
        let more = details.filter_map(move |(i, detail)| {
            so_far.details[i] = detail;
            detail.map(|_| (detail, so_far))
        });
        std::iter::once((None, tokens)).chain(more)
    }

    pub(crate) const fn field(&self) -> Field {
        self.field
    }

    /// What the tokens leave open.
    pub(crate) const fn set(&self) -> LevelSet {
        self.set
    }

    fn levels(&self) -> LevelSet {
        if self.set.is_missing() {
            LevelSet::all(self.field)
        } else {
            self.set
        }
    }

    /// Chance of the details given a level.
    fn details_given(&self, tables: &DetailTables, level: usize) -> f64 {
        let one = |(detail, found): (Detail, usize)| tables.row(detail, detail.group(level))[found];
        self.details.iter().flatten().copied().map(one).product()
    }

    /// log2 of (likelihood for one person / by chance).
    pub(crate) fn person_bits(&self, person: &Tables, chance: &Tables) -> f64 {
        let row = person.levels.row(self.field);
        self.bits(chance, |level| {
            row[level] * self.details_given(&person.details, level)
        })
    }

    /// Chance of the details given a level, for associates.
    fn associate_details_given(&self, chance: &DetailTables, level: usize) -> f64 {
        let one = |(detail, found): (Detail, usize)| {
            let group = detail.group(level);
            let of_relatives = match detail {
                Detail::Name => ASSOCIATE_NAME[group],
                _ => None,
            };
            of_relatives.map_or_else(|| chance.row(detail, group)[found], |row| row[found])
        };
        self.details.iter().flatten().copied().map(one).product()
    }

    /// The same for associates: what is not known of them is as by chance.
    pub(crate) fn associate_bits(&self, chance: &Tables) -> f64 {
        if matches!(self.field, Field::BirthYear | Field::Sex) {
            return 0.0;
        }
        let (row, by_chance) = (ASSOCIATE.row(self.field), chance.levels.row(self.field));
        self.ratio(chance, |level| {
            let p = if row[level] == ASSOCIATE_BY_CHANCE {
                by_chance[level]
            } else {
                row[level]
            };
            p * self.associate_details_given(&chance.details, level)
        })
    }

    fn bits(&self, chance: &Tables, likelihood: impl Fn(usize) -> f64) -> f64 {
        let compared = self.details.iter().flatten().count() as f64;
        self.ratio(chance, likelihood)
            .max(FIELD_BITS_MIN + DETAIL_BITS_MIN * compared)
    }

    fn ratio(&self, chance: &Tables, likelihood: impl Fn(usize) -> f64) -> f64 {
        let row = chance.levels.row(self.field);
        let by_chance = |level: usize| row[level] * self.details_given(&chance.details, level);
        let u: f64 = self.levels().iter().map(by_chance).sum();
        let m: f64 = self.levels().iter().map(likelihood).sum();
        (m.max(CHANCE_MIN) / u.max(CHANCE_MIN)).log2()
    }

    /// Adds `expected` pairs of one person to the counts that this observation speaks for: to the
    /// levels in proportion to how likely each is, and to the details given them.
    pub(crate) fn count(&self, expected: f64, person: &Tables, counts: &mut Tables) {
        let row = person.levels.row(self.field);
        let weigh = |level: usize| row[level] * self.details_given(&person.details, level);
        let total = self.set.iter().map(weigh).sum::<f64>().max(1e-300);
        for level in self.set.iter() {
            let share = expected * weigh(level) / total;
            counts.levels.row_mut(self.field)[level] += share;
            for (detail, found) in self.details.iter().flatten() {
                counts.details.row_mut(*detail, detail.group(level))[*found] += share;
            }
        }
    }
}
