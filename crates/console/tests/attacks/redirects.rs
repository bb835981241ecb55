//! Return addresses that lead elsewhere.

use crate::{seed, town, wire::Client};

const ELSEWHERE: [&str; 34] = [
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "@evil.example",
    "/@evil.example",
    ":80@evil.example",
    "http://127.0.0.1@evil.example",
    ".evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "%2f%2fevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/matches//evil.example",
    "/matches/..//evil.example",
    "/\tevil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/matches\r\nSet-Cookie: x=y",
    "/\u{2215}evil.example",
    " https://evil.example",
];

/// A browser stays where it is: a path, one slash, nothing that it reads as a host.
#[track_caller]
fn stays(to: &str, wish: &str) {
    assert!(to.starts_with('/'), "{wish:?} leads to {to}");
    assert!(
        !to.starts_with("//") && !to.contains('\\'),
        "{wish:?} leads to {to}"
    );
    let path = to.split('?').next().unwrap();
    assert!(!path.contains("evil"), "{wish:?} leads to {to}");
    assert!(!path.contains("//"), "{wish:?} leads to {to}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_away_after_signing_in() {
    let (_agencies, server) = town().await;
    for (number, wish) in ELSEWHERE.into_iter().enumerate() {
        let mut client = Client::new(&server);
        // Each from an office of its own: sixty tries in five minutes are one office's.
        client.from = format!("198.51.100.{number}");
        let query: String = form_urlencoded::byte_serialize(wish.as_bytes()).collect();
        let page = client.get(&format!("/sign-in?back={query}")).await;
        assert_eq!(page.status, 200, "{wish:?}");
        for mark in [
            "href=\"https:",
            "href=\"//",
            "action=\"//",
            "action=\"https:",
            "href=\"javascript",
        ] {
            assert!(!page.body.contains(mark), "{wish:?} gives {mark}");
        }
        let form = [
            ("person", "a100"),
            ("password", seed::PASSWORD),
            ("back", wish),
        ];
        let got = client.post("/sign-in", &form).await;
        assert_eq!(got.status, 303, "{wish:?}");
        stays(got.to(), wish);
        assert_eq!(got.header("set-cookie").matches("x=y").count(), 0);
        // Elsewhere than at the sign-in, too.
        client.get("/account").await;
        let got = client.get(&format!("/prove?back={query}")).await;
        if got.status == 303 {
            stays(got.to(), wish);
        }
        let form = [("back", wish), ("to", "a100")];
        let got = client.post("/matches/assign", &form).await;
        stays(got.to(), wish);
        // Who is not signed in is led to the sign-in, with the address in its query only.
        let mut nobody = Client::new(&server);
        let got = nobody.get(&format!("/matches?page={query}")).await;
        assert!(got.asks_to_sign_in());
        stays(got.to(), wish);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_looks_like_a_host_is_not_found() {
    let (_agencies, server) = town().await;
    let mut client = Client::sign_in(&server, "a100").await;
    for path in [
        "//evil.example",
        "//evil.example/..",
        "/%2fevil.example",
        "/%5c%5cevil.example",
    ] {
        let got = client.get(path).await;
        assert!(
            got.status == 404 || got.status == 400,
            "{path}: {}",
            got.status
        );
        assert_eq!(got.to(), "", "{path}");
    }
}
