//! A partnership on this machine, a small service, and logs that can be read.
#![allow(dead_code)]

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::Stream;
use rand::{SeedableRng, rngs::StdRng};
use sanctuary_rpc::{Identity, Peer, RosterWatch, RpcError, ServeOptions, caller, now, serve_with};
use sanctuary_trust::{Anchors, Leaf, Member, Partnership, PartyKind, Plan, PlannedParty};
use sanctuary_types::Timestamp;
use sanctuary_wire::{
    alerts::{
        AlertEvent, DecideRequest, DecideResponse, WatchRequest,
        alerts_server::{Alerts, AlertsServer},
    },
    directory::{
        AgreementRequest, AgreementResponse, PutAgreementRequest, PutAgreementResponse,
        StatusRequest, StatusResponse,
        directory_server::{Directory, DirectoryServer},
    },
};
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::{Request, Response, Status, service::Routes};

pub const DAY_MS: u64 = 86_400_000;

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub fn partnership(seed: u64) -> Partnership {
    let plan = Plan::new("hub", &["alder", "birch", "cedar"], &["police", "council"]).unwrap();
    Partnership::generate(&plan, now(), &mut rng(seed)).unwrap()
}

pub fn identity(p: &Partnership, id: &str) -> Identity {
    Identity::from_member(p.member(id).unwrap(), &p.anchors).unwrap()
}

pub fn watch(p: &Partnership) -> RosterWatch {
    RosterWatch::in_memory(&p.roster, p.anchors.clone()).unwrap()
}

/// A party that this partnership's authority certified, from `start` for 14 days, with fresh keys.
pub fn certified(p: &Partnership, id: &str, start: Timestamp, seed: u64) -> Member {
    let planned = PlannedParty::new(id, None).unwrap();
    let leaf = Leaf::new(planned.id.clone(), PartyKind::Agency, start);
    Member::generate(&planned, &leaf, &p.authority, &mut rng(seed)).unwrap()
}

/// The same key and roster entry with a certificate from `start`.
pub fn recertified(p: &Partnership, id: &str, start: Timestamp) -> Identity {
    let mut member = p.member(id).unwrap().clone();
    let leaf = Leaf::new(member.party.id.clone(), member.party.kind, start);
    member.chain = vec![
        p.authority
            .renew(&member.chain[0], &leaf, &mut rng(77))
            .unwrap(),
    ];
    Identity::from_member(&member, &p.anchors).unwrap()
}

pub fn of(member: &Member, anchors: &Anchors) -> Identity {
    Identity::from_member(member, anchors).unwrap()
}

/// Tells callers who they are: `version` is the caller's id.
#[derive(Clone)]
pub struct Service(pub RosterWatch);

#[tonic::async_trait]
impl Directory for Service {
    async fn status(
        &self,
        request: Request<StatusRequest>,
    ) -> Result<Response<StatusResponse>, Status> {
        let party = caller(&request, &self.0)?;
        Ok(Response::new(StatusResponse {
            version: party.id.to_string(),
            ..StatusResponse::default()
        }))
    }

    async fn put_agreement(
        &self,
        _request: Request<PutAgreementRequest>,
    ) -> Result<Response<PutAgreementResponse>, Status> {
        Ok(Response::new(PutAgreementResponse { version: 1 }))
    }

    async fn agreement(
        &self,
        _request: Request<AgreementRequest>,
    ) -> Result<Response<AgreementResponse>, Status> {
        Ok(Response::new(AgreementResponse::default()))
    }
}

#[tonic::async_trait]
impl Alerts for Service {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<AlertEvent, Status>> + Send>>;

    /// An event every few milliseconds for as long as the caller is enrolled.
    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let spki = Peer::of(&request).unwrap().spki_sha256;
        let events =
            futures::stream::unfold((self.0.clone(), false), move |(roster, ended)| async move {
                if ended {
                    return None;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
                match roster.still_enrolled(&spki) {
                    Ok(()) => Some((Ok(AlertEvent::default()), (roster, false))),
                    Err(status) => Some((Err(status), (roster, true))),
                }
            });
        Ok(Response::new(Box::pin(events)))
    }

    async fn decide(
        &self,
        _request: Request<DecideRequest>,
    ) -> Result<Response<DecideResponse>, Status> {
        Ok(Response::new(DecideResponse { version: 1 }))
    }
}

pub struct Running {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), RpcError>>,
}

impl Running {
    pub fn endpoint(&self) -> String {
        self.address.to_string()
    }

    pub async fn stop(self) -> Result<(), RpcError> {
        let _ = self.stop.send(());
        self.server.await.unwrap()
    }
}

pub fn start(identity: Identity, roster: &RosterWatch) -> Running {
    start_with(identity, roster, ServeOptions::default())
}

pub fn start_with(identity: Identity, roster: &RosterWatch, options: ServeOptions) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let routes = Routes::new(DirectoryServer::new(Service(roster.clone())))
        .add_service(AlertsServer::new(Service(roster.clone())));
    let roster = roster.clone();
    let server = tokio::spawn(async move {
        let shutdown = async {
            let _ = stopped.await;
        };
        serve_with(listener, identity, roster, routes, shutdown, options).await
    });
    Running {
        address,
        stop,
        server,
    }
}

/// Everything logged on this thread until dropped.
pub struct Logs {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Logs {
    pub fn capture() -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let sink = Sink(Arc::clone(&text));
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || sink.clone())
            .finish();
        Self {
            text,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }
}

#[derive(Clone)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
