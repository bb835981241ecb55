use sanctuary_node_core::{
    ImportSummary, NodeError,
    quality::{ImportNote, ImportNotes},
};
use sanctuary_store::Batch;
use sanctuary_types::Timestamp;

use super::SledStore;

const KEY: &str = "imports";

/// Which rows had problems lately: counts by source, day, column and rule.
impl SledStore {
    /// Notes what an import found wrong, if anything.
    pub(crate) fn note_problems(
        &self,
        source: &str,
        summary: &ImportSummary,
        now: Timestamp,
    ) -> Result<(), NodeError> {
        if summary.rejected == 0 {
            return Ok(());
        }
        let _writer = self.writer()?;
        let mut notes: ImportNotes = self.meta_json(KEY)?.unwrap_or_default();
        notes.add(source, summary, now);
        let mut meta = Batch::default();
        self.put_meta(&mut meta, KEY, &notes)?;
        self.apply(&[(self.meta.table(), meta)])
    }

    /// The notes of the last weeks.
    pub(crate) fn import_notes(&self) -> Result<Vec<ImportNote>, NodeError> {
        let notes: Option<ImportNotes> = self.meta_json(KEY)?;
        Ok(notes.unwrap_or_default().0)
    }
}
