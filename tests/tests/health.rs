//! The figures of all three real daemons: what the rules of `deploy/prometheus` and the table of
//! docs/operating.md name is there, it moves, and nothing of a person is in it. The same of every page of the hub
//! operators' console over the hub that did the work.

#[path = "../../crates/operator/tests/support/mod.rs"]
mod browser;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use prometheus_parse::{Scrape, Value};
use sanctuary_health::StatusNote;
use sanctuary_hub::{Config, Storage};
use sanctuary_operator::{Desk, OperatorTables, PATHS, router};
use sanctuary_staff::{NewMember, Register};
use sanctuary_store::Sealer;
use sanctuary_tests::{HubLog, Plan, Said, Town};

/// Who tells figures in this town.
const TELLERS: [&str; 3] = ["hub", "alder", "police"];

fn fetch(at: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(at)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The figures of one daemon; of those with labels the sum.
fn figures(at: SocketAddr, party: &str) -> anyhow::Result<(BTreeMap<String, f64>, String)> {
    let answer = fetch(at, "/metrics")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    let scrape = Scrape::parse(body.lines().map(|l| Ok(l.to_owned())))?;
    let mut found: BTreeMap<String, f64> = BTreeMap::new();
    for sample in scrape.samples {
        for (label, value) in sample.labels.iter() {
            let own = label == "party" && value == party;
            ensure!(own || label == "code" || label == "part", "{label}={value}");
        }
        let value = match sample.value {
            Value::Counter(n) | Value::Gauge(n) | Value::Untyped(n) => n,
            Value::Histogram(buckets) => buckets.last().map_or(0.0, |b| b.count),
            Value::Summary(_) => 0.0,
        };
        *found.entry(sample.metric).or_default() += value;
    }
    Ok((found, body.to_owned()))
}

/// Every `sanctuary_…` word of a text.
fn named(text: &str) -> BTreeSet<String> {
    let word = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let words = text.split(word).filter(|w| w.starts_with("sanctuary_"));
    words.map(str::to_owned).collect()
}

#[test]
fn rules_and_docs_name_figures_that_are_told_and_move() -> anyhow::Result<()> {
    let mut town = Town::found(&Plan::default())?;
    let mut ports = BTreeMap::new();
    for party in TELLERS {
        let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        town.configure(party, &format!("\n[metrics]\nlisten = \"{free}\"\n"))?;
        town.restart(party)?;
        ports.insert(party, free);
    }
    let before = figures(ports["police"], "police")?.0;
    ensure!(before["sanctuary_node_records"] == 0.0, "{before:?}");

    // Values that appear nowhere else.
    let rows = "ref,first,last,born,phone\nzq-1,Zebediah,Quillfeather,1991-02-03,07700900417\n\
        zq-2,Ottoline,Brackenbury,1988-11-21,07700900533\n";
    let file = town.path("people.csv");
    std::fs::write(&file, rows)?;
    let mapping = town.path("people.toml");
    let suggested = Said::by(
        "sanctuary-node",
        &["mapping", "suggest", &file.display().to_string()],
    )?;
    std::fs::write(&mapping, &suggested.out)?;
    for agency in ["police", "council"] {
        town.import(agency, &mapping, &file)?;
    }
    town.until_pushed()?;
    town.until("an alert to be heard", |_| {
        figures(ports["police"], "police")
            .is_ok_and(|(told, _)| told["sanctuary_node_alerts_heard_total"] > 0.0)
    })?;

    let mut all: BTreeSet<String> = BTreeSet::new();
    for (party, at) in &ports {
        let (told, body) = figures(*at, party)?;
        // Sum and count belong to the durations of their name.
        let parts = ["_seconds_sum", "_seconds_count"];
        all.extend(
            told.into_keys()
                .filter(|n| !parts.iter().any(|p| n.ends_with(p))),
        );
        for value in rows
            .split([',', '\n'])
            .filter(|v| v.len() > 4 && *v != "first" && *v != "phone")
        {
            ensure!(!body.contains(value), "{party} tells {value}");
        }
        for (path, words) in [("/healthz", "alive"), ("/readyz", "ready")] {
            ensure!(fetch(*at, path)?.contains(words), "{path} of {party}");
        }
    }
    let node = figures(ports["police"], "police")?.0;
    for (name, least) in [
        ("sanctuary_node_records", 2.0),
        ("sanctuary_node_batches_total", 1.0),
        ("sanctuary_node_tokens_total", 2.0),
        ("sanctuary_node_hub_heard_timestamp_seconds", 1.7e9),
        ("sanctuary_node_last_push_timestamp_seconds", 1.7e9),
        ("sanctuary_manifest_expires_timestamp_seconds", 1.7e9),
    ] {
        ensure!(node[name] >= least, "{name}: {node:?}");
    }
    ensure!(figures(ports["alder"], "alder")?.0["sanctuary_keyholder_evaluations_total"] > 0.0);
    ensure!(figures(ports["hub"], "hub")?.0["sanctuary_hub_batches_total"] >= 2.0);

    // Families without a sample yet: nothing was refused, no part has failed.
    all.extend(["sanctuary_refusals_total", "sanctuary_node_problem"].map(str::to_owned));
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let rules = std::fs::read_to_string(repository.join("deploy/prometheus/sanctuary.rules.yml"))?;
    for name in named(&rules) {
        let family = name.trim_end_matches("_bucket");
        ensure!(
            all.contains(family),
            "the rules name {name}, which no daemon tells"
        );
    }
    let docs = std::fs::read_to_string(repository.join("docs/operating.md"))?;
    let (_, table) = docs
        .split_once("| figure (`sanctuary_…`)")
        .context("the table")?;
    let (table, _) = table.split_once("### What to back up").context("its end")?;
    let shown: BTreeSet<String> = table
        .lines()
        .skip(2)
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(|name| format!("sanctuary_{}", name.split('{').next().unwrap_or(name)))
        .collect();
    let missing: Vec<&String> = all.difference(&shown).collect();
    let unknown: Vec<&String> = shown.difference(&all).collect();
    println!("{} figures", all.len());
    ensure!(
        missing.is_empty() && unknown.is_empty(),
        "not in the table: {missing:?}; told by nobody: {unknown:?}"
    );

    // Everything that must stand on no page: pseudonyms and ids of what matched, tags and ids of what is stored.
    let mut secrets: Vec<String> = Vec::new();
    for agency in ["police", "council"] {
        hexadecimal(&town.node_json(agency, "alerts")?, &mut secrets);
    }
    ensure!(!secrets.is_empty(), "an alert has ids");

    // The commands say the same, and end with 0 while nobody is needed.
    let hub = town.config("hub").display().to_string();
    let said = Said::by("sanctuary-hub", &["status", "--config", &hub])?;
    println!("{}", said.out);
    ensure!(
        said.code == Some(0) && said.out.contains("police: last call"),
        "{}{}",
        said.out,
        said.err
    );
    let holder = town.config("alder").display().to_string();
    let said = Said::by(
        "sanctuary-keyholder",
        &["status", "--config", &holder, "--json"],
    )?;
    ensure!(said.code == Some(0), "{}{}", said.out, said.err);
    let said = town.node("police", "status", &[])?;
    println!("{}", said.out);
    ensure!(
        said.code == Some(0) && said.out.contains("quota left today"),
        "{}{}",
        said.out,
        said.err
    );
    town.process("hub")?.stop()?;
    let (place, officer) = (town.place(), "officer-1");
    let args = ["status", "--dir", &place, "--as", officer];
    ensure!(
        Said::by("sanctuary", &args)?.code == Some(1),
        "the hub is away"
    );
    town.stop_all()?;
    let hub = Config::load(&town.config("hub"))?;
    secrets.extend(stored(&hub)?);
    let values = rows.split([',', '\n']).filter(|v| v.len() > 4);
    secrets.extend(
        values
            .filter(|v| !["first", "phone"].contains(v))
            .map(str::to_owned),
    );
    println!("{} secrets looked for", secrets.len());
    operator_pages_hold_none_of(&hub, &town, &secrets)
}

/// Every long hexadecimal word of a JSON value.
fn hexadecimal(value: &serde_json::Value, to: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => {
            let hex = text.len() >= 16 && text.chars().all(|c| c.is_ascii_hexdigit());
            to.extend(hex.then(|| text.clone()));
        }
        serde_json::Value::Array(all) => all.iter().for_each(|v| hexadecimal(v, to)),
        serde_json::Value::Object(all) => all.values().for_each(|v| hexadecimal(v, to)),
        _ => {}
    }
}

