//! A request from its draft to its recall between two agencies, through their consoles, over real cores in memory.
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

use std::sync::Arc;

use axum::{Router, http::StatusCode};
use partnership::Agency;
use support::{Browser, Got, after, agencies, console};

/// Two agencies with their consoles.
struct Town {
    agencies: Vec<Arc<Agency>>,
    asker: Router,
    owner: Router,
}

impl Town {
    fn new() -> Self {
        let agencies = agencies(12);
        let (asker, owner) = (console(&agencies[0]), console(&agencies[1]));
        Self {
            agencies,
            asker,
            owner,
        }
    }

    /// Lets both nodes hand over what waits, often enough for any number of steps.
    fn carry(&self) {
        for _ in 0..4 {
            for agency in &self.agencies {
                agency.carry().unwrap();
            }
        }
    }

    /// Time for an answer to leave.
    fn later(&self, hours: u64) {
        self.agencies[0].clock.later(hours * 3_600_000);
        self.carry();
    }
}

const REQUEST: &[(&str, &str)] = &[
    ("purpose", "safeguard_adult"),
    ("gateway", "crime_and_disorder_act_1998_s115"),
    ("urgency", "routine"),
    ("enquiry", "Enquiry into labour exploitation at a car wash"),
    (
        "necessity",
        "We need to know who works with this person so that a visit does not put them at risk",
    ),
    (
        "proportionality",
        "A name of a colleague and one risk summary are the least that lets us plan the visit",
    ),
    ("wanted", "contact"),
    (
        "reason-contact",
        "To speak with whoever knows this person before anybody visits the address",
    ),
    ("wanted", "risk"),
    (
        "reason-risk",
        "To know whether the person would be in danger when two officers come to the door",
    ),
    ("contact_first", "not_possible"),
    (
        "not_possible",
        "Nobody answered the duty line on three days",
    ),
];

fn ok(got: &Got, to: &str) {
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", problem(&got.text));
    assert!(got.to().starts_with(to), "{}", got.to());
}

/// The error summary of a page.
fn problem(text: &str) -> &str {
    let at = text.find("govuk-error-summary").unwrap_or(0);
    &text[at..text.len().min(at + 1_500)]
}

