//! What is kept between two looks and told while a page is open: drafts, habits, news; and how the node runs.
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

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use http_body_util::BodyExt as _;
use partnership::{Agency, lock};
use support::{Browser, Got, HOST, agencies, console};
use tower::ServiceExt as _;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

fn town() -> (Vec<Arc<Agency>>, Router) {
    let agencies = agencies(12);
    let console = console(&agencies[0]);
    (agencies, console)
}

fn switch_on(agency: &Arc<Agency>, state: &str) {
    lock(&agency.kept).states.insert(state.to_owned());
}

fn id(number: &str) -> String {
    number.repeat(16)
}

fn policy(got: &Got) -> &str {
    got.headers["content-security-policy"].to_str().unwrap()
}

#[tokio::test]
async fn a_draft_waits_over_a_sign_out_for_its_person_alone_and_goes_when_it_is_sent() {
    let (agencies, console) = town();
    let path = format!("/matches/{}", id("03"));
    let place = format!("decision/{}", id("03"));
    let mut analyst = Browser::sign_in(&console, "a100").await;
    let page = analyst.get(&path).await;
    assert!(policy(&page).contains("connect-src 'self'"));
    assert!(
        page.text
            .contains("name=\"draft\" value=\"decision&#x2f;03")
    );
    let typed = [
        ("draft", place.as_str()),
        ("auto", "1"),
        ("answer", "not_the_same"),
        ("reason", "details_differ"),
        ("note", "half a <thought>"),
    ];
    let got = analyst.post("/drafts", &typed).await;
    assert_eq!(got.status, StatusCode::NO_CONTENT);
    analyst.post("/sign-out", &[]).await;

    let mut other = Browser::sign_in(&console, "a101").await;
    assert!(!other.get(&path).await.text.contains("did not send it"));
    assert!(!other.get("/matches").await.text.contains("not sent"));

    let mut analyst = Browser::sign_in(&console, "a100").await;
    let queue = analyst.get("/matches").await;
    assert!(
        queue.text.contains("You have 1 draft"),
        "offered where work begins"
    );
    let page = analyst.get(&path).await;
    assert!(page.text.contains("did not send it") && !page.text.contains("half a"));
    let page = analyst.get(&format!("{path}?draft=1")).await;
    assert!(
        page.text.contains("half a &lt;thought&gt;"),
        "{}",
        page.text
    );
    assert!(page.text.contains("Nothing of it has been sent"));
    let version = support::after(&page.text, "name=\"version\" value=\"").to_owned();
    let sent = [&typed[2..], &[("version", version.as_str())]].concat();
    let got = analyst.post(&format!("{path}/decision"), &sent).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    assert!(
        !analyst
            .get("/matches")
            .await
            .text
            .contains("You have 1 draft")
    );

    // One that nobody takes up is gone after seven days; one can be discarded before.
    let keep = [("draft", place.as_str()), ("note", "another")];
    let got = analyst.post("/drafts", &keep).await;
    assert_eq!(got.to(), format!("{path}?draft=1&said=kept"));
    let got = analyst.post("/drafts/discard", &keep[..1]).await;
    assert_eq!(got.to(), path);
    assert!(
        !analyst
            .get("/matches")
            .await
            .text
            .contains("You have 1 draft")
    );
    analyst.post("/drafts", &keep).await;
    agencies[0].clock.later(7 * DAY_MS);
    let mut analyst = Browser::sign_in(&console, "a100").await;
    assert!(
        !analyst
            .get("/matches")
            .await
            .text
            .contains("You have 1 draft")
    );
}

#[tokio::test]
async fn what_is_posted_after_the_session_ran_out_is_kept_for_whom_it_was() {
    let (agencies, console) = town();
    let (path, place) = (
        format!("/requests/new/{}", id("06")),
        format!("request/{}", id("06")),
    );
    let mut officer = Browser::sign_in(&console, "i200").await;
    officer.get(&path).await;
    let form = [
        ("draft", place.as_str()),
        ("enquiry", "typed for twenty minutes"),
    ];
    let (token, cookies) = (officer.token.clone(), officer.cookies.clone());
    agencies[0].clock.later(16 * MINUTE_MS);
    // From elsewhere, or with another form's token, nothing is kept.
    for (token, origin) in [
        (token.as_str(), "https://evil.example"),
        ("0", support::ORIGIN),
    ] {
        let headers = [("origin", origin)];
        let got = officer.post_with(&path, &form, token, &headers).await;
        assert!(!got.to().contains("said=kept"), "{}", got.to());
        officer.cookies = cookies.clone();
    }
    let got = officer.post_with(&path, &form, &token, &[]).await;
    assert!(got.to().contains("said=kept"), "{}", got.to());
    let page = officer.get(got.to()).await;
    assert!(page.text.contains("What you had typed is kept"));
    let mut officer = Browser::sign_in(&console, "i200").await;
    let page = officer.get(&format!("{path}?draft=1")).await;
    assert!(page.text.contains("typed for twenty minutes"));
    // One that its person has ended keeps nothing: whoever has the cookie now is not known to be them.
    officer.get(&path).await;
    let (token, cookies) = (officer.token.clone(), officer.cookies.clone());
    officer.post("/sign-out", &[]).await;
    officer.cookies = cookies;
    let got = officer.post_with(&path, &form, &token, &[]).await;
    assert!(got.to().contains("said=ended"), "{}", got.to());
}

