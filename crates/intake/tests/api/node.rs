//! A node in memory behind the API, and a plain HTTP/1.1 client.

use std::{
    collections::{HashMap, HashSet},
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sanctuary_intake::api::{
    Answer, Asked, Certificates, Counts, Intake, Limits, Pace, Protocol, Remembered, Shape,
    listener, serve, ways,
};
use sanctuary_node_core::{
    ImportSummary, Importer, Mapping, NodeError, NodeSecret, Reject, StoredRecord, Withdrawal,
    memory::MemoryStore, ports::NodeStore, readers::Rows,
};
use sanctuary_types::Timestamp;
use serde_json::Value;
use zeroize::Zeroizing;

pub const NOW: Timestamp = Timestamp(1_795_392_000_000);
pub const KEY: &str = "the-key";
const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"first\"\nsurnames = \"last\"\n\
    date_of_birth = \"born\"\nphone = \"phone\"\n[record]\nrole = { column = \"role\" }\n\
    basis = \"safeguarding\"\nvisibility = \"open\"\nduty_to_notify_only = { column = \"dtn\" }\n";

pub struct MemoryNode {
    pub store: MemoryStore,
    secret: NodeSecret,
    counts: Mutex<sanctuary_node_core::Counts>,
    mapping: Mapping,
    remembered: Mutex<HashMap<(String, String), Remembered>>,
    pub imports: Mutex<u32>,
    pub is_broken: AtomicBool,
}

impl MemoryNode {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            store: MemoryStore::default(),
            secret: NodeSecret::new(&Zeroizing::new([7; 32])),
            counts: Mutex::default(),
            mapping: MAPPING.parse().unwrap(),
            remembered: Mutex::default(),
            imports: Mutex::default(),
            is_broken: AtomicBool::new(false),
        })
    }

    pub fn record(&self, reference: &str) -> Option<StoredRecord> {
        let key = self.secret.record_key(reference);
        let record = self.store.record(&key).unwrap();
        record.filter(|record| !record.is_erased())
    }

    fn importer(&self) -> Importer<'_, MemoryStore> {
        Importer {
            store: &self.store,
            secret: &self.secret,
            counts: &self.counts,
            now: NOW,
        }
    }
}

impl Intake for MemoryNode {
    fn caller(&self, key: &str) -> Result<Option<String>, NodeError> {
        Ok((key == KEY).then(|| "cases".to_owned()))
    }

    fn is_live(&self, name: &str) -> Result<bool, NodeError> {
        Ok(name == "cases")
    }

    fn shape(&self) -> Shape {
        Shape {
            columns: self.mapping.column_names(),
            record_id: self.mapping.record_id.clone(),
        }
    }

    fn take(
        &self,
        _: &str,
        rows: &mut dyn Rows,
        reject: &mut dyn FnMut(Reject) -> Result<(), NodeError>,
    ) -> Result<ImportSummary, NodeError> {
        *self.imports.lock().unwrap() += 1;
        if self.is_broken.load(Ordering::Acquire) {
            return Err(NodeError::Store("/secret/place is full".to_owned()));
        }
        self.importer()
            .import(rows, &self.mapping, false, reject, &mut |_| {})
    }

    fn withdraw(&self, _: &str, reference: &str) -> Result<Withdrawal, NodeError> {
        self.importer().withdraw(&[reference])
    }

    fn counts(&self) -> Result<Counts, NodeError> {
        Ok(Counts {
            records: self.counts.lock().unwrap().records(),
            ..Counts::default()
        })
    }

    fn recall(&self, caller: &str, key: &str) -> Result<Option<Remembered>, NodeError> {
        let name = (caller.to_owned(), key.to_owned());
        Ok(self.remembered.lock().unwrap().get(&name).cloned())
    }

    fn remember(&self, asked: &Asked, answer: &Answer) -> Result<(), NodeError> {
        let remembered = Remembered {
            print: asked.print,
            answer: answer.clone(),
        };
        let name = (asked.caller.clone(), asked.key.clone());
        self.remembered.lock().unwrap().insert(name, remembered);
        Ok(())
    }
}

/// The API on a port of this machine, until it is dropped.
pub struct Site {
    pub address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Site {
    pub fn of(node: &Arc<MemoryNode>) -> Self {
        Self::speaking(node, Protocol::Http1)
    }

    pub fn speaking(node: &Arc<MemoryNode>, protocol: Protocol) -> Self {
        let pace = Pace {
            grace: Duration::from_millis(800),
            bytes_per_second: 4 * 1024,
        };
        let limits = Limits {
            connections_max: 8,
            head: Duration::from_millis(500),
            idle: Duration::from_millis(1_500),
            ..Limits::default()
        };
        let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = plain.local_addr().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let node = Arc::clone(node);
        runtime.spawn(async move {
            let plain = listener(plain).unwrap();
            let ways = ways(node, pace, Certificates::NotAsked).await;
            let routes = match protocol {
                Protocol::Http1 => ways.http,
                Protocol::Http2 => ways.grpc,
            };
            serve(
                plain,
                None,
                protocol,
                routes,
                limits,
                std::future::pending(),
            )
            .await;
        });
        Self {
            address,
            _runtime: runtime,
        }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        stream
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Said {
        let key = format!("Authorization: Bearer {KEY}");
        let all = [&[key.as_str()], headers].concat();
        self.ask_as(method, path, &all, body)
    }

    pub fn ask_as(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Said {
        let mut stream = self.connect();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for header in headers {
            head += header;
            head += "\r\n";
        }
        head += &format!("Content-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).unwrap();
        // The server may answer and close before it has read everything.
        let _ = stream.write_all(body);
        Said::read(stream)
    }

    pub fn put(&self, reference: &str, headers: &[&str], body: &str) -> Said {
        let all = [&["Content-Type: application/json"], headers].concat();
        let path = format!("/v1/records/{reference}");
        self.ask("PUT", &path, &all, body.as_bytes())
    }

    pub fn bulk(&self, headers: &[&str], body: &str) -> Said {
        let all = [&["Content-Type: application/x-ndjson"], headers].concat();
        self.ask("POST", "/v1/records", &all, body.as_bytes())
    }
}

/// A reply.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Said {
    pub fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok());
        let head = head.to_lowercase();
        let body = if head.contains("transfer-encoding: chunked") {
            unchunked(body)
        } else {
            body.to_owned()
        };
        Self {
            status: status.unwrap_or(0),
            head,
            body,
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn lines(&self) -> Vec<Value> {
        let lines = self.body.lines();
        lines.map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    /// Checks that it is a problem of a kind; gives it.
    pub fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.head.contains("content-type: application/problem+json"));
        let problem = self.json();
        assert_eq!(problem["type"], format!("urn:sanctuary:problem:{kind}"));
        assert_eq!(problem["status"], status);
        let words: HashSet<_> = ["title", "detail"].into();
        assert!(
            words
                .iter()
                .all(|w| problem[w].as_str().is_some_and(|t| !t.is_empty()))
        );
        problem
    }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        body += after.get(..size).unwrap_or(after);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    body
}
