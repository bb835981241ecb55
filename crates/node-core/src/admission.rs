//! The admission test of each kind of token, on the agency's own records, before any of them is
//! sent: a value that many people share says how common it is, and a curious hub that knows how
//! common names and places are could line the two up.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher, Hash, RandomState},
};

use sanctuary_normalize::{Canonical, TokenInput};
use sanctuary_types::{TokenType, limits::TAG_POSTINGS_PER_AGENCY_MAX};

use crate::{Counts, NodeError, RecordKey, ports::NodeStore, tokens::all_inputs};

/// Records of the file that the limits below were set for. In a larger one more people may share a
/// value before it is common, in a smaller one fewer may share one at all: a value's share of the
/// people is what gives it away.
const PILOT_RECORDS: u64 = 50_000;
/// People above which a value counts as common.
const COMMON_PEOPLE: u64 = 5;
/// People that may share one value at all, in a file of [`PILOT_RECORDS`] and in any larger one,
/// because the hub takes no more from one agency.
const PEOPLE_MAX: u64 = 32;
/// The same in the smallest file: a large family is no sign of a bad kind of token.
const PEOPLE_MAX_SMALL: u64 = 12;
/// Share of a kind's occurrences that may be on common values.
const COMMON_SHARE: f64 = 0.01;
/// Share of a kind's occurrences that may be left out before the whole kind is: what identifies so
/// few people tells more by its gaps than it finds.
const LEFT_OUT_SHARE: f64 = 0.10;
/// One-sided 95 %: a share is only taken to be above its limit when chance does not explain it.
const NORMAL_95: f64 = 1.645;
/// Occurrences tested at once, 16 bytes each; a larger file is read several times.
const ENTRIES_MAX: u64 = 8_000_000;
/// Tokens of a record, to guess how often a file has to be read.
const TOKENS_PER_RECORD: u64 = 30;
/// Common values below which a share says nothing: one large family has two or three.
const CLUSTERS_MIN: u64 = 4;
/// Growth of the own records at which they are tested again: one tenth.
const GROWTH_DIVISOR: u64 = 10;

/// Which token inputs are good enough to be sent. Everything is, before the first test.
#[derive(Default)]
pub struct Admission {
    hasher: RandomState,
    /// Values left out, by keyed hash.
    values: HashSet<u64>,
    kinds: Vec<LeftOut>,
    tested_at: u64,
}

/// What the test left out of one kind of token: counts, no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The kind.
    pub token: TokenType,
    /// Values left out.
    pub values: u64,
    /// How often people of the own records have them.
    pub occurrences: u64,
    /// How often people of the own records have any value of the kind.
    pub of: u64,
    /// The whole kind is left out.
    pub whole_kind: bool,
}

impl Admission {
    /// Tests every record in the store. `changes` says when ([`Admission::is_due`]).
    ///
    /// # Errors
    /// What the store gives.
    pub fn test(
        store: &impl NodeStore,
        counts: &Counts,
        universe_records: u64,
        changes: u64,
    ) -> Result<Self, NodeError> {
        let mut test = Self {
            tested_at: changes,
            ..Self::default()
        };
        let passes = counts.records() * TOKENS_PER_RECORD / ENTRIES_MAX + 1;
        let mut kinds: BTreeMap<TokenType, Kind> = BTreeMap::new();
        for pass in 0..passes {
            for (value, token, people) in
                test.tally(store, counts, universe_records, pass, passes)?
            {
                kinds
                    .entry(token)
                    .or_default()
                    .add(value, people, counts.records());
            }
        }
        for (token, kind) in kinds {
            test.judge(token, kind, counts.records());
        }
        Ok(test)
    }

    /// Whether a tenth of the records changed since the last test.
    #[must_use]
    pub const fn is_due(&self, changes: u64, records: u64) -> bool {
        let since = changes.saturating_sub(self.tested_at);
        since > 0 && since * GROWTH_DIVISOR >= records
    }

    /// Whether an input may be sent.
    #[must_use]
    pub fn admits(&self, input: &TokenInput) -> bool {
        self.kinds.is_empty()
            || !(self.drops(input.token) || self.values.contains(&self.hash_of(input)))
    }

