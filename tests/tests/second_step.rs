//! The second step with real programs: nodes compare what the hub chooses, over the hub, and both
//! agencies hear what came of it.

use anyhow::ensure;
use sanctuary_tests::{Files, Plan, Town};
use serde_json::Value;

const RECORDS: usize = 300;
const SEED: u64 = 3;

#[test]
fn nodes_compare_doubtful_pairs_until_none_waits() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let files = Files::make(folder.path(), RECORDS, 2, SEED)?;
    let town = Town::found(&Plan {
        agencies: &files.names(),
        universe_records: files.rows() as u64,
        second_step: true,
        ..Plan::default()
    })?;
    files.import(&town)?;
    town.until_pushed()?;
    let agency = files.names()[0];
    let count = |town: &Town, name: &str| -> u64 {
        let status = town.hub_json(agency).unwrap_or_default();
        status[name].as_u64().unwrap_or_default()
    };
    town.until("some comparisons to be done", |t| {
        count(t, "comparisons_done") > 0 && count(t, "comparisons_waiting") == 0
    })?;
    town.until_quiet()?;
    let (done, refused) = (
        count(&town, "comparisons_done"),
        count(&town, "comparisons_refused"),
    );
    println!("{done} comparisons done, {refused} refused");
    ensure!(done > refused, "most comparisons are refused");
    for agency in files.names() {
        let alerts = town.node_json(agency, "alerts")?;
        let shown = alerts.as_array().into_iter().flatten();
        let spelling = shown.filter(|alert| has_evidence(alert, "name_spelling"));
        ensure!(
            spelling.count() > 0,
            "{agency} hears nothing of what was compared"
        );
    }
    Ok(())
}

fn has_evidence(alert: &Value, kind: &str) -> bool {
    let lines = alert["evidence"].as_array().into_iter().flatten();
    lines.into_iter().any(|line| line["kind"] == kind)
}
