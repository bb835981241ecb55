//! How a key holder tells how it is: figures as a Prometheus reads them, the note for `status`.
#![allow(clippy::unwrap_used)]

mod cluster;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use cluster::{Cluster, HOLDERS, request};
use prometheus_parse::{Scrape, Value};
use sanctuary_health::{HolderStatus, StatusNote};
use tokio::task::spawn_blocking;

fn fetch(at: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

async fn figure(at: SocketAddr, name: &str, code: Option<&str>) -> f64 {
    let answer = spawn_blocking(move || fetch(at, "/metrics")).await.unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    for agency in ["police", "council", "stranger"] {
        assert!(!body.contains(agency), "{agency} is named in the figures");
    }
    let found = Scrape::parse(body.lines().map(|l| Ok(l.to_owned()))).unwrap();
    let wanted = found
        .samples
        .iter()
        .find(|s| s.metric == name && s.labels.get("code") == code);
    match wanted.map(|sample| &sample.value) {
        Some(Value::Counter(n) | Value::Gauge(n)) => *n,
        Some(Value::Histogram(buckets)) => buckets.last().unwrap().count,
        _ => 0.0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_figures_move_and_its_note_tells_what_needs_a_person() {
    let cluster = Cluster::with_key(1_000).await;
    let at = cluster.metrics(0);
    let blinded = cluster.blind(5);
    cluster
        .evaluate("police", &blinded, [1, 2], 1)
        .await
        .unwrap();
    assert_eq!(
        figure(at, "sanctuary_keyholder_evaluations_total", None).await,
        1.0
    );
    assert_eq!(
        figure(at, "sanctuary_keyholder_elements_total", None).await,
        5.0
    );
    assert_eq!(
        figure(at, "sanctuary_keyholder_evaluation_seconds", None).await,
        1.0
    );
    assert_eq!(figure(at, "sanctuary_keyholder_keys", None).await, 1.0);
    let refused = "sanctuary_refusals_total";
    for (caller, code) in [("stranger", "not_enrolled"), ("birch", "not_allowed")] {
        assert_eq!(figure(at, refused, Some(code)).await, 0.0);
        let mut client = cluster.key_holder(caller, 0).await;
        client
            .evaluate(request(blinded.elements(), 2))
            .await
            .unwrap_err();
        assert_eq!(figure(at, refused, Some(code)).await, 1.0);
    }
    // A refusal of the service itself is counted too.
    let mut client = cluster.key_holder("council", 0).await;
    client
        .evaluate(request(blinded.elements(), 1))
        .await
        .unwrap_err();
    assert_eq!(figure(at, refused, Some("replayed")).await, 1.0);
    let ready = spawn_blocking(move || fetch(at, "/readyz")).await.unwrap();
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");

    let config = cluster.config(HOLDERS[0]);
    let note = StatusNote::find(
        &config.data_dir,
        &StatusNote::key_beside(&config.root_key()),
    )
    .unwrap();
    let status: HolderStatus = note.read().unwrap().unwrap();
    assert_eq!(status.party, HOLDERS[0]);
    // The cluster has no hub, and its manifest holds for less than a month.
    assert!(!status.attention.is_empty());
    drop(cluster.finish().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_it_is_alive_and_not_ready() {
    let cluster = Cluster::without_keys().await;
    let at = cluster.metrics(1);
    let asked = spawn_blocking(move || {
        for _ in 0..100 {
            if TcpStream::connect(at).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        (fetch(at, "/healthz"), fetch(at, "/readyz"))
    });
    let (alive, ready) = asked.await.unwrap();
    assert!(alive.starts_with("HTTP/1.1 200"), "{alive}");
    assert!(
        ready.starts_with("HTTP/1.1 503") && ready.contains("under no key"),
        "{ready}"
    );
}
