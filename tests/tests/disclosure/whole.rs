use anyhow::ensure;
use serde_json::json;

use crate::{
    alone,
    scene::{APPROVER, DPO, ENQUIRY, OFFICER, PHONE, RELEASED, RELEASER, REPORT, Scene},
};

/// From a possible match to a release, its recall, and the destruction of every copy.
#[test]
fn a_disclosure_from_the_match_to_the_recall() -> anyhow::Result<()> {
    let _alone = alone();
    let scene = Scene::set()?;
    let case = scene.request()?;
    let arrived = scene.until_stage(RELEASER, &case, "sent")?;
    ensure!(arrived["request"]["enquiry"] == ENQUIRY, "{arrived}");
    ensure!(arrived["side"] == "owner" && arrived["other"] == "police");
    scene.ask(RELEASER, json!({ "do": "acknowledge", "case": case }))?;
    scene.until_stage(OFFICER, &case, "acknowledged")?;

    // A question, and its reply.
    let question = json!({ "do": "ask", "case": case, "text": "Which car wash is meant?" });
    scene.ask(RELEASER, question)?;
    scene.until_stage(OFFICER, &case, "clarification")?;
    let reply = json!({ "do": "clarify", "case": case, "text": "The one behind the station." });
    scene.ask(OFFICER, reply)?;
    scene.until_stage(RELEASER, &case, "acknowledged")?;

    // One person alone releases nothing.
    let alone = json!({ "do": "approve", "case": case, "digest": "00" });
    ensure!(scene.ask(RELEASER, alone).is_err());
    scene.answer(&case)?;
    let received = scene.until_stage(OFFICER, &case, "received")?;
    let text = received.to_string();
    ensure!(text.contains(RELEASED) && text.contains(REPORT) && text.contains(PHONE));
    let page = json!({ "do": "release", "case": case, "format": "pdf" });
    let page = scene.ask(OFFICER, page)?;
    let bytes = hex::decode(page["bytes"].as_str().unwrap_or_default())?;
    ensure!(bytes.starts_with(b"%PDF"), "{}", page["file_name"]);
    // The receipt has come back.
    scene.until_stage(APPROVER, &case, "received")?;

    let hub = scene.town.hub_json("council")?;
    println!("the hub's figures: {hub}");
    let recall = json!({ "do": "recall", "case": case, "reason": "inaccurate" });
    scene.ask(DPO, recall)?;
    let recalled = scene.until_stage(OFFICER, &case, "recalled")?;
    ensure!(recalled["recalled"] == "inaccurate", "{recalled}");
    let read = json!({ "do": "release", "case": case, "format": "html" });
    let refused = scene.ask(OFFICER, read);
    ensure!(refused.is_err(), "a recalled release is still read");
    let destroyed = json!({ "do": "confirm_destruction", "case": case, "copies": 1 });
    scene.ask(OFFICER, destroyed)?;
    scene.until_shown(APPROVER, &case, "as destroyed", |view| {
        view["destroyed"] == 1
    })?;
    let alarms = scene.ask(DPO, json!({ "do": "alarms" }))?;
    ensure!(alarms == json!([]), "{alarms}");
    Ok(())
}

/// After its last day nothing may be asked, and the message says which day that was.
#[test]
fn an_expired_agreement_stops_everything_with_its_date() -> anyhow::Result<()> {
    let _alone = alone();
    let scene = Scene::set()?;
    let case = scene.request()?;
    scene.until_stage(RELEASER, &case, "sent")?;
    scene.ask(RELEASER, json!({ "do": "acknowledge", "case": case }))?;
    let ended = std::cell::RefCell::new(String::new());
    scene.agree(|agreement| {
        agreement.version = 2;
        agreement.in_force.0 -= 20;
        agreement.made.0 -= 20;
        agreement.review = sanctuary_policy::Day(agreement.in_force.0 + 5);
        agreement.expires = sanctuary_policy::Day(agreement.in_force.0 + 10);
        *ended.borrow_mut() = agreement.expires.long();
    })?;
    let ended = ended.into_inner();
    // Both nodes look for a newer one each 200 milliseconds.
    std::thread::sleep(std::time::Duration::from_secs(5));
    let question = json!({ "do": "ask", "case": case, "text": "Which car wash is meant?" });
    for (person, act) in [(RELEASER, question), (OFFICER, scene.draft()?)] {
        let refused = scene.ask(person, act).err();
        let said = refused
            .map(|error| format!("{error:#}"))
            .unwrap_or_default();
        println!("{said}");
        ensure!(said.contains(&ended), "{person} goes on: {said}");
    }
    // Taking the request back is not stopped, and it arrives.
    let withdraw = json!({ "do": "withdraw", "case": case, "note": "No longer needed by us" });
    scene.insist(OFFICER, &withdraw)?;
    scene.until_stage(RELEASER, &case, "withdrawn")?;
    Ok(())
}