/// Tags and card ids in the hub's log, as they would be written.
fn stored(hub: &Config) -> anyhow::Result<Vec<String>> {
    let storage = Storage::open(&hub.data_dir, &hub.root_key, 32)?;
    let log = HubLog::read(&storage.log)?;
    let tags = log.postings.iter().map(|p| hex::encode(&p.item[..16]));
    let cards = log.cards.iter().map(|c| hex::encode(&c.item[..8]));
    let found: Vec<String> = tags.chain(cards).collect();
    ensure!(found.len() > 200, "two pushes with their dummies");
    Ok(found)
}

/// Renders every page over the note that this hub left.
fn operator_pages_hold_none_of(
    hub: &Config,
    town: &Town,
    secrets: &[String],
) -> anyhow::Result<()> {
    let key = town.path("operator.key");
    let sealer = Sealer::from_key_file_or_generate(&key)?;
    let tables = OperatorTables::open(&town.path("operators"), sealer)?;
    let register = Register::new(tables, "hub");
    let new = NewMember {
        person: "op1"
            .parse()
            .map_err(|_| anyhow::anyhow!("a staff number"))?,
        name: "Ola Price".to_owned(),
        email: None,
        roles: BTreeSet::new(),
        functions: BTreeSet::new(),
    };
    let start = register.add_first(new, sanctuary_rpc::now(), &mut rand::rng())?;
    let note = StatusNote::find(&hub.data_dir, &StatusNote::key_beside(&hub.root_key))?;
    let settings = sanctuary_console::Settings {
        public_url: format!("http://{}", browser::HOST).parse()?,
        behind_proxy: false,
        synthetic: false,
    };
    let desk = Desk::new(register, note, settings)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut operator = browser::Browser::new(router(Arc::new(desk)));
        operator.begin("op1", start.0.expose()).await;
        let mut letters = 0;
        for path in PATHS {
            let page = operator.get(path).await;
            ensure!(page.status.is_success(), "{path}: {}", page.status);
            letters += page.text.len();
            for secret in secrets {
                ensure!(!page.text.contains(secret), "{path} shows {secret}");
            }
        }
        // It was the real hub's note that they showed.
        let agencies = operator.get("/agencies").await;
        ensure!(agencies.text.contains("police"), "{}", agencies.text);
        println!(
            "{} pages, {letters} letters, none of the secrets",
            PATHS.len()
        );
        Ok(())
    })
}
