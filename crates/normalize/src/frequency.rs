use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};

use crate::Canonical;

/// Records' worth of belief in the reference table. A charity with 40 records then decides nearly
/// by the table, a force with 40,000 nearly by its own people.
const REFERENCE_RECORDS: f64 = 500.0;
/// Share given to a code that the reference table does not list.
const SHARE_FLOOR: f64 = 20e-6;

static REFERENCE: LazyLock<HashMap<&'static str, f64>> = LazyLock::new(|| {
    include_str!("../data/name_codes.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(code, per_million)| Some((code, per_million.parse::<f64>().ok()? / 1e6)))
        .collect()
});

/// How often each name code occurs: an agency's own counts over a published reference. Decides
/// which names are rare enough to be tokenised without a date or place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameFrequencies {
    records: u64,
    counts: BTreeMap<String, u64>,
}

impl NameFrequencies {
    /// Counts a record that the agency holds; a record without a name does not count.
    pub fn count(&mut self, record: &Canonical) {
        self.records += u64::from(!record.parts.is_empty());
        for part in &record.parts {
            *self.counts.entry(part.code.clone()).or_default() += 1;
        }
    }

    /// Takes back a record counted before.
    pub fn uncount(&mut self, record: &Canonical) {
        self.records = self
            .records
            .saturating_sub(u64::from(!record.parts.is_empty()));
        for part in &record.parts {
            if let Some(count) = self.counts.get_mut(&part.code) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.counts.remove(&part.code);
                }
            }
        }
    }

    /// Records counted.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Surprise at a code in bits: -log2 of the share of records that have it, own counts blended
    /// with 500 records of the reference.
    #[must_use]
    pub fn bits(&self, code: &str) -> f64 {
        let reference = REFERENCE.get(code).copied().unwrap_or(SHARE_FLOOR);
        let own = self.counts.get(code).copied().unwrap_or(0) as f64;
        let share =
            (own + REFERENCE_RECORDS * reference) / (self.records as f64 + REFERENCE_RECORDS);
        -share.min(1.0).log2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, canonicalise, name_code};
    use sanctuary_types::Timestamp;

    fn record(forename: &str, surname: &str) -> Canonical {
        let source = Source {
            forenames: vec![forename.into()],
            surnames: vec![surname.into()],
            ..Source::default()
        };
        canonicalise(&source, Timestamp(0), "GB").0
    }

    #[test]
    fn the_reference_speaks_first_and_own_counts_later() {
        let empty = NameFrequencies::default();
        let smith = name_code("smith");
        assert!(empty.bits(&smith) < 8.0, "{}", empty.bits(&smith));
        assert!((empty.bits("no such code") - 15.6).abs() < 0.1);

        let mut own = NameFrequencies::default();
        for _ in 0..20_000 {
            own.count(&record("Ngozi", "Okonkwo"));
        }
        assert_eq!(own.records(), 20_000);
        assert!(own.bits(&name_code("okonkwo")) < 0.1);
        assert!(own.bits(&smith) > empty.bits(&smith) + 4.0);
    }

    #[test]
    fn counts_can_be_taken_back() {
        let mut own = NameFrequencies::default();
        let name = record("Ngozi", "Okonkwo");
        own.count(&name);
        own.uncount(&name);
        assert_eq!(own, NameFrequencies::default());
    }

    #[test]
    fn every_line_of_the_reference_is_read() {
        let lines = include_str!("../data/name_codes.tsv").lines().count();
        assert!(lines > 1000);
        assert_eq!(REFERENCE.len(), lines);
        assert!(
            REFERENCE
                .values()
                .all(|share| *share >= SHARE_FLOOR && *share < 0.1)
        );
    }
}
