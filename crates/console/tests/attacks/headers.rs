//! The headers of every kind of reply: nothing is kept, framed, guessed or told to others.

use sanctuary_console::{ROUTES, Verb};

use crate::{
    MATCH, support, town, value,
    wire::{Client, Raw},
};

#[track_caller]
fn guarded(got: &Raw, what: &str) {
    let policy = got.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{what}: {policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{what}: {policy}"
    );
    assert!(policy.contains("form-action"), "{what}: {policy}");
    for (name, wanted) in [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(got.header(name), wanted, "{what}");
    }
    assert!(
        got.header("strict-transport-security")
            .contains("max-age=63072000"),
        "{what}"
    );
    for open in [
        "access-control-allow-origin",
        "server",
        "x-powered-by",
        "etag",
        "last-modified",
    ] {
        assert_eq!(got.header(open), "", "{what}");
    }
    let kind = got.header("content-type");
    let has_kind = kind.contains("charset=utf-8") || !kind.starts_with("text/");
    assert!(has_kind, "{what}: {kind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reply_is_guarded_and_kept_nowhere() {
    let (_agencies, server) = town().await;
    for person in ["a100", "i200", "s300", "r400", "d600", "m700"] {
        let mut client = Client::sign_in(&server, person).await;
        for route in ROUTES.iter().filter(|r| r.verb == Verb::Get) {
            let path = route
                .path
                .replace("{id}", &MATCH[9..])
                .replace(['{', '}'], "");
            let got = client.get(&path).await;
            let what = format!("{path} as {person}: {}", got.status);
            guarded(&got, &what);
            assert_eq!(got.header("cache-control"), "no-store", "{what}");
        }
        let got = client.post("/sign-out", &[]).await;
        guarded(&got, "signing out");
        assert!(got.header("clear-site-data").contains("storage"));
    }
    let mut nobody = Client::new(&server);
    for path in [
        "/sign-in",
        "/matches",
        "/nowhere",
        "/assets/nothing.css",
        "/sign-in?said=out",
    ] {
        guarded(&nobody.get(path).await, path);
    }
    let got = nobody.post_with("/sign-in", &[], "", "").await;
    guarded(&got, "a refused form");
    let large = vec![b'x'; 300_000];
    guarded(
        &nobody.send("POST", "/sign-in", "", &large).await,
        "too large",
    );
    let got = server
        .exchange(b"GET /sign-in HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        .await;
    guarded(&got, "another host");
}

/// Files are named by us, whatever is in the address.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_sent_becomes_a_header() {
    let (_agencies, server) = town().await;
    let mut client = Client::sign_in(&server, "a100").await;
    for wish in [
        "%0d%0aX-Evil:%20y",
        "%0aX-Evil:%20y",
        "%0dX-Evil:y",
        "x%00y",
        "%e5%98%8a%e5%98%8dX-Evil:y",
    ] {
        for path in [
            format!("/matches?said={wish}&agency={wish}&page={wish}"),
            format!("/matches/{wish}"),
            format!("/board-pack/{wish}/{wish}"),
            format!("/requests/{wish}/report"),
            format!("/sign-in?back={wish}"),
            format!("/{wish}"),
        ] {
            let got = client.get(&path).await;
            assert_eq!(got.header("x-evil"), "", "{path}");
            assert!(got.status < 500, "{path}: {}", got.status);
        }
        let form = [("name", wish), ("query", wish), ("back", wish)];
        for path in [
            "/matches/views",
            "/matches/views/delete",
            "/matches/assign",
            "/drafts",
        ] {
            let got = client.post(path, &form).await;
            assert_eq!(got.header("x-evil"), "", "{path}");
        }
    }
    let plain = "filter\r\nX-Evil: y";
    let form = [
        ("name", plain),
        ("query", plain),
        ("back", plain),
        ("draft", plain),
    ];
    for path in ["/matches/views", "/matches/assign", "/drafts"] {
        assert_eq!(
            client.post(path, &form).await.header("x-evil"),
            "",
            "{path}"
        );
    }
    // A line break in a header of the request is no header of ours, and nothing of a cookie comes back.
    let mut nobody = Client::new(&server);
    let lines = "Cookie: __Host-form=x\u{1}y\r\nCookie: __Host-sid=<script>\r\n";
    let got = nobody.send("GET", "/sign-in", lines, b"").await;
    assert!(got.status == 200 || got.status == 400);
    assert!(!got.body.contains("<script>"));
    assert!(!got.headers.iter().any(|(_, v)| v.contains("<script>")));
}

/// What a form was sent with is in no page's compressed size: no page that echoes is compressed.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_that_echoes_is_compressed() {
    let (_agencies, server) = town().await;
    let mut client = Client::sign_in(&server, "a100").await;
    let page = client.get(MATCH).await.body;
    let version = value(&page, "name=\"version\" value=\"").to_owned();
    let form = support_form(&version);
    let token = client.token.clone();
    let lines = "Accept-Encoding: gzip\r\n";
    let path = format!("{MATCH}/decision");
    let got = client.post_with(&path, &form, &token, lines).await;
    assert_eq!(got.header("content-encoding"), "", "{}", got.status);
    let got = client
        .send("GET", "/matches?agency=guess", lines, b"")
        .await;
    assert_eq!(got.header("content-encoding"), "");
    let _ = support::HOST;
}

fn support_form(version: &str) -> [(&str, &str); 3] {
    [
        ("answer", "confirmed"),
        ("note", "guess"),
        ("version", version),
    ]
}
