//! The daemon's loops: jobs of local commands, tokenising, pushing and comparing in slots, hearing
//! alerts. Each goes on by itself: a dead hub or key holder stops one loop for a while and nothing
//! else.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sanctuary_node_core::NodeError;
use sanctuary_rpc::{Backoff, now};
use tokio::{sync::Notify, time::MissedTickBehavior};

use super::Problems;
use crate::{
    LedgerPart, Node,
    feeds::Arrivals,
    jobs::{Job, JobDesk},
};

/// Between two looks for jobs of local commands.
const JOBS_POLL: Duration = Duration::from_millis(200);
/// Between two looks for records that wait, beside those that an import announces.
const PENDING_POLL: Duration = Duration::from_secs(1);
/// A stream of alerts that held so long was a good one.
const HEARD_WELL: Duration = Duration::from_secs(5);
/// Between two looks for what other agencies have sent.
const CASES_POLL: Duration = Duration::from_secs(10);
/// Between two looks for what has to go.
const TIDY_POLL: Duration = Duration::from_secs(60);
/// After a refusal that only time or an officer can lift.
const REFUSED_WAIT: Duration = Duration::from_secs(60);

pub(super) async fn queries(desk: Arc<JobDesk>) {
    loop {
        let done = work(&desk, |job| !matches!(job, Job::Import { .. })).await;
        if done == 0 {
            tokio::time::sleep(JOBS_POLL).await;
        }
    }
}

pub(super) async fn imports(desk: Arc<JobDesk>, imported: Arc<Notify>) {
    loop {
        let done = work(&desk, |job| matches!(job, Job::Import { .. })).await;
        if done == 0 {
            tokio::time::sleep(JOBS_POLL).await;
        } else {
            imported.notify_one();
        }
    }
}

async fn work(desk: &Arc<JobDesk>, wanted: fn(&Job) -> bool) -> usize {
    let desk = Arc::clone(desk);
    match tokio::task::spawn_blocking(move || desk.work(wanted)).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => {
            tracing::error!(%error, "the folder of jobs cannot be used");
            0
        }
        Err(_) => 0,
    }
}

/// Tokenises what waits, but not while an import is under way or, after a restart, still to be
/// done: which compounds are rare enough to be made depends on all of the agency's records.
pub(super) async fn publish(
    node: Node,
    desk: Arc<JobDesk>,
    problems: Problems,
    imported: Arc<Notify>,
    arrivals: Arrivals,
) {
    const PART: &str = "tokenising";
    let mut backoff = Backoff::new(1_000, 60_000);
    loop {
        if desk.has_imports() || arrivals.is_busy() {
            tokio::time::sleep(JOBS_POLL).await;
            continue;
        }
        match node.publish_next().await {
            Ok(Some(report)) => {
                problems.clear(PART);
                backoff.reset();
                tracing::info!(
                    records = report.records,
                    tokens = report.tokens,
                    withdrawn = report.withdrawn,
                    too_common = report.too_common,
                    "packed a batch"
                );
            }
            Ok(None) => {
                problems.clear(PART);
                let _ = tokio::time::timeout(PENDING_POLL, imported.notified()).await;
            }
            Err(error) => {
                problems.set(PART, &error);
                tokio::time::sleep(wait_after(&error, &mut backoff)).await;
            }
        }
    }
}

/// Pushes whatever waits, in slots: not when a record comes in, because a push of one record would
/// show which postings belong together.
pub(super) async fn push(node: Node, problems: Problems, push_interval_ms: u64) {
    const PART: &str = "pushing";
    let mut backoff = Backoff::new(1_000, 60_000);
    let mut slots = tokio::time::interval(Duration::from_millis(push_interval_ms));
    slots.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        slots.tick().await;
        match node.push().await {
            Ok(report) => {
                problems.clear(PART);
                backoff.reset();
                if report.batches > 0 {
                    tracing::info!(batches = report.batches, "the hub holds what was pushed");
                }
            }
            Err(error) => {
                problems.set(PART, &error);
                tokio::time::sleep(wait_after(&error, &mut backoff)).await;
            }
        }
    }
}

/// Answers the comparisons that wait at the hub, in slots: the time of an answer says nothing of how
/// long it took.
pub(super) async fn compare(node: Node, problems: Problems, push_interval_ms: u64) {
    const PART: &str = "comparing";
    let mut backoff = Backoff::new(1_000, 60_000);
    let mut slots = tokio::time::interval(Duration::from_millis(push_interval_ms));
    slots.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        slots.tick().await;
        match node.compare().await {
            Ok(report) => {
                problems.clear(PART);
                backoff.reset();
                if report.steps() > 0 {
                    tracing::info!(
                        opened = report.opened,
                        answered = report.answered,
                        finished = report.finished,
                        refused = report.refused,
                        "took part in comparisons"
                    );
                }
            }
            Err(error) => {
                problems.set(PART, &error);
                tokio::time::sleep(wait_after(&error, &mut backoff)).await;
            }
        }
    }
}

