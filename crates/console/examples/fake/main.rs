//! Two consoles of a made-up partnership in one process, for looking at pages and for the browser tests: real cores
//! in memory, no network between the agencies, no disk.
//!
//! Prints one line of JSON with the addresses. Reads lines: `later MS` moves the clock on, `hub away` and
//! `hub back` take the hub away and bring it back, `now` tells the time; each is answered with a line. Ends with its input.
#![allow(clippy::expect_used)]

mod office;
mod overseer;
mod partnership;
mod records;
mod seed;

use std::{
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
    let clock = Arc::new(Clock::new());
    let mut agencies = found(&AGENCIES, &clock)?;
    for agency in &agencies {
        seed::staff(agency)?;
    }
    seed::matches(&mut agencies, count.min(250));
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
        let console = Console::new(Arc::new(Desk(Arc::clone(agency))), settings)?;
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
        match line?.split_once(' ').unwrap_or(("now", "")) {
            ("now", _) => {
                println!("{}", clock.now().0);
                continue;
            }
            ("later", ms) => clock.later(ms.trim().parse()?),
            ("hub", state) => agencies[0]
                .hub
                .away
                .store(state.trim() == "away", Ordering::Relaxed),
            _ => anyhow::bail!("say `now`, `later MS`, `hub away` or `hub back`"),
        }
        println!("done");
    }
    Ok(())
}
