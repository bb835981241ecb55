//! What somebody sees who has the hub's log and its root key: the log, read byte by byte as
//! docs/ARCHITECTURE.md section 5 lays it out, and whatever two agencies' postings of one tag open.
//! No cap of the honest hub applies.

use std::{collections::HashMap, ops::Deref, path::Path};

use anyhow::{Context, Result, ensure};
use sanctuary_hub::Storage;
use sanctuary_hub_core::{Pepper, ports::PostingLog};
use sanctuary_posting::{
    AgencyPoint, PairPoints, Posting, SealedCard, agency_point, card_id, open_card,
};
use sanctuary_types::{Card, CardId, Epoch, PartyId, PostingBody};

use super::plaintext::{Label, Plaintext, Value, add, faceless, label};

const HEADER_BYTES: usize = 9;
const KIND_POSTINGS: u8 = 3;
const KIND_CARDS: u8 = 4;
const KIND_TRAILER: u8 = 9;
/// Postings in a row.
pub const ITEMS_PER_ROW: usize = 64;
/// Bytes of a trailer before the agency's name.
const TRAILER_FIXED_BYTES: usize = 103;
const CACHE_MIB: u64 = 64;

/// The hub's store as an attacker sees it.
#[derive(Default)]
pub struct View {
    /// Names, by number.
    pub agencies: Vec<PartyId>,
    /// Every stored posting, dummies among them.
    pub postings: Vec<Seen>,
    /// Every distinct tag.
    pub tags: Vec<SeenTag>,
    /// Records whose card opened.
    pub records: Vec<SeenRecord>,
    /// Every posting is open, whether shared or not: only in designs we compare with.
    pub all_open: bool,
}

/// A design of a store to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// Every token says its kind and its record, as where a linkage unit gets a set of tokens for
    /// each record.
    InTheClear,
    /// Sealed as ours, but records are sent in the order of the file.
    InFileOrder,
}

/// A stored posting.
pub struct Seen {
    /// Which tag.
    pub tag: u32,
    /// Who pushed it.
    pub agency: u16,
    /// In which of that agency's batches.
    pub batch: u32,
    /// Where it stands: row and place.
    pub ordinal: u64,
    /// What it says, where it opens.
    pub opened: Option<Opened>,
}

/// An opened posting.
#[derive(Clone, Copy)]
pub struct Opened {
    /// Kind and slots.
    pub label: Label,
    /// The record it speaks of, where the card was found.
    pub record: Option<u32>,
}

/// A stored tag.
pub struct SeenTag {
    /// As stored, under the pepper.
    pub stored: [u8; 16],
    /// Postings by agency.
    pub frequency: Vec<(u16, u32)>,
    /// Its postings.
    pub postings: Vec<u32>,
}

/// A record whose card opened.
pub struct SeenRecord {
    /// Its agency.
    pub agency: u16,
    /// Its batch.
    pub batch: u32,
    /// Its card but for the pseudonym.
    pub card: [u8; 32],
}

/// The view with the root key, and the pepper that comes from that key.
pub struct Loot {
    /// What is in the store.
    pub view: View,
    /// Keys stored tags.
    pub pepper: Pepper,
}

/// Reads the data directory of a hub that does not run. `known` agencies get their place there as
/// their number, so that the plaintext's numbers fit.
///
/// # Errors
/// When it is no hub's directory, is in use, or the root key is another one's.
pub fn loot(data_dir: &Path, root_key: &Path, epoch: Epoch, known: &[PartyId]) -> Result<Loot> {
    ensure!(
        data_dir.join("log").is_dir(),
        "{} is no hub's data directory: it has no folder \"log\"",
        data_dir.display()
    );
    ensure!(
        root_key.is_file(),
        "there is no root key {}",
        root_key.display()
    );
    let storage = Storage::open(data_dir, root_key, CACHE_MIB)?;
    let rows = storage.log.scan().map(|row| Ok(row?));
    let view = Reader::new(epoch, known).read(rows)?;
    Ok(Loot {
        view,
        pepper: storage.pepper,
    })
}

