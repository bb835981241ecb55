//! Expectation-maximisation over patterns: m, the identifiers' m and the shares of matches and
//! associates are fitted without labels; chance agreement (u) is given.
//!
//! Source: Dempster, Laird and Rubin, JRSS B 39 (1977); pseudo-counts, caps and clamps from the
//! linkage specification, sections 4 and 12.4.

use sanctuary_types::IdentifierKind;

use crate::{
    Field, LevelTables,
    level::LevelSet,
    pattern::Pattern,
    priors,
    weights::{
        Parameters, Verdict, associate_field_bits, field_bits, identifier_bits, probability,
        verdict,
    },
};

const ROUNDS_MAX: u32 = 40;
const ROUNDS_MIN: u32 = 5;
/// The fit stops when the share of matches moves by less than this, as a natural logarithm.
const STEP_MIN: f64 = 1e-4;
/// Candidates' worth of belief in the priors, per field and identifier.
const PSEUDO_COUNT: f64 = 20.0;
const SMOOTHING: f64 = 0.1;
/// Sets of more levels than this do not count towards m: counting them lets the fit drift to
/// "everything disagrees", counting none starves it.
const COARSE_LEVELS: u32 = 2;
/// Matches per record expected before any evidence.
const MATCHES_PER_RECORD: f64 = 0.5;
/// Share of matches that no fit goes below: half a match among all pairs.
const MATCHES_MIN: f64 = 0.5;
const SHARE_MAX: f64 = 0.5;

/// What the fit is given besides patterns.
pub(crate) struct Setting<'a> {
    /// At least 1.
    pub records: f64,
    /// At least 1.
    pub cross_pairs: f64,
    pub chance: &'a LevelTables,
}

/// Fits the parameters. Returns them and the number of rounds.
pub(crate) fn fit(
    patterns: &[(Pattern, f64)],
    setting: &Setting<'_>,
    start: &Parameters,
) -> (Parameters, u32) {
    let mut now = start.clone();
    let mut bits = FieldBits::of(patterns, setting.chance);
    for round in 1..=ROUNDS_MAX {
        bits.update(&now.same_person);
        let mut tally = Tally::of(start);
        for (pattern, count) in patterns {
            let found = bits.verdict(pattern, setting, &now);
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
        same_person: priors::SAME_PERSON,
        identifiers,
        matches,
        associates: matches,
    }
}

/// Expected counts of one round.
struct Tally<'a> {
    start: &'a Parameters,
    levels: LevelTables,
    agreed: [f64; 16],
    compared: [f64; 16],
    matches: f64,
    associates: f64,
}

impl<'a> Tally<'a> {
    fn of(start: &'a Parameters) -> Self {
        let mut levels = start.same_person.clone();
        for field in Field::ALL {
            levels
                .row_mut(field)
                .iter_mut()
                .for_each(|c| *c *= PSEUDO_COUNT);
        }
        Self {
            start,
            levels,
            agreed: [0.0; 16],
            compared: [0.0; 16],
            matches: 0.0,
            associates: 0.0,
        }
    }

    fn add(&mut self, pattern: &Pattern, count: f64, found: Verdict, now: &Parameters) {
        let same = probability(found.bits);
        let expected = count * same;
        self.matches += expected;
        self.associates += count * (1.0 - same) * found.associate;
        for field in Field::ALL {
            let set = pattern.levels.field(field);
            if set.is_missing() || set.size() > COARSE_LEVELS {
                continue;
            }
            let row = now.same_person.row(field);
            let total = set.sum(row).max(1e-12);
            for level in set.iter() {
                self.levels.row_mut(field)[level] += expected * row[level] / total;
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
        for field in Field::ALL {
            let counts = self.levels.row(field);
            let total = counts.iter().sum::<f64>() + SMOOTHING * counts.len() as f64;
            for (p, count) in now.same_person.row_mut(field).iter_mut().zip(counts) {
                *p = (count + SMOOTHING) / total;
            }
        }
        cap_birth(&mut now.same_person);
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
            .min(SHARE_MAX);
        let floor = (MATCHES_MIN / setting.cross_pairs).max(1e-9);
        (self.matches / setting.cross_pairs).clamp(floor, SHARE_MAX)
    }
}

/// Different dates of birth must stay strong evidence, or whole households become one person.
fn cap_birth(m: &mut LevelTables) {
    let none = m.birth.len() - 1;
    let over = m.birth[none] - priors::BIRTH_NONE_MAX;
    if over > 0.0 {
        m.birth[none] = priors::BIRTH_NONE_MAX;
        let most = (0..m.birth.len())
            .rev()
            .max_by(|i, j| m.birth[*i].total_cmp(&m.birth[*j]));
        if let Some(level) = most {
            m.birth[level] += over;
        }
    }
}

/// Weights of the sets of levels that occur, looked up by a set's bits.
struct FieldBits<'a> {
    chance: &'a LevelTables,
    sets: Vec<(Field, LevelSet)>,
    person: [Vec<f64>; 5],
    associate: [Vec<f64>; 5],
}

impl<'a> FieldBits<'a> {
    fn of(patterns: &[(Pattern, f64)], chance: &'a LevelTables) -> Self {
        let mut sets: Vec<(Field, LevelSet)> = patterns
            .iter()
            .flat_map(|(p, _)| Field::ALL.map(|field| (field, p.levels.field(field))))
            .collect();
        sets.sort_unstable();
        sets.dedup();
        let empty = || Field::ALL.map(|field| vec![0.0; 1 << field.levels()]);
        let mut associate = empty();
        for (field, set) in &sets {
            associate[*field as usize][set.bits()] = associate_field_bits(chance, *field, *set);
        }
        Self {
            chance,
            sets,
            person: empty(),
            associate,
        }
    }

    fn update(&mut self, m: &LevelTables) {
        for (field, set) in &self.sets {
            self.person[*field as usize][set.bits()] = field_bits(m, self.chance, *field, *set);
        }
    }

    fn verdict(&self, pattern: &Pattern, setting: &Setting<'_>, now: &Parameters) -> Verdict {
        let rarity = pattern.rarity_bits();
        let (mut person, mut associate) = (rarity, rarity);
        for field in Field::ALL {
            let set = pattern.levels.field(field).bits();
            person += self.person[field as usize][set];
            associate += self.associate[field as usize][set];
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
