use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Context;
use sanctuary_health::StatusNote;
use sanctuary_hub_core::{Accepts, Hub, Options};
use sanctuary_linkage::Policy;
use sanctuary_rpc::{Identity, RosterWatch, ServeOptions, now, serve_with};
use sanctuary_store::Sealer;
use sanctuary_trust::{PartyKind, SigningKey, files::load_anchors};
use sanctuary_types::limits::MESSAGE_BYTES_MAX;
use sanctuary_wire::{
    alerts::alerts_server::AlertsServer, compare::comparisons_server::ComparisonsServer,
    directory::directory_server::DirectoryServer,
    disclosure::disclosures_server::DisclosuresServer, ingest::ingest_server::IngestServer,
    ledger::ledger_server::LedgerServer, statistics::statistics_server::StatisticsServer,
};
use tokio::{sync::watch, task::JoinHandle};
use tonic::service::Routes;

use crate::{
    Config, HubLedger, LoggedState, Purge, SledHub, Storage,
    committer::Committer,
    health::{HubHealth, Sources, kept_agencies, tell_until},
    ledger, rounds,
    service::{
        AlertsService, ComparisonsService, DirectoryService, DisclosuresService, IngestService,
        LedgerService, StatisticsService,
    },
};

/// Bytes of a parcel or a sharing agreement.
const PARCEL_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a decision.
const SMALL_BYTES_MAX: usize = 16 * 1024;

/// Serves until `shutdown`, then finishes the round and the write at hand and closes the stores.
///
/// # Errors
/// One sentence that says what to do: files that cannot be used, a roster that does not name this
/// party as the hub, a data directory in use or damaged.
pub async fn run(
    config: Config,
    listener: std::net::TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> anyhow::Result<()> {
    run_with(config, listener, shutdown, ServeOptions::default()).await
}

/// As [`run`], with other limits of the server.
///
/// # Errors
/// As [`run`].
pub async fn run_with(
    config: Config,
    listener: std::net::TcpListener,
    shutdown: impl Future<Output = ()> + Send,
    options: ServeOptions,
) -> anyhow::Result<()> {
    config.check().map_err(anyhow::Error::msg)?;
    let anchors = load_anchors(&config.anchors)?;
    let identity = Identity::load(&config.identity_dir, &anchors)?;
    identity.check_in_force(now())?;
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot create {}", config.data_dir.display()))?;
    let high_water = config.data_dir.join("roster-version");
    let roster = RosterWatch::open(&config.roster, anchors, Some(&high_water))?;
    check_own_entry(&config, &identity, &roster)?;

    let opening = (config.clone(), identity.signing().clone(), roster.clone());
    let opened = tokio::task::spawn_blocking(move || open(&opening.0, opening.1, opening.2));
    let (hub, ledger, purge) = opened.await??;
    let hub = Arc::new(hub);
    hub.set_second_step(roster.current().second_step());
    hub.open_agreements(roster.anchors())?;
    let (health, note) = open_health(&config)?;
    let (committer, thread) = Committer::start(Arc::clone(&hub), health.clone())?;
    let parts = Parts {
        hub: Arc::clone(&hub),
        ledger: ledger.clone(),
        roster: roster.clone(),
        health: health.clone(),
        purge,
    };
    let (done, finished_rounds) = watch::channel(0);
    let (stop, stopped) = watch::channel(false);
    let round_task = tokio::spawn(rounds::run(
        parts.clone(),
        config.round_interval_ms,
        Duration::from_secs(3_600 * u64::from(config.purge_within_hours)),
        done,
        stopped,
    ));
    let ledger_task = tokio::spawn(ledger::run(ledger.clone(), stop.subscribe()));

    let sources = Sources {
        health: health.clone(),
        hub: Arc::clone(&hub),
        ledger: ledger.clone(),
        roster: roster.clone(),
        identity: identity.clone(),
        data_dir: config.data_dir.clone(),
        manifests: config.manifests.clone(),
        epoch: config.epoch,
        rules: config.rules_version,
        walked: Arc::default(),
    };
    let telling = tokio::spawn(tell_until(sources.clone(), note, stop.subscribe()));
    let metrics = listen_for_metrics(&config, sources)?;
    let options = ServeOptions {
        watch: options.watch.or(Some(Arc::new(health.clone()))),
        ..options
    };

    let routes = routes(&config, parts, committer, finished_rounds)
        .add_service(ledger_service(ledger, &roster));
    tracing::info!(party = %config.party, address = %listener.local_addr()?, "hub is serving");
    let served = serve_with(listener, identity, roster, routes, shutdown, options).await;
    let _ = stop.send(true);
    round_task.await?;
    ledger_task.await?;
    telling.await?;
    if let Some(metrics) = metrics {
        metrics.abort();
        let _ = metrics.await;
    }
    // The routes are gone, and with them the last way to the committer.
    tokio::task::spawn_blocking(move || thread.join())
        .await?
        .map_err(|_| {
            anyhow::anyhow!("the committer thread failed; see the log and restart the hub")
        })?;
    tracing::info!(party = %config.party, "hub has stopped");
    served.context("the hub stopped serving")
}

/// What the hub counts, with what an earlier run knew of agencies, and where its note is written.
fn open_health(config: &Config) -> anyhow::Result<(HubHealth, Option<StatusNote>)> {
    let note = match StatusNote::open(&config.data_dir, &config.root_key) {
        Ok(note) => Some(note),
        Err(error) => {
            tracing::warn!(%error, "`sanctuary-hub status` will not work: its note cannot be sealed");
            None
        }
    };
    let kept = note.as_ref().map(kept_agencies).unwrap_or_default();
    let (rules, interval_ms) = (config.silence_rules(), config.round_interval_ms);
    let health = HubHealth::new(&config.party, kept, rules, interval_ms)?;
    Ok((health, note))
}

fn listen_for_metrics(config: &Config, sources: Sources) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(metrics) = &config.metrics else {
        return Ok(None);
    };
    let listener = std::net::TcpListener::bind(metrics.listen)
        .with_context(|| format!("cannot tell figures on {}", metrics.listen))?;
    tracing::info!(listen = %listener.local_addr()?, "telling figures");
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = sanctuary_health::serve(listener, Arc::new(sources)).await {
            tracing::error!(%error, "no longer telling figures; restart the hub");
        }
    })))
}

