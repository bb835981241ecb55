use rand_core::CryptoRng;
use rand_distr::{Binomial, Distribution as _};

use crate::{error::PrevalenceError, stepwise::stepwise, table::Table};

/// The threshold of the product's own stepwise choice.
pub(crate) const THRESHOLD: f64 = 0.02;

/// The stepwise total, from the choice of the model on. Infinite where the table has no estimate:
/// such a resample says that there is no upper end.
pub(crate) fn total(table: &Table) -> Result<f64, PrevalenceError> {
    match stepwise(table, THRESHOLD) {
        Ok(fit) => Ok(fit.total()),
        Err(PrevalenceError::NoEstimate(_) | PrevalenceError::NotSettled(_)) => Ok(f64::INFINITY),
        Err(error) => Err(error),
    }
}

/// As many people again, each with the history of a person drawn at random.
pub(crate) fn resample(table: &Table, rng: &mut impl CryptoRng) -> Table {
    let mut counts = vec![0; table.counts().len()];
    let (mut to_draw, mut rest) = (table.people(), table.people());
    for (history, people) in table.histories() {
        let share = people as f64 / rest as f64;
        // Only a share beyond 0..=1 is refused, and none is.
        let drawn = Binomial::new(to_draw, share).map_or(0, |binomial| binomial.sample(rng));
        counts[history] = drawn;
        to_draw -= drawn;
        rest -= people;
    }
    table.with_counts(counts)
}

/// The jackknife's acceleration of the stepwise total: one person of each history left out in turn.
/// `None` where a table with one person fewer has no estimate.
///
/// # Errors
/// Where a fit cannot be decided.
pub fn acceleration(table: &Table) -> Result<Option<f64>, PrevalenceError> {
    let mut left_out = Vec::new();
    for (history, people) in table.histories() {
        let mut counts = table.counts().to_vec();
        counts[history] -= 1;
        let total = total(&table.with_counts(counts))?;
        if !total.is_finite() {
            return Ok(None);
        }
        left_out.push((people as f64, total));
    }
    let people = table.people() as f64;
    let mean = left_out.iter().map(|(n, total)| n * total).sum::<f64>() / people;
    let moment = |power: i32| {
        left_out
            .iter()
            .map(|(n, total)| n * (mean - total).powi(power))
            .sum::<f64>()
    };
    let (squares, cubes) = (moment(2), moment(3));
    Ok(Some(if squares > 0.0 {
        cubes / (6.0 * squares.powf(1.5))
    } else {
        0.0
    }))
}
