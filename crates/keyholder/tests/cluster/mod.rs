//! Three key holders in this process over real mutual TLS, with keys from a real ceremony.
#![allow(clippy::unwrap_used, dead_code)]

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    time::Duration,
};

use rand::rng;
use sanctuary_health::MetricsConfig;
use sanctuary_keyholder::{Config, Journal, run};
use sanctuary_rpc::{Identity, RosterWatch, connect, now};
use sanctuary_toprf::{Answer, Blinded, CheckedKeys, OprfOutput};
use sanctuary_trust::{
    DkgResult, Manifest, ManifestTerms, Partnership, Plan, SignedManifest,
    files::{Layout, write_public},
};
use sanctuary_types::{Epoch, KeyClass, PartyId, RulesVersion, Timestamp};
use sanctuary_wire::keyholder::{
    CeremonyEchoSet, CeremonyMember, CeremonyResult, CeremonyRound1Set, CeremonyRound2Set,
    CeremonyStart, EvaluateRequest, EvaluateResponse, QuotaRequest,
    ceremony_client::CeremonyClient, key_holder_client::KeyHolderClient,
};
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::{Status, transport::Channel};

pub const HOLDERS: [&str; 3] = ["alder", "birch", "cedar"];
pub const EPOCH: u32 = 5;

pub struct Cluster {
    pub dir: tempfile::TempDir,
    pub partnership: Partnership,
    pub layout: Layout,
    holders: Vec<Running>,
}

struct Running {
    address: SocketAddr,
    metrics: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
}

impl Cluster {
    /// Holders without keys. `stranger` has a valid certificate and is not on the roster.
    pub async fn without_keys() -> Self {
        let agencies = ["police", "council", "stranger"];
        let plan = Plan::new("hub", &HOLDERS, &agencies).unwrap();
        let mut partnership = Partnership::generate(&plan, now(), &mut rng()).unwrap();
        let stranger = "stranger".parse().unwrap();
        let roster = partnership
            .roster
            .proposal()
            .without(&stranger, now())
            .unwrap();
        partnership.roster = partnership.sign(roster).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let layout = partnership
            .write_to_dir(&dir.path().join("partnership"))
            .unwrap();
        let mut cluster = Self {
            dir,
            partnership,
            layout,
            holders: Vec::new(),
        };
        for holder in HOLDERS {
            let running = cluster.launch(holder);
            cluster.holders.push(running);
        }
        cluster
    }

    /// Holders with a 2-of-3 key of the person class, made by a ceremony.
    pub async fn with_key(quota_per_day: u64) -> Self {
        let cluster = Self::without_keys().await;
        let results = cluster.ceremony().await;
        cluster.publish(&results, quota_per_day);
        cluster.until_keys_are_loaded().await;
        cluster
    }

    pub fn config(&self, holder: &str) -> Config {
        Config::new(
            holder.parse().unwrap(),
            "127.0.0.1:0".parse().unwrap(),
            self.data_dir(holder),
            self.layout.party(holder),
            self.layout.anchors(),
            self.layout.roster(),
            vec![self.layout.manifest(KeyClass::Person)],
        )
    }

    pub fn data_dir(&self, holder: &str) -> PathBuf {
        self.dir.path().join(format!("data-{holder}"))
    }