/// No ledger, no operation: a log that does not fit its last checkpoint stops the hub here.
fn open(
    config: &Config,
    key: SigningKey,
    roster: RosterWatch,
) -> anyhow::Result<(SledHub, HubLedger, Purge)> {
    let storage = Storage::open(&config.data_dir, &config.root_key, config.cache_mib)?;
    if on_one_disk(&config.data_dir, &config.root_key) {
        tracing::warn!(
            root_key = %config.root_key.display(),
            "the root key lies on the disk of data_dir: whoever has that disk can open the log; put the key on another one"
        );
    }
    let purge = storage.purge();
    let options = Options {
        accepts: Accepts {
            rules: config.rules_version,
            epoch: config.epoch,
        },
        policy: Policy {
            send_possible: config.possible_band,
            ..Policy::default()
        },
    };
    let (data_dir, party) = (&config.data_dir, &config.party);
    let sealer = Sealer::from_key_file(&config.root_key)?;
    let ledger = HubLedger::open(data_dir, party, key, sealer, roster, None)?;
    let state = LoggedState::new(storage.state, ledger.clone());
    let hub = Hub::open(storage.log, state, storage.pepper, options, now())?;
    let opened = hub.opened();
    if opened.orphan_rows > 0 {
        tracing::warn!(
            rows = opened.orphan_rows,
            "removed the remains of batches that were cut off before they were acknowledged; their nodes push them again"
        );
    }
    tracing::info!(
        batches = opened.batches,
        index_bytes = hub.index_bytes(),
        "read the log back"
    );
    Ok((hub, ledger, purge))
}

/// Best effort: a disk that cannot be told apart is no reason to warn.
#[cfg(unix)]
fn on_one_disk(data_dir: &std::path::Path, root_key: &std::path::Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let disk = |path: &std::path::Path| path.metadata().ok().map(|about| about.dev());
    disk(data_dir).is_some_and(|data| disk(root_key) == Some(data))
}

#[cfg(not(unix))]
const fn on_one_disk(_: &std::path::Path, _: &std::path::Path) -> bool {
    false
}

/// What rounds and services work on. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) hub: Arc<SledHub>,
    pub(crate) ledger: HubLedger,
    pub(crate) roster: RosterWatch,
    pub(crate) health: HubHealth,
    pub(crate) purge: Purge,
}

fn ledger_service(ledger: HubLedger, roster: &RosterWatch) -> LedgerServer<LedgerService> {
    let roster = roster.clone();
    LedgerServer::new(LedgerService { ledger, roster }).max_decoding_message_size(MESSAGE_BYTES_MAX)
}

fn routes(
    config: &Config,
    parts: Parts,
    committer: Committer,
    finished_rounds: watch::Receiver<u64>,
) -> Routes {
    let Parts {
        hub,
        ledger,
        roster,
        health,
        purge,
    } = parts;
    let ingest = IngestService {
        hub: Arc::clone(&hub),
        roster: roster.clone(),
        committer,
        health: health.clone(),
    };
    let alerts = AlertsService {
        hub: Arc::clone(&hub),
        ledger: ledger.clone(),
        roster: roster.clone(),
        finished_rounds,
        health: health.clone(),
    };
    let comparisons = ComparisonsService {
        hub: Arc::clone(&hub),
        roster: roster.clone(),
    };
    let disclosures = DisclosuresService {
        hub: Arc::clone(&hub),
        roster: roster.clone(),
    };
    let statistics = StatisticsService {
        hub: Arc::clone(&hub),
        roster: roster.clone(),
    };
    let directory = DirectoryService {
        hub: Arc::clone(&hub),
        roster: roster.clone(),
        rules: config.rules_version,
        epoch: config.epoch,
        round_interval_ms: config.round_interval_ms,
        health: health.clone(),
        purge,
    };
    Routes::new(IngestServer::new(ingest).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(
            ComparisonsServer::new(comparisons).max_decoding_message_size(MESSAGE_BYTES_MAX),
        )
        .add_service(AlertsServer::new(alerts).max_decoding_message_size(SMALL_BYTES_MAX))
        .add_service(
            DisclosuresServer::new(disclosures).max_decoding_message_size(PARCEL_BYTES_MAX),
        )
        .add_service(StatisticsServer::new(statistics).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(DirectoryServer::new(directory).max_decoding_message_size(PARCEL_BYTES_MAX))
}

/// A hub that nodes would refuse should say so at its start, not at their first push.
fn check_own_entry(
    config: &Config,
    identity: &Identity,
    roster: &RosterWatch,
) -> anyhow::Result<()> {
    let own = roster.party(&config.party)?;
    anyhow::ensure!(
        own.kind == PartyKind::Hub,
        "the roster names {} as another kind of party; correct `party` in the configuration",
        config.party
    );
    anyhow::ensure!(
        own.spki_sha256 == identity.spki_sha256(),
        "the keys in identity_dir are not those the roster has for {}; restore them or enrol again",
        config.party
    );
    Ok(())
}
