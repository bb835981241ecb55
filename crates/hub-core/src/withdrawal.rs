//! Taking postings and cards out again: withdrawn by their agency, or expired.

use sanctuary_types::Month;

use crate::{
    HubError, Pepper,
    ingest::{Ingest, Reading, card_id},
    pepper::StoredTag,
    ports::PostingLog,
    rows::{self, CARD_BYTES, POSTING_BYTES, RowKind, RowView},
};

impl Ingest {
    /// Takes out a posting or card that has expired since it came in.
    pub(crate) fn expire(
        &mut self,
        sequence: u64,
        view: &RowView<'_>,
        pepper: &Pepper,
        month: Month,
    ) {
        let (item_bytes, is_card) = match view.kind {
            RowKind::Postings => (POSTING_BYTES, false),
            RowKind::Cards => (CARD_BYTES, true),
            _ => return,
        };
        for (place, item) in view.payload.chunks_exact(item_bytes).enumerate() {
            let expiry = if is_card {
                rows::card_expiry(item)
            } else {
                rows::posting_expiry(item)
            };
            let Some(ordinal) = rows::ordinal(sequence, place) else {
                continue;
            };
            if rows::is_erased(item) || expiry >= month.0 {
                continue;
            }
            if is_card {
                let id = card_id(item);
                if self.cards.remove(pepper.card_place(id), ordinal) {
                    self.pending.cards.push(id);
                    self.pending.erase.push(ordinal);
                    self.count(view.agency, 0, -1);
                }
            } else if self.tags.remove(StoredTag::read(item), ordinal) {
                self.pending.tags.push(StoredTag::read(item));
                self.pending.erase.push(ordinal);
                self.count(view.agency, -1, 0);
            }
        }
    }

    pub(crate) fn withdraw<L: PostingLog>(
        &mut self,
        agency: u32,
        item: &[u8],
        reading: &Reading<'_, L>,
    ) -> Result<(), HubError> {
        let (tag, handle) = rows::read_withdrawal(item);
        let mut ordinals = Vec::new();
        self.tags.gather(tag, &mut ordinals);
        let mut left_with_others = false;
        let mut withdrawn = 0;
        for ordinal in ordinals {
            if self.owner(ordinal) != agency {
                left_with_others = true;
                continue;
            }
            let named = stored_item(reading.log, ordinal, RowKind::Postings, |posting| {
                StoredTag::read(posting) == tag && rows::posting_handle(posting) == handle
            })?;
            if named && self.tags.remove(tag, ordinal) {
                self.pending.erase.push(ordinal);
                withdrawn += 1;
            }
        }
        if withdrawn > 0 {
            self.count(agency, -withdrawn, 0);
            if left_with_others {
                self.pending.tags.push(tag);
            }
        }
        Ok(())
    }

    pub(crate) fn withdraw_card<L: PostingLog>(
        &mut self,
        agency: u32,
        item: &[u8],
        reading: &Reading<'_, L>,
    ) -> Result<(), HubError> {
        let id = card_id(item);
        let place = reading.pepper.card_place(id);
        let mut ordinals = Vec::new();
        self.cards.gather(place, &mut ordinals);
        for ordinal in ordinals {
            let named = self.owner(ordinal) == agency
                && stored_item(reading.log, ordinal, RowKind::Cards, |card| {
                    card_id(card) == id
                })?;
            if named && self.cards.remove(place, ordinal) {
                self.count(agency, 0, -1);
                self.pending.erase.push(ordinal);
                self.pending.cards.push(id);
            }
        }
        Ok(())
    }
}

/// Whether the item at `ordinal` is still there and `fits`.
fn stored_item<L: PostingLog>(
    log: &L,
    ordinal: u32,
    kind: RowKind,
    fits: impl Fn(&[u8]) -> bool,
) -> Result<bool, HubError> {
    let (sequence, place) = rows::position(ordinal);
    let item_bytes = if kind == RowKind::Cards {
        CARD_BYTES
    } else {
        POSTING_BYTES
    };
    let Some(row) = log.row(sequence)? else {
        return Ok(false);
    };
    let view = RowView::read(&row).filter(|view| view.kind == kind);
    Ok(view
        .and_then(|view| view.item(place, item_bytes))
        .is_some_and(fits))
}