#[tokio::test]
async fn a_request_is_asked_answered_read_recalled_and_destroyed() {
    let town = Town::new();
    let match_id = "06".repeat(16);
    let mut officer = Browser::sign_in(&town.asker, "i200").await;
    let new = format!("/requests/new/{match_id}");
    let form = officer.get(&new).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    assert!(
        !form.text.contains("value=\"address\""),
        "where somebody lives is not on the list"
    );
    // What is missing is told beside the fields, and what was typed is kept.
    let got = officer.post(&new, &[("enquiry", "kept <words>")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("Choose the purpose") && got.text.contains("kept &lt;words&gt;"));
    let got = officer.post(&new, REQUEST).await;
    ok(&got, "/requests/");
    let case = got.to().split(['/', '?']).nth(2).unwrap().to_owned();
    let path = format!("/requests/{case}");
    let page = officer.get(&path).await;
    assert!(page.text.contains("will not learn"), "{}", page.text);
    assert!(!page.text.contains("Authorise the request</button>"));
    let edit = officer.get(&format!("{path}/change")).await;
    assert!(edit.text.contains("Nobody answered the duty line"));

    let mut inspector = Browser::sign_in(&town.asker, "s300").await;
    inspector.get(&path).await;
    let got = inspector.post(&format!("{path}/authorise"), &[]).await;
    ok(&got, &path);
    officer.get(&path).await;
    let got = officer.post(&format!("{path}/send"), &[]).await;
    ok(&got, &path);
    town.carry();

    // At the agency that is asked.
    let mut releaser = Browser::sign_in(&town.owner, "r400").await;
    let list = releaser.get("/requests").await;
    assert!(list.text.contains(&path), "{}", list.text);
    let page = releaser.get(&path).await;
    assert!(page.text.contains("two officers come to the door"));
    let got = releaser.post(&format!("{path}/acknowledge"), &[]).await;
    ok(&got, &path);
    let answer = format!("{path}/answer");
    let page = releaser.get(&answer).await;
    assert!(
        !page.text.contains(" checked"),
        "something is ticked on arrival"
    );
    let got = releaser.post(&answer, &[]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("Choose what to do with: who to phone"));
    let form = [
        ("verdict-contact", "release"),
        ("contact_role", "case_worker"),
        ("contact_name", "Support team"),
        ("contact_phone", "0191 498 0142"),
        ("contact_hours", "Monday to Friday, nine to five"),
        ("verdict-risk", "release"),
        ("value-risk", "Has been threatened at the door <before>"),
        ("source", "2"),
        ("information", "B"),
        ("onward", "ask_first"),
        (
            "report_text",
            "The person has been threatened at their door.",
        ),
        ("views", "recorded"),
        (
            "views_text",
            "Agreed to a visit if a support worker is there",
        ),
    ];
    let got = releaser.post(&answer, &form).await;
    ok(&got, &path);
    // The one who prepared it cannot approve it; another person who reads all of it can.
    let mut second = Browser::sign_in(&town.owner, "p500").await;
    let page = second.get(&path).await;
    assert!(
        page.text.contains("threatened at the door &lt;before&gt;"),
        "{}",
        page.text
    );
    let digest = after(&page.text, "name=\"digest\" value=\"").to_owned();
    let got = second
        .post(&format!("{path}/approve"), &[("digest", &digest)])
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let got = releaser
        .post(
            &format!("{path}/approve"),
            &[("digest", &digest), ("read", "1")],
        )
        .await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    let got = second
        .post(
            &format!("{path}/approve"),
            &[("digest", &digest), ("read", "1")],
        )
        .await;
    ok(&got, &path);
    town.later(24 * 15);

    // Back at the agency that asked. Sessions have ended meanwhile.
    let mut officer = Browser::sign_in(&town.asker, "i200").await;
    let page = officer.get(&path).await;
    assert!(
        page.text.contains("Read what was released"),
        "{}",
        page.text
    );
    let report = format!("{path}/report");
    let page = officer.get(&report).await;
    for told in [
        "0191 498 0142",
        "threatened at their door",
        "2 B P",
        "OFFICIAL-SENSITIVE",
    ] {
        assert!(page.text.contains(told), "{told}");
    }
    let pdf = officer.post(&report, &[("format", "pdf")]).await;
    assert_eq!(pdf.status, StatusCode::OK);
    assert!(pdf.text.starts_with("%PDF"));
    let disposition = pdf.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");

    // It is recalled, and destroyed.
    let mut releaser = Browser::sign_in(&town.owner, "r400").await;
    releaser.get(&path).await;
    let got = releaser
        .post(&format!("{path}/recall"), &[("reason", "safety_of_person")])
        .await;
    ok(&got, &path);
    town.carry();
    let page = officer.get(&path).await;
    assert!(page.text.contains("is recalled"), "{}", page.text);
    assert_eq!(officer.get(&report).await.status, StatusCode::NOT_FOUND);
    let destroyed = format!("{path}/confirm-destruction");
    officer.get(&path).await;
    let got = officer.post(&destroyed, &[("copies", "0")]).await;
    assert_eq!(
        got.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a copy was made"
    );
    let got = officer.post(&destroyed, &[("copies", "1")]).await;
    ok(&got, &path);
    town.carry();
    let page = releaser.get(&path).await;
    assert!(
        page.text.contains("confirmed as destroyed"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn what_was_typed_into_a_record_or_a_request_is_text_everywhere() {
    let town = Town::new();
    let mut officer = Browser::sign_in(&town.asker, "i200").await;
    let attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> why this is needed now";
    let new = format!("/requests/new/{}", "06".repeat(16));
    officer.get(&new).await;
    let form: Vec<(&str, &str)> = REQUEST
        .iter()
        .map(|(name, value)| match *name {
            "enquiry" | "not_possible" => (*name, attack),
            _ => (*name, *value),
        })
        .collect();
    let got = officer.post(&new, &form).await;
    ok(&got, "/requests/");
    let path = got.to().split('?').next().unwrap().to_owned();
    for page in [path.clone(), format!("{path}/change")] {
        let got = officer.get(&page).await;
        assert!(!got.text.contains("<script>alert"), "{page}");
        assert!(!got.text.contains("<img"), "{page}");
        assert!(got.text.contains("&lt;script&gt;"), "{page}");
    }
    let reflected = "/matches?kind=%3Cscript%3Ealert(1)%3C/script%3E&said=%3Cb%3E";
    assert!(!officer.get(reflected).await.text.contains("<script>alert"));
}
