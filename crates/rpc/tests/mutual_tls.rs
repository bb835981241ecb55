//! Who gets through to whom: every refusal, with the sentence and the trace it leaves.

mod common;

use common::{DAY_MS, Logs, certified, identity, of, partnership, recertified, start, watch};
use sanctuary_rpc::{ConnectOptions, ErrorCode, RpcError, connect, connect_lazy, explain, now};
use sanctuary_types::{PartyId, Timestamp};
use sanctuary_wire::{
    alerts::{WatchRequest, alerts_client::AlertsClient},
    directory::{StatusRequest, directory_client::DirectoryClient},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::{Code, Status, transport::Channel};

fn hub() -> PartyId {
    "hub".parse().unwrap()
}

async fn status(channel: Channel) -> Result<String, Status> {
    DirectoryClient::new(channel)
        .status(StatusRequest {})
        .await
        .map(|answer| answer.into_inner().version)
}

#[tokio::test]
async fn a_member_gets_through_and_is_known() {
    let p = partnership(1);
    let roster = watch(&p);
    let server = start(identity(&p, "hub"), &roster);
    for id in ["police", "council", "officer-1", "alder"] {
        let channel = connect(&server.endpoint(), &hub(), &identity(&p, id), &roster)
            .await
            .unwrap();
        assert_eq!(status(channel).await.unwrap(), id);
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_is_not_on_the_roster_opens_nothing_and_leaves_a_trace() {
    let logs = Logs::capture();
    let p = partnership(1);
    let roster = watch(&p);
    let server = start(identity(&p, "hub"), &roster);
    // Certified by the right authority, even under an enrolled party's name, but with another key.
    for (seed, name) in [(30, "newcomer"), (31, "police")] {
        let outsider = certified(&p, name, now(), seed);
        let channel = connect(
            &server.endpoint(),
            &hub(),
            &of(&outsider, &p.anchors),
            &roster,
        )
        .await
        .unwrap();
        for _ in 0..2 {
            let refusal = status(channel.clone()).await.unwrap_err();
            assert_eq!(refusal.code(), Code::PermissionDenied);
            assert_eq!(ErrorCode::of(&refusal), ErrorCode::NotEnrolled);
            assert!(
                refusal
                    .message()
                    .contains("not on the partnership's roster"),
                "{refusal}"
            );
        }
        let prefix: String = outsider.party.spki_sha256[..8]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(logs.text().matches(&prefix).count(), 2, "{}", logs.text());
        assert!(logs.text().contains("WARN"));
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_of_another_authority_is_refused_with_a_trace() {
    let logs = Logs::capture();
    let (p, other) = (partnership(1), partnership(2));
    let roster = watch(&p);
    let server = start(identity(&p, "hub"), &roster);
    // It trusts our root, so only the server can refuse.
    let stranger = of(other.member("police").unwrap(), &p.anchors);
    let said = match connect(&server.endpoint(), &hub(), &stranger, &roster).await {
        Err(error) => error.to_string(),
        Ok(channel) => explain(&status(channel).await.unwrap_err()),
    };
    assert!(said.contains("refused this party's certificate"), "{said}");
    assert!(
        logs.text().contains("its certificate is refused"),
        "{}",
        logs.text()
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    let p = partnership(1);
    let roster = watch(&p);
    let server = start(identity(&p, "hub"), &roster);
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(p.anchors.ca.clone().into()).unwrap();
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let socket = TcpStream::connect(server.address).await.unwrap();
    let name = "hub.sanctuary.internal".try_into().unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config))
        .connect(name, socket)
        .await
        .unwrap();
    let error = stream.read_u8().await.unwrap_err().to_string();
    assert!(error.contains("CertificateRequired"), "{error}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused() {
    let (p, other) = (partnership(1), partnership(2));
    let roster = watch(&p);
    let server = start(identity(&other, "hub"), &watch(&other));
    let error = connect(&server.endpoint(), &hub(), &identity(&p, "police"), &roster)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("not of this partnership's authority"),
        "{error}"
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_another_member_is_refused() {
    let p = partnership(1);
    let roster = watch(&p);
    let server = start(identity(&p, "council"), &roster);
    let error = connect(&server.endpoint(), &hub(), &identity(&p, "police"), &roster)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("is for another party"),
        "{error}"
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_with_the_right_name_and_another_key_is_refused_before_anything_is_sent() {
    let p = partnership(1);
    let roster = watch(&p);
    // What a dishonest authority could do.
    let impostor = of(&certified(&p, "hub", now(), 40), &p.anchors);
    let server = start(impostor, &roster);
    let police = identity(&p, "police");
    let error = connect(&server.endpoint(), &hub(), &police, &roster)
        .await
        .unwrap_err();
    assert!(matches!(error, RpcError::WrongParty(_)), "{error}");
    assert!(error.to_string().contains("is not hub"));
    // And when connecting at the first call.
    let lazy = connect_lazy(
        &server.endpoint(),
        &hub(),
        &police,
        &roster,
        ConnectOptions::default(),
    )
    .unwrap();
    let refusal = status(lazy).await.unwrap_err();
    assert!(explain(&refusal).contains("is not hub"), "{refusal:?}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let p = partnership(1);
    let server = start(identity(&p, "hub"), &watch(&p));
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(&client_hello_1_2()).await.unwrap();
    let mut alert = [0; 7];
    socket.read_exact(&mut alert).await.unwrap();
    // Record type 21 (alert), fatal, protocol_version (70).
    assert_eq!((alert[0], alert[5], alert[6]), (21, 2, 70), "{alert:?}");
    assert_eq!(socket.read(&mut [0; 1]).await.unwrap(), 0);
    server.stop().await.unwrap();
}

/// A well-formed TLS 1.2 ClientHello (RFC 5246 section 7.4.1.2) with no supported_versions.
fn client_hello_1_2() -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]); // random
    body.push(0); // session id
    body.extend([0, 4, 0xc0, 0x2f, 0xc0, 0x2b]); // ECDHE suites with AES-128-GCM
    body.extend([1, 0]); // no compression
    let extensions = [
        &[0x00, 0x0a, 0, 4, 0, 2, 0, 0x1d][..],    // groups: x25519
        &[0x00, 0x0d, 0, 6, 0, 4, 8, 7, 4, 3][..], // signatures: ed25519, ecdsa-p256
    ]
    .concat();
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut hello = vec![1, 0];
    hello.extend((body.len() as u16).to_be_bytes());
    hello.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend((hello.len() as u16).to_be_bytes());
    record.extend(hello);
    record
}

#[tokio::test]
async fn an_expired_certificate_is_refused_in_words() {
    let p = partnership(1);
    let roster = watch(&p);
    let long_ago = Timestamp(now().0 - 20 * DAY_MS);
    let server = start(identity(&p, "hub"), &roster);
    let expired = recertified(&p, "police", long_ago);
    // The client notices by itself...
    let error = connect(&server.endpoint(), &hub(), &expired, &roster)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("certificate") && error.to_string().contains("has expired"),
        "{error}"
    );
    // ...and the server refuses it if it does not.
    let lazy = connect_lazy(
        &server.endpoint(),
        &hub(),
        &expired,
        &roster,
        ConnectOptions::default(),
    )
    .unwrap();
    let refusal = status(lazy).await.unwrap_err();
    assert!(explain(&refusal).contains("has expired"), "{refusal:?}");
    server.stop().await.unwrap();
    // A server with an expired certificate.
    let server = start(recertified(&p, "hub", long_ago), &roster);
    let error = connect(&server.endpoint(), &hub(), &identity(&p, "police"), &roster)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the server's certificate has expired"),
        "{error}"
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_revoked_party_is_refused_at_its_next_request_and_its_streams_end() {
    let p = partnership(1);
    let roster = watch(&p);
    let server = start(identity(&p, "hub"), &roster);
    let channel = connect(&server.endpoint(), &hub(), &identity(&p, "police"), &roster)
        .await
        .unwrap();
    assert_eq!(status(channel.clone()).await.unwrap(), "police");
    let mut events = AlertsClient::new(channel.clone())
        .watch(WatchRequest::default())
        .await
        .unwrap()
        .into_inner();
    events.message().await.unwrap().unwrap();
    let next = p
        .roster
        .proposal()
        .without(&"police".parse().unwrap(), now())
        .unwrap();
    roster.offer(&p.sign(next).unwrap()).unwrap();
    let refusal = status(channel).await.unwrap_err();
    assert_eq!(ErrorCode::of(&refusal), ErrorCode::NotEnrolled);
    let end = loop {
        match events.message().await {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert_eq!(end.unwrap_err().code(), Code::PermissionDenied);
    // Others are not disturbed.
    let council = connect(
        &server.endpoint(),
        &hub(),
        &identity(&p, "council"),
        &roster,
    )
    .await
    .unwrap();
    assert_eq!(status(council).await.unwrap(), "council");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_said_in_words() {
    let p = partnership(1);
    let roster = watch(&p);
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = connect(&free.to_string(), &hub(), &identity(&p, "police"), &roster)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("nobody listens there"),
        "{error}"
    );
    for bad in ["", "hub", "http://127.0.0.1:1/x"] {
        let error = connect(bad, &hub(), &identity(&p, "police"), &roster)
            .await
            .unwrap_err();
        assert!(matches!(error, RpcError::Endpoint), "{error}");
    }
    let unknown = connect(
        "127.0.0.1:1",
        &"nobody".parse().unwrap(),
        &identity(&p, "police"),
        &roster,
    )
    .await;
    assert!(matches!(unknown, Err(RpcError::UnknownParty(_))));
}
