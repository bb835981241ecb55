//! What is in an address or a form comes back as text, never as markup.

use sanctuary_console::{ROUTES, Verb};

use crate::{MATCH, records::attack, town, wire::Client};

/// Every name that a page reads from its address, and some that none does.
const NAMES: [&str; 24] = [
    "back", "said", "answer", "page", "kind", "band", "agency", "state", "who", "every", "child",
    "overdue", "newer", "recheck", "closed", "draft", "shielded", "held", "since", "error", "code",
    "state", "iss", "x",
];

/// Names of the forms' fields.
const FIELDS: [&str; 40] = [
    "person",
    "name",
    "email",
    "role",
    "function",
    "code",
    "alert",
    "to",
    "back",
    "query",
    "answer",
    "reason",
    "note",
    "version",
    "purpose",
    "gateway",
    "urgency",
    "enquiry",
    "necessity",
    "proportionality",
    "line_of_enquiry",
    "wanted",
    "reason-risk",
    "contact_first",
    "call_at",
    "with",
    "result",
    "not_possible",
    "notice",
    "notice_at",
    "notice_to",
    "notice_why",
    "reference",
    "session",
    "verdict-risk",
    "value-risk",
    "report_text",
    "conditions",
    "contact_name",
    "held",
];

#[track_caller]
fn is_text(page: &str, what: &str) {
    for mark in [
        "<img src=x",
        "<script>alert",
        "</title></textarea>",
        "onerror=alert(7)>\"'",
    ] {
        assert!(!page.contains(mark), "{what}: {mark} is markup");
    }
    // A template that was put into a template.
    assert!(!page.contains("49&amp;lt;"), "{what}: it was worked out");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sent_comes_back_as_markup() {
    let (_agencies, server) = town().await;
    let attack = attack(7);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(NAMES.map(|name| (name, attack.as_str())));
    let query = query.finish();
    let path_part: String = form_urlencoded::byte_serialize(attack.as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    let mut echoed = 0;
    for person in ["a100", "i200", "s300", "r400", "p500", "d600", "m700"] {
        let mut client = Client::sign_in(&server, person).await;
        for route in ROUTES {
            let with = |part: &str| -> String {
                let fill = |p: &str| {
                    if p.starts_with('{') {
                        part.to_owned()
                    } else {
                        p.to_owned()
                    }
                };
                route
                    .path
                    .split('/')
                    .map(fill)
                    .collect::<Vec<_>>()
                    .join("/")
            };
            for path in [with(&MATCH[9..]), with("a101"), with(&path_part)] {
                let got = match route.verb {
                    Verb::Get => client.get(&format!("{path}?{query}")).await,
                    Verb::Post if path == "/sign-out" => continue,
                    Verb::Post => {
                        let form: Vec<(&str, &str)> =
                            FIELDS.iter().map(|f| (*f, attack.as_str())).collect();
                        client.post(&path, &form).await
                    }
                };
                let what = format!("{:?} {} as {person}", route.verb, route.path);
                is_text(&got.body, &what);
                assert!(!got.to().contains('<') && !got.to().contains('"'), "{what}");
                assert!(got.status < 500, "{what}: {}", got.body);
                echoed += usize::from(got.body.contains("&lt;img src=x"));
                if !route.path.contains('{') {
                    break;
                }
            }
            if !client.cookies.contains_key("__Host-sid") {
                client = Client::sign_in(&server, person).await;
            }
        }
    }
    assert!(echoed > 5, "only {echoed} pages said back what was typed");
    let mut nobody = Client::new(&server);
    nobody.get("/sign-in").await;
    for path in ["/sign-in", "/choose-password"] {
        is_text(&nobody.get(&format!("{path}?{query}")).await.body, path);
        let form = [
            ("person", attack.as_str()),
            ("back", &attack),
            ("code", &attack),
        ];
        is_text(&nobody.post(path, &form).await.body, path);
    }
}
