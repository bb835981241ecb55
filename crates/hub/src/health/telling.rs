//! What the hub tells of itself: its note every few seconds, its figures when they are asked for.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use sanctuary_health::{
    Figures, HubStatus, LogStatus, StatusNote, Watched, data_bytes, free_bytes, memory_bytes,
};
use sanctuary_rpc::{Identity, RosterWatch, now};
use sanctuary_trust::files::load_manifest;
use sanctuary_types::{Epoch, RulesVersion, Timestamp};
use tokio::sync::watch;

use super::{HubHealth, locked};
use crate::{HubLedger, SledHub};

/// Between two notes.
const EVERY: Duration = Duration::from_secs(5);
/// Between two walks through the data directory.
const WALK_EVERY: Duration = Duration::from_secs(60);
/// A checkpoint is signed at least every ten minutes.
const CHECKPOINT_AGE_MAX_MS: u64 = 30 * 60_000;

/// Everything that is asked for the hub's status.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) health: HubHealth,
    pub(crate) hub: Arc<SledHub>,
    pub(crate) ledger: HubLedger,
    pub(crate) roster: RosterWatch,
    pub(crate) identity: Identity,
    pub(crate) data_dir: PathBuf,
    pub(crate) manifests: Vec<PathBuf>,
    pub(crate) epoch: Epoch,
    pub(crate) rules: RulesVersion,
    /// Bytes of the data directory and when they were counted.
    pub(crate) walked: Arc<Mutex<Option<(Instant, u64)>>>,
}

impl Sources {
    /// The hub as it is now. Blocks.
    pub(crate) fn status(&self) -> HubStatus {
        let inner = &self.health.0;
        let roster = self.roster.current();
        let mut status = HubStatus {
            party: roster.hub().map(|h| h.id.to_string()).unwrap_or_default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            at: now(),
            since: inner.since,
            epoch: self.epoch.0,
            rules_version: self.rules.0,
            roster_version: roster.version(),
            roster_issued: roster.issued(),
            certificate_until: self.identity.validity().not_after,
            rounds: locked(&inner.rounds).clone(),
            stored_postings: self.hub.stored_postings(),
            index_bytes: self.hub.index_bytes() as u64,
            memory_bytes: memory_bytes(),
            data_bytes: self.data_bytes(),
            free_bytes: free_bytes(&self.data_dir),
            log: self.log(),
            agreement_version: self.hub.agreement_version(now()),
            editions: self.editions(),
            manifests: self.manifests(),
            key_holders: roster.key_holders().map(|h| h.id.clone()).collect(),
            agencies: self.health.agencies(roster.agencies().map(|a| &a.id)),
            errors: locked(&inner.errors).iter().cloned().collect(),
            attention: Vec::new(),
        };
        status.attend();
        if inner.stopped.load(Ordering::Relaxed) {
            let text = "a write failed and nothing more is taken in; see the last errors, put the disk right and restart the hub";
            status.attention.insert(0, text.to_owned());
        }
        status
    }

    fn log(&self) -> LogStatus {
        let standing = self.ledger.standing();
        let age_ms = standing.checkpoint.map(|at| now().0.saturating_sub(at.0));
        let alarm = match age_ms {
            Some(age) if age > CHECKPOINT_AGE_MAX_MS => format!(
                "no checkpoint of the ledger was signed for {} minutes; see the hub's log and restart it",
                age / 60_000
            ),
            _ => String::new(),
        };
        LogStatus { alarm, ..standing }
    }

    /// How long the manifests hold that the hub was given; one that does not verify is none.
    fn manifests(&self) -> BTreeMap<String, Timestamp> {
        let roster = self.roster.current();
        let signed = self
            .manifests
            .iter()
            .filter_map(|path| load_manifest(path).ok());
        let read = signed.filter_map(|signed| {
            let manifest = signed.verify(self.roster.anchors(), &roster, now()).ok()?;
            let key = format!("{}, epoch {}", manifest.class.label(), manifest.epoch);
            Some((key, manifest.not_after))
        });
        read.collect()
    }

    /// The published editions, state only.
    fn editions(&self) -> Vec<String> {
        match self.hub.editions() {
            Ok(0) => Vec::new(),
            Ok(newest) => (1..=newest).map(|n| format!("Edition {n}")).collect(),
            Err(error) => vec![format!("The editions cannot be read: {error}")],
        }
    }

    /// Counted now and then: the folder has many files.
    fn data_bytes(&self) -> u64 {
        let mut walked = locked(&self.walked);
        match *walked {
            Some((at, bytes)) if at.elapsed() < WALK_EVERY => bytes,
            _ => {
                let bytes = data_bytes(&self.data_dir);
                *walked = Some((Instant::now(), bytes));
                bytes
            }
        }
    }
}

impl Watched for Sources {
    fn figures(&self) -> &Figures {
        let status = self.status();
        let to = &self.health.0.counters.gauges;
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let seconds = |at: Timestamp| count(at.0 / 1_000);
        to.stored_postings.set(count(status.stored_postings));
        to.index_bytes.set(count(status.index_bytes));
        to.memory_bytes
            .set(count(status.memory_bytes.unwrap_or_default()));
        to.data_bytes.set(count(status.data_bytes));
        to.free_bytes
            .set(count(status.free_bytes.unwrap_or_default()));
        to.agencies.set(count(status.agencies.len() as u64));
        to.silent_agencies.set(count(status.silent() as u64));
        to.roster_version.set(count(status.roster_version.into()));
        to.certificate_expires
            .set(seconds(status.certificate_until));
        to.ledger_entries.set(count(status.log.entries));
        to.ledger_checkpoint
            .set(status.log.checkpoint.map_or(0, seconds));
        to.ledger_witnesses
            .set(count(status.log.witnesses.len() as u64));
        to.last_round.set(status.rounds.last.map_or(0, seconds));
        to.attention.set(count(status.attention.len() as u64));
        &self.health.0.figures
    }

    fn readiness(&self) -> Result<(), String> {
        if self.health.0.stopped.load(Ordering::Relaxed) {
            return Err("a write failed and nothing more is taken in; restart the hub".to_owned());
        }
        self.identity
            .check_in_force(now())
            .map_err(|e| e.to_string())
    }
}

/// Writes the note until `stopped`, and once more then; says who has gone silent as it happens.
pub(crate) async fn tell_until(
    sources: Sources,
    note: Option<StatusNote>,
    mut stopped: watch::Receiver<bool>,
) {
    let note = note.map(Arc::new);
    let mut silent: Vec<String> = Vec::new();
    loop {
        let (asked, written) = (sources.clone(), note.clone());
        let told = tokio::task::spawn_blocking(move || {
            let status = asked.status();
            if let Some(Err(error)) = written.map(|note| note.write(&status)) {
                tracing::warn!(%error, "the hub's status cannot be written to the data directory");
            }
            status
        });
        if let Ok(status) = told.await {
            let now_silent = status.agencies.iter().filter(|a| a.silence.is_some());
            let now_silent: Vec<String> = now_silent.map(|a| a.agency.clone()).collect();
            for agency in now_silent.iter().filter(|a| !silent.contains(a)) {
                tracing::warn!(%agency, "an agency has gone silent; see `sanctuary-hub status`");
            }
            for agency in silent.iter().filter(|a| !now_silent.contains(a)) {
                tracing::info!(%agency, "an agency is heard again");
            }
            silent = now_silent;
        }
        if *stopped.borrow() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            // Stopped, or whoever would say so is gone: one more note.
            changed = stopped.wait_for(|stop| *stop) => if changed.is_err() { return },
        }
    }
}
