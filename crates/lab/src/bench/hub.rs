use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use sanctuary_rpc::{Identity, RosterWatch, connect, now};
use sanctuary_trust::{Partnership, Plan};
use sanctuary_types::PartyId;
use sanctuary_wire::alerts::{WatchRequest, alerts_client::AlertsClient};
use sanctuary_wire::ingest::{PushBatch, ingest_client::IngestClient};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

use super::Percentiles;
use super::load::{BATCH_RECORDS, Pusher};
use super::process::HubProcess;

const AGENCIES: [&str; 4] = ["police", "council", "board", "charity"];
/// Pushes an agency has under way before it waits for an answer.
const UNDER_WAY: usize = 4;
const ROUND_INTERVAL_MS: u64 = 1_000;
const LATENCY_SAMPLES: u64 = 20;

/// The hub at several sizes.
#[derive(Serialize)]
pub struct HubFigures {
    at_records: Vec<AtRecords>,
    growth_1m_over_10k: f64,
}

/// Since the size before; processor time of the hub's process, all threads, rounds included.
#[derive(Serialize)]
struct AtRecords {
    n: u64,
    ingest_match_us_per_record: f64,
    records_per_s: f64,
    ack_p50_ms: f64,
    ack_p99_ms: f64,
    rss_mib: f64,
    disk_bytes_per_record: f64,
}

/// Fills a hub up to each of `at_records` and then asks how fast an alert arrives.
pub(super) async fn measure(
    at_records: &[u64],
    told: &impl Fn(&str),
) -> anyhow::Result<(HubFigures, Vec<f64>)> {
    let dir = tempfile::tempdir()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let mut plan = Plan::new("hub", &["alder", "birch"], &AGENCIES)?;
    plan.hub.endpoint = Some(format!("127.0.0.1:{port}"));
    let partnership = Partnership::generate(&plan, now(), &mut rand::rng())?;
    let layout = partnership.write_to_dir(&dir.path().join("partnership"))?;
    drop(listener);
    let hub = HubProcess::start(&layout, port, ROUND_INTERVAL_MS)?;
    let roster = RosterWatch::open(&layout.roster(), partnership.anchors.clone(), None)?;

    let mut lines = Vec::new();
    for (seed, agency) in (1..).zip(AGENCIES) {
        lines.push(Line::open(agency, &partnership, &roster, seed).await?);
    }
    let (mut pushed, mut figures) = (0, Vec::new());
    for &n in at_records {
        let (cpu_s, started) = (hub.cpu_s()?, Instant::now());
        let from = pushed;
        while pushed * BATCH_RECORDS < n {
            let place = pushed as usize % lines.len();
            lines[place].push(pushed).await?;
            pushed += 1;
        }
        let mut acks_ms = Vec::new();
        for line in &mut lines {
            acks_ms.extend(line.drain().await?);
        }
        let elapsed_s = started.elapsed().as_secs_f64();
        // One more round, so that matching what was pushed is in the figure.
        tokio::time::sleep(Duration::from_millis(2 * ROUND_INTERVAL_MS)).await;
        let records = ((pushed - from) * BATCH_RECORDS) as f64;
        let acks = Percentiles::of(acks_ms);
        let at = AtRecords {
            n,
            ingest_match_us_per_record: (hub.cpu_s()? - cpu_s) * 1e6 / records,
            records_per_s: records / elapsed_s,
            ack_p50_ms: acks.p50,
            ack_p99_ms: acks.p99,
            rss_mib: hub.rss_mib()?,
            disk_bytes_per_record: hub.disk_bytes()? as f64 / (pushed * BATCH_RECORDS) as f64,
        };
        told(&format!(
            "hub at {n} records: {:.1} us of processor a record, {:.0} records/s, {:.0} MiB",
            at.ingest_match_us_per_record, at.records_per_s, at.rss_mib
        ));
        figures.push(at);
    }
    told("alert latency");
    let latencies_ms = alert_latencies_ms(&mut lines).await?;
    let first = figures
        .first()
        .context("no size to measure")?
        .ingest_match_us_per_record;
    let last = figures
        .last()
        .context("no size to measure")?
        .ingest_match_us_per_record;
    Ok((
        HubFigures {
            at_records: figures,
            growth_1m_over_10k: last / first,
        },
        latencies_ms,
    ))
}

