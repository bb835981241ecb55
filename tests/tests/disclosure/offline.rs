use anyhow::{Context as _, ensure};
use sanctuary_casework::rights::SignedLetter;
use sanctuary_rpc::RosterWatch;
use sanctuary_trust::files::{Layout, load_anchors};
use serde_json::{Value, json};

use crate::{
    alone,
    scene::{APPROVER, COUNCIL, DPO, OFFICER, POLICE, RELEASED, RELEASER, Scene, proposal},
};

const CORRECTED: &str = "Seen boarding the ochre minibus at Wexcombe Cross every Tuesday";

/// A case that the council has answered and the police have received.
fn received(scene: &Scene) -> anyhow::Result<String> {
    let case = scene.request()?;
    scene.until_stage(RELEASER, &case, "sent")?;
    scene.insist(RELEASER, &json!({ "do": "acknowledge", "case": case }))?;
    scene.answer(&case)?;
    scene.until_stage(OFFICER, &case, "received")?;
    Ok(case)
}

/// The police's node is off while something leaves for it, and the hub is started again meanwhile.
fn while_off(
    scene: &mut Scene,
    act: impl FnOnce(&mut Scene) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    scene.town.process(POLICE)?.stop()?;
    act(scene)?;
    std::thread::sleep(std::time::Duration::from_secs(2));
    scene.town.restart("hub")?;
    scene.town.start(POLICE)?;
    scene.town.until_up()
}

/// Acceptance: a recall reaches a node that was off when it comes back, with proof.
#[test]
fn a_recall_reaches_a_node_that_was_off() -> anyhow::Result<()> {
    let _alone = alone();
    let mut scene = Scene::set()?;
    let case = received(&scene)?;
    // The hub is started again as well while the police are off: it still has the recall.
    while_off(&mut scene, |scene| {
        let recall = json!({ "do": "recall", "case": case, "reason": "safety_of_person" });
        scene.insist(DPO, &recall)?;
        let owner = scene.show(APPROVER, &case)?;
        ensure!(
            owner["stage"] == "recalled" && owner["destroyed"].is_null(),
            "{owner}"
        );
        Ok(())
    })?;
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

/// Acceptance: a correction, and after it the erasure of the record, reach a node that was off, and the
/// owner holds that agency's signed word for each.
#[test]
fn a_correction_and_an_erasure_reach_a_node_that_was_off_with_proof() -> anyhow::Result<()> {
    let _alone = alone();
    let mut scene = Scene::set()?;
    let case = received(&scene)?;
    let reference = reference(&scene, &case)?;

    let mut matter = String::new();
    while_off(&mut scene, |scene| {
        let note = "It was another day and another place";
        let correct = json!({ "do": "correct", "reference": reference, "note": note });
        matter = number(&scene.insist(DPO, &correct)?)?;
        let list = scene.ask(RELEASER, json!({ "do": "list" }))?;
        ensure!(list[0]["correction_due"] == true, "{list}");
        let mut proposal = proposal();
        proposal["report"]["items"][0]["value"] = json!(CORRECTED);
        let propose = json!({ "do": "propose", "case": case, "proposal": proposal });
        let digest = scene.insist(RELEASER, &propose)?["digest"].clone();
        let approve = json!({ "do": "approve", "case": case, "digest": digest });
        scene.insist(APPROVER, &approve)?;
        scene.until_stage(RELEASER, &case, "corrected")?;
        let open = scene.ask(DPO, json!({ "do": "matter", "matter": matter }))?;
        ensure!(
            open["done"].is_null(),
            "done before it was received: {open}"
        );
        Ok(())
    })?;
    let corrected = scene.until_stage(OFFICER, &case, "corrected")?.to_string();
    ensure!(
        corrected.contains(CORRECTED),
        "the correction did not arrive"
    );
    ensure!(
        !corrected.contains(RELEASED),
        "the wrong words are still there"
    );
    let done = until_done(&scene, &matter)?;
    ensure!(
        !done["copies"][0]["state"]["corrected"]["received"].is_null(),
        "{done}"
    );
    signed_by_police(&scene, &done)?;

    while_off(&mut scene, |scene| {
        let erase = json!({ "do": "erase", "reference": reference });
        matter = number(&scene.insist(DPO, &erase)?)?;
        let open = scene.ask(DPO, json!({ "do": "matter", "matter": matter }))?;
        ensure!(open["record_gone"] == true, "{open}");
        ensure!(
            open["done"].is_null(),
            "done before it was destroyed: {open}"
        );
        Ok(())
    })?;
    let recalled = scene.until_stage(OFFICER, &case, "recalled")?;
    ensure!(recalled["recalled"] == "erased", "{recalled}");
    let destroyed = json!({ "do": "confirm_destruction", "case": case, "copies": 0 });
    scene.insist(OFFICER, &destroyed)?;
    let left = scene.show(OFFICER, &case)?.to_string();
    ensure!(
        !left.contains(CORRECTED),
        "the police still hold the values"
    );
    let done = until_done(&scene, &matter)?;
    ensure!(
        done["copies"][0]["state"]["destroyed"]["copies"] == 0,
        "{done}"
    );
    let gone = done["alerts"].as_array().context("a list")?;
    ensure!(
        !gone.is_empty() && gone.iter().all(|alert| alert[1] == true),
        "{done}"
    );
    signed_by_police(&scene, &done)
}

/// The council's own reference of the record that the police asked about.
fn reference(scene: &Scene, case: &str) -> anyhow::Result<String> {
    let alert = scene.show(RELEASER, case)?["alert"].clone();
    let alerts = scene.town.node_json(COUNCIL, "alerts")?;
    let mut all = alerts.as_array().context("a list of alerts")?.iter();
    let found = all.find(|a| a["alert_id"] == alert).context("the alert")?;
    Ok(found["record"].as_str().context("a reference")?.to_owned())
}

fn number(opened: &Value) -> anyhow::Result<String> {
    Ok(opened["matter"].as_str().context("a matter")?.to_owned())
}

fn until_done(scene: &Scene, matter: &str) -> anyhow::Result<Value> {
    let ask = json!({ "do": "matter", "matter": matter });
    for _ in 0..200 {
        let view = scene.insist(DPO, &ask)?;
        if !view["done"].is_null() {
            return Ok(view);
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    anyhow::bail!("the matter is not done")
}

/// The proof checks under the police's key of the roster and under nobody else's.
fn signed_by_police(scene: &Scene, matter: &Value) -> anyhow::Result<()> {
    let proof = matter["copies"][0]["proof"].clone();
    let proof: SignedLetter = serde_json::from_value(proof).context("a proof")?;
    let layout = Layout(scene.town.path("town"));
    let watch = RosterWatch::open(&layout.roster(), load_anchors(&layout.anchors())?, None)?;
    let roster = watch.current();
    let key = |name: &str| -> anyhow::Result<[u8; 32]> {
        let party = roster.party(&name.parse()?).context("on the roster")?;
        Ok(party.signing_key)
    };
    ensure!(proof.check(&key(POLICE)?), "the police did not sign it");
    ensure!(!proof.check(&key(COUNCIL)?), "anybody's key will do");
    let mut altered = proof;
    altered.letter = altered.letter.replace('7', "6");
    ensure!(
        !altered.check(&key(POLICE)?),
        "an altered word still checks"
    );
    Ok(())
}
