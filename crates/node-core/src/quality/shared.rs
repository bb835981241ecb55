use std::{
    cmp::Reverse,
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use sanctuary_types::IdentifierKind;

use super::{SHARED_RECORDS_MIN, SharedKind, SharedValue, masked};
use crate::{Counts, Details, IDENTIFIER_VALUE_CAP};

/// Values looked at one by one; of more, only numbers.
const VALUES_MAX: usize = 20_000;
/// Values of one kind that are shown, and records of one value.
const SHOWN: usize = 10;
const REFERENCES_SHOWN: usize = 3;

/// Values that many own records hold.
#[derive(Default)]
pub(super) struct Sharing {
    /// By keyed hash: no whole value is held.
    values: HashMap<(IdentifierKind, u64), SharedValue>,
    hasher: RandomState,
    kinds: HashMap<IdentifierKind, Kind>,
}

#[derive(Default)]
struct Kind {
    /// One for each value, as the sum of the shares of its holders.
    values: f64,
    records: u64,
    too_common: u64,
}

impl Sharing {
    pub fn add(&mut self, details: &Details, counts: &Counts) {
        for (kind, value) in &details.canonical.identifiers {
            let holders = counts.identifier_count(*kind, value);
            if holders < SHARED_RECORDS_MIN {
                continue;
            }
            let in_kind = self.kinds.entry(*kind).or_default();
            in_kind.values += 1.0 / f64::from(holders);
            in_kind.records += 1;
            in_kind.too_common += u64::from(holders > IDENTIFIER_VALUE_CAP);
            let name = (*kind, self.hasher.hash_one(value));
            if self.values.len() >= VALUES_MAX && !self.values.contains_key(&name) {
                continue;
            }
            let shown = self.values.entry(name).or_insert_with(|| SharedValue {
                kind: kind.label().to_owned(),
                masked: masked(*kind, value),
                records: holders,
                too_common: holders > IDENTIFIER_VALUE_CAP,
                references: Vec::new(),
            });
            if shown.references.len() < REFERENCES_SHOWN {
                shown.references.push(details.reference.clone());
            }
        }
    }

    pub fn found(self) -> (Vec<SharedValue>, Vec<SharedKind>) {
        let mut values: Vec<(IdentifierKind, SharedValue)> = self
            .values
            .into_iter()
            .map(|((kind, _), shown)| (kind, shown))
            .collect();
        values.sort_by_key(|(_, value)| Reverse(value.records));
        let mut of_kind: HashMap<IdentifierKind, usize> = HashMap::new();
        values.retain(|(kind, _)| {
            let shown = of_kind.entry(*kind).or_default();
            *shown += 1;
            *shown <= SHOWN
        });
        let mut kinds: Vec<SharedKind> = self
            .kinds
            .into_iter()
            .map(|(kind, found)| SharedKind {
                kind: kind.label().to_owned(),
                values: found.values.round() as u64,
                records: found.records,
                too_common: found.too_common,
            })
            .collect();
        kinds.sort_by(|a, b| b.records.cmp(&a.records).then(a.kind.cmp(&b.kind)));
        (values.into_iter().map(|(_, value)| value).collect(), kinds)
    }
}
