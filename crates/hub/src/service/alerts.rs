use std::{pin::Pin, sync::Arc};

use sanctuary_hub_core::{AlertEvent, DecisionRequest};
use sanctuary_rpc::{ErrorCode, Peer, RosterWatch, caller, now};
use sanctuary_types::{AlertId, PartyId};
use sanctuary_wire::alerts::{self as wire, alerts_server::Alerts};
use tokio::sync::{mpsc, watch};
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use super::{
    refuse::{blocking, refuse},
    words,
};
use crate::{HubLedger, SledHub, health::HubHealth};

/// Events read from the store at once.
const PAGE: usize = 256;

/// `sanctuary.alerts.v1.Alerts`.
pub(crate) struct AlertsService {
    pub(crate) hub: Arc<SledHub>,
    pub(crate) ledger: HubLedger,
    pub(crate) roster: RosterWatch,
    pub(crate) finished_rounds: watch::Receiver<u64>,
    pub(crate) health: HubHealth,
}

#[tonic::async_trait]
impl Alerts for AlertsService {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<wire::AlertEvent, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<wire::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let agency = caller(&request, &self.roster)?;
        let peer = Peer::of(&request)
            .map(|peer| peer.spki_sha256)
            .ok_or_else(|| {
                ErrorCode::NotEnrolled.status("the connection carries no certificate")
            })?;
        let wire::WatchRequest { cursor, follow } = request.into_inner();
        if !follow {
            // A node that follows its stream shows it to people and logs that itself.
            let (ledger, reader) = (self.ledger.clone(), agency.id.clone());
            let logged = blocking(move || ledger.log_reading(&reader)).await?;
            logged.map_err(|error| super::ledger::refuse(&agency.id, "watch", &error))?;
        }
        let (events, out) = mpsc::channel(PAGE);
        let watcher = Watcher {
            hub: Arc::clone(&self.hub),
            roster: self.roster.clone(),
            // Only a node follows; a command of a person reads once.
            health: follow.then(|| self.health.clone()),
            rounds: self.finished_rounds.clone(),
            agency: agency.id,
            peer,
            cursor,
            events,
        };
        tokio::spawn(watcher.run(follow));
        Ok(Response::new(Box::pin(ReceiverStream::new(out))))
    }

    async fn decide(
        &self,
        request: Request<wire::DecideRequest>,
    ) -> Result<Response<wire::DecideResponse>, Status> {
        let agency = caller(&request, &self.roster)?.id;
        let message = request.into_inner();
        let decision = DecisionRequest {
            alert_id: AlertId::try_from(&message.alert_id[..]).map_err(|_| {
                ErrorCode::InvalidArgument.status("an alert id has 16 bytes; send it as listed")
            })?,
            version: message.version,
            kind: words::decision(&message.decision).ok_or_else(|| {
                ErrorCode::InvalidArgument.status(
                    "a decision is one of: confirmed, not_the_same, reopen, release_to_other",
                )
            })?,
            reason: message.reason,
        };
        let (ledger, party) = (self.ledger.clone(), agency.clone());
        let told = decision.clone();
        let logged = blocking(move || {
            let version = told.version.to_be_bytes();
            let word = format!("{:?}", told.kind);
            let parts = [&told.alert_id.0[..], &version, word.as_bytes()];
            ledger.log_decision(&party, &[&parts[..], &[told.reason.as_bytes()]].concat())
        })
        .await?;
        logged.map_err(|error| super::ledger::refuse(&agency, "decide", &error))?;
        let (hub, party) = (Arc::clone(&self.hub), agency.clone());
        let decided = blocking(move || hub.decide(&party, &decision, now())).await?;
        let version = decided.map_err(|error| refuse(&agency, "decide", &error))?;
        tracing::info!(%agency, "took a decision");
        Ok(Response::new(wire::DecideResponse { version }))
    }
}

/// One agency's open watch.
struct Watcher {
    hub: Arc<SledHub>,
    roster: RosterWatch,
    health: Option<HubHealth>,
    rounds: watch::Receiver<u64>,
    agency: PartyId,
    peer: [u8; 32],
    cursor: u64,
    events: mpsc::Sender<Result<wire::AlertEvent, Status>>,
}

impl Watcher {
    async fn run(mut self, follow: bool) {
        loop {
            match self.catch_up().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(status) => {
                    if let Some(health) = &self.health {
                        health.refused_in_stream(&self.agency, ErrorCode::of(&status));
                    }
                    let _ = self.events.send(Err(status)).await;
                    return;
                }
            }
            if !follow {
                return;
            }
            tokio::select! {
                changed = self.rounds.changed() => if changed.is_err() { return },
                () = self.events.closed() => return,
            }
        }
    }

    /// Sends everything after the cursor; false when the caller has gone.
    async fn catch_up(&mut self) -> Result<bool, Status> {
        // Before reading: a round that ends meanwhile wakes the next turn.
        self.rounds.borrow_and_update();
        loop {
            self.roster.still_enrolled(&self.peer)?;
            let page = self.page().await?;
            let is_last = page.len() < PAGE;
            for event in page {
                self.cursor = event.cursor;
                if self.events.send(Ok(words::event(event))).await.is_err() {
                    return Ok(false);
                }
            }
            if is_last {
                if let Some(health) = &self.health {
                    health.followed(&self.agency);
                }
                return Ok(true);
            }
        }
    }

    async fn page(&self) -> Result<Vec<AlertEvent>, Status> {
        let (hub, agency, cursor) = (Arc::clone(&self.hub), self.agency.clone(), self.cursor);
        let page = blocking(move || hub.alerts_after(&agency, cursor, PAGE)).await?;
        page.map_err(|error| refuse(&self.agency, "watch", &error))
    }
}
