//! The daemon's loops: jobs of local commands, tokenising, pushing and comparing in slots, hearing
//! alerts. Each
//! goes on by itself: a dead hub or key holder stops one loop for a while and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use sanctuary_node_core::NodeError;
use sanctuary_rpc::{Backoff, now};
use tokio::{sync::Notify, task::JoinSet, time::MissedTickBehavior};

use crate::{
    Config, ConsoleConfig, LedgerPart, Node, console,
    feeds::{Arrivals, Feeds},
    intake::{self, Api},
    is_in_use,
    jobs::{Job, JobDesk},
};

/// Between two looks for jobs of local commands.
const JOBS_POLL: Duration = Duration::from_millis(200);
/// Between two looks for records that wait, beside those that an import announces.
const PENDING_POLL: Duration = Duration::from_secs(1);
/// Between two tries to open a data directory that is in use.
const IN_USE_POLL: Duration = Duration::from_millis(300);
/// A stream of alerts that held so long was a good one.
const HEARD_WELL: Duration = Duration::from_secs(5);
/// Between two looks for what other agencies have sent.
const CASES_POLL: Duration = Duration::from_secs(10);
/// After a refusal that only time or an officer can lift.
const REFUSED_WAIT: Duration = Duration::from_secs(60);

/// What each loop last failed at.
#[derive(Clone, Default)]
pub(crate) struct Problems(Arc<Mutex<BTreeMap<&'static str, String>>>);

impl Problems {
    pub(crate) fn set(&self, of: &'static str, problem: &NodeError) {
        let text = problem.to_string();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(of) != Some(&text) {
            tracing::warn!(part = of, problem = %text, "cannot go on for now");
            all.insert(of, text);
        }
    }

    pub(crate) fn clear(&self, of: &'static str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.remove(of).is_some() {
            tracing::info!(part = of, "goes on again");
        }
    }

    /// Whether a loop cannot go on.
    pub(crate) fn has(&self, of: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.contains_key(of)
    }

    pub(crate) fn text(&self) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Two loops that fail at the same thing say it once.
        let texts: BTreeSet<&str> = all.values().map(String::as_str).collect();
        texts.into_iter().collect::<Vec<_>>().join("; ")
    }
}

/// Runs the node of a configuration until `shutdown`.
///
/// # Errors
/// One sentence that says what to do: files that cannot be used, a damaged data directory. One in
/// use is waited for. Whatever fails later is logged, shown by `status`, and tried again.
pub async fn run(config: Config, shutdown: impl Future<Output = ()> + Send) -> anyhow::Result<()> {
    let mut shutdown = std::pin::pin!(shutdown);
    let node = tokio::select! {
        node = open_when_free(&config) => node?,
        () = &mut shutdown => return Ok(()),
    };
    let ways = Ways::of(&config, &node)?;
    run_parts(
        node,
        &config.data_dir,
        config.push_interval_ms,
        ways,
        shutdown,
    )
    .await
}

/// The ways by which an agency's systems and people reach the node.
#[derive(Default)]
struct Ways {
    feeds: Option<Feeds>,
    feed_poll: Duration,
    api: Option<Api>,
    console: Option<ConsoleConfig>,
}

impl Ways {
    fn of(config: &Config, node: &Node) -> anyhow::Result<Self> {
        Ok(Self {
            feeds: Feeds::of(config, node),
            feed_poll: Duration::from_millis(config.feed_poll_ms),
            api: Api::of(config)?,
            console: config.console.clone(),
        })
    }
}

/// A local import may have the data directory for a while: it took over from a daemon that went
/// away. The daemon waits for it rather than fail.
async fn open_when_free(config: &Config) -> anyhow::Result<Node> {
    let mut told = false;
    loop {
        match Node::open(config).await {
            Err(error) if is_in_use(&error) => {
                if !told {
                    tracing::warn!(%error, "waiting until the data directory is free");
                }
                told = true;
                tokio::time::sleep(IN_USE_POLL).await;
            }
            opened => return opened,
        }
    }
}

/// As [`run`], with a node that is open already; without the feeds of a configuration.
///
/// # Errors
/// When the folder of jobs cannot be made.
pub async fn run_node(
    node: Node,
    data_dir: &Path,
    push_interval_ms: u64,
    shutdown: impl Future<Output = ()> + Send,
) -> anyhow::Result<()> {
    let none = Ways::default();
    run_parts(node, data_dir, push_interval_ms, none, shutdown).await
}

