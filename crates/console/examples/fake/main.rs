//! Two consoles of a made-up partnership in one process, for looking at pages and for the browser tests: real cores
//! in memory, no network between the agencies, no disk.
//!
//! `fake [PORT] [MATCHES] [hostile]`: `hostile` fills every record with attacks on the pages.
//!
//! Prints one line of JSON with the addresses. Reads lines: `later MS` moves the clock on, `hub away` and
//! `hub back` take the hub away and bring it back, `now` tells the time, `again ID` brings news of a possible match
//! without new evidence and `more ID` with it, `address ID` drafts a request for an address, `state WORD` switches a
//! state on that needs a broken machine (`quota`, `alarms`, `quiet`, `feeds`, `edition`), `identifiers` lists what the
//! records hold, `log WORDS` writes a line of the log; each is answered with a line. Ends with its input. Logs go to the standard error, by `RUST_LOG`.
#![allow(clippy::expect_used)]

mod office;
mod overseer;
mod partnership;
mod provider;
mod rare;
mod records;
mod seed;

use std::{
    collections::BTreeSet,
    io::BufRead as _,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sanctuary_console::{Console, Settings, serve};
use serde_json::json;

use crate::{
    office::Desk,
    partnership::{Agency, Clock, found},
};

/// The first asks, the second is asked.
const AGENCIES: [&str; 2] = ["police", "charity"];

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let port: u16 = args.next().map_or(Ok(0), |text| text.parse())?;
    let count: usize = args.next().map_or(Ok(30), |text| text.parse())?;
    let hostile = args.next().is_some_and(|word| word == "hostile");
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let clock = Arc::new(Clock::new());
    let mut agencies = found(&AGENCIES, &clock)?;
    for agency in &agencies {
        seed::staff(agency)?;
    }
    seed::matches(&mut agencies, count.min(250));
    if hostile {
        make_hostile(&mut agencies);
    }
    let agencies: Vec<Arc<Agency>> = agencies.into_iter().map(Arc::new).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    let mut urls = Vec::new();
    for (place, agency) in agencies.iter().enumerate() {
        let wanted = if port == 0 { 0 } else { port + place as u16 };
        let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", wanted)))?;
        let url = format!(
            "http://{}.localhost:{}",
            agency.own,
            listener.local_addr()?.port()
        );
        let settings = Settings {
            public_url: url.parse()?,
            behind_proxy: false,
            synthetic: true,
        };
        let provider = provider::named(&settings.public_url)?.filter(|_| place == 0);
        let mut console = Console::new(Arc::new(Desk(Arc::clone(agency))), settings)?;
        if let Some(provider) = provider {
            console = console.with_provider(provider, false);
        }
        let served = serve(Arc::new(console), listener, None, std::future::pending());
        runtime.spawn(served);
        urls.push(json!({ "agency": agency.own, "url": url }));
    }
    let carried = agencies.clone();
    std::thread::spawn(move || {
        loop {
            for agency in &carried {
                if let Err(error) = agency.carry() {
                    eprintln!("{}: {error}", agency.own);
                }
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    println!(
        "{}",
        json!({ "consoles": urls, "password": seed::PASSWORD })
    );
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        match line.split_once(' ').unwrap_or((line.trim(), "")) {
            ("now", _) => {
                println!("{}", clock.now().0);
                continue;
            }
            ("identifiers", _) => {
                println!("{}", identifiers(&agencies));
                continue;
            }
            ("later", ms) => clock.later(ms.trim().parse()?),
            ("hub", state) => agencies[0]
                .hub
                .away
                .store(state.trim() == "away", Ordering::Relaxed),
            ("again", id) => agencies[0].hear_again(&id.trim().parse()?, false)?,
            ("more", id) => agencies[0].hear_again(&id.trim().parse()?, true)?,
            ("address", id) => {
                let desk = Desk(Arc::clone(&agencies[0]));
                println!("{}", rare::ask_for_address(&desk, id.trim().parse()?)?);
                continue;
            }
            ("state", word) => {
                for agency in &agencies {
                    let mut kept = partnership::lock(&agency.kept);
                    kept.states.insert(word.trim().to_owned());
                }
            }
            ("log", words) => tracing::info!("{words}"),
            _ => anyhow::bail!("this is none of the words that it knows"),
        }
        println!("done");
    }
    Ok(())
}

/// Every value of every record, and the names of the agencies, become attacks.
fn make_hostile(agencies: &mut [Agency]) {
    for agency in agencies {
        for person in agency.people.values_mut() {
            person.hostile = true;
        }
        for (place, member) in agency.agreement.members.iter_mut().enumerate() {
            member.name = records::attack(900 + place);
        }
    }
}

fn identifiers(agencies: &[Arc<Agency>]) -> serde_json::Value {
    let people = agencies.iter().flat_map(|a| a.people.values());
    let all: BTreeSet<String> = people.flat_map(records::Person::identifiers).collect();
    json!(all)
}
