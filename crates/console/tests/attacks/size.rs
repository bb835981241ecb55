//! Requests that are too large, have too many parts, or do not come to an end.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    log, town,
    wire::{Client, encode, read},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_and_the_connection_closed() {
    let (_agencies, server) = town().await;
    let mut client = Client::sign_in(&server, "a100").await;
    let token = client.token.clone();
    let name = "x".repeat(300_000);
    let large = encode(&[("name", &name)], &token);
    let got = client
        .send("POST", "/matches/views", "", large.as_bytes())
        .await;
    assert_eq!(got.status, 413, "{}", got.body);
    assert_eq!(got.header("connection"), "close");
    assert!(got.body.contains("Nothing was saved"));
    // Promised only: nobody waits for it.
    let head = client.head("POST", "/matches/views");
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let promise = format!("{head}Content-Length: 10000000000\r\n\r\n");
    stream.write_all(promise.as_bytes()).await.unwrap();
    let got = read(&mut stream).await;
    assert_eq!(got.status, 413);
    assert!(got.took < Duration::from_secs(5), "{:?}", got.took);
    let mut rest = Vec::new();
    let closed = timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the connection stays open");
    // The same in pieces whose sum nobody told.
    let mut pieces = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..40 {
        pieces.extend_from_slice(b"2000\r\n");
        pieces.extend_from_slice(&[b'x'; 0x2000]);
        pieces.extend_from_slice(b"\r\n");
    }
    pieces.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(server.exchange(&pieces).await.status, 413);
    // Small parts, too many of them.
    let many: Vec<(&str, &str)> = vec![("a", "1"); 5_000];
    let got = client.post("/matches/assign", &many).await;
    assert_eq!(got.status, 413);
    // Many in an address.
    let query = "a=1&".repeat(2_500);
    assert_eq!(client.get(&format!("/matches?{query}")).await.status, 400);
    log::tells("too_large");
    assert_eq!(client.get("/matches").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_is_refused() {
    let (_agencies, server) = town().await;
    let client = Client::new(&server);
    let long = "x".repeat(100_000);
    for bytes in [
        format!("{}X-Long: {long}\r\n\r\n", client.head("GET", "/sign-in")),
        format!(
            "{}Cookie: __Host-sid={long}\r\n\r\n",
            client.head("GET", "/sign-in")
        ),
        format!(
            "{}\r\n",
            client.head("GET", &format!("/sign-in?back=/{long}"))
        ),
        format!(
            "{}{}\r\n",
            client.head("GET", "/sign-in"),
            "X: y\r\n".repeat(500)
        ),
    ] {
        let got = server.exchange(bytes.as_bytes()).await;
        assert!([0, 414, 431].contains(&got.status), "{}", got.status);
    }
    log::tells("no_request");
    let mut client = Client::new(&server);
    assert_eq!(client.get("/sign-in").await.status, 200);
}

/// Slow heads and slow forms hold their connections for a short time only, however steadily they drip.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_to_its_end_is_given_up() {
    let (_agencies, server) = town().await;
    let client = Client::sign_in(&server, "a100").await;
    let body = format!(
        "{}Content-Length: 5000\r\n\r\ntoken=",
        client.head("POST", "/matches/assign")
    );
    let head = client.head("GET", "/sign-in");
    let drip = |first: String| {
        let address = server.address;
        async move {
            let began = Instant::now();
            let stream = TcpStream::connect(address).await.unwrap();
            let (mut from, mut to) = stream.into_split();
            to.write_all(first.as_bytes()).await.unwrap();
            let drops = tokio::spawn(async move {
                while to.write_all(b"x").await.is_ok() {
                    sleep(Duration::from_millis(700)).await;
                }
            });
            let mut said = Vec::new();
            let ended = timeout(Duration::from_secs(40), from.read_to_end(&mut said)).await;
            drops.abort();
            assert!(ended.is_ok(), "the connection is still open");
            (String::from_utf8_lossy(&said).into_owned(), began.elapsed())
        }
    };
    let silent = drip(String::new());
    let (slow_head, slow_body, silent) =
        tokio::join!(drip(format!("{head}X-Slow: ")), drip(body), silent);
    for (said, took) in [&slow_head, &silent] {
        assert!(*took < Duration::from_secs(20), "{took:?}");
        assert!(
            said.is_empty() || said.contains(" 408 ") || said.contains(" 400 "),
            "{said}"
        );
    }
    assert!(slow_body.0.starts_with("HTTP/1.1 408"), "{}", slow_body.0);
    assert!(slow_body.1 < Duration::from_secs(30), "{:?}", slow_body.1);
    log::tells("too_slow");
}
