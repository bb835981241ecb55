//! Reading what belongs to tags from the log, many tags at a time and each row once.

use std::collections::BTreeMap;

use sanctuary_posting::{Posting, SealedCard};
use sanctuary_types::{CardId, Epoch, Handle, Month, limits};

use crate::{
    HubError,
    hub::Hub,
    ingest::{Ingest, card_id},
    opening::Sealed,
    pepper::StoredTag,
    ports::{PostingLog, StateStore},
    rows::{self, CARD_BYTES, POSTING_BYTES, RowKind, RowView},
};

/// The postings of one tag, as far as they are to be opened.
pub(crate) struct TagPostings {
    pub(crate) tag: StoredTag,
    pub(crate) postings: Vec<Sealed>,
    /// Too many postings: a stop token, or an agency left out for having too many of its own.
    pub(crate) stopped: bool,
}

/// Postings read together: bounds memory. A row is read and opened once for all of them, so many
/// make few reads.
const POSTINGS_PER_STEP: usize = 128 * 1024;
/// Tags looked up between two looks at the lock: pushes wait no longer.
const TAGS_PER_LOCK: usize = 4096;

/// Gathers and reads the postings of the first of `tags`, as many as make one step; at least one
/// tag unless there is none. The rest is the next step's.
pub(crate) fn postings<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    tags: &[StoredTag],
    month: Month,
) -> Result<Vec<TagPostings>, HubError> {
    let mut wanted = Vec::new();
    let mut gathered: Vec<TagPostings> = Vec::new();
    for few in tags.chunks(TAGS_PER_LOCK) {
        if wanted.len() >= POSTINGS_PER_STEP {
            break;
        }
        let ingest = hub.ingest();
        for tag in few {
            let (ordinals, stopped) = admitted(&ingest, *tag);
            let at = gathered.len();
            wanted.extend(
                ordinals
                    .into_iter()
                    .map(|(ordinal, agency)| (ordinal, agency, at)),
            );
            gathered.push(TagPostings {
                tag: *tag,
                postings: Vec::new(),
                stopped,
            });
        }
    }
    read(hub, wanted, &mut gathered, month)?;
    Ok(gathered)
}

/// Reads the postings of (ordinal, agency, place in `gathered`).
fn read<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    mut wanted: Vec<(u32, u32, usize)>,
    gathered: &mut [TagPostings],
    month: Month,
) -> Result<(), HubError> {
    wanted.sort_unstable();
    let mut reader = RowReader::new(&hub.log, hub.options.accepts.epoch);
    for (ordinal, agency, at) in wanted {
        let Some(item) = reader.item(ordinal, RowKind::Postings)? else {
            continue;
        };
        let group = &mut gathered[at];
        let live = rows::posting_expiry(item) >= month.0;
        if live && StoredTag::read(item) == group.tag {
            group.postings.push(Sealed {
                agency,
                ordinal,
                posting: read_posting(item),
            });
        }
    }
    Ok(())
}

/// The live cards of `agency` under `id`, with their ordinals.
pub(crate) fn cards<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    agency: u32,
    id: CardId,
    month: Month,
) -> Result<Vec<(u32, SealedCard)>, HubError> {
    let place = hub.pepper.card_place(id);
    let mut ordinals = Vec::new();
    {
        let ingest = hub.ingest();
        ingest.cards.gather(place, &mut ordinals);
        ordinals.retain(|ordinal| ingest.owner(*ordinal) == agency);
    }
    let mut reader = RowReader::new(&hub.log, hub.options.accepts.epoch);
    let mut found = Vec::new();
    for ordinal in ordinals {
        let Some(item) = reader.item(ordinal, RowKind::Cards)? else {
            continue;
        };
        let live = rows::card_expiry(item) >= month.0;
        if let (true, Ok(bytes)) = (live && card_id(item) == id, item.try_into()) {
            found.push((ordinal, SealedCard::from_bytes(bytes)));
        }
    }
    Ok(found)
}

/// The handle of a stored posting; none when it has been erased since.
pub(crate) fn handle<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    ordinal: u32,
) -> Result<Option<Handle>, HubError> {
    let mut reader = RowReader::new(&hub.log, hub.options.accepts.epoch);
    let item = reader.item(ordinal, RowKind::Postings)?;
    Ok(item.and_then(|item| Handle::try_from(rows::posting_handle(item)).ok()))
}

/// Ordinals under a tag with their agencies. An agency over its own cap is left out alone; a tag
/// over the cap of all is a stop token. Both depend only on what is stored, not on its order.
fn admitted(ingest: &Ingest, tag: StoredTag) -> (Vec<(u32, u32)>, bool) {
    let mut ordinals = Vec::new();
    if !ingest.tags.gather(tag, &mut ordinals) {
        return (Vec::new(), true);
    }
    let mut by_agency: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for ordinal in ordinals {
        by_agency
            .entry(ingest.owner(ordinal))
            .or_default()
            .push(ordinal);
    }
    let before = by_agency.len();
    by_agency.retain(|_, own| own.len() <= limits::TAG_POSTINGS_PER_AGENCY_MAX);
    let total: usize = by_agency.values().map(Vec::len).sum();
    let stopped = total > limits::TAG_POSTINGS_MAX || by_agency.len() < before;
    if total > limits::TAG_POSTINGS_MAX || by_agency.len() < 2 {
        return (Vec::new(), stopped);
    }
    let pairs = by_agency
        .into_iter()
        .flat_map(|(agency, own)| own.into_iter().map(move |ordinal| (ordinal, agency)));
    (pairs.collect(), stopped)
}

fn read_posting(item: &[u8]) -> Option<Posting> {
    Posting::from_bytes(item.try_into().ok()?).ok()
}

/// Reads items in ascending order of ordinal, keeping the row at hand.
struct RowReader<'a, L: PostingLog> {
    log: &'a L,
    epoch: Epoch,
    row: Option<(u64, L::Row)>,
}

impl<'a, L: PostingLog> RowReader<'a, L> {
    fn new(log: &'a L, epoch: Epoch) -> Self {
        Self {
            log,
            epoch,
            row: None,
        }
    }

    fn item(&mut self, ordinal: u32, kind: RowKind) -> Result<Option<&[u8]>, HubError> {
        let (sequence, place) = rows::position(ordinal);
        if self.row.as_ref().is_none_or(|(held, _)| *held != sequence) {
            self.row = self.log.row(sequence)?.map(|row| (sequence, row));
        }
        let item_bytes = if kind == RowKind::Cards {
            CARD_BYTES
        } else {
            POSTING_BYTES
        };
        let epoch = self.epoch;
        Ok(self
            .row
            .as_ref()
            .and_then(|(_, row)| RowView::read(row))
            .filter(|view| view.kind == kind && view.epoch == epoch)
            .and_then(|view| view.item(place, item_bytes)))
    }
}
