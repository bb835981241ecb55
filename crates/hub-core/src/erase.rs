//! Erasing bytes: withdrawn and expired postings and cards become zeros in their rows.
//!
//! sled is log-structured: overwritten bytes stay on the disk. The daemon therefore has the log written
//! anew within the time that its configuration states, and destroys the key of the old file.

use std::collections::BTreeMap;

use sanctuary_types::Month;

use crate::{
    Hub, HubError,
    ingest::Pending,
    ports::{LogRow, PostingLog, StateStore},
    rows::{self, CARD_BYTES, HEADER_BYTES, POSTING_BYTES, RowKind, RowView},
};

/// Rows rewritten in one durable write.
const ROWS_PER_WRITE: usize = 512;

/// Zeroes what `pending` names, then empties the withdrawal rows that asked for it. Gives how many
/// items were erased.
pub(crate) fn erase<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    pending: &Pending,
) -> Result<usize, HubError> {
    let mut places: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for ordinal in &pending.erase {
        let (sequence, place) = rows::position(*ordinal);
        places.entry(sequence).or_default().push(place);
    }
    let mut rewritten: Vec<LogRow> = Vec::new();
    for (sequence, places) in &places {
        if let Some(row) = hub.log.row(*sequence)? {
            rewritten.extend(zeroed(&row, places).map(|bytes| (*sequence, bytes)));
        }
        write_full(hub, &mut rewritten, ROWS_PER_WRITE)?;
    }
    // Only once the erasure is durable may the order to erase go.
    write_full(hub, &mut rewritten, 1)?;
    for sequence in &pending.spent_rows {
        if let Some(row) = hub.log.row(*sequence)? {
            rewritten.extend(
                row.get(..HEADER_BYTES)
                    .map(|head| (*sequence, head.to_vec())),
            );
        }
        write_full(hub, &mut rewritten, ROWS_PER_WRITE)?;
    }
    write_full(hub, &mut rewritten, 1)?;
    Ok(pending.erase.len())
}

/// Takes everything that expired before `month` out of the index, to be erased by this round.
pub(crate) fn sweep<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    month: Month,
) -> Result<(), HubError> {
    for entry in hub.log.scan() {
        let (sequence, row) = entry?;
        if let Some(view) = RowView::read(&row) {
            hub.ingest().expire(sequence, &view, &hub.pepper, month);
        }
    }
    Ok(())
}

fn zeroed(row: &[u8], places: &[usize]) -> Option<Vec<u8>> {
    let item_bytes = match RowView::read(row)?.kind {
        RowKind::Postings => POSTING_BYTES,
        RowKind::Cards => CARD_BYTES,
        _ => return None,
    };
    let mut bytes = row.to_vec();
    for place in places {
        let at = HEADER_BYTES + place * item_bytes;
        bytes.get_mut(at..at + item_bytes)?.fill(0);
    }
    Some(bytes)
}

fn write_full<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    rows: &mut Vec<LogRow>,
    from: usize,
) -> Result<(), HubError> {
    if rows.len() >= from {
        hub.log.put(rows)?;
        rows.clear();
    }
    Ok(())
}
