//! What leaves a node towards people and other programs: notices that say nothing of anybody, and exports
//! with names on the own side only.

use std::{
    collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command,
};

use anyhow::{Context as _, ensure};
use sanctuary_lab::{
    demo,
    leak::{Identifiers, Searcher},
};
use sanctuary_tests::Said;
use serde_json::{Value, json};

use crate::{
    alone,
    captured::Captured,
    scene::{AUTHORISER, COUNCIL, OFFICER, POLICE, RELEASED, RELEASER, Scene},
};

/// Everything that a node sends over every channel while a request is made and answered.
#[test]
fn notices_say_that_something_waits_and_nothing_else() -> anyhow::Result<()> {
    let _alone = alone();
    let mut scene = Scene::set()?;
    let captured = Captured::open(&scene.town)?;
    for agency in [POLICE, COUNCIL] {
        scene.town.configure(agency, &captured.config())?;
        scene.town.restart(agency)?;
    }
    let page = scene.ask_of(OFFICER, "review", json!({ "do": "list" }))?;
    let line = &page["lines"][0];
    let assign = json!({ "alerts": [[line["alert"], line["version"]]], "to": OFFICER });
    scene.ask_of(
        OFFICER,
        "review",
        json!({ "do": "assign", "assign": assign }),
    )?;
    // Before it is decided: what nobody needs to look at any more is told to nobody.
    captured.until("sanctuary.notice.possible_match")?;
    captured.until_on("mail", "Subject: 1 possible match for you")?;
    let case = scene.request()?;
    scene.until_stage(RELEASER, &case, "sent")?;
    captured.until("sanctuary.notice.request")?;
    scene.insist(RELEASER, &json!({ "do": "acknowledge", "case": case }))?;
    scene.answer(&case)?;
    scene.until_stage(OFFICER, &case, "received")?;
    for (channel, what) in [
        ("webhook", "sanctuary.notice.approval"),
        ("webhook", "sanctuary.notice.answer"),
        ("syslog", "sanctuary-node - answer [notice@32473"),
    ] {
        captured.until_on(channel, what)?;
    }
    let bytes = captured.everything();
    let searcher = searcher(&scene)?;
    let found = searcher.in_bytes("notices", &bytes);
    ensure!(found.is_empty(), "something of a record left: {found:?}");
    the_search_can_fail(&scene, &searcher, &bytes)?;
    only_known_ids(&scene, &case, &bytes)
}

/// The values of both agencies' files, the free texts, references and pseudonyms.
fn searcher(scene: &Scene) -> anyhow::Result<Searcher> {
    let files = scene.files();
    let mut identifiers = demo::identifiers(scene.folder(), &files.made().agencies)?;
    identifiers.add(RELEASED);
    for agency in [POLICE, COUNCIL] {
        for alert in alerts(scene, agency)? {
            identifiers.add(alert["own"].as_str().context("a pseudonym")?);
            add(&mut identifiers, &alert["record"]);
            add(&mut identifiers, &alert["names"]);
        }
    }
    println!("{} values are looked for", identifiers.len());
    ensure!(identifiers.len() > 300);
    Searcher::new(&identifiers)
}

fn add(identifiers: &mut Identifiers, value: &Value) {
    value.as_str().into_iter().for_each(|v| identifiers.add(v));
}

fn alerts(scene: &Scene, agency: &str) -> anyhow::Result<Vec<Value>> {
    let alerts = scene.town.node_json(agency, "alerts")?;
    Ok(alerts.as_array().context("a list")?.clone())
}

fn the_search_can_fail(scene: &Scene, searcher: &Searcher, bytes: &[u8]) -> anyhow::Result<()> {
    let alert = alerts(scene, POLICE)?
        .into_iter()
        .next()
        .context("an alert")?;
    for value in [&alert["own"], &alert["names"]] {
        let mut spoilt = bytes.to_vec();
        let middle = spoilt.len() / 2;
        let planted = value.as_str().context("a value")?.bytes();
        spoilt.splice(middle..middle, planted);
        let found = searcher.in_bytes("planted", &spoilt);
        ensure!(!found.is_empty(), "a planted value is not found");
    }
    Ok(())
}

/// Long hexadecimal numbers name an alert, the case, or a notice itself: no token, no pseudonym.
fn only_known_ids(scene: &Scene, case: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let text = String::from_utf8_lossy(bytes).replace("=\r\n", "");
    let mut known = BTreeSet::from([case.to_owned()]);
    for agency in [POLICE, COUNCIL] {
        for alert in alerts(scene, agency)? {
            known.extend(alert["alert_id"].as_str().map(str::to_owned));
        }
    }
    for id in text.split("webhook-id: ").skip(1) {
        known.extend(id.get(..32).map(str::to_owned));
    }
    let words = text.split(|c: char| !c.is_ascii_hexdigit());
    let long: BTreeSet<&str> = words.filter(|w| w.len() >= 24).collect();
    let unknown: Vec<_> = long.iter().filter(|w| !known.contains(**w)).collect();
    ensure!(!long.is_empty() && unknown.is_empty(), "{unknown:?}");
    Ok(())
}

