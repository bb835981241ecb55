//! The API for the agency's own systems, on this node.

mod keys;
mod settings;
mod tls;

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use sanctuary_intake::api::{
    Answer, Asked, Certificates, Counts, Intake, Limits, Pace, Protocol, Remembered, Shape, Ways,
    listener, serve, ways,
};
use sanctuary_node_core::{ImportSummary, Mapping, NodeError, Reject, Withdrawal, readers::Rows};
use sanctuary_rpc::now;
use sanctuary_store::Sealer;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

pub use keys::{ApiKey, ApiKeys};
pub use settings::{ClientAuth, IntakeConfig};

use crate::{Config, Node, acts, feeds::Arrivals, run::Problems};

/// This node behind the API.
struct NodeIntake {
    node: Node,
    mapping: Mapping,
    keys: ApiKeys,
    arrivals: Arrivals,
    imported: Arc<Notify>,
    problems: Problems,
}

/// The API with its listener, ready to serve.
pub(crate) struct Api {
    mapping: Mapping,
    keys: ApiKeys,
    http: Listening,
    grpc: Option<Listening>,
    certificates: Certificates,
}

/// An address that is taken, and its TLS.
struct Listening {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Api {
    /// Reads mapping and certificates and takes the address: what is wrong with them is told at the
    /// start; `None` without `[intake]`.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub(crate) fn of(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(intake) = &config.intake else {
            return Ok(None);
        };
        let mapping = intake.mapping.as_ref().or(config.mapping.as_ref());
        let mapping = mapping.context("intake has no mapping; name one")?;
        let text = std::fs::read_to_string(mapping)
            .with_context(|| format!("cannot read {}", mapping.display()))?;
        let parsed = Mapping::parse(&text)
            .with_context(|| format!("{} is not usable", mapping.display()))?;
        let sealer = Sealer::from_key_file(&config.root_key())?;
        let listening = |address: SocketAddr, protocol: Protocol| -> anyhow::Result<Listening> {
            let tls = tls::acceptor(intake, protocol)?;
            let listener = TcpListener::bind(address)
                .with_context(|| format!("intake cannot listen on {address}"))?;
            Ok(Listening { listener, tls })
        };
        let grpc = intake.grpc_listen.map(|a| listening(a, Protocol::Http2));
        Ok(Some(Self {
            mapping: parsed,
            keys: ApiKeys::of(&config.data_dir, sealer),
            http: listening(intake.listen, Protocol::Http1)?,
            grpc: grpc.transpose()?,
            certificates: match (&intake.client_ca, intake.client_auth) {
                (None, _) => Certificates::NotAsked,
                (Some(_), ClientAuth::Certificate) => Certificates::StandForKeys,
                (Some(_), ClientAuth::CertificateAndKey) => Certificates::BesideKeys,
            },
        }))
    }

    /// Serves for ever.
    pub(crate) async fn run(
        self,
        node: Node,
        arrivals: Arrivals,
        imported: Arc<Notify>,
        problems: Problems,
    ) {
        let intake = NodeIntake {
            node,
            mapping: self.mapping,
            keys: self.keys,
            arrivals,
            imported,
            problems,
        };
        let Ways { http, grpc } = ways(Arc::new(intake), Pace::default(), self.certificates).await;
        let http = self.http.serve(Protocol::Http1, http);
        match self.grpc {
            None => http.await,
            Some(listening) => {
                tokio::join!(http, listening.serve(Protocol::Http2, grpc));
            }
        }
    }
}

impl Listening {
    async fn serve(self, protocol: Protocol, routes: sanctuary_intake::api::Routes) {
        let address = self.listener.local_addr().map(|a| a.to_string());
        let socket = match listener(self.listener) {
            Ok(socket) => socket,
            Err(error) => {
                tracing::error!(%error, "the API for own systems cannot be served");
                return;
            }
        };
        tracing::info!(
            address = address.unwrap_or_default(),
            tls = self.tls.is_some(),
            grpc = protocol == Protocol::Http2,
            "the API for own systems is served"
        );
        let limits = Limits::default();
        serve(
            socket,
            self.tls,
            protocol,
            routes,
            limits,
            std::future::pending(),
        )
        .await;
    }
}

/// Once a day removes what was answered under idempotency keys more than a week ago.
pub(crate) async fn forget_answers(node: Node) {
    const DAY: Duration = Duration::from_secs(86_400);
    loop {
        let node = node.clone();
        let forgotten = tokio::task::spawn_blocking(move || node.store().forget_answers(now()));
        if let Ok(Err(error)) = forgotten.await {
            tracing::warn!(%error, "old answers of the API cannot be removed");
        }
        tokio::time::sleep(DAY).await;
    }
}

impl Intake for NodeIntake {
    fn caller(&self, key: &str) -> Result<Option<String>, NodeError> {
        let name = self.keys.name_of(key)?;
        if let Some(name) = &name {
            self.node.inner.ways.used(name);
        }
        Ok(name)
    }

    fn is_live(&self, name: &str) -> Result<bool, NodeError> {
        self.keys.is_live(name)
    }

    fn shape(&self) -> Shape {
        Shape {
            columns: self.mapping.column_names(),
            record_id: self.mapping.record_id.clone(),
        }
    }

    fn take(
        &self,
        caller: &str,
        rows: &mut dyn Rows,
        reject: &mut dyn FnMut(Reject) -> Result<(), NodeError>,
    ) -> Result<ImportSummary, NodeError> {
        let arriving = self.arrivals.begin();
        let importer = self.node.importer();
        let summary = importer.import(rows, &self.mapping, false, reject, &mut |_| {})?;
        if summary.new + summary.changed + summary.notify_only > 0 {
            for act in acts::of_import(Path::new(&format!("api key {caller}")), &summary) {
                self.node.ledger().note_blocking(act)?;
            }
        }
        let source = format!("api key {caller}");
        self.node.note_problems(Path::new(&source), &summary)?;
        self.arrivals.linger();
        drop(arriving);
        self.imported.notify_one();
        Ok(summary)
    }

    fn withdraw(&self, caller: &str, reference: &str) -> Result<Withdrawal, NodeError> {
        let done = self.node.importer().withdraw(&[reference])?;
        if done.withdrawn > 0 {
            let act = acts::of_withdrawal(&format!("api key {caller}"), done.withdrawn);
            self.node.ledger().note_blocking(act)?;
        }
        self.imported.notify_one();
        Ok(done)
    }

    fn counts(&self) -> Result<Counts, NodeError> {
        let status = self.node.status()?;
        let problems = [status.last_problem, self.problems.text()];
        let problems: Vec<String> = problems.into_iter().filter(|p| !p.is_empty()).collect();
        Ok(Counts {
            records: status.records,
            notify_only: status.notify_only,
            pending: status.pending,
            outbox: status.outbox,
            last_problem: problems.join("; "),
        })
    }

    fn recall(&self, caller: &str, key: &str) -> Result<Option<Remembered>, NodeError> {
        self.node.store().answer(caller, key, now())
    }

    fn remember(&self, asked: &Asked, answer: &Answer) -> Result<(), NodeError> {
        self.node.store().put_answer(asked, answer, now())
    }
}
