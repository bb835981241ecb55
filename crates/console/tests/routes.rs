//! Addresses, headers, cookies and forms of the console, over real cores in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

#[path = "../examples/fake/office.rs"]
mod office;
#[path = "../examples/fake/overseer.rs"]
mod overseer;
#[path = "../examples/fake/partnership.rs"]
mod partnership;
#[path = "../examples/fake/records.rs"]
mod records;
#[path = "../examples/fake/seed.rs"]
mod seed;
mod support;

use axum::http::{StatusCode, header};
use sanctuary_console::{Access, ROUTES, Verb, matrix};
use sanctuary_policy::StaffRole;
use support::{Browser, ORIGIN, after, agencies, console};

const PEOPLE: [(&str, StaffRole); 7] = [
    ("a100", StaffRole::Analyst),
    ("i200", StaffRole::IntelligenceOfficer),
    ("s300", StaffRole::Authoriser),
    ("r400", StaffRole::Releaser),
    ("p500", StaffRole::SecondApprover),
    ("d600", StaffRole::DataProtectionOfficer),
    ("m700", StaffRole::Administrator),
];

/// A path with its open parts filled by something that does not exist.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{person}" => "x999",
        open if open.starts_with('{') => "0000000000000000000000000000dead",
        plain => plain,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_address_is_open_to_those_of_the_matrix_and_nobody_else() {
    let agencies = agencies(4);
    let console = console(&agencies[0]);
    for (person, role) in PEOPLE {
        let mut browser = Browser::sign_in(&console, person).await;
        for route in ROUTES {
            let path = filled(route.path);
            let got = match route.verb {
                Verb::Get => browser.get(&path).await,
                Verb::Post => browser.post(&path, &[]).await,
            };
            let may = route.access.admits(Some(&[role]));
            let at = format!("{:?} {path} as {person}", route.verb);
            assert_eq!(
                got.status == StatusCode::FORBIDDEN,
                !may,
                "{at}: {}",
                got.status
            );
            assert!(!got.status.is_server_error(), "{at}: {}", got.text);
            assert!(!got.to().starts_with("/sign-in?back"), "{at}");
            if route.path == "/sign-out" {
                browser = Browser::sign_in(&console, person).await;
            }
        }
    }
    let mut nobody = Browser::new(&console);
    nobody.get("/sign-in").await;
    for route in ROUTES {
        let path = filled(route.path);
        let got = match route.verb {
            Verb::Get => nobody.get(&path).await,
            Verb::Post => nobody.post(&path, &[]).await,
        };
        let open = matches!(route.access, Access::Anybody | Access::AnybodySlowly);
        let sent = got.status == StatusCode::SEE_OTHER && got.to().starts_with("/sign-in?back");
        assert_eq!(sent, !open, "{path}: {} {}", got.status, got.to());
    }
}

#[test]
fn the_reviewed_matrix_is_what_the_console_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/console-routes.md");
    if std::env::var_os("SANCTUARY_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(path, matrix()).unwrap();
    }
    let reviewed = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        reviewed,
        matrix(),
        "run this test with SANCTUARY_WRITE_SNAPSHOTS=1 and review docs/console-routes.md"
    );
}

#[tokio::test]
async fn every_reply_carries_the_headers() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let mut browser = Browser::new(&console);
    let page = browser.get("/sign-in").await;
    let style = format!(
        "/assets/{}",
        after(&page.text, "stylesheet\" href=\"/assets/")
    );
    for path in ["/sign-in", "/matches", "/nothing", style.as_str()] {
        let got = browser.get(path).await;
        let value = |name: &str| {
            let value = got.headers.get(name);
            value.map_or("", |v| v.to_str().unwrap()).to_owned()
        };
        let policy = value("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(value("referrer-policy"), "same-origin");
        assert_eq!(value("x-content-type-options"), "nosniff");
        let kept = path == style;
        assert_eq!(value("cache-control").contains("immutable"), kept, "{path}");
        assert_eq!(value("cache-control") == "no-store", !kept, "{path}");
        // The policy would block them.
        for inline in ["<style", " style=", "onclick=", "javascript:"] {
            assert!(kept || !got.text.contains(inline), "{path} has {inline}");
        }
    }
    assert!(page.text.contains("OFFICIAL"));
}