#[tokio::test]
async fn where_somebody_can_be_found_is_in_no_draft() {
    let (agencies, console) = town();
    let mut releaser = Browser::sign_in(&console, "r400").await;
    let place = format!("answer/{}", id("0a"));
    let form = [
        ("draft", place.as_str()),
        ("value-address", "1 Hidden Street"),
        ("value-risk", "seen"),
    ];
    releaser.post("/drafts", &form).await;
    let kept = lock(&agencies[0].kept).typed();
    assert!(kept.contains("seen") && !kept.contains("Hidden"), "{kept}");
    let bad = [("draft", "answer/../../x"), ("note", "x")];
    assert_eq!(
        releaser.post("/drafts", &bad).await.status,
        StatusCode::BAD_REQUEST
    );
    let huge = "x".repeat(70_000);
    let large = [("draft", place.as_str()), ("note", huge.as_str())];
    assert_eq!(
        releaser.post("/drafts", &large).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn shortcuts_are_switched_off_for_one_person() {
    let (_, console) = town();
    let mut one = Browser::sign_in(&console, "a100").await;
    assert!(one.get("/matches").await.text.contains("data-keys-on"));
    let got = one.post("/account/keys", &[("keys", "off")]).await;
    assert_eq!(got.to(), "/account?said=keys");
    assert!(!one.get("/matches").await.text.contains("data-keys-on"));
    let mut other = Browser::sign_in(&console, "a101").await;
    assert!(other.get("/matches").await.text.contains("data-keys-on"));
    let got = one.post("/account/keys", &[("keys", "perhaps")]).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
}

/// Opens the stream of news as a browser does.
async fn listen(browser: &Browser, since: u64) -> Response<Body> {
    let cookies: Vec<String> = browser
        .cookies
        .iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    let request = Request::builder()
        .uri(format!("/live?since={since}"))
        .header(header::HOST, HOST)
        .header(header::COOKIE, cookies.join("; "))
        .body(Body::empty())
        .unwrap();
    browser.console.clone().oneshot(request).await.unwrap()
}

async fn line(body: &mut Body) -> String {
    let frame = tokio::time::timeout(Duration::from_secs(20), body.frame())
        .await
        .unwrap();
    let data = frame.unwrap().unwrap().into_data().unwrap();
    String::from_utf8(data.to_vec()).unwrap()
}

#[tokio::test]
async fn an_open_page_is_told_numbers_until_the_session_ends() {
    let (agencies, console) = town();
    let mut analyst = Browser::sign_in(&console, "a100").await;
    let page = analyst.get("/matches").await;
    assert!(page.text.contains("data-live=\"/live?since="));
    let now = agencies[0].clock.now().0;
    let told = listen(&analyst, now).await;
    assert_eq!(told.status(), StatusCode::OK);
    assert_eq!(
        told.headers()[header::CONTENT_TYPE],
        "text/event-stream; charset=utf-8"
    );
    let mut body = told.into_body();
    let first = line(&mut body).await;
    assert!(
        first.starts_with("data: {") && first.contains("\"waiting\":12"),
        "{first}"
    );
    assert!(
        first.contains("\"arrived\":0") && first.contains("\"cases\":null"),
        "{first}"
    );
    let early = listen(&analyst, 0).await;
    assert!(
        line(&mut early.into_body())
            .await
            .contains("\"arrived\":12")
    );
    let officer = Browser::sign_in(&console, "i200").await;
    let told = line(&mut listen(&officer, 0).await.into_body()).await;
    assert!(told.contains("\"moved\":0,\"open\":0"), "{told}");
    // Listening is no use of the session: it runs out all the same, and the page is told.
    agencies[0].clock.later(16 * MINUTE_MS);
    let mut last = line(&mut body).await;
    while last.starts_with("data:") || last.starts_with(':') {
        last = line(&mut body).await;
    }
    assert_eq!(last, "event: ended\ndata: -\n\n");
    assert!(body.frame().await.is_none());
    assert_eq!(analyst.get("/live").await.status, StatusCode::SEE_OTHER);
    let mut nobody = Browser::new(&console);
    assert!(
        nobody
            .get("/live?since=0")
            .await
            .to()
            .starts_with("/sign-in")
    );
}

#[tokio::test]
async fn one_session_has_four_open_pages_and_no_more() {
    let (_, console) = town();
    let analyst = Browser::sign_in(&console, "a100").await;
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut told = listen(&analyst, 0).await.into_body();
        line(&mut told).await;
        open.push(told);
    }
    let refused = listen(&analyst, 0).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let other = Browser::sign_in(&console, "a101").await;
    assert_eq!(listen(&other, 0).await.status(), StatusCode::OK);
    open.pop();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        listen(&analyst, 0).await.status(),
        StatusCode::OK,
        "a closed page gives its place back"
    );
}

