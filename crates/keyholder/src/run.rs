use std::{future::Future, sync::Arc};

use anyhow::Context;
use sanctuary_health::StatusNote;
use sanctuary_holder_core::{CeremonyDesk, Evaluator};
use sanctuary_rpc::{Identity, RosterWatch, ServeOptions, now, serve_with};
use sanctuary_trust::{PartyKind, files::load_anchors};
use sanctuary_types::limits::OPRF_ELEMENTS_MAX;
use sanctuary_wire::keyholder::{
    ceremony_server::CeremonyServer, key_holder_server::KeyHolderServer,
};
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};
use tonic::service::Routes;

use crate::{
    Config, Journal,
    acts::Logger,
    gossip::Gossip,
    health::{HolderHealth, Sources, tell_until},
    keys::{KeyWatch, POLL_EVERY, Seen},
    places::Places,
    service::{CeremonyService, KeyHolderService},
};

/// Bytes of one evaluation request: the elements, and room for the rest.
const EVALUATE_BYTES_MAX: usize = OPRF_ELEMENTS_MAX * 32 + 16 * 1024;
/// Bytes of one ceremony message: packages of 64 members to 64 members.
const CEREMONY_BYTES_MAX: usize = 1024 * 1024;

/// Serves until `shutdown`, then ends open calls and closes the store.
///
/// # Errors
/// One sentence that says what to do: files that cannot be used, a roster that does not name this
/// party as a key holder, a data directory in use or damaged.
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
    let (dir, root_key) = (config.data_dir.clone(), config.root_key());
    let journal = tokio::task::spawn_blocking(move || Journal::open(&dir, &root_key)).await??;
    let anchors = load_anchors(&config.anchors)?;
    let identity = Identity::load(&config.identity_dir, &anchors)?;
    identity.check_in_force(now())?;
    let high_water = config.data_dir.join("roster.version");
    let roster = RosterWatch::open(&config.roster, anchors, Some(&high_water))?;
    check_own_entry(&config, &identity, &roster)?;

    let health = HolderHealth::new(&config.party)?;
    let keys = Arc::new(KeyWatch::new(
        config.party.clone(),
        config.overrides(),
        roster.clone(),
        journal.clone(),
    ));
    let mut seen = Seen::new(&config.manifests);
    keys.refresh(&mut seen);
    let (stop, stopped) = oneshot::channel();
    let watching = tokio::spawn(watch_manifests(Arc::clone(&keys), seen, stopped));

    let logger = Logger {
        party: config.party.clone(),
        identity: identity.clone(),
        roster: roster.clone(),
        journal: journal.clone(),
        health: health.clone(),
    };
    let (stop_logging, logging_stopped) = watch::channel(false);
    let sources = Sources {
        health: health.clone(),
        party: config.party.clone(),
        roster: roster.clone(),
        identity: identity.clone(),
        keys: Arc::clone(&keys),
    };
    let telling = tell(&config, &sources, logging_stopped.clone());
    let metrics = listen_for_metrics(&config, sources)?;
    let logging = tokio::spawn(logger.run(logging_stopped));
    let options = ServeOptions {
        watch: options.watch.or(Some(Arc::new(health.clone()))),
        ..options
    };

    let routes = routes(&config, &identity, &roster, &keys, &journal, health);
    tracing::info!(party = %config.party, address = %listener.local_addr()?, "key holder is serving");
    let served = serve_with(listener, identity, roster, routes, shutdown, options).await;
    drop((stop, keys, stop_logging));
    for told in [telling, metrics].into_iter().flatten() {
        told.abort();
        let _ = told.await;
    }
    // A call to the hub that hangs need not be waited for: it is stated again at the next start.
    logging.abort();
    watching.await?;
    tokio::task::spawn_blocking(move || journal.close()).await?;
    tracing::info!(party = %config.party, "key holder has stopped");
    served.context("the key holder stopped serving")
}

fn routes(
    config: &Config,
    identity: &Identity,
    roster: &RosterWatch,
    keys: &Arc<KeyWatch>,
    journal: &Journal,
    health: HolderHealth,
) -> Routes {
    let signing = identity.signing().clone();
    let key_holder = KeyHolderService {
        roster: roster.clone(),
        keys: Arc::clone(keys),
        evaluator: Arc::new(Evaluator::new(
            config.party.clone(),
            signing.clone(),
            journal.clone(),
        )),
        journal: journal.clone(),
        places: Places::new(config.evaluations_at_once()),
        gossip: Gossip::new(roster.clone()),
        health,
    };
    let ceremony = CeremonyService {
        roster: roster.clone(),
        desk: Arc::new(CeremonyDesk::new(config.party.clone(), signing)),
        journal: journal.clone(),
    };
    Routes::new(KeyHolderServer::new(key_holder).max_decoding_message_size(EVALUATE_BYTES_MAX))
        .add_service(CeremonyServer::new(ceremony).max_decoding_message_size(CEREMONY_BYTES_MAX))
}

/// Writes the note for `status`; a note that cannot be sealed stops nothing else.
fn tell(
    config: &Config,
    sources: &Sources,
    stopped: watch::Receiver<bool>,
) -> Option<JoinHandle<()>> {
    match StatusNote::open(&config.data_dir, &config.root_key()) {
        Ok(note) => Some(tokio::spawn(tell_until(sources.clone(), note, stopped))),
        Err(error) => {
            tracing::warn!(%error, "`sanctuary-keyholder status` will not work: its note cannot be sealed");
            None
        }
    }
}

fn listen_for_metrics(config: &Config, sources: Sources) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(metrics) = &config.metrics else {
        return Ok(None);
    };
    if let Some(problem) = metrics.problem() {
        anyhow::bail!(problem);
    }
    let listener = std::net::TcpListener::bind(metrics.listen)
        .with_context(|| format!("cannot tell figures on {}", metrics.listen))?;
    tracing::info!(listen = %listener.local_addr()?, "telling figures");
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = sanctuary_health::serve(listener, Arc::new(sources)).await {
            tracing::error!(%error, "no longer telling figures; restart the key holder");
        }
    })))
}

/// A key holder that peers would refuse should say so at its start, not at their first call.
fn check_own_entry(
    config: &Config,
    identity: &Identity,
    roster: &RosterWatch,
) -> anyhow::Result<()> {
    let own = roster.party(&config.party)?;
    anyhow::ensure!(
        own.kind == PartyKind::KeyHolder,
        "the roster names {} as another kind of party; correct `party` in the configuration",
        config.party
    );
    anyhow::ensure!(
        own.spki_sha256 == identity.spki_sha256() && own.signing_key == identity.signing().public(),
        "the keys in identity_dir are not those the roster has for {}; restore them or enrol again",
        config.party
    );
    Ok(())
}

async fn watch_manifests(keys: Arc<KeyWatch>, mut seen: Seen, mut stop: oneshot::Receiver<()>) {
    let mut ticks = tokio::time::interval(POLL_EVERY);
    loop {
        tokio::select! {
            _ = &mut stop => return,
            _ = ticks.tick() => {}
        }
        let keys = Arc::clone(&keys);
        let looked = tokio::task::spawn_blocking(move || {
            keys.refresh(&mut seen);
            seen
        });
        match looked.await {
            Ok(again) => seen = again,
            Err(error) => {
                tracing::error!(%error, "no longer watching the manifests; restart the daemon");
                return;
            }
        }
    }
}
