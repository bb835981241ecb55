//! The console on a real port, and a client that sends any bytes: nothing between the two corrects what is sent.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use sanctuary_console::serve;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::timeout,
};

use crate::{partnership::Agency, seed, support::whole};

/// Longest wait for a reply: above every patience of the console.
const PATIENCE: Duration = Duration::from_secs(45);

/// A console that is served until this is dropped.
pub struct Server {
    pub address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Server {
    pub async fn start(agency: &Arc<Agency>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let console = whole(agency, &format!("http://{address}"));
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(serve(console, listener, None, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            _stop: stop,
        }
    }

    /// Sends these bytes on a connection of their own.
    pub async fn exchange(&self, bytes: &[u8]) -> Raw {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses may close before everything is written.
        let _ = stream.write_all(bytes).await;
        read(&mut stream).await
    }
}

/// What came back, as it was on the wire.
#[derive(Debug)]
pub struct Raw {
    /// 0 when the connection was closed without a reply.
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub took: Duration,
}

impl Raw {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    pub fn to(&self) -> &str {
        self.header("location")
    }

    /// Sent to sign in first.
    pub fn asks_to_sign_in(&self) -> bool {
        self.status == 303 && self.to().starts_with("/sign-in?back")
    }

    /// The page without what differs each time: the reference to quote and the token.
    pub fn page(&self) -> String {
        let mut page = self.body.clone();
        for (mark, end) in [
            ("name=\"token\" value=\"", "\""),
            ("Reference to quote: ", "<"),
        ] {
            while let Some(at) = page.find(mark) {
                let from = at + mark.len();
                let to = page[from..].find(end).map_or(page.len(), |n| from + n);
                page.replace_range(at..to, "");
            }
        }
        page
    }
}

/// Reads one reply: its head, and as much of a body as it says it has.
pub async fn read(stream: &mut TcpStream) -> Raw {
    let began = Instant::now();
    let mut bytes = Vec::new();
    let read = async {
        loop {
            let mut part = [0; 16_384];
            match stream.read(&mut part).await {
                Ok(n) if n > 0 => bytes.extend_from_slice(&part[..n]),
                _ => break,
            }
            if is_whole(&bytes) {
                break;
            }
        }
    };
    timeout(PATIENCE, read).await.expect("an end in time");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|l| l.split(' ').nth(1)?.parse().ok());
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    };
    Raw {
        status: status.unwrap_or(0),
        headers: lines.filter_map(header).collect(),
        body: body.to_owned(),
        took: began.elapsed(),
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    let length = head
        .split("\r\n")
        .find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok());
    let at = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(0);
    // A reply without a length goes on until somebody closes: its head is enough.
    length.is_none_or(|length| bytes.len() >= at + 4 + length)
}

/// One person at one client.
#[derive(Clone)]
pub struct Client {
    pub address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
    pub from: String,
}

impl Client {
    pub fn new(server: &Server) -> Self {
        Self {
            address: server.address,
            cookies: BTreeMap::new(),
            token: String::new(),
            from: "192.0.2.1".to_owned(),
        }
    }

    pub async fn sign_in(server: &Server, person: &str) -> Self {
        let mut client = Self::new(server);
        client.get("/sign-in").await;
        let form = [("person", person), ("password", seed::PASSWORD)];
        let got = client.post("/sign-in", &form).await;
        assert_eq!(got.status, 303, "{person}: {}", got.body);
        client.get("/account").await;
        client
    }

    /// The head of a request as a browser writes it, without its last line.
    pub fn head(&self, verb: &str, path: &str) -> String {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut head = format!("{verb} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        head.push_str(&format!("X-Forwarded-For: {}\r\n", self.from));
        if !cookies.is_empty() {
            head.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        head
    }

    /// A request with more lines in its head.
    pub async fn send(&mut self, verb: &str, path: &str, more: &str, body: &[u8]) -> Raw {
        let mut bytes = self.head(verb, path);
        bytes.push_str(more);
        if !body.is_empty() {
            bytes.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
        }
        bytes.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(body);
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let _ = stream.write_all(&bytes).await;
        let got = read(&mut stream).await;
        self.keep(&got);
        got
    }

    fn keep(&mut self, got: &Raw) {
        let cookies = got.headers.iter().filter(|(name, _)| name == "set-cookie");
        for (_, cookie) in cookies {
            let (pair, rules) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rules.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let mark = "name=\"token\" value=\"";
        if let Some(at) = got.body.find(mark) {
            self.token = got.body[at + mark.len()..][..64].to_owned();
        }
    }

    pub async fn get(&mut self, path: &str) -> Raw {
        self.send("GET", path, "", b"").await
    }

    /// Posts a form with the token of the last page.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Raw {
        let token = self.token.clone();
        self.post_with(path, form, &token, "").await
    }

    pub async fn post_with(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        token: &str,
        more: &str,
    ) -> Raw {
        let body = encode(form, token);
        self.send("POST", path, more, body.as_bytes()).await
    }
}

/// A form with its token.
pub fn encode(form: &[(&str, &str)], token: &str) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("token", token);
    body.extend_pairs(form);
    body.finish()
}
