use statrs::distribution::{ContinuousCDF, Normal};

/// The type 8 quantile (Hyndman and Fan) of ascending values; `share` from 0 to 1. Not a number for
/// no values.
#[must_use]
pub fn type8(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = (ascending.len() as f64 + 1.0 / 3.0) * share + 1.0 / 3.0 - 1.0;
    let low = (place.floor().max(0.0) as usize).min(last);
    let high = (low + 1).min(last);
    let part = (place - low as f64).clamp(0.0, 1.0);
    // No difference of infinities: resamples without an estimate count as infinite.
    if part == 0.0 || ascending[low] == ascending[high] {
        ascending[low]
    } else if part == 1.0 {
        ascending[high]
    } else {
        ascending[low] + part * (ascending[high] - ascending[low])
    }
}

/// Bias correction and acceleration of a BCa interval (Efron 1987).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BcaStep {
    /// Normal quantile of the share of resamples below the estimate.
    pub z0: f64,
    /// From the jackknife.
    pub acceleration: f64,
}

/// The bias correction of resamples around an estimate. The share is kept away from 0 and 1 by half a
/// resample, so that the correction stays finite.
#[must_use]
pub fn bca_step(ascending: &[f64], estimate: f64, acceleration: f64) -> BcaStep {
    let resamples = ascending.len() as f64;
    let below = ascending.partition_point(|total| *total < estimate) as f64;
    let share = (below / resamples).clamp(0.5 / resamples, 1.0 - 0.5 / resamples);
    BcaStep {
        z0: Normal::standard().inverse_cdf(share),
        acceleration,
    }
}

/// The limit at one level, and the share of the resamples at which it is read.
#[must_use]
pub fn bca_limit(ascending: &[f64], step: BcaStep, level: f64) -> (f64, f64) {
    let normal = Normal::standard();
    let u = normal.inverse_cdf(level) + step.z0;
    let share = normal.cdf(step.z0 + u / (1.0 - step.acceleration * u));
    (type8(ascending, share), share)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PREVALENCE.md 3.2, "BCa quantile step alone".
    #[test]
    fn the_step_alone_gives_the_reference_limits() {
        let resamples: Vec<f64> = (1000..2000).map(f64::from).collect();
        let step = bca_step(&resamples, 1400.5, -0.05);
        assert!((step.z0 + 0.25075957).abs() < 1e-8, "{}", step.z0);
        for (level, expected) in [
            (0.025, 1002.441880),
            (0.05, 1008.853816),
            (0.1, 1027.395745),
            (0.9, 1766.744094),
            (0.95, 1853.330905),
            (0.975, 1906.863649),
        ] {
            let (limit, _) = bca_limit(&resamples, step, level);
            assert!(
                (limit - expected).abs() < 1e-5,
                "{level}: {limit} is not {expected}"
            );
        }
    }

    #[test]
    fn quantiles_stay_within_the_values_and_bear_infinity() {
        let values = [1.0, 2.0, f64::INFINITY, f64::INFINITY];
        assert_eq!(type8(&values, 0.0), 1.0);
        assert_eq!(type8(&values, 1.0), f64::INFINITY);
        assert_eq!(type8(&values, 0.9), f64::INFINITY);
        assert!(type8(&[], 0.5).is_nan());
        let step = bca_step(&[5.0; 10], 1.0, 0.0);
        assert!(step.z0.is_finite());
    }
}
