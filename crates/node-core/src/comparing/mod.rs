//! The node's part in the second step: which comparisons it takes part in, under which limits, and
//! with which secrets.
//!
//! Nothing is kept between stages but the log. The seed of a stage comes from the node's secret and
//! from all that the stage depends on, so that a step asked for twice, or again after a crash, is
//! the same bytes, and a record that changed in between meets other scalars.

mod desk;
mod log;
mod task;

pub use desk::Comparer;
pub use log::{ComparisonDay, ComparisonEntry, ComparisonTotals, Logged};
pub use task::{
    ComparisonLimits, ComparisonRefusal, ComparisonStage, ComparisonStep, ComparisonTask,
    StepOutcome,
};