/// Hands in counts for the board pack when the officers ask for them.
pub(super) async fn count(node: Node, problems: Problems, push_interval_ms: u64) {
    const PART: &str = "counting";
    let mut backoff = Backoff::new(1_000, 60_000);
    let mut slots = tokio::time::interval(Duration::from_millis(push_interval_ms));
    slots.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        slots.tick().await;
        let counted = match node.hand_in_counts().await {
            Ok(handed_in) => node
                .fetch_editions()
                .await
                .map(|fetched| (handed_in, fetched)),
            Err(error) => Err(error),
        };
        match counted {
            Ok((handed_in, fetched)) => {
                problems.clear(PART);
                backoff.reset();
                if fetched > 0 {
                    tracing::info!(fetched, "fetched released editions of the board pack");
                }
                if handed_in {
                    tracing::info!("handed in counts for the board pack");
                }
            }
            Err(error) => {
                problems.set(PART, &error);
                tokio::time::sleep(wait_after(&error, &mut backoff)).await;
            }
        }
    }
}

/// Carries disclosures: at once when something was done here, else every few seconds.
pub(super) async fn cases(node: Node, problems: Problems, push_interval_ms: u64) {
    const PART: &str = "disclosures";
    let pause = Duration::from_millis(push_interval_ms).min(CASES_POLL);
    let mut backoff = Backoff::new(500, 60_000);
    loop {
        match node.courier().await {
            Ok(report) => {
                problems.clear(PART);
                backoff.reset();
                if !report.is_idle() {
                    tracing::info!(
                        sent = report.sent,
                        taken = report.taken,
                        alarms = report.alarms,
                        happened = report.happened,
                        held_back = report.held_back,
                        "carried disclosures"
                    );
                }
                let _ = tokio::time::timeout(pause, node.cases_touched()).await;
            }
            Err(error) => {
                problems.set(PART, &error);
                tokio::time::sleep(wait_after(&error, &mut backoff)).await;
            }
        }
    }
}

/// Takes out what has had its time: once a day what lapsed possible matches said, and out of the files
/// whatever was erased long enough ago.
pub(super) async fn tidy(node: Node, problems: Problems) {
    const PART: &str = "erasing";
    let mut emptied_on = None;
    loop {
        let (at_work, today) = (node.clone(), now().day());
        let tidied = tokio::task::spawn_blocking(move || {
            if emptied_on != Some(today) {
                at_work.empty_lapsed_today()?;
            }
            at_work.purge()
        });
        match tidied.await {
            Ok(Ok(_)) => {
                problems.clear(PART);
                emptied_on = Some(today);
            }
            Ok(Err(error)) => problems.set(PART, &error),
            Err(_) => {}
        }
        tokio::time::sleep(TIDY_POLL).await;
    }
}

/// Sends decisions on possible matches once they can no longer be undone.
pub(super) async fn review(node: Node, problems: Problems, push_interval_ms: u64) {
    const PART: &str = "review";
    let pause = Duration::from_millis(push_interval_ms).min(CASES_POLL);
    let mut backoff = Backoff::new(500, 60_000);
    loop {
        // The agreement may be a new one.
        node.adopt_review_rules();
        match node.tell_decisions().await {
            Ok(report) => {
                problems.clear(PART);
                backoff.reset();
                if report.told > 0 {
                    tracing::info!(told = report.told, later = report.later, "told decisions");
                }
                let _ = tokio::time::timeout(pause, node.review_waits()).await;
            }
            Err(error) => {
                problems.set(PART, &error);
                tokio::time::sleep(wait_after(&error, &mut backoff)).await;
            }
        }
    }
}

pub(super) async fn hear(node: Node, problems: Problems) {
    const PART: &str = "alerts";
    let mut backoff = Backoff::new(500, 60_000);
    loop {
        let started = Instant::now();
        let heard = node.follow_alerts(|| problems.clear(PART)).await;
        if started.elapsed() > HEARD_WELL {
            // Every stream breaks some day; only those that break at once call for patience.
            backoff.reset();
        }
        let wait = match &heard {
            Ok(_) => {
                problems.clear(PART);
                backoff.reset();
                backoff.next_delay(&mut rand::rng())
            }
            Err(error) => {
                problems.set(PART, error);
                wait_after(error, &mut backoff)
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Keeps the partnership's log: sends what waits, cosigns, checks. A checkpoint that is not witnessed
/// yet or a hub that restarts is no news; what lasts is.
pub(super) async fn ledger(node: Node, problems: Problems) {
    const PATIENCE: u32 = 3;
    let failures = Mutex::new(BTreeMap::<&'static str, u32>::new());
    let outcome = |part: LedgerPart, outcome: Result<(), &NodeError>| {
        let word = part.word();
        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(()) => {
                failures.remove(word);
                problems.clear(word);
            }
            Err(error) => {
                let count = failures.entry(word).or_default();
                *count = count.saturating_add(1);
                if *count >= PATIENCE {
                    problems.set(word, error);
                }
            }
        }
    };
    node.ledger().clone().run(outcome).await;
}

/// A used-up quota waits for the next UTC day, but looks again now and then: an officer may have
/// granted more. Asking costs nothing while it is used up.
fn wait_after(error: &NodeError, backoff: &mut Backoff) -> Duration {
    let delay = backoff.next_delay(&mut rand::rng());
    match error {
        NodeError::QuotaExceeded { .. } => {
            let day_ms = 86_400_000;
            let left_ms = day_ms - now().0 % day_ms;
            Duration::from_millis(left_ms.min(600_000)) + delay
        }
        NodeError::Refused { .. } | NodeError::Keys(_) => delay.max(REFUSED_WAIT / 4),
        _ => delay,
    }
}
