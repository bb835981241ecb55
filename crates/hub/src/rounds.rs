//! Match rounds at their interval, whatever comes in.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sanctuary_hub_core::RoundReport;
use sanctuary_rpc::{RosterWatch, now};
use tokio::{sync::watch, time::MissedTickBehavior};

use crate::{HubLedger, SledHub, health::HubHealth};

/// Runs rounds until `stop` changes or its sender is gone; counts the finished ones in `done`.
pub(crate) async fn run(
    hub: Arc<SledHub>,
    ledger: HubLedger,
    roster: RosterWatch,
    health: HubHealth,
    interval_ms: u64,
    done: watch::Sender<u64>,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(Duration::from_millis(interval_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        hub.set_second_step(roster.current().second_step());
        let hub = Arc::clone(&hub);
        let ledger = ledger.clone();
        let round = move || {
            let report = hub.run_round(now());
            if let Ok(report) = &report
                && report.erased > 0
                && let Err(error) = ledger.log_expiry(report.erased as u64)
            {
                tracing::error!(%error, "what expired was erased and could not be logged");
            }
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
