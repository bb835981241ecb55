//! Dead parties, expired and revoked ones, other versions, full disks: each ends in a clear error,
//! and nothing that was accepted is lost.

use anyhow::{Context as _, ensure};
use rand::rng;
use sanctuary_hub_core::PushBatch;
use sanctuary_posting::{Posting, SealedCard};
use sanctuary_rpc::{ErrorCode, now};
use sanctuary_tests::{Audit, Caller, Files, Plan, SmallDisk, Town};
use sanctuary_trust::{
    Leaf, PartyKind,
    files::{IdentityFiles, Layout, load_authority, write_chain},
};
use sanctuary_types::{BatchId, Epoch, Month, RulesVersion, Timestamp};
use sanctuary_wire::keyholder::EvaluateRequest;
use tempfile::TempDir;

const DAY_MS: u64 = 86_400_000;

/// A town at work and files to import.
struct Scene {
    town: Town,
    files: Files,
    _folder: TempDir,
}

impl Scene {
    fn set(rows: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let files = Files::make(folder.path(), rows, 2, 7)?;
        let town = Town::found(&Plan {
            agencies: &files.names(),
            ..Plan::default()
        })?;
        Ok(Self {
            town,
            files,
            _folder: folder,
        })
    }

    fn import(&self, agency: &str) -> anyhow::Result<()> {
        let (mapping, csv) = (self.files.mapping(agency), self.files.csv(agency));
        let summary = self.town.import(agency, &mapping, &csv)?;
        println!(
            "{agency} imported: {} records take part",
            summary["accepted"]
        );
        Ok(())
    }

    fn agency(&self, place: usize) -> String {
        self.files.agencies[place].0.clone()
    }

    /// Everything that was accepted is with the hub, once, and matched.
    fn nothing_is_lost(&mut self) -> anyhow::Result<()> {
        self.town.until_pushed()?;
        self.town.until_quiet()?;
        self.town.stop_all()?;
        let audit = Audit::of(&self.town)?;
        audit.nothing_lost()?;
        ensure!(
            !audit.tokens.is_empty() && !audit.alerts.is_empty(),
            "nothing was published, so nothing could be lost"
        );
        println!(
            "{} records published, {} alerts, nothing lost",
            audit.tokens.len(),
            audit.alerts.len()
        );
        Ok(())
    }
}

#[test]
fn when_a_key_holder_is_dead_the_third_takes_over() -> anyhow::Result<()> {
    let mut scene = Scene::set(400)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    scene.town.process("alder")?.kill_9()?;
    scene.import(&first)?;
    scene
        .town
        .until("everything to be pushed without it", |t| {
            t.node_json(&first, "status")
                .is_ok_and(|s| s["pending"] == 0 && s["outbox"] == 0)
        })?;
    let log = scene.town.log(&first);
    let taken_over = log
        .lines()
        .find(|line| line.contains("another key holder took over"));
    println!(
        "{}",
        taken_over.context("nobody took over for the dead key holder")?
    );

    // Two are dead: the records wait, and the daemon says for whom.
    scene.town.process("birch")?.kill_9()?;
    scene.import(&second)?;
    let words = "key holders needed answered";
    let problem = scene.town.until_problem(&second, words)?;
    ensure!(problem.contains("alder did not answer") && problem.contains("birch did not answer"));
    ensure!(problem.contains("nothing is lost, the records wait"));
    ensure!(scene.town.node_json(&second, "status")?["pending"].as_u64() > Some(0));
    scene.town.process("alder")?.restart()?;
    scene.town.process("birch")?.restart()?;
    scene.town.until_up()?;
    scene.nothing_is_lost()
}

#[test]
fn when_the_hub_is_dead_the_outbox_waits_and_is_then_delivered() -> anyhow::Result<()> {
    let mut scene = Scene::set(200)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    scene.town.process("hub")?.kill_9()?;
    scene.import(&first)?;
    scene.import(&second)?;
    let problem = scene
        .town
        .until_problem(&first, "the outbox waits and goes on by itself")?;
    ensure!(problem.contains("nobody listens there; check that the service runs"));
    scene
        .town
        .until("everything to be tokenised meanwhile", |t| {
            [&first, &second].iter().all(|agency| {
                t.node_json(agency, "status")
                    .is_ok_and(|s| s["pending"] == 0 && s["outbox"].as_u64() > Some(0))
            })
        })?;
    scene.town.process("hub")?.restart()?;
    scene.town.until_up()?;
    scene.town.until("the problem to be over", |t| {
        t.node_json(&first, "status")
            .is_ok_and(|s| s["last_problem"] == "")
    })?;
    scene.nothing_is_lost()
}

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

