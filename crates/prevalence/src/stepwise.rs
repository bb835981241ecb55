use std::cmp::Ordering;

use statrs::distribution::{DiscreteCDF, Poisson};

use crate::{
    error::PrevalenceError,
    existence::Existence,
    fit::{Fit, examine},
    model::Pair,
    table::Table,
};

/// The fit of one model.
///
/// # Errors
/// [`PrevalenceError::NoEstimate`] where the model has none on this table.
pub fn fit_pairs(table: &Table, pairs: &[Pair]) -> Result<Fit, PrevalenceError> {
    match examine(table, pairs)? {
        (Existence::Unique, Some(fit)) => Ok(fit),
        (existence, _) => Err(PrevalenceError::NoEstimate(existence)),
    }
}

/// The fit without pairs: all lists independent.
///
/// # Errors
/// As [`fit_pairs`].
pub fn main_effects(table: &Table) -> Result<Fit, PrevalenceError> {
    fit_pairs(table, &[])
}

/// The fit with every pair.
///
/// # Errors
/// As [`fit_pairs`].
pub fn full(table: &Table) -> Result<Fit, PrevalenceError> {
    fit_pairs(table, &table.pairs().collect::<Vec<_>>())
}

/// Forward stepwise choice (Chan, Silverman and Vincent 2021): the pair whose overlap the model finds
/// most surprising comes in, if its p is below `threshold` and the larger model has one estimate;
/// until there is none.
///
/// # Errors
/// As [`fit_pairs`] of no pairs.
pub fn stepwise(table: &Table, threshold: f64) -> Result<Fit, PrevalenceError> {
    let mut fit = main_effects(table)?;
    while let Some(next) = larger(table, &fit, threshold)? {
        fit = next;
    }
    Ok(fit)
}

/// The most surprising pair that may come in. Tested in order of surprise until one passes.
fn larger(table: &Table, fit: &Fit, threshold: f64) -> Result<Option<Fit>, PrevalenceError> {
    let outside = table.pairs().filter(|pair| !fit.pairs().contains(pair));
    let mut surprising: Vec<(f64, Pair)> = outside
        .map(|pair| {
            (
                surprise(table.on_both(pair), fit.expected_on_both(pair)),
                pair,
            )
        })
        .filter(|(p, _)| *p < threshold)
        .collect();
    let order = |a: &(f64, Pair), b: &(f64, Pair)| match a.0.total_cmp(&b.0) {
        Ordering::Equal => a.1.cmp(&b.1),
        other => other,
    };
    surprising.sort_by(order);
    for (_, pair) in surprising {
        let mut pairs = fit.pairs().to_vec();
        pairs.push(pair);
        if let (_, Some(next)) = examine(table, &pairs)? {
            return Ok(Some(next));
        }
    }
    Ok(None)
}

/// The smaller tail of a Poisson count with this expectation.
fn surprise(count: u64, expected: f64) -> f64 {
    let Ok(poisson) = Poisson::new(expected) else {
        return 1.0;
    };
    let at_most = poisson.cdf(count);
    let at_least = if count == 0 {
        1.0
    } else {
        poisson.sf(count - 1)
    };
    at_most.min(at_least)
}
