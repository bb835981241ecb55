//! kill -9 at random moments: everything acknowledged is there, nothing twice, and the alerts are
//! those of a run that nothing disturbed.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use rand::{RngExt as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha20Rng;
use sanctuary_tests::{Alert, Audit, Files, HOLDERS, Plan, Said, Town};
use sanctuary_types::AlertId;

const RECORDS: usize = 20_000;
const AGENCIES: usize = 3;
/// Of the hub, of a node and of a key holder.
const KILLS_EACH: usize = 20;
/// Chooses the people, the order of the kills and their moments.
const SEED: u64 = 5;
/// The kills take this share of the time that the push took by itself, so that the last one falls
/// into the push, which the kills make longer, even when this machine has less to do meanwhile.
const KILLING_SHARE: f64 = 0.6;

/// Two runs are compared by the time they take: nothing else may run beside them.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn kills_at_random_moments_lose_nothing_and_change_nothing() -> anyhow::Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir()?;
    let files = Files::make(folder.path(), RECORDS, AGENCIES, SEED)?;
    let mut town = Town::found(&Plan {
        agencies: &files.names(),
        universe_records: files.rows() as u64,
        ..Plan::default()
    })?;
    town.stop_all()?;
    // Without key holders everything stays untokenised, and both runs start from the same disk.
    let accepted = files.import(&town)?;
    town.keep()?;
    println!(
        "{} rows at {AGENCIES} agencies, {accepted} records take part",
        files.rows()
    );

    let started = Instant::now();
    town.start_all()?;
    town.until_pushed()?;
    let push = started.elapsed();
    town.until_quiet()?;
    town.stop_all()?;
    let calm = Audit::of(&town)?;
    report("undisturbed", &calm, push);
    check("undisturbed", &calm)?;
    ensure!(calm.alerts.len() > 1_000, "too few alerts to compare");

    town.put_back()?;
    let started = Instant::now();
    town.start_all()?;
    let moments = kill(&mut town, push)?;
    let all_batches: u64 = calm.hub.values().map(|(_, batches)| batches).sum();
    let at_last_kill = batches(&town)?;
    println!("at the last kill the hub held {at_last_kill} of {all_batches} batches");
    let outcome = (|| {
        ensure!(
            at_last_kill < all_batches,
            "the push was over before the last kill"
        );
        town.until_up()?;
        town.until_pushed()?;
        let push = started.elapsed();
        town.until_quiet()?;
        town.stop_all()?;
        let killed = Audit::of(&town)?;
        report("with kills", &killed, push);
        check("with kills", &killed)?;
        compare_tokens(&calm, &killed)?;
        ensure!(
            calm.hub == killed.hub,
            "the hub holds other numbers of postings or batches: {:?} and undisturbed {:?}",
            killed.hub,
            calm.hub
        );
        compare_alerts(&calm, &killed)
    })();
    if outcome.is_err() {
        println!("seed {SEED}; killed at: {}", moments.join(", "));
    }
    outcome
}

/// Rows of the import that is killed, and kills on average while it runs.
const IMPORTED: usize = 4_000;
const KILLS_OF_AN_IMPORT: f64 = 4.0;
/// Each kill makes it longer and so makes room for another.
const KILLS_OF_AN_IMPORT_MAX: u32 = 20;

/// An import through the running daemon, which is killed meanwhile: every row is imported, none
/// twice, and the tokens are those of an undisturbed import. They would not be if a daemon that
/// starts again made tokens before it has gone on with the import: what is rare enough to be made
/// a token of depends on all records.
#[test]
fn kills_during_an_import_change_nothing_either() -> anyhow::Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir()?;
    let files = Files::make(folder.path(), IMPORTED, 2, SEED)?;
    let mut town = Town::found(&Plan {
        agencies: &files.names(),
        universe_records: files.rows() as u64,
        ..Plan::default()
    })?;
    town.stop_all()?;
    town.keep()?;

    town.start_all()?;
    let started = Instant::now();
    let accepted = files.import(&town)?;
    let import = started.elapsed();
    town.until_pushed()?;
    town.until_quiet()?;
    town.stop_all()?;
    let calm = Audit::of(&town)?;
    report("undisturbed", &calm, started.elapsed());
    check("undisturbed", &calm)?;

    town.put_back()?;
    town.start_all()?;
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let mean_ms = import.as_millis() as f64 / KILLS_OF_AN_IMPORT;
    let (mut accepted_with_kills, mut kills) = (0, 0);
    for (agency, _) in &files.agencies {
        let mapping = files.mapping(agency).display().to_string();
        let csv = files.csv(agency).display().to_string();
        let summary = town.path(&format!("{agency}-summary.json"));
        let (config, json) = (town.config(agency), summary.display().to_string());
        let importing = std::thread::spawn(move || {
            let config = config.display().to_string();
            let args = ["import", "--config", &config, "--mapping", &mapping, &csv];
            Said::by("sanctuary-node", &[&args[..], &["--json", &json]].concat())
        });
        let mut left = KILLS_OF_AN_IMPORT_MAX;
        while left > 0 && !importing.is_finished() {
            let wait = rng.random_range(0.0..2.0 * mean_ms);
            std::thread::sleep(Duration::from_millis(wait as u64));
            let process = town.process(agency)?;
            process.kill_9()?;
            process.restart()?;
            left -= 1;
            kills += 1;
        }
        let said = importing.join().ok().context("the import")??;
        ensure!(said.code == Some(0), "seed {SEED}: {said:?}");
        let summary: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(summary)?)?;
        accepted_with_kills += summary[0]["accepted"].as_u64().unwrap_or(0);
    }
    println!(
        "{kills} kills during imports that take {:.1} s",
        import.as_secs_f64()
    );
    ensure!(kills >= 2 && accepted == accepted_with_kills);
    town.until_up()?;
    town.until_pushed()?;
    town.until_quiet()?;
    town.stop_all()?;
    let killed = Audit::of(&town)?;
    report("with kills", &killed, started.elapsed());
    check("with kills", &killed)?;
    compare_tokens(&calm, &killed)?;
    compare_alerts(&calm, &killed)
}

