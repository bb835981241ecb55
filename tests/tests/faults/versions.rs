use anyhow::{Context as _, ensure};
use rand::rng;
use sanctuary_hub_core::PushBatch;
use sanctuary_posting::{Posting, SealedCard};
use sanctuary_rpc::{ErrorCode, now};
use sanctuary_tests::{Caller, Plan, Town};
use sanctuary_trust::files::Layout;
use sanctuary_types::{BatchId, Epoch, Month, RulesVersion};
use sanctuary_wire::keyholder::EvaluateRequest;

use crate::scene::Scene;

#[test]
fn other_rules_are_refused_and_what_was_made_by_them_waits() -> anyhow::Result<()> {
    let mut scene = Scene::set(200)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    scene.town.configure("hub", "rules_version = 2\n")?;
    scene.town.restart("hub")?;
    scene.import(&first)?;
    scene.import(&second)?;
    let words = "made by rules version 1, the hub compares version 2";
    let problem = scene.town.until_problem(&first, words)?;
    ensure!(problem.contains("mixed versions cannot be compared: update the node"));
    ensure!(problem.contains("the outbox waits until this is put right"));
    ensure!(
        scene.town.log("hub").contains("rules_mismatch"),
        "no trace at the hub"
    );
    scene
        .town
        .reconfigure("hub", "rules_version", "rules_version = 1")?;
    scene.town.restart("hub")?;
    scene.nothing_is_lost()
}

#[test]
fn a_batch_of_another_epoch_waits_until_the_hub_is_there_too() -> anyhow::Result<()> {
    let mut scene = Scene::set(200)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    scene.import(&first)?;
    scene.town.until_pushed()?;
    // New keys: the node makes everything anew, and the hub is not there yet.
    for class in ["person", "identifier"] {
        scene.town.ceremony(class, 2)?;
    }
    let words = "this batch belongs to epoch 2, the hub is in epoch 1";
    let problem = scene.town.until_problem(&first, words)?;
    ensure!(problem.contains("ask the hub's operator to move to the new epoch"));
    scene.town.reconfigure("hub", "epoch", "epoch = 2")?;
    scene.town.restart("hub")?;
    scene.import(&second)?;
    scene.town.until_pushed()?;

    // Who comes with the old epoch now is told what to do, by hub and key holders.
    let caller = Caller::of(&Layout(scene.town.path("town")), &first)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let (from_hub, from_holder) = runtime.block_on(async {
        let old = caller.signed(&dummies(Epoch(1), 64));
        let from_hub = caller.refusal_of(old).await?;
        let mut holder = caller.key_holder("alder").await?;
        let asked = EvaluateRequest {
            key_class: 1,
            epoch: 1,
            quorum: vec![1, 2],
            batch_id: vec![1; 16].into(),
            purpose: "matching".to_owned(),
            elements: vec![1; 32].into(),
            ..EvaluateRequest::default()
        };
        anyhow::Ok((from_hub, holder.evaluate(asked).await.err()))
    })?;
    println!("hub: {}", from_hub.message());
    ensure!(ErrorCode::of(&from_hub) == ErrorCode::StaleEpoch);
    ensure!(
        from_hub
            .message()
            .contains("fetch the current key manifest, tokenise again")
    );
    let from_holder = from_holder.context("the key holder answered for an old epoch")?;
    println!("alder: {}", from_holder.message());
    ensure!(ErrorCode::of(&from_holder) == ErrorCode::StaleEpoch);
    ensure!(
        from_holder
            .message()
            .contains("fetch the manifest of epoch 2")
    );
    scene.nothing_is_lost()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_messages_are_refused_and_cost_nobody_else_anything() -> anyhow::Result<()> {
    let mut town = Town::found(&Plan::default())?;
    let caller = Caller::of(&Layout(town.path("town")), "police")?;
    let refused = caller
        .refusal_of(caller.signed(&dummies(Epoch(1), 100_000)))
        .await?;
    println!("hub: {}", refused.message());
    ensure!(
        ErrorCode::of(&refused) == ErrorCode::TooLarge,
        "{refused:?}"
    );
    let refused = caller
        .refusal_of(caller.signed(&dummies(Epoch(1), 40_000)))
        .await?;
    println!("hub: {}", refused.message());
    ensure!(
        ErrorCode::of(&refused) == ErrorCode::TooLarge,
        "{refused:?}"
    );
    ensure!(
        refused
            .message()
            .contains("more than 32768 postings; push smaller batches")
    );
    let mut holder = caller.key_holder("alder").await?;
    for bytes in [9 * 1024 * 1024, 4_097 * 32] {
        let asked = EvaluateRequest {
            key_class: 1,
            epoch: 1,
            quorum: vec![1, 2],
            batch_id: vec![1; 16].into(),
            purpose: "matching".to_owned(),
            elements: vec![1; bytes].into(),
            ..EvaluateRequest::default()
        };
        let refused = holder.evaluate(asked).await.err().context("refused")?;
        println!("alder: {}", refused.message());
        ensure!(
            ErrorCode::of(&refused) == ErrorCode::TooLarge,
            "{refused:?}"
        );
    }
    // The same connections still serve.
    let pushed = caller
        .push(vec![caller.signed(&dummies(Epoch(1), 64))])
        .await?;
    ensure!(pushed.is_ok(), "{pushed:?}");
    ensure!(town.hub_json("council")?["stored_postings"] == 64);
    town.stop_all()
}

fn dummies(epoch: Epoch, count: usize) -> PushBatch {
    let mut batch = PushBatch::new(BatchId([5; 16]), RulesVersion(1), epoch);
    let month = Month::at(now()).plus(12);
    for _ in 0..count {
        batch
            .postings
            .extend(Posting::dummy(month, &mut rng()).to_bytes());
    }
    batch
        .cards
        .extend(SealedCard::dummy(month, &mut rng()).to_bytes());
    batch
}