#[test]
fn an_expired_certificate_is_named_and_work_goes_on_with_a_new_one() -> anyhow::Result<()> {
    let mut scene = Scene::set(200)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    let layout = Layout(scene.town.path("town"));
    let good = expire(&layout, &first, PartyKind::Agency)?;
    // Connections that are open already hold until they are renewed.
    scene.town.restart(&first)?;
    scene.import(&first)?;
    scene.town.until_problem(&first, "expired")?;
    ensure!(scene.town.node_json(&first, "status")?["pending"].as_u64() > Some(0));
    let refused = scene.town.log("alder");
    let trace = refused
        .lines()
        .find(|line| line.contains("its certificate is refused"));
    println!(
        "alder logged: {}",
        trace.context("no trace at the key holder")?
    );
    write_chain(&layout.party(&first), &good)?;
    scene
        .town
        .until("the node to go on with the new certificate", |t| {
            t.node_json(&first, "status")
                .is_ok_and(|s| s["pending"] == 0)
        })?;

    // A hub with an expired certificate says so and does not start.
    let good = expire(&layout, "hub", PartyKind::Hub)?;
    scene.town.process("hub")?.stop()?;
    scene.town.start("hub")?;
    let error = scene
        .town
        .until_up()
        .err()
        .context("the hub started")?
        .to_string();
    println!("hub: {error}");
    ensure!(error.contains("certificate cannot be used: it has expired; ask the registrar"));
    write_chain(&layout.party("hub"), &good)?;
    scene.town.start("hub")?;
    scene.town.until_up()?;
    scene.import(&second)?;
    scene.nothing_is_lost()
}

#[test]
fn an_agency_revoked_while_it_works_is_told_and_the_others_go_on() -> anyhow::Result<()> {
    let mut scene = Scene::set(400)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    let place = scene.town.place();
    scene.import(&second)?;
    scene
        .town
        .sanctuary(&["roster", "remove", &second, "--dir", &place])?;
    let problem = scene.town.until_problem(&second, "refuses this agency")?;
    ensure!(
        problem.contains("not on the partnership's roster"),
        "{problem}"
    );
    ensure!(problem.contains("ask a governance officer whether the agency stands in the roster"));
    ensure!(
        scene
            .town
            .log("hub")
            .contains("not on the partnership's roster"),
        "no trace"
    );
    scene.import(&first)?;
    scene.town.until("the others to go on", |t| {
        t.node_json(&first, "status")
            .is_ok_and(|s| s["pending"] == 0 && s["outbox"] == 0)
    })?;
    // Its own records are still its own.
    let status = scene.town.node_json(&second, "status")?;
    println!("{second}: {status}");
    ensure!(status["records"].as_u64() > Some(100));
    scene.town.stop_all()
}

#[test]
fn a_full_disk_of_the_hub_stops_pushes_and_loses_nothing() -> anyhow::Result<()> {
    let mut scene = Scene::set(300)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    scene.town.process("hub")?.stop()?;
    let data = scene.town.party("hub").join("data");
    let Some(disk) = SmallDisk::over(&data, 40)? else {
        eprintln!("SKIPPED: a full disk, because this user may not mount a tmpfs");
        return Ok(());
    };
    scene.town.start("hub")?;
    scene.town.until_up()?;
    disk.fill_but(256)?;
    scene.import(&first)?;
    scene.import(&second)?;
    let problem = scene.town.until_problem(&first, "free")?;
    ensure!(
        problem.contains("the outbox waits") && problem.contains("space"),
        "{problem}"
    );
    disk.free()?;
    // As the error says; it may also have ended by itself.
    scene.town.process("hub")?.kill_9()?;
    scene.town.start("hub")?;
    scene.town.until_up()?;
    scene.nothing_is_lost()
}

#[test]
fn a_full_disk_of_a_node_is_named_and_the_import_can_be_repeated() -> anyhow::Result<()> {
    let mut scene = Scene::set(400)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    scene.town.process(&first)?.stop()?;
    let data = scene.town.party(&first).join("data");
    let Some(disk) = SmallDisk::over(&data, 40)? else {
        eprintln!("SKIPPED: a full disk, because this user may not mount a tmpfs");
        return Ok(());
    };
    disk.fill_but(64)?;
    let (mapping, csv) = (scene.files.mapping(&first), scene.files.csv(&first));
    let paths = [&mapping, &csv].map(|path| path.display().to_string());
    let said = scene
        .town
        .node(&first, "import", &["--mapping", &paths[0], &paths[1]])?;
    println!("exit {:?}: {}", said.code, said.err);
    ensure!(said.code == Some(1), "{said:?}");
    ensure!(
        said.err.contains("space") || said.err.contains("full"),
        "{}",
        said.err
    );
    disk.free()?;
    scene.town.start(&first)?;
    scene.town.until_up()?;
    scene.import(&first)?;
    scene.import(&second)?;
    scene.nothing_is_lost()
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

/// Puts an expired certificate of the partnership's own authority in the place of a party's; gives
/// the good one.
fn expire(layout: &Layout, party: &str, kind: PartyKind) -> anyhow::Result<Vec<Vec<u8>>> {
    let good = IdentityFiles::load_chain(&layout.party(party))?;
    let authority = load_authority(&layout.authority())?;
    let leaf = Leaf {
        days: 5,
        ..Leaf::new(party.parse()?, kind, Timestamp(now().0 - 10 * DAY_MS))
    };
    let expired = authority.renew(good.first().context("a certificate")?, &leaf, &mut rng())?;
    write_chain(&layout.party(party), &[expired])?;
    Ok(good)
}