    fn launch(&self, holder: &str) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // Free a moment ago; the daemon opens it again.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let metrics = free.local_addr().unwrap();
        drop(free);
        let mut config = self.config(holder);
        config.metrics = Some(MetricsConfig {
            listen: metrics,
            beyond_loopback: false,
        });
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            let _ = stopped.await;
        };
        Running {
            address,
            metrics,
            stop,
            served: tokio::spawn(run(config, listener, shutdown)),
        }
    }

    /// Where a holder tells its figures.
    pub fn metrics(&self, index: usize) -> SocketAddr {
        self.holders[index].metrics
    }

    pub async fn restart(&mut self, index: usize) {
        self.stop(index).await;
        let running = self.launch(HOLDERS[index]);
        self.holders.insert(index, running);
        self.until_keys_are_loaded().await;
    }

    async fn stop(&mut self, index: usize) {
        let running = self.holders.remove(index);
        running.stop.send(()).unwrap();
        running.served.await.unwrap().unwrap();
    }

    /// Stops everything; gives the refusals that the first holder kept.
    pub async fn finish(mut self) -> Vec<(Timestamp, String, String)> {
        for _ in 0..HOLDERS.len() {
            self.stop(0).await;
        }
        let root_key = self.config(HOLDERS[0]).root_key();
        let journal = Journal::open(&self.data_dir(HOLDERS[0]), &root_key).unwrap();
        journal.refusals().unwrap()
    }

    pub async fn channel(&self, caller: &str, index: usize) -> Channel {
        let member = self.partnership.member(caller).unwrap();
        let identity = Identity::from_member(member, &self.partnership.anchors).unwrap();
        let anchors = self.partnership.anchors.clone();
        let roster = RosterWatch::in_memory(&self.partnership.roster, anchors).unwrap();
        let expected: PartyId = HOLDERS[index].parse().unwrap();
        let address = self.holders[index].address.to_string();
        // The daemon opens its files before it accepts.
        for _ in 0..100 {
            if let Ok(channel) = connect(&address, &expected, &identity, &roster).await {
                return channel;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        connect(&address, &expected, &identity, &roster)
            .await
            .unwrap()
    }

    pub async fn key_holder(&self, caller: &str, index: usize) -> KeyHolderClient<Channel> {
        KeyHolderClient::new(self.channel(caller, index).await)
    }

    pub async fn officer(&self, caller: &str, index: usize) -> CeremonyClient<Channel> {
        CeremonyClient::new(self.channel(caller, index).await)
    }

    /// The steps an officer's tool takes.
    pub async fn ceremony(&self) -> Vec<CeremonyResult> {
        let mut desks = Vec::new();
        for index in 0..HOLDERS.len() {
            desks.push(self.officer("officer-1", index).await);
        }
        let mut packages = Vec::new();
        for desk in &mut desks {
            packages.push(desk.start(start()).await.unwrap().into_inner());
        }
        let ceremony_id = packages[0].ceremony_id.clone();
        let mut echoes = Vec::new();
        for desk in &mut desks {
            let set = CeremonyRound1Set {
                ceremony_id: ceremony_id.clone(),
                packages: packages.clone(),
            };
            echoes.push(desk.echo(set).await.unwrap().into_inner());
        }
        let mut sealed = Vec::new();
        for desk in &mut desks {
            let set = CeremonyEchoSet {
                ceremony_id: ceremony_id.clone(),
                echoes: echoes.clone(),
            };
            sealed.extend(desk.deal(set).await.unwrap().into_inner().packages);
        }
        let mut results = Vec::new();
        for desk in &mut desks {
            let set = CeremonyRound2Set {
                ceremony_id: ceremony_id.clone(),
                packages: sealed.clone(),
            };
            results.push(desk.finish(set).await.unwrap().into_inner());
        }
        results
    }

    /// The officers sign the manifest and put it in place.
    pub fn publish(&self, results: &[CeremonyResult], quota_per_day: u64) {
        let terms = ManifestTerms {
            class: KeyClass::Person,
            epoch: Epoch(EPOCH),
            threshold: 2,
            holders: HOLDERS.iter().map(|h| h.parse().unwrap()).collect(),
            quota_per_day,
            universe_records: 1_000,
            rules: RulesVersion(1),
            not_before: now(),
            not_after: Timestamp(now().0 + 86_400_000),
        };
        let results: Vec<DkgResult> = results.iter().map(dkg_result).collect();
        let mut signed = SignedManifest::from_ceremony(terms, &results).unwrap();
        for officer in &self.partnership.officers[..2] {
            signed
                .sign(&self.partnership.anchors, &officer.signing)
                .unwrap();
        }
        let roster = self.partnership.roster.proposal();
        signed
            .verify(&self.partnership.anchors, roster, now())
            .unwrap();
        write_public(&self.layout.manifest(KeyClass::Person), &signed.to_json()).unwrap();
    }

    async fn until_keys_are_loaded(&self) {
        for index in 0..HOLDERS.len() {
            let mut client = self.key_holder("police", index).await;
            for _ in 0..100 {
                if client.quota(QuotaRequest { key_class: 1 }).await.is_ok() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            client.quota(QuotaRequest { key_class: 1 }).await.unwrap();
        }
    }

    pub fn manifest(&self) -> Manifest {
        let path = self.layout.manifest(KeyClass::Person);
        let signed = sanctuary_trust::files::load_manifest(&path).unwrap();
        signed.proposal().clone()
    }

    pub fn keys(&self) -> CheckedKeys {
        self.manifest().public_keys().check().unwrap()
    }

    pub fn blind(&self, count: u32) -> Blinded {
        let inputs: Vec<[u8; 4]> = (0..count).map(u32::to_be_bytes).collect();
        Blinded::new(&self.keys(), &inputs, &mut rng()).unwrap()
    }

    /// A whole evaluation by an agency with one quorum.
    pub async fn evaluate(
        &self,
        caller: &str,
        blinded: &Blinded,
        quorum: [u16; 2],
        batch: u8,
    ) -> Result<Vec<OprfOutput>, Status> {
        let mut answers = Vec::new();
        for holder in quorum {
            let mut client = self.key_holder(caller, usize::from(holder) - 1).await;
            let asked = EvaluateRequest {
                quorum: quorum.map(u32::from).to_vec(),
                ..request(blinded.elements(), batch)
            };
            let EvaluateResponse {
                elements, proof, ..
            } = client.evaluate(asked).await?.into_inner();
            answers.push(Answer {
                holder,
                elements: elements.to_vec(),
                proof: (&*proof).try_into().unwrap(),
            });
        }
        Ok(blinded.finish(&self.keys(), &quorum, &answers).unwrap())
    }
}

pub fn start() -> CeremonyStart {
    CeremonyStart {
        key_class: 1,
        epoch: EPOCH,
        threshold: 2,
        members: (1..)
            .zip(HOLDERS)
            .map(|(index, holder)| CeremonyMember {
                holder: holder.to_owned(),
                index,
                ..Default::default()
            })
            .collect(),
    }
}

/// A well-formed request; tests change one thing of it.
pub fn request(elements: &[u8], batch: u8) -> EvaluateRequest {
    EvaluateRequest {
        key_class: 1,
        epoch: EPOCH,
        generation: 0,
        quorum: vec![1, 2],
        batch_id: vec![batch; 16].into(),
        purpose: "tokenise".to_owned(),
        elements: elements.to_vec().into(),
    }
}

fn dkg_result(result: &CeremonyResult) -> DkgResult {
    DkgResult {
        ceremony_id: (&*result.ceremony_id).try_into().unwrap(),
        index: result.index.try_into().unwrap(),
        group_key: (&*result.group_key).try_into().unwrap(),
        share_keys: result
            .share_keys
            .iter()
            .map(|k| (&**k).try_into().unwrap())
            .collect(),
        transcript_sha256: (&*result.transcript_sha256).try_into().unwrap(),
        signature: (&*result.signature).try_into().unwrap(),
    }
}