/// Kills and restarts until every kind of daemon has been killed often enough; gives who and when.
fn kill(town: &mut Town, push: Duration) -> anyhow::Result<Vec<String>> {
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let agencies = town.agencies().to_vec();
    let mut victims: Vec<String> = Vec::new();
    for _ in 0..KILLS_EACH {
        victims.push("hub".to_owned());
        victims.push(agencies[rng.random_range(0..agencies.len())].clone());
        victims.push(HOLDERS[rng.random_range(0..HOLDERS.len())].to_owned());
    }
    victims.shuffle(&mut rng);
    let mean_ms = push.as_millis() as f64 * KILLING_SHARE / victims.len() as f64;
    let started = Instant::now();
    let mut moments = Vec::new();
    for victim in victims {
        let wait = rng.random_range(0.0..2.0 * mean_ms);
        std::thread::sleep(Duration::from_millis(wait as u64));
        let process = town.process(&victim)?;
        process.kill_9()?;
        process.restart()?;
        moments.push(format!("{victim} {} ms", started.elapsed().as_millis()));
    }
    println!(
        "{} kills in {:.1} s, one in {mean_ms:.0} ms on average",
        moments.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(moments)
}

/// Batches that the hub holds, as soon as it answers.
fn batches(town: &Town) -> anyhow::Result<u64> {
    let mut all = 0;
    town.until("the hub to answer after the last kill", |t| {
        let status = t.agencies().iter().map(|agency| t.hub_json(agency));
        let Ok(status) = status.collect::<anyhow::Result<Vec<_>>>() else {
            return false;
        };
        all = status.iter().filter_map(|s| s["batches"].as_u64()).sum();
        true
    })?;
    Ok(all)
}

fn report(run: &str, audit: &Audit, push: Duration) {
    let tokens: usize = audit.tokens.values().map(Vec::len).sum();
    println!(
        "{run}: pushed in {:.1} s; {} records published with {tokens} tokens; postings and batches \
         at the hub {:?}; {} alerts stand, {} came and went",
        push.as_secs_f64(),
        audit.tokens.len(),
        audit.hub,
        audit.alerts.len(),
        audit.lapsed
    );
}

/// What must hold after any run.
fn check(run: &str, audit: &Audit) -> anyhow::Result<()> {
    audit.nothing_lost().context(run.to_owned())?;
    ensure!(
        audit.untold == Default::default(),
        "{run}: the hub had not settled: {:?}",
        audit.untold
    );
    Ok(())
}

fn compare_tokens(calm: &Audit, killed: &Audit) -> anyhow::Result<()> {
    let differing = calm
        .tokens
        .iter()
        .filter(|(record, tokens)| killed.tokens.get(record) != Some(tokens))
        .count();
    ensure!(
        differing == 0 && calm.tokens.len() == killed.tokens.len(),
        "{differing} records have other tokens than undisturbed, and {} records are published, not {}",
        killed.tokens.len(),
        calm.tokens.len()
    );
    Ok(())
}

fn compare_alerts(calm: &Audit, killed: &Audit) -> anyhow::Result<()> {
    let (calm, killed) = (comparable(&calm.alerts), comparable(&killed.alerts));
    let lost: Vec<_> = calm.difference(&killed).take(5).collect();
    let new: Vec<_> = killed.difference(&calm).take(5).collect();
    ensure!(
        calm == killed,
        "{} alerts are missing, such as {lost:?}, and {} are new, such as {new:?}",
        calm.difference(&killed).count(),
        killed.difference(&calm).count()
    );
    println!("{} alerts are the same", calm.len());
    Ok(())
}

/// Alerts as far as they may not depend on who pushed first. Of two owner-first records the owner
/// of the one that came first hears; two concurrent pushes may come in either order. Such an alert
/// is told to one side only, so of every alert that one side alone has, it is left open which.
fn comparable(alerts: &BTreeSet<Alert>) -> BTreeSet<String> {
    let mut sides: HashMap<AlertId, u32> = HashMap::new();
    for alert in alerts {
        *sides.entry(alert.id).or_default() += 1;
    }
    alerts
        .iter()
        .map(|alert| match sides[&alert.id] {
            1 => format!("{} {} {} {}", alert.id, alert.kind, alert.band, alert.state),
            _ => format!("{alert:?}"),
        })
        .collect()
}
