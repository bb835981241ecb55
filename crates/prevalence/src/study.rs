use rand_core::CryptoRng;
use serde::Serialize;

use crate::{
    bounds::{chao, chapman_of},
    error::PrevalenceError,
    fit::Fit,
    interval::{Interval, interval},
    model::ModelSummary,
    resample::THRESHOLD,
    search::{AllModels, Within, all_models, downhill},
    stepwise::{full, main_effects, stepwise},
    table::Table,
};

/// Every figure of a table of three lists or more: the stepwise estimate, its interval, and what
/// other defensible choices would have said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// Forward stepwise at 0.02: the estimate.
    pub stepwise: ModelSummary,
    /// Its interval from resampling.
    pub interval: Interval,
    /// All lists independent.
    pub main_effects: ModelSummary,
    /// Forward stepwise at 0.001.
    pub stepwise_strict: Option<ModelSummary>,
    /// Forward stepwise at 0.05.
    pub stepwise_loose: Option<ModelSummary>,
    /// Every pair, if that has an estimate.
    pub full: Option<ModelSummary>,
    /// Lowest AIC of all models of pairs (up to five lists).
    pub best_aic: Option<ModelSummary>,
    /// Lowest BIC of all models of pairs (up to five lists).
    pub best_bic: Option<ModelSummary>,
    /// Lowest BIC found downhill from no pairs.
    pub downhill_bic: ModelSummary,
    /// The totals within 2 units of the best BIC (up to five lists).
    pub within_2_bic: Option<Within>,
    /// The totals within 6 units of the best BIC (up to five lists).
    pub within_6_bic: Option<Within>,
    /// The totals of all models (up to five lists).
    pub all_models: Option<Within>,
    /// Each list left out in turn.
    pub left_out: Vec<LeftOut>,
    /// Chao's lower bound.
    pub chao: f64,
    /// Lowest and highest of: models within 2 BIC units, main effects, stepwise at 0.001, 0.02 and
    /// 0.05, each list left out.
    pub model_range: [f64; 2],
}

/// The table without one list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// The list.
    pub list: String,
    /// The stepwise total of the rest (Chapman's for two lists); none where there is no estimate.
    pub total: Option<f64>,
}

/// Fewest people on both of two lists for Chapman's figure.
const ON_BOTH_MIN: u64 = 5;

/// All figures of a table of three lists or more; every alternative is always computed.
///
/// # Errors
/// [`PrevalenceError::NoEstimate`] where the model without pairs has none, and where a fit cannot be
/// decided.
pub fn study(
    table: &Table,
    resamples: u32,
    rng: &mut impl CryptoRng,
    progress: &mut dyn FnMut((u32, u32)),
) -> Result<Study, PrevalenceError> {
    let summary = |fit: &Fit| ModelSummary::of(table, fit);
    let if_any = |fit: Result<Fit, PrevalenceError>| match fit {
        Ok(fit) => Ok(Some(summary(&fit))),
        Err(PrevalenceError::NoEstimate(_) | PrevalenceError::NotSettled(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let chosen = stepwise(table, THRESHOLD)?;
    let interval = interval(table, chosen.total(), resamples, rng, progress)?;
    let all = all_models(table)?;
    let mut study = Study {
        stepwise: summary(&chosen),
        interval,
        main_effects: summary(&main_effects(table)?),
        stepwise_strict: if_any(stepwise(table, 0.001))?,
        stepwise_loose: if_any(stepwise(table, 0.05))?,
        full: if_any(full(table))?,
        best_aic: all.as_ref().and_then(AllModels::best_aic).map(summary),
        best_bic: all.as_ref().and_then(AllModels::best_bic).map(summary),
        downhill_bic: summary(&downhill(table)?),
        within_2_bic: all.as_ref().and_then(|all| all.within(2.0)),
        within_6_bic: all.as_ref().and_then(|all| all.within(6.0)),
        all_models: all.as_ref().and_then(|all| all.within(f64::INFINITY)),
        left_out: (0..table.lists().len())
            .map(|list| leave_out(table, list))
            .collect::<Result<_, _>>()?,
        chao: chao(table),
        model_range: [0.0; 2],
    };
    study.model_range = study.range();
    Ok(study)
}

impl Study {
    fn range(&self) -> [f64; 2] {
        let models = [
            Some(&self.stepwise),
            Some(&self.main_effects),
            self.stepwise_strict.as_ref(),
            self.stepwise_loose.as_ref(),
            // With too many models to try all, the way downhill stands for those near the best.
            self.within_2_bic.is_none().then_some(&self.downhill_bic),
        ];
        let mut totals: Vec<f64> = models
            .into_iter()
            .flatten()
            .map(|model| model.total)
            .collect();
        totals.extend(self.left_out.iter().filter_map(|left_out| left_out.total));
        totals.extend(
            self.within_2_bic
                .iter()
                .flat_map(|near| [near.lowest, near.highest]),
        );
        let lowest = totals.iter().copied().fold(f64::INFINITY, f64::min);
        [lowest, totals.iter().copied().fold(0.0, f64::max)]
    }
}

fn leave_out(table: &Table, list: usize) -> Result<LeftOut, PrevalenceError> {
    let rest = table.without(list);
    let total = match rest.lists().len() {
        0 | 1 => None,
        2 if rest.on_two_or_more() < ON_BOTH_MIN => None,
        2 => chapman_of(&rest).map(|chapman| chapman.total),
        _ => match stepwise(&rest, THRESHOLD) {
            Ok(fit) => Some(fit.total()),
            Err(PrevalenceError::NoEstimate(_) | PrevalenceError::NotSettled(_)) => None,
            Err(error) => return Err(error),
        },
    };
    Ok(LeftOut {
        list: table.lists()[list].clone(),
        total,
    })
}
