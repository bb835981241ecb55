use serde::{Deserialize, Serialize};

use crate::{Refusal, Rule};

const WARNINGS_MAX: usize = 20;
const TEXT_CHARS_MAX: usize = 600;
/// Lists below which no estimate is published.
const LISTS_MIN: usize = 3;

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
    /// The estimate as it may be published: two figures, from enough lists, texts of bounded length.
    pub(crate) fn published(&self, lists: usize) -> Result<Self, Refusal> {
        let (range, models, at_least, warnings, method) = match self {
            Self::NotMade { .. } => return Ok(self.clone()),
            Self::Made {
                range,
                models,
                at_least,
                warnings,
                method,
            } => (range, models, at_least, warnings, method),
        };
        if lists < LISTS_MIN {
            return Ok(Self::NotMade {
                rule: "6".to_owned(),
                reason: "An estimate is published only where three lists or more can be compared."
                    .to_owned(),
            });
        }
        let short = |text: &String| text.chars().count() <= TEXT_CHARS_MAX;
        let texts = warnings.iter().flat_map(|w| [&w.code, &w.text]);
        if range.is_upside_down()
            || models.is_upside_down()
            || warnings.len() > WARNINGS_MAX
            || !texts.chain([method]).all(short)
        {
            return Err(Refusal::new(
                Rule::Estimate,
                "The estimate must be a range from low to high with its warnings.",
            ));
        }
        Ok(Self::Made {
            range: rounded(*range),
            models: rounded(*models),
            at_least: two_figures(*at_least),
            warnings: warnings.clone(),
            method: method.clone(),
        })
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
    let mut step = 10_u32;
    while n / step >= 100 {
        step *= 10;
    }
    n.saturating_add(step / 2) / step * step
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
}
