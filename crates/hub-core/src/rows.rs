//! The rows of the log: what is written, byte for byte.
//!
//! Every row: kind u8, agency number u32 BE, epoch u32 BE, payload. A batch is a run of rows under
//! consecutive sequence numbers that ends with its trailer; a run without its trailer was never
//! acknowledged. Ordinal of a posting or card = sequence * 64 + place in its row.

use sanctuary_types::{BatchId, Epoch, PartyId, RulesVersion, Timestamp};

use crate::pepper::StoredTag;

pub(crate) const HEADER_BYTES: usize = 9;
pub(crate) const POSTING_BYTES: usize = 94;
pub(crate) const CARD_BYTES: usize = 58;
pub(crate) const WITHDRAWAL_BYTES: usize = 24;
pub(crate) const CARD_ID_BYTES: usize = 8;
/// Postings or cards in one row, and the factor between sequence and ordinal.
pub(crate) const ITEMS_PER_ROW: usize = 64;
const WITHDRAWALS_PER_ROW: usize = 256;
const CARD_IDS_PER_ROW: usize = 768;
const POPULATION_BYTES_PER_ROW: usize = 7 * 1024;
/// Bytes of a population's JSON.
pub(crate) const POPULATION_BYTES_MAX: usize = 64 * 1024;
const TRAILER_FORMAT: u8 = 1;

/// What a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum RowKind {
    /// Tag and handle of withdrawn postings.
    Withdrawals = 1,
    /// Ids of withdrawn cards.
    WithdrawnCards = 2,
    /// Postings, tags peppered.
    Postings = 3,
    /// Cards.
    Cards = 4,
    /// Part of a population's JSON.
    Population = 5,
    /// End of a batch.
    Trailer = 9,
}

impl RowKind {
    const ALL: [Self; 6] = [
        Self::Withdrawals,
        Self::WithdrawnCards,
        Self::Postings,
        Self::Cards,
        Self::Population,
        Self::Trailer,
    ];

    const fn payload_bytes(self) -> usize {
        match self {
            Self::Withdrawals => WITHDRAWAL_BYTES * WITHDRAWALS_PER_ROW,
            Self::WithdrawnCards => CARD_ID_BYTES * CARD_IDS_PER_ROW,
            Self::Postings => POSTING_BYTES * ITEMS_PER_ROW,
            Self::Cards => CARD_BYTES * ITEMS_PER_ROW,
            Self::Population | Self::Trailer => POPULATION_BYTES_PER_ROW,
        }
    }
}

/// A row, taken apart.
#[derive(Clone, Copy)]
pub(crate) struct RowView<'a> {
    pub(crate) kind: RowKind,
    pub(crate) agency: u32,
    pub(crate) epoch: Epoch,
    pub(crate) payload: &'a [u8],
}

impl<'a> RowView<'a> {
    /// `None` when the bytes are not a row.
    pub(crate) fn read(row: &'a [u8]) -> Option<Self> {
        let (header, payload) = row.split_at_checked(HEADER_BYTES)?;
        let kind = RowKind::ALL.into_iter().find(|k| *k as u8 == header[0])?;
        Some(Self {
            kind,
            agency: u32_at(header, 1)?,
            epoch: Epoch(u32_at(header, 5)?),
            payload,
        })
    }

    /// The item at `place` when the row holds items of `bytes` bytes and it was not erased.
    pub(crate) fn item(&self, place: usize, bytes: usize) -> Option<&'a [u8]> {
        let item = self.payload.get(place * bytes..(place + 1) * bytes)?;
        (!is_erased(item)).then_some(item)
    }
}

/// Erased items are zeros: their bytes are gone, the places of their neighbours stay.
pub(crate) fn is_erased(item: &[u8]) -> bool {
    item.iter().all(|b| *b == 0)
}

/// Ordinal of the item at `place` of row `sequence`; `None` when ordinals are exhausted.
pub(crate) fn ordinal(sequence: u64, place: usize) -> Option<u32> {
    u32::try_from(sequence.checked_mul(ITEMS_PER_ROW as u64)? + place as u64).ok()
}

/// Row and place of an ordinal.
pub(crate) const fn position(ordinal: u32) -> (u64, usize) {
    (
        (ordinal / ITEMS_PER_ROW as u32) as u64,
        ordinal as usize % ITEMS_PER_ROW,
    )
}

/// Cuts `items` into rows of `kind`. The agency number is filled in by [`set_agency`] at commit.
pub(crate) fn cut(kind: RowKind, epoch: Epoch, items: &[u8], rows: &mut Vec<Vec<u8>>) {
    for payload in items.chunks(kind.payload_bytes()) {
        rows.push(row(kind, epoch, payload));
    }
}

/// Writes the agency's number into a row.
pub(crate) fn set_agency(row: &mut [u8], agency: u32) {
    row[1..5].copy_from_slice(&agency.to_be_bytes());
}

fn row(kind: RowKind, epoch: Epoch, payload: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(HEADER_BYTES + payload.len());
    row.push(kind as u8);
    row.extend_from_slice(&[0; 4]);
    row.extend_from_slice(&epoch.0.to_be_bytes());
    row.extend_from_slice(payload);
    row
}

