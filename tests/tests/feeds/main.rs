//! Folders that a node watches: kill -9 at random moments, and the brake on full snapshots.

mod place;

use std::{collections::BTreeMap, time::Duration};

use anyhow::ensure;
use place::Place;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

const KILLS: usize = 20;
const SEED: u64 = 6;
/// Rows of one file, and how far each file's rows begin after those of the one before.
const ROWS: usize = 900;
const AHEAD: usize = 100;
const FILES_A_KILL: usize = 2;
/// A kill falls this long after the daemon is at work, on average.
const MEAN_MS: u64 = 250;

/// Every file is imported, in the order in which it came, and none stops the others: of each record
/// stands what the last file said of it, however often the daemon was killed meanwhile.
#[test]
fn kills_while_files_come_in_lose_nothing_and_change_nothing() -> anyhow::Result<()> {
    let mut place = Place::found("delta")?;
    place.start()?;
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let mut expected = BTreeMap::new();
    let (mut good, mut bad, mut unfinished) = (0, 0, 0);
    for kill in 0..KILLS {
        for _ in 0..FILES_A_KILL {
            let rows = good * AHEAD..good * AHEAD + ROWS;
            expected.extend(
                rows.clone()
                    .map(|n| (format!("r{n}"), place::names(n, good))),
            );
            place.put(&format!("{good:03}.csv"), &place::rows(rows, good))?;
            good += 1;
        }
        if kill % 5 == 0 {
            place.put(&format!("{kill:03}-bad.csv"), "what,is\nthis,file\n")?;
            bad += 1;
        }
        place.until_up()?;
        let wait = rng.random_range(0..2 * MEAN_MS);
        std::thread::sleep(Duration::from_millis(wait));
        place.kill()?;
        unfinished += usize::from(place.files("processing")?.len() == 1);
        place.restart()?;
    }
    place.until_settled(good, bad)?;
    println!("{KILLS} kills, {unfinished} with a file claimed; {good} files, {bad} bad ones");
    ensure!(unfinished >= 3, "seed {SEED}: hardly a kill met a file");
    place.stop()?;
    let standing = place.standing()?;
    ensure!(
        standing == expected,
        "{} records stand, {} should",
        standing.len(),
        expected.len()
    );
    ensure!(place.files("processing")?.is_empty());
    for (name, text) in place.summaries("rejected")? {
        ensure!(name.contains("-bad.csv") && text["problem"].is_string());
    }
    for (_, text) in place.summaries("processed")? {
        ensure!(text["rows"] == ROWS && text["rejected"] == 0, "{text}");
    }
    Ok(())
}

#[test]
fn a_snapshot_that_lacks_too_much_changes_nothing_until_a_person_lets_it_through()
-> anyhow::Result<()> {
    let mut place = Place::found("full")?;
    place.start()?;
    place.put("1.csv", &place::rows(0..500, 0))?;
    place.until_settled(1, 0)?;
    place.put("2.csv", &place::rows(300..510, 0))?;
    place.until_settled(1, 1)?;
    ensure!(place.records()? == 500, "nothing changed");
    let (_, summary) = place.summaries("rejected")?.remove(0);
    let problem = summary["problem"].as_str().unwrap_or_default();
    println!("{problem}");
    ensure!(problem.contains("300 of the feed's 500 records"));
    place.allow(300)?;
    place.put_back("2.csv")?;
    place.until_settled(2, 0)?;
    ensure!(
        place.records()? == 210,
        "withdrawn, and the new ones are there"
    );
    // It was for once.
    place.put("3.csv", &place::rows(0..100, 0))?;
    place.until_settled(2, 1)?;
    ensure!(place.records()? == 210);
    place.stop()?;
    ensure!(place.standing()?.len() == 210);
    Ok(())
}
