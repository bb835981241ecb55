//! Limits, shutdown, the tap, and files that change under a running server.

mod common;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use common::{Logs, identity, partnership, rng, start, start_with, watch};
use sanctuary_rpc::{
    ConnectOptions, Identity, RosterWatch, ServeOptions, connect, connect_with, now,
};
use sanctuary_trust::{Leaf, files};
use sanctuary_types::{PartyId, Timestamp};
use sanctuary_wire::{
    alerts::{DecideRequest, WatchRequest, alerts_client::AlertsClient},
    directory::{StatusRequest, directory_client::DirectoryClient},
};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

fn hub() -> PartyId {
    "hub".parse().unwrap()
}

#[tokio::test]
async fn the_tap_sees_what_was_received_in_the_clear() {
    let p = partnership(1);
    let roster = watch(&p);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let options = ServeOptions {
        tap: Some(Arc::new(move |bytes: &[u8]| {
            sink.lock().unwrap().extend_from_slice(bytes)
        })),
        ..ServeOptions::default()
    };
    let server = start_with(identity(&p, "hub"), &roster, options);
    let heard = Arc::new(Mutex::new(0));
    let count = Arc::clone(&heard);
    let options = ConnectOptions {
        tap: Some(Arc::new(move |bytes: &[u8]| {
            *count.lock().unwrap() += bytes.len()
        })),
        ..ConnectOptions::default()
    };
    let channel = connect_with(
        &server.endpoint(),
        &hub(),
        &identity(&p, "police"),
        &roster,
        options,
    )
    .await
    .unwrap();
    let request = DecideRequest {
        reason: "a-needle-in-the-stream".into(),
        ..DecideRequest::default()
    };
    AlertsClient::new(channel).decide(request).await.unwrap();
    let seen = String::from_utf8_lossy(&seen.lock().unwrap()).into_owned();
    assert!(seen.contains("a-needle-in-the-stream"));
    assert!(*heard.lock().unwrap() > 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_silent_connection_is_dropped_and_does_not_hold_up_others() {
    let logs = Logs::capture();
    let p = partnership(1);
    let roster = watch(&p);
    let options = ServeOptions {
        handshake_timeout_ms: 200,
        connections_max: 2,
        ..ServeOptions::default()
    };
    let server = start_with(identity(&p, "hub"), &roster, options);
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let channel = connect(&server.endpoint(), &hub(), &identity(&p, "police"), &roster)
        .await
        .unwrap();
    DirectoryClient::new(channel)
        .status(StatusRequest {})
        .await
        .unwrap();
    let end = timeout(Duration::from_secs(5), silent.read(&mut [0; 1]))
        .await
        .unwrap();
    assert!(matches!(end, Ok(0) | Err(_)));
    assert!(logs.text().contains("took too long"), "{}", logs.text());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn one_party_cannot_take_all_connections() {
    let p = partnership(1);
    let roster = watch(&p);
    let options = ServeOptions {
        connections_per_peer_max: 2,
        ..ServeOptions::default()
    };
    let server = start_with(identity(&p, "hub"), &roster, options);
    let police = identity(&p, "police");
    let mut held = Vec::new();
    for _ in 0..2 {
        let channel = connect(&server.endpoint(), &hub(), &police, &roster)
            .await
            .unwrap();
        DirectoryClient::new(channel.clone())
            .status(StatusRequest {})
            .await
            .unwrap();
        held.push(channel);
    }
    let third = match connect(&server.endpoint(), &hub(), &police, &roster).await {
        Err(_) => false,
        Ok(channel) => DirectoryClient::new(channel)
            .status(StatusRequest {})
            .await
            .is_ok(),
    };
    assert!(!third, "a third connection of one party was served");
    let council = connect(
        &server.endpoint(),
        &hub(),
        &identity(&p, "council"),
        &roster,
    )
    .await
    .unwrap();
    DirectoryClient::new(council)
        .status(StatusRequest {})
        .await
        .unwrap();
    drop(held);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn shutdown_ends_even_with_an_endless_stream_open() {
    let p = partnership(1);
    let roster = watch(&p);
    let options = ServeOptions {
        shutdown_grace_ms: 200,
        ..ServeOptions::default()
    };
    let server = start_with(identity(&p, "hub"), &roster, options);
    let channel = connect(&server.endpoint(), &hub(), &identity(&p, "police"), &roster)
        .await
        .unwrap();
    let mut events = AlertsClient::new(channel)
        .watch(WatchRequest::default())
        .await
        .unwrap()
        .into_inner();
    events.message().await.unwrap().unwrap();
    let began = Instant::now();
    server.stop().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(3));
    let cut = timeout(Duration::from_secs(3), async {
        while let Ok(Some(_)) = events.message().await {}
    });
    assert!(cut.await.is_ok(), "the stream went on after shutdown");
}

#[tokio::test]
async fn a_channel_finds_its_server_again_after_a_restart() {
    let p = partnership(1);
    let roster = watch(&p);
    let server = start(identity(&p, "hub"), &roster);
    let address = server.address;
    let channel = connect(&server.endpoint(), &hub(), &identity(&p, "police"), &roster)
        .await
        .unwrap();
    DirectoryClient::new(channel.clone())
        .status(StatusRequest {})
        .await
        .unwrap();
    server.stop().await.unwrap();
    assert!(
        DirectoryClient::new(channel.clone())
            .status(StatusRequest {})
            .await
            .is_err()
    );
    let listener = std::net::TcpListener::bind(address).unwrap();
    let routes = tonic::service::Routes::new(
        sanctuary_wire::directory::directory_server::DirectoryServer::new(common::Service(
            roster.clone(),
        )),
    );
    let again = tokio::spawn(sanctuary_rpc::serve(
        listener,
        identity(&p, "hub"),
        roster.clone(),
        routes,
        std::future::pending(),
    ));
    let mut answered = false;
    for _ in 0..100 {
        answered = DirectoryClient::new(channel.clone())
            .status(StatusRequest {})
            .await
            .is_ok();
        if answered {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(answered);
    again.abort();
}

#[test]
fn a_roster_file_moves_forward_only() {
    let logs = Logs::capture();
    let dir = tempfile::tempdir().unwrap();
    let p = partnership(1);
    let (path, state) = (
        dir.path().join("roster.json"),
        dir.path().join("roster-version"),
    );
    files::write_public(&path, &p.roster.to_json()).unwrap();
    let open = || RosterWatch::open(&path, p.anchors.clone(), Some(&state));
    let roster = open().unwrap();
    let police: PartyId = "police".parse().unwrap();
    let second = p
        .sign(p.roster.proposal().without(&police, now()).unwrap())
        .unwrap();
    files::write_public(&path, &second.to_json()).unwrap();
    // Within a second the old one may still be in force; then the change is noticed by use alone.
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(roster.current().version(), 2);
    assert!(roster.party(&police).is_err());
    // Broken, unsigned and older files change nothing and are logged.
    let unsigned = sanctuary_trust::SignedRoster::unsigned(p.roster.proposal().clone());
    for bad in [b"{".to_vec(), unsigned.to_json(), p.roster.to_json()] {
        files::write_public(&path, &bad).unwrap();
        assert!(roster.refresh().is_err());
        assert_eq!(roster.current().version(), 2);
    }
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(roster.current().version(), 2);
    assert!(
        logs.text().contains("keeping the one in force"),
        "{}",
        logs.text()
    );
    // Nor does a restart bring the older one back.
    let refused = open().unwrap_err().to_string();
    assert!(refused.contains("version 2 has been seen"), "{refused}");
    files::write_public(&path, &second.to_json()).unwrap();
    assert_eq!(open().unwrap().current().version(), 2);
    // A damaged state file is not taken for "nothing seen".
    std::fs::write(&state, "x").unwrap();
    assert!(open().is_err());
}

#[test]
fn two_rosters_of_one_version_are_reported() {
    let logs = Logs::capture();
    let p = partnership(1);
    let roster = watch(&p);
    let renumbered =
        sanctuary_trust::Roster::new(1, Timestamp(1), p.roster.proposal().parties()[..5].to_vec())
            .unwrap();
    roster.offer(&p.sign(renumbered).unwrap()).unwrap();
    assert_eq!(
        roster.current().parties().len(),
        p.roster.proposal().parties().len()
    );
    assert!(
        logs.text().contains("two different rosters"),
        "{}",
        logs.text()
    );
}

#[test]
fn a_renewed_certificate_is_taken_up_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let p = partnership(1);
    let police = p.member("police").unwrap();
    files::write_member(dir.path(), police).unwrap();
    let identity = Identity::load(dir.path(), &p.anchors).unwrap();
    let before = identity.validity();
    let leaf = Leaf::new(
        police.party.id.clone(),
        police.party.kind,
        Timestamp(before.not_before.0 + 86_400_000),
    );
    let renewed = p
        .authority
        .renew(&police.chain[0], &leaf, &mut rng(5))
        .unwrap();
    files::write_chain(dir.path(), &[renewed]).unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    assert!(identity.validity().not_after > before.not_after);
    assert_eq!(identity.spki_sha256(), police.party.spki_sha256);
    // A broken file changes nothing.
    std::fs::write(dir.path().join("tls.pem"), "nonsense").unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    assert!(identity.validity().not_after > before.not_after);
}
