use rand_core::CryptoRng;
use serde::Serialize;

use crate::{
    bounds::{Chapman, chapman_of},
    circumstances::Circumstances,
    error::PrevalenceError,
    headline::{Headline, HeadlineSource},
    overlap::Overlap,
    refusal::Refusal,
    study::{Study, study},
    table::Table,
    warning::{FACTOR_MAX, Warning},
};

/// How much to calculate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Resamples of the interval; a saturated one gets four times as many.
    pub resamples: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { resamples: 1_000 }
    }
}

/// What may be said of a table: an estimate with its range and warnings, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// People known and their overlaps, exact.
    pub overlap: Overlap,
    /// The estimate, or the reasons against one.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// An estimate or a refusal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There is none, for all of these reasons.
    Refused(Vec<Refusal>),
    /// There is one.
    Estimated(Box<Estimate>),
}

/// An estimate. Only headline, lower bound and warnings are for the public; the figures tell which
/// overlaps are empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// The range to say.
    pub headline: Headline,
    /// All that apply; to stand beside the headline wherever it stands.
    pub warnings: Vec<Warning>,
    /// The calculation.
    pub figures: Figures,
}

/// The calculation behind a headline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figures {
    /// Two lists.
    TwoLists(Chapman),
    /// Three lists or more.
    ManyLists(Box<Study>),
}

/// Judges a table: refuses, or estimates and warns. Calls `progress` with (done, of) resamples.
///
/// # Errors
/// For too few or too many resamples, and where a fit cannot be decided or does not settle.
pub fn assess(
    table: &Table,
    circumstances: &Circumstances,
    options: Options,
    rng: &mut impl CryptoRng,
    progress: &mut dyn FnMut((u32, u32)),
) -> Result<Assessment, PrevalenceError> {
    let overlap = Overlap::of(table);
    let refusals = Refusal::all(table, circumstances)?;
    let outcome = if !refusals.is_empty() {
        Outcome::Refused(refusals)
    } else if let Some(chapman) = chapman_of(table) {
        Outcome::Estimated(Box::new(of_two_lists(table, circumstances, chapman)))
    } else {
        let study = study(table, options.resamples, rng, progress)?;
        Outcome::Estimated(Box::new(of_many_lists(table, circumstances, study)))
    };
    Ok(Assessment { overlap, outcome })
}

fn of_two_lists(table: &Table, circumstances: &Circumstances, chapman: Chapman) -> Estimate {
    Estimate {
        headline: Headline::of(chapman.interval_95, table.known(), HeadlineSource::Chapman),
        warnings: Warning::all(table, circumstances, None, chapman.total),
        figures: Figures::TwoLists(chapman),
    }
}

fn of_many_lists(table: &Table, circumstances: &Circumstances, study: Study) -> Estimate {
    let shown = study.interval.shown;
    let [lowest, highest] = study.model_range;
    let (ends, source) = if study.factor() > FACTOR_MAX {
        (
            [lowest.min(shown.low), highest.max(shown.high)],
            HeadlineSource::Models,
        )
    } else {
        ([shown.low, shown.high], HeadlineSource::Interval)
    };
    let total = study.stepwise.total;
    Estimate {
        headline: Headline::of(ends, table.known(), source),
        warnings: Warning::all(table, circumstances, Some(&study), total),
        figures: Figures::ManyLists(Box::new(study)),
    }
}