async fn run_parts(
    node: Node,
    data_dir: &Path,
    push_interval_ms: u64,
    ways: Ways,
    shutdown: impl Future<Output = ()> + Send,
) -> anyhow::Result<()> {
    let problems = Problems::default();
    let imported = Arc::new(Notify::new());
    let desk = JobDesk::open(node.clone(), data_dir, problems.clone())
        .context("cannot make the folder of jobs in the data folder")?;
    let desk = Arc::new(desk);
    let mut loops = JoinSet::new();
    if let Some(config) = &ways.console {
        let ready = console::Ready::open(config, node.clone(), problems.clone()).await?;
        tracing::info!(listen = %config.listen, url = %config.public_url, "the console is open");
        loops.spawn(ready.serve(std::future::pending()));
    }
    loops.spawn(queries(Arc::clone(&desk)));
    loops.spawn(imports(Arc::clone(&desk), Arc::clone(&imported)));
    let arrivals = Arrivals::default();
    if let Some(found) = ways.feeds {
        // Taken before anything is tokenised: a file may have been cut off.
        let first = arrivals.begin();
        let (problems, imported) = (problems.clone(), Arc::clone(&imported));
        let poll = ways.feed_poll;
        loops.spawn(found.run(poll, arrivals.clone(), first, problems, imported));
    }
    if let Some(api) = ways.api {
        let (arrivals, imported) = (arrivals.clone(), Arc::clone(&imported));
        loops.spawn(api.run(node.clone(), arrivals, imported, problems.clone()));
        loops.spawn(intake::forget_answers(node.clone()));
    }
    loops.spawn(publish(
        node.clone(),
        desk,
        problems.clone(),
        imported,
        arrivals,
    ));
    loops.spawn(push(node.clone(), problems.clone(), push_interval_ms));
    loops.spawn(compare(node.clone(), problems.clone(), push_interval_ms));
    loops.spawn(count(node.clone(), problems.clone(), push_interval_ms));
    loops.spawn(hear(node.clone(), problems.clone()));
    loops.spawn(ledger(node.clone(), problems.clone()));
    loops.spawn(cases(node.clone(), problems.clone(), push_interval_ms));
    loops.spawn(review(node.clone(), problems, push_interval_ms));
    tracing::info!(party = %node.party(), push_interval_ms, "node is running");
    shutdown.await;
    // Every command on the store is atomic, so a loop may be cut between any two.
    loops.shutdown().await;
    tracing::info!(party = %node.party(), "node has stopped");
    Ok(())
}

async fn queries(desk: Arc<JobDesk>) {
    loop {
        let done = work(&desk, |job| !matches!(job, Job::Import { .. })).await;
        if done == 0 {
            tokio::time::sleep(JOBS_POLL).await;
        }
    }
}

async fn imports(desk: Arc<JobDesk>, imported: Arc<Notify>) {
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
async fn publish(
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
async fn push(node: Node, problems: Problems, push_interval_ms: u64) {
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
async fn compare(node: Node, problems: Problems, push_interval_ms: u64) {
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
async fn count(node: Node, problems: Problems, push_interval_ms: u64) {
    const PART: &str = "counting";
    let mut backoff = Backoff::new(1_000, 60_000);
    let mut slots = tokio::time::interval(Duration::from_millis(push_interval_ms));
    slots.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        slots.tick().await;
        match node.hand_in_counts().await {
            Ok(handed_in) => {
                problems.clear(PART);
                backoff.reset();
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
async fn cases(node: Node, problems: Problems, push_interval_ms: u64) {
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

/// Sends decisions on possible matches once they can no longer be undone.
async fn review(node: Node, problems: Problems, push_interval_ms: u64) {
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

async fn hear(node: Node, problems: Problems) {
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
async fn ledger(node: Node, problems: Problems) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_two_loops_is_told_once_and_goes_with_the_last() {
        let problems = Problems::default();
        let unreachable = NodeError::HubUnavailable {
            hub: "hub".parse().unwrap(),
            reason: "nothing listens there".to_owned(),
        };
        problems.set("pushing", &unreachable);
        problems.set("alerts", &unreachable);
        assert_eq!(problems.text(), unreachable.to_string());
        assert_eq!(problems.text().matches("hub").count(), 1);
        problems.clear("alerts");
        assert!(!problems.text().is_empty());
        problems.clear("pushing");
        assert_eq!(problems.text(), "");
    }
}
