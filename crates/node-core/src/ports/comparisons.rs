use std::collections::BTreeMap;

use sanctuary_types::PartyId;

use crate::{ComparisonEntry, ComparisonLimits, ComparisonTotals, Logged, NodeError};

/// The durable log of comparisons with other nodes.
pub trait ComparisonLog: Send + Sync {
    /// Writes the entries that are new and within `limits` for their UTC day, in one atomic change
    /// that is durable when this returns; says what became of each, in order. One already there
    /// stands and is not written again. All entries are of one day.
    ///
    /// # Errors
    /// [`NodeError::Store`], [`NodeError::Damaged`]; so of every method.
    fn log_comparisons(
        &self,
        entries: &[ComparisonEntry],
        limits: ComparisonLimits,
    ) -> Result<Vec<Logged>, NodeError>;

    /// The newest `limit` entries, newest first.
    fn comparisons(&self, limit: usize) -> Result<Vec<ComparisonEntry>, NodeError>;

    /// Counts of a UTC day (days since 1970) by other agency.
    fn comparison_totals(&self, day: u32)
    -> Result<BTreeMap<PartyId, ComparisonTotals>, NodeError>;
}
