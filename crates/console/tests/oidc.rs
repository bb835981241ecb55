//! Signing in by an identity provider: as it should be, and everything that is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

#[path = "../examples/fake/office.rs"]
mod office;
#[path = "../examples/fake/overseer.rs"]
mod overseer;
#[path = "../examples/fake/partnership.rs"]
mod partnership;
mod provider;
#[path = "../examples/fake/records.rs"]
mod records;
#[path = "../examples/fake/seed.rs"]
mod seed;
mod support;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    http::{StatusCode, header},
};
use partnership::Agency;
use provider::{CLIENT, Provider, SECRET, Twist, now_s};
use sanctuary_console::{
    Console, Settings,
    oidc::{self, ProviderSettings, Refusal, SecondFactor, Trust},
    router,
};
use sanctuary_policy::StaffRole;
use sanctuary_staff::Secret;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use support::{Browser, Got, ORIGIN, agencies};

/// An agency whose people sign in by a provider.
struct House {
    agency: Arc<Agency>,
    provider: Provider,
    console: Router,
}

impl House {
    async fn open(local: bool) -> Self {
        let (agency, provider) = (agencies(4).remove(0), Provider::start().await);
        let settings = ProviderSettings {
            name: "your police account".to_owned(),
            issuer: provider.world().issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: Secret::new(SECRET.to_owned()),
            scopes: vec!["profile".to_owned()],
            person_claim: "staff_number".to_owned(),
            roles_claim: Some("groups".to_owned()),
            roles: BTreeMap::from([(
                "officers".to_owned(),
                [StaffRole::IntelligenceOfficer].into(),
            )]),
            second_factor: SecondFactor::Claim {
                name: "amr".to_owned(),
                values: ["otp".to_owned()].into(),
            },
        };
        let public_url = ORIGIN.parse().unwrap();
        let trust = Trust::new(None).unwrap();
        let ours = oidc::Provider::new(settings, &public_url, trust).unwrap();
        let settings = Settings {
            public_url,
            behind_proxy: true,
            synthetic: true,
        };
        let desk = Arc::new(office::Desk(Arc::clone(&agency)));
        let console = Console::new(desk, settings)
            .unwrap()
            .with_provider(ours, local);
        Self {
            agency,
            provider,
            console: router(Arc::new(console)),
        }
    }

    /// A browser at the provider, and where the provider will send it back to.
    async fn begin(&self) -> (Browser, String) {
        let mut browser = Browser::new(&self.console);
        let got = browser.get("/sign-in/provider?back=%2Fmatches").await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        let back = self.provider.agree(got.to());
        (browser, back)
    }

    async fn sign_in(&self) -> (Browser, Got) {
        let (mut browser, back) = self.begin().await;
        let got = browser.get(&back).await;
        (browser, got)
    }

    fn claims(&self, changes: serde_json::Value) {
        let mut world = self.provider.world();
        for (name, value) in changes.as_object().unwrap() {
            world.claims[name] = value.clone();
        }
    }
}

fn says(got: &Got, refusal: Refusal) {
    assert_eq!(
        got.status,
        refusal.status(),
        "{refusal:?}: {} {}",
        got.to(),
        got.text
    );
    let title = format!("<h1 class=\"govuk-heading-l\">{}</h1>", refusal.title());
    assert!(got.text.contains(&title), "{refusal:?}: {}", got.text);
    assert!(got.text.contains("Reference to quote"));
    assert!(got.text.contains("href=\"/sign-in\""));
}