#[tokio::test]
async fn signing_in_gives_a_new_session_and_signing_out_ends_it() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let mut browser = Browser::new(&console);
    let got = browser.get("/matches?kind=same_person").await;
    assert_eq!(got.to(), "/sign-in?back=%2Fmatches%3Fkind%3Dsame_person");
    browser.get(got.to()).await;
    // A session that somebody planted is not taken over.
    browser
        .cookies
        .insert("__Host-sid".to_owned(), "a".repeat(64));
    let wrong = [("person", "a100"), ("password", "wrong")];
    let got = browser.post("/sign-in", &wrong).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = [("person", "nobody"), ("password", "wrong")];
    let other = browser.post("/sign-in", &unknown).await;
    let say = |text: &str| after(text, "href=\"#person\">").to_owned();
    assert_eq!(
        say(&got.text).split('<').next(),
        say(&other.text).split('<').next()
    );
    assert!(!got.text.contains("value=\"wrong\""));
    let form = [
        ("person", "a100"),
        ("password", seed::PASSWORD),
        ("back", "/matches?kind=same_person"),
    ];
    let got = browser.post("/sign-in", &form).await;
    assert_eq!(got.to(), "/matches?kind=same_person");
    let set: Vec<&str> = got
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|v| v.to_str().unwrap())
        .collect();
    let sid = set.iter().find(|c| c.starts_with("__Host-sid=")).unwrap();
    for rule in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(sid.contains(rule), "{sid}");
    }
    assert_ne!(browser.cookies["__Host-sid"], "a".repeat(64));
    assert_eq!(browser.get("/matches").await.status, StatusCode::OK);

    let stolen = browser.clone();
    let got = browser.post("/sign-out", &[]).await;
    assert!(got.headers.contains_key("clear-site-data"));
    let mut stolen = stolen;
    let got = stolen.get("/matches").await;
    assert!(got.to().starts_with("/sign-in"), "the session lives on");
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    for back in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/x\r\nX: y",
    ] {
        let mut browser = Browser::new(&console);
        browser.get("/sign-in").await;
        let form = [
            ("person", "a100"),
            ("password", seed::PASSWORD),
            ("back", back),
        ];
        let got = browser.post("/sign-in", &form).await;
        assert_eq!(got.to(), "/", "{back}");
        let form = [("back", back), ("to", "")];
        browser.get("/account").await;
        let got = browser.post("/matches/assign", &form).await;
        assert!(got.to().starts_with("/?said="), "{back}: {}", got.to());
    }
}

#[tokio::test]
async fn forms_from_elsewhere_do_nothing() {
    let agencies = agencies(3);
    let console = console(&agencies[0]);
    let mut browser = Browser::sign_in(&console, "a100").await;
    let page = browser.get("/matches").await;
    let first = after(&page.text, "name=\"alert\" value=\"").to_owned();
    let form = [
        ("alert", first.as_str()),
        ("to", "a100"),
        ("back", "/matches"),
    ];
    let own = browser.token.clone();
    let other = Browser::sign_in(&console, "a101").await.token;
    let attacks: [(&str, &[(&str, &str)]); 6] = [
        ("", &[]),
        (&"0".repeat(64), &[]),
        (&other, &[]),
        (&own, &[("origin", "https://evil.example")]),
        (&own, &[("origin", "null")]),
        (&own, &[("sec-fetch-site", "cross-site")]),
    ];
    for (token, headers) in attacks {
        let got = browser
            .post_with("/matches/assign", &form, token, headers)
            .await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let unassigned = browser.get("/matches?who=me").await;
    assert!(unassigned.text.contains("Nothing fits these filters"));
    let headers = [("origin", ORIGIN), ("sec-fetch-site", "same-origin")];
    let got = browser
        .post_with("/matches/assign", &form, &own, &headers)
        .await;
    assert_eq!(got.to(), "/matches?said=assigned");
    let mine = browser.get("/matches?who=me").await;
    assert!(!mine.text.contains("Nothing fits these filters"));
}

#[tokio::test]
async fn another_name_for_this_address_is_refused() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let mut browser = Browser::new(&console);
    let request = axum::http::Request::builder()
        .uri("/sign-in")
        .header(header::HOST, "evil.example")
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(
        browser.send(request).await.status,
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test]
async fn a_thousand_tries_from_one_address_end_early() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let mut browser = Browser::new(&console);
    browser.get("/sign-in").await;
    let mut refused = 0;
    for n in 0..100 {
        let person = format!("x{n}");
        let form = [("person", person.as_str()), ("password", "")];
        let got = browser.post("/sign-in", &form).await;
        refused += usize::from(got.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 40);
    browser.from = "192.0.2.2".to_owned();
    let form = [("person", "a100"), ("password", seed::PASSWORD)];
    assert_eq!(
        browser.post("/sign-in", &form).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn large_forms_are_refused() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let mut browser = Browser::sign_in(&console, "a100").await;
    let large = "x".repeat(300_000);
    let got = browser.post("/matches/views", &[("name", &large)]).await;
    assert_eq!(got.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_connection_is_served_and_the_end_is_prompt() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let agencies = agencies(1);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let console = support::whole(&agencies[0], &format!("http://{address}"));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(sanctuary_console::serve(console, listener, None, async {
        let _ = stopped.await;
    }));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET /sign-in HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert!(reply.contains("Staff number"));
    // One that says nothing does not keep the console from ending.
    let _silent = tokio::net::TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
}
