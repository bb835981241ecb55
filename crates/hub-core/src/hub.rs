use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, atomic::AtomicBool};

use sanctuary_linkage::Policy;
use sanctuary_policy::Agreements;
use sanctuary_trust::Party;
use sanctuary_types::{Month, PartyId, Timestamp};

use crate::{
    Accepts, AlertEvent, CheckedBatch, DecisionRequest, HubError, OpenReport, Pepper, PushBatch,
    RoundReport, ScoredPair, batch,
    commit::commit,
    comparisons::Comparisons,
    ingest::Ingest,
    mailbox::Mailbox,
    matching::Matching,
    ports::{PostingLog, StateStore},
    replay::replay,
    round,
};

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rules and epoch that can be compared here.
    pub accepts: Accepts,
    /// What raises an alert.
    pub policy: Policy,
}

/// The hub: stores sealed postings, opens what two agencies share, tells each agency of possible
/// matches with its own records.
///
/// All methods block. [`Hub::commit`] is for one committer at a time (others wait); rounds and
/// decisions take turns; reading events and status waits for neither.
pub struct Hub<L, S> {
    pub(crate) log: L,
    pub(crate) state: S,
    pub(crate) pepper: Pepper,
    pub(crate) options: Options,
    pub(crate) ingest: Mutex<Ingest>,
    pub(crate) matching: Mutex<Matching>,
    pub(crate) committing: Mutex<()>,
    pub(crate) comparisons: Mutex<Comparisons>,
    pub(crate) second_step: AtomicBool,
    pub(crate) mailbox: Mutex<Mailbox>,
    pub(crate) agreements: RwLock<Agreements>,
    pub(crate) last_round: Mutex<Timestamp>,
    /// One change of the statistics at a time.
    pub(crate) statistics: Mutex<()>,
    opened: OpenReport,
}

/// What the hub says of itself to one agency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Of the caller: stored and not withdrawn, dummies included.
    pub postings: u64,
    /// Of the caller.
    pub batches: u64,
    /// Of the caller; 0 = never.
    pub last_push: Timestamp,
    /// Of the caller.
    pub open_alerts: u64,
    /// Of the caller: forged shares, and bodies or cards that did not open.
    pub refused_postings: u64,
    /// When the last round ended; 0 = none yet.
    pub last_round: Timestamp,
    /// Of everybody.
    pub stored_postings: u64,
}

impl<L: PostingLog, S: StateStore> Hub<L, S> {
    /// Reads the log back and is ready for pushes; the first round then looks at everything.
    ///
    /// # Errors
    /// When the log or the stored alerts are damaged or cannot be read.
    pub fn open(
        log: L,
        state: S,
        pepper: Pepper,
        options: Options,
        now: Timestamp,
    ) -> Result<Self, HubError> {
        let (ingest, opened) = replay(&log, &pepper, options.accepts.epoch, Month::at(now))?;
        let matching = Matching::open(&state, options.accepts.epoch, Month::at(now))?;
        let comparisons = Comparisons::open(&state)?;
        let mailbox = Mailbox::open(&state)?;
        Ok(Self {
            log,
            state,
            pepper,
            options,
            ingest: Mutex::new(ingest),
            matching: Mutex::new(matching),
            committing: Mutex::new(()),
            comparisons: Mutex::new(comparisons),
            second_step: AtomicBool::new(false),
            mailbox: Mutex::new(mailbox),
            agreements: RwLock::default(),
            last_round: Mutex::new(Timestamp(0)),
            statistics: Mutex::new(()),
            opened,
        })
    }

    /// What the start found.
    #[must_use]
    pub const fn opened(&self) -> OpenReport {
        self.opened
    }

    /// Checks one push of `caller`; see [`batch::check`]. Takes no lock.
    ///
    /// # Errors
    /// [`HubError`] naming the first rule that fails.
    pub fn check(&self, caller: &Party, batch: &PushBatch) -> Result<CheckedBatch, HubError> {
        batch::check(&self.pepper, self.options.accepts, caller, batch)
    }

