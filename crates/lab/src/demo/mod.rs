//! `cargo demo`: four agencies discover that they know the same people, while the hub never sees a
//! name. Everything is real but the people.

mod agency;
mod asked;
mod audit;
mod board;
mod consoles;
mod disclosure;
mod operator;
mod outcome;
mod people;
mod privacy;
mod quality;
mod show;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sanctuary_rpc::{connect, endpoint_of};
use sanctuary_types::PartyId;
use sanctuary_wire::directory::{StatusRequest, StatusResponse, directory_client::DirectoryClient};
use tokio::task::JoinSet;

use crate::partnership::{Founding, HOLDERS, LivePartnership, THRESHOLD, empty_folder, hub_config};
use crate::synth::{self, Profile};

use agency::Agency;
pub use audit::AuditOutcome;
pub use board::Board;
pub use consoles::DemoConsole;
pub use disclosure::{DisclosureOutcome, Story};
pub use operator::DemoOperator;
pub use outcome::{AgencyOutcome, AlertCounts, KeyHolderCounts, Outcome};
pub use people::{PASSWORD, PEOPLE};
pub use privacy::{Capture, identifiers};
pub use show::{print, print_next};

/// What to show.
pub struct Options {
    /// An empty folder for everything the daemons write.
    pub dir: PathBuf,
    /// People to make up.
    pub people: usize,
    /// Same seed, same people.
    pub seed: u64,
}

/// Between two match rounds of the demo's hub.
const ROUND_INTERVAL_MS: u64 = 1_000;
/// Rounds without news after which the picture counts as settled.
const QUIET_ROUNDS: u32 = 3;
const QUOTA_PER_DAY: u64 = 5_000_000;

/// A partnership after its first day, still at work.
pub struct Demo {
    /// What happened.
    pub outcome: Outcome,
    /// The board pack, or why there is none.
    pub board: Board,
    /// What the agencies' people asked each other.
    pub story: Story,
    /// Every byte the servers received.
    pub capture: Capture,
    /// Hub and key holders.
    pub live: LivePartnership,
    agencies: Vec<Agency>,
    /// Nodes that go on by themselves, and their consoles.
    working: JoinSet<anyhow::Result<()>>,
    /// Where the consoles are, once they are open.
    pub consoles: Vec<DemoConsole>,
    /// Where the hub's operators sign in.
    pub operator: Option<DemoOperator>,
}

/// Makes up people, founds the partnership, imports, tokenises, pushes, matches, and looks for raw
/// identifiers in everything hub and key holders got.
///
/// # Errors
/// In one sentence, whatever went wrong.
pub async fn run(options: &Options, told: &impl Fn(&str)) -> anyhow::Result<Demo> {
    let started = Instant::now();
    empty_folder(&options.dir)?;
    told("making up people and four agencies' files");
    let made = synth::generate(&synth::Options {
        people: options.people,
        agencies: 4,
        seed: options.seed,
        profile: Profile::default(),
    })?;
    let files = options.dir.join("files");
    made.write(&files)?;

    told("starting three key holders and the hub; making the keys among the holders");
    let capture = Capture::default();
    let universe_records = made.agencies.iter().map(|a| a.truth.len() as u64).sum();
    let live = LivePartnership::found(&Founding {
        dir: options.dir.join("partnership"),
        agencies: made.agencies.iter().map(|a| a.name.clone()).collect(),
        universe_records,
        quota_per_day: QUOTA_PER_DAY,
        round_interval_ms: ROUND_INTERVAL_MS,
        tap: Some(capture.taps()),
    })
    .await?;

    told("each node reads its agency's file, asks the key holders, pushes sealed postings");
    let mut agencies = Vec::new();
    for file in &made.agencies {
        agencies.push(Agency::start(&live, &file.name, &files).await?);
    }
    let published = agencies.iter_mut().map(Agency::publish);
    futures::future::try_join_all(published).await?;

    told("the hub opens what two agencies share");
    let status = settled(&live, &agencies).await?;
    for agency in &agencies {
        agency.fetch_alerts().await?;
    }

    told("the agencies sign an agreement; their people ask, refuse, release and recall");
    let story = disclosure::disclosure(&live, &agencies, &options.dir.join("disclosure")).await?;

    told(
        "looking for raw identifiers in everything the hub and the key holders received and wrote",
    );
    let findings = privacy::search(&live, &files, &made.agencies, &capture)?;
    let quality = quality::measure(&agencies, &made.agencies)?;
    told("the nodes count, the hub makes the board pack, two officers sign it");
    let board = board::board(
        &live,
        &agencies,
        (quality.recall, quality.precision),
        &options.dir.join("board-pack"),
    )
    .await?;
    told("every agency's node cosigns the ledger; an officer audits it");
    let audit = audit::audit(&live, &agencies).await?;
    let outcome = Outcome {
        agencies: agencies.iter().map(Agency::outcome).collect(),
        key_holders: KeyHolderCounts {
            n: HOLDERS.len(),
            t: usize::from(THRESHOLD),
        },
        alerts: quality.alerts,
        clusters: quality.clusters,
        largest_cluster_agencies: quality.largest_cluster_agencies,
        precision: quality.precision,
        recall: quality.recall,
        raw_identifiers_seen_by_hub: findings.hub,
        raw_identifiers_seen_by_key_holders: findings.key_holders,
        identifiers_searched: findings.searched,
        stored_postings: status.stored_postings,
        disclosure: story.outcome,
        audit,
        wall_s: started.elapsed().as_secs_f64(),
    };
    Ok(Demo {
        outcome,
        board,
        story,
        capture,
        live,
        agencies,
        working: JoinSet::new(),
        consoles: Vec::new(),
        operator: None,
    })
}

