//! How the hub is: what it counts, whom it has met, and what of it needs a person.

mod contacts;
mod telling;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use sanctuary_health::{
    AgencyStatus, FigureError, Figures, Histogram, IntCounter, IntCounterVec, IntGauge, Remark,
    RoundStatus, StatusNote,
};
use sanctuary_policy::Rpc;
use sanctuary_rpc::{CallWatch, ErrorCode, now};
use sanctuary_trust::{Party, PartyKind};
use sanctuary_types::{PartyId, Timestamp};

use contacts::Contacts;
pub(crate) use contacts::SilenceRules;
pub(crate) use telling::{Sources, tell_until};

/// Errors that are remembered for the operator.
const ERRORS_KEPT: usize = 20;

/// How the hub is. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HubHealth(Arc<Inner>);

struct Inner {
    figures: Figures,
    counters: Counters,
    contacts: Mutex<Contacts>,
    rules: SilenceRules,
    rounds: Mutex<RoundStatus>,
    errors: Mutex<VecDeque<Remark>>,
    /// A write failed: nothing more is taken in until a restart.
    stopped: AtomicBool,
    since: Timestamp,
}

/// What only the hub itself can count. Gauges are set where the hub is asked, in `telling`.
struct Counters {
    batches: IntCounter,
    postings: IntCounter,
    calls: IntCounter,
    refusals: IntCounterVec,
    rounds: IntCounter,
    failed_rounds: IntCounter,
    raised: IntCounter,
    round_seconds: Histogram,
    commit_seconds: Histogram,
    gauges: Gauges,
}

/// What goes up and down.
pub(super) struct Gauges {
    pub(super) stored_postings: IntGauge,
    pub(super) index_bytes: IntGauge,
    pub(super) memory_bytes: IntGauge,
    pub(super) data_bytes: IntGauge,
    pub(super) free_bytes: IntGauge,
    pub(super) agencies: IntGauge,
    pub(super) silent_agencies: IntGauge,
    pub(super) roster_version: IntGauge,
    pub(super) certificate_expires: IntGauge,
    pub(super) ledger_entries: IntGauge,
    pub(super) ledger_checkpoint: IntGauge,
    pub(super) ledger_witnesses: IntGauge,
    pub(super) last_round: IntGauge,
    pub(super) attention: IntGauge,
}

impl Counters {
    fn new(figures: &Figures) -> Result<Self, FigureError> {
        Ok(Self {
            batches: figures.counter("hub_batches_total", "Batches that were stored durably.")?,
            postings: figures.counter(
                "hub_tokens_total",
                "Postings in stored batches, dummies included.",
            )?,
            calls: figures.counter("calls_total", "Calls of parties that may make them.")?,
            refusals: figures.counter_by_code("refusals_total", "Refused calls, by error code.")?,
            rounds: figures.counter("hub_rounds_total", "Match rounds that ended.")?,
            failed_rounds: figures.counter(
                "hub_failed_rounds_total",
                "Match rounds that failed; the next one repeats them.",
            )?,
            raised: figures.counter(
                "hub_alerts_raised_total",
                "Possible matches told for the first time, counted for each agency that hears.",
            )?,
            round_seconds: figures
                .durations("hub_round_seconds", "How long a match round takes.")?,
            commit_seconds: figures.durations(
                "hub_commit_seconds",
                "How long a durable write of batches takes.",
            )?,
            gauges: Gauges {
                stored_postings: figures.gauge(
                    "hub_stored_tokens",
                    "Stored postings of everybody, dummies included.",
                )?,
                index_bytes: figures.gauge("hub_index_bytes", "Memory of the index.")?,
                memory_bytes: figures.gauge("memory_bytes", "Resident memory of the process.")?,
                data_bytes: figures.gauge("hub_data_bytes", "Bytes in the data directory.")?,
                free_bytes: figures
                    .gauge("disk_free_bytes", "Room on the disk of the data directory.")?,
                agencies: figures.gauge("hub_agencies", "Agencies on the roster.")?,
                silent_agencies: figures
                    .gauge("hub_silent_agencies", "Agencies that have gone silent.")?,
                roster_version: figures
                    .gauge("roster_version", "Version of the roster in force.")?,
                certificate_expires: figures.gauge(
                    "certificate_expires_timestamp_seconds",
                    "End of the own certificate.",
                )?,
                ledger_entries: figures.gauge("hub_ledger_entries", "Entries of the ledger.")?,
                ledger_checkpoint: figures.gauge(
                    "hub_ledger_checkpoint_timestamp_seconds",
                    "When the newest checkpoint of the ledger was signed.",
                )?,
                ledger_witnesses: figures.gauge(
                    "hub_ledger_witnesses",
                    "Witnesses that have cosigned the newest checkpoint.",
                )?,
                last_round: figures.gauge(
                    "hub_last_round_timestamp_seconds",
                    "When the last match round ended.",
                )?,
                attention: figures.gauge(
                    "attention",
                    "Things that need a person; `status` says which.",
                )?,
            },
        })
    }
}

