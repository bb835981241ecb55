//! How good the own records are for being matched, and what was wrong with rows lately.

use std::path::Path;

use sanctuary_node_core::{FeedName, ImportSummary, NodeError, quality::QualityReport};
use sanctuary_rpc::now;
use sanctuary_types::KeyClass;

use super::Node;
use crate::acts;

/// Records in the partnership where no key manifest says how many there are.
const UNIVERSE_RECORDS: u64 = 20_000;

impl Node {
    /// The report on data quality, for this agency alone. It names own references, so reading it is an act
    /// and is logged first. Blocks.
    ///
    /// # Errors
    /// [`NodeError::NotLogged`] while it cannot be logged; what the store gives.
    pub fn quality(&self, feeds: &[FeedName]) -> Result<QualityReport, NodeError> {
        let universe = match self.tokeniser() {
            Ok(tokeniser) => {
                sanctuary_node_core::Oprf::keys(tokeniser.as_ref(), KeyClass::Person)
                    .universe_records
            }
            Err(_) => UNIVERSE_RECORDS,
        };
        let store = &self.inner.store;
        let mut report = {
            let counts = self.counts();
            QualityReport::of_store(store, &counts, feeds, universe, now())?
        };
        report.imports = store.import_notes()?;
        let act = acts::of_quality(report.all.records, report.references());
        self.inner.ledger.log_blocking(act)?;
        Ok(report)
    }

    /// Notes for the report what an import found wrong.
    ///
    /// # Errors
    /// What the store gives.
    pub(crate) fn note_problems(
        &self,
        source: &Path,
        summary: &ImportSummary,
    ) -> Result<(), NodeError> {
        let name = source.file_name().unwrap_or_default().to_string_lossy();
        self.inner.store.note_problems(&name, summary, now())
    }
}
