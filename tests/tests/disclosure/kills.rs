use std::time::Duration;

use anyhow::ensure;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use crate::{
    alone,
    scene::{COUNCIL, DPO, OFFICER, POLICE, RELEASED, RELEASER, Scene},
};

const SEED: u64 = 7;

/// kill -9 of the hub and of both nodes, again and again while a disclosure is under way: nothing is
/// lost and nothing happens twice.
#[test]
fn kills_in_the_middle_of_a_disclosure_lose_nothing_and_double_nothing() -> anyhow::Result<()> {
    let _alone = alone();
    let mut scene = Scene::set()?;
    let mut chance = ChaCha20Rng::seed_from_u64(SEED);
    let mut kill = |scene: &mut Scene, parties: &[&str]| -> anyhow::Result<()> {
        for party in parties {
            std::thread::sleep(Duration::from_millis(chance.random_range(0..700)));
            scene.town.process(party)?.kill_9()?;
            scene.town.process(party)?.restart()?;
        }
        scene.town.until_up()
    };
    let case = scene.request()?;
    // While the two prove the match to each other and the request travels.
    kill(&mut scene, &[COUNCIL, "hub", POLICE, "hub", COUNCIL])?;
    scene.until_stage(RELEASER, &case, "sent")?;
    scene.insist(RELEASER, &json!({ "do": "acknowledge", "case": case }))?;
    kill(&mut scene, &["hub", COUNCIL, POLICE])?;
    scene.until_stage(OFFICER, &case, "acknowledged")?;
    scene.answer(&case)?;
    // Before, while and after the answer leaves.
    kill(&mut scene, &[COUNCIL, "hub", POLICE])?;
    scene.until_shown(RELEASER, &case, "as released", |view| {
        view["stage"] == "released" || view["stage"] == "received"
    })?;
    kill(&mut scene, &["hub", POLICE, COUNCIL])?;
    let received = scene.until_stage(OFFICER, &case, "received")?;
    ensure!(received.to_string().contains(RELEASED));
    scene.insist(
        DPO,
        &json!({ "do": "recall", "case": case, "reason": "inaccurate" }),
    )?;
    kill(&mut scene, &[COUNCIL, "hub", POLICE])?;
    scene.until_stage(OFFICER, &case, "recalled")?;

    // Each step once, at each side; one case, and nothing refused on arrival.
    for (person, expected) in [(OFFICER, 6), (RELEASER, 7)] {
        let view = scene.show(person, &case)?;
        let history = view["history"].as_array().cloned().unwrap_or_default();
        let mut words: Vec<String> = history.iter().map(|h| h["what"].to_string()).collect();
        println!("{person}: {words:?}");
        let all = words.len();
        words.sort();
        words.dedup();
        ensure!(all == words.len(), "a step of {person}'s file stands twice");
        ensure!(all >= expected, "steps of {person}'s file are missing");
        let list = scene.ask(person, json!({ "do": "list" }))?;
        ensure!(list.as_array().is_some_and(|l| l.len() == 1), "{list}");
        let alarms = scene.ask(person, json!({ "do": "alarms" }))?;
        ensure!(alarms == json!([]), "{alarms}");
    }
    Ok(())
}