impl View {
    /// A store of the same rows, without dummies, as another design would have it. The value of each
    /// tag is its number.
    #[must_use]
    pub fn simulated(plain: &Plaintext, design: Design) -> Self {
        let mut view = Self {
            agencies: plain.agencies.clone(),
            all_open: design == Design::InTheClear,
            ..Self::default()
        };
        let nothing = |_: &Value| SeenTag::of([0; 16]);
        view.tags = plain.values.iter().map(nothing).collect();
        let frequencies = plain.frequencies();
        for (record, row) in (0u32..).zip(&plain.rows) {
            view.records.push(SeenRecord {
                agency: row.agency,
                batch: row.batch,
                card: row.card,
            });
            for token in &row.tokens {
                let is_open = view.all_open || frequencies[token.value as usize].len() > 1;
                let opened = is_open.then_some(Opened {
                    label: token.label,
                    record: Some(record),
                });
                let place = view.postings.len() as u64;
                view.put(token.value, row.agency, row.batch, place, opened);
            }
        }
        view
    }

    /// The number of a stored tag, a new one where it was not met before.
    pub(super) fn tag(&mut self, numbers: &mut HashMap<[u8; 16], u32>, stored: [u8; 16]) -> u32 {
        *numbers.entry(stored).or_insert_with(|| {
            self.tags.push(SeenTag::of(stored));
            self.tags.len() as u32 - 1
        })
    }

    /// Takes in a posting.
    pub(super) fn put(
        &mut self,
        tag: u32,
        agency: u16,
        batch: u32,
        ordinal: u64,
        opened: Option<Opened>,
    ) {
        let seen = &mut self.tags[tag as usize];
        seen.postings.push(self.postings.len() as u32);
        add(&mut seen.frequency, agency);
        self.postings.push(Seen {
            tag,
            agency,
            batch,
            ordinal,
            opened,
        });
    }

    /// Postings that opened.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.postings.iter().filter(|p| p.opened.is_some()).count()
    }

    /// Kind of an opened tag.
    #[must_use]
    pub fn kind(&self, tag: &SeenTag) -> Option<u8> {
        let first = tag.postings.first()?;
        Some(self.postings[*first as usize].opened?.label[0])
    }
}

impl SeenTag {
    const fn of(stored: [u8; 16]) -> Self {
        Self {
            stored,
            frequency: Vec::new(),
            postings: Vec::new(),
        }
    }
}

/// Whether the bytes are the end of a batch, unsealed.
pub fn is_plain(row: &[u8]) -> bool {
    let name = row.get(HEADER_BYTES + TRAILER_FIXED_BYTES..);
    let name = name.and_then(|name| std::str::from_utf8(name).ok());
    row.first() == Some(&KIND_TRAILER) && name.is_some_and(|name| name.parse::<PartyId>().is_ok())
}

/// Where a posting stands.
pub const fn ordinal(sequence: u64, place: usize) -> u64 {
    sequence * ITEMS_PER_ROW as u64 + place as u64
}

/// Reads a log and opens what opens.
pub struct Reader {
    epoch: Epoch,
    view: View,
    tag_of: HashMap<[u8; 16], u32>,
    sealed: Vec<Option<Posting>>,
    cards: HashMap<(u16, CardId), (u32, SealedCard)>,
    batches: HashMap<u16, u32>,
    numbers: HashMap<u32, u16>,
}

impl Reader {
    /// For the log of an epoch; `known` as in [`loot`].
    pub fn new(epoch: Epoch, known: &[PartyId]) -> Self {
        Self {
            epoch,
            view: View {
                agencies: known.to_vec(),
                ..View::default()
            },
            tag_of: HashMap::new(),
            sealed: Vec::new(),
            cards: HashMap::new(),
            batches: HashMap::new(),
            numbers: HashMap::new(),
        }
    }

    /// Reads rows in ascending order of number.
    pub fn read<R: Deref<Target = [u8]>>(
        mut self,
        rows: impl Iterator<Item = Result<(u64, R)>>,
    ) -> Result<View> {
        let mut open: Vec<(u64, Vec<u8>)> = Vec::new();
        for row in rows {
            let (sequence, row) = row?;
            let kind = *row.first().context("a row of the log is empty")?;
            if kind == KIND_TRAILER {
                self.batch(&row, std::mem::take(&mut open))?;
            } else {
                open.push((sequence, row.to_vec()));
            }
        }
        self.open_shared();
        Ok(self.view)
    }

