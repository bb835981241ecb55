//! A partnership in this process: real TLS and real key shares, but a hub and key holders whose
//! conduct a test chooses.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::{
    net::TcpListener,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use sanctuary_keyshare::{KeyShare, dealer};
use sanctuary_node::{Config, Node};
use sanctuary_rpc::{ErrorCode, Identity, RosterWatch, now, serve};
use sanctuary_toprf::PublicKeys;
use sanctuary_trust::{
    DkgResult, ManifestTerms, Member, Partnership, Plan, SignedManifest, dkg_result_message,
    files::{Layout, write_public},
};
use sanctuary_types::{Epoch, KeyClass, RulesVersion, Timestamp};
use sanctuary_wire::{
    alerts::{self, alerts_server},
    ingest::{self, ingest_server},
    keyholder::{self, key_holder_server},
};
use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming, service::Routes};

mod comparisons;
mod ledger;

pub use comparisons::Courier;

pub const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"f\"\nsurnames = \"s\"\n\
    date_of_birth = \"d\"\nphone = \"p\"\n[record]\nrole = \"potential_victim\"\n\
    basis = \"safeguarding\"\nvisibility = \"open\"\n";

pub struct Town {
    pub dir: tempfile::TempDir,
    pub layout: Layout,
    pub hub: Arc<HubState>,
    pub holders: Vec<Arc<HolderState>>,
    partnership: Partnership,
    roster: RosterWatch,
}

