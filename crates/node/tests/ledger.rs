//! Nodes and a real hub keep one log: promises, cosignatures, receipts, and a hub that is restored from
//! an old copy.

use std::{fs, net::TcpListener, path::Path};

use sanctuary_ledger::{Act, ActorRole, Checkpoint, EntryKind, LogSigner, Quorum};
use sanctuary_node::{Config, Node, NodeLedger};
use sanctuary_node_core::NodeError;
use sanctuary_rpc::now;
use sanctuary_trust::{Partnership, Plan, files::Layout};
use sanctuary_types::{Epoch, PartyId};
use tokio::{sync::oneshot, task::JoinHandle};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_is_promised_cosigned_and_receipted_and_can_be_erased() {
    let town = Town::new();
    let hub = town.start_hub();
    let (police, council) = (town.ledger("police").await, town.ledger("council").await);
    let promise = police.log(consult(&[town.id("council")])).await.unwrap();
    // Before it stands the hub's entry of the roster.
    assert_eq!(promise.index, 1);
    let accepted = settle(&police, &council).await;
    assert_eq!(accepted.size(), 2);

    let receipt = police.receipt(&promise.id).unwrap().unwrap();
    assert_eq!(receipt.verify(&town.quorum()).unwrap().size(), 2);
    assert_eq!(receipt.promise, promise);
    assert!(council.receipt(&promise.id).unwrap().is_none());
    assert!(police.evidence().unwrap().is_empty());
    assert_eq!(police.silent_ms().unwrap(), None);

    let content = police.content(&promise.id).unwrap().unwrap();
    assert_eq!(content.content(), b"pseudonym and case reference");
    police.erase(&promise.id).unwrap();
    assert!(police.content(&promise.id).unwrap().is_none());
    // The entry stays proven; only what it was about is gone.
    receipt.verify(&town.quorum()).unwrap();
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_hub_an_act_is_refused_and_sent_once_when_it_is_back() {
    let town = Town::new();
    town.start_hub().stop().await;
    let police = town.ledger("police").await;
    let refused = police.log(consult(&[])).await.unwrap_err();
    assert!(
        matches!(refused, NodeError::HubUnavailable { .. }),
        "{refused}"
    );
    let hub = town.start_hub();
    let promises = retry(|| police.send_pending()).await;
    assert_eq!(promises.len(), 1);
    assert_eq!(police.send_pending().await.unwrap(), []);
    let next = police.log(consult(&[])).await.unwrap();
    assert_eq!(next.index, 2);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_restored_from_an_old_copy_is_refused_by_witness_and_client() {
    let town = Town::new();
    let hub = town.start_hub();
    let (police, council) = (town.ledger("police").await, town.ledger("council").await);
    police.log(consult(&[])).await.unwrap();
    settle(&police, &council).await;
    hub.stop().await;
    let (log, copy) = (
        town.dir.path().join("hub/ledger"),
        town.dir.path().join("copy"),
    );
    copy_dir(&log, &copy);

    let hub = town.start_hub();
    retry(|| police.log(consult(&[]))).await;
    loop {
        if settle(&police, &council).await.size() >= 3 {
            break;
        }
    }
    hub.stop().await;
    fs::remove_dir_all(&log).unwrap();
    copy_dir(&copy, &log);

    // The hub itself sees nothing wrong with its copy; who was there before does.
    let hub = town.start_hub();
    for ledger in [&police, &council] {
        let refused = loop {
            match ledger.witness().await.unwrap_err() {
                NodeError::HubUnavailable { .. } => pause().await,
                refused => break refused.to_string(),
            }
        };
        assert!(refused.contains("entries from 2 on are gone"), "{refused}");
    }
    // So nothing is published any more, and nobody acts on it.
    let refused = police.follow().await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("no checkpoint has enough cosignatures"),
        "{refused}"
    );
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_act_is_one_entry_also_for_a_node_that_starts_again() {
    let town = Town::new();
    let hub = town.start_hub();
    let police = town.ledger("police").await;
    let first = police.log(release("r1")).await.unwrap();
    let both = vec![release("r1"), release("r2")];
    let again = police.log_all(both).await.unwrap();
    assert_eq!(again[0], first);
    assert_ne!(again[1].index, first.index);
    drop(police);
    let police = town.ledger("police").await;
    assert_eq!(police.log(release("r1")).await.unwrap(), first);
    // Reads are an entry each time.
    let (one, two) = (police.log(consult(&[])), police.log(consult(&[])));
    let (one, two) = tokio::join!(one, two);
    assert_ne!(one.unwrap().id, two.unwrap().id);
    assert_eq!(police.status().unwrap().waiting, 0);
    let shown = police.logged_act(&first.id).unwrap().unwrap();
    assert_eq!(shown.content.as_deref(), Some("who and what of r1"));
    assert_eq!(police.logged(10).unwrap().len(), 4);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_the_hub_does_not_take_holds_up_no_other() {
    let town = Town::new();
    let hub = town.start_hub();
    let (store, copy) = (
        town.dir.path().join("police/ledger"),
        town.dir.path().join("copy"),
    );
    drop(town.ledger("police").await);
    copy_dir(&store, &copy);
    let police = town.ledger("police").await;
    let first = police.log(release("r1")).await.unwrap();
    drop(police);
    // Restored from a backup, the node has forgotten the act and states it anew under its id.
    fs::remove_dir_all(&store).unwrap();
    copy_dir(&copy, &store);
    let police = town.ledger("police").await;
    let taken = police.note(release("r1")).await.unwrap();
    assert_eq!(taken, first.id);
    let other = police.log(release("r2")).await.unwrap();
    assert_eq!(police.status().unwrap().waiting, 0);
    let shown = police.logged_act(&taken).unwrap().unwrap();
    assert!(shown.reason.unwrap().contains("used for a different entry"));
    // Logged again it is taken, under another id.
    let again = police.log(release("r1")).await.unwrap();
    assert!(again.id != taken && again.index > other.index);
    assert_eq!(police.log(release("r1")).await.unwrap(), again);
    hub.stop().await;
}

/// Another path than the hub's shows what the hub signed for somebody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_were_shown_is_compared_and_a_fork_is_kept_as_evidence() {
    let town = Town::new();
    let hub = town.start_hub();
    let (police, council) = (town.ledger("police").await, town.ledger("council").await);
    police.log(consult(&[])).await.unwrap();
    let accepted = settle(&police, &council).await;
    police.hear(accepted.note()).await.unwrap();
    police.hear(b"not of the hub").await.unwrap();
    assert_eq!(police.forks().unwrap(), []);

    let key = town.keys.hub.signing.clone();
    let signer = LogSigner::new("sanctuary/hub/ledger", key).unwrap();
    for size in [accepted.size(), accepted.size() - 1] {
        let other = signer.checkpoint(size, &[7; 32], now()).unwrap();
        let refused = police.hear(other.note()).await.unwrap_err();
        assert!(refused.to_string().contains("two different pasts"));
    }
    let forks = police.forks().unwrap();
    assert_eq!(forks.len(), 2);
    for fork in &forks {
        fork.verify(town.quorum().log()).unwrap();
    }
    let evidence = fs::read_dir(town.dir.path().join("police/evidence")).unwrap();
    assert_eq!(evidence.count(), 2);
    let alarm = police.status().unwrap().alarm();
    assert!(alarm.contains("two different pasts"), "{alarm}");
    hub.stop().await;
}

fn release(request: &str) -> Act {
    Act {
        kind: EntryKind::Release,
        role: ActorRole::Releaser,
        concerned: Vec::new(),
        same: request.as_bytes().to_vec(),
        content: format!("who and what of {request}").into_bytes(),
    }
}

fn consult(concerned: &[PartyId]) -> Act {
    Act {
        kind: EntryKind::Consult,
        role: ActorRole::Analyst,
        concerned: concerned.to_vec(),
        same: Vec::new(),
        content: b"pseudonym and case reference".to_vec(),
    }
}

/// Both agencies cosign and follow until all that the police logged is receipted.
async fn settle(police: &NodeLedger, council: &NodeLedger) -> Checkpoint {
    for _ in 0..200 {
        for ledger in [police, council] {
            // One of the two may have signed what is no longer the newest: the next round does.
            let _ = ledger.witness().await;
        }
        // One entry is the hub's own.
        if let Ok(accepted) = police.follow().await
            && accepted.size() > 1
        {
            return (*accepted).clone();
        }
        pause().await;
    }
    panic!("the log was not published");
}

async fn retry<T, F: Future<Output = Result<T, NodeError>>>(call: impl Fn() -> F) -> T {
    for _ in 0..100 {
        if let Ok(done) = call().await {
            return done;
        }
        pause().await;
    }
    panic!("the hub did not come back");
}

async fn pause() {
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_dir(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A hub and three agencies on this machine.
struct Town {
    dir: tempfile::TempDir,
    layout: Layout,
    keys: Partnership,
    port: u16,
}

struct Hub {
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Hub {
    async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap().unwrap();
    }
}

impl Town {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        let mut plan = Plan::new("hub", &["ash"], &["police", "council", "haven"]).unwrap();
        plan.hub.endpoint = Some(format!("127.0.0.1:{port}"));
        let keys = Partnership::generate(&plan, now(), &mut rand::rng()).unwrap();
        let layout = keys.write_to_dir(&dir.path().join("partnership")).unwrap();
        Self {
            dir,
            layout,
            keys,
            port,
        }
    }

    fn start_hub(&self) -> Hub {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        let mut config = sanctuary_hub::Config::new(
            self.id("hub"),
            listener.local_addr().unwrap(),
            self.dir.path().join("hub"),
            self.dir.path().join("root.key"),
            self.layout.party("hub"),
            self.layout.anchors(),
            self.layout.roster(),
            Epoch(1),
        );
        config.cache_mib = 16;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(sanctuary_hub::run(config, listener, async {
            let _ = stopped.await;
        }));
        Hub { stop, task }
    }

    async fn ledger(&self, agency: &str) -> NodeLedger {
        let data_dir = self.dir.path().join(agency);
        let config = Config::new(
            self.id(agency),
            data_dir.clone(),
            self.layout.party(agency),
            self.layout.anchors(),
            self.layout.roster(),
            Vec::new(),
        );
        let node = Node::open(&config).await.unwrap();
        node.ledger().clone()
    }

    fn quorum(&self) -> Quorum {
        Quorum::of_roster(self.keys.roster.proposal(), None).unwrap()
    }

    fn id(&self, party: &str) -> PartyId {
        party.parse().unwrap()
    }
}