    /// Stores checked batches together, in order: one durable write for all of them. `Ok` means
    /// durable, for a new batch and for a retry alike, whatever matched.
    pub fn commit(&self, batches: Vec<CheckedBatch>, now: Timestamp) -> Vec<Result<(), HubError>> {
        commit(self, batches, now)
    }

    /// Checks and stores batches of one caller: for tests and the lab.
    pub fn push(
        &self,
        caller: &Party,
        batches: &[PushBatch],
        now: Timestamp,
    ) -> Vec<Result<(), HubError>> {
        batches
            .iter()
            .map(|batch| {
                let checked = self.check(caller, batch)?;
                self.commit(vec![checked], now).pop().unwrap_or(Ok(()))
            })
            .collect()
    }

    /// One match round: opens what became shared, scores what changed, tells who may hear.
    /// When nothing is new it settles what earlier rounds left approximate.
    ///
    /// # Errors
    /// When storage fails; what was not told is told by a later round.
    pub fn run_round(&self, now: Timestamp) -> Result<RoundReport, HubError> {
        round::run(self, now, false)
    }

    /// A round that always fits the model anew, so that the result depends on what is stored and
    /// decided alone, not on how it arrived.
    ///
    /// # Errors
    /// As [`Hub::run_round`].
    pub fn settle(&self, now: Timestamp) -> Result<RoundReport, HubError> {
        round::run(self, now, true)
    }

    /// Up to `limit` events of `agency` after `cursor`, oldest first: the newest of each alert.
    ///
    /// # Errors
    /// When storage fails or is damaged.
    pub fn alerts_after(
        &self,
        agency: &PartyId,
        cursor: u64,
        limit: usize,
    ) -> Result<Vec<AlertEvent>, HubError> {
        crate::events::after(&self.state, agency, cursor, limit)
    }

    /// Takes an agency's decision; gives the alert's new version for it.
    ///
    /// # Errors
    /// [`HubError::UnknownAlert`], [`HubError::StaleAlert`], [`HubError::Decision`] or storage.
    pub fn decide(
        &self,
        agency: &PartyId,
        request: &DecisionRequest,
        now: Timestamp,
    ) -> Result<u32, HubError> {
        crate::decide::decide(self, agency, request, now)
    }

    /// What `agency` may know of the hub and of itself.
    #[must_use]
    pub fn status(&self, agency: &PartyId) -> Status {
        let last_round = *locked(&self.last_round);
        let ingest = self.ingest();
        let stored_postings = ingest.tags.len() as u64;
        let number = ingest.agencies.number(agency);
        let own = number
            .and_then(|n| ingest.agencies.get(n))
            .cloned()
            .unwrap_or_default();
        Status {
            postings: own.postings,
            batches: own.batches,
            last_push: own.last_push,
            open_alerts: own.open_alerts.into(),
            refused_postings: own.refused.into(),
            last_round,
            stored_postings,
        }
    }

    /// Every pair with its exact probability in the light of all others: for the operator's quality
    /// checks and the lab, never for an agency. In the order of pseudonyms.
    #[must_use]
    pub fn scored_pairs(&self) -> Vec<ScoredPair> {
        self.matching().scored_pairs()
    }

    /// Postings of everybody, dummies included.
    #[must_use]
    pub fn stored_postings(&self) -> u64 {
        self.ingest().tags.len() as u64
    }

    /// Bytes of the in-memory index.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        let ingest = self.ingest();
        ingest.tags.memory_bytes() + ingest.cards.memory_bytes()
    }

    pub(crate) fn ingest(&self) -> MutexGuard<'_, Ingest> {
        locked(&self.ingest)
    }
    pub(crate) fn matching(&self) -> MutexGuard<'_, Matching> {
        locked(&self.matching)
    }
}

// A panic under a lock would be a bug; going on with a possibly half-made change is refused by the
// committer (`failed`) and repaired by a restart, which rebuilds everything from the log.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