    /// What is left out, by kind; kinds that passed are not named.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.kinds
    }

    fn drops(&self, token: TokenType) -> bool {
        let dropped = |kind: &LeftOut| kind.token == token && kind.whole_kind;
        self.kinds.iter().any(dropped)
    }

    /// (hash, kind, people) of every value of one pass.
    fn tally(
        &self,
        store: &impl NodeStore,
        counts: &Counts,
        universe_records: u64,
        pass: u64,
        passes: u64,
    ) -> Result<Vec<(u64, TokenType, u64)>, NodeError> {
        let mut entries: Vec<(u64, u32, u8)> = Vec::new();
        store.for_each_record(&mut |record| {
            let Some(details) = &record.details else {
                return Ok(());
            };
            let person = self.person(&details.canonical, &record.key);
            for input in all_inputs(&details.canonical, counts, universe_records) {
                let value = self.hash_of(&input);
                if is_tested(input.token) && value % passes == pass {
                    entries.push((value, person, input.token.code()));
                }
            }
            Ok(())
        })?;
        entries.sort_unstable();
        // Two records of one person are one person.
        entries.dedup();
        let values = entries.chunk_by(|a, b| a.0 == b.0);
        Ok(values
            .filter_map(|same| {
                let (value, _, code) = same.first()?;
                Some((*value, TokenType::from_code(*code)?, same.len() as u64))
            })
            .collect())
    }

    /// Leaves out the most common values until the rest passes, and the kind when too little of it
    /// is left.
    fn judge(&mut self, token: TokenType, mut kind: Kind, records: u64) {
        // Most common first; equally common values go together.
        kind.common
            .sort_unstable_by_key(|(_, people)| std::cmp::Reverse(*people));
        let on_common: u64 = kind.common.iter().map(|(_, people)| people).sum();
        let (mut left, mut out, mut values) = (on_common, 0, 0);
        for same in kind.common.chunk_by(|a, b| a.1 == b.1) {
            let people = same.first().map_or(0, |(_, people)| *people);
            if people <= people_max(records)
                && !exceeds(left, kind.occurrences - out, COMMON_SHARE, people)
            {
                break;
            }
            self.values.extend(same.iter().map(|(value, _)| *value));
            values += same.len() as u64;
            out += people * same.len() as u64;
            left -= people * same.len() as u64;
        }
        let average = out.checked_div(values).unwrap_or(0);
        if values > 0 {
            self.kinds.push(LeftOut {
                token,
                values,
                occurrences: out,
                of: kind.occurrences,
                whole_kind: exceeds(out, kind.occurrences, LEFT_OUT_SHARE, average),
            });
        }
    }

    fn hash_of(&self, input: &TokenInput) -> u64 {
        self.hash(&(input.token.code(), input.value()))
    }

    /// Records with one name and one date of birth are taken for one person, as a caseworker's file
    /// with a row for every contact has them.
    fn person(&self, record: &Canonical, key: &RecordKey) -> u32 {
        let birth = &record.birth;
        match (record.pair_key(), birth.year, birth.month, birth.day) {
            (Some(pair), Some(year), Some(month), Some(day)) => {
                self.hash(&(pair.as_str(), year, month, day)) as u32
            }
            _ => self.hash(&key.0) as u32,
        }
    }

    fn hash(&self, value: &impl Hash) -> u64 {
        self.hasher.hash_one(value)
    }
}

/// Identifiers are common where exploiters share a telephone, which is what they are sent for; their
/// values have a cap of their own ([`crate::IDENTIFIER_VALUE_CAP`]).
const fn is_tested(token: TokenType) -> bool {
    !matches!(token, TokenType::Id(_))
}

#[derive(Default)]
struct Kind {
    occurrences: u64,
    /// (hash, people) of values that more than a few people share.
    common: Vec<(u64, u64)>,
}

impl Kind {
    fn add(&mut self, value: u64, people: u64, records: u64) {
        self.occurrences += people;
        if people > common_people(records) {
            self.common.push((value, people));
        }
    }
}

/// People that may share a value before it counts as common.
fn common_people(records: u64) -> u64 {
    (COMMON_PEOPLE * records / PILOT_RECORDS).clamp(COMMON_PEOPLE, PEOPLE_MAX)
}

/// People that may share one value at all; never more than the hub takes from one agency.
fn people_max(records: u64) -> u64 {
    (PEOPLE_MAX * records / PILOT_RECORDS)
        .clamp(PEOPLE_MAX_SMALL, PEOPLE_MAX)
        .min(TAG_POSTINGS_PER_AGENCY_MAX as u64)
}

/// Whether `count` of `of` is more than `share`, beyond what chance explains. Occurrences come in
/// clusters of one value's `people`, which widens the margin.
fn exceeds(count: u64, of: u64, share: f64, people: u64) -> bool {
    let expected = share * of as f64;
    let margin = NORMAL_95 * (expected * people as f64).sqrt();
    count >= CLUSTERS_MIN * (COMMON_PEOPLE + 1) && count as f64 > expected + margin
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission")
            .field("left_out", &self.kinds)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let label = self.token.label();
        let (values, occurrences, of) = (self.values, self.occurrences, self.of);
        if self.whole_kind {
            write!(
                f,
                "{label}: the whole kind is left out, {occurrences} of {of} are on {values} values that too many people share"
            )
        } else {
            write!(
                f,
                "{label}: {values} values that too many people share are left out, {occurrences} of {of}"
            )
        }
    }
}
