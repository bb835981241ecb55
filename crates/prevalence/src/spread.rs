use rand_core::CryptoRng;
use serde::Serialize;

use crate::{
    error::PrevalenceError,
    linked::Linked,
    quantile::type8,
    resample::{resample, total},
};

/// Fewest matchings.
pub const MATCHINGS_MIN: u32 = 20;
/// Most matchings.
pub const MATCHINGS_MAX: u32 = 10_000;

/// How much to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpreadOptions {
    /// Matchings; 200 or more for a report.
    pub matchings: u32,
    /// Resamples of each matching's table; two or more, so that the variance can be split.
    pub resamples_each: u32,
}

impl Default for SpreadOptions {
    fn default() -> Self {
        Self {
            matchings: 200,
            resamples_each: 5,
        }
    }
}

/// What doubtful links do to the people known and to the total.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinkageSpread {
    /// Matchings drawn.
    pub matchings: u32,
    /// Resamples of each.
    pub resamples_each: u32,
    /// People known.
    pub known: Three,
    /// The total, from doubtful links alone.
    pub total_linkage: Three,
    /// The total, from doubtful links, sampling and the choice of the model.
    pub total_pooled: Three,
    /// Variance of the logarithm of the hidden people.
    pub variance: LogDarkVariance,
    /// Draws without an estimate; they count as infinite and are in no variance.
    pub without_estimate: u32,
}

/// Quantiles at 2.5, 50 and 97.5 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Three {
    /// 2.5 %.
    pub low: f64,
    /// 50 %.
    pub middle: f64,
    /// 97.5 %.
    pub high: f64,
}

/// Where the variance of the logarithm of the hidden people comes from. The parts need not add up:
/// both doubtful links and resamples switch between models.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LogDarkVariance {
    /// Between matchings, without resampling.
    pub linkage: f64,
    /// Within matchings: sampling and the choice of the model.
    pub sampling: f64,
    /// All draws together.
    pub pooled: f64,
}

/// Two-stage averaging over links: draws matchings, makes each one's table, and resamples it. Calls
/// `progress` with (done, of) matchings.
///
/// # Errors
/// For numbers of draws out of bounds, links that make no sense, and where a fit cannot be decided.
pub fn spread(
    linked: &Linked,
    options: SpreadOptions,
    rng: &mut impl CryptoRng,
    progress: &mut dyn FnMut((u32, u32)),
) -> Result<LinkageSpread, PrevalenceError> {
    let SpreadOptions {
        matchings,
        resamples_each,
    } = options;
    if !(MATCHINGS_MIN..=MATCHINGS_MAX).contains(&matchings) {
        return Err(PrevalenceError::Matchings(matchings));
    }
    if !(2..=MATCHINGS_MAX).contains(&resamples_each) {
        return Err(PrevalenceError::Resamples(resamples_each));
    }
    let mut drawn = Drawn::default();
    for done in 1..=matchings {
        let table = linked.sample(rng)?;
        drawn.known.push(table.known() as f64);
        let own = total(&table)?;
        drawn.totals.push(own);
        drawn.logs.push(log_hidden(own, table.people()));
        let mut logs = Vec::new();
        for _ in 0..resamples_each {
            let again = resample(&table, rng);
            let total = total(&again)?;
            drawn.pooled.push(total);
            logs.push(log_hidden(total, again.people()));
        }
        drawn.within.push(variance(&logs));
        drawn.pooled_logs.extend(logs);
        progress((done, matchings));
    }
    Ok(drawn.into_spread(options))
}

#[derive(Default)]
struct Drawn {
    known: Vec<f64>,
    totals: Vec<f64>,
    logs: Vec<f64>,
    pooled: Vec<f64>,
    pooled_logs: Vec<f64>,
    within: Vec<f64>,
}

impl Drawn {
    fn into_spread(self, options: SpreadOptions) -> LinkageSpread {
        let all = self.totals.iter().chain(&self.pooled);
        let without_estimate = all.filter(|total| total.is_infinite()).count() as u32;
        LinkageSpread {
            matchings: options.matchings,
            resamples_each: options.resamples_each,
            known: Three::of(self.known),
            total_linkage: Three::of(self.totals),
            total_pooled: Three::of(self.pooled),
            variance: LogDarkVariance {
                linkage: variance(&self.logs),
                sampling: mean(&self.within),
                pooled: variance(&self.pooled_logs),
            },
            without_estimate,
        }
    }
}

impl Three {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let [low, middle, high] = [0.025, 0.5, 0.975].map(|share| type8(&values, share));
        Self { low, middle, high }
    }
}

/// Not finite where there is no estimate, or nobody hidden.
fn log_hidden(total: f64, known: u64) -> f64 {
    (total - known as f64).ln()
}

/// Of the finite values; zero for fewer than two.
fn variance(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    let middle = mean(&finite);
    let squares: f64 = finite.iter().map(|value| (value - middle).powi(2)).sum();
    squares / (finite.len().max(2) - 1) as f64
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
