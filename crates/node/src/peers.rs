//! Connections to the key holders and the hub, made when first used and kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sanctuary_node_core::NodeError;
use sanctuary_rpc::{
    ConnectOptions, ErrorCode, Identity, RosterWatch, connect_lazy, endpoint_of, explain,
};
use sanctuary_types::PartyId;
use tonic::{Status, transport::Channel};

/// How this node reaches other parties. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Peers {
    identity: Identity,
    roster: RosterWatch,
    options: ConnectOptions,
    channels: Arc<Mutex<HashMap<PartyId, (String, Channel)>>>,
}

impl Peers {
    pub(crate) fn new(identity: Identity, roster: RosterWatch, options: ConnectOptions) -> Self {
        Self {
            identity,
            roster,
            options,
            channels: Arc::default(),
        }
    }

    pub(crate) const fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) const fn roster(&self) -> &RosterWatch {
        &self.roster
    }

    /// The hub of the roster.
    pub(crate) fn hub(&self) -> Result<PartyId, NodeError> {
        let roster = self.roster.current();
        let hub = roster.hub().map(|party| party.id.clone());
        hub.ok_or_else(|| {
            NodeError::Keys(
                "the roster names no hub; ask the officers for a complete one".to_owned(),
            )
        })
    }

    /// The hub of the roster, and a channel to it.
    ///
    /// # Errors
    /// [`NodeError::Keys`] without a hub on the roster; [`NodeError::HubUnavailable`].
    pub(crate) fn hub_channel(&self) -> Result<(PartyId, Channel), NodeError> {
        let hub = self.hub()?;
        match self.channel(&hub) {
            Ok(channel) => Ok((hub, channel)),
            Err(reason) => Err(NodeError::HubUnavailable { hub, reason }),
        }
    }

    /// A channel to `party` at the address that the roster gives now.
    pub(crate) fn channel(&self, party: &PartyId) -> Result<Channel, String> {
        let endpoint = endpoint_of(&self.roster, party).map_err(|error| error.to_string())?;
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, channel)) = channels.get(party)
            && *known == endpoint
        {
            return Ok(channel.clone());
        }
        let options = self.options.clone();
        let channel = connect_lazy(&endpoint, party, &self.identity, &self.roster, options)
            .map_err(|error| error.to_string())?;
        channels.insert(party.clone(), (endpoint, channel.clone()));
        Ok(channel)
    }
}

/// Whether a refusal is of this agency as such, so that trying again cannot help.
pub(crate) fn refuses_agency(status: &Status) -> bool {
    matches!(
        ErrorCode::of(status),
        ErrorCode::NotEnrolled | ErrorCode::NotAllowed
    )
}

/// The hub's failure as an error of this node.
pub(crate) fn hub_fault(hub: &PartyId, status: &Status) -> NodeError {
    let reason = explain(status);
    if refuses_agency(status) {
        return NodeError::Refused {
            party: hub.clone(),
            reason,
        };
    }
    match ErrorCode::of(status) {
        ErrorCode::Unavailable | ErrorCode::DeadlineExceeded | ErrorCode::Busy => {
            NodeError::HubUnavailable {
                hub: hub.clone(),
                reason,
            }
        }
        _ => NodeError::HubRefused {
            hub: hub.clone(),
            reason,
        },
    }
}