    fn batch(&mut self, trailer: &[u8], rows: Vec<(u64, Vec<u8>)>) -> Result<()> {
        let number = u32::from_be_bytes(trailer[1..5].try_into()?);
        let name = trailer.get(HEADER_BYTES + TRAILER_FIXED_BYTES..);
        let name = std::str::from_utf8(name.context("a trailer is too short")?)?;
        let agency = match self.numbers.get(&number) {
            Some(agency) => *agency,
            None => {
                let name: PartyId = name.parse()?;
                let known = self.view.agencies.iter().position(|agency| *agency == name);
                let agency = known.unwrap_or_else(|| {
                    self.view.agencies.push(name);
                    self.view.agencies.len() - 1
                }) as u16;
                self.numbers.insert(number, agency);
                agency
            }
        };
        let batch = self.batches.entry(agency).or_default();
        let this = *batch;
        *batch += 1;
        for (sequence, row) in rows {
            let payload = &row[HEADER_BYTES..];
            let epoch = u32::from_be_bytes(row[5..9].try_into()?);
            if epoch != self.epoch.0 {
                continue;
            }
            match row[0] {
                KIND_POSTINGS => payload
                    .chunks_exact(Posting::BYTES)
                    .enumerate()
                    .filter(|(_, item)| !erased(item))
                    .for_each(|(place, item)| {
                        self.posting(agency, this, ordinal(sequence, place), item);
                    }),
                KIND_CARDS => payload
                    .chunks_exact(SealedCard::BYTES)
                    .filter(|item| !erased(item))
                    .for_each(|item| self.card(agency, this, item)),
                _ => {}
            }
        }
        Ok(())
    }

    fn posting(&mut self, agency: u16, batch: u32, ordinal: u64, item: &[u8]) {
        let Ok(bytes) = item.try_into() else { return };
        let mut stored = [0; 16];
        stored.copy_from_slice(&item[..16]);
        let tag = self.view.tag(&mut self.tag_of, stored);
        self.sealed.push(Posting::from_bytes(bytes).ok());
        self.view.put(tag, agency, batch, ordinal, None);
    }

    fn card(&mut self, agency: u16, batch: u32, item: &[u8]) {
        if let Ok(bytes) = item.try_into() {
            let card = SealedCard::from_bytes(bytes);
            self.cards.insert((agency, card.id), (batch, card));
        }
    }

    /// Opens every tag that two agencies hold, then the cards that its postings name.
    fn open_shared(&mut self) {
        let points: Vec<AgencyPoint> = self
            .view
            .agencies
            .iter()
            .map(|a| agency_point(a, self.epoch))
            .collect();
        let mut pairs: HashMap<(u16, u16), PairPoints> = HashMap::new();
        let mut records: HashMap<(u16, [u8; 16]), u32> = HashMap::new();
        for tag in 0..self.view.tags.len() {
            let seen = &self.view.tags[tag];
            let [(a, _), (b, _), ..] = seen.frequency[..] else {
                continue;
            };
            let first_of = |agency: u16| {
                let own = seen
                    .postings
                    .iter()
                    .find(|p| self.view.postings[**p as usize].agency == agency);
                own.and_then(|p| self.sealed[*p as usize].as_ref())
            };
            let (Some(one), Some(two)) = (first_of(a), first_of(b)) else {
                continue;
            };
            let pair = pairs.entry((a, b)).or_insert_with(|| {
                PairPoints::new(&points[usize::from(a)], &points[usize::from(b)])
                    .expect("two agencies have two points")
            });
            let Ok(key) = pair.key(one, two) else {
                continue;
            };
            for place in seen.postings.clone() {
                let agency = self.view.postings[place as usize].agency;
                let Some(posting) = &self.sealed[place as usize] else {
                    continue;
                };
                let Ok(body) = key.open(&self.view.agencies[usize::from(agency)], posting) else {
                    continue;
                };
                let record = self.record(agency, &body, &mut records);
                self.view.postings[place as usize].opened = Some(Opened {
                    label: label(body.token, body.slots.to_bytes()),
                    record,
                });
            }
        }
    }

    fn record(
        &mut self,
        agency: u16,
        body: &PostingBody,
        records: &mut HashMap<(u16, [u8; 16]), u32>,
    ) -> Option<u32> {
        if let Some(known) = records.get(&(agency, body.card_key)) {
            return Some(*known);
        }
        let (batch, sealed) = self.cards.get(&(agency, card_id(&body.card_key)))?;
        let card: Card = open_card(&body.card_key, sealed).ok()?;
        self.view.records.push(SeenRecord {
            agency,
            batch: *batch,
            card: faceless(card),
        });
        let number = self.view.records.len() as u32 - 1;
        records.insert((agency, body.card_key), number);
        Some(number)
    }
}

fn erased(item: &[u8]) -> bool {
    item.iter().all(|byte| *byte == 0)
}
