use rand_core::CryptoRng;
use serde::Serialize;

use crate::{
    error::PrevalenceError,
    quantile::{bca_limit, bca_step, type8},
    resample::{acceleration, resample, total},
    table::Table,
};

/// Fewest resamples of an interval.
pub const RESAMPLES_MIN: u32 = 100;
/// Most resamples of an interval.
pub const RESAMPLES_MAX: u32 = 100_000;
/// How many times as many resamples a saturated interval gets.
const RAISE: u32 = 4;
/// A limit with fewer resamples beyond it is just the smallest or largest of them.
const BEYOND_MIN: f64 = 5.0;

/// What resampling says of the stepwise total, the model being chosen anew in every resample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interval {
    /// 95 %: what may be shown.
    pub shown: Shown,
    /// A limit of the resamples asked for was just an extreme one of them.
    pub interval_saturated: bool,
    /// Of the BCa interval; none where some table with one person fewer has no estimate.
    pub acceleration: Option<f64>,
    /// With the resamples asked for.
    pub asked: Stage,
    /// With more of them, where that was saturated.
    pub raised: Option<Stage>,
}

/// The interval to show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shown {
    /// How it was made.
    pub method: Method,
    /// Level 2.5 %.
    pub low: f64,
    /// Level 97.5 %; infinite where too many resamples have no estimate.
    pub high: f64,
}

/// Kinds of interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Bias corrected and accelerated.
    Bca,
    /// Plain quantiles of the resamples, where BCa stays saturated.
    Percentile,
}

/// Limits from one number of resamples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    /// How many.
    pub resamples: u32,
    /// Normal quantile of the share of resamples below the estimate.
    pub z0: f64,
    /// Shares of the resamples at which BCa reads 2.5 % and 97.5 %.
    pub adjusted: [f64; 2],
    /// BCa limits at 2.5, 10, 90 and 97.5 %.
    pub bca: [f64; 4],
    /// Plain quantiles.
    pub percentile: Percentiles,
    /// Whether a limit of `bca` is just an extreme resample.
    pub saturated: bool,
    /// Share of the resamples above twice the estimate.
    pub over_twice: f64,
    /// Resamples without an estimate; they count as infinite.
    pub without_estimate: u32,
}

/// Plain quantiles of the resampled totals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Percentiles {
    /// 2.5 %.
    pub p2_5: f64,
    /// 10 %.
    pub p10: f64,
    /// 50 %: the median.
    pub p50: f64,
    /// 90 %.
    pub p90: f64,
    /// 97.5 %.
    pub p97_5: f64,
}

/// The interval of the stepwise total `estimate` of `table`. Calls `progress` with (done, of) now
/// and then.
///
/// # Errors
/// For too few or too many resamples, and where a fit cannot be decided.
pub fn interval(
    table: &Table,
    estimate: f64,
    resamples: u32,
    rng: &mut impl CryptoRng,
    progress: &mut dyn FnMut((u32, u32)),
) -> Result<Interval, PrevalenceError> {
    if !(RESAMPLES_MIN..=RESAMPLES_MAX).contains(&resamples) {
        return Err(PrevalenceError::Resamples(resamples));
    }
    let acceleration = acceleration(table)?;
    let mut totals = Vec::new();
    draw(table, &mut totals, resamples, rng, progress)?;
    let asked = Stage::of(&totals, estimate, acceleration);
    let interval_saturated = asked.saturated;
    let mut raised = None;
    if interval_saturated && acceleration.is_some() {
        draw(table, &mut totals, resamples * RAISE, rng, progress)?;
        raised = Some(Stage::of(&totals, estimate, acceleration));
    }
    let shown = raised.as_ref().unwrap_or(&asked).shown();
    Ok(Interval {
        shown,
        interval_saturated,
        acceleration,
        asked,
        raised,
    })
}

impl Interval {
    /// The stage with the most resamples.
    #[must_use]
    pub fn last(&self) -> &Stage {
        self.raised.as_ref().unwrap_or(&self.asked)
    }
}

/// Resamples until there are `of` totals.
fn draw(
    table: &Table,
    totals: &mut Vec<f64>,
    of: u32,
    rng: &mut impl CryptoRng,
    progress: &mut dyn FnMut((u32, u32)),
) -> Result<(), PrevalenceError> {
    const BETWEEN: u32 = 50;
    for done in totals.len() as u32..of {
        totals.push(total(&resample(table, rng))?);
        if done % BETWEEN == BETWEEN - 1 || done + 1 == of {
            progress((done + 1, of));
        }
    }
    Ok(())
}

impl Stage {
    fn of(totals: &[f64], estimate: f64, acceleration: Option<f64>) -> Self {
        let mut ascending = totals.to_vec();
        ascending.sort_by(f64::total_cmp);
        let step = bca_step(&ascending, estimate, acceleration.unwrap_or(0.0));
        let limits = [0.025, 0.1, 0.9, 0.975].map(|level| bca_limit(&ascending, step, level));
        let count = ascending.len() as f64;
        let adjusted = [limits[0].1, limits[3].1];
        let extreme = |share: &f64| {
            let below = share * count;
            !(BEYOND_MIN..=count - BEYOND_MIN).contains(&below)
        };
        let q = |share: f64| type8(&ascending, share);
        Self {
            resamples: ascending.len() as u32,
            z0: step.z0,
            adjusted,
            bca: limits.map(|(limit, _)| limit),
            percentile: Percentiles {
                p2_5: q(0.025),
                p10: q(0.1),
                p50: q(0.5),
                p90: q(0.9),
                p97_5: q(0.975),
            },
            saturated: acceleration.is_none() || adjusted.iter().any(extreme),
            over_twice: share_of(&ascending, |total| total > 2.0 * estimate),
            without_estimate: ascending.iter().filter(|total| total.is_infinite()).count() as u32,
        }
    }

    fn shown(&self) -> Shown {
        if self.saturated {
            let (low, high) = (self.percentile.p2_5, self.percentile.p97_5);
            Shown {
                method: Method::Percentile,
                low,
                high,
            }
        } else {
            Shown {
                method: Method::Bca,
                low: self.bca[0],
                high: self.bca[3],
            }
        }
    }
}

fn share_of(totals: &[f64], are: impl Fn(f64) -> bool) -> f64 {
    totals.iter().filter(|total| are(**total)).count() as f64 / totals.len().max(1) as f64
}
