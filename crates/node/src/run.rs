//! The daemon: opens the node, then starts its ways in and its loops.

mod health;
mod loops;
mod problems;

use std::{future::Future, net::TcpListener, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{sync::Notify, task::JoinSet};

pub(crate) use self::problems::Problems;
use crate::{
    Config, ConsoleConfig, Node, console,
    feeds::{Arrivals, Databases, Folders},
    intake::{self, Api},
    is_in_use,
    jobs::JobDesk,
    notices,
};

/// Between two tries to open a data directory that is in use.
const IN_USE_POLL: Duration = Duration::from_millis(300);

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
    folders: Option<Folders>,
    databases: Option<Databases>,
    feed_poll: Duration,
    api: Option<Api>,
    console: Option<ConsoleConfig>,
    metrics: Option<TcpListener>,
}

impl Ways {
    fn of(config: &Config, node: &Node) -> anyhow::Result<Self> {
        Ok(Self {
            folders: Folders::of(config, node),
            databases: Databases::of(config, node)?,
            feed_poll: Duration::from_millis(config.feed_poll_ms),
            api: Api::of(config)?,
            console: config.console.clone(),
            metrics: config.metrics.as_ref().map(health::listen).transpose()?,
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
    let mut parts = JoinSet::new();
    if let Some(config) = &ways.console {
        let ready = console::Ready::open(config, node.clone(), problems.clone()).await?;
        tracing::info!(listen = %config.listen, url = %config.public_url, "the console is open");
        parts.spawn(ready.serve(std::future::pending()));
    }
    parts.spawn(loops::queries(Arc::clone(&desk)));
    parts.spawn(loops::imports(Arc::clone(&desk), Arc::clone(&imported)));
    let arrivals = Arrivals::default();
    if let Some(found) = ways.databases {
        let first = arrivals.begin();
        let (problems, imported) = (problems.clone(), Arc::clone(&imported));
        parts.spawn(found.run(arrivals.clone(), first, problems, imported));
    }
    if let Some(found) = ways.folders {
        // Taken before anything is tokenised: a file may have been cut off.
        let first = arrivals.begin();
        let (problems, imported) = (problems.clone(), Arc::clone(&imported));
        let poll = ways.feed_poll;
        parts.spawn(found.run(poll, arrivals.clone(), first, problems, imported));
    }
    if let Some(api) = ways.api {
        let (arrivals, imported) = (arrivals.clone(), Arc::clone(&imported));
        parts.spawn(api.run(node.clone(), arrivals, imported, problems.clone()));
        parts.spawn(intake::forget_answers(node.clone()));
    }
    parts.spawn(loops::publish(
        node.clone(),
        desk,
        problems.clone(),
        imported,
        arrivals,
    ));
    parts.spawn(loops::push(
        node.clone(),
        problems.clone(),
        push_interval_ms,
    ));
    parts.spawn(loops::compare(
        node.clone(),
        problems.clone(),
        push_interval_ms,
    ));
    parts.spawn(loops::count(
        node.clone(),
        problems.clone(),
        push_interval_ms,
    ));
    parts.spawn(health::watch(node.clone()));
    if let Some(listener) = ways.metrics {
        parts.spawn(health::tell(listener, node.clone(), problems.clone()));
    }
    parts.spawn(loops::hear(node.clone(), problems.clone()));
    parts.spawn(loops::ledger(node.clone(), problems.clone()));
    parts.spawn(loops::cases(
        node.clone(),
        problems.clone(),
        push_interval_ms,
    ));
    parts.spawn(loops::tidy(node.clone(), problems.clone()));
    parts.spawn(notices::run(
        node.clone(),
        problems.clone(),
        push_interval_ms,
    ));
    parts.spawn(loops::review(node.clone(), problems, push_interval_ms));
    tracing::info!(party = %node.party(), push_interval_ms, "node is running");
    shutdown.await;
    // Every command on the store is atomic, so a loop may be cut between any two.
    parts.shutdown().await;
    tracing::info!(party = %node.party(), "node has stopped");
    Ok(())
}