impl HubHealth {
    /// A hub that has just begun. `kept` is what an earlier run wrote of the agencies it met.
    pub(crate) fn new(
        party: &PartyId,
        kept: Vec<AgencyStatus>,
        rules: SilenceRules,
        round_interval_ms: u64,
    ) -> Result<Self, FigureError> {
        let figures = Figures::new(party)?;
        let counters = Counters::new(&figures)?;
        let rounds = RoundStatus {
            interval_ms: round_interval_ms,
            ..RoundStatus::default()
        };
        Ok(Self(Arc::new(Inner {
            figures,
            counters,
            contacts: Mutex::new(Contacts::of(kept)),
            rules,
            rounds: Mutex::new(rounds),
            errors: Mutex::default(),
            stopped: AtomicBool::new(false),
            since: now(),
        })))
    }

    /// An agency's batch is durable.
    pub(crate) fn pushed(&self, agency: &PartyId, postings: u64) {
        self.0.counters.batches.inc();
        self.0.counters.postings.inc_by(postings);
        self.contacts().pushed(agency, now());
    }

    /// An agency has been sent what is new in its stream.
    pub(crate) fn followed(&self, agency: &PartyId) {
        self.contacts().followed(agency, now());
    }

    /// Something was refused within a stream that had begun.
    pub(crate) fn refused_in_stream(&self, agency: &PartyId, code: ErrorCode) {
        self.0
            .counters
            .refusals
            .with_label_values(&[code.label()])
            .inc();
        self.contacts().refused(agency, code.label(), now());
    }

    /// A round has ended.
    pub(crate) fn round_ended(&self, began: Instant, raised: u32) {
        let took = began.elapsed();
        let counters = &self.0.counters;
        counters.rounds.inc();
        counters.raised.inc_by(raised.into());
        counters.round_seconds.observe(took.as_secs_f64());
        let mut rounds = locked(&self.0.rounds);
        rounds.finished += 1;
        rounds.last = Some(now());
        rounds.last_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    }

    /// A round has failed.
    pub(crate) fn round_failed(&self, error: &str) {
        self.0.counters.failed_rounds.inc();
        locked(&self.0.rounds).failed += 1;
        self.failed(error);
    }

    /// A durable write of batches has ended; `error` when the store gives no more.
    pub(crate) fn committed(&self, began: Instant, error: Option<&str>) {
        let seconds = began.elapsed().as_secs_f64();
        self.0.counters.commit_seconds.observe(seconds);
        if let Some(error) = error
            && !self.0.stopped.swap(true, Ordering::Relaxed)
        {
            self.failed(error);
        }
    }

    /// Something of the hub itself failed: a sentence without any identifier.
    pub(crate) fn failed(&self, error: &str) {
        let mut errors = locked(&self.0.errors);
        errors.push_front(Remark {
            at: now(),
            text: error.to_owned(),
        });
        errors.truncate(ERRORS_KEPT);
    }

    /// Each agency on the roster, with its silence.
    pub(crate) fn agencies<'a>(
        &self,
        enrolled: impl Iterator<Item = &'a PartyId>,
    ) -> Vec<AgencyStatus> {
        let mut contacts = self.contacts();
        contacts.enrolled(enrolled, now());
        contacts.told(&self.0.rules, now())
    }

    fn contacts(&self) -> MutexGuard<'_, Contacts> {
        locked(&self.0.contacts)
    }
}

impl CallWatch for HubHealth {
    fn called(&self, party: &Party, call: Rpc, certificate_until: Timestamp) {
        self.0.counters.calls.inc();
        // A person who looks at the status says nothing of whether the agency's node lives.
        if party.kind == PartyKind::Agency && call != Rpc::DirectoryStatus {
            self.contacts().called(&party.id, certificate_until, now());
        }
    }

    fn refused(&self, party: Option<&Party>, code: ErrorCode) {
        self.0
            .counters
            .refusals
            .with_label_values(&[code.label()])
            .inc();
        if let Some(agency) = party.filter(|p| p.kind == PartyKind::Agency) {
            self.contacts().refused(&agency.id, code.label(), now());
        }
    }
}

/// What an earlier run of the hub wrote of the agencies it met; nothing is lost with it but that.
pub(crate) fn kept_agencies(note: &StatusNote) -> Vec<AgencyStatus> {
    match note.read::<sanctuary_health::HubStatus>() {
        Ok(status) => status.unwrap_or_default().agencies,
        Err(error) => {
            tracing::warn!(%error, "cannot read when agencies were last met; beginning anew");
            Vec::new()
        }
    }
}

// A panic under one of these locks leaves a count or a time, nothing that must fit anything else.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
