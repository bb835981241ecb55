//! Expectation-maximisation over patterns: m, the identifiers' m and the shares of matches and
//! associates are fitted without labels; chance agreement (u) is given.
//!
//! Source: Dempster, Laird and Rubin, JRSS B 39 (1977); pseudo-counts, caps and clamps from the
//! linkage specification, sections 4 and 12.4.

use sanctuary_types::IdentifierKind;

use crate::{
    Detail, Field,
    detail::DetailTables,
    observation::{Observation, Tables},
    pattern::Pattern,
    priors,
    weights::{Parameters, Verdict, identifier_bits, probability, verdict},
};

const ROUNDS_MAX: u32 = 40;
const ROUNDS_MIN: u32 = 5;
/// The fit stops when the share of matches moves by less than this, as a natural logarithm.
const STEP_MIN: f64 = 1e-4;
/// Candidates' worth of belief in the priors, per field and identifier.
const PSEUDO_COUNT: f64 = 20.0;
const SMOOTHING: f64 = 0.1;
/// Sets of more levels than this do not count towards m: counting them lets the fit drift to
/// "everything disagrees", counting none starves it. A place is different: whether the fine place
/// agrees is tested for every pair with a name part in common, so a coarse set is its fair
/// complement.
const COARSE_LEVELS: u32 = 2;
/// Matches per record expected before any evidence.
const MATCHES_PER_RECORD: f64 = 0.5;
/// Share of matches that no fit goes below: half a match among all pairs.
const MATCHES_MIN: f64 = 0.5;
pub(crate) const SHARE_MAX: f64 = 0.5;
/// Least associates for each pair of one person. The fit alone finds too few: brothers whose names
/// and home agree look like one person to it, which makes the next brothers look so even more.
/// Measured: more than this costs recall where nobody has relatives on file, as does going by the
/// matches alone where a person has many records.
const ASSOCIATES_PER_MATCH_MIN: f64 = 0.1;
/// How much an analyst's decision is believed. Each counts like one candidate, so that a few wrong
/// ones cannot outweigh what all others say.
const DECIDED_SURE: f64 = 0.95;

/// What the fit is given besides patterns.
pub(crate) struct Setting<'a> {
    /// At least 1.
    pub records: f64,
    /// At least 1.
    pub cross_pairs: f64,
    pub chance: &'a Tables,
    /// Most that the share of matches may become.
    pub matches_max: f64,
}

/// Fits the parameters, leaning on `prior` and starting from `from`. Returns them and the number
/// of rounds.
pub(crate) fn fit(
    patterns: &[(Pattern, f64)],
    setting: &Setting<'_>,
    prior: &Parameters,
    from: &Parameters,
) -> (Parameters, u32) {
    let mut now = from.clone();
    let mut bits = FieldBits::of(patterns, setting);
    for round in 1..=ROUNDS_MAX {
        bits.update(&now.same_person);
        let mut tally = Tally::of(prior);
        for (at, (pattern, count)) in patterns.iter().enumerate() {
            let found = bits.verdict(at, pattern, setting, &now);
            tally.add(pattern, *count, found, &now);
        }
        let matches = tally.maximise(&mut now, setting);
        let step = (matches / now.matches).ln().abs();
        now.matches = matches;
        if step < STEP_MIN && round >= ROUNDS_MIN {
            return (now, round);
        }
    }
    (now, ROUNDS_MAX)
}

/// What is believed before a fit.
pub(crate) fn start(records: f64, cross_pairs: f64) -> Parameters {
    let matches = (MATCHES_PER_RECORD * records / cross_pairs).clamp(1e-9, SHARE_MAX);
    let mut identifiers = [0.5; 16];
    for kind in IdentifierKind::ALL {
        if let Some(prior) = priors::identifier(*kind) {
            identifiers[usize::from(kind.code())] = prior.same_person;
        }
    }
    Parameters {
        same_person: Tables {
            levels: priors::SAME_PERSON,
            details: priors::SAME_PERSON_DETAILS,
        },
        identifiers,
        matches,
        associates: matches,
    }
}

/// Expected counts of one round.
struct Tally<'a> {
    start: &'a Parameters,
    counts: Tables,
    agreed: [f64; 16],
    compared: [f64; 16],
    matches: f64,
    associates: f64,
}

impl<'a> Tally<'a> {
    fn of(start: &'a Parameters) -> Self {
        let mut counts = start.same_person.clone();
        for_each_row(&mut counts, |row| {
            row.iter_mut().for_each(|c| *c *= PSEUDO_COUNT);
        });
        Self {
            start,
            counts,
            agreed: [0.0; 16],
            compared: [0.0; 16],
            matches: 0.0,
            associates: 0.0,
        }
    }

    fn add(&mut self, pattern: &Pattern, count: f64, found: Verdict, now: &Parameters) {
        let scored = probability(found.bits);
        let same = match pattern.decided {
            Some(true) => scored.max(DECIDED_SURE),
            Some(false) => scored.min(1.0 - DECIDED_SURE),
            None => scored,
        };
        let expected = count * same;
        self.matches += expected;
        self.associates += count * (1.0 - same) * found.associate;
        for field in Field::ALL {
            if let Some(observation) = Observation::of(&pattern.levels, field)
                && (field == Field::Place || observation.set().size() <= COARSE_LEVELS)
            {
                observation.count(expected, &now.same_person, &mut self.counts);
            }
        }
        for kind in IdentifierKind::ALL {
            let slot = usize::from(kind.code());
            if pattern.levels.agrees(*kind) {
                self.agreed[slot] += expected;
                self.compared[slot] += expected;
            } else if pattern.levels.differs(*kind) {
                self.compared[slot] += expected;
            }
        }
    }

