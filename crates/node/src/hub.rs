//! The hub: pushing the outbox and hearing alerts.

use futures::StreamExt;
use sanctuary_node_core::{NodeError, ports::NodeStore, receive_alerts};
use sanctuary_types::{BatchId, PartyId, limits::MESSAGE_BYTES_MAX};
use sanctuary_wire::{
    alerts::{WatchRequest, alerts_client::AlertsClient},
    ingest::ingest_client::IngestClient,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    Node, acts,
    convert::{alert_event, push_batch},
    ledger::NodeLedger,
    peers::{Peers, hub_fault},
    store::SledStore,
};

/// Batches read from the outbox and sent before the first of them is acknowledged.
const WINDOW: usize = 16;
/// Alert events stored in one step.
const EVENTS_MAX: usize = 256;

/// What a push did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushReport {
    /// Batches that the hub acknowledged as durable.
    pub batches: u64,
}

/// Pushes the outbox over one stream until it is empty. A batch leaves the outbox only when the hub
/// says it is durable; after an interruption the rest is sent again under the same ids, which the
/// hub knows as retries.
///
/// No batch leaves before the log has promised its entries. They were noted when it was packed, so
/// mostly the promises are here already.
pub(crate) async fn push_outbox(
    peers: &Peers,
    agency: &PartyId,
    store: &SledStore,
    ledger: &NodeLedger,
) -> Result<PushReport, NodeError> {
    let mut report = PushReport::default();
    let mut window = store.outbox(WINDOW)?;
    if window.is_empty() {
        return Ok(report);
    }
    ledger.log_all(acts::of_window(&window, agency)).await?;
    let (hub, channel) = peers.hub_channel()?;
    let (sender, receiver) = mpsc::channel(WINDOW);
    for entry in &window {
        // Cannot fail: the channel has room for the window and its receiver is here.
        let _ = sender.try_send(push_batch(&entry.batch));
    }
    let mut replies = IngestClient::new(channel)
        .max_encoding_message_size(MESSAGE_BYTES_MAX)
        .push(ReceiverStream::new(receiver))
        .await
        .map_err(|status| hub_fault(&hub, &status))?
        .into_inner();
    loop {
        for _ in 0..window.len() {
            let reply = replies
                .message()
                .await
                .map_err(|status| hub_fault(&hub, &status))?
                .ok_or_else(|| NodeError::HubUnavailable {
                    hub: hub.clone(),
                    reason: "it closed the connection; the rest is sent again".to_owned(),
                })?;
            let batch =
                BatchId::try_from(&reply.batch_id[..]).map_err(|_| NodeError::HubRefused {
                    hub: hub.clone(),
                    reason: "it acknowledged something that is no batch; report this".to_owned(),
                })?;
            report.batches += u64::from(store.acknowledge(&batch)?);
        }
        window = store.outbox(WINDOW)?;
        if window.is_empty() {
            return Ok(report);
        }
        ledger.log_all(acts::of_window(&window, agency)).await?;
        for entry in &window {
            let sent = sender.send(push_batch(&entry.batch)).await;
            sent.map_err(|_| NodeError::HubUnavailable {
                hub: hub.clone(),
                reason: "it closed the connection; the rest is sent again".to_owned(),
            })?;
        }
    }
}

/// Reads alert events after the stored cursor into the store. Without `follow` until there are no
/// more now; with it until the stream breaks. Calls `opened` once the hub answers. Gives the number
/// of events.
pub(crate) async fn read_alerts(
    node: &Node,
    follow: bool,
    opened: impl FnOnce() + Send,
) -> Result<u64, NodeError> {
    let (peers, store) = (&node.inner.peers, node.store());
    let (hub, channel) = peers.hub_channel()?;
    let cursor = store.alert_cursor()?;
    let stream = AlertsClient::new(channel)
        .watch(WatchRequest { cursor, follow })
        .await
        .map_err(|status| hub_fault(&hub, &status))?
        .into_inner();
    opened();
    node.heard_hub();
    let mut portions = stream.ready_chunks(EVENTS_MAX);
    let mut count = 0;
    while let Some(portion) = portions.next().await {
        let mut events = Vec::with_capacity(portion.len());
        let mut broken = None;
        for event in portion {
            match event {
                Ok(event) => events.push(alert_event(&event)?),
                Err(status) => broken = Some(hub_fault(&hub, &status)),
            }
        }
        count += events.len() as u64;
        // Into the queue first: what was heard twice is heard once, what was not is heard again.
        node.hear_for_review(&events)?;
        let heard = events.len();
        receive_alerts(store, events)?;
        node.figures().heard(heard);
        node.heard_hub();
        if let Some(error) = broken {
            return Err(error);
        }
    }
    Ok(count)
}
