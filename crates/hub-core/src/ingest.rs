//! What is stored and where it is found: the same bookkeeping for a batch just committed and for
//! one read back from the log, so that a restart cannot differ from never having stopped.

use std::collections::HashMap;

use sanctuary_linkage::ClusterRule;
use sanctuary_types::{BatchId, CardId, Epoch, Month};

use crate::{
    HubError, Pepper,
    agencies::{Agencies, ModelWorld, Populations},
    index::{Met, TagIndex},
    pepper::StoredTag,
    ports::PostingLog,
    rows::{
        self, CARD_BYTES, CARD_ID_BYTES, POSTING_BYTES, RowKind, RowView, Trailer, WITHDRAWAL_BYTES,
    },
};

/// Nobody's number: rows that hold neither postings nor cards.
const NO_OWNER: u32 = u32::MAX;

/// What is known of the log's content, in memory.
pub(crate) struct Ingest {
    pub(crate) tags: TagIndex,
    pub(crate) cards: TagIndex,
    pub(crate) agencies: Agencies,
    pub(crate) populations: Populations,
    pub(crate) pending: Pending,
    pub(crate) next_row: u64,
    /// Set when the log failed: only a restart reads back what is really there.
    pub(crate) failed: bool,
    owners: Vec<u32>,
    batches: HashMap<(u32, BatchId), [u8; 32]>,
    contents: HashMap<[u8; 32], u32>,
}

/// What the next round has to look at.
#[derive(Clone, Default)]
pub(crate) struct Pending {
    /// Tags that two agencies hold and that gained or lost a posting.
    pub(crate) tags: Vec<StoredTag>,
    /// Cards that came or went.
    pub(crate) cards: Vec<CardId>,
    /// Ordinals whose bytes are to be zeroed: withdrawn postings and cards.
    pub(crate) erase: Vec<u32>,
    /// Withdrawal rows that have done their work.
    pub(crate) spent_rows: Vec<u64>,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.tags.is_empty()
            && self.cards.is_empty()
            && self.erase.is_empty()
            && self.spent_rows.is_empty()
    }

    /// Puts back what a failed round had taken.
    pub(crate) fn restore(&mut self, taken: Self) {
        self.tags.extend(taken.tags);
        self.cards.extend(taken.cards);
        self.erase.extend(taken.erase);
        self.spent_rows.extend(taken.spent_rows);
    }
}

/// Whether a batch is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Novelty {
    New,
    Retry,
}

/// What `apply` needs besides the rows.
pub(crate) struct Reading<'a, L> {
    pub(crate) log: &'a L,
    pub(crate) pepper: &'a Pepper,
    pub(crate) epoch: Epoch,
    pub(crate) month: Month,
}

impl Ingest {
    /// Empty, with room for about `postings`.
    pub(crate) fn with_room(postings: usize) -> Self {
        Self {
            tags: TagIndex::with_room(postings),
            cards: TagIndex::with_room(postings / 16),
            agencies: Agencies::default(),
            populations: Populations::default(),
            pending: Pending::default(),
            next_row: 1,
            failed: false,
            owners: Vec::new(),
            batches: HashMap::new(),
            contents: HashMap::new(),
        }
    }

    /// The agency that pushed an ordinal.
    pub(crate) fn owner(&self, ordinal: u32) -> u32 {
        owner_in(&self.owners, ordinal)
    }

    /// The world for a fit when one is wanted, what the cluster rule goes by, and the version of
    /// both.
    pub(crate) fn world(&self, fit: bool) -> (Option<ModelWorld>, ClusterRule, u64) {
        let rule = ClusterRule {
            agencies: self.agencies.holding(),
            own_duplicate_rate: self.populations.own_duplicate_rate(),
        };
        let world = fit.then(|| self.populations.world(&self.agencies));
        (world, rule, self.populations.version)
    }

    /// Whether a batch may be stored.
    pub(crate) fn novelty(
        &self,
        agency: Option<u32>,
        batch: BatchId,
        content: &[u8; 32],
        postings: &[u8; 32],
    ) -> Result<Novelty, HubError> {
        let known = agency.and_then(|number| self.batches.get(&(number, batch)));
        match known {
            Some(stored) if stored == content => return Ok(Novelty::Retry),
            Some(_) => return Err(HubError::BatchIdReused { batch }),
            None => {}
        }
        match self.contents.get(postings) {
            Some(owner) if Some(*owner) == agency => Err(HubError::ContentRepeated { batch }),
            Some(_) => Err(HubError::Replayed { batch }),
            None => Ok(Novelty::New),
        }
    }

