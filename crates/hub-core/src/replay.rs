//! Reading the log back at start: complete batches are taken in, remains of a batch that was never
//! acknowledged are removed.

use sanctuary_types::{Epoch, Month};

use crate::{
    HubError, Pepper,
    ingest::{Ingest, Novelty, Reading, damaged},
    ports::PostingLog,
    rows::{ITEMS_PER_ROW, RowKind, RowView, Trailer},
};

/// What a start found in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Complete batches.
    pub batches: u64,
    /// Rows of batches that were never acknowledged; removed.
    pub orphan_rows: u64,
}

/// Rebuilds the bookkeeping from `log`.
pub(crate) fn replay<L: PostingLog>(
    log: &L,
    pepper: &Pepper,
    epoch: Epoch,
    month: Month,
) -> Result<(Ingest, OpenReport), HubError> {
    let mut ingest = Ingest::with_room(log.rows_estimate() * ITEMS_PER_ROW);
    let reading = Reading {
        log,
        pepper,
        epoch,
        month,
    };
    let mut report = OpenReport::default();
    let mut orphans: Vec<u64> = Vec::new();
    let mut open: Vec<(u64, L::Row)> = Vec::new();
    for entry in log.scan() {
        let (sequence, row) = entry?;
        ingest.next_row = ingest.next_row.max(sequence + 1);
        if open.last().is_some_and(|(last, _)| last + 1 != sequence) {
            orphans.extend(open.drain(..).map(|(sequence, _)| sequence));
        }
        let view = RowView::read(&row).ok_or(damaged(sequence, "not a row"))?;
        if view.kind != RowKind::Trailer {
            open.push((sequence, row));
            continue;
        }
        let trailer =
            Trailer::read(view.payload).ok_or(damaged(sequence, "not the end of a batch"))?;
        // Only the group that was being written when the hub stopped may have gaps.
        if orphans
            .first()
            .is_some_and(|orphan| *orphan < trailer.group)
        {
            return Err(damaged(
                trailer.group,
                "rows of an earlier batch are missing",
            ));
        }
        let complete = open.len() == trailer.rows as usize;
        if complete && is_new(&ingest, view.agency, &trailer)? {
            let agency = view.agency;
            let rows = open.iter().map(|(sequence, row)| (*sequence, &**row));
            ingest.apply(rows, agency, &trailer, &reading)?;
            report.batches += 1;
            open.clear();
        } else {
            orphans.extend(open.drain(..).map(|(sequence, _)| sequence));
            orphans.push(sequence);
        }
    }
    orphans.extend(open.drain(..).map(|(sequence, _)| sequence));
    report.orphan_rows = orphans.len() as u64;
    log.remove(&orphans)?;
    Ok((ingest, report))
}

fn is_new(ingest: &Ingest, agency: u32, trailer: &Trailer) -> Result<bool, HubError> {
    let novelty = ingest.novelty(
        Some(agency),
        trailer.batch,
        &trailer.content,
        &trailer.postings,
    )?;
    Ok(novelty == Novelty::New)
}