#[tokio::test]
async fn a_person_of_the_register_comes_in_under_a_new_session() {
    let house = House::open(false).await;
    let mut browser = Browser::new(&house.console);
    let page = browser.get("/sign-in?back=%2Fmatches").await;
    assert!(page.text.contains("Sign in with your police account"));
    assert!(
        !page.text.contains("Staff number"),
        "local accounts are off"
    );
    let planted = "b".repeat(64);
    browser
        .cookies
        .insert("__Host-sid".to_owned(), planted.clone());
    let got = browser.get("/sign-in/provider?back=%2Fmatches").await;
    let cookie = got.headers[header::SET_COOKIE].to_str().unwrap();
    for rule in [
        "__Host-provider=",
        "; Path=/",
        "; Secure",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Max-Age=600",
    ] {
        assert!(cookie.contains(rule), "{cookie}");
    }
    let got = browser.get(&house.provider.agree(got.to())).await;
    assert_eq!(
        (got.status, got.to()),
        (StatusCode::SEE_OTHER, "/matches"),
        "{}",
        got.text
    );
    assert_ne!(browser.cookies["__Host-sid"], planted);
    assert!(!browser.cookies.contains_key("__Host-provider"));
    assert_eq!(browser.get("/matches").await.status, StatusCode::OK);
    // The session is listed, and ended like any other.
    let account = browser.get("/account").await;
    assert!(account.text.contains("by your identity provider"));
    assert!(!account.text.contains("Set up an authenticator"));
    let (mut other, _) = house.sign_in().await;
    let account = other.get("/account").await;
    let id = support::after(&account.text, "name=\"session\" value=\"").to_owned();
    other.post("/account/session", &[("session", &id)]).await;
    let got = browser.get("/matches").await;
    assert!(
        got.to().starts_with("/sign-in"),
        "the ended session lives on"
    );
    other.get("/account").await;
    let got = other.post("/sign-out", &[]).await;
    assert_eq!(got.to(), "/sign-in?said=out");
    let page = other.get(got.to()).await;
    assert!(page.text.contains("sign out of your police account too"));
}

#[tokio::test]
async fn local_accounts_are_off_unless_they_are_wanted() {
    let house = House::open(false).await;
    let mut browser = Browser::new(&house.console);
    browser.get("/sign-in").await;
    // The page has no form; a token can be worked out by whoever has the cookie.
    let mut hash = Sha256::new();
    hash.update(b"sanctuary/v1/console-form\0");
    hash.update(browser.cookies["__Host-form"].as_bytes());
    browser.token = hex::encode(hash.finalize());
    let form = [("person", "a100"), ("password", seed::PASSWORD)];
    let got = browser.post("/sign-in", &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!browser.cookies.contains_key("__Host-sid"));
    assert_eq!(browser.get("/choose-password").await.to(), "/sign-in");
    assert_eq!(
        browser.post("/choose-password", &form).await.to(),
        "/sign-in"
    );
    let house = House::open(true).await;
    Browser::sign_in(&house.console, "a100").await;
}

#[tokio::test]
async fn whatever_a_sound_provider_does_not_send_is_refused() {
    let house = House::open(false).await;
    let cases = [
        (Twist::WrongNonce, Refusal::WrongNonce),
        (Twist::NoNonce, Refusal::WrongNonce),
        (Twist::WrongAudience, Refusal::WrongAudience),
        (Twist::MoreAudiences, Refusal::WrongAudience),
        (Twist::OtherParty, Refusal::WrongAudience),
        (Twist::WrongIssuer, Refusal::WrongIssuer),
        (Twist::Expired, Refusal::Expired),
        (Twist::FromTheFuture, Refusal::Clock),
        (Twist::LongPast, Refusal::Clock),
        (Twist::Unsigned, Refusal::Unsigned),
        (Twist::Hmac, Refusal::Unsigned),
        (Twist::OtherKey, Refusal::BadSignature),
        (Twist::Changed, Refusal::BadSignature),
        (Twist::NoToken, Refusal::Garbled),
        (Twist::Broken, Refusal::Garbled),
        (Twist::CodeRefused, Refusal::CodeRefused),
        (Twist::ClientRefused, Refusal::Misconfigured),
        (Twist::Elsewhere, Refusal::Unreachable),
    ];
    for (twist, refusal) in cases {
        house.provider.world().twist = twist;
        let (browser, got) = house.sign_in().await;
        says(&got, refusal);
        assert!(!browser.cookies.contains_key("__Host-sid"), "{twist:?}");
        assert!(
            !browser.cookies.contains_key("__Host-provider"),
            "{twist:?}"
        );
    }
    house.provider.world().twist = Twist::None;
    let (_, got) = house.sign_in().await;
    assert_eq!(got.to(), "/matches", "{}", got.text);
}

