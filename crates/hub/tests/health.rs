//! How the hub tells how it is: figures as a Prometheus reads them, silence, the note for `status`.

mod partners;

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use partners::{Partners, batch_of, phone_record};
use prometheus_parse::{Scrape, Value};
use sanctuary_health::{HubStatus, MetricsConfig, SilenceOf, StatusNote};
use sanctuary_hub::SilenceConfig;
use sanctuary_types::Epoch;
use sanctuary_wire::{alerts::WatchRequest, directory::StatusRequest};
use tokio::task::spawn_blocking;

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

fn fetch(at: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(at).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

/// Each figure by name, and its code where it has one.
async fn scrape(at: SocketAddr) -> BTreeMap<String, f64> {
    let (status, body) = spawn_blocking(move || fetch(at, "/metrics")).await.unwrap();
    assert_eq!(status, 200);
    let found = Scrape::parse(body.lines().map(|l| Ok(l.to_owned()))).unwrap();
    let mut figures = BTreeMap::new();
    for sample in found.samples {
        for (label, value) in sample.labels.iter() {
            assert!(
                label == "code" || label == "le" || (label == "party" && value == "hub"),
                "{label}={value}"
            );
        }
        let value = match sample.value {
            Value::Counter(n) | Value::Gauge(n) | Value::Untyped(n) => n,
            Value::Histogram(buckets) => buckets.last().map_or(0.0, |b| b.count),
            Value::Summary(_) => panic!("the hub has no summaries"),
        };
        let code = sample.labels.get("code").unwrap_or_default().to_owned();
        figures.insert(format!("{}{code}", sample.metric), value);
    }
    figures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_figures_move_and_name_nobody() {
    let partners = Partners::new();
    let at = free_address();
    let running = partners.start_with(|config| {
        config.metrics = Some(MetricsConfig {
            listen: at,
            beyond_loopback: false,
        });
    });
    let good = partners.signed("police", batch_of("police", &[phone_record(1)]));
    partners.push("police", vec![good]).await.unwrap();
    let before = scrape(at).await;
    assert_eq!(before["sanctuary_hub_batches_total"], 1.0);
    assert_eq!(before["sanctuary_hub_tokens_total"], 1.0);
    assert_eq!(before["sanctuary_hub_stored_tokens"], 1.0);
    assert_eq!(before["sanctuary_hub_agencies"], 3.0);
    assert_eq!(before["sanctuary_hub_silent_agencies"], 0.0);
    assert!(before["sanctuary_certificate_expires_timestamp_seconds"] > 1.7e9);
    assert!(!before.contains_key("sanctuary_refusals_totalstale_epoch"));

    let mut old = batch_of("council", &[phone_record(2)]);
    old.epoch = Epoch(9);
    let old = partners.signed("council", old);
    partners.push("council", vec![old]).await.unwrap_err();
    let good = partners.signed("council", batch_of("council", &[phone_record(2)]));
    partners.push("council", vec![good]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let after = scrape(at).await;
    assert_eq!(after["sanctuary_hub_batches_total"], 2.0);
    assert_eq!(after["sanctuary_refusals_totalstale_epoch"], 1.0);
    assert_eq!(after["sanctuary_hub_alerts_raised_total"], 2.0);
    for grown in [
        "sanctuary_hub_rounds_total",
        "sanctuary_hub_round_seconds",
        "sanctuary_calls_total",
        "sanctuary_hub_commit_seconds",
    ] {
        assert!(
            after[grown] > before[grown],
            "{grown}: {before:?} {after:?}"
        );
    }
    // Nothing of a record, and no other party: not even in the help texts.
    let (_, body) = spawn_blocking(move || fetch(at, "/metrics")).await.unwrap();
    for word in [
        "police",
        "council",
        "refuge",
        "alder",
        &hex::encode([1; 16]),
    ] {
        assert!(!body.contains(word), "{word}");
    }
    let (alive, ready) = spawn_blocking(move || (fetch(at, "/healthz"), fetch(at, "/readyz")))
        .await
        .unwrap();
    assert_eq!((alive.0, ready), (200, (200, "ready\n".to_owned())));
    running.stop().await;
    assert!(
        TcpStream::connect(at).is_err(),
        "the listener is gone with the hub"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_told_to_operator_and_officers_and_to_the_silent_agency_alone() {
    let partners = Partners::new();
    let silent = |config: &mut sanctuary_hub::Config| {
        config.silence = vec![SilenceConfig {
            agency: "council".parse().unwrap(),
            call_hours: Some(0),
            push_hours: None,
        }];
    };
    let running = partners.start_with(silent);
    let asked = |party: &'static str| {
        let partners = &partners;
        async move {
            let mut directory = partners.directory(party).await;
            directory
                .status(StatusRequest {})
                .await
                .unwrap()
                .into_inner()
        }
    };
    asked("officer-1").await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let officer = asked("officer-1").await;
    assert_eq!(officer.silent.len(), 1);
    assert_eq!(
        (&*officer.silent[0].agency, officer.silent[0].still_calls),
        ("council", false)
    );
    assert!(officer.silent[0].since_ms > 0);
    assert_eq!(officer.last_call_ms, 0);
    assert!(
        asked("police").await.silent.is_empty(),
        "not told to other agencies"
    );
    assert!(asked("alder").await.silent.is_empty(), "nor to key holders");
    // Looking at the status is no sign of life of the node.
    let own = asked("council").await;
    assert_eq!((own.silent.len(), own.last_call_ms), (1, 0));
    // Following is.
    let follow = WatchRequest {
        cursor: 0,
        follow: true,
    };
    let stream = partners
        .alerts("council")
        .await
        .watch(follow)
        .await
        .unwrap();
    assert!(asked("council").await.last_call_ms > 0);
    drop(stream);
    running.stop().await;

    let note = StatusNote::find(
        &partners.data_dir(),
        &StatusNote::key_beside(&partners.root_key()),
    )
    .unwrap();
    let status: HubStatus = note.read().unwrap().unwrap();
    let council = status
        .agencies
        .iter()
        .find(|a| a.agency == "council")
        .unwrap();
    assert_eq!(council.silence.unwrap().of, SilenceOf::Calls);
    assert!(council.last_followed.is_some() && council.last_push.is_none());
    let told = status.attention.join("\n");
    assert!(
        told.contains("the node of council has not called"),
        "{told}"
    );
    assert!(!told.contains("police"), "{told}");

    // A restart forgets nothing of it.
    let running = partners.start_with(silent);
    let own = asked("council").await;
    assert_eq!(own.last_call_ms, council.last_call.unwrap().0);
    running.stop().await;
}
