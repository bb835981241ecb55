//! A partnership on this machine around one hub daemon.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::{net::TcpListener, path::PathBuf};

use rand::Rng;
use sanctuary_hub::{Config, run};
use sanctuary_hub_core::PushBatch;
use sanctuary_linkage::Population;
use sanctuary_policy::{Agreement, SignedAgreement};
use sanctuary_posting::{agency_point, derive, seal, seal_card};
use sanctuary_rpc::{Identity, RosterWatch, connect, now};
use sanctuary_toprf::OprfOutput;
use sanctuary_trust::{
    Partnership, Plan,
    files::{Layout, write_public},
};
use sanctuary_types::{
    Basis, BatchId, BirthClass, Card, Epoch, Handle, IdentifierKind, KeyClass, Month, PostingBody,
    Presence, Pseudonym, Role, Roles, RulesVersion, Slots, TokenType, Visibility,
};
use sanctuary_wire::{
    alerts::alerts_client::AlertsClient,
    compare::comparisons_client::ComparisonsClient,
    directory::directory_client::DirectoryClient,
    disclosure::disclosures_client::DisclosuresClient,
    ingest::{self as wire, ingest_client::IngestClient},
    ledger::ledger_client::LedgerClient,
};
use tokio::{sync::oneshot, task::JoinHandle};
use tokio_stream::StreamExt;
use tonic::{Status, transport::Channel};

pub struct Partners {
    dir: tempfile::TempDir,
    layout: Layout,
    pub keys: Partnership,
    port: u16,
}

pub struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap().unwrap();
    }
}

impl Partners {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut plan = Plan::new("hub", &["alder"], &["police", "council", "refuge"]).unwrap();
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

    pub fn start(&self) -> Running {
        self.start_with(|_| {})
    }

    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn root_key(&self) -> PathBuf {
        self.dir.path().join("root.key")
    }

    /// As [`Partners::start`], with other settings.
    pub fn start_with(&self, settle: impl FnOnce(&mut Config)) -> Running {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        let mut config = Config::new(
            "hub".parse().unwrap(),
            listener.local_addr().unwrap(),
            self.data_dir(),
            self.root_key(),
            self.layout.party("hub"),
            self.layout.anchors(),
            self.layout.roster(),
            Epoch(1),
        );
        config.round_interval_ms = 100;
        config.cache_mib = 32;
        settle(&mut config);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run(config, listener, async {
            let _ = stopped.await;
        }));
        Running { stop, task }
    }

    pub fn revoke(&self, agency: &str) {
        let roster = self
            .keys
            .roster
            .proposal()
            .without(&agency.parse().unwrap(), now())
            .unwrap();
        let signed = self.keys.sign(roster).unwrap();
        write_public(&self.layout.roster(), &signed.to_json()).unwrap();
    }

    /// The officers agree on the second step or end it.
    pub fn agree_second_step(&self, agreed: bool) {
        let roster = self.keys.roster.proposal();
        let roster = roster.with_second_step(agreed, now()).unwrap();
        let signed = self.keys.sign(roster).unwrap();
        write_public(&self.layout.roster(), &signed.to_json()).unwrap();
    }

    pub async fn comparisons(&self, party: &str) -> ComparisonsClient<Channel> {
        ComparisonsClient::new(self.channel(party).await)
    }

    pub async fn channel(&self, party: &str) -> Channel {
        let member = self.keys.member(party).unwrap();
        let identity = Identity::from_member(member, &self.keys.anchors).unwrap();
        // The partner's own copy of the roster: the first version.
        let roster = RosterWatch::in_memory(&self.keys.roster, self.keys.anchors.clone()).unwrap();
        let endpoint = format!("127.0.0.1:{}", self.port);
        connect(&endpoint, &"hub".parse().unwrap(), &identity, &roster)
            .await
            .unwrap()
    }

    pub async fn alerts(&self, party: &str) -> AlertsClient<Channel> {
        AlertsClient::new(self.channel(party).await)
    }

    pub async fn ledger(&self, party: &str) -> LedgerClient<Channel> {
        LedgerClient::new(self.channel(party).await)
    }

    pub async fn disclosures(&self, party: &str) -> DisclosuresClient<Channel> {
        DisclosuresClient::new(self.channel(party).await)
    }

    /// The example agreement, as the officers sign it.
    pub fn agreement(&self, change: impl Fn(&mut Agreement)) -> Vec<u8> {
        let example = include_str!("../../../../deploy/agreement/example.toml");
        let mut agreement = SignedAgreement::from_toml(example)
            .unwrap()
            .proposal()
            .clone();
        let members = ["police", "council"];
        agreement
            .members
            .retain(|m| members.contains(&m.id.as_str()));
        for rule in &mut agreement.rules {
            rule.askers.retain(|p| members.contains(&p.as_str()));
            rule.owners.retain(|p| members.contains(&p.as_str()));
        }
        agreement
            .rules
            .retain(|rule| !rule.askers.is_empty() && !rule.owners.is_empty());
        change(&mut agreement);
        let mut signed = SignedAgreement::unsigned(agreement).unwrap();
        for officer in &self.keys.officers {
            signed.sign(&self.keys.anchors, &officer.signing).unwrap();
        }
        signed.to_toml().unwrap().into_bytes()
    }

    pub async fn directory(&self, party: &str) -> DirectoryClient<Channel> {
        DirectoryClient::new(self.channel(party).await)
    }

    /// Pushes on one stream; gives the ids replied, or the first refusal.
    pub async fn push(
        &self,
        party: &str,
        batches: Vec<wire::PushBatch>,
    ) -> Result<Vec<tonic::codegen::Bytes>, Status> {
        let mut client = IngestClient::new(self.channel(party).await);
        let mut replies = client.push(tokio_stream::iter(batches)).await?.into_inner();
        let mut ids = Vec::new();
        while let Some(reply) = replies.next().await {
            ids.push(reply?.batch_id);
        }
        Ok(ids)
    }

    pub fn signed(&self, agency: &str, batch: PushBatch) -> wire::PushBatch {
        let key = &self.keys.member(agency).unwrap().signing;
        let signature = key.sign(&batch.message(&agency.parse().unwrap()));
        wire::PushBatch {
            batch_id: batch.batch_id.0.to_vec().into(),
            rules_version: batch.rules.0.into(),
            epoch: batch.epoch.0,
            postings: batch.postings.into(),
            cards: batch.cards.into(),
            withdrawals: batch.withdrawals.into(),
            withdrawn_cards: batch.withdrawn_cards.into(),
            population: (!batch.population.is_empty()).then(|| wire::Population {
                json: batch.population.into(),
            }),
            signature: signature.to_vec().into(),
        }
    }
}

