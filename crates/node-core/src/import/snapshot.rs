//! A feed's file: of a delta, what it holds; of a full snapshot, also what it no longer holds.

use std::collections::HashSet;

use super::{COMMIT_ROWS, FeedName, ImportSummary, Importer, Progress, Reject, head};
use crate::{
    Mapping, NodeError, RecordKey,
    ports::{FeedRoll, NodeStore},
    readers::Rows,
};

/// When a full snapshot would withdraw so much that something is more likely wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brake {
    /// Per cent of the feed's records; more is stopped.
    pub share_percent: u8,
    /// Fewer records than this are never stopped.
    pub records_min: u64,
}

impl Default for Brake {
    fn default() -> Self {
        Self {
            share_percent: 20,
            records_min: 10,
        }
    }
}

/// What a feed's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// New and changed records; the others stay as they are.
    Delta,
    /// Every record of the feed: one that is missing is withdrawn.
    Full {
        /// Stops a snapshot that lacks too many.
        brake: Brake,
        /// Once let through by a person: as many records may go.
        allowed: Option<u64>,
    },
}

/// A feed and what its file is.
pub struct FromFeed<'a, F> {
    /// Which feed.
    pub name: &'a FeedName,
    /// Which records came by it.
    pub roll: &'a F,
    /// Delta or full.
    pub extent: Extent,
}

/// Opens the same rows once more; a snapshot is read twice.
pub type OpenRows<'a> = dyn FnMut() -> Result<Box<dyn Rows>, NodeError> + 'a;

impl<S: NodeStore> Importer<'_, S> {
    /// Imports a feed's file. A full snapshot is read once before anything changes: when it lacks
    /// too many of the feed's records, nothing is changed at all. Cut off anywhere, the same file
    /// again does the rest.
    ///
    /// Missing records stay when a row's own reference cannot be read, since it may be theirs.
    ///
    /// # Errors
    /// [`NodeError::SnapshotBrake`]; as [`Importer::import_file`] besides.
    pub fn import_from_feed<F: FeedRoll>(
        &self,
        open: &mut OpenRows<'_>,
        mapping: &Mapping,
        dates_are_iso: bool,
        feed: &FromFeed<'_, F>,
        reject: &mut dyn FnMut(Reject) -> Result<(), NodeError>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportSummary, NodeError> {
        let (missing, kept) = match feed.extent {
            Extent::Delta => (Vec::new(), 0),
            Extent::Full { brake, allowed } => {
                let present = self.present(open()?.as_mut(), mapping)?;
                let (missing, enrolled) = self.missing(feed, &present)?;
                check_brake(missing.len() as u64, enrolled, &present, brake, allowed)?;
                if present.unnamed > 0 {
                    (Vec::new(), missing.len() as u64)
                } else {
                    (missing, 0)
                }
            }
        };
        let mut enrol = |keys: &[RecordKey]| feed.roll.enrol(feed.name, keys);
        let mut rows = open()?;
        let mut summary = self.import_rows(
            rows.as_mut(),
            mapping,
            dates_are_iso,
            &mut enrol,
            reject,
            progress,
        )?;
        for keys in missing.chunks(COMMIT_ROWS) {
            summary.withdrawn += self.withdraw_keys(keys)?;
            feed.roll.strike(feed.name, keys)?;
        }
        summary.missing_kept = kept;
        Ok(summary)
    }

    /// The references of a file, without looking at anything else of it.
    fn present(&self, rows: &mut dyn Rows, mapping: &Mapping) -> Result<Present, NodeError> {
        let bound = mapping.bind(rows.header())?;
        let mut present = Present::default();
        while let Some(row) = rows.next_row()? {
            present.rows += 1;
            let cells = row.cells.unwrap_or_default();
            match super::row::reference(bound.cell(&cells, &mapping.record_id)) {
                Some(reference) => {
                    present
                        .heads
                        .insert(head(&self.secret.record_key(reference)));
                }
                None => present.unnamed += 1,
            }
        }
        Ok(present)
    }

    /// Records of the feed that stand and are not among those present; and how many are enrolled.
    fn missing<F: FeedRoll>(
        &self,
        feed: &FromFeed<'_, F>,
        present: &Present,
    ) -> Result<(Vec<RecordKey>, u64), NodeError> {
        let (mut missing, mut enrolled) = (Vec::new(), 0);
        feed.roll.for_each_enrolled(feed.name, &mut |key| {
            if present.heads.contains(&head(&key)) {
                enrolled += 1;
            } else if self.store.record(&key)?.is_some_and(|r| r.takes_part()) {
                enrolled += 1;
                missing.push(key);
            }
            Ok(())
        })?;
        Ok((missing, enrolled))
    }
}

/// What the first reading of a snapshot found.
#[derive(Default)]
struct Present {
    rows: u64,
    /// Rows whose reference cannot be read.
    unnamed: u64,
    heads: HashSet<[u8; 8]>,
}

fn check_brake(
    missing: u64,
    enrolled: u64,
    present: &Present,
    brake: Brake,
    allowed: Option<u64>,
) -> Result<(), NodeError> {
    let share = u64::from(brake.share_percent);
    let many = missing >= brake.records_min && missing * 100 > enrolled * share;
    // However small the agency: a file without rows is a broken export.
    let all = missing > 0 && present.rows == 0;
    if (many || all) && allowed.is_none_or(|allowed| allowed < missing) {
        return Err(NodeError::SnapshotBrake {
            missing,
            enrolled,
            share_percent: brake.share_percent,
        });
    }
    Ok(())
}