/// Files for other programs: who may, what is in them, and that the log has them.
#[test]
fn exports_carry_names_of_own_records_only_and_are_logged() -> anyhow::Result<()> {
    let _alone = alone();
    let mut scene = Scene::set()?;
    scene.town.prepend(
        POLICE,
        "case_url = \"https://cases.police.example/{reference}\"\n",
    )?;
    scene.town.restart(POLICE)?;
    let case = scene.request()?;
    scene.until_stage(RELEASER, &case, "sent")?;
    scene.insist(RELEASER, &json!({ "do": "acknowledge", "case": case }))?;
    scene.answer(&case)?;
    scene.until_stage(OFFICER, &case, "received")?;
    let before = logged(&scene)?;

    let table = scene.export(OFFICER, &["alerts", "--format", "csv"], "alerts.csv")?;
    ensure!(table.code == Some(0), "{table:?}");
    let path = scene.town.path("alerts.csv");
    ensure!(fs::metadata(&path)?.permissions().mode() & 0o777 == 0o600);
    let mut rows = csv::Reader::from_path(&path)?;
    let columns = rows.headers()?.clone();
    let place = |name: &str| columns.iter().position(|c| c == name).context("a column");
    let (names, link) = (place("own_names")?, place("own_link")?);
    let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>()?;
    ensure!(rows.len() == alerts(&scene, POLICE)?.len() && !rows.is_empty());
    ensure!(rows.iter().all(|r| !r[names].is_empty()));
    ensure!(
        rows.iter()
            .all(|r| r[link].starts_with("https://cases.police.example/"))
    );
    let again = scene.export(OFFICER, &["alerts", "--format", "csv"], "alerts.csv")?;
    ensure!(again.code == Some(2), "nothing is written over: {again:?}");

    chart_is_read(&scene)?;

    let releases = scene.export(OFFICER, &["disclosures", "--format", "ndjson"], "r.ndjson")?;
    ensure!(releases.code == Some(0), "{releases:?}");
    let text = fs::read_to_string(scene.town.path("r.ndjson"))?;
    let row: Value = serde_json::from_str(text.lines().next().context("a row")?)?;
    ensure!(
        row["value"] == RELEASED && row["marking"] == "OFFICIAL-SENSITIVE",
        "{row}"
    );
    ensure!(
        row["handling"] == "P" && row["onward"] == "ask_first" && row["destroy_by"].is_string()
    );
    ensure!(row["code_of_copy"].is_string() && row["not_for"] == "immigration enforcement");
    let copies = scene.show(OFFICER, &case)?["copies"].clone();
    ensure!(copies.as_array().is_some_and(|c| c.len() == 1), "{copies}");

    let refused = scene.export(AUTHORISER, &["disclosures", "--format", "csv"], "no.csv")?;
    ensure!(
        refused.code == Some(1) && !scene.town.path("no.csv").exists(),
        "{refused:?}"
    );
    let form = scene.export(OFFICER, &["alerts", "--format", "i2"], "no")?;
    ensure!(form.code == Some(1), "{form:?}");
    let after = logged(&scene)?;
    ensure!(
        after >= before + 5,
        "{after} entries of exports after {before}"
    );
    Ok(())
}

fn logged(scene: &Scene) -> anyhow::Result<usize> {
    let receipts = scene.town.node_json(POLICE, "receipts")?;
    let receipts = receipts.as_array().context("a list")?;
    Ok(receipts.iter().filter(|r| r["kind"] == "disclose").count())
}

/// By the reader of another program, in each of the chart's forms.
fn chart_is_read(scene: &Scene) -> anyhow::Result<()> {
    for (format, name) in [("graphml", "c.graphml"), ("json", "c.json"), ("i2", "c")] {
        let said = scene.export(OFFICER, &["chart", "--format", format], name)?;
        ensure!(said.code == Some(0), "{said:?}");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disclosure/read_chart.py");
    let read = Command::new("python3")
        .arg(script)
        .args(["c.graphml", "c.json", "c"].map(|name| scene.town.path(name)))
        .output();
    let Ok(read) = read else {
        eprintln!("SKIPPED: the chart was not read by another program; install python3");
        return Ok(());
    };
    let said = Said::from(read);
    ensure!(said.code == Some(0), "{said:?}");
    let counts: Value = serde_json::from_str(&said.out)?;
    ensure!(counts["edges"] == alerts(scene, POLICE)?.len(), "{counts}");
    ensure!(
        counts["names_of_others"] == 0 && counts["own"].as_u64() > Some(0),
        "{counts}"
    );
    Ok(())
}
