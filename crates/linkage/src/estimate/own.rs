//! How many of an agency's records are one person entered twice, by the model itself.

use std::collections::BTreeMap;

use sanctuary_types::{IdentifierKind, limits::TAG_POSTINGS_MAX};

use crate::{
    Agreement, Candidate, Features, Field, Levels,
    collisions::{groups, keys},
    em,
    observation::{Observation, Tables},
    weights::{identifier_bits, probability, verdict},
};

const ROUNDS: usize = 6;
/// Duplicates per record expected before any evidence, and the least that is believed.
const RATE_START: f64 = 0.05;
const RATE_MIN: f64 = 1e-3;
/// Associates per record, at least and at most.
const ASSOCIATES: (f64, f64) = (0.05, 5.0);

/// Expected pairs of records of one person, per record. Records of an agency are compared as those
/// of two agencies are, and in clear as the second step does, with the built-in chances for one
/// person; only the share of duplicates and associates is fitted.
pub(super) fn duplicate_rate(records: &[Features], total: u64, chance: &Tables) -> f64 {
    let n = records.len() as f64;
    let pairs = n * (n - 1.0) / 2.0;
    let mut now = em::start(n, pairs);
    let weighed: Vec<(f64, f64)> = candidates(records)
        .iter()
        .map(|candidate| {
            let levels = Levels::of(candidate);
            let (mut person, mut associate) = (0.0, 0.0);
            let fields = Field::ALL.into_iter();
            for observation in fields.filter_map(|field| Observation::of(&levels, field)) {
                person += observation.person_bits(&now.same_person, chance);
                associate += observation.associate_bits(chance);
            }
            for kind in IdentifierKind::ALL {
                if let Some((p, a)) = identifier_bits(&now, n, &levels, *kind) {
                    person += p;
                    associate += a;
                }
            }
            (person, associate)
        })
        .collect();
    now.matches = RATE_START * n / pairs;
    now.associates = n / pairs;
    let mut rate = 0.0;
    for _ in 0..ROUNDS {
        let (mut matches, mut associates) = (0.0, 0.0);
        for (person, associate) in &weighed {
            let found = verdict(&now, *person, *associate);
            let same = probability(found.bits);
            matches += same;
            associates += (1.0 - same) * found.associate;
        }
        rate = matches / n;
        now.matches = (rate.max(RATE_MIN) * n / pairs).min(em::SHARE_MAX);
        let associates = (associates / n).clamp(ASSOCIATES.0, ASSOCIATES.1);
        now.associates = (associates * n / pairs).min(em::SHARE_MAX);
    }
    // In a sample of one in k, a record meets one in k of its duplicates.
    let scale = total.saturating_sub(1) as f64 / (n - 1.0);
    (rate * scale).min(100.0)
}

/// Pairs of the agency's own records that share a token.
fn candidates(records: &[Features]) -> Vec<Candidate> {
    let tokens = keys(records, |r: &Features| {
        let value = |t: &(_, _, u64)| (t.0, t.2);
        r.tokens.iter().map(value).collect::<Vec<_>>()
    });
    let mut pairs: BTreeMap<(usize, usize), Vec<Agreement>> = BTreeMap::new();
    for ((token, value), holders) in groups(tokens) {
        if holders.len() > TAG_POSTINGS_MAX {
            continue;
        }
        let slots = |record: usize| {
            let of_value = records[record].tokens.iter();
            of_value
                .filter(move |(t, _, v)| (*t, *v) == (token, value))
                .map(|(_, slots, _)| *slots)
        };
        for (x, i) in holders.iter().enumerate() {
            for j in &holders[..x] {
                let agreed = pairs.entry((*j, *i)).or_default();
                for a in slots(*j) {
                    agreed.extend(slots(*i).map(|b| Agreement::new(token, a, b)));
                }
            }
        }
    }
    pairs
        .into_iter()
        .map(|((i, j), agreements)| {
            let (a, b) = (&records[i], &records[j]);
            Candidate {
                a: a.presence,
                b: b.presence,
                agreements,
                compared: Some(a.comparable.levels(&b.comparable)),
                decided: None,
            }
        })
        .collect()
}
