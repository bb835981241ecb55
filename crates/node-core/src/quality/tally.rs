use std::{cmp::Reverse, collections::HashMap};

use sanctuary_linkage::{Known, found_share};
use sanctuary_normalize::Canonical;
use sanctuary_types::{IdentifierKind as I, Timestamp};

use super::{BirthQuality, CommonDate, FieldFill, FieldLoss, SourceQuality};
use crate::Details;

/// Nobody is older.
const AGE_MAX: u16 = 105;
/// Records that have one date before it is told, and by how much it must exceed the usual.
const DATE_RECORDS_MIN: u64 = 5;
const DATE_EXCESS: u64 = 8;
/// Dates and references told.
const DATES_SHOWN: usize = 10;
const REFERENCES_SHOWN: usize = 3;
/// Fields of a person beside the identifiers, in the order of the report.
const FIELDS: [&str; 8] = [
    "name",
    "two_name_parts",
    "date_of_birth",
    "year_of_birth",
    "sex",
    "nationality",
    "address_or_postcode",
    "town_or_area",
];

/// Counts over the records of one source.
pub(super) struct Tally {
    this_year: u16,
    records: u64,
    fields: [u64; FIELDS.len()],
    identifiers: HashMap<I, u64>,
    births: BirthQuality,
    dates: HashMap<(u16, u8, u8), (u64, Vec<String>)>,
    known: HashMap<Known, u64>,
}

impl Tally {
    pub fn new(now: Timestamp) -> Self {
        Self {
            this_year: now.date().0,
            records: 0,
            fields: [0; FIELDS.len()],
            identifiers: HashMap::new(),
            births: BirthQuality::default(),
            dates: HashMap::new(),
            known: HashMap::new(),
        }
    }

    pub fn add(&mut self, details: &Details) {
        let record = &details.canonical;
        let known = known_of(record);
        self.records += 1;
        *self.known.entry(known).or_default() += 1;
        let has = [
            known.names > 0,
            known.names > 1,
            known.birth,
            known.year,
            record.sex.is_some(),
            record.nationality.is_some(),
            known.fine_place,
            known.area,
        ];
        for (count, has) in self.fields.iter_mut().zip(has) {
            *count += u64::from(has);
        }
        let mut kinds: Vec<I> = record.identifiers.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            *self.identifiers.entry(kind).or_default() += 1;
        }
        self.add_birth(details);
    }

    fn add_birth(&mut self, details: &Details) {
        let birth = &details.canonical.birth;
        let old = |year: u16| self.this_year.saturating_sub(year) > AGE_MAX;
        self.births.too_old += u64::from(birth.year.is_some_and(old));
        match (birth.year, birth.month, birth.day) {
            (None, None, None) => self.births.none += 1,
            _ if birth.day_is_default() => self.births.first_of_january += 1,
            (Some(year), Some(month), Some(day)) => {
                self.births.full += 1;
                let (count, references) = self.dates.entry((year, month, day)).or_default();
                *count += 1;
                if references.len() < REFERENCES_SHOWN {
                    references.push(details.reference.clone());
                }
            }
            _ => self.births.partial += 1,
        }
    }

    pub fn source(&self, feed: &str) -> SourceQuality {
        let fill = |field: &str, filled: u64| FieldFill {
            field: field.to_owned(),
            filled,
        };
        let plain = FIELDS.iter().zip(self.fields).map(|(f, n)| fill(f, n));
        let kinds = I::ALL.iter().filter(|kind| **kind != I::Address);
        let kinds = kinds.map(|kind| {
            fill(
                kind.label(),
                self.identifiers.get(kind).copied().unwrap_or(0),
            )
        });
        SourceQuality {
            feed: feed.to_owned(),
            records: self.records,
            fields: plain.chain(kinds).collect(),
        }
    }

    pub fn births(self) -> BirthQuality {
        let usual = self.births.full / (self.dates.len() as u64).max(1);
        let above = DATE_RECORDS_MIN.max(usual * DATE_EXCESS);
        let mut common: Vec<CommonDate> = self
            .dates
            .into_values()
            .filter(|(records, _)| *records >= above)
            .map(|(records, references)| CommonDate {
                records,
                references,
            })
            .collect();
        common.sort_by_key(|date| Reverse(date.records));
        common.truncate(DATES_SHOWN);
        BirthQuality {
            first_of_january_expected: (self.births.full + self.births.first_of_january) / 365,
            common,
            ..self.births
        }
    }

    pub fn losses(&self, universe_records: u64) -> Vec<FieldLoss> {
        type Fill = fn(&mut Known);
        let fields: [(&str, Fill); 5] = [
            ("name", |k| k.names = 2),
            ("date_of_birth", |k| (k.birth, k.year) = (true, true)),
            ("address_or_postcode", |k| {
                (k.fine_place, k.area) = (true, true);
            }),
            ("phone", |k| k.phone = true),
            ("document_number", |k| k.document = true),
        ];
        let all = self.records.max(1) as f64;
        let mut losses: Vec<FieldLoss> = fields
            .iter()
            .map(|(field, fill)| {
                let (mut missing, mut lost) = (0, 0.0);
                for (known, records) in &self.known {
                    let mut filled = *known;
                    fill(&mut filled);
                    if filled != *known {
                        missing += records;
                        let gain = found_share(filled, universe_records)
                            - found_share(*known, universe_records);
                        lost += gain.max(0.0) * *records as f64;
                    }
                }
                FieldLoss {
                    field: (*field).to_owned(),
                    missing_share: missing as f64 / all,
                    lost_of_1000: 1_000.0 * lost / all,
                }
            })
            .collect();
        losses.sort_by(|a, b| b.lost_of_1000.total_cmp(&a.lost_of_1000));
        losses
    }
}

fn known_of(record: &Canonical) -> Known {
    let has = |kinds: &[I]| {
        record
            .identifiers
            .iter()
            .any(|(kind, _)| kinds.contains(kind))
    };
    let birth = &record.birth;
    let whole = birth.year.is_some() && birth.month.is_some() && birth.day.is_some();
    Known {
        names: record.parts.len().min(2) as u8,
        birth: whole && !birth.day_is_default(),
        year: birth.year.is_some(),
        fine_place: !record.fines.is_empty(),
        area: !record.areas.is_empty(),
        phone: has(&[I::Phone]),
        document: has(&[
            I::Passport,
            I::NationalInsurance,
            I::NhsNumber,
            I::NationalId,
        ]),
    }
}