/// The last row of a batch: without it the rows before it do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trailer {
    /// Rows before the trailer.
    pub(crate) rows: u32,
    /// First sequence of the group that was written together: rows can be missing only in the
    /// last group of a log.
    pub(crate) group: u64,
    pub(crate) received: Timestamp,
    pub(crate) rules: RulesVersion,
    pub(crate) batch: BatchId,
    /// SHA-256 of the signed message.
    pub(crate) content: [u8; 32],
    /// SHA-256 of the postings as pushed; zeros when there were none.
    pub(crate) postings: [u8; 32],
    pub(crate) agency: PartyId,
}

impl Trailer {
    /// The whole row, agency number still 0.
    pub(crate) fn to_row(&self, epoch: Epoch) -> Vec<u8> {
        let mut payload = vec![TRAILER_FORMAT];
        payload.extend_from_slice(&self.rows.to_be_bytes());
        payload.extend_from_slice(&self.group.to_be_bytes());
        payload.extend_from_slice(&self.received.0.to_be_bytes());
        payload.extend_from_slice(&self.rules.0.to_be_bytes());
        payload.extend_from_slice(&self.batch.0);
        payload.extend_from_slice(&self.content);
        payload.extend_from_slice(&self.postings);
        payload.extend_from_slice(self.agency.as_bytes());
        row(RowKind::Trailer, epoch, &payload)
    }

    /// From a row's payload.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        const FIXED: usize = 1 + 4 + 8 + 8 + 2 + 16 + 32 + 32;
        let (fixed, agency) = payload.split_at_checked(FIXED)?;
        if fixed[0] != TRAILER_FORMAT {
            return None;
        }
        Some(Self {
            rows: u32_at(fixed, 1)?,
            group: u64_at(fixed, 5)?,
            received: Timestamp(u64_at(fixed, 13)?),
            rules: RulesVersion(u16::from_be_bytes([fixed[21], fixed[22]])),
            batch: BatchId(fixed[23..39].try_into().ok()?),
            content: fixed[39..71].try_into().ok()?,
            postings: fixed[71..103].try_into().ok()?,
            agency: std::str::from_utf8(agency).ok()?.parse().ok()?,
        })
    }
}

/// Tag and handle of a stored withdrawal.
pub(crate) fn read_withdrawal(item: &[u8]) -> (StoredTag, &[u8]) {
    (StoredTag::read(item), &item[16..WITHDRAWAL_BYTES])
}

/// Handle and expiry month of a stored posting.
pub(crate) fn posting_handle(item: &[u8]) -> &[u8] {
    &item[48..56]
}
/// Expiry month of a stored posting.
pub(crate) fn posting_expiry(item: &[u8]) -> u16 {
    u16::from_be_bytes([item[56], item[57]])
}
/// Expiry month of a stored card.
pub(crate) fn card_expiry(item: &[u8]) -> u16 {
    u16::from_be_bytes([item[8], item[9]])
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailer_reads_back_and_nothing_shorter_does() {
        let trailer = Trailer {
            rows: 3,
            group: 1 << 40,
            received: Timestamp(5),
            rules: RulesVersion(1),
            batch: BatchId([7; 16]),
            content: [8; 32],
            postings: [9; 32],
            agency: "durham-police".parse().unwrap(),
        };
        let mut row = trailer.to_row(Epoch(4));
        set_agency(&mut row, 77);
        let view = RowView::read(&row).unwrap();
        assert_eq!(
            (view.kind, view.agency, view.epoch),
            (RowKind::Trailer, 77, Epoch(4))
        );
        assert_eq!(Trailer::read(view.payload), Some(trailer));
        let shorter = (0..view.payload.len() - 13).map(|n| &view.payload[..n]);
        assert!(shorter.into_iter().all(|cut| Trailer::read(cut).is_none()));
    }

    #[test]
    fn rows_stay_below_8_kib_and_keep_every_item() {
        for kind in RowKind::ALL {
            assert!(HEADER_BYTES + kind.payload_bytes() + 4 <= 8 * 1024);
        }
        let items: Vec<u8> = (0..POSTING_BYTES * 150).map(|n| (n % 251) as u8).collect();
        let mut rows = Vec::new();
        cut(RowKind::Postings, Epoch(1), &items, &mut rows);
        assert_eq!(rows.len(), 3);
        let back: Vec<u8> = rows
            .iter()
            .flat_map(|row| row[HEADER_BYTES..].to_vec())
            .collect();
        assert_eq!(back, items);
        let ordinal = ordinal(2, 21).unwrap();
        let (sequence, place) = position(ordinal);
        let view = RowView::read(&rows[sequence as usize]).unwrap();
        assert_eq!(
            view.item(place, POSTING_BYTES),
            items.get(149 * POSTING_BYTES..)
        );
        assert!(view.item(22, POSTING_BYTES).is_none());
    }

    #[test]
    fn ordinals_end_where_u32_ends() {
        let last_row = u64::from(u32::MAX / 64);
        assert_eq!(ordinal(last_row, 63), Some(u32::MAX));
        assert_eq!(ordinal(last_row + 1, 0), None);
        assert_eq!(ordinal(u64::MAX, 0), None);
    }
}
