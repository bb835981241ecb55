//! Counts for the board pack: handed in when the officers ask for them.

use sanctuary_figures::{Figures, OwnCounts, Window};
use sanctuary_node_core::{NodeError, own_counts};
use sanctuary_rpc::now;
use sanctuary_types::limits::MESSAGE_BYTES_MAX;
use sanctuary_wire::statistics::{
    HandInRequest, PublishedRequest, WantedRequest, statistics_client::StatisticsClient,
};

use crate::{Node, peers::hub_fault};

impl Node {
    /// Fetches the released editions of the board pack that are not here yet; gives how many came. The hub gives
    /// out nothing that two officers have not signed.
    ///
    /// # Errors
    /// As [`Node::hand_in_counts`].
    pub async fn fetch_editions(&self) -> Result<u32, NodeError> {
        let newest = published(self, 0).await?;
        let Some(newest) = newest else { return Ok(0) };
        let mut fetched = 0;
        for number in 1..=newest.number {
            if self.inner.keeping.has_edition(number)? {
                continue;
            }
            let figures = if number == newest.number {
                Some(newest.clone())
            } else {
                published(self, number).await?
            };
            if let Some(figures) = figures.filter(|f| f.number == number) {
                self.inner.keeping.keep_edition(&figures)?;
                fetched += 1;
            }
        }
        Ok(fetched)
    }

    /// Asks the hub whether counts are wanted and hands them in; true when it did.
    ///
    /// # Errors
    /// [`NodeError::HubUnavailable`], [`NodeError::HubRefused`], [`NodeError::Refused`]; what the store
    /// gives.
    pub async fn hand_in_counts(&self) -> Result<bool, NodeError> {
        hand_in(self).await
    }
}

/// A released edition; 0 = the newest.
async fn published(node: &Node, number: u32) -> Result<Option<Figures>, NodeError> {
    let (hub, channel) = node.inner.peers.hub_channel()?;
    let mut client = StatisticsClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let answer = client.published(PublishedRequest { number }).await;
    let answer = answer
        .map_err(|status| hub_fault(&hub, &status))?
        .into_inner();
    if answer.figures.is_empty() {
        return Ok(None);
    }
    let figures: Figures =
        serde_json::from_slice(&answer.figures).map_err(|_| NodeError::HubRefused {
            hub,
            reason: "it gave an edition of the board pack that does not read; report this"
                .to_owned(),
        })?;
    Ok((figures.signatures >= 2).then_some(figures))
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
