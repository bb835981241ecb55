//! Match rounds at their interval, whatever comes in.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sanctuary_hub_core::RoundReport;
use sanctuary_rpc::now;
use tokio::{sync::watch, time::MissedTickBehavior};

use crate::{HubLedger, Purge, run::Parts};

/// Runs rounds until `stop` changes or its sender is gone; counts the finished ones in `done`.
pub(crate) async fn run(
    parts: Parts,
    interval_ms: u64,
    purge_within: Duration,
    done: watch::Sender<u64>,
    mut stop: watch::Receiver<bool>,
) {
    let Parts {
        hub,
        ledger,
        roster,
        health,
        purge,
    } = parts;
    let mut ticks = tokio::time::interval(Duration::from_millis(interval_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        hub.set_second_step(roster.current().second_step());
        let hub = Arc::clone(&hub);
        let (ledger, purge) = (ledger.clone(), purge.clone());
        let round = move || {
            let report = hub.run_round(now());
            if let Ok(report) = &report
                && report.erased + report.emptied > 0
                && let Err(error) = ledger.log_expiry(report.erased as u64, report.emptied as u64)
            {
                tracing::error!(%error, "what expired was erased and could not be logged");
            }
            take_out(&purge, purge_within, &ledger);
            report
        };
        let began = Instant::now();
        match tokio::task::spawn_blocking(round).await {
            Ok(Ok(report)) => {
                health.round_ended(began, report.told.raised);
                note(&report);
                done.send_modify(|rounds| *rounds += 1);
            }
            Ok(Err(error)) => {
                health.round_failed(&format!("a match round failed: {error}"));
                tracing::error!(%error, "a match round failed; the next one repeats it")
            }
            Err(error) => {
                health.round_failed("a match round was cut off; see the log");
                tracing::error!(%error, "a match round was cut off; the next one repeats it")
            }
        }
    }
}

/// Takes out of the files what was erased long enough ago. A failure leaves the files as they were, and
/// the next round tries again.
fn take_out(purge: &Purge, within: Duration, ledger: &HubLedger) {
    match purge.run(within) {
        Ok(done) => {
            for purged in done {
                tracing::info!(
                    store = purged.store,
                    rows = purged.rows,
                    "took what was erased out of the files"
                );
                if let Err(error) = ledger.log_purge(&purged) {
                    tracing::error!(%error, "files were purged and it could not be logged");
                }
            }
        }
        Err(error) => tracing::error!(
            %error,
            "what was erased could not be taken out of the files; the next round tries again"
        ),
    }
}

fn note(report: &RoundReport) {
    for (agency, refused) in &report.refused {
        tracing::warn!(
            %agency,
            refused,
            "postings of this agency do not fit what other agencies hold: forged shares or bodies; speak with it"
        );
    }
    if report.idle {
        return;
    }
    tracing::info!(
        tags_opened = report.tags_opened,
        candidates = report.candidates,
        fitted = report.fitted,
        raised = report.told.raised,
        changed = report.told.changed,
        lapsed = report.told.lapsed,
        comparisons_begun = report.comparisons_begun,
        erased = report.erased,
        disputed_tags = report.disputed_tags,
        stopped_tags = report.stopped_tags,
        "match round"
    );
}
