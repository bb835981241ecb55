//! The operators' console over a made-up hub, for looking at its pages: `operator_fake [PORT]`. Prints one line of
//! JSON; then a line `well`, `silent`, `stale` or `nothing` on standard input changes what the hub wrote.

use std::{
    collections::BTreeMap,
    io::BufRead,
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use sanctuary_health::{
    AgencyStatus, HubStatus, LogStatus, Remark, RoundStatus, Silence, SilenceOf, StatusNote,
};
use sanctuary_operator::{Config, add_first, run};
use sanctuary_types::Timestamp;
use serde_json::json;

const HOUR_MS: u64 = 3_600_000;

fn main() -> anyhow::Result<()> {
    let port: u16 = match std::env::args().nth(1) {
        Some(port) => port.parse().context("a port")?,
        None => 0,
    };
    let dir = tempfile::tempdir()?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let url = format!("http://hub.localhost:{}", listener.local_addr()?.port());
    let place = |name: &str| dir.path().join(name).display().to_string();
    let config = Config::parse(&format!(
        "hub_data_dir = '{}'\nstatus_key = '{}'\ndata_dir = '{}'\nroot_key = '{}'\nlisten = '127.0.0.1:0'\npublic_url = '{url}'",
        place(""),
        place("status.key"),
        place("operators"),
        place("operator.key")
    ))?;
    let note = StatusNote::open(dir.path(), &config.status_key)?;
    let state = Arc::new(Mutex::new("well".to_owned()));
    let told = Arc::clone(&state);
    let path = dir.path().to_owned();
    write(&note, &path, "well")?;
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(10));
            let state = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let _ = write(&note, &path, &state);
        }
    });
    let start_code = add_first(&config, "op1", "Ola Price")?;
    println!(
        "{}",
        json!({ "url": url, "person": "op1", "start_code": start_code })
    );
    let (path, key) = (dir.path().to_owned(), config.status_key.clone());
    std::thread::spawn(move || {
        let note = StatusNote::open(&path, &key).ok();
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            *state.lock().unwrap_or_else(PoisonError::into_inner) = line.clone();
            if let Some(note) = &note {
                let _ = write(note, &path, &line);
            }
            println!("\"{line}\"");
        }
        std::process::exit(0);
    });
    tokio::runtime::Runtime::new()?.block_on(run(config, listener, std::future::pending()))
}

fn write(note: &StatusNote, dir: &Path, state: &str) -> anyhow::Result<()> {
    let hub = match state {
        "nothing" => {
            let _ = std::fs::remove_file(dir.join("status"));
            return Ok(());
        }
        "silent" => hub(0, true),
        "stale" => hub(600_000, false),
        _ => hub(0, false),
    };
    Ok(note.write(&hub)?)
}

/// A hub of five agencies; in trouble when one of them is silent.
fn hub(age_ms: u64, in_trouble: bool) -> HubStatus {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or_default();
    let at = Timestamp(now - age_ms);
    let ago = |hours: u64| Timestamp(at.0 - hours * HOUR_MS);
    let ahead = |days: u64| Timestamp(at.0 + days * 24 * HOUR_MS);
    let agency = |name: &str, last: u64, batches: u64| AgencyStatus {
        agency: name.to_owned(),
        known_since: ago(4_000),
        last_call: Some(ago(last)),
        certificate_until: Some(ahead(9)),
        last_push: Some(ago(last + 3)),
        last_followed: Some(ago(last)),
        batches,
        ..AgencyStatus::default()
    };
    let mut agencies = vec![
        agency("charity-east", 0, 2),
        agency("council-tees", 0, 14),
        agency("police-north", 0, 31),
        agency("safeguarding-board", 1, 0),
    ];
    agencies.push(AgencyStatus {
        agency: "refuge-coast".to_owned(),
        known_since: ago(20),
        ..AgencyStatus::default()
    });
    if in_trouble {
        agencies[0].silence = Some(Silence {
            since: ago(31),
            of: SilenceOf::Calls,
        });
        agencies[3].silence = Some(Silence {
            since: ago(300),
            of: SilenceOf::Pushes,
        });
        agencies[3].certificate_until = Some(ahead(2));
        agencies[1].refusals =
            BTreeMap::from([("stale_epoch".to_owned(), 12), ("busy".to_owned(), 2)]);
    }
    let mut status = HubStatus {
        party: "hub".to_owned(),
        version: "0.1.0".to_owned(),
        at,
        since: ago(200),
        epoch: 1,
        rules_version: 1,
        roster_version: 4,
        roster_issued: ago(900),
        certificate_until: ahead(if in_trouble { 3 } else { 11 }),
        rounds: RoundStatus {
            finished: 11_842,
            failed: u64::from(in_trouble),
            last: Some(at),
            last_ms: 412,
            interval_ms: 60_000,
        },
        stored_postings: 938_336,
        index_bytes: 61_000_000,
        memory_bytes: Some(310_000_000),
        data_bytes: 720_000_000,
        free_bytes: Some(48_000_000_000),
        log: LogStatus {
            entries: 20_418,
            checkpoint: Some(at),
            witnessed: Some(20_411),
            witnesses: vec![
                "police-north".to_owned(),
                "council-tees".to_owned(),
                "charity-east".to_owned(),
            ],
            witnesses_needed: 3,
            alarm: String::new(),
        },
        agreement_version: 2,
        editions: if in_trouble {
            Vec::new()
        } else {
            vec!["Edition 1".to_owned(), "Edition 2".to_owned()]
        },
        manifests: BTreeMap::from([
            ("identifier, epoch 1".to_owned(), ahead(140)),
            (
                "person, epoch 1".to_owned(),
                ahead(if in_trouble { 12 } else { 140 }),
            ),
        ]),
        key_holders: ["alder", "birch", "cedar"]
            .iter()
            .filter_map(|h| h.parse().ok())
            .collect(),
        agencies,
        errors: if in_trouble {
            vec![Remark {
                at: ago(2),
                text: "a match round failed: the disk of the data directory is full".to_owned(),
            }]
        } else {
            Vec::new()
        },
        attention: Vec::new(),
    };
    status.attend();
    status
}
