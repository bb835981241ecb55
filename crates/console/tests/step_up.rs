//! Before what matters most people show once more that it is them, and lose nothing that they had typed.
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

use axum::http::StatusCode;
use sanctuary_console::{ROUTES, Verb};
use support::{Browser, agencies, console};

const MINUTE_MS: u64 = 60_000;

/// A path with its open parts filled.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{person}" => "a100",
        open if open.starts_with('{') => "0000000000000000000000000000dead",
        plain => plain,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn what_was_typed_waits_and_the_session_gets_a_new_name() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let mut admin = Browser::sign_in(&console, "m700").await;
    agencies[0].clock.later(6 * MINUTE_MS);
    admin.get("/administration").await;
    let form = [
        ("person", "n900"),
        ("name", "N. \"Newcomer\" <&>"),
        ("email", "line one"),
        ("role", "analyst"),
        ("role", "intelligence_officer"),
    ];
    let got = admin.post("/administration", &form).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let ask = got.to().to_owned();
    let held = ask.strip_prefix("/prove?held=").unwrap().to_owned();
    let page = admin.get(&ask).await;
    assert!(page.text.contains("Add the person"), "{}", page.text);
    // Nothing was done.
    assert_eq!(
        admin.get("/administration/n900").await.status,
        StatusCode::NOT_FOUND
    );
    let wrong = [("held", held.as_str()), ("password", "wrong")];
    let got = admin.post("/prove", &wrong).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains(&held), "the form still waits");
    let (old, before) = (admin.clone(), admin.cookies["__Host-sid"].clone());
    let right = [("held", held.as_str()), ("password", seed::PASSWORD)];
    let got = admin.post("/prove", &right).await;
    assert_eq!(
        got.to(),
        format!("/prove/go-on?held={held}"),
        "{}",
        got.text
    );
    assert_ne!(admin.cookies["__Host-sid"], before);
    for path in ["/administration", got.to()] {
        let was = old.clone().get(path).await;
        assert!(
            was.to().starts_with("/sign-in"),
            "the old cookie opens {path}"
        );
    }
    let page = admin.get(got.to()).await;
    for (name, value) in [
        ("person", "n900"),
        ("name", "N. &quot;Newcomer&quot; &lt;&amp;&gt;"),
        ("role", "analyst"),
        ("role", "intelligence_officer"),
    ] {
        let field = format!("name=\"{name}\" value=\"{value}\"");
        assert!(page.text.contains(&field), "{field}: {}", page.text);
    }
    assert_eq!(
        page.text.matches("name=\"token\"").count(),
        2,
        "the form's own token is not kept"
    );
    let got = admin.post("/administration", &form[..2]).await;
    assert!(got.text.contains("Start code for n900"), "{}", got.text);
    // It was sent, so nothing waits any longer.
    let again = admin.get(&format!("/prove/go-on?held={held}")).await;
    assert_eq!(again.to(), "/");
}

#[tokio::test]
async fn a_page_that_needs_a_proof_is_come_back_to() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let mut officer = Browser::sign_in(&console, "i200").await;
    let ask = "/prove?back=%2Fmatches%3Fkind%3Dsame_person";
    // Who has shown it goes straight on.
    assert_eq!(officer.get(ask).await.to(), "/matches?kind=same_person");
    agencies[0].clock.later(6 * MINUTE_MS);
    let page = officer.get(ask).await;
    assert!(
        page.text.contains("Show once more that it is you"),
        "{}",
        page.text
    );
    let form = [
        ("back", "/matches?kind=same_person"),
        ("password", seed::PASSWORD),
    ];
    assert_eq!(
        officer.post("/prove", &form).await.to(),
        "/matches?kind=same_person"
    );
    agencies[0].clock.later(6 * MINUTE_MS);
    officer.get("/account").await;
    let form = [
        ("back", "https://evil.example"),
        ("password", seed::PASSWORD),
    ];
    assert_eq!(officer.post("/prove", &form).await.to(), "/");
}

#[tokio::test]
async fn every_act_that_needs_a_proof_asks_for_one_and_no_other_does() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let people = ["s300", "r400", "p500", "d600", "m700", "i200"];
    let mut asked = 0;
    for person in people {
        let mut browser = Browser::sign_in(&console, person).await;
        let mut page = browser.get("/account").await;
        agencies[0].clock.later(6 * MINUTE_MS);
        for route in ROUTES.iter().filter(|r| r.verb == Verb::Post) {
            if route.path.starts_with("/sign-")
                || route.path == "/choose-password"
                || route.path == "/prove"
            {
                continue;
            }
            page = browser
                .post(&filled(route.path), &[("format", "pdf")])
                .await;
            let asks = page.to().starts_with("/prove?held=");
            if page.status != StatusCode::FORBIDDEN {
                assert_eq!(
                    asks,
                    route.proof.is_some(),
                    "{} as {person}: {}",
                    route.path,
                    page.status
                );
                asked += usize::from(asks);
            }
        }
        drop(page);
    }
    let all = ROUTES.iter().filter(|r| r.proof.is_some()).count();
    assert!(asked >= all, "{asked} of {all}");
}

#[tokio::test]
async fn nobody_reaches_the_form_of_another() {
    let agencies = agencies(1);
    let console = console(&agencies[0]);
    let mut admin = Browser::sign_in(&console, "m700").await;
    let mut other = Browser::sign_in(&console, "m701").await;
    agencies[0].clock.later(6 * MINUTE_MS);
    admin.get("/administration").await;
    let form = [("person", "n900"), ("name", "Secret words")];
    let got = admin.post("/administration", &form).await;
    let held = got.to().strip_prefix("/prove?held=").unwrap().to_owned();
    other.get("/account").await;
    let prove = [("held", held.as_str()), ("password", seed::PASSWORD)];
    let got = other.post("/prove", &prove).await;
    let page = other.get(got.to()).await;
    assert_eq!(page.to(), "/", "{}", page.text);
    // Signing out takes it away.
    admin.post("/sign-out", &[]).await;
    let mut again = Browser::sign_in(&console, "m700").await;
    let page = again.get(&format!("/prove/go-on?held={held}")).await;
    assert_eq!(page.to(), "/");
}
