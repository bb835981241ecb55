//! How this key holder is: what it counts, and what of it needs a person. Never how much it did for whom:
//! that is in its journal and, once a day, in the ledger.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sanctuary_health::{
    FigureError, Figures, Histogram, HolderStatus, IntCounter, IntCounterVec, IntGauge, StatusNote,
    Watched,
};
use sanctuary_policy::Rpc;
use sanctuary_rpc::{CallWatch, ErrorCode, Identity, RosterWatch, now};
use sanctuary_trust::Party;
use sanctuary_types::{PartyId, Timestamp};
use tokio::sync::watch;

use crate::keys::KeyWatch;

/// For so long the hub may not take what was done before somebody is told.
const LOG_PATIENCE_MS: u64 = 15 * 60_000;
/// Between two notes.
const EVERY: Duration = Duration::from_secs(5);

/// How this key holder is. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HolderHealth(Arc<Inner>);

struct Inner {
    figures: Figures,
    counters: Counters,
    told: Mutex<Told>,
    since: Timestamp,
}

/// What cannot be read off a counter.
#[derive(Default)]
struct Told {
    refusals: BTreeMap<String, u64>,
    logged: Option<Timestamp>,
    log_fails_since: Option<Timestamp>,
    log_problem: String,
}

struct Counters {
    evaluations: IntCounter,
    elements: IntCounter,
    calls: IntCounter,
    refusals: IntCounterVec,
    evaluation_seconds: Histogram,
    keys: IntGauge,
    manifest_expires: IntGauge,
    certificate_expires: IntGauge,
    roster_version: IntGauge,
    last_logged: IntGauge,
    attention: IntGauge,
}

impl HolderHealth {
    pub(crate) fn new(party: &PartyId) -> Result<Self, FigureError> {
        let figures = Figures::new(party)?;
        let counters = Counters {
            evaluations: figures.counter(
                "keyholder_evaluations_total",
                "Batches that were evaluated.",
            )?,
            elements: figures.counter(
                "keyholder_elements_total",
                "Blinded elements that were evaluated, padding included.",
            )?,
            calls: figures.counter("calls_total", "Calls of parties that may make them.")?,
            refusals: figures.counter_by_code("refusals_total", "Refused calls, by error code.")?,
            evaluation_seconds: figures.durations(
                "keyholder_evaluation_seconds",
                "How long an evaluation takes, its durable charge included.",
            )?,
            keys: figures.gauge("keyholder_keys", "Keys under which it answers.")?,
            manifest_expires: figures.gauge(
                "manifest_expires_timestamp_seconds",
                "End of the manifest that ends first.",
            )?,
            certificate_expires: figures.gauge(
                "certificate_expires_timestamp_seconds",
                "End of the own certificate.",
            )?,
            roster_version: figures.gauge("roster_version", "Version of the roster in force.")?,
            last_logged: figures.gauge(
                "keyholder_logged_timestamp_seconds",
                "When its acts were last all in the ledger.",
            )?,
            attention: figures.gauge(
                "attention",
                "Things that need a person; `status` says which.",
            )?,
        };
        Ok(Self(Arc::new(Inner {
            figures,
            counters,
            told: Mutex::default(),
            since: now(),
        })))
    }

    /// A batch of `elements` was evaluated.
    pub(crate) fn evaluated(&self, began: Instant, elements: usize) {
        let counters = &self.0.counters;
        counters.evaluations.inc();
        counters.elements.inc_by(elements as u64);
        counters
            .evaluation_seconds
            .observe(began.elapsed().as_secs_f64());
    }

    /// Everything to log is in the ledger, or why not.
    pub(crate) fn logged(&self, outcome: Result<(), &str>) {
        let mut told = self.told();
        match outcome {
            Ok(()) => {
                told.logged = Some(now());
                told.log_fails_since = None;
                told.log_problem.clear();
            }
            Err(reason) => {
                // A hub that is being restarted is no news.
                let since = *told.log_fails_since.get_or_insert_with(now);
                if now().0.saturating_sub(since.0) < LOG_PATIENCE_MS {
                    return;
                }
                told.log_problem =
                    format!("what this key holder did is not in the ledger yet: {reason}");
            }
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CallWatch for HolderHealth {
    fn called(&self, _: &Party, _: Rpc, _: Timestamp) {
        self.0.counters.calls.inc();
    }

    fn refused(&self, _: Option<&Party>, code: ErrorCode) {
        self.0
            .counters
            .refusals
            .with_label_values(&[code.label()])
            .inc();
        *self
            .told()
            .refusals
            .entry(code.label().to_owned())
            .or_default() += 1;
    }
}

/// Everything that is asked for this key holder's status.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) health: HolderHealth,
    pub(crate) party: PartyId,
    pub(crate) roster: RosterWatch,
    pub(crate) identity: Identity,
    pub(crate) keys: Arc<KeyWatch>,
}

impl Sources {
    /// The key holder as it is now.
    pub(crate) fn status(&self) -> HolderStatus {
        let inner = &self.health.0;
        let ring = self.keys.ring();
        let held = ring.keys().map(|key| {
            let manifest = key.manifest();
            let name = format!("{}, epoch {}", manifest.class.label(), manifest.epoch);
            (name, manifest.not_after)
        });
        let keys = held.filter(|(_, until)| *until > now()).collect();
        let told = self.health.told();
        let mut status = HolderStatus {
            party: self.party.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            at: now(),
            since: inner.since,
            roster_version: self.roster.current().version(),
            certificate_until: self.identity.validity().not_after,
            keys,
            evaluations: inner.counters.evaluations.get(),
            elements: inner.counters.elements.get(),
            refusals: told.refusals.clone(),
            logged: told.logged,
            last_problem: told.log_problem.clone(),
            attention: Vec::new(),
        };
        status.attend();
        status
    }
}

impl Watched for Sources {
    fn figures(&self) -> &Figures {
        let status = self.status();
        let to = &self.health.0.counters;
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let seconds = |at: Timestamp| count(at.0 / 1_000);
        to.keys.set(count(status.keys.len() as u64));
        to.manifest_expires
            .set(status.keys.values().min().map_or(0, |at| seconds(*at)));
        to.certificate_expires
            .set(seconds(status.certificate_until));
        to.roster_version.set(count(status.roster_version.into()));
        to.last_logged.set(status.logged.map_or(0, seconds));
        to.attention.set(count(status.attention.len() as u64));
        &self.health.0.figures
    }

    fn readiness(&self) -> Result<(), String> {
        self.identity
            .check_in_force(now())
            .map_err(|e| e.to_string())?;
        if self.status().keys.is_empty() {
            return Err("it answers under no key; put the newest manifests in place".to_owned());
        }
        Ok(())
    }
}

/// Writes the note every few seconds until `stopped`.
pub(crate) async fn tell_until(
    sources: Sources,
    note: StatusNote,
    mut stopped: watch::Receiver<bool>,
) {
    let note = Arc::new(note);
    loop {
        let (asked, to) = (sources.clone(), Arc::clone(&note));
        let written = tokio::task::spawn_blocking(move || to.write(&asked.status()));
        if let Ok(Err(error)) = written.await {
            tracing::warn!(%error, "the status cannot be written to the data directory");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}
