use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use statrs::function::factorial::ln_factorial;

use crate::{
    design::Design,
    error::PrevalenceError,
    existence::{self, Existence},
    lattice::{sum_over_subsets, sum_over_supersets},
    model::Pair,
    table::Table,
};

/// A fitted log-linear model: log of the expected people of a history = a + one term for each of its
/// lists + one for each of the model's pairs in it. The hidden people are exp(a).
#[derive(Debug, Clone)]
pub struct Fit {
    pairs: Vec<Pair>,
    people: u64,
    ln_hidden: f64,
    /// Of ln_hidden, from the Fisher information.
    variance: f64,
    log_likelihood: f64,
    parameters: usize,
    /// Entry c: expected people whose history contains c; histories left out count as zero.
    expected: Vec<f64>,
}

/// Standard normal quantile of 0.975.
const Z_95: f64 = 1.959_963_984_540_054;

impl Fit {
    /// The model's pairs, in the order given.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Known and hidden people.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.people as f64 + self.hidden()
    }

    /// Hidden people: the dark figure.
    #[must_use]
    pub fn hidden(&self) -> f64 {
        self.ln_hidden.exp()
    }

    /// 95 % interval of the total if the model were known to be right.
    #[must_use]
    pub fn wald_95(&self) -> [f64; 2] {
        let half = Z_95 * self.variance.sqrt();
        [-half, half].map(|way| self.people as f64 + (self.ln_hidden + way).exp())
    }

    /// Logarithm of the likelihood over the kept histories.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Parameters, those at minus infinity too.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Akaike's criterion.
    #[must_use]
    pub fn aic(&self) -> f64 {
        -2.0 * self.log_likelihood + 2.0 * self.parameters as f64
    }

    /// Bayesian criterion; its n is the people known, not the histories.
    #[must_use]
    pub fn bic(&self) -> f64 {
        -2.0 * self.log_likelihood + self.parameters as f64 * (self.people as f64).ln()
    }

    /// People whom the model expects on both lists of a pair.
    pub(crate) fn expected_on_both(&self, pair: Pair) -> f64 {
        self.expected[pair.mask()]
    }
}

/// A model on a table: whether it has one estimate, and if so its fit.
pub(crate) fn examine(
    table: &Table,
    pairs: &[Pair],
) -> Result<(Existence, Option<Fit>), PrevalenceError> {
    let design = Design::new(table, pairs);
    let fitted = match settle(&design, Patience::Certificate)? {
        Some(state) => state,
        None => {
            let existence = existence::decide(&design)?;
            if existence != Existence::Unique {
                return Ok((existence, None));
            }
            let state = settle(&design, Patience::Proven)?;
            state.ok_or(PrevalenceError::NotSettled(STEPS_MAX))?
        }
    };
    Ok((Existence::Unique, Some(fitted.into_fit(&design, pairs)?)))
}

/// How long to go on.
#[derive(Clone, Copy, PartialEq)]
enum Patience {
    /// Until the fit proves its own existence or begins to look as if it had none.
    Certificate,
    /// It exists and is unique: to the end.
    Proven,
}

const STEPS_MAX: u32 = 200;
/// A fit that exists has come near by then; one that does not halves its smallest cells for ever.
const STEPS_WITHOUT_CERTIFICATE: u32 = 14;
/// A step moves the logarithms of all expectations by less: the next one would be its square.
const SETTLED: f64 = 1e-8;
/// With a step below this in every cell, mu (1 + step) is positive and has the sums of the counts
/// exactly: it proves that the estimate exists. Where there is none, some cell's step tends to -1.
const CERTIFIED: f64 = 0.5;
/// Of a column, what the columns before it do not explain; below it, steps are rounding errors.
const PIVOT_MIN: f64 = 1e-9;
const HALVINGS_MAX: u32 = 40;

/// Iteratively reweighted least squares (Newton's method), from mu = n + 0.1. `None` where nothing
/// can be said without the linear program.
fn settle(design: &Design, patience: Patience) -> Result<Option<State>, PrevalenceError> {
    let Some(mut state) = State::begin(design, patience) else {
        return Ok(None);
    };
    for step in 0..STEPS_MAX {
        let Some((cholesky, deltas)) = state.newton(design, patience) else {
            return Ok(None);
        };
        let moves = spread(design, &deltas);
        let largest = design
            .histories()
            .map(|c| moves[c].abs())
            .fold(0.0, f64::max);
        let certified = patience == Patience::Proven || largest < CERTIFIED;
        if largest < SETTLED && certified {
            state.advance(design, &deltas, 1.0);
            state.cholesky = Some(cholesky);
            return Ok(Some(state));
        }
        if !certified && step >= STEPS_WITHOUT_CERTIFICATE {
            return Ok(None);
        }
        state.advance_carefully(design, &deltas);
    }
    Err(PrevalenceError::NotSettled(STEPS_MAX))
}

