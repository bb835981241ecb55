use sanctuary_types::{BatchId, Epoch, KeyClass, PartyId};

use crate::PortError;

/// Days for which a batch stays known: so long a retransmission is free and another agency's replay
/// is found out. After that it would be charged like a new one.
pub const BATCHES_REMEMBERED_DAYS: u32 = 31;

/// One evaluation to be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Who asks.
    pub agency: PartyId,
    /// Under which key.
    pub class: KeyClass,
    /// Of which epoch. Not the generation: a refreshed share is a share of the same key, so the
    /// same batch under it says nothing new.
    pub epoch: Epoch,
    /// UTC day, counted from 1970-01-01.
    pub day: u32,
    /// Chosen by the agency.
    pub batch_id: BatchId,
    /// SHA-256 of the blinded elements.
    pub elements_sha256: [u8; 32],
    /// How many elements: what is charged.
    pub elements: u32,
    /// Elements this agency may have evaluated per day in this class.
    pub limit_per_day: u64,
}

/// What came of a [`Charge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charged {
    /// Counted, durably. Work may begin.
    New {
        /// Elements used today, these included.
        used: u64,
    },
    /// The same batch again: not counted; the answer may be computed again.
    Repeat,
    /// It would go over the limit; nothing was counted.
    Exceeded {
        /// Elements used today.
        used: u64,
    },
    /// The agency used this batch id for something else; nothing was counted.
    Changed,
    /// The batch id or the elements came from another agency before; nothing was counted.
    OtherAgency,
}

/// Port: durable counters and known batches.
///
/// `charge` decides and writes as one step, whatever else runs at the same time, in this order:
/// 1. the batch id is known: [`Charged::OtherAgency`] if from another agency, [`Charged::Repeat`] if
///    class, epoch and digest are the same, else [`Charged::Changed`];
/// 2. the digest is known from another agency: [`Charged::OtherAgency`];
/// 3. used + elements is over the limit: [`Charged::Exceeded`];
/// 4. otherwise counter, batch and digest are stored: [`Charged::New`].
///
/// Batches older than [`BATCHES_REMEMBERED_DAYS`] may be forgotten.
pub trait QuotaStore: Send + Sync {
    /// Decides and counts. Returns [`Charged::New`] only after the count is durable.
    ///
    /// # Errors
    /// [`PortError`] when storage failed: then no work may be done for the caller.
    fn charge(&self, charge: &Charge) -> Result<Charged, PortError>;

    /// Elements the agency has used on that day in that class.
    ///
    /// # Errors
    /// [`PortError`] when storage failed.
    fn used(&self, agency: &PartyId, class: KeyClass, day: u32) -> Result<u64, PortError>;
}

/// What a store remembers of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBatch {
    /// Who sent it.
    pub agency: PartyId,
    /// Under which key.
    pub class: KeyClass,
    /// Of which epoch.
    pub epoch: Epoch,
    /// SHA-256 of its elements.
    pub elements_sha256: [u8; 32],
}

impl Charge {
    /// The rule of [`QuotaStore`], from what the store found; every store calls this one function.
    /// `digest_owner` is the agency that first sent the same elements.
    #[must_use]
    pub fn decide(
        &self,
        batch: Option<&KnownBatch>,
        digest_owner: Option<&PartyId>,
        used: u64,
    ) -> Charged {
        if let Some(known) = batch {
            return match known {
                k if k.agency != self.agency => Charged::OtherAgency,
                k if *k == self.batch() => Charged::Repeat,
                _ => Charged::Changed,
            };
        }
        if digest_owner.is_some_and(|owner| *owner != self.agency) {
            return Charged::OtherAgency;
        }
        match used.checked_add(u64::from(self.elements)) {
            Some(total) if total <= self.limit_per_day => Charged::New { used: total },
            _ => Charged::Exceeded { used },
        }
    }

    /// What is remembered once it is charged.
    #[must_use]
    pub fn batch(&self) -> KnownBatch {
        KnownBatch {
            agency: self.agency.clone(),
            class: self.class,
            epoch: self.epoch,
            elements_sha256: self.elements_sha256,
        }
    }
}