#[tokio::test]
async fn the_way_back_is_good_once_and_in_its_browser_only() {
    let house = House::open(false).await;
    // Another browser: an attacker's link, or a stolen address.
    let (mut browser, back) = house.begin().await;
    let mut victim = Browser::new(&house.console);
    says(&victim.get(&back).await, Refusal::NotBegun);
    // The right one, once.
    assert_eq!(browser.get(&back).await.to(), "/matches");
    let mut replay = browser.clone();
    replay.cookies.remove("__Host-sid");
    says(&replay.get(&back).await, Refusal::NotBegun);
    // The answer of one sign-in in the browser of another.
    let (_, other) = house.begin().await;
    let (mut browser, own) = house.begin().await;
    says(&browser.get(&other).await, Refusal::WrongState);
    says(&browser.get(&own).await, Refusal::NotBegun);
    for (change, refusal) in [
        ("iss=https%3A%2F%2Fevil.example", Refusal::MixedUp),
        ("", Refusal::MixedUp),
    ] {
        let (mut browser, back) = house.begin().await;
        let (rest, _) = back.split_once("&iss=").unwrap();
        says(&browser.get(&format!("{rest}&{change}")).await, refusal);
    }
    for (error, refusal) in [
        ("access_denied", Refusal::Denied),
        ("server_error", Refusal::Unreachable),
        ("invalid_scope", Refusal::Misconfigured),
        ("unmet_authentication_requirements", Refusal::NoSecondFactor),
    ] {
        let (mut browser, back) = house.begin().await;
        let back = back.replace("code=", "error_description=%3Cb%3Ehello&x=");
        let got = browser.get(&format!("{back}&error={error}")).await;
        says(&got, refusal);
        assert!(
            !got.text.contains("hello"),
            "what the provider says is not shown"
        );
    }
    // Two of one name: one of them is not the provider's.
    let (mut browser, back) = house.begin().await;
    says(
        &browser.get(&format!("{back}&code=other")).await,
        Refusal::Garbled,
    );
}

#[tokio::test]
async fn a_provider_that_is_away_or_somebody_else_is_told() {
    let house = House::open(false).await;
    house.provider.world().says = json!({ "issuer": "https://evil.example" });
    let mut browser = Browser::new(&house.console);
    says(
        &browser.get("/sign-in/provider").await,
        Refusal::WrongIssuer,
    );
    // An address that is not encrypted is not gone to.
    house.provider.world().says = json!({ "token_endpoint": "http://evil.example/token" });
    says(&browser.get("/sign-in/provider").await, Refusal::Garbled);
    house.provider.world().says = json!({});
    house.provider.world().twist = Twist::Large;
    says(
        &browser.get("/sign-in/provider").await,
        Refusal::Unreachable,
    );
    house.provider.world().twist = Twist::None;
    let got = browser.get("/sign-in/provider").await;
    assert_eq!(got.status, StatusCode::SEE_OTHER);
    let page = browser.get("/sign-in").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self'"), "{policy}");
}

#[tokio::test]
async fn new_keys_of_the_provider_are_fetched() {
    let house = House::open(false).await;
    house.sign_in().await;
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    house.provider.world().twist = Twist::NewKey;
    let (_, got) = house.sign_in().await;
    assert_eq!(got.to(), "/matches", "{}", got.text);
}

#[tokio::test]
async fn claims_say_who_and_no_more_than_the_mapping_allows() {
    let house = House::open(false).await;
    house.claims(json!({ "amr": ["pwd"] }));
    says(&house.sign_in().await.1, Refusal::NoSecondFactor);
    house.claims(json!({ "amr": ["pwd", "otp"], "staff_number": null }));
    says(&house.sign_in().await.1, Refusal::NoPerson);
    house.claims(json!({ "staff_number": "x999" }));
    let (_, got) = house.sign_in().await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(
        got.text.contains("You are not in this agency’s register"),
        "{}",
        got.text
    );
    assert!(!got.text.contains("x999"), "no page repeats a claim");
    // An administrator whose groups would let them read records comes in as neither.
    house.claims(json!({ "staff_number": "m700", "sub": "admin", "groups": ["officers"] }));
    let (_, got) = house.sign_in().await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", got.text);
    assert!(got.text.contains("administrator sees no records"));
    house.claims(json!({ "groups": ["domain admins"] }));
    let (mut admin, got) = house.sign_in().await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert_eq!(admin.get("/matches").await.status, StatusCode::FORBIDDEN);
    // Groups set the roles that the mapping names: an analyst is an officer too now, and keeps what is not named.
    house.claims(json!({ "staff_number": "a101", "sub": "a101", "groups": ["officers"] }));
    let (mut officer, _) = house.sign_in().await;
    let account = officer.get("/account").await;
    assert!(
        account.text.contains("Intelligence officer")
            || account.text.contains("intelligence officer")
    );
    // Another account under the same staff number is somebody else.
    house.claims(json!({ "sub": "somebody else" }));
    let (_, got) = house.sign_in().await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(
        got.text.contains("belongs to another account"),
        "{}",
        got.text
    );
}