/// One agency's open stream to the hub.
struct Line {
    channel: Channel,
    pusher: Pusher,
    out: mpsc::Sender<PushBatch>,
    replies: tonic::Streaming<sanctuary_wire::ingest::PushReply>,
    under_way: Arc<Mutex<VecDeque<Instant>>>,
    acks_ms: Vec<f64>,
}

impl Line {
    async fn open(
        agency: &str,
        partnership: &Partnership,
        roster: &RosterWatch,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let id: PartyId = agency.parse()?;
        let member = partnership
            .member(agency)
            .context("an agency is not in the partnership")?;
        let identity = Identity::from_member(member, &partnership.anchors)?;
        let channel = patiently(&identity, roster).await?;
        let (out, outgoing) = mpsc::channel(UNDER_WAY);
        let replies = IngestClient::new(channel.clone())
            .push(ReceiverStream::new(outgoing))
            .await?
            .into_inner();
        Ok(Self {
            pusher: Pusher::new(id, identity, seed),
            channel,
            out,
            replies,
            under_way: Arc::default(),
            acks_ms: Vec::new(),
        })
    }

    async fn push(&mut self, number: u64) -> anyhow::Result<()> {
        let batch = self.pusher.push(number);
        self.send(batch).await
    }

    async fn send(&mut self, batch: PushBatch) -> anyhow::Result<()> {
        while self.waiting() >= UNDER_WAY {
            self.ack().await?;
        }
        if let Ok(mut under_way) = self.under_way.lock() {
            under_way.push_back(Instant::now());
        }
        self.out
            .send(batch)
            .await
            .context("the hub closed the stream")?;
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.under_way.lock().map_or(0, |u| u.len())
    }

    async fn ack(&mut self) -> anyhow::Result<()> {
        self.replies
            .message()
            .await?
            .context("the hub ended the stream")?;
        let sent = self.under_way.lock().ok().and_then(|mut u| u.pop_front());
        self.acks_ms
            .extend(sent.map(|s| s.elapsed().as_secs_f64() * 1e3));
        Ok(())
    }

    async fn drain(&mut self) -> anyhow::Result<Vec<f64>> {
        while self.waiting() > 0 {
            self.ack().await?;
        }
        Ok(std::mem::take(&mut self.acks_ms))
    }
}

/// The hub's process needs a moment to listen.
async fn patiently(identity: &Identity, roster: &RosterWatch) -> anyhow::Result<Channel> {
    let hub: PartyId = "hub".parse()?;
    let endpoint = sanctuary_rpc::endpoint_of(roster, &hub)?;
    for _ in 0..200 {
        match connect(&endpoint, &hub, identity, roster).await {
            Ok(channel) => return Ok(channel),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    bail!("the hub's process does not answer")
}

/// From sending the second of two pushes that match until the first agency hears of it.
async fn alert_latencies_ms(lines: &mut [Line]) -> anyhow::Result<Vec<f64>> {
    let [first, second, ..] = lines else {
        bail!("two agencies are needed")
    };
    let mut alerts = AlertsClient::new(first.channel.clone());
    let mut watch = alerts
        .watch(WatchRequest {
            cursor: 0,
            follow: true,
        })
        .await?
        .into_inner();
    let mut latencies_ms = Vec::new();
    for sample in 0..LATENCY_SAMPLES {
        let person = u64::MAX - sample;
        let batch = first.pusher.push_of(&[person], 1);
        first.send(batch).await?;
        first.drain().await?;
        // Somewhere in the round, not always at its start.
        tokio::time::sleep(Duration::from_millis(1_000 + sample * 37)).await;
        let started = Instant::now();
        let batch = second.pusher.push_of(&[person], 1);
        second.send(batch).await?;
        let own = first.pusher.pseudonym(person);
        loop {
            // News of earlier records goes by as well.
            let event = tokio::time::timeout(Duration::from_secs(60), watch.message()).await??;
            if event.context("the hub ended the stream")?.own_pseudonym[..] == own.0 {
                break;
            }
        }
        latencies_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(latencies_ms)
}