#[tokio::test]
async fn only_released_editions_are_shown_and_only_to_those_who_read_figures() {
    let (agencies, console) = town();
    let mut dpo = Browser::sign_in(&console, "d600").await;
    assert!(
        dpo.get("/board-pack")
            .await
            .text
            .contains("No edition has been released yet")
    );
    assert_eq!(dpo.get("/board-pack/1").await.status, StatusCode::NOT_FOUND);
    switch_on(&agencies[0], "edition");
    let list = dpo.get("/board-pack").await;
    assert!(list.text.contains("Read edition 1"), "{}", list.text);
    let pack = dpo.get("/board-pack/1").await;
    assert!(pack.text.contains("Board pack"), "{}", pack.text);
    assert!(policy(&pack).contains("style-src 'sha256-") && !policy(&pack).contains("unsafe"));
    for (format, media) in [
        ("pdf", "application/pdf"),
        ("csv", "text/csv"),
        ("json", "application/json"),
    ] {
        let file = dpo.get(&format!("/board-pack/1/{format}")).await;
        assert!(
            file.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with(media)
        );
        let name = file.headers["content-disposition"].to_str().unwrap();
        assert!(name.contains(&format!("board-pack-1.{format}")), "{name}");
    }
    for missing in ["/board-pack/2", "/board-pack/1/docx", "/board-pack/x"] {
        assert_eq!(
            dpo.get(missing).await.status,
            StatusCode::NOT_FOUND,
            "{missing}"
        );
    }
    let mut officer = Browser::sign_in(&console, "i200").await;
    assert_eq!(
        officer.get("/board-pack").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn alarms_have_a_next_step_and_keys_are_revoked() {
    let (agencies, console) = town();
    let mut administrator = Browser::sign_in(&console, "m700").await;
    let calm = administrator.get("/alarms").await;
    assert!(calm.text.contains("Nothing needs anybody"));
    let none = administrator.get("/connections").await;
    assert!(
        none.text.contains("No folder is watched") && none.text.contains("No system has a key")
    );
    switch_on(&agencies[0], "alarms");
    switch_on(&agencies[0], "feeds");
    let alarms = administrator.get("/alarms").await;
    assert!(
        alarms.text.contains("Needs somebody now") && alarms.text.contains("Needs somebody soon")
    );
    assert_eq!(alarms.text.matches("<strong>Next:</strong>").count(), 3);
    let page = administrator.get("/connections").await;
    assert!(page.text.contains("Stands still") && page.text.contains("Works"));
    assert!(page.text.contains("Certificate of this node"));
    let got = administrator
        .post("/connections/revoke", &[("key", "old-crm")])
        .await;
    assert_eq!(got.to(), "/connections?said=revoked");
    let page = administrator.get(got.to()).await;
    assert!(page.text.contains("1 revoked.") && !page.text.contains("the key of old-crm"));
    let got = administrator
        .post("/connections/revoke", &[("key", "old-crm")])
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("There is no live key named old-crm"));
}

#[tokio::test]
async fn the_data_page_tells_quota_push_rules_and_how_full_records_are() {
    let (agencies, console) = town();
    let mut analyst = Browser::sign_in(&console, "a100").await;
    let page = analyst.get("/data").await;
    for words in [
        "41,220 of 50,000 left",
        "Last push",
        "Version 3",
        "1 January",
        "Envelope key",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    switch_on(&agencies[0], "quota");
    switch_on(&agencies[0], "quiet");
    let page = analyst.get("/data").await;
    assert!(page.text.contains("0 of 50,000 left") && page.text.contains("Spent"));
    assert!(
        page.text.contains("Not heard lately")
            && page.text.contains("The hub has not been heard lately")
    );
}