impl Demo {
    /// Alerts of each agency as its own staff see them, for display.
    ///
    /// # Errors
    /// When a node's store cannot be read.
    pub fn alerts(&self) -> anyhow::Result<Vec<(String, Vec<sanctuary_node_core::AlertView>)>> {
        self.agencies
            .iter()
            .map(|a| Ok((a.name().to_owned(), a.alerts()?)))
            .collect()
    }

    /// The folder of one agency's node, with its configuration.
    #[must_use]
    pub fn node_config(&self, agency: &str) -> PathBuf {
        self.live.folder(agency).join("node.toml")
    }

    /// What one agency's node holds, in the clear: what the privacy search must find when it is
    /// pointed here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn node_export(&self) -> anyhow::Result<Vec<u8>> {
        self.agencies
            .first()
            .context("the demo has agencies")?
            .export()
    }

    /// Lets the nodes go on by themselves until [`Demo::stop`], as their daemons do: local commands reach
    /// them, and people their consoles.
    ///
    /// # Errors
    /// When there is no free port for a console.
    pub fn keep_working(&mut self) -> anyhow::Result<()> {
        let names: Vec<String> = self.agencies.iter().map(|a| a.name().to_owned()).collect();
        for (agency, (console, config)) in self.agencies.iter().zip(consoles::plan(&names)?) {
            let (node, stopped) = (agency.node().clone(), self.live.stopped());
            self.working
                .spawn(async move { sanctuary_node::run_console(node, &config, stopped).await });
            self.consoles.push(console);
            let (node, stopped) = (agency.node().clone(), self.live.stopped());
            let data = self.live.folder(agency.name()).join("data");
            self.working.spawn(async move {
                sanctuary_node::run_node(node, &data, ROUND_INTERVAL_MS, stopped).await
            });
        }
        let hub = hub_config(
            &self.live.layout,
            ([127, 0, 0, 1], 0).into(),
            ROUND_INTERVAL_MS,
        )?;
        let (operator, config, listener) = operator::plan(&hub, &self.live.folder("operator"))?;
        let stopped = self.live.stopped();
        self.working
            .spawn(async move { sanctuary_operator::run(config, listener, stopped).await });
        self.operator = Some(operator);
        Ok(())
    }

    /// Closes the nodes and ends the daemons; what they wrote stays.
    ///
    /// # Errors
    /// Whatever a daemon ended with.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.agencies);
        self.live.stop().await?;
        while let Some(ended) = self.working.join_next().await {
            ended??;
        }
        Ok(())
    }
}

/// Waits until the hub has matched everything and said nothing new for some rounds.
async fn settled(live: &LivePartnership, agencies: &[Agency]) -> anyhow::Result<StatusResponse> {
    let (mut before, mut quiet) = (u64::MAX, 0);
    loop {
        tokio::time::sleep(Duration::from_millis(ROUND_INTERVAL_MS)).await;
        let mut events = 0;
        for agency in agencies {
            events += agency.fetch_alerts().await?;
        }
        quiet = if events == 0 && before == 0 {
            quiet + 1
        } else {
            0
        };
        before = events;
        if quiet >= QUIET_ROUNDS {
            return status(
                live,
                agencies.first().context("the demo has agencies")?.name(),
            )
            .await;
        }
    }
}

async fn status(live: &LivePartnership, agency: &str) -> anyhow::Result<StatusResponse> {
    let (hub, roster): (PartyId, _) = ("hub".parse()?, live.roster()?);
    let channel = connect(
        &endpoint_of(&roster, &hub)?,
        &hub,
        &live.identity(agency)?,
        &roster,
    )
    .await?;
    Ok(DirectoryClient::new(channel)
        .status(StatusRequest {})
        .await?
        .into_inner())
}

/// Where a mapping and a file of one agency are.
fn paths(files: &Path, agency: &str) -> (PathBuf, PathBuf) {
    (
        files.join(format!("{agency}.toml")),
        files.join(format!("{agency}.csv")),
    )
}