#[tokio::test]
async fn a_fresh_sign_in_at_the_provider_proves_it_again() {
    let house = House::open(false).await;
    house.claims(json!({ "staff_number": "m700", "sub": "admin" }));
    let (mut admin, _) = house.sign_in().await;
    house.agency.clock.later(6 * 60_000);
    admin.get("/administration").await;
    let form = [
        ("person", "n1"),
        ("name", "O’Neill <b>"),
        ("role", "analyst"),
    ];
    let got = admin.post("/administration", &form).await;
    assert!(
        got.to().starts_with("/prove?held="),
        "{} {}",
        got.status,
        got.text
    );
    let page = admin.get(got.to()).await;
    assert!(page.text.contains("Sign in again with your police account"));
    assert!(!page.text.contains("type=\"password\""));
    let way = support::after(&page.text, "href=\"/prove/provider?").replace("&amp;", "&");
    let sent = admin.get(&format!("/prove/provider?{way}")).await;
    assert!(
        sent.to().contains("prompt=login") && sent.to().contains("max_age=300"),
        "{}",
        sent.to()
    );
    // One that the provider did not ask for is none.
    house.claims(json!({ "auth_time": now_s() - 3_600 }));
    let got = admin.get(&house.provider.agree(sent.to())).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN, "{}", got.text);
    let sent = admin.get(&format!("/prove/provider?{way}")).await;
    house.claims(json!({ "auth_time": now_s() }));
    let before = admin.cookies["__Host-sid"].clone();
    let mut old = admin.clone();
    let got = admin.get(&house.provider.agree(sent.to())).await;
    assert!(
        got.to().starts_with("/prove/go-on?held="),
        "{} {}",
        got.to(),
        got.text
    );
    assert_ne!(admin.cookies["__Host-sid"], before);
    assert!(
        old.get("/administration")
            .await
            .to()
            .starts_with("/sign-in")
    );
    let page = admin.get(got.to()).await;
    assert!(page.text.contains("O’Neill &lt;b&gt;"), "{}", page.text);
    let got = admin.post("/administration", &form).await;
    assert!(got.text.contains("Start code"), "{}", got.text);
}

#[tokio::test]
async fn what_is_refused_is_shown_to_the_supervisor() {
    let house = House::open(false).await;
    house.provider.world().twist = Twist::Unsigned;
    for _ in 0..3 {
        house.sign_in().await;
    }
    house.provider.world().twist = Twist::None;
    house.claims(json!({ "staff_number": "s300", "sub": "s300" }));
    let (mut supervisor, _) = house.sign_in().await;
    let page = supervisor.get("/supervisor").await;
    assert!(page.text.contains("Not accepted from the identity provider</th><td class=\"govuk-table__cell govuk-table__cell--numeric\">3<"), "{}", page.text);
    assert!(page.text.contains("192.0.2.1"));
}

#[test]
fn each_refusal_has_a_page_that_says_what_to_do() {
    let mut rules = std::collections::BTreeSet::new();
    for refusal in Refusal::ALL {
        assert!(rules.insert(refusal.rule()), "{refusal:?}");
        assert!(refusal.text().ends_with('.') && refusal.text().len() > 60);
        let does = ["Tell", "tell", "Begin", "begin", "Try"];
        assert!(
            does.iter().any(|word| refusal.text().contains(word)),
            "{refusal:?}"
        );
    }
}
