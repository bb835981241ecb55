//! The operators' console, asked as browsers and attackers ask.

mod support;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use sanctuary_health::{AgencyStatus, HubStatus, Remark, Silence, SilenceOf, StatusNote};
use sanctuary_operator::{Desk, OperatorTables, PATHS, router, templates};
use sanctuary_staff::{NewMember, Register};
use sanctuary_store::Sealer;
use sanctuary_types::Timestamp;
use support::{Browser, HOST, PASSWORD, code};

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.unwrap().as_millis() as u64)
}

/// A console over `dir`, with an operator who has a start code.
fn console(dir: &Path) -> (Router, String) {
    let sealer = Sealer::from_key_file_or_generate(&dir.join("operator.key")).unwrap();
    let tables = OperatorTables::open(&dir.join("operators"), sealer).unwrap();
    let register = Register::new(tables, "hub");
    let new = NewMember {
        person: "op1".parse().unwrap(),
        name: "Ola Price".to_owned(),
        email: None,
        roles: Default::default(),
        functions: Default::default(),
    };
    let start = register.add_first(new, now(), &mut rand::rng()).unwrap();
    let settings = sanctuary_console::Settings {
        public_url: format!("http://{HOST}").parse().unwrap(),
        behind_proxy: false,
        synthetic: false,
    };
    let desk = Desk::new(register, note(dir), settings).unwrap();
    (router(Arc::new(desk)), start.0.expose().to_owned())
}

fn note(dir: &Path) -> StatusNote {
    StatusNote::open(dir, &dir.join("root.key")).unwrap()
}

