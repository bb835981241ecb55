use std::collections::{BTreeMap, HashMap};

use sanctuary_linkage::Population;
use sanctuary_types::{PartyId, Timestamp};

use crate::batch::sha256;

/// What the hub counts for one agency. Small: a laboratory run has up to 100,000 agencies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agency {
    /// `None` only for a number whose first batch was never acknowledged.
    pub(crate) id: Option<PartyId>,
    /// Postings that are stored and not withdrawn, dummies included.
    pub(crate) postings: u64,
    /// Cards, likewise.
    pub(crate) cards: u64,
    pub(crate) batches: u64,
    pub(crate) last_push: Timestamp,
    /// Postings and cards that did not fit what others hold.
    pub(crate) refused: u32,
    pub(crate) open_alerts: u32,
}

/// Numbers for agencies, in the order of their first push: what the log and the index hold instead
/// of names.
#[derive(Default)]
pub(crate) struct Agencies {
    list: Vec<Agency>,
    numbers: HashMap<PartyId, u32>,
}

impl Agencies {
    /// The number of an agency that has pushed before.
    pub(crate) fn number(&self, id: &PartyId) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// The next free number.
    pub(crate) fn next_number(&self) -> u32 {
        self.list.len() as u32
    }

    /// Binds a number that stands in the log to its name; false when it contradicts another.
    pub(crate) fn bind(&mut self, number: u32, id: &PartyId) -> bool {
        self.reserve(number);
        let known = &self.list[number as usize].id;
        let fits = known.as_ref().is_none_or(|known| known == id)
            && self.number(id).is_none_or(|known| known == number);
        if fits {
            self.list[number as usize].id = Some(id.clone());
            self.numbers.insert(id.clone(), number);
        }
        fits
    }

    /// Makes room for the counts of a number whose name comes later in the log.
    pub(crate) fn reserve(&mut self, number: u32) {
        let length = number as usize + 1;
        if self.list.len() < length {
            self.list.resize_with(length, Agency::default);
        }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Agency> {
        self.list.get(number as usize)
    }
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Agency> {
        self.list.get_mut(number as usize)
    }
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Agency> {
        self.list.iter_mut()
    }
    /// How many have cards.
    pub(crate) fn holding(&self) -> usize {
        self.list.iter().filter(|agency| agency.cards > 0).count()
    }
    pub(crate) fn names(&self) -> Vec<Option<PartyId>> {
        self.list.iter().map(|agency| agency.id.clone()).collect()
    }
}

/// Records of all agencies, pairs of records of different ones, and their tables.
pub(crate) type ModelWorld = (u64, f64, Vec<Population>);

/// The agencies' populations, equal tables kept once (a laboratory run sends one table 100,000
/// times).
#[derive(Clone, Default)]
pub(crate) struct Populations {
    by_agency: BTreeMap<u32, (u64, [u8; 32])>,
    tables: HashMap<[u8; 32], Population>,
    /// Grows with each change that could move a score.
    pub(crate) version: u64,
}

impl Populations {
    /// Takes an agency's newest population; false when it is not valid.
    pub(crate) fn set(&mut self, agency: u32, json: &[u8]) -> bool {
        let Ok(mut population) = Population::from_json(json) else {
            return false;
        };
        let records = population.records;
        population.records = 1;
        let Ok(table) = population.to_json().map(|json| sha256(&json)) else {
            return false;
        };
        self.tables.entry(table).or_insert(population);
        if self.by_agency.insert(agency, (records, table)) != Some((records, table)) {
            self.version += 1;
        }
        true
    }

    /// Records that their own agency holds twice, per record of all agencies.
    pub(crate) fn own_duplicate_rate(&self) -> f64 {
        let (mut records, mut duplicates) = (0.0, 0.0);
        for (count, table) in self.by_agency.values() {
            let rate = self.tables.get(table).map_or(0.0, |t| t.own_duplicate_rate);
            records += *count as f64;
            duplicates += *count as f64 * rate;
        }
        if records > 0.0 {
            duplicates / records
        } else {
            0.0
        }
    }

    /// Records of all agencies, pairs of records of different agencies, and the tables with the
    /// records they speak for, in an order that does not depend on who pushed first. An agency that
    /// has not sent a population counts with its stored cards: too many, since dummies are among
    /// them, which errs towards caution.
    pub(crate) fn world(&self, agencies: &Agencies) -> ModelWorld {
        let mut of_table: BTreeMap<[u8; 32], u64> = BTreeMap::new();
        let (mut records, mut squares) = (0u64, 0.0);
        let mut count_agency = |count: u64| {
            records = records.saturating_add(count);
            squares += (count as f64).powi(2);
        };
        let silent = (0u32..)
            .zip(&agencies.list)
            .filter(|(n, _)| !self.by_agency.contains_key(n));
        silent.for_each(|(_, agency)| count_agency(agency.cards));
        for (count, table) in self.by_agency.values() {
            count_agency(*count);
            let sum = of_table.entry(*table).or_default();
            *sum = sum.saturating_add(*count).min(Population::RECORDS_MAX);
        }
        let populations = of_table
            .into_iter()
            .filter_map(|(table, count)| {
                let population = self.tables.get(&table)?.clone();
                Some(Population {
                    records: count,
                    ..population
                })
            })
            .collect();
        let pairs = ((records as f64).powi(2) - squares) / 2.0;
        (records, pairs, populations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_tables_are_kept_once_and_pairs_are_counted_across_agencies() {
        let mut populations = Populations::default();
        let json = |records| Population::built_in(records, 1000).to_json().unwrap();
        assert!(populations.set(0, &json(10)));
        assert!(populations.set(1, &json(20)));
        let version = populations.version;
        assert!(populations.set(1, &json(20)));
        assert_eq!(populations.version, version);
        assert!(!populations.set(2, b"{}"));
        assert_eq!(populations.own_duplicate_rate(), 0.0);
        let mut twice = Population::built_in(10, 1000);
        twice.own_duplicate_rate = 0.3;
        assert!(populations.set(0, &twice.to_json().unwrap()));
        assert!((populations.own_duplicate_rate() - 0.1).abs() < 1e-12);
        assert!(populations.set(0, &json(10)));
        let mut agencies = Agencies::default();
        let (records, pairs, tables) = populations.world(&agencies);
        assert_eq!((records, pairs, tables.len()), (30, 200.0, 1));
        assert_eq!(tables[0].records, 30);
        agencies.reserve(2);
        agencies.list[2].cards = 5;
        assert_eq!(populations.world(&agencies).0, 35);
        assert_eq!(populations.world(&agencies).1, 350.0);
    }

    #[test]
    fn a_number_keeps_its_name() {
        let mut agencies = Agencies::default();
        let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
        assert!(agencies.bind(1, &a));
        assert!(!agencies.bind(1, &b));
        assert!(!agencies.bind(0, &a));
        assert!(agencies.bind(0, &b));
        assert_eq!((agencies.number(&a), agencies.next_number()), (Some(1), 2));
    }
}
