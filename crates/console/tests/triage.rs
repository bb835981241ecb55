//! Possible matches from the queue to the decision, over real cores in memory.
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
use support::{Browser, after, agencies, console};

/// The first possible match in the list that this person can decide by themselves.
async fn first(browser: &mut Browser) -> String {
    let list = browser.get("/matches?kind=same_person").await;
    let pages: Vec<String> = list
        .text
        .split("href=\"/matches/")
        .skip(1)
        .map(|rest| rest[..32].to_owned())
        .filter(|id| id.chars().all(|c| c.is_ascii_hexdigit()))
        .collect();
    for id in pages {
        let page = browser.get(&format!("/matches/{id}")).await;
        let alone = !page.text.contains("Two people answer this one");
        if alone && page.text.contains("Save decision") {
            return id;
        }
    }
    panic!("nothing to decide in {}", list.text);
}

#[tokio::test]
async fn the_queue_filters_pages_and_stays_light() {
    let agencies = agencies(120);
    let console = console(&agencies[0]);
    let mut browser = Browser::sign_in(&console, "a100").await;
    let all = browser.get("/matches").await;
    assert_eq!(all.status, StatusCode::OK);
    let sent = browser.sent_bytes("/matches").await;
    println!("queue: {} bytes, {sent} sent", all.text.len());
    assert!(sent <= 40_000, "{sent} bytes");
    let next = after(
        &all.text,
        "pagination__next\"><a class=\"govuk-link govuk-pagination__link\" href=\"",
    );
    let next = next.replace("&amp;", "&").replace("&#x2f;", "/");
    let second = browser.get(&next).await;
    assert_eq!(second.status, StatusCode::OK);
    assert_ne!(after(&all.text, "href=\"/matches/"), "");
    assert!(second.text.contains("rel=\"prev\""));
    let none = browser
        .get("/matches?child=1&kind=shared_identifier&band=strong&overdue=1&who=me")
        .await;
    assert!(
        none.text.contains("Nothing fits these filters"),
        "{}",
        none.text
    );
    let suspects = browser.get("/matches?kind=victim_is_suspect").await;
    let body = suspects.text.split("<tbody>").nth(1).unwrap();
    assert!(body.contains("Victim is suspect") && !body.contains("Same person"));
    // A view is kept under a name, shown, and forgotten.
    let form = [("name", "Strong <b>ones</b>"), ("query", "band=strong")];
    let got = browser.post("/matches/views", &form).await;
    assert_eq!(got.to(), "/matches?band=strong&said=view");
    let kept = browser.get(got.to()).await;
    assert!(
        kept.text.contains("Strong &lt;b&gt;ones&lt;&#x2f;b&gt;")
            || kept.text.contains("Strong &lt;b&gt;ones&lt;/b&gt;"),
        "{}",
        kept.text
    );
    browser
        .post("/matches/views/delete", &[("name", "Strong <b>ones</b>")])
        .await;
    assert!(!browser.get("/matches").await.text.contains("Strong &lt;b"));
}

#[tokio::test]
async fn an_answer_is_saved_undone_and_saved_again() {
    let agencies = agencies(30);
    let console = console(&agencies[0]);
    let mut browser = Browser::sign_in(&console, "a100").await;
    let id = first(&mut browser).await;
    let path = format!("/matches/{id}");
    // The keys of the queue open it with an answer chosen.
    let page = browser.get(&format!("{path}?answer=not-same")).await;
    assert!(
        page.text
            .contains("value=\"not_the_same\" aria-describedby=\"not-same-means\" checked")
    );
    let version = after(&page.text, "name=\"version\" value=\"").to_owned();
    let decision = format!("{path}/decision");
    // Nothing chosen, a reason of another answer, a reason that needs a note: told beside the field, all kept.
    let got = browser
        .post(&decision, &[("version", &version), ("note", "keep <me>")])
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("Choose an answer") && got.text.contains("keep &lt;me&gt;"));
    let form = [
        ("version", version.as_str()),
        ("answer", "confirmed"),
        ("reason", "household"),
    ];
    let got = browser.post(&decision, &form).await;
    assert!(got.text.contains("Choose a reason from the list under"));
    let form = [
        ("version", version.as_str()),
        ("answer", "confirmed"),
        ("reason", "other"),
    ];
    let got = browser.post(&decision, &form).await;
    assert!(
        got.text
            .contains("Write a note that says which reason it is")
    );
    let form = [
        ("version", version.as_str()),
        ("answer", "not_the_same"),
        ("reason", "household"),
    ];
    let got = browser.post(&decision, &form).await;
    assert_eq!(got.to(), format!("{path}?said=saved"));
    let page = browser.get(got.to()).await;
    assert!(page.text.contains("You can still take this back"));
    // A colleague who had it open loses nothing and saves nothing.
    let mut other = Browser::sign_in(&console, "a101").await;
    let form = [
        ("version", version.as_str()),
        ("answer", "confirmed"),
        ("reason", "record_fits"),
        ("note", "mine"),
    ];
    let got = other.post(&decision, &form).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("Nothing was saved") && got.text.contains("mine"));
    let version = after(&page.text, "name=\"version\" value=\"").to_owned();
    let got = browser
        .post(&format!("{path}/undo"), &[("version", &version)])
        .await;
    assert_eq!(got.to(), format!("{path}?said=undone"));
    let page = browser.get(&path).await;
    assert!(page.text.contains("Save decision"));
    let next = browser.get("/matches/next").await;
    assert!(next.to().starts_with("/matches/"));
}

#[tokio::test]
async fn a_page_says_no_name_in_its_title_and_no_value_of_the_other_side() {
    let agencies = agencies(30);
    let console = console(&agencies[0]);
    let mut browser = Browser::sign_in(&console, "a100").await;
    let id = first(&mut browser).await;
    let page = browser.get(&format!("/matches/{id}")).await;
    let title = page
        .text
        .split("<title>")
        .nth(1)
        .unwrap()
        .split("</title>")
        .next()
        .unwrap();
    let name = page
        .text
        .split("<h1")
        .nth(1)
        .unwrap()
        .split('>')
        .nth(1)
        .unwrap();
    let name = name.split(" may be known").next().unwrap();
    assert!(!name.is_empty() && !title.contains(name), "{title}");
    for word in ["probability", "algorithm", "hit", "score", "anonymous"] {
        let found = page
            .text
            .split(|c: char| !c.is_alphanumeric())
            .any(|w| w == word);
        assert!(!found, "{word}");
    }
    for landmark in [
        "<header>",
        "<main",
        "<footer",
        "id=\"ours\"",
        "id=\"theirs\"",
        "Held by",
    ] {
        assert!(page.text.contains(landmark), "{landmark}");
    }
}

#[tokio::test]
async fn every_first_page_renders_for_everybody() {
    let agencies = agencies(8);
    let console = console(&agencies[0]);
    for person in ["a100", "i200", "s300", "r400", "p500", "d600", "m700"] {
        let mut browser = Browser::sign_in(&console, person).await;
        let first = browser.get("/").await;
        let page = browser.get(first.to()).await;
        assert_eq!(page.status, StatusCode::OK, "{person} at {}", first.to());
        assert!(page.text.contains("Skip to main content"));
    }
}