/// What the hub double holds and how it behaves.
#[derive(Default)]
pub struct HubState {
    /// Every batch that arrived, retries included.
    pub batches: Mutex<Vec<ingest::PushBatch>>,
    pub events: Mutex<Vec<alerts::AlertEvent>>,
    pub refuse: Mutex<Option<(ErrorCode, &'static str)>>,
    /// Cuts the stream after storing this many batches in it, before the last is acknowledged.
    pub cut_after: AtomicU32,
    /// Carries comparisons.
    pub courier: Courier,
    /// Kinds of acts that were promised.
    pub logged: Mutex<Vec<sanctuary_ledger::EntryKind>>,
    pub refuse_log: Mutex<Option<(ErrorCode, &'static str)>>,
    /// Decisions that were taken, in order.
    pub decisions: Mutex<Vec<alerts::DecideRequest>>,
    /// Takes decisions; without it every one is refused.
    pub decides: AtomicBool,
    /// Takes the next decision and cuts the connection before the reply.
    pub cuts_decision: AtomicBool,
}

/// How a key holder double behaves.
#[derive(Default)]
pub struct HolderState {
    pub quota_used_up: AtomicBool,
    pub lies: AtomicBool,
    pub asked: AtomicU32,
    /// Checkpoints that others handed in.
    pub handed_in: Mutex<Vec<Vec<u8>>>,
}

impl Town {
    /// With a hub, and key holders at these places (1 to 3) alive.
    pub async fn start(alive: &[usize]) -> Self {
        let listeners: Vec<TcpListener> = (0..4)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let address = |i: usize| Some(listeners[i].local_addr().unwrap().to_string());
        let mut plan =
            Plan::new("hub", &["ash", "birch", "cedar"], &["police", "council"]).unwrap();
        plan.hub.endpoint = address(0);
        for (i, holder) in plan.holders.iter_mut().enumerate() {
            holder.endpoint = address(i + 1);
        }
        let partnership = Partnership::generate(&plan, now(), &mut rand::rng()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let layout = partnership
            .write_to_dir(&dir.path().join("partnership"))
            .unwrap();
        let roster =
            RosterWatch::in_memory(&partnership.roster, partnership.anchors.clone()).unwrap();
        let mut town = Self {
            dir,
            layout,
            hub: Arc::default(),
            holders: (0..3).map(|_| Arc::default()).collect(),
            partnership,
            roster,
        };
        let shares: Vec<Vec<KeyShare>> = KeyClass::ALL
            .iter()
            .map(|class| town.deal(*class))
            .collect();
        let mut shares: Vec<_> = shares.into_iter().map(Vec::into_iter).collect();
        let mut listeners = listeners.into_iter();
        town.serve_hub(listeners.next().unwrap());
        for (i, listener) in listeners.enumerate() {
            let own = shares
                .iter_mut()
                .map(|class| class.next().unwrap())
                .collect();
            if alive.contains(&(i + 1)) {
                town.serve_holder(i, listener, own);
            }
        }
        town
    }

    /// The configuration of the agency's node.
    pub fn config(&self) -> Config {
        self.config_of("police", "data")
    }

    pub fn config_of(&self, agency: &str, data: &str) -> Config {
        let mut config = Config::new(
            agency.parse().unwrap(),
            self.dir.path().join(data),
            self.layout.party(agency),
            self.layout.anchors(),
            self.layout.roster(),
            KeyClass::ALL
                .map(|class| self.layout.manifest(class))
                .to_vec(),
        );
        config.push_interval_ms = 100;
        config
    }

    pub async fn node(&self) -> Node {
        Node::open(&self.config()).await.unwrap()
    }

    /// A file of people.
    pub fn people(&self, name: &str, from: usize, to: usize) -> PathBuf {
        let mut text = "id,f,s,d,p\n".to_owned();
        for i in from..to {
            let word = |n: usize| ["ba", "do", "ki", "mu", "re", "sa", "ti", "vo"][n % 8];
            text.push_str(&format!(
                "ref-{i},{}{}n,Zzyzx{}{}l,19{:02}-{:02}-{:02},0770090{i:04}\n",
                word(i),
                word(i / 8),
                word(i / 3),
                word(i / 5),
                50 + i % 50,
                1 + i % 12,
                2 + i % 26
            ));
        }
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Ids of the batches that arrived, in order.
    pub fn arrived(&self) -> Vec<Vec<u8>> {
        let batches = self.hub.batches.lock().unwrap();
        batches
            .iter()
            .map(|batch| batch.batch_id.to_vec())
            .collect()
    }

    pub fn agency_key(&self) -> [u8; 32] {
        self.partnership.agencies[0].signing.public()
    }

    /// Shares of one class, and its manifest signed by all and put in place.
    fn deal(&mut self, class: KeyClass) -> Vec<KeyShare> {
        let (shares, keys) = dealer::deal(2, 3, &mut rand::rng()).unwrap();
        let holders = &self.partnership.holders;
        let results: Vec<DkgResult> = (1..)
            .zip(holders)
            .map(|(index, holder)| result(index, holder, &keys))
            .collect();
        let terms = ManifestTerms {
            class,
            epoch: Epoch(1),
            threshold: 2,
            holders: holders.iter().map(|h| h.party.id.clone()).collect(),
            quota_per_day: 100_000,
            universe_records: 10_000,
            rules: RulesVersion(1),
            not_before: now(),
            not_after: Timestamp(now().0 + 86_400_000),
        };
        let mut manifest = SignedManifest::from_ceremony(terms, &results).unwrap();
        for officer in &self.partnership.officers[..2] {
            manifest
                .sign(&self.partnership.anchors, &officer.signing)
                .unwrap();
        }
        write_public(&self.layout.manifest(class), &manifest.to_json()).unwrap();
        shares
    }

    fn serve_hub(&self, listener: TcpListener) {
        let routes = Routes::new(ingest_server::IngestServer::new(Hub(Arc::clone(&self.hub))))
            .add_service(alerts_server::AlertsServer::new(Hub(Arc::clone(&self.hub))))
            .add_service(comparisons::service(&self.hub, &self.roster))
            .add_service(ledger::service(
                &self.hub,
                &self.partnership.hub,
                &self.roster,
            ));
        self.serve(listener, &self.partnership.hub, routes);
    }

    fn serve_holder(&self, i: usize, listener: TcpListener, shares: Vec<KeyShare>) {
        let holder = Holder {
            state: Arc::clone(&self.holders[i]),
            shares,
        };
        let routes = Routes::new(key_holder_server::KeyHolderServer::new(holder));
        self.serve(listener, &self.partnership.holders[i], routes);
    }

    fn serve(&self, listener: TcpListener, member: &Member, routes: Routes) {
        let identity = Identity::from_member(member, &self.partnership.anchors).unwrap();
        let roster = self.roster.clone();
        tokio::spawn(async move {
            serve(listener, identity, roster, routes, std::future::pending())
                .await
                .unwrap();
        });
    }
}

fn result(index: u16, holder: &Member, keys: &PublicKeys) -> DkgResult {
    let mut result = DkgResult {
        ceremony_id: [1; 16],
        index,
        group_key: keys.group_key,
        share_keys: keys.share_keys.clone(),
        transcript_sha256: [2; 32],
        signature: [0; 64],
    };
    let message = dkg_result_message(
        &result.ceremony_id,
        index,
        &result.group_key,
        &result.share_keys,
        &result.transcript_sha256,
    );
    result.signature = holder.signing.sign(&message);
    result
}

impl HubState {
    /// As the hub does it: refused on an older version, else the next event of the alert.
    fn take_decision(&self, request: alerts::DecideRequest) -> Result<u32, Status> {
        let mut events = self.events.lock().unwrap();
        let of_alert = |e: &&alerts::AlertEvent| e.alert_id == request.alert_id;
        let Some(mut event) = events.iter().rfind(of_alert).cloned() else {
            return Err(ErrorCode::NotFound.status("there is no such alert"));
        };
        if event.version != request.version {
            return Err(ErrorCode::Conflict.status("the alert has changed; read it again"));
        }
        let state = match request.decision.as_str() {
            "reopen" => "open",
            other => other,
        };
        event.version += 1;
        event.cursor = events.iter().map(|e| e.cursor).max().unwrap_or(0) + 1;
        event.state = state.to_owned();
        let version = event.version;
        events.push(event);
        self.decisions.lock().unwrap().push(request);
        Ok(version)
    }
}

struct Hub(Arc<HubState>);

impl Hub {
    fn check(&self) -> Result<(), Status> {
        match *self.0.refuse.lock().unwrap() {
            Some((code, reason)) => Err(code.status(reason)),
            None => Ok(()),
        }
    }
}

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl ingest_server::Ingest for Hub {
    type PushStream = Replies<ingest::PushReply>;

    async fn push(
        &self,
        request: Request<Streaming<ingest::PushBatch>>,
    ) -> Result<Response<Self::PushStream>, Status> {
        self.check()?;
        let state = Arc::clone(&self.0);
        let mut batches = request.into_inner();
        let (replies, receiver) = mpsc::channel(4);
        let cut_after = state.cut_after.swap(0, Ordering::SeqCst);
        tokio::spawn(async move {
            let mut stored = 0;
            while let Some(Ok(batch)) = batches.next().await {
                let batch_id = batch.batch_id.clone();
                state.batches.lock().unwrap().push(batch);
                stored += 1;
                let reply = if stored == cut_after {
                    Err(Status::unavailable("cut"))
                } else {
                    Ok(ingest::PushReply { batch_id })
                };
                if replies.send(reply).await.is_err() || stored == cut_after {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

#[tonic::async_trait]
impl alerts_server::Alerts for Hub {
    type WatchStream = Replies<alerts::AlertEvent>;

    async fn watch(
        &self,
        request: Request<alerts::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        self.check()?;
        let request = request.into_inner();
        let state = Arc::clone(&self.0);
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            let mut cursor = request.cursor;
            loop {
                let newer: Vec<_> = {
                    let events = state.events.lock().unwrap();
                    events
                        .iter()
                        .filter(|e| e.cursor > cursor)
                        .cloned()
                        .collect()
                };
                for event in newer {
                    cursor = event.cursor;
                    if sender.send(Ok(event)).await.is_err() {
                        return;
                    }
                }
                if !request.follow {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn decide(
        &self,
        request: Request<alerts::DecideRequest>,
    ) -> Result<Response<alerts::DecideResponse>, Status> {
        self.check()?;
        if !self.0.decides.load(Ordering::SeqCst) {
            return Err(ErrorCode::NotAllowed.status("not in this test"));
        }
        let request = request.into_inner();
        let version = self.0.take_decision(request)?;
        if self.0.cuts_decision.swap(false, Ordering::SeqCst) {
            return Err(ErrorCode::Unavailable.status("cut"));
        }
        Ok(Response::new(alerts::DecideResponse { version }))
    }
}

struct Holder {
    state: Arc<HolderState>,
    shares: Vec<KeyShare>,
}

#[tonic::async_trait]
impl key_holder_server::KeyHolder for Holder {
    async fn evaluate(
        &self,
        request: Request<keyholder::EvaluateRequest>,
    ) -> Result<Response<keyholder::EvaluateResponse>, Status> {
        self.state.asked.fetch_add(1, Ordering::SeqCst);
        if self.state.quota_used_up.load(Ordering::SeqCst) {
            return Err(ErrorCode::QuotaExceeded.status("today's quota is used up"));
        }
        let request = request.into_inner();
        let quorum: Vec<u16> = request.quorum.iter().map(|i| *i as u16).collect();
        let share = &self.shares[request.key_class as usize - 1];
        let (elements, mut proof) = share
            .evaluate(&quorum, 2, &request.elements, &mut rand::rng())
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        proof[0] ^= u8::from(self.state.lies.load(Ordering::SeqCst));
        Ok(Response::new(keyholder::EvaluateResponse {
            elements: elements.into(),
            proof: proof.to_vec().into(),
            receipt: None,
        }))
    }

    async fn checkpoints(
        &self,
        _: Request<keyholder::CheckpointsRequest>,
    ) -> Result<Response<keyholder::CheckpointsResponse>, Status> {
        let notes = self.state.handed_in.lock().unwrap().clone();
        let notes = notes.into_iter().map(Into::into).collect();
        Ok(Response::new(keyholder::CheckpointsResponse { notes }))
    }

    async fn quota(
        &self,
        _: Request<keyholder::QuotaRequest>,
    ) -> Result<Response<keyholder::QuotaResponse>, Status> {
        Err(ErrorCode::NotReady.status("not in this test"))
    }
}

/// Runs a use-case that blocks where it may.
pub async fn blocking<R: Send + 'static>(
    node: &Node,
    work: impl FnOnce(&Node) -> R + Send + 'static,
) -> R {
    let node = node.clone();
    tokio::task::spawn_blocking(move || work(&node))
        .await
        .unwrap()
}