    /// Updates everything but the share of matches, which it returns.
    fn maximise(self, now: &mut Parameters, setting: &Setting<'_>) -> f64 {
        let mut fitted = self.counts;
        for_each_row(&mut fitted, |row| {
            let total = row.iter().sum::<f64>() + SMOOTHING * row.len() as f64;
            row.iter_mut().for_each(|c| *c = (*c + SMOOTHING) / total);
        });
        cap(&mut fitted.levels.birth, priors::BIRTH_NONE_MAX);
        for (detail, group) in UNLIKE {
            cap(fitted.details.row_mut(detail, group), priors::UNLIKE_MAX);
        }
        now.same_person = fitted;
        for kind in IdentifierKind::ALL {
            let (slot, Some(prior)) = (usize::from(kind.code()), priors::identifier(*kind)) else {
                continue;
            };
            let agreed = self.agreed[slot] + PSEUDO_COUNT * self.start.identifiers[slot];
            // A shared value must never come to speak more for associates than for one person.
            now.identifiers[slot] =
                (agreed / (self.compared[slot] + PSEUDO_COUNT)).max(prior.associate);
        }
        let (low, high) = (0.05 / setting.records, 5.0 / setting.records);
        now.associates = (self.associates / setting.cross_pairs)
            .clamp(low, high)
            .max((ASSOCIATES_PER_MATCH_MIN * now.matches).min(3.0 * low))
            .min(SHARE_MAX);
        let floor = (MATCHES_MIN / setting.cross_pairs).max(1e-9);
        (self.matches / setting.cross_pairs).clamp(floor, setting.matches_max.max(floor))
    }
}

/// Details whose last level must stay strong evidence where the field does not agree either.
const UNLIKE: [(Detail, usize); 4] = [
    (Detail::Name, 3),
    (Detail::Name, 5),
    (Detail::NameSingle, 2),
    (Detail::Birth, 6),
];

/// Limits the last level of a row: different dates of birth must stay strong evidence, or whole
/// households become one person.
fn cap(row: &mut [f64], most: f64) {
    let Some((last, others)) = row.split_last_mut() else {
        return;
    };
    let over = *last - most;
    if over > 0.0 {
        *last = most;
        if let Some(likeliest) = others.iter_mut().rev().max_by(|a, b| a.total_cmp(b)) {
            *likeliest += over;
        }
    }
}

fn for_each_row(tables: &mut Tables, mut change: impl FnMut(&mut [f64])) {
    for field in Field::ALL {
        change(tables.levels.row_mut(field));
    }
    for (detail, group) in DetailTables::places() {
        change(tables.details.row_mut(detail, group));
    }
}

/// Weights of the observations that occur, so that a round weighs each only once.
struct FieldBits<'a> {
    chance: &'a Tables,
    observations: Vec<Observation>,
    person: Vec<f64>,
    associate: Vec<f64>,
    /// Positions of each pattern's observations.
    of_pattern: Vec<[u32; Field::ALL.len()]>,
}

impl<'a> FieldBits<'a> {
    /// A field that says nothing.
    const SILENT: u32 = u32::MAX;

    fn of(patterns: &[(Pattern, f64)], setting: &Setting<'a>) -> Self {
        let seen = |p: &Pattern| Field::ALL.map(|field| Observation::of(&p.levels, field));
        let mut observations: Vec<Observation> = patterns
            .iter()
            .flat_map(|(p, _)| seen(p).into_iter().flatten())
            .collect();
        observations.sort_unstable();
        observations.dedup();
        let place = |observation: Option<Observation>| {
            observation
                .and_then(|o| observations.binary_search(&o).ok())
                .map_or(Self::SILENT, |at| at as u32)
        };
        let of_pattern = patterns.iter().map(|(p, _)| seen(p).map(place)).collect();
        let associate = (observations.iter())
            .map(|o| o.associate_bits(setting.chance))
            .collect();
        Self {
            chance: setting.chance,
            person: vec![0.0; observations.len()],
            associate,
            observations,
            of_pattern,
        }
    }

    fn update(&mut self, m: &Tables) {
        for (bits, observation) in self.person.iter_mut().zip(&self.observations) {
            *bits = observation.person_bits(m, self.chance);
        }
    }

    fn verdict(
        &self,
        at: usize,
        pattern: &Pattern,
        setting: &Setting<'_>,
        now: &Parameters,
    ) -> Verdict {
        let rarity = pattern.rarity_bits();
        let (mut person, mut associate) = (rarity, rarity);
        for place in self.of_pattern[at] {
            if place != Self::SILENT {
                person += self.person[place as usize];
                associate += self.associate[place as usize];
            }
        }
        for kind in IdentifierKind::ALL {
            if let Some((p, a)) = identifier_bits(now, setting.records, &pattern.levels, *kind) {
                person += p;
                associate += a;
            }
        }
        verdict(now, person, associate)
    }
}

#[cfg(test)]
mod tests;
