//! Weights in bits: log2 of likelihood ratios against chance agreement.

use sanctuary_types::IdentifierKind;

use crate::{Levels, observation::Tables, priors};

/// No identifier counts for less than this.
const IDENTIFIER_BITS_MIN: f64 = -6.0;
/// Chance that two people's identifiers agree; only its complement is used, for "differ".
const IDENTIFIER_CHANCE: f64 = 1e-4;

/// Everything the fit changes.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    /// Chance of each level, and of each detail given it, for one person.
    pub same_person: Tables,
    /// Chance that an identifier agrees for one person, by kind code.
    pub identifiers: [f64; 16],
    /// Share of cross-agency pairs that are one person.
    pub matches: f64,
    /// Share of cross-agency pairs that are associates.
    pub associates: f64,
}

/// One pair under the three classes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// log2 odds of "one person".
    pub bits: f64,
    /// Of not being one person, the chance of being associates.
    pub associate: f64,
}

/// (for one person, for associates) of one identifier; `None` when not compared or a place.
pub(crate) fn identifier_bits(
    parameters: &Parameters,
    records: f64,
    levels: &Levels,
    kind: IdentifierKind,
) -> Option<(f64, f64)> {
    let prior = priors::identifier(kind)?;
    let agree = parameters.identifiers[usize::from(kind.code())];
    if levels.agrees(kind) {
        let chance = (prior.sharers + f64::from(levels.excess(kind))) / records;
        // A value that everybody shares says nothing; it never speaks against.
        Some((
            (agree / chance).log2().max(0.0),
            (prior.associate / chance).log2(),
        ))
    } else if levels.differs(kind) {
        let bits = ((1.0 - agree) / (1.0 - IDENTIFIER_CHANCE)).log2();
        Some((bits.max(IDENTIFIER_BITS_MIN), 0.0))
    } else {
        None
    }
}

/// Combines the sums of bits of the classes: one person against everybody else, of whom some are
/// associates.
pub(crate) fn verdict(parameters: &Parameters, person: f64, associate: f64) -> Verdict {
    let associate = (parameters.associates.max(1e-300).log2() + associate).min(200.0);
    let others = (1.0 + associate.exp2()).log2();
    Verdict {
        bits: parameters.matches.log2() + person - others,
        associate: (associate - others).exp2(),
    }
}

/// The probability of log2 odds.
pub(crate) fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits.clamp(-60.0, 60.0)).exp2())
}
