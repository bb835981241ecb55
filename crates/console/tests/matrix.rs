//! The reviewed table of addresses against the console itself: every row, over HTTP on a real port, as every role
//! and as nobody.
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
#[path = "support/wire.rs"]
mod wire;

use support::agencies;
use wire::{Client, Raw, Server};

const REVIEWED: &str = include_str!("../../../docs/console-routes.md");

/// Somebody of each column.
const PEOPLE: [(&str, &str); 7] = [
    ("analyst", "a100"),
    ("intelligence officer", "i200"),
    ("authoriser", "s300"),
    ("releaser", "r400"),
    ("second approver", "p500"),
    ("data protection officer", "d600"),
    ("administrator", "m700"),
];

/// A row of the table: how it is called, and whether each column may.
struct Row {
    verb: String,
    path: String,
    may: Vec<(String, bool)>,
}

impl Row {
    fn may(&self, column: &str) -> bool {
        let found = self.may.iter().find(|(name, _)| name == column);
        found.unwrap_or_else(|| panic!("no column {column}")).1
    }

    /// Its path, with open parts filled by something that does not exist.
    fn filled(&self) -> String {
        let part = |part: &str| match part {
            "{person}" => "x999".to_owned(),
            open if open.starts_with('{') => "0000000000000000000000000000dead".to_owned(),
            plain => plain.to_owned(),
        };
        let parts: Vec<String> = self.path.split('/').map(part).collect();
        parts.join("/")
    }
}

fn rows() -> Vec<Row> {
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim().trim_start_matches('|');
        let inner = inner.strip_suffix('|').unwrap_or(inner);
        inner.split('|').map(|c| c.trim().to_owned()).collect()
    };
    let mut lines = REVIEWED.lines().filter(|l| l.starts_with('|'));
    let heads = cells(lines.next().unwrap());
    let rows: Vec<Row> = lines
        .skip(1)
        .map(|line| {
            let cells = cells(line);
            let (verb, path) = cells[0].trim_matches('`').split_once(' ').unwrap();
            let columns = heads.iter().zip(&cells).skip(2);
            Row {
                verb: verb.to_owned(),
                path: path.to_owned(),
                may: columns
                    .map(|(head, cell)| {
                        assert!(cell.is_empty() || cell == "yes", "{line}");
                        (head.clone(), cell == "yes")
                    })
                    .collect(),
            }
        })
        .collect();
    assert!(rows.len() > 50, "the table has gone");
    rows
}

async fn call(client: &mut Client, row: &Row) -> Raw {
    let path = row.filled();
    match row.verb.as_str() {
        "GET" => client.get(&path).await,
        "POST" => client.post(&path, &[]).await,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_call_what_the_table_says_and_nothing_else() {
    let agencies = agencies(4);
    let server = Server::start(&agencies[0]).await;
    for (column, person) in PEOPLE {
        let mut client = Client::sign_in(&server, person).await;
        for row in rows() {
            let got = call(&mut client, &row).await;
            let at = format!("{} {} as {column}: {}", row.verb, row.path, got.status);
            assert_ne!(got.status, 0, "{at}");
            assert!(got.status < 500, "{at} {}", got.body);
            assert_eq!(got.status != 403, row.may(column), "{at}");
            assert!(!got.asks_to_sign_in(), "{at}");
            if !got.header("clear-site-data").is_empty()
                || !client.cookies.contains_key("__Host-sid")
            {
                client = Client::sign_in(&server, person).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_may_call_what_the_table_says_and_nothing_else() {
    let agencies = agencies(4);
    let server = Server::start(&agencies[0]).await;
    let mut nobody = Client::new(&server);
    nobody.get("/sign-in").await;
    for row in rows() {
        let got = call(&mut nobody, &row).await;
        let at = format!("{} {}: {} {}", row.verb, row.path, got.status, got.to());
        assert_eq!(!got.asks_to_sign_in(), row.may("nobody"), "{at}");
        assert!(got.status < 500, "{at}");
    }
}

/// What is not in the table does not exist, whatever the verb.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_table_does_not_exist() {
    let agencies = agencies(4);
    let server = Server::start(&agencies[0]).await;
    let mut client = Client::sign_in(&server, "a100").await;
    let rows = rows();
    for path in [
        "/admin",
        "/api",
        "/health",
        "/metrics",
        "/.git/config",
        "/matches/",
        "//matches",
        "/matches/..",
        "/Matches",
        "/assets/",
        "/assets",
    ] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    for row in &rows {
        for verb in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
            let got = client.send(verb, &row.filled(), "", b"").await;
            assert!(
                [400, 404, 405].contains(&got.status),
                "{verb} {}: {}",
                row.path,
                got.status
            );
        }
        // The other verb, unless the table has it too.
        let other = if row.verb == "GET" { "POST" } else { "GET" };
        let known = |r: &&Row| r.verb == other && r.filled() == row.filled();
        let open = |r: &&Row| r.verb == other && r.path.contains('{');
        if rows.iter().any(|r| known(&r)) || rows.iter().any(|r| open(&r)) && other == "GET" {
            continue;
        }
        let path = row.filled();
        let got = match other {
            "GET" => client.get(&path).await,
            _ => client.post(&path, &[]).await,
        };
        assert!(
            [404, 405].contains(&got.status),
            "{other} {}: {}",
            row.path,
            got.status
        );
    }
}
