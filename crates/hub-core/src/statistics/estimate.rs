use std::cmp::Reverse;

use rand_core::CryptoRng;
use sanctuary_figures::{Alone, Doubt, Estimate, Known, Product, Range, Warning};
use sanctuary_prevalence::{
    Circumstances, Figures, Linkage, Linked, Options, Outcome, PrevalenceError, Study, Table,
    assess,
};

use super::{PreviewRequest, doubt::doubt};

/// Resamples of an interval.
const RESAMPLES: u32 = 1_000;

/// How well records are linked, from an evaluation or from clerical review; both from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkageQuality {
    /// Share of the true links that were found.
    pub recall: f64,
    /// Share of the links found that are true.
    pub precision: f64,
}

/// The counts that an estimate is made from.
pub(super) struct Counted<'a> {
    pub(super) product: &'a Product,
    pub(super) people: &'a [Known],
    pub(super) alone: &'a [Alone],
    /// Who else may be one person.
    pub(super) linked: &'a Linked,
}

/// The estimate from the exact counts, or the rule that forbids it. Of the study nothing leaves but the
/// range, the range over models, the lower bound, what doubtful matches do, and the warnings.
pub(super) fn estimate(
    counted: &Counted<'_>,
    request: &PreviewRequest,
    rng: &mut impl CryptoRng,
) -> Estimate {
    let not_made = |rule: &str, reason: String| Estimate::NotMade {
        rule: rule.to_owned(),
        reason,
    };
    let Ok(table) = table(counted) else {
        let reason = "There are too few people on the lists to estimate anything.";
        return not_made("R4", reason.to_owned());
    };
    let circumstances = circumstances(request);
    let options = Options {
        resamples: RESAMPLES,
    };
    match assess(&table, &circumstances, options, rng, &mut |_| ()) {
        Err(_) => not_made("R4", "The lists do not settle on an estimate.".to_owned()),
        Ok(assessment) => match assessment.outcome {
            // What was not measured is said first: it says nothing of the counts.
            Outcome::Refused(refusals) => refusals
                .iter()
                .max_by_key(|refusal| (refusal.code() == "R5", Reverse(refusal.code())))
                .map_or_else(
                    || not_made("R4", "The lists do not support an estimate.".to_owned()),
                    |refusal| not_made(refusal.code(), refusal.to_string()),
                ),
            Outcome::Estimated(estimate) => made(&estimate, request, doubt(counted.linked, rng)),
        },
    }
}

fn made(
    estimate: &sanctuary_prevalence::Estimate,
    request: &PreviewRequest,
    doubt: Option<Doubt>,
) -> Estimate {
    let range = Range {
        low: whole(estimate.headline.low as f64),
        high: estimate.headline.high.map(|high| whole(high as f64)),
    };
    let (models, at_least) = match &estimate.figures {
        Figures::ManyLists(study) => (models(study), whole(study.chao)),
        Figures::TwoLists(_) => (range, range.low),
    };
    let warnings = estimate.warnings.iter().map(|w| Warning {
        code: w.code().to_owned(),
        text: w.to_string(),
    });
    Estimate::Made {
        range,
        models,
        at_least,
        warnings: warnings.collect(),
        doubt,
        method: format!(
            "multiple systems estimation, forward stepwise at 0.02, interval from {RESAMPLES} resamples, program {}, data to {}",
            env!("CARGO_PKG_VERSION"),
            request.window.to.long()
        ),
    }
}

fn table(counted: &Counted<'_>) -> Result<Table, PrevalenceError> {
    let lists: Vec<String> = counted
        .product
        .lists
        .iter()
        .map(|l| l.name.clone())
        .collect();
    let shared = counted.people.iter().filter(|p| p.victim_on != 0);
    let shared = shared.map(|p| (usize::from(p.victim_on), 1));
    let single = counted.alone.iter().enumerate();
    let single = single
        .map(|(list, alone)| (1 << list, u64::from(alone.total().unwrap_or_default())))
        .filter(|(_, people)| *people > 0);
    Table::build(&lists, shared.chain(single))
}

fn circumstances(request: &PreviewRequest) -> Circumstances {
    let measured = |q: LinkageQuality| Linkage::Measured {
        recall: q.recall,
        precision: q.precision,
    };
    Circumstances {
        linkage: request.linkage.map_or(Linkage::NotMeasured, measured),
        window_months: Some(u32::from(months(request))),
        ..Circumstances::default()
    }
}

fn models(study: &Study) -> Range {
    let [low, high] = study.model_range;
    Range {
        low: whole(low),
        high: high.is_finite().then(|| whole(high)),
    }
}

/// Calendar months that the window touches.
fn months(request: &PreviewRequest) -> u16 {
    let (from, to) = (
        request.window.from.start().date(),
        request.window.to.start().date(),
    );
    (to.0 - from.0) * 12 + u16::from(to.1) + 1 - u16::from(from.1)
}

fn whole(people: f64) -> u32 {
    // Saturates: a figure beyond four thousand million is none.
    people.round() as u32
}
