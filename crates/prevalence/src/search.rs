//! All models of pairs, and the way downhill where they are too many.

use serde::Serialize;

use crate::{
    error::PrevalenceError,
    existence::Existence,
    fit::{Fit, examine},
    model::{ModelSummary, Pair},
    table::Table,
};

/// Lists up to which every model of pairs is tried: 2^10 models.
const LISTS_MAX: usize = 5;

/// One of all models.
#[derive(Debug, Clone)]
pub struct JudgedModel {
    /// Its pairs, in order.
    pub pairs: Vec<Pair>,
    /// Whether it has one estimate.
    pub existence: Existence,
    /// Its fit, if so.
    pub fit: Option<Fit>,
}

/// Every model of pairs on one table, 2^(t(t-1)/2) of them, in binary order of their pairs.
#[derive(Debug, Clone)]
pub struct AllModels {
    models: Vec<JudgedModel>,
}

/// The totals of the models that are nearly as good as the best.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Within {
    /// Lowest total.
    pub lowest: f64,
    /// Highest total.
    pub highest: f64,
    /// How many models.
    pub models: usize,
}

/// Every model; `None` for more than five lists.
///
/// # Errors
/// Where a fit cannot be decided or does not settle.
pub fn all_models(table: &Table) -> Result<Option<AllModels>, PrevalenceError> {
    if table.lists().len() > LISTS_MAX {
        return Ok(None);
    }
    let pairs: Vec<Pair> = table.pairs().collect();
    let mut models = Vec::with_capacity(1 << pairs.len());
    for chosen in 0..1_usize << pairs.len() {
        let of_model = pairs
            .iter()
            .enumerate()
            .filter(|(i, _)| chosen >> i & 1 == 1);
        let pairs: Vec<Pair> = of_model.map(|(_, pair)| *pair).collect();
        let (existence, fit) = examine(table, &pairs)?;
        models.push(JudgedModel {
            pairs,
            existence,
            fit,
        });
    }
    Ok(Some(AllModels { models }))
}

impl AllModels {
    /// All of them.
    #[must_use]
    pub fn models(&self) -> &[JudgedModel] {
        &self.models
    }

    /// The fits of those that have one.
    pub fn fits(&self) -> impl Iterator<Item = &Fit> {
        self.models.iter().filter_map(|model| model.fit.as_ref())
    }

    /// Lowest by Akaike's criterion.
    #[must_use]
    pub fn best_aic(&self) -> Option<&Fit> {
        self.fits().min_by(|a, b| a.aic().total_cmp(&b.aic()))
    }

    /// Lowest by the Bayesian criterion.
    #[must_use]
    pub fn best_bic(&self) -> Option<&Fit> {
        self.fits().min_by(|a, b| a.bic().total_cmp(&b.bic()))
    }

    /// The totals of the models whose Bayesian criterion is within `units` of the best.
    #[must_use]
    pub fn within(&self, units: f64) -> Option<Within> {
        let best = self.best_bic()?.bic();
        let near = self.fits().filter(|fit| fit.bic() <= best + units);
        let totals: Vec<f64> = near.map(Fit::total).collect();
        Some(Within {
            lowest: totals.iter().copied().fold(f64::INFINITY, f64::min),
            highest: totals.iter().copied().fold(0.0, f64::max),
            models: totals.len(),
        })
    }

    /// The best by the Bayesian criterion in order, `count` at most.
    #[must_use]
    pub fn leading(&self, table: &Table, count: usize) -> Vec<ModelSummary> {
        let mut fits: Vec<&Fit> = self.fits().collect();
        fits.sort_by(|a, b| a.bic().total_cmp(&b.bic()));
        let leading = fits.into_iter().take(count);
        leading.map(|fit| ModelSummary::of(table, fit)).collect()
    }
}

/// From no pairs, always to the neighbour (one pair more or fewer) with the lowest Bayesian criterion,
/// until no neighbour is lower. For tables with too many models to try all.
///
/// # Errors
/// As for the fit without pairs.
pub fn downhill(table: &Table) -> Result<Fit, PrevalenceError> {
    let mut fit = crate::stepwise::main_effects(table)?;
    loop {
        let mut best: Option<Fit> = None;
        for pair in table.pairs() {
            let mut pairs: Vec<Pair> = fit.pairs().to_vec();
            match pairs.iter().position(|own| *own == pair) {
                Some(at) => drop(pairs.remove(at)),
                None => pairs.push(pair),
            }
            let (_, found) = examine(table, &pairs)?;
            let lowest = best.as_ref().unwrap_or(&fit).bic();
            best = found.filter(|found| found.bic() < lowest).or(best);
        }
        match best {
            Some(better) => fit = better,
            None => return Ok(fit),
        }
    }
}
