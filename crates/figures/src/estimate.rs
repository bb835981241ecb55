mod overlaps;

use serde::{Deserialize, Serialize};

use crate::{Printed, Refusal, Rule};
use overlaps::Overlaps;

const WARNINGS_MAX: usize = 20;
const TEXT_CHARS_MAX: usize = 600;
/// Lists below which no estimate is published.
const LISTS_MIN: usize = 3;
/// Refusals that do not depend on anybody's counts.
const OPEN_RULES: [&str; 3] = ["R5", "R6", "6"];

/// The estimate of all potential victims, known and not known, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Estimate {
    /// An estimate.
    Made {
        /// What to quote: the lowest and highest figure that the methods support.
        range: Range,
        /// The lowest and highest over the models that fit about as well.
        models: Range,
        /// Chao's lower bound.
        at_least: u32,
        /// All that apply.
        warnings: Vec<Warning>,
        /// What doubtful matches do, apart from sampling, where it was worked out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubt: Option<Doubt>,
        /// Method and version, in words.
        method: String,
    },
    /// None, with the number of the rule that forbids it.
    NotMade {
        /// Code of the rule, such as `R3`.
        rule: String,
        /// One sentence.
        reason: String,
    },
}

/// From a low to a high figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Low end, people.
    pub low: u32,
    /// High end, people; `None` when the lists set no upper end.
    pub high: Option<u32>,
}

/// What it does to the estimate that some matches are doubtful: matchings drawn from their probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// How far the people known may lie to either side; never the people known themselves.
    pub known_within: u32,
    /// The estimate, from doubtful matches alone.
    pub alone: Range,
    /// The estimate, from doubtful matches, sampling and the choice of the model together.
    pub together: Range,
    /// How much they count.
    pub weight: Weight,
}

/// How much doubtful matches count beside sampling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Less than half as much.
    Less,
    /// About as much.
    Alike,
    /// More than twice as much.
    More,
}

impl Range {
    fn is_upside_down(self) -> bool {
        self.high.is_some_and(|high| high < self.low)
    }
}

/// What must be read with the estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// Code, such as `W4`.
    pub code: String,
    /// In words; never which agencies do not overlap.
    pub text: String,
}

impl Estimate {
    /// The estimate as it may be published: two figures, from enough lists, texts of bounded length. What
    /// it says of the overlaps it says by the printed figures, so that it tells nothing beside them.
    pub(crate) fn published(&self, lists: usize, printed: &[Printed]) -> Result<Self, Refusal> {
        let overlaps = Overlaps::of(printed);
        let not_made = |rule: &str, reason: &str| {
            Ok(Self::NotMade {
                rule: rule.to_owned(),
                reason: reason.to_owned(),
            })
        };
        match self {
            Self::NotMade { rule, .. } if OPEN_RULES.contains(&rule.as_str()) => Ok(self.clone()),
            _ if lists < LISTS_MIN => not_made(
                "6",
                "An estimate is published only where three lists or more can be compared.",
            ),
            _ if overlaps.are_few() => not_made(
                "R3",
                "The printed figures do not show that at least ten people are on two lists or more: too few to say how many are on none.",
            ),
            Self::NotMade { .. } => Ok(self.clone()),
            Self::Made {
                range,
                models,
                at_least,
                warnings,
                doubt,
                method,
            } => {
                let warnings = overlaps.warnings(warnings);
                check(&[*range, *models], &warnings, method)?;
                Ok(Self::Made {
                    range: rounded(*range),
                    models: rounded(*models),
                    at_least: two_figures(*at_least),
                    warnings,
                    doubt: doubt.as_ref().map(Doubt::rounded),
                    method: method.clone(),
                })
            }
        }
    }
}

fn check(ranges: &[Range], warnings: &[Warning], method: &str) -> Result<(), Refusal> {
    let short = |text: &str| text.chars().count() <= TEXT_CHARS_MAX;
    let texts = warnings.iter().flat_map(|w| [&*w.code, &*w.text]);
    if ranges.iter().any(|range| range.is_upside_down())
        || warnings.len() > WARNINGS_MAX
        || !texts.chain([method]).all(short)
    {
        return Err(Refusal::new(
            Rule::Estimate,
            "The estimate must be a range from low to high with its warnings.",
        ));
    }
    Ok(())
}

impl Doubt {
    /// Ends go away from each other: one number would be no range.
    fn rounded(&self) -> Self {
        Self {
            known_within: self.known_within.div_ceil(5).max(1) * 5,
            alone: self.alone.widened(),
            together: self.together.widened(),
            weight: self.weight,
        }
    }
}

impl Range {
    fn widened(self) -> Self {
        Self {
            low: self.low / step_of(self.low) * step_of(self.low),
            high: self.high.map(|high| {
                let step = step_of(high);
                high.div_ceil(step).saturating_mul(step)
            }),
        }
    }
}

fn rounded(range: Range) -> Range {
    Range {
        low: two_figures(range.low),
        high: range.high.map(two_figures),
    }
}

/// To two significant figures, and never finer than ten: below a hundred two figures would be exact.
#[must_use]
pub fn two_figures(n: u32) -> u32 {
    let step = step_of(n);
    n.saturating_add(step / 2) / step * step
}

/// The second significant place, at least ten.
fn step_of(n: u32) -> u32 {
    let mut step = 10_u32;
    while n / step >= 100 {
        step *= 10;
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_two_and_never_exact() {
        for (n, text) in [
            (0, 0),
            (4, 0),
            (85, 90),
            (97, 100),
            (104, 100),
            (11_313, 11_000),
            (995, 1_000),
            (1_449, 1_400),
            (u32::MAX, 4_200_000_000),
        ] {
            assert_eq!(two_figures(n), text, "{n}");
        }
    }

    #[test]
    fn ranges_of_doubt_enclose_what_was_worked_out() {
        let range = |low, high| Range {
            low,
            high: Some(high),
        };
        let doubt = Doubt {
            known_within: 0,
            alone: range(1_234, 1_234),
            together: Range {
                low: 871,
                high: None,
            },
            weight: Weight::Less,
        };
        let shown = doubt.rounded();
        assert_eq!((shown.known_within, shown.alone), (5, range(1_200, 1_300)));
        assert_eq!((shown.together.low, shown.together.high), (870, None));
        assert_eq!(shown.rounded(), shown, "rounding again changes nothing");
    }
}
