//! A record's life under kill -9: while it is updated, and while what it was before is taken out of the
//! files, nothing is lost, nothing is there twice, and no record is half updated.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, ensure};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use sanctuary_tests::{Audit, Plan, Said, Town};

const AGENCIES: [&str; 2] = ["police", "council"];
const PEOPLE: usize = 300;
/// Of each node and of the hub.
const KILLS: usize = 20;
const SEED: u64 = 11;
/// A kill falls this long after the one before, on average.
const MEAN_MS: f64 = 350.0;

const MAPPING: &str = "version = 1\nrecord_id = \"id\"\n[fields]\nforenames = \"f\"\nsurnames = \"s\"\n\
    date_of_birth = \"d\"\nphone = \"p\"\n[record]\nrole = \"potential_victim\"\n\
    basis = \"safeguarding\"\nvisibility = \"open\"\n";

#[test]
fn kills_during_update_and_purge_leave_every_record_whole() -> anyhow::Result<()> {
    let mut town = Town::found(&Plan {
        agencies: &AGENCIES,
        universe_records: 2 * PEOPLE as u64,
        ..Plan::default()
    })?;
    town.stop_all()?;
    for party in AGENCIES.into_iter().chain(["hub"]) {
        // Whatever is erased is to leave the files at once: every round and every start purges.
        town.configure(party, "purge_within_hours = 0\n")?;
    }
    let (first, second) = (file(&town, "first", false)?, file(&town, "second", true)?);
    let mapping = town.path("people.toml");
    std::fs::write(&mapping, MAPPING)?;
    town.start_all()?;
    for agency in AGENCIES {
        let summary = town.import(agency, &mapping, &first)?;
        ensure!(summary["new"] == PEOPLE, "{summary}");
    }
    town.until_pushed()?;
    town.until_quiet()?;
    town.stop_all()?;
    town.keep()?;

    town.start_all()?;
    for agency in AGENCIES {
        let summary = town.import(agency, &mapping, &second)?;
        ensure!(summary["changed"] == PEOPLE / 2, "{summary}");
    }
    let calm = finish(&mut town)?;
    ensure!(
        calm.alerts.len() >= PEOPLE / 2,
        "{} alerts",
        calm.alerts.len()
    );

    town.put_back()?;
    town.start_all()?;
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    for agency in AGENCIES {
        let config = town.config(agency).display().to_string();
        let (mapping, csv) = (mapping.display().to_string(), second.display().to_string());
        let importing = std::thread::spawn(move || {
            let args = ["import", "--config", &config, "--mapping", &mapping, &csv];
            Said::by("sanctuary-node", &args)
        });
        for _ in 0..KILLS {
            for party in [agency, "hub"] {
                let wait = rng.random_range(0.0..MEAN_MS);
                std::thread::sleep(Duration::from_millis(wait as u64));
                let process = town.process(party)?;
                process.kill_9()?;
                process.restart()?;
            }
        }
        let said = importing.join().ok().context("the import")??;
        ensure!(said.code == Some(0), "seed {SEED}: {said:?}");
    }
    town.until_up()?;
    let killed = finish(&mut town)?;
    let generations = |party: &str, store: &str| -> anyhow::Result<u64> {
        let path = town
            .party(party)
            .join("data")
            .join(store)
            .join("generation");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(text.trim().parse()?)
    };
    let (of_hub, of_node) = (generations("hub", "log")?, generations("police", "store")?);
    println!(
        "{} kills; {} records; the hub's log was rewritten {of_hub} times, a node's store {of_node} times",
        2 * KILLS * AGENCIES.len(),
        killed.tokens.len()
    );
    ensure!(of_hub > 2 && of_node > 2, "nothing was purged");
    ensure!(calm.tokens == killed.tokens, "records have other tokens");
    let lost: Vec<_> = calm.alerts.difference(&killed.alerts).take(3).collect();
    let new: Vec<_> = killed.alerts.difference(&calm.alerts).take(3).collect();
    ensure!(
        calm.alerts == killed.alerts,
        "alerts differ: missing {lost:?}, new {new:?}"
    );
    Ok(())
}

/// Waits until everything is where it belongs, ends the daemons and reads what they have on disk.
fn finish(town: &mut Town) -> anyhow::Result<Audit> {
    town.until_pushed()?;
    town.until_quiet()?;
    town.stop_all()?;
    let audit = Audit::of(town)?;
    audit.nothing_lost()?;
    Ok(audit)
}

/// The same people for both agencies; in the updated file every other one has another telephone and
/// another family name.
fn file(town: &Town, name: &str, updated: bool) -> anyhow::Result<PathBuf> {
    let part = |n: usize| ["ba", "do", "ki", "mu", "re", "sa", "ti", "vo", "lan", "per"][n % 10];
    let mut text = "id,f,s,d,p\n".to_owned();
    for i in 0..PEOPLE {
        let changed = updated && i % 2 == 0;
        let shift = if changed { 5_000 } else { 0 };
        let family = if changed { "son" } else { "ley" };
        text.push_str(&format!(
            "r{i},{}{}n,{}{}{family},19{:02}-{:02}-{:02},07700 9{:05}\n",
            part(i),
            part(i / 10),
            part(i / 3),
            part(i / 7),
            50 + i % 50,
            1 + i % 12,
            2 + i % 26,
            i + shift,
        ));
    }
    let path = town.path(&format!("{name}.csv"));
    std::fs::write(&path, text)?;
    Ok(path)
}
