use std::collections::BTreeMap;

use sanctuary_types::TokenType;
use serde::{Deserialize, Serialize};

use crate::{DetailTables, Field, LevelTables, LinkageError, World, observation::Tables, priors};

/// Types whose frequency adjusts a score: name, date and place compounds of the first token set.
/// Identifiers carry their own frequency; `NL` and `DI` were left out when measured.
pub(crate) const RARITY_TYPES: [TokenType; 9] = [
    TokenType::Nd,
    TokenType::Nm,
    TokenType::Nw,
    TokenType::Nr,
    TokenType::Na,
    TokenType::Nf,
    TokenType::Da,
    TokenType::Lm,
    TokenType::La,
];

/// What one agency says of its own records: how often two different people agree by chance.
/// Averages only; made by [`crate::estimate`], sent as JSON, checked by whoever receives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Version of this form.
    pub version: u16,
    /// Records the agency holds.
    pub records: u64,
    /// Chance of each level for two different people; each row sums to one.
    pub chance: LevelTables,
    /// Chance of each level of the second step for two different people, given what tokens show.
    pub details: DetailTables,
    /// By token label (`ND`, `NM`, ...): the mean number of *other* records of this agency with
    /// the same value, over the records that emit the type.
    pub other_holders: BTreeMap<String, f64>,
    /// Pairs of the agency's records that look like one person entered twice, per record.
    pub own_duplicate_rate: f64,
}

impl Population {
    /// The version this program writes and reads.
    pub const VERSION: u16 = 2;
    /// Most bytes of its JSON.
    pub const JSON_BYTES_MAX: usize = 16 * 1024;
    /// Most records an agency may claim.
    pub const RECORDS_MAX: u64 = 1_000_000_000;
    /// Nothing is rarer; keeps one agency from making any agreement look like proof.
    const CHANCE_MIN: f64 = 1e-12;
    const OTHER_HOLDERS_MAX: f64 = 1e6;

    /// The built-in tables, for an agency that has not said anything yet. `universe` is the number
    /// of records of the whole partnership.
    #[must_use]
    pub fn built_in(records: u64, universe: u64) -> Self {
        Self {
            version: Self::VERSION,
            records: records.clamp(1, Self::RECORDS_MAX),
            chance: priors::chance(universe),
            details: priors::CHANCE_DETAILS,
            other_holders: BTreeMap::new(),
            own_duplicate_rate: 0.0,
        }
    }

    /// Reads and validates a population that another party sent.
    ///
    /// # Errors
    /// [`LinkageError`] when it is too long, not the agreed JSON, or out of range.
    pub fn from_json(json: &[u8]) -> Result<Self, LinkageError> {
        let limit = Self::JSON_BYTES_MAX;
        if json.len() > limit {
            return Err(LinkageError::TooLong { limit });
        }
        let population: Self = serde_json::from_slice(json)?;
        population.validate()?;
        Ok(population)
    }

    /// The JSON that [`Self::from_json`] reads.
    ///
    /// # Errors
    /// [`LinkageError`] when a number is out of range, so that nothing is sent that would be refused.
    pub fn to_json(&self) -> Result<Vec<u8>, LinkageError> {
        self.validate()?;
        Ok(serde_json::to_vec(self)?)
    }

    /// Checks every number.
    ///
    /// # Errors
    /// [`LinkageError::Version`] or [`LinkageError::OutOfRange`] naming the first bad field.
    pub fn validate(&self) -> Result<(), LinkageError> {
        let (found, known) = (self.version, Self::VERSION);
        if found != known {
            return Err(LinkageError::Version { found, known });
        }
        let check = |fits: bool, field: &'static str| {
            if fits {
                Ok(())
            } else {
                Err(LinkageError::OutOfRange { field })
            }
        };
        check(
            (1..=Self::RECORDS_MAX).contains(&self.records),
            "number of records",
        )?;
        let levels = Field::ALL.map(|field| self.chance.row(field));
        let details = DetailTables::places().map(|(d, group)| self.details.row(d, group));
        for row in levels.into_iter().chain(details) {
            // NaN fails every comparison.
            check(
                row.iter().all(|p| *p >= Self::CHANCE_MIN && *p <= 1.0),
                "chance of a level",
            )?;
            check(
                (row.iter().sum::<f64>() - 1.0).abs() < 1e-6,
                "sum of chances",
            )?;
        }
        let expected = |label: &String, mean: &f64| {
            RARITY_TYPES.iter().any(|t| t.label() == *label)
                && (0.0..=Self::OTHER_HOLDERS_MAX).contains(mean)
        };
        check(
            self.other_holders.iter().all(|(l, m)| expected(l, m)),
            "number of other holders",
        )?;
        check(
            (0.0..=100.0).contains(&self.own_duplicate_rate),
            "rate of duplicates",
        )
    }
}

/// The populations of a partnership as one.
pub(crate) struct Combined {
    /// Chance of each level for a pair of different people.
    pub chance: Tables,
    /// Expected `excess` of an agreed token, by position in [`RARITY_TYPES`]; none when no agency
    /// measured the type.
    pub expected_excess: [Option<f64>; RARITY_TYPES.len()],
}

impl Combined {
    /// Chances are averaged by records. The expected excess is that of a random cross-agency
    /// pair: what each of its two agencies is expected to add.
    pub(crate) fn of(world: &World<'_>) -> Self {
        let all = world.populations;
        let size = |p: &Population| p.records.max(1) as f64;
        let records: f64 = all.iter().map(size).sum();
        let mut share_so_far = 0.0;
        let mut levels = priors::chance(world.records);
        let mut details = priors::CHANCE_DETAILS;
        for population in all {
            let share = size(population);
            share_so_far += share;
            let part = share / share_so_far;
            levels = population.chance.mixed(part, &levels);
            details = population.details.mixed(part, &details);
        }
        let in_pairs = |p: &Population| size(p) * (records - size(p));
        let pairs: f64 = all.iter().map(in_pairs).sum();
        let mut expected_excess = [None; RARITY_TYPES.len()];
        for (slot, token) in expected_excess.iter_mut().zip(RARITY_TYPES) {
            for population in all {
                // One population alone is a file compared with itself.
                let weight = if all.len() == 1 {
                    1.0
                } else {
                    2.0 * in_pairs(population) / pairs
                };
                if let Some(mean) = population.other_holders.get(&token.label()) {
                    *slot = Some(slot.unwrap_or(0.0) + weight * mean);
                }
            }
        }
        Self {
            chance: Tables { levels, details },
            expected_excess,
        }
    }
}
