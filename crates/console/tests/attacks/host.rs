//! What a request says it was sent to, and requests that two servers would read differently.

use crate::{log, town, wire::Client};

#[tokio::test(flavor = "multi_thread")]
async fn only_the_own_name_is_answered() {
    let (_agencies, server) = town().await;
    let own = server.address.to_string();
    let ask = |lines: String| format!("GET /sign-in HTTP/1.1\r\n{lines}Connection: close\r\n\r\n");
    let got = server
        .exchange(ask(format!("Host: {own}\r\n")).as_bytes())
        .await;
    assert_eq!(got.status, 200);
    for lines in [
        String::new(),
        "Host: evil.example\r\n".to_owned(),
        format!("Host: {own}.evil.example\r\n"),
        format!("Host: evil.example@{own}\r\n"),
        format!("Host: {own}@evil.example\r\n"),
        format!("Host: {own}\r\nHost: evil.example\r\n"),
        format!("Host: evil.example\r\nHost: {own}\r\n"),
        "Host: 127.0.0.1\r\n".to_owned(),
        "Host: localhost\r\n".to_owned(),
        "Host: \r\n".to_owned(),
        format!("Host: {own}/x\r\n"),
        format!("Host: {own} evil.example\r\n"),
        format!("X-Forwarded-Host: {own}\r\nHost: evil.example\r\n"),
        format!("Forwarded: host={own}\r\nHost: evil.example\r\n"),
    ] {
        let got = server.exchange(ask(lines.clone()).as_bytes()).await;
        assert!(
            [400, 421].contains(&got.status),
            "{lines:?}: {}",
            got.status
        );
        assert!(!got.body.contains("evil"), "{lines:?}");
    }
    // Headers of proxies do not change where pages lead.
    let lines = format!(
        "Host: {own}\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: ftp\r\nX-Original-URL: /administration\r\nX-Rewrite-URL: /administration\r\n"
    );
    let got = server.exchange(ask(lines).as_bytes()).await;
    assert_eq!(got.status, 200);
    assert!(!got.body.contains("evil.example"));
    // An address with a host of its own is for proxies.
    let got = server
        .exchange(format!("GET http://evil.example/matches HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n").as_bytes())
        .await;
    assert!(!got.to().contains("evil.example"), "{}", got.to());
    log::tells("wrong_host");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_can_be_read_twice_is_refused() {
    let (_agencies, server) = town().await;
    let own = server.address.to_string();
    let client = Client::sign_in(&server, "a100").await;
    let head = |verb: &str| client.head(verb, "/matches/assign");
    for lines in [
        "Content-Length: 5\r\nContent-Length: 60\r\n\r\nhello",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 99999999999999999999999\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: +5\r\n\r\nhello",
    ] {
        let bytes = format!("{}{lines}", head("POST"));
        let got = server.exchange(bytes.as_bytes()).await;
        // Refused by whoever reads it first: the parser, the size, or the token that is not there.
        assert!(
            [0, 400, 403, 413, 501].contains(&got.status),
            "{lines:?}: {}",
            got.status
        );
        assert!(!got.to().contains("said="), "{lines:?}");
    }
    for bytes in [
        format!("GET /sign-in HTTP/1.1\r\nHost: {own}\r\n X-Folded: y\r\n\r\n"),
        format!("GET /sign-in HTTP/1.1\nHost: {own}\n\n\n"),
        format!("GET  /sign-in  HTTP/1.1\r\nHost: {own}\r\n\r\n"),
        format!("GET /sign-in HTTP/9.9\r\nHost: {own}\r\n\r\n"),
        format!("GET /sign\0-in HTTP/1.1\r\nHost: {own}\r\n\r\n"),
        format!("GET /sign-in HTTP/1.1\r\nHost: {own}\r\nX\0: y\r\n\r\n"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0".to_owned() + &"x".repeat(200) + "\r\n\r\n",
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n".to_owned(),
    ] {
        let got = server.exchange(bytes.as_bytes()).await;
        assert!(
            [0, 200, 400, 404, 405, 421, 505].contains(&got.status),
            "{bytes:?}: {}",
            got.status
        );
        assert!(got.to().is_empty(), "{bytes:?}");
    }
    log::tells("no_request");
}
