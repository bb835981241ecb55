//! A thousand tries to sign in, over the network: refused after the limit, counted, and shown to the supervisor.
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

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, client::conn::http1::SendRequest, header};
use hyper_util::rt::TokioIo;
use partnership::Agency;
use sanctuary_console::{BURST, TRIES as TRIES_OF_A_NETWORK, serve};
use support::{HOST, ORIGIN, after, agencies};

const TRIES: usize = 1_000;
const WRONG: u16 = 422;
const TOO_MANY: u16 = 429;

/// The console of an agency on a port, and one attacker's connection to it.
struct Attack {
    agency: Arc<Agency>,
    sender: SendRequest<Full<Bytes>>,
    at: SocketAddr,
    cookie: String,
    token: String,
}

impl Attack {
    async fn begin() -> Self {
        let agency = agencies(1).remove(0);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let console = support::whole(&agency, ORIGIN);
        tokio::spawn(serve(console, listener, None, std::future::pending()));
        let sender = connect(at).await;
        let (cookie, token) = (String::new(), String::new());
        let mut attack = Self {
            agency,
            sender,
            at,
            cookie,
            token,
        };
        let page = attack
            .send("GET", "/sign-in", "203.0.113.1", String::new())
            .await;
        let cookie = page.headers()[header::SET_COOKIE].to_str().unwrap();
        attack.cookie = cookie.split(';').next().unwrap().to_owned();
        let text = page.into_body().collect().await.unwrap().to_bytes();
        attack.token = after(
            std::str::from_utf8(&text).unwrap(),
            "name=\"token\" value=\"",
        )
        .to_owned();
        attack
    }

    async fn send(
        &mut self,
        verb: &str,
        path: &str,
        from: &str,
        body: String,
    ) -> Response<hyper::body::Incoming> {
        if self.sender.ready().await.is_err() {
            self.sender = connect(self.at).await;
        }
        let request = Request::builder()
            .method(verb)
            .uri(path)
            .header(header::HOST, HOST)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-forwarded-for", from)
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        self.sender.send_request(request).await.unwrap()
    }

    /// One try; its status.
    async fn attempt(&mut self, person: &str, password: &str, from: &str) -> u16 {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("token", &self.token);
        body.append_pair("person", person);
        body.append_pair("password", password);
        let reply = self.send("POST", "/sign-in", from, body.finish()).await;
        let status = reply.status().as_u16();
        reply.into_body().collect().await.unwrap();
        status
    }

    /// A thousand tries; how many of each status.
    async fn thousand(
        &mut self,
        mut of: impl FnMut(usize) -> (String, String),
    ) -> BTreeMap<u16, usize> {
        let mut counts = BTreeMap::new();
        for n in 0..TRIES {
            let (person, from) = of(n);
            let status = self
                .attempt(&person, &format!("wrong words {n}"), &from)
                .await;
            *counts.entry(status).or_default() += 1;
        }
        counts
    }
}

async fn connect(at: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(at).await.unwrap();
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn many(n: usize) -> String {
    format!("198.51.{}.{}", n / 250, n % 250 + 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_one_address_the_address_pauses_whatever_is_tried() {
    let mut attack = Attack::begin().await;
    let one = attack
        .thousand(|_| ("a100".to_owned(), "203.0.113.7".to_owned()))
        .await;
    assert_eq!(one, BTreeMap::from([(WRONG, 60), (TOO_MANY, 940)]));
    let accounts = attack
        .thousand(|n| (format!("x{n}"), "203.0.113.8".to_owned()))
        .await;
    assert_eq!(accounts, BTreeMap::from([(WRONG, 60), (TOO_MANY, 940)]));
    // Others come in meanwhile.
    assert_eq!(
        attack.attempt("i200", seed::PASSWORD, "192.0.2.1").await,
        303
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_many_addresses_the_account_pauses() {
    let mut attack = Attack::begin().await;
    let one = attack.thousand(|n| ("a100".to_owned(), many(n))).await;
    assert_eq!(one, BTreeMap::from([(WRONG, TRIES)]));
    // Even the right password is not looked at, from wherever it comes; after a quarter of an hour it is.
    assert_eq!(
        attack.attempt("a100", seed::PASSWORD, "192.0.2.1").await,
        WRONG
    );
    attack.agency.clock.later(15 * 60_000);
    assert_eq!(
        attack.attempt("a100", seed::PASSWORD, "192.0.2.1").await,
        303
    );
    let people = [
        "a101", "i200", "r400", "p500", "d600", "m700", "m701", "x1", "x2", "x3",
    ];
    let all = attack
        .thousand(|n| (people[n % people.len()].to_owned(), many(n)))
        .await;
    assert_eq!(all, BTreeMap::from([(WRONG, TRIES)]));
    for person in &people[..7] {
        assert_eq!(
            attack.attempt(person, seed::PASSWORD, "192.0.2.2").await,
            WRONG,
            "{person}"
        );
    }
    // The supervisor, whom nobody tried, sees all of it.
    let page = supervise(&mut attack).await;
    assert!(
        page.contains("sign-ins were refused in the last 10 minutes"),
        "{page}"
    );
    assert!(page.contains("<th scope=\"row\" class=\"govuk-table__header\">Person, password or code not right, or paused after wrong tries</th><td class=\"govuk-table__cell govuk-table__cell--numeric\">2008<"), "{page}");
    for person in &people[..7] {
        assert!(
            page.contains(&format!("({person})</th>")),
            "{person}: {page}"
        );
    }
    assert!(page.contains("198.51."), "{page}");
    assert!(
        !page.contains("x1)") && !page.contains("wrong words"),
        "what was typed is not shown"
    );
}

/// The overview as the supervisor sees it at the attacked console.
async fn supervise(attack: &mut Attack) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("token", &attack.token);
    body.append_pair("person", "s300");
    body.append_pair("password", seed::PASSWORD);
    let reply = attack
        .send("POST", "/sign-in", "192.0.2.3", body.finish())
        .await;
    assert_eq!(reply.status(), 303);
    let cookies = reply.headers().get_all(header::SET_COOKIE);
    let session = cookies
        .iter()
        .find_map(|c| c.to_str().unwrap().strip_prefix("__Host-sid="));
    let session = session.unwrap().split(';').next().unwrap().to_owned();
    reply.into_body().collect().await.unwrap();
    attack.cookie = format!("__Host-sid={session}");
    let page = attack
        .send("GET", "/supervisor", "192.0.2.3", String::new())
        .await;
    assert_eq!(page.status(), 200);
    let text = page.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(text.to_vec()).unwrap()
}

// An attack from a single address is told of before it has tried for ten minutes.
const _: () = assert!(BURST < 2 * TRIES_OF_A_NETWORK);
