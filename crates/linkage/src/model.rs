use sanctuary_types::{Evidence, IdentifierKind, TokenType};

use crate::{
    Candidate, Field, World,
    calibrate::Calibration,
    em::{self, Setting},
    evidence,
    observation::{Observation, Tables},
    pattern::{Pattern, collapse, merge},
    population::{Combined, RARITY_TYPES},
    weights::{Parameters, identifier_bits, probability, verdict},
};

/// The fitted mixture of one partnership: one person, associates, strangers.
#[derive(Clone, Debug)]
pub struct Model {
    records: f64,
    chance: Tables,
    expected_excess: [Option<f64>; RARITY_TYPES.len()],
    parameters: Parameters,
    calibration: Calibration,
    fit: Fit,
}

/// How a fit went: counts only, fit for an operator's log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Candidates given.
    pub candidates: usize,
    /// Distinct patterns among them.
    pub patterns: usize,
    /// Rounds until the share of matches stood still.
    pub rounds: u32,
    /// Pairs of records expected to be one person, over all agencies.
    pub expected_matches: f64,
    /// Pairs of records expected to be associates.
    pub expected_associates: f64,
}

/// What the model says of a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Probability that the two records are one person. Never leaves the hub.
    pub probability: f64,
    /// The same as log2 odds.
    pub bits: f64,
    /// What speaks for and against, in the order name, birth, place, identifiers, rarity.
    /// Strengths compare one person with strangers; that the two may be associates shows only in
    /// the probability.
    pub evidence: Vec<Evidence>,
}

impl Model {
    /// Fits a model to all candidates of a partnership. Needs no labels; what analysts decided
    /// ([`Candidate::decided`]) counts, each decision no more than one candidate. Where the second
    /// step compared some candidates ([`Candidate::compared`]), tokens are fitted first.
    /// Deterministic, and independent of the order of candidates; with few or none, the priors
    /// speak.
    #[must_use]
    pub fn fit(candidates: &[Candidate], world: &World<'_>) -> Self {
        let (records, cross_pairs) = sizes(world);
        Self::fit_from(candidates, world, &em::start(records, cross_pairs))
    }

    /// As [`Self::fit`], starting from and leaning on other priors.
    pub(crate) fn fit_from(
        candidates: &[Candidate],
        world: &World<'_>,
        start: &Parameters,
    ) -> Self {
        let (records, cross_pairs) = sizes(world);
        let Combined {
            chance,
            expected_excess,
        } = Combined::of(world);
        let patterns = collapse(
            candidates
                .iter()
                .map(|c| Pattern::of(c, &expected_excess))
                .collect(),
        );
        let setting = Setting {
            records,
            cross_pairs,
            chance: &chance,
            matches_max: em::SHARE_MAX,
        };
        let (mut parameters, mut rounds) = fit_tokens(&patterns, &setting, start);
        if candidates.iter().any(|c| c.compared.is_some()) {
            let setting = Setting {
                // What is compared tells who matches, not that there are many more of them.
                matches_max: MATCHES_GROWTH_MAX * parameters.matches,
                ..setting
            };
            (parameters, rounds) = em::fit(&patterns, &setting, start, &parameters);
        }
        let fit = Fit {
            candidates: candidates.len(),
            patterns: patterns.len(),
            rounds,
            expected_matches: parameters.matches * cross_pairs,
            expected_associates: parameters.associates * cross_pairs,
        };
        let mut model = Self {
            records,
            chance,
            expected_excess,
            parameters,
            calibration: Calibration::default(),
            fit,
        };
        let decided: Vec<(f64, bool)> = candidates
            .iter()
            .filter_map(|c| {
                c.decided
                    .map(|one_person| (model.score(c).bits, one_person))
            })
            .collect();
        model.calibration = Calibration::of(&decided);
        model
    }

    /// How the fit went.
    #[must_use]
    pub const fn summary(&self) -> Fit {
        self.fit
    }

    /// The probability that a candidate is one person, and why.
    #[must_use]
    pub fn score(&self, candidate: &Candidate) -> Scored {
        let pattern = Pattern::of(candidate, &self.expected_excess);
        let (levels, rarity) = (&pattern.levels, pattern.rarity_bits());
        let (mut person, mut associate) = (rarity, rarity);
        let mut lines = Vec::new();
        for field in Field::ALL {
            let Some(observation) = Observation::of(levels, field) else {
                continue;
            };
            associate += observation.associate_bits(&self.chance);
            let mut before = 0.0;
            for (detail, step) in observation.steps() {
                let bits = step.person_bits(&self.parameters.same_person, &self.chance);
                lines.extend(evidence::of_step(&step, detail, bits - before));
                before = bits;
            }
            person += before;
        }
        for kind in IdentifierKind::ALL {
            if let Some((p, a)) = identifier_bits(&self.parameters, self.records, levels, *kind) {
                person += p;
                associate += a;
                lines.push(evidence::of_identifier(*kind, levels.agrees(*kind), p));
            } else if candidate
                .agreements
                .iter()
                .any(|x| x.token == TokenType::Id(*kind))
            {
                // A dwelling has no weight for "same person", and is said all the same.
                lines.push(evidence::of_identifier(*kind, true, 0.0));
            }
        }
        lines.extend(evidence::of_rarity(rarity));
        let bits = verdict(&self.parameters, person, associate).bits;
        let bits = self.calibration.apply(bits);
        Scored {
            probability: probability(bits),
            bits,
            evidence: lines,
        }
    }
}

/// Most that the second step may add to the share of matches (specification, section 12.2).
const MATCHES_GROWTH_MAX: f64 = 1.1;

/// Fits to what tokens alone say.
fn fit_tokens(
    patterns: &[(Pattern, f64)],
    setting: &Setting<'_>,
    start: &Parameters,
) -> (Parameters, u32) {
    let tokens: Vec<(Pattern, f64)> = patterns
        .iter()
        .map(|(pattern, count)| (pattern.of_tokens(), *count))
        .collect();
    em::fit(&merge(tokens), setting, start, start)
}

/// Records and cross-agency pairs, at least one each.
fn sizes(world: &World<'_>) -> (f64, f64) {
    let pairs = if world.cross_pairs.is_finite() {
        world.cross_pairs
    } else {
        1.0
    };
    (world.records.max(1) as f64, pairs.max(1.0))
}
