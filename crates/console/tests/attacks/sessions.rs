//! Cookies that are planted, stolen, taken to another agency, or too old.

use crate::{
    log, seed, town,
    wire::{Client, Server},
};

const SESSION: &str = "__Host-sid";
const HOUR_MS: u64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_cookie_is_never_taken_over() {
    let (_agencies, server) = town().await;
    let mut thief = Client::sign_in(&server, "a101").await;
    let theirs = thief.cookies[SESSION].clone();
    let mut over = Client::sign_in(&server, "a101").await;
    let ended = over.cookies[SESSION].clone();
    over.post("/sign-out", &[]).await;
    for planted in ["a".repeat(64), ended] {
        let mut victim = Client::new(&server);
        victim.get("/sign-in").await;
        victim.cookies.insert(SESSION.to_owned(), planted.clone());
        victim.get("/sign-in").await;
        let form = [("person", "a100"), ("password", seed::PASSWORD)];
        let got = victim.post("/sign-in", &form).await;
        assert_eq!(got.status, 303);
        let own = victim.cookies[SESSION].clone();
        assert_ne!(own, planted, "the session was set before");
        assert!(own.len() >= 32);
        // Whoever planted it is not where the victim is now.
        let mut planter = Client::new(&server);
        planter.cookies.insert(SESSION.to_owned(), planted);
        let page = planter.get("/account").await.body;
        assert!(
            !page.contains("R. Whitfield"),
            "the planted session is the victim's"
        );
    }
    // Under somebody's live session nobody else signs in: the form of the sign-in is not of that session.
    let mut victim = Client::new(&server);
    victim.get("/sign-in").await;
    victim.cookies.insert(SESSION.to_owned(), theirs.clone());
    let form = [("person", "a100"), ("password", seed::PASSWORD)];
    assert_eq!(victim.post("/sign-in", &form).await.status, 403);
    let page = thief.get("/account").await.body;
    assert!(page.contains("J. Pell") && !page.contains("R. Whitfield"));
    // Each sign-in is a session of its own.
    let one = Client::sign_in(&server, "a100").await.cookies[SESSION].clone();
    let two = Client::sign_in(&server, "a100").await.cookies[SESSION].clone();
    assert_ne!(one, two);
    // A session is a cookie and nothing else.
    let mut nobody = Client::new(&server);
    assert!(
        nobody
            .get(&format!("/account?sid={one}"))
            .await
            .asks_to_sign_in()
    );
    for lines in [
        format!("Authorization: Bearer {one}\r\n"),
        format!("X-Session: {one}\r\n"),
        format!("Cookie: sid={one}\r\n"),
        format!("Cookie: __Secure-sid={one}\r\n"),
        // One of the two is not from here.
        format!("Cookie: {SESSION}={one}; {SESSION}={two}\r\n"),
    ] {
        let got = nobody.send("GET", "/account", &lines, b"").await;
        assert!(got.asks_to_sign_in(), "{lines}");
    }
    log::keeps_quiet_of(&[&one, &two, &theirs, seed::PASSWORD]);
}

#[tokio::test(flavor = "multi_thread")]
async fn showing_again_who_one_is_gives_a_new_cookie() {
    let (_agencies, server) = town().await;
    let mut client = Client::sign_in(&server, "a100").await;
    let old = client.cookies[SESSION].clone();
    client.get("/prove").await;
    let got = client.post("/prove", &[("password", seed::PASSWORD)]).await;
    if got.status == 303 {
        assert_ne!(client.cookies[SESSION], old);
        let mut thief = Client::new(&server);
        thief.cookies.insert(SESSION.to_owned(), old);
        assert!(thief.get("/account").await.asks_to_sign_in());
    } else {
        panic!("{} {}", got.status, got.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_opens_its_own_agency_only_and_only_while_it_lives() {
    let (agencies, police) = town().await;
    let charity = Server::start(&agencies[1]).await;
    let mut client = Client::sign_in(&police, "a100").await;
    let mut abroad = client.clone();
    abroad.address = charity.address;
    let got = abroad.get("/matches").await;
    assert!(got.asks_to_sign_in(), "{} {}", got.status, got.to());
    abroad.cookies = client.cookies.clone();
    let got = abroad.post("/matches/assign", &[("to", "a100")]).await;
    assert!(got.status == 303 || got.status == 403, "{}", got.status);
    assert!(!got.to().contains("said=assigned"));

    // Signed out: what was copied before opens nothing.
    let mut copy = client.clone();
    assert_eq!(client.post("/sign-out", &[]).await.status, 303);
    assert!(copy.get("/matches").await.asks_to_sign_in());

    // Idle, and old however busy.
    let mut idle = Client::sign_in(&police, "a100").await;
    agencies[0].clock.later(16 * 60_000);
    assert!(idle.get("/matches").await.asks_to_sign_in());
    let mut busy = Client::sign_in(&police, "a100").await;
    let mut ended = false;
    for _ in 0..40 {
        agencies[0].clock.later(HOUR_MS / 4 - 60_000);
        ended = busy.get("/data").await.asks_to_sign_in();
        if ended {
            break;
        }
    }
    assert!(ended, "a session lives on while it is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_the_session_of_another() {
    let (_agencies, server) = town().await;
    let mut first = Client::sign_in(&server, "a100").await;
    let mut one = Client::sign_in(&server, "a100").await;
    let page = one.get("/account").await.body;
    let id = crate::value(&page, "name=\"session\" value=\"").to_owned();
    let mut other = Client::sign_in(&server, "a101").await;
    let got = other.post("/account/session", &[("session", &id)]).await;
    let guess = other
        .post("/account/session", &[("session", &"0".repeat(id.len()))])
        .await;
    assert_eq!((got.status, got.page()), (guess.status, guess.page()));
    assert_eq!(first.get("/account").await.status, 200);
    // Whose it is may.
    one.post("/account/session", &[("session", &id)]).await;
    assert!(first.get("/account").await.asks_to_sign_in());
}