/// A hub with everything that may stand on a page.
fn hub() -> HubStatus {
    let ago = |hours: u64| Timestamp(now().0 - hours * 3_600_000);
    let mut status = HubStatus {
        party: "centre".to_owned(),
        at: now(),
        since: ago(50),
        certificate_until: ago(0),
        manifests: BTreeMap::from([("person, epoch 1".to_owned(), ago(0))]),
        key_holders: vec!["alder".parse().unwrap()],
        editions: vec!["Edition 1".to_owned()],
        agencies: vec![
            AgencyStatus {
                agency: "police".to_owned(),
                last_call: Some(ago(0)),
                refusals: BTreeMap::from([("stale_epoch".to_owned(), 3)]),
                ..AgencyStatus::default()
            },
            AgencyStatus {
                agency: "council".to_owned(),
                last_call: Some(ago(30)),
                silence: Some(Silence {
                    since: ago(30),
                    of: SilenceOf::Calls,
                }),
                ..AgencyStatus::default()
            },
        ],
        errors: vec![Remark {
            at: ago(1),
            text: "a match round failed: <the disk is full>".to_owned(),
        }],
        ..HubStatus::default()
    };
    status.attend();
    status
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_without_both_factors() {
    let dir = tempfile::tempdir().unwrap();
    note(dir.path()).write(&hub()).unwrap();
    let (router, start) = console(dir.path());
    let mut nobody = Browser::new(router.clone());
    for path in PATHS {
        let page = nobody.get(path).await;
        assert_eq!(
            (page.status, page.location()),
            (StatusCode::SEE_OTHER, "/sign-in"),
            "{path}"
        );
    }
    let mut operator = Browser::new(router.clone());
    let secret = operator.begin("op1", &start).await;
    assert_eq!(operator.get("/").await.status, StatusCode::OK);
    // A stolen password alone opens nothing.
    let mut thief = Browser::new(router.clone());
    let fields = [("person", "op1"), ("password", PASSWORD), ("code", "")];
    let refused = thief.post("/sign-in", "/sign-in", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!thief.cookies.contains_key("__Host-sid"));
    let later = code(&secret, 1);
    let fields = [
        ("person", "op1"),
        ("password", PASSWORD),
        ("code", later.as_str()),
    ];
    assert_eq!(
        thief.post("/sign-in", "/sign-in", &fields).await.location(),
        "/"
    );
    // Signing out ends the session on the server.
    let stolen = operator.cookies.clone();
    let out = operator.post("/", "/sign-out", &[]).await;
    assert_eq!(out.location(), "/sign-in?said=out");
    operator.cookies = stolen;
    assert_eq!(operator.get("/").await.location(), "/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_says_what_the_hub_wrote_under_all_headers() {
    let dir = tempfile::tempdir().unwrap();
    note(dir.path()).write(&hub()).unwrap();
    let (router, start) = console(dir.path());
    let mut operator = Browser::new(router);
    operator.begin("op1", &start).await;
    for (path, words) in [
        ("/", "the node of council has not called for 30 hours"),
        ("/", "a match round failed: &lt;the disk is full&gt;"),
        ("/agencies", "Silent since"),
        ("/keys", "Next ceremony"),
        ("/keys", "alder"),
        ("/ledger", "None was signed yet"),
        ("/editions", "Edition 1"),
        ("/refusals", "stale_epoch"),
        ("/operators", "Ola Price"),
    ] {
        let page = operator.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let found = page.text.to_lowercase().contains(&words.to_lowercase());
        assert!(found, "{path} lacks {words}: {}", page.text);
        for (name, value) in [
            ("content-security-policy", "default-src 'none'"),
            ("strict-transport-security", "max-age"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("x-frame-options", "DENY"),
        ] {
            let header = page.headers[name].to_str().unwrap();
            assert!(header.contains(value), "{path}: {name}: {header}");
        }
        assert!(
            !page.text.contains(" style=") && !page.text.contains("<script>"),
            "{path}"
        );
    }
    // Another operator is added, has left, and never signs in.
    let fields = [("person", "op2"), ("name", "Ida Moss")];
    let added = operator.post("/operators", "/operators", &fields).await;
    let start = added.between("<p class=\"app-pre\">", "</p>");
    operator
        .post("/operators", "/operators/leave", &[("who", "op2")])
        .await;
    let mut other = Browser::new(operator.router());
    let fields = [
        ("person", "op2"),
        ("password", start.as_str()),
        ("new", PASSWORD),
        ("again", PASSWORD),
    ];
    let refused = other
        .post("/choose-password", "/choose-password", &fields)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_wrote_nothing_or_hangs_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (router, start) = console(dir.path());
    let mut operator = Browser::new(router);
    operator.begin("op1", &start).await;
    let page = operator.get("/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("has not written anything yet"));
    let mut old = hub();
    old.at = Timestamp(now().0 - 10 * 60_000);
    note(dir.path()).write(&old).unwrap();
    assert!(
        operator
            .get("/")
            .await
            .text
            .contains("The hub wrote this 10 minutes ago")
    );
    std::fs::write(dir.path().join("status"), b"not sealed").unwrap();
    let page = operator.get("/agencies").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("cannot be read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_from_elsewhere_and_other_names_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    note(dir.path()).write(&hub()).unwrap();
    let (router, start) = console(dir.path());
    let mut operator = Browser::new(router);
    operator.begin("op1", &start).await;
    let wrong_token = operator
        .post_with("0000", "/operators", &[("person", "x")])
        .await;
    assert_eq!(wrong_token.status, StatusCode::FORBIDDEN);
    let token = operator
        .get("/operators")
        .await
        .between("name=\"token\" value=\"", "\"");
    let elsewhere = Request::post("/operators")
        .header(header::HOST, HOST)
        .header(header::ORIGIN, "https://evil.example")
        .body(Body::from(format!("token={token}&person=x&name=y")));
    assert_eq!(
        operator.send(elsewhere.unwrap()).await.status,
        StatusCode::FORBIDDEN
    );
    let other_name = Request::get("/").header(header::HOST, "evil.example");
    let page = operator.send(other_name.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(operator.get("/matches").await.status, StatusCode::NOT_FOUND);
    let large = Request::post("/sign-in").header(header::HOST, HOST);
    let large = large.body(Body::from("a=".to_owned() + &"b".repeat(100_000)));
    assert_eq!(
        operator.send(large.unwrap()).await.status,
        StatusCode::BAD_REQUEST
    );
    // Tries from one network are limited.
    let mut last = StatusCode::OK;
    for _ in 0..=sanctuary_console::TRIES {
        last = operator
            .post("/code", "/sign-in", &[("person", "op1")])
            .await
            .status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn templates_have_no_inline_style_script_or_unescaped_value() {
    for (name, text) in templates() {
        for banned in [
            "style=",
            "<style",
            "onclick",
            "| safe",
            "|safe",
            "autoescape",
        ] {
            assert!(!text.contains(banned), "{name} has {banned}");
        }
    }
}