/// The unsigned batch of a message without withdrawals, under a new id.
pub fn to_core(message: &wire::PushBatch) -> PushBatch {
    let mut batch = PushBatch::new(BatchId([99; 16]), RulesVersion(1), Epoch(1));
    batch.postings = message.postings.to_vec();
    batch.cards = message.cards.to_vec();
    batch
}

/// A record that has nothing but one phone number, the same for all.
pub fn phone_record(number: u8) -> Card {
    Card {
        pseudonym: Pseudonym([number; 16]),
        roles: Roles::default().with(Role::Witness),
        presence: Presence {
            name_parts: 0,
            birth: BirthClass::None,
            fine_place: false,
            area: false,
            identifiers: 1 << IdentifierKind::Phone.code(),
        },
        visibility: Visibility::Open,
        basis: Basis::Safeguarding,
        child: false,
        rules: RulesVersion(1),
    }
}

pub fn batch_of(agency: &str, cards: &[Card]) -> PushBatch {
    let agency = agency.parse().unwrap();
    let mut batch = PushBatch::new(BatchId(random()), RulesVersion(1), Epoch(1));
    batch.population = Population::built_in(1000, 4000).to_json().unwrap();
    let secrets = derive(
        &OprfOutput::from_bytes([7; 64]),
        KeyClass::Identifier,
        Epoch(1),
    );
    let point = agency_point(&agency, Epoch(1));
    let expiry = Month::at(now()).plus(12);
    for card in cards {
        let body = PostingBody {
            card_key: random(),
            token: TokenType::Id(IdentifierKind::Phone),
            slots: Slots::default(),
        };
        let posting = seal(&secrets, &point, &agency, Handle(random()), expiry, &body);
        batch.postings.extend(posting.to_bytes());
        batch
            .cards
            .extend(seal_card(&body.card_key, expiry, card).to_bytes());
    }
    batch
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}
