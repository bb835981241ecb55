//! What the node may say of its own population: averages over a sample, computed here on plaintext.

use std::hash::{DefaultHasher, Hash, Hasher};

use rand_core::CryptoRng;
use sanctuary_linkage::{Comparable, EstimateOptions, Features, PartFeature, Population, estimate};
use sanctuary_normalize::{Canonical, TokenInput};
use sanctuary_types::Presence;

use crate::{Counts, NodeError, ports::NodeStore, tokens::token_inputs};

/// Records a population is estimated from at most.
const SAMPLE_RECORDS: usize = 20_000;

/// Estimates the population from a uniform sample of the store's records. The same records and the
/// same state of `rng` give the same estimate.
///
/// # Errors
/// What the store gives; [`NodeError::Damaged`] when the result is out of range.
pub fn population_of_store(
    store: &impl NodeStore,
    counts: &Counts,
    universe_records: u64,
    rng: &mut impl CryptoRng,
) -> Result<Population, NodeError> {
    let mut sample: Vec<Canonical> = Vec::new();
    let mut seen: u64 = 0;
    store.for_each_record(&mut |record| {
        let Some(details) = &record.details else {
            return Ok(());
        };
        seen += 1;
        if sample.len() < SAMPLE_RECORDS {
            sample.push(details.canonical.clone());
        } else {
            // Reservoir sampling (Vitter's algorithm R): each record is as likely to stay.
            let place = rng.next_u64() % seen;
            if let Some(slot) = sample.get_mut(place as usize) {
                *slot = details.canonical.clone();
            }
        }
        Ok(())
    })?;
    Ok(population_of(
        &sample,
        counts,
        &EstimateOptions {
            total_records: seen,
            universe_records,
            file_has_duplicates: false,
        },
        rng,
    ))
}

/// Estimates the population from records at hand.
#[must_use]
pub fn population_of(
    records: &[Canonical],
    counts: &Counts,
    options: &EstimateOptions,
    rng: &mut impl CryptoRng,
) -> Population {
    let hasher = ValueHasher::new(rng);
    let features: Vec<Features> = records
        .iter()
        .map(|record| {
            let (presence, inputs) = token_inputs(record, counts, options.universe_records);
            features(record, presence, &inputs, counts, &hasher)
        })
        .collect();
    estimate(&features, options, rng)
}

/// A record as hashes of its values. Hashes of one `hasher` can be compared with each other only.
fn features(
    record: &Canonical,
    presence: Presence,
    inputs: &[TokenInput],
    counts: &Counts,
    hasher: &ValueHasher,
) -> Features {
    let hash = |text: &str| hasher.hash(text);
    Features {
        parts: record
            .parts
            .iter()
            .map(|part| PartFeature {
                code: hash(&part.code),
                initial: part.code.bytes().next().unwrap_or(0),
                bits: counts.names.bits(&part.code),
            })
            .collect(),
        bands: record.bands.iter().map(|band| hash(band)).collect(),
        birth: (record.birth.year, record.birth.month, record.birth.day),
        day_is_default: record.birth.day_is_default(),
        areas: record.areas.iter().map(|area| hash(area)).collect(),
        fines: record.fines.iter().map(|fine| hash(fine)).collect(),
        identifiers: record
            .identifiers
            .iter()
            .map(|(kind, value)| (*kind, hash(value)))
            .collect(),
        tokens: inputs
            .iter()
            .map(|input| (input.token, input.slots, hash(input.value())))
            .collect(),
        comparable: comparable_of(record),
        presence,
    }
}

/// What the second step may compare of a record.
#[must_use]
pub fn comparable_of(record: &Canonical) -> Comparable {
    let (core, further) = record
        .parts
        .split_at(record.parts.len().min(Comparable::PARTS_MAX));
    let birth = match (record.birth.year, record.birth.month, record.birth.day) {
        (Some(year), Some(month), Some(day)) if !record.birth.day_is_default() => {
            Some((year, month, day))
        }
        _ => None,
    };
    Comparable::new(
        core.iter().map(|part| part.canon.as_str()),
        (further.iter().map(|part| part.canon.as_str()))
            .chain(record.other_names.iter().map(String::as_str)),
        record.address_words.iter().map(String::as_str),
        birth,
        record.sex.map(|sex| sex as u8),
    )
}

/// A keyed hash of values. The key is drawn from the caller's generator and not from the process,
/// because the estimate looks at values in the order of their hashes.
struct ValueHasher([u8; 16]);

impl ValueHasher {
    fn new(rng: &mut impl CryptoRng) -> Self {
        let mut key = [0; 16];
        rng.fill_bytes(&mut key);
        Self(key)
    }

    fn hash(&self, text: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(&self.0);
        text.hash(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use sanctuary_normalize::{Birth, RawIdentifier, Source, canonicalise};
    use sanctuary_types::{BirthLevel, Likeness, MiddleLevel, NameLevel, Timestamp};

    use super::*;

    fn record(forenames: &str, surname: &str, day: u8) -> Comparable {
        let source = Source {
            forenames: vec![RawIdentifier::from(forenames)],
            surnames: vec![RawIdentifier::from(surname)],
            birth: Birth {
                year: Some(1986),
                month: Some(1),
                day: Some(day),
            },
            ..Source::default()
        };
        comparable_of(&canonicalise(&source, Timestamp(1_795_392_000_000), "GB").0)
    }

    #[test]
    fn spellings_dates_and_further_names_are_compared() {
        let (a, b) = (
            record("Marek Tomasz", "Kowalczyk", 12),
            record("Marek Tomas", "Kowalczuk", 11),
        );
        let levels = a.levels(&b);
        let name = NameLevel::Two(Likeness::Same, Likeness::Close);
        assert_eq!(levels.name, Some(name));
        assert_eq!(levels.birth, Some(BirthLevel::Seven));
        assert!(
            levels
                .middle
                .is_some_and(|level| level <= MiddleLevel::Loose)
        );
        // 1 January is nearly always an estimate.
        assert_eq!(record("Marek", "Kowalczyk", 1).birth, None);
    }
}
