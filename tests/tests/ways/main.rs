//! docs/integration.md word for word: the same 5,000 records by a folder, a database, HTTP and gRPC give the
//! same tokens at the hub, and delivering them by every way once more changes nothing.

mod agency;
mod hub;
mod page;
mod people;

use agency::{Agency, Way};
use anyhow::ensure;
use page::Page;
use sanctuary_tests::{Plan, Postgres, Town, python};

const RECORDS: usize = 5_000;
/// One agency for each way by which records come first.
const AGENCIES: [(&str, Way); 4] = [
    ("police", Way::Folder),
    ("council", Way::Database),
    ("charity", Way::Http),
    ("board", Way::Grpc),
];

#[test]
fn every_way_gives_the_same_tokens_and_twice_is_once() -> anyhow::Result<()> {
    let Some(python) = python("grpc_tools", &["grpcio", "grpcio-tools"])? else {
        return Ok(());
    };
    let Some(mut server) = Postgres::found()? else {
        return Ok(());
    };
    let page = Page::read()?;
    let names = AGENCIES.map(|(name, _)| name);
    // No round: what the hub makes of four times the same people is not what is looked at here.
    let mut town = Town::found(&Plan {
        agencies: &names,
        round_interval_ms: 3_600_000,
        ..Plan::default()
    })?;
    let authority = agency::certify(&mut server)?;
    let mut agencies = Vec::new();
    for (name, _) in AGENCIES {
        let agency = Agency::found(name, &page, &town, &server, &authority, &python)?;
        people::write(&agency.folder, RECORDS)?;
        agencies.push(agency);
        town.restart(name)?;
    }
    for (agency, (_, way)) in agencies.iter_mut().zip(AGENCIES) {
        agency.make_key()?;
        let told = agency.deliver(way, &town, &server, "")?;
        // A client that was cut off sends all again, and what was taken in before is unchanged then.
        println!(
            "{way:?}: {} new, {} taken in before a client's retry",
            told.0, told.1
        );
        ensure!(
            told.0 + told.1 == RECORDS as u64 && told.0 > 0,
            "{way:?} at {}: {told:?}",
            agency.name
        );
    }
    town.until_pushed()?;
    town.stop_all()?;
    let first = hub::Picture::of(&town)?;
    for name in names {
        let records = &first.tags[name];
        ensure!(records.len() == RECORDS, "{name}: {}", records.len());
        ensure!(
            *records == first.tags[names[0]],
            "{name} has other tokens at the hub"
        );
        let bare = records.values().filter(|tags| tags.is_empty()).count();
        ensure!(bare * 100 < RECORDS, "{bare} records have no token");
    }
    let tokens: usize = first.tags[names[0]].values().map(Vec::len).sum();
    println!("{RECORDS} records, {tokens} tokens, the same at the hub by every way; {first}");
    first.dummies_meet_nowhere()?;

    // Every way to every agency.
    town.start_all()?;
    for agency in &mut agencies {
        for (_, way) in AGENCIES {
            let told = agency.deliver(way, &town, &server, "-again")?;
            ensure!(
                told == (0, RECORDS as u64),
                "{way:?} at {}: {told:?}",
                agency.name
            );
        }
    }
    town.until_pushed()?;
    town.stop_all()?;
    let second = hub::Picture::of(&town)?;
    ensure!(first == second, "before: {first}; after: {second}");
    Ok(())
}
