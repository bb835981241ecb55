use anyhow::ensure;
use serde_json::json;

use crate::{
    alone,
    scene::{APPROVER, DPO, OFFICER, POLICE, RELEASER, Scene},
};

/// Acceptance: a recall reaches a node that was off when it comes back, with proof.
#[test]
fn a_recall_reaches_a_node_that_was_off() -> anyhow::Result<()> {
    let _alone = alone();
    let mut scene = Scene::set()?;
    let case = scene.request()?;
    scene.until_stage(RELEASER, &case, "sent")?;
    scene.insist(RELEASER, &json!({ "do": "acknowledge", "case": case }))?;
    scene.answer(&case)?;
    scene.until_stage(OFFICER, &case, "received")?;

    scene.town.process(POLICE)?.stop()?;
    scene.insist(
        DPO,
        &json!({ "do": "recall", "case": case, "reason": "safety_of_person" }),
    )?;
    // The hub is started again as well while the police are off: it still has the recall.
    std::thread::sleep(std::time::Duration::from_secs(2));
    scene.town.restart("hub")?;
    let owner = scene.show(APPROVER, &case)?;
    ensure!(
        owner["stage"] == "recalled" && owner["destroyed"].is_null(),
        "{owner}"
    );

    scene.town.start(POLICE)?;
    scene.town.until_up()?;
    let recalled = scene.until_stage(OFFICER, &case, "recalled")?;
    ensure!(recalled["recalled"] == "safety_of_person", "{recalled}");
    ensure!(
        recalled["live"].is_null(),
        "it may still be used: {recalled}"
    );
    let read = json!({ "do": "release", "case": case, "format": "html" });
    ensure!(scene.ask(OFFICER, read).is_err(), "it is still read");
    scene.insist(
        OFFICER,
        &json!({ "do": "confirm_destruction", "case": case, "copies": 0 }),
    )?;
    scene.until_shown(APPROVER, &case, "as destroyed", |view| {
        view["destroyed"] == 0
    })?;
    Ok(())
}
