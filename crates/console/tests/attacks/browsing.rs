//! Guessed addresses: what is there and not theirs looks like what is not there.

use crate::{
    log, town,
    wire::{Client, Raw, Server},
};

/// As pages write it.
#[track_caller]
fn same(found: &Raw, wrong: &Raw, what: &str) {
    assert_eq!(found.status, 404, "{what}");
    assert_eq!(
        (found.status, found.page()),
        (wrong.status, wrong.page()),
        "{what} looks unlike a wrong reference"
    );
    let names = |got: &Raw| -> Vec<String> { got.headers.iter().map(|(n, _)| n.clone()).collect() };
    assert_eq!(names(found), names(wrong), "{what}");
}

const WANTED: [(&str, &str); 14] = [
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
        "One risk summary is the least that lets us plan the visit to the address",
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
    ("with", ""),
    ("result", ""),
    ("notice", ""),
    ("line_of_enquiry", ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_another_agency_is_like_one_that_does_not_exist() {
    let (agencies, police) = town().await;
    let charity = Server::start(&agencies[1]).await;
    // The charity drafts a request, of which the police know nothing yet.
    let id = "06".repeat(16);
    let mut analyst = Client::sign_in(&charity, "i200").await;
    let page = analyst.get(&format!("/matches/{id}")).await.body;
    let version = crate::value(&page, "name=\"version\" value=\"").to_owned();
    let form = [
        ("answer", "confirmed"),
        ("reason", "record_fits"),
        ("version", version.as_str()),
    ];
    let got = analyst
        .post(&format!("/matches/{id}/decision"), &form)
        .await;
    assert!(got.to().contains("said="), "{} {}", got.status, got.body);
    let new = format!("/requests/new/{id}");
    analyst.get(&new).await;
    let got = analyst.post(&new, &WANTED).await;
    let case = got.to().split('?').next().unwrap().to_owned();
    assert!(
        case.starts_with("/requests/"),
        "{} {}",
        got.status,
        got.body
    );
    assert_eq!(analyst.get(&case).await.status, 200);

    let wrong = format!("/requests/{}", "7".repeat(case.len() - "/requests/".len()));
    for person in ["i200", "s300", "r400", "p500", "d600"] {
        let mut one = Client::sign_in(&police, person).await;
        for page in ["", "/change", "/answer", "/report"] {
            let found = one.get(&format!("{case}{page}")).await;
            let unknown = one.get(&format!("{wrong}{page}")).await;
            if unknown.status == 403 {
                assert_eq!(found.status, 403, "{person} {page}");
            } else {
                same(&found, &unknown, &format!("{page} as {person}"));
            }
        }
        for step in [
            "send",
            "withdraw",
            "recall",
            "approve",
            "close",
            "acknowledge",
        ] {
            let found = one.post(&format!("{case}/{step}"), &[]).await;
            let unknown = one.post(&format!("{wrong}/{step}"), &[]).await;
            assert_eq!(found.status, unknown.status, "{step} as {person}");
            assert_eq!(found.page(), unknown.page(), "{step} as {person}");
        }
    }
    assert_eq!(analyst.get(&case).await.status, 200);
    log::tells("not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessed_references_and_broken_ones_are_one_page() {
    let (_agencies, server) = town().await;
    let mut analyst = Client::sign_in(&server, "a100").await;
    let wrong = analyst.get(&format!("/matches/{}", "ab".repeat(16))).await;
    for reference in [
        "0",
        "-1",
        "01",
        "null",
        "..",
        "%00",
        "%2e%2e%2f",
        "' or 1=1 --",
        "01010101",
        "ABABABABABABABABABABABABABABABAB",
        "%c0%ae",
        "%ff",
        "1%0d%0aX:%20y",
    ] {
        let path = format!("/matches/{}", reference.replace(' ', "%20"));
        let got = analyst.get(&path).await;
        if got.status != 400 {
            same(&got, &wrong, reference);
        }
    }
    let mut dpo = Client::sign_in(&server, "d600").await;
    let wrong = dpo.get(&format!("/ledger/{}", "ab".repeat(16))).await;
    for entry in ["0", "..", "%2e%2e", "%00"] {
        let got = dpo.get(&format!("/ledger/{entry}")).await;
        same(&got, &wrong, entry);
    }
    // An administrator sees no record, whether it is there or not.
    let mut administrator = Client::sign_in(&server, "m700").await;
    let there = administrator.get(crate::MATCH).await;
    let nowhere = administrator
        .get(&format!("/matches/{}", "ab".repeat(16)))
        .await;
    assert_eq!((there.status, nowhere.status), (403, 403));
    assert_eq!(there.page(), nowhere.page());
    log::tells("no_role");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_but_the_embedded_ones_is_sent() {
    let (_agencies, server) = town().await;
    let mut nobody = Client::new(&server);
    for name in [
        "..",
        "../Cargo.toml",
        "..%2fCargo.toml",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%5c..%5cboot.ini",
        "....//....//etc/passwd",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "app.css%00.html",
        "%00",
        "app.css",
        "boot.js",
        ".",
        "%c0%ae%c0%ae/x",
        "app.css?x=../../etc/passwd",
        "con",
        "file:%2f%2f%2fetc",
    ] {
        let got = nobody.get(&format!("/assets/{name}")).await;
        assert!(
            got.status == 404 || got.status == 400 || got.asks_to_sign_in(),
            "{name}: {}",
            got.status
        );
        assert!(!got.body.contains("root:"), "{name}");
    }
    let long = "a".repeat(8_000);
    assert_eq!(nobody.get(&format!("/assets/{long}")).await.status, 404);
}