    /// Takes in one complete batch whose rows are durable.
    ///
    /// # Errors
    /// When a row contradicts the log or the log cannot be read.
    pub(crate) fn apply<'r, L: PostingLog>(
        &mut self,
        batch: impl Iterator<Item = (u64, &'r [u8])>,
        agency: u32,
        trailer: &Trailer,
        reading: &Reading<'_, L>,
    ) -> Result<(), HubError> {
        let mut population = Vec::new();
        for (sequence, bytes) in batch {
            let view = RowView::read(bytes).ok_or(damaged(sequence, "not a row"))?;
            if view.agency != agency {
                return Err(damaged(sequence, "a row of another agency inside a batch"));
            }
            self.own(sequence, &view);
            if view.kind == RowKind::Population {
                population.extend_from_slice(view.payload);
            }
            if view.epoch == reading.epoch {
                self.take_row(sequence, &view, reading)?;
            }
        }
        if !population.is_empty() {
            // Checked before it was stored; a later version may no longer accept an old one.
            self.populations.set(agency, &population);
        }
        if !self.agencies.bind(agency, &trailer.agency) {
            return Err(damaged(trailer.group, "an agency number with two names"));
        }
        if let Some(counts) = self.agencies.get_mut(agency) {
            counts.batches += 1;
            counts.last_push = counts.last_push.max(trailer.received);
        }
        self.batches
            .insert((agency, trailer.batch), trailer.content);
        if trailer.postings != [0; 32] {
            self.contents.insert(trailer.postings, agency);
        }
        Ok(())
    }

    fn own(&mut self, sequence: u64, view: &RowView<'_>) {
        self.next_row = self.next_row.max(sequence + 1);
        if matches!(view.kind, RowKind::Postings | RowKind::Cards) {
            let at = sequence as usize;
            if self.owners.len() <= at {
                self.owners.resize(at + 1, NO_OWNER);
            }
            self.owners[at] = view.agency;
        }
    }

    fn take_row<L: PostingLog>(
        &mut self,
        sequence: u64,
        view: &RowView<'_>,
        reading: &Reading<'_, L>,
    ) -> Result<(), HubError> {
        match view.kind {
            RowKind::Postings => self.add_postings(sequence, view, reading.month),
            RowKind::Cards => self.add_cards(sequence, view, reading),
            RowKind::Withdrawals => {
                for item in view.payload.chunks_exact(WITHDRAWAL_BYTES) {
                    self.withdraw(view.agency, item, reading)?;
                }
                self.pending
                    .spent_rows
                    .extend((!view.payload.is_empty()).then_some(sequence));
                Ok(())
            }
            RowKind::WithdrawnCards => {
                for item in view.payload.chunks_exact(CARD_ID_BYTES) {
                    self.withdraw_card(view.agency, item, reading)?;
                }
                self.pending
                    .spent_rows
                    .extend((!view.payload.is_empty()).then_some(sequence));
                Ok(())
            }
            RowKind::Population | RowKind::Trailer => Ok(()),
        }
    }

    fn add_postings(
        &mut self,
        sequence: u64,
        view: &RowView<'_>,
        month: Month,
    ) -> Result<(), HubError> {
        let mut added = 0;
        for (place, item) in view.payload.chunks_exact(POSTING_BYTES).enumerate() {
            if rows::is_erased(item) {
                continue;
            }
            let ordinal = rows::ordinal(sequence, place).ok_or(HubError::LogExhausted)?;
            if rows::posting_expiry(item) < month.0 {
                self.pending.erase.push(ordinal);
                continue;
            }
            let tag = StoredTag::read(item);
            let owners = &self.owners;
            let met = self
                .tags
                .insert(tag, ordinal, |o| owner_in(owners, o) == view.agency);
            added += 1;
            if met != Met::Nobody {
                self.pending.tags.push(tag);
            }
        }
        // The agency may not be bound yet: its name stands in the trailer.
        self.count(view.agency, added, 0);
        Ok(())
    }

    pub(crate) fn count(&mut self, agency: u32, postings: i64, cards: i64) {
        self.agencies.reserve(agency);
        if let Some(counts) = self.agencies.get_mut(agency) {
            counts.postings = counts.postings.saturating_add_signed(postings);
            counts.cards = counts.cards.saturating_add_signed(cards);
        }
    }

    fn add_cards<L: PostingLog>(
        &mut self,
        sequence: u64,
        view: &RowView<'_>,
        reading: &Reading<'_, L>,
    ) -> Result<(), HubError> {
        for (place, item) in view.payload.chunks_exact(CARD_BYTES).enumerate() {
            if rows::is_erased(item) {
                continue;
            }
            let ordinal = rows::ordinal(sequence, place).ok_or(HubError::LogExhausted)?;
            if rows::card_expiry(item) < reading.month.0 {
                self.pending.erase.push(ordinal);
                continue;
            }
            let id = card_id(item);
            self.cards
                .insert(reading.pepper.card_place(id), ordinal, |_| true);
            self.pending.cards.push(id);
            self.count(view.agency, 0, 1);
        }
        Ok(())
    }
}

fn owner_in(owners: &[u32], ordinal: u32) -> u32 {
    let (sequence, _) = rows::position(ordinal);
    owners.get(sequence as usize).copied().unwrap_or(NO_OWNER)
}

/// The id at the start of a stored card, or a withdrawn card's id.
pub(crate) fn card_id(item: &[u8]) -> CardId {
    let mut id = [0; CARD_ID_BYTES];
    id.copy_from_slice(&item[..CARD_ID_BYTES]);
    CardId(id)
}

pub(crate) const fn damaged(row: u64, problem: &'static str) -> HubError {
    HubError::DamagedLog { row, problem }
}
