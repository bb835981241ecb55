use std::collections::BTreeMap;

use anyhow::Context as _;
use sanctuary_hub_core::PushBatch;
use sanctuary_rpc::{Identity, RosterWatch, connect, endpoint_of};
use sanctuary_trust::files::{Layout, load_anchors, load_roster};
use sanctuary_types::PartyId;
use sanctuary_wire::{
    alerts::{WatchRequest, alerts_client::AlertsClient},
    directory::directory_client::DirectoryClient,
    ingest::{self as wire, ingest_client::IngestClient},
    keyholder::key_holder_client::KeyHolderClient,
};
use tokio_stream::StreamExt as _;
use tonic::{Status, codegen::Bytes, transport::Channel};

/// A party's keys in the hands of a test: calls hub and key holders as that party, with whatever
/// the test makes up.
pub struct Caller {
    party: PartyId,
    identity: Identity,
    /// As it was when the caller was made: a removed party still knows where everybody is.
    roster: RosterWatch,
}

impl Caller {
    /// The keys of `party` in a partnership's folder.
    ///
    /// # Errors
    /// When the files cannot be used.
    pub fn of(layout: &Layout, party: &str) -> anyhow::Result<Self> {
        let anchors = load_anchors(&layout.anchors())?;
        Ok(Self {
            party: party.parse()?,
            identity: Identity::load(&layout.party(party), &anchors)?,
            roster: RosterWatch::in_memory(&load_roster(&layout.roster())?, anchors)?,
        })
    }

    /// A connection to another party.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn channel(&self, to: &str) -> anyhow::Result<Channel> {
        let to: PartyId = to.parse()?;
        let endpoint = endpoint_of(&self.roster, &to)?;
        Ok(connect(&endpoint, &to, &self.identity, &self.roster).await?)
    }

    /// A key holder.
    ///
    /// # Errors
    /// As [`Caller::channel`].
    pub async fn key_holder(&self, holder: &str) -> anyhow::Result<KeyHolderClient<Channel>> {
        Ok(KeyHolderClient::new(self.channel(holder).await?))
    }

    /// The hub's alerts.
    ///
    /// # Errors
    /// As [`Caller::channel`].
    pub async fn alerts(&self) -> anyhow::Result<AlertsClient<Channel>> {
        Ok(AlertsClient::new(self.channel("hub").await?))
    }

    /// By id as hexadecimal, the newest version of each alert that the hub has for this agency.
    ///
    /// # Errors
    /// When the hub does not answer.
    pub async fn alert_versions(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        let everything = WatchRequest {
            cursor: 0,
            follow: false,
        };
        let mut events = self.alerts().await?.watch(everything).await?.into_inner();
        let mut versions = BTreeMap::new();
        while let Some(event) = events.next().await {
            let event = event?;
            versions.insert(hex::encode(&event.alert_id), event.version.into());
        }
        Ok(versions)
    }

    /// The hub's status.
    ///
    /// # Errors
    /// As [`Caller::channel`].
    pub async fn directory(&self) -> anyhow::Result<DirectoryClient<Channel>> {
        Ok(DirectoryClient::new(self.channel("hub").await?))
    }

    /// A batch on the wire, signed by this party.
    #[must_use]
    pub fn signed(&self, batch: &PushBatch) -> wire::PushBatch {
        let signature = self.identity.signing().sign(&batch.message(&self.party));
        wire::PushBatch {
            batch_id: batch.batch_id.0.to_vec().into(),
            rules_version: batch.rules.0.into(),
            epoch: batch.epoch.0,
            postings: batch.postings.clone().into(),
            cards: batch.cards.clone().into(),
            withdrawals: batch.withdrawals.clone().into(),
            withdrawn_cards: batch.withdrawn_cards.clone().into(),
            population: (!batch.population.is_empty()).then(|| wire::Population {
                json: batch.population.clone().into(),
            }),
            signature: signature.to_vec().into(),
        }
    }

    /// Pushes batches on one stream; gives the ids that the hub acknowledged, or its refusal.
    ///
    /// # Errors
    /// When there is no connection.
    pub async fn push(
        &self,
        batches: Vec<wire::PushBatch>,
    ) -> anyhow::Result<Result<Vec<Bytes>, Status>> {
        let mut client = IngestClient::new(self.channel("hub").await?);
        let mut replies = match client.push(tokio_stream::iter(batches)).await {
            Ok(replies) => replies.into_inner(),
            Err(refused) => return Ok(Err(refused)),
        };
        let mut ids = Vec::new();
        while let Some(reply) = replies.next().await {
            match reply {
                Ok(reply) => ids.push(reply.batch_id),
                Err(refused) => return Ok(Err(refused)),
            }
        }
        Ok(Ok(ids))
    }

    /// Pushes one batch that must be refused; gives the refusal.
    ///
    /// # Errors
    /// When the hub took it.
    pub async fn refusal_of(&self, batch: wire::PushBatch) -> anyhow::Result<Status> {
        self.push(vec![batch])
            .await?
            .err()
            .context("the hub took a batch that it must refuse")
    }
}
