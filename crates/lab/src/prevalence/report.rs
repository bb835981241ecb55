use sanctuary_prevalence::{
    Assessment, Existence, Figures, ModelSummary, Outcome, Overlap, PairTerm, PrevalenceError,
    Table, Warning, all_models, term_of,
};
use serde::Serialize;

use super::Options;

/// What `cargo lab prevalence` found, as its JSON; docs/prevalence.md describes it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Name of the file, without its folder.
    pub file: String,
    /// Of the file's bytes.
    pub sha256: String,
    /// How the figures were made.
    pub method: Method,
    /// The counts that were used.
    pub table: Counts,
    /// The range to say, if there is one.
    pub headline: Option<Said>,
    /// Beside the headline; empty where there is none.
    pub warnings: Vec<Warning>,
    /// Why there is no estimate; empty where there is one.
    pub refusals: Vec<sanctuary_prevalence::Refusal>,
    /// The calculation, if there is an estimate.
    pub figures: Option<Figures>,
    /// Every model of pairs, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<Model>>,
}

/// How figures were made; the same again gives the same figures.
#[derive(Debug, Clone, Serialize)]
pub struct Method {
    /// In words.
    pub name: &'static str,
    /// Of the program.
    pub version: &'static str,
    /// Of the resampling.
    pub seed: u64,
    /// Asked for.
    pub resamples: u32,
}

/// The table after merging and tidying.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    /// Counts of people.
    #[serde(flatten)]
    pub overlap: Overlap,
    /// What was done to the table before.
    pub notes: Vec<String>,
}

/// A headline and its words.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// The range.
    #[serde(flatten)]
    pub range: sanctuary_prevalence::Headline,
    /// In words.
    pub text: String,
}

/// One of all models.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    /// Its pairs.
    pub pairs: Vec<PairTerm>,
    /// Whether it has one estimate.
    pub existence: Existence,
    /// The same as 0 to 3.
    pub code: u8,
    /// Its figures, if it has one and the table is not refused.
    pub summary: Option<ModelSummary>,
}

const METHOD: &str = "multiple systems estimation: log-linear model of pairs of lists, extended maximum likelihood, forward stepwise choice at 0.02, BCa interval";

impl Report {
    pub(super) fn new(
        options: &Options,
        table: &Table,
        sha256: String,
        assessment: Assessment,
    ) -> Result<Self, PrevalenceError> {
        let (refusals, estimate) = match assessment.outcome {
            Outcome::Refused(refusals) => (refusals, None),
            Outcome::Estimated(estimate) => (Vec::new(), Some(*estimate)),
        };
        let models = if options.models {
            judged(table, estimate.is_some())?
        } else {
            None
        };
        let said = |range: sanctuary_prevalence::Headline| Said {
            text: range.to_string(),
            range,
        };
        let (headline, warnings, figures) = match estimate {
            Some(estimate) => (
                Some(said(estimate.headline)),
                estimate.warnings,
                Some(estimate.figures),
            ),
            None => (None, Vec::new(), None),
        };
        let name = options.path.file_name().unwrap_or(options.path.as_os_str());
        Ok(Self {
            file: name.to_string_lossy().into_owned(),
            sha256,
            method: Method {
                name: METHOD,
                version: env!("CARGO_PKG_VERSION"),
                seed: options.seed,
                resamples: options.resamples,
            },
            table: Counts {
                overlap: assessment.overlap,
                notes: table.notes().iter().map(ToString::to_string).collect(),
            },
            headline,
            warnings,
            refusals,
            figures,
            models,
        })
    }
}

/// Every model of pairs; none for more than five lists.
fn judged(table: &Table, with_figures: bool) -> Result<Option<Vec<Model>>, PrevalenceError> {
    let all = all_models(table)?;
    Ok(all.map(|all| {
        let models = all.models().iter().map(|model| Model {
            pairs: model
                .pairs
                .iter()
                .map(|pair| term_of(table, *pair))
                .collect(),
            existence: model.existence,
            code: model.existence.code(),
            summary: model
                .fit
                .as_ref()
                .filter(|_| with_figures)
                .map(|fit| ModelSummary::of(table, fit)),
        });
        models.collect()
    }))
}