/// Where the fit stands.
#[derive(Clone)]
struct State {
    /// One parameter a column.
    beta: DVector<f64>,
    /// One entry a mask; zero where left out.
    mu: Vec<f64>,
    deviance: f64,
    cholesky: Option<Cholesky<f64, Dyn>>,
}

impl State {
    fn begin(design: &Design, patience: Patience) -> Option<Self> {
        let mut mu = vec![0.0; design.len()];
        let mut response = vec![0.0; design.len()];
        for c in design.histories() {
            let n = design.counts()[c] as f64;
            mu[c] = n + 0.1;
            response[c] = mu[c] * mu[c].ln() + n - mu[c];
        }
        sum_over_supersets(&mut response);
        let of_columns = design.columns().iter().map(|column| response[*column]);
        let right = DVector::from_iterator(design.columns().len(), of_columns);
        let beta = decompose(design, &mu, patience)?.solve(&right);
        let mut state = Self {
            beta,
            mu,
            deviance: f64::INFINITY,
            cholesky: None,
        };
        state.refresh(design);
        Some(state)
    }

    /// The step of every parameter, and the decomposed information it came from.
    fn newton(
        &self,
        design: &Design,
        patience: Patience,
    ) -> Option<(Cholesky<f64, Dyn>, DVector<f64>)> {
        let cholesky = decompose(design, &self.mu, patience)?;
        let mut sums = self.mu.clone();
        sum_over_supersets(&mut sums);
        let gradient = design
            .columns()
            .iter()
            .map(|c| design.target(*c) - sums[*c]);
        let gradient = DVector::from_iterator(design.columns().len(), gradient);
        let deltas = cholesky.solve(&gradient);
        deltas
            .iter()
            .all(|delta| delta.is_finite())
            .then_some((cholesky, deltas))
    }

    fn advance(&mut self, design: &Design, deltas: &DVector<f64>, share: f64) {
        self.beta.axpy(share, deltas, 1.0);
        self.refresh(design);
    }

    /// A whole step, or less of it where a whole one overshoots.
    fn advance_carefully(&mut self, design: &Design, deltas: &DVector<f64>) {
        let before = self.clone();
        let worst = before.deviance + 1e-9 * (before.deviance.abs() + 1.0);
        let mut share = 1.0;
        for _ in 0..HALVINGS_MAX {
            self.advance(design, deltas, share);
            if self.deviance <= worst {
                return;
            }
            self.clone_from(&before);
            share /= 2.0;
        }
    }

    fn refresh(&mut self, design: &Design) {
        let eta = spread(design, &self.beta);
        self.deviance = 0.0;
        for c in design.histories() {
            let n = design.counts()[c] as f64;
            let mu = eta[c].exp();
            self.mu[c] = mu;
            let surprise = if n > 0.0 { n * (n.ln() - eta[c]) } else { 0.0 };
            self.deviance += 2.0 * (surprise - (n - mu));
        }
        if self.deviance.is_nan() {
            self.deviance = f64::INFINITY;
        }
    }

    fn into_fit(self, design: &Design, pairs: &[Pair]) -> Result<Fit, PrevalenceError> {
        let mut log_likelihood = 0.0;
        for c in design.histories() {
            let n = design.counts()[c];
            let ln_mu = if n > 0 {
                n as f64 * self.mu[c].ln()
            } else {
                0.0
            };
            log_likelihood += ln_mu - self.mu[c] - ln_factorial(n);
        }
        let mut expected = self.mu;
        sum_over_supersets(&mut expected);
        let mut first = DVector::zeros(design.columns().len());
        first[0] = 1.0;
        let inverse = self
            .cholesky
            .ok_or(PrevalenceError::Undecided)?
            .solve(&first);
        Ok(Fit {
            pairs: pairs.to_vec(),
            people: design.people(),
            ln_hidden: self.beta[0],
            variance: inverse[0],
            log_likelihood,
            parameters: design.parameters(),
            expected,
        })
    }
}

/// The information matrix under `mu`, decomposed; `None` where it is singular, or too nearly so for
/// a certificate.
fn decompose(design: &Design, mu: &[f64], patience: Patience) -> Option<Cholesky<f64, Dyn>> {
    let mut sums = mu.to_vec();
    sum_over_supersets(&mut sums);
    let columns = design.columns();
    let information = |i: usize, j: usize| sums[columns[i] | columns[j]];
    let matrix = DMatrix::from_fn(columns.len(), columns.len(), information);
    let cholesky = Cholesky::new(matrix)?;
    let factor = cholesky.l_dirty();
    let firm = |i: usize| factor[(i, i)] * factor[(i, i)] >= PIVOT_MIN * sums[columns[i]];
    (patience == Patience::Proven || (0..columns.len()).all(firm)).then_some(cholesky)
}

/// For every mask, the sum of the parameters whose set it contains.
fn spread(design: &Design, of_columns: &DVector<f64>) -> Vec<f64> {
    let mut values = vec![0.0; design.len()];
    for (column, value) in design.columns().iter().zip(of_columns.iter()) {
        values[*column] = *value;
    }
    sum_over_subsets(&mut values);
    values
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
