//! How many people are there that no agency knows? Multiple systems estimation from the overlaps of
//! several agencies' lists.
//!
//! Owns: the overlap table, the log-linear model of pairs of lists (extended maximum likelihood,
//! existence and identifiability, stepwise choice, search), the lower bound of Chao, Chapman's figure
//! for two lists, the BCa interval, what linkage errors do to all of them, and the rules that refuse
//! a figure or put warnings beside it. Must never: read a file or a clock, see a person's data (it
//! gets counts, and numbers in place of records), or give one number without its range.
//!
//! Methods: Chan, Silverman and Vincent, JASA 2021 (stepwise choice, extended maximum likelihood,
//! BCa); Fienberg and Rinaldo, Annals of Statistics 2012 (existence); Sadinle 2018,
//! arXiv:1812.09590 (linkage averaging); Chao 1987 and Chapman 1951.
//!
//! ```
//! use rand_core::SeedableRng as _;
//! use sanctuary_prevalence::{Circumstances, Linkage, Options, Outcome, Table, assess};
//!
//! let lists = ["police", "council", "charity"].map(String::from);
//! let histories = [(1, 90), (2, 60), (4, 40), (3, 14), (5, 9), (6, 7), (7, 2)];
//! let table = Table::build(&lists, histories)?;
//! let circumstances = Circumstances {
//!     linkage: Linkage::Measured { recall: 0.95, precision: 0.99 },
//!     ..Circumstances::default()
//! };
//! let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
//! let assessment = assess(&table, &circumstances, Options { resamples: 200 }, &mut rng, &mut |_| ())?;
//! let Outcome::Estimated(estimate) = assessment.outcome else { return Ok(()) };
//! assert!(estimate.headline.low >= 220 && estimate.headline.high.is_some_and(|high| high > 300));
//! # Ok::<(), sanctuary_prevalence::PrevalenceError>(())
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod assess;
mod bounds;
mod circumstances;
mod design;
mod error;
mod existence;
mod fit;
mod headline;
mod interval;
mod lattice;
mod linked;
mod model;
mod overlap;
mod quantile;
mod refusal;
mod resample;
mod search;
mod spread;
mod stepwise;
mod study;
mod table;
mod warning;

pub use assess::{Assessment, Estimate, Figures, Options, Outcome, assess};
pub use bounds::{Chapman, chao, chapman, chapman_of};
pub use circumstances::{Circumstances, Linkage};
pub use error::PrevalenceError;
pub use existence::Existence;
pub use fit::Fit;
pub use headline::{Headline, HeadlineSource, two_figures};
pub use interval::{Interval, Method, Percentiles, Shown, Stage, interval};
pub use linked::{Linked, PossibleLink};
pub use model::{ModelSummary, Pair, PairTerm, term_of};
pub use overlap::{Overlap, PairOverlap};
pub use quantile::{BcaStep, bca_limit, bca_step, type8};
pub use refusal::Refusal;
pub use resample::acceleration;
pub use search::{AllModels, JudgedModel, Within, all_models, downhill};
pub use spread::{LinkageSpread, LogDarkVariance, SpreadOptions, Three, spread};
pub use stepwise::{fit_pairs, full, main_effects, stepwise};
pub use study::{LeftOut, Study, study};
pub use table::{Table, TableNote};
pub use warning::Warning;
