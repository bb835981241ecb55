use rand_core::CryptoRng;
use sanctuary_figures::{Alone, Estimate, Known, Product, Range, Warning};
use sanctuary_prevalence::{
    Circumstances, Figures, Linkage, Options, Outcome, Study, Table, assess,
};

use super::PreviewRequest;

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

/// The estimate from the exact counts, or the rule that forbids it. Of the study nothing leaves but the
/// range, the range over models, the lower bound and the warnings.
pub(super) fn estimate(
    product: &Product,
    people: &[Known],
    alone: &[Alone],
    request: &PreviewRequest,
    rng: &mut impl CryptoRng,
) -> Estimate {
    let failed = |reason: &str| Estimate::NotMade {
        rule: "R4".to_owned(),
        reason: reason.to_owned(),
    };
    let lists: Vec<String> = product.lists.iter().map(|l| l.name.clone()).collect();
    let shared = people
        .iter()
        .filter(|p| p.victim_on != 0)
        .map(|p| (usize::from(p.victim_on), 1));
    let single = alone
        .iter()
        .enumerate()
        .map(|(list, a)| (1 << list, u64::from(a.total().unwrap_or_default())))
        .filter(|(_, people)| *people > 0);
    let Ok(table) = Table::build(&lists, shared.chain(single)) else {
        return failed("There are too few people on the lists to estimate anything.");
    };
    let circumstances = Circumstances {
        linkage: request
            .linkage
            .map_or(Linkage::NotMeasured, |q| Linkage::Measured {
                recall: q.recall,
                precision: q.precision,
            }),
        window_months: Some(u32::from(months(request))),
        ..Circumstances::default()
    };
    let options = Options {
        resamples: RESAMPLES,
    };
    match assess(&table, &circumstances, options, rng, &mut |_| ()) {
        Err(_) => failed("The lists do not settle on an estimate."),
        Ok(assessment) => match assessment.outcome {
            Outcome::Refused(refusals) => refusals.first().map_or_else(
                || failed("The lists do not support an estimate."),
                |refusal| Estimate::NotMade {
                    rule: refusal.code().to_owned(),
                    reason: refusal.to_string(),
                },
            ),
            Outcome::Estimated(estimate) => {
                let range = Range {
                    low: whole(estimate.headline.low as f64),
                    high: estimate.headline.high.map(|high| whole(high as f64)),
                };
                let (models, at_least) = match &estimate.figures {
                    Figures::ManyLists(study) => (models(study), whole(study.chao)),
                    Figures::TwoLists(_) => (range, range.low),
                };
                Estimate::Made {
                    range,
                    models,
                    at_least,
                    warnings: estimate
                        .warnings
                        .iter()
                        .map(|w| Warning {
                            code: w.code().to_owned(),
                            text: w.to_string(),
                        })
                        .collect(),
                    method: format!(
                        "multiple systems estimation, forward stepwise at 0.02, interval from {RESAMPLES} resamples, program {}, data to {}",
                        env!("CARGO_PKG_VERSION"),
                        request.window.to.long()
                    ),
                }
            }
        },
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
