use std::{
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use sanctuary_hub::{Config, Storage, run_with};
use sanctuary_hub_core::ports::{StateStore as _, StateTable};
use sanctuary_lab::leak::{Identifiers, Searcher};
use sanctuary_rpc::{ServeOptions, Tap};
use sanctuary_tests::Town;
use serde_json::json;
use tokio::{runtime::Runtime, sync::oneshot};

use crate::{
    alone,
    scene::{
        DPO, ENQUIRY, NECESSITY, OFFICER, PHONE, PROPORTION, REASON, RELEASED, RELEASER, REPORT,
        Scene,
    },
};

const TABLES: [StateTable; 9] = [
    StateTable::Alerts,
    StateTable::Events,
    StateTable::Comparisons,
    StateTable::Messages,
    StateTable::Parcels,
    StateTable::ParcelBodies,
    StateTable::Cases,
    StateTable::EnvelopeKeys,
    StateTable::Agreements,
];

/// The hub in this process, so that every byte in and out of its connections is seen.
struct TappedHub {
    runtime: Runtime,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    seen: Arc<Mutex<Vec<u8>>>,
    running: Mutex<Option<tokio::task::JoinHandle<anyhow::Result<()>>>>,
}

impl TappedHub {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            runtime: Runtime::new()?,
            stop: Mutex::default(),
            seen: Arc::default(),
            running: Mutex::default(),
        })
    }

    fn start(&self, town: &Town) -> anyhow::Result<()> {
        let config = Config::load(&town.config("hub"))?;
        let listener = TcpListener::bind(config.listen)?;
        let seen = Arc::clone(&self.seen);
        let tap: Tap = Arc::new(move |bytes: &[u8]| {
            locked(&seen).extend_from_slice(bytes);
        });
        let options = ServeOptions {
            tap: Some(tap),
            ..ServeOptions::default()
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let task = self
            .runtime
            .spawn(async move { run_with(config, listener, shutdown, options).await });
        *locked(&self.stop) = Some(stop);
        *locked(&self.running) = Some(task);
        Ok(())
    }

    fn stop(&self) -> anyhow::Result<()> {
        let stop = locked(&self.stop).take();
        stop.context("running")?
            .send(())
            .map_err(|()| anyhow::anyhow!("the hub has ended"))?;
        let task = locked(&self.running).take();
        self.runtime.block_on(task.context("running")?)?
    }
}

/// Acceptance: of everything the hub stores and relays in a full disclosure, no plaintext of the
/// request's free text or of the release is found in any encoding; and the search can find it.
#[test]
fn the_hub_has_no_word_of_a_request_or_a_release() -> anyhow::Result<()> {
    let _alone = alone();
    let hub = Arc::new(TappedHub::new()?);
    let starting = Arc::clone(&hub);
    let scene = Scene::set_with(move |town| starting.start(town))?;
    let case = scene.request()?;
    scene.until_stage(RELEASER, &case, "sent")?;
    scene.insist(RELEASER, &json!({ "do": "acknowledge", "case": case }))?;
    scene.answer(&case)?;
    scene.until_stage(OFFICER, &case, "received")?;
    scene.insist(
        DPO,
        &json!({ "do": "recall", "case": case, "reason": "inaccurate" }),
    )?;
    scene.until_stage(OFFICER, &case, "recalled")?;

    let searcher = searcher()?;
    // The same search finds the words where they belong.
    let view = scene.show(RELEASER, &case)?.to_string();
    let known = searcher.in_bytes("the owner's view", view.as_bytes());
    ensure!(
        known.len() > 10,
        "the owner's own view holds too little of it"
    );
    let wire = locked(&hub.seen).clone();
    println!("{} bytes went through the hub's connections", wire.len());
    ensure!(wire.len() > 200_000, "too little was captured");
    hub.stop()?;
    let found = searcher.in_bytes("the wire", &wire);
    ensure!(found.is_empty(), "on the wire: {found:?}");

    // What it stored, as its disk has it and as the hub itself reads it.
    let data = scene.town.party("hub").join("data");
    let found = searcher.in_folder(&data)?;
    ensure!(found.is_empty(), "on its disk: {found:?}");
    let stored = opened(&scene.town, &data)?;
    println!("{} bytes are stored, opened", stored.len());
    ensure!(stored.len() > 10_000, "too little was opened");
    let found = searcher.in_bytes("what it stored, opened", &stored);
    ensure!(found.is_empty(), "in its state: {found:?}");

    the_search_can_fail(&searcher, wire, stored)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A canary sent in clear, in the middle of what was captured.
fn the_search_can_fail(searcher: &Searcher, wire: Vec<u8>, stored: Vec<u8>) -> anyhow::Result<()> {
    for (place, bytes) in [("the wire", wire), ("the state", stored)] {
        for canary in [ENQUIRY.to_owned(), hex::encode(RELEASED), PHONE.to_owned()] {
            let mut spoilt = bytes.clone();
            let middle = spoilt.len() / 2;
            spoilt.splice(middle..middle, canary.into_bytes());
            ensure!(
                !searcher.in_bytes(place, &spoilt).is_empty(),
                "a canary in {place} is not found"
            );
        }
    }
    Ok(())
}

/// Every value of the hub's state, opened with its own key.
fn opened(town: &Town, data: &Path) -> anyhow::Result<Vec<u8>> {
    let config = Config::load(&town.config("hub"))?;
    // The daemon's task has ended; its store closes a moment later.
    let mut storage = None;
    for _ in 0..100 {
        match Storage::open(data, &config.root_key, 32) {
            Ok(open) => {
                storage = Some(open);
                break;
            }
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
    let storage = storage.context("the hub's store stays in use")?;
    let mut all = Vec::new();
    let mut parcels = 0;
    for table in TABLES {
        let rows = storage.state.scan(table, &[], None, usize::MAX)?;
        parcels += usize::from(table == StateTable::Parcels) * rows.len();
        for (key, value) in rows {
            all.extend(key);
            all.extend(value);
        }
    }
    ensure!(parcels >= 6, "only {parcels} parcels were carried");
    Ok(all)
}

/// The texts as wholes, and each word of them that nothing else has.
fn searcher() -> anyhow::Result<Searcher> {
    let mut identifiers = Identifiers::default();
    for text in [
        ENQUIRY, NECESSITY, PROPORTION, REASON, RELEASED, REPORT, PHONE,
    ] {
        identifiers.add(text);
    }
    for word in [
        "Quillfeather",
        "Zephyrine",
        "Balthazar",
        "Oxenbury",
        "vexatious",
        "Philippa",
        "Drumgoole",
        "lavender",
        "Wexcombe",
        "Marigold",
    ] {
        identifiers.add(word);
    }
    Searcher::new(&identifiers)
}
