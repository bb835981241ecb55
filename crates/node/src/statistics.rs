//! Counts for the board pack: handed in when the officers ask for them.

use sanctuary_figures::{OwnCounts, Window};
use sanctuary_node_core::{NodeError, own_counts};
use sanctuary_rpc::now;
use sanctuary_types::limits::MESSAGE_BYTES_MAX;
use sanctuary_wire::statistics::{
    HandInRequest, WantedRequest, statistics_client::StatisticsClient,
};

use crate::{Node, peers::hub_fault};

impl Node {
    /// Asks the hub whether counts are wanted and hands them in; true when it did.
    ///
    /// # Errors
    /// [`NodeError::HubUnavailable`], [`NodeError::HubRefused`], [`NodeError::Refused`]; what the store
    /// gives.
    pub async fn hand_in_counts(&self) -> Result<bool, NodeError> {
        hand_in(self).await
    }
}

async fn hand_in(node: &Node) -> Result<bool, NodeError> {
    let peers = &node.inner.peers;
    let (hub, channel) = peers.hub_channel()?;
    let mut client = StatisticsClient::new(channel).max_encoding_message_size(MESSAGE_BYTES_MAX);
    let wanted = client
        .wanted(WantedRequest {})
        .await
        .map_err(|status| hub_fault(&hub, &status))?
        .into_inner();
    if wanted.from.is_empty() {
        return Ok(false);
    }
    let window = match (wanted.from.parse(), wanted.to.parse()) {
        (Ok(from), Ok(to)) => Window { from, to },
        _ => {
            return Err(NodeError::HubRefused {
                hub,
                reason: "it asked for counts of a time that is none; report this".to_owned(),
            });
        }
    };
    let counting = node.clone();
    let counted =
        tokio::task::spawn_blocking(move || own_counts(&counting.inner.store, window, now()));
    let counts = counted
        .await
        .map_err(|_| NodeError::Damaged("records"))??
        .to_json();
    let message = OwnCounts::message(&node.inner.party, &counts);
    let signature = peers.identity().signing().sign(&message);
    client
        .hand_in(HandInRequest {
            counts: counts.into(),
            signature: signature.to_vec().into(),
        })
        .await
        .map_err(|status| hub_fault(&hub, &status))?;
    Ok(true)
}
