//! Forms that another site, or another session, makes a browser send.

use sanctuary_console::{ROUTES, Verb};

use crate::{
    MATCH, log, town, value,
    wire::{Client, encode},
};

const PEOPLE: [&str; 6] = ["a100", "i200", "s300", "r400", "p500", "d600"];

fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{person}" => "x999".to_owned(),
        open if open.starts_with('{') => "01".repeat(16),
        plain => plain.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_goes_without_the_token_of_its_session() {
    let (_agencies, server) = town().await;
    let others = Client::sign_in(&server, "a101").await.token;
    let nobodys = {
        let mut nobody = Client::new(&server);
        nobody.get("/sign-in").await;
        nobody.token
    };
    let posts = ROUTES.iter().filter(|r| r.verb == Verb::Post);
    let posts: Vec<_> = posts.map(|r| (r.path, filled(r.path))).collect();
    for person in PEOPLE.into_iter().chain(["m700"]) {
        let mut client = Client::sign_in(&server, person).await;
        let half = client.token[..32].to_owned();
        for (route, path) in &posts {
            for token in ["", &others, &nobodys, &half] {
                let got = client.post_with(path, &[], token, "").await;
                assert_eq!(got.status, 403, "{route} as {person}");
            }
        }
        // Nothing of it ended the session.
        assert_eq!(client.get("/account").await.status, 200);
    }
    log::tells("not_our_form");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_token_from_the_wrong_place_does_nothing() {
    let (_agencies, server) = town().await;
    let mut client = Client::sign_in(&server, "a100").await;
    let page = client.get("/matches").await.body;
    let first = value(&page, "name=\"alert\" value=\"").to_owned();
    let form = [
        ("alert", first.as_str()),
        ("to", "a100"),
        ("back", "/matches"),
    ];
    let token = client.token.clone();
    let own = format!("http://{}", server.address);
    for lines in [
        "Origin: https://evil.example\r\n".to_owned(),
        "Origin: null\r\n".to_owned(),
        format!("Origin: {own}.evil.example\r\n"),
        format!("Origin: {own}\r\nOrigin: https://evil.example\r\n"),
        "Sec-Fetch-Site: cross-site\r\n".to_owned(),
        "Sec-Fetch-Site: same-site\r\n".to_owned(),
        "Sec-Fetch-Site: none\r\n".to_owned(),
        format!("Origin: {own}\r\nSec-Fetch-Site: cross-site\r\n"),
    ] {
        let got = client
            .post_with("/matches/assign", &form, &token, &lines)
            .await;
        assert_eq!(got.status, 403, "{lines}");
    }
    // The token belongs into the form: not into the address, nor into another kind of body.
    let query = format!("/matches/assign?{}", encode(&form, &token));
    assert_eq!(client.send("POST", &query, "", b"").await.status, 403);
    let json = format!("{{\"token\":\"{token}\",\"to\":\"a100\"}}");
    let json = client
        .send("POST", "/matches/assign", "", json.as_bytes())
        .await;
    assert_eq!(json.status, 403);
    let mine = client.get("/matches?who=me").await.body;
    assert!(mine.contains("Nothing fits these filters"), "it was done");

    let lines = format!("Origin: {own}\r\nSec-Fetch-Site: same-origin\r\n");
    let got = client
        .post_with("/matches/assign", &form, &token, &lines)
        .await;
    assert_eq!(got.to(), "/matches?said=assigned");
    log::tells("not_our_form");
}

/// A link, a picture or a redirect makes a browser send a GET with its cookies: it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn no_address_does_what_a_form_does() {
    let (_agencies, server) = town().await;
    let mut client = Client::sign_in(&server, "a100").await;
    let token = client.token.clone();
    let before = client.get(&format!("{MATCH}?x=1")).await.page();
    let form = [
        ("answer", "confirmed"),
        ("reason", "record_fits"),
        ("version", "0"),
        ("to", "a100"),
        ("do", "leave"),
    ];
    let query = encode(&form, &token);
    for route in ROUTES.iter().filter(|r| r.verb == Verb::Post) {
        let path = filled(route.path);
        if path == "/sign-out" {
            continue;
        }
        let got = client.get(&format!("{path}?{query}")).await;
        assert!(got.status < 500, "{path}");
        // Another verb in a header or a field is not heard.
        for lines in [
            "X-HTTP-Method-Override: POST\r\n",
            "X-HTTP-Method: POST\r\n",
        ] {
            client
                .send("GET", &format!("{path}?{query}&_method=post"), lines, b"")
                .await;
        }
    }
    assert_eq!(client.get("/sign-out").await.status, 404);
    assert_eq!(client.get("/account").await.status, 200);
    let after = client.get(&format!("{MATCH}?x=1")).await.page();
    let decided = |page: &str| page.contains("You can still take this back");
    assert_eq!((decided(&before), decided(&after)), (false, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn supervisors_see_what_was_refused_to_whom() {
    let (_agencies, server) = town().await;
    let mut analyst = Client::sign_in(&server, "a100").await;
    for _ in 0..3 {
        analyst.post_with("/matches/assign", &[], "", "").await;
    }
    analyst.get("/administration").await;
    for n in 0..5 {
        analyst.get(&format!("/matches/{n:032x}")).await;
    }
    let mut supervisor = Client::sign_in(&server, "s300").await;
    let page = supervisor.get("/supervisor").await.body;
    let at = page.find("refused-acts").expect("a panel");
    let panel = &page[at..];
    for (what, count) in [
        ("Sent a form that is not from this console", 3),
        ("Asked for what another role may do", 1),
        ("Asked for a record or case that is not there for them", 5),
    ] {
        let line = panel
            .find(what)
            .unwrap_or_else(|| panic!("no line: {what}"));
        let line = &panel[line..line + 200];
        assert!(line.contains(&format!(">{count}<")), "{line}");
    }
    assert!(panel.contains("a100"));
    log::tells("not_our_form");
    log::tells("no_role");
}
