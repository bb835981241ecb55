//! An agency that is not on the roster, one over its quota, and one that replays another's batch
//! are refused in words that say what to do, and leave a trace.

use anyhow::{Context as _, ensure};
use rand::rng;
use sanctuary_hub_core::PushBatch;
use sanctuary_keyholder::Journal;
use sanctuary_posting::{Posting, SealedCard};
use sanctuary_rpc::{ErrorCode, now};
use sanctuary_tests::{Caller, Files, HOLDERS, Plan, Town};
use sanctuary_toprf::Blinded;
use sanctuary_trust::files::{Layout, load_manifest};
use sanctuary_types::{BatchId, Epoch, KeyClass, Month, RulesVersion};
use sanctuary_wire::{
    alerts::WatchRequest,
    directory::StatusRequest,
    keyholder::{EvaluateRequest, QuotaRequest},
};
use tonic::Status;

const NOT_ON_ROSTER: &str = "not on the partnership's roster; ask the officers to enrol";

fn layout(town: &Town) -> Layout {
    Layout(town.path("town"))
}

/// A batch that any hub takes: dummies.
fn batch(number: u8) -> PushBatch {
    let mut batch = PushBatch::new(BatchId([number; 16]), RulesVersion(1), Epoch(1));
    let month = Month::at(now()).plus(12);
    for _ in 0..64 {
        batch
            .postings
            .extend(Posting::dummy(month, &mut rng()).to_bytes());
        batch
            .cards
            .extend(SealedCard::dummy(month, &mut rng()).to_bytes());
    }
    batch
}

/// A well-formed request of the person class with this many fresh elements.
fn request(town: &Town, elements: u32, number: u8) -> anyhow::Result<EvaluateRequest> {
    let manifest = load_manifest(&layout(town).manifest(KeyClass::Person))?;
    let manifest = manifest.proposal();
    let inputs: Vec<[u8; 4]> = (0..elements).map(u32::to_be_bytes).collect();
    let blinded = Blinded::new(&manifest.public_keys().check()?, &inputs, &mut rng())?;
    Ok(EvaluateRequest {
        key_class: KeyClass::Person.code().into(),
        epoch: manifest.epoch.0,
        generation: manifest.generation.0,
        quorum: vec![1, 2],
        batch_id: vec![number; 16].into(),
        purpose: "matching".to_owned(),
        elements: blinded.elements().to_vec().into(),
    })
}

fn assert_refused(status: &Status, code: ErrorCode, words: &str) -> anyhow::Result<()> {
    println!("{}: {}", code.label(), status.message());
    ensure!(
        ErrorCode::of(status) == code && status.message().contains(words),
        "expected {} with \"{words}\", got {status:?}",
        code.label()
    );
    Ok(())
}

/// A line of a daemon's log with all of `words`.
fn assert_logged(town: &Town, party: &str, words: &[&str]) -> anyhow::Result<()> {
    let log = town.log(party);
    let found = log
        .lines()
        .find(|line| words.iter().all(|word| line.contains(word)));
    println!("{party} logged: {}", found.unwrap_or("nothing"));
    ensure!(found.is_some(), "{party} did not log {words:?}");
    Ok(())
}

/// The refusals that a stopped key holder has kept: party and code.
fn kept(town: &Town, holder: &str) -> anyhow::Result<Vec<(String, String)>> {
    let folder = town.party(holder);
    let journal = Journal::open(&folder.join("data"), &folder.join("root.key"))?;
    let refusals = journal.refusals()?;
    Ok(refusals
        .into_iter()
        .map(|(_, party, code)| (party, code))
        .collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_that_is_not_on_the_roster_is_refused_everywhere() -> anyhow::Result<()> {
    let mut town = Town::found(&Plan {
        agencies: &["police", "stranger"],
        ..Plan::default()
    })?;
    // A certificate of the partnership's own authority, in force; the roster no longer has it.
    let stranger = Caller::of(&layout(&town), "stranger")?;
    let before = batch(1);
    ensure!(stranger.push(vec![stranger.signed(&before)]).await?.is_ok());
    let place = town.place();
    town.sanctuary(&["roster", "remove", "stranger", "--dir", &place])?;
    town.until("everybody to have the new roster", |t| {
        t.hub_json("police")
            .is_ok_and(|hub| hub["roster_version"] == 2)
    })?;

    let status = stranger.refusal_of(stranger.signed(&batch(2))).await?;
    assert_refused(&status, ErrorCode::NotEnrolled, NOT_ON_ROSTER)?;
    let request = request(&town, 3, 1)?;
    for holder in HOLDERS {
        let mut client = stranger.key_holder(holder).await?;
        let refused = client
            .evaluate(request.clone())
            .await
            .err()
            .context("refused")?;
        assert_refused(&refused, ErrorCode::NotEnrolled, NOT_ON_ROSTER)?;
        let asked = QuotaRequest { key_class: 1 };
        let refused = client.quota(asked).await.err().context("refused")?;
        assert_refused(&refused, ErrorCode::NotEnrolled, NOT_ON_ROSTER)?;
        assert_logged(&town, holder, &["WARN", "not on the partnership's roster"])?;
    }
    let watch = WatchRequest {
        cursor: 0,
        follow: false,
    };
    let refused = stranger.alerts().await?.watch(watch).await;
    assert_refused(
        &refused.err().context("refused")?,
        ErrorCode::NotEnrolled,
        NOT_ON_ROSTER,
    )?;
    let refused = stranger.directory().await?.status(StatusRequest {}).await;
    assert_refused(
        &refused.err().context("refused")?,
        ErrorCode::NotEnrolled,
        NOT_ON_ROSTER,
    )?;
    assert_logged(
        &town,
        "hub",
        &[
            "WARN",
            "refused a request",
            "not on the partnership's roster",
        ],
    )?;
    // Nothing of it was stored, and others go on.
    let police = Caller::of(&layout(&town), "police")?;
    let pushed = police.push(vec![police.signed(&batch(3))]).await?;
    ensure!(pushed.is_ok(), "others are refused too: {pushed:?}");
    let hub = town.hub_json("police")?;
    ensure!(hub["stored_postings"] == 128, "{hub}");
    town.stop_all()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_over_its_quota_waits_and_loses_nothing() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let files = Files::make(folder.path(), 200, 2, 1)?;
    // Of 1,800 full evaluations each of three key holders grants two thirds: one batch.
    let mut town = Town::found(&Plan {
        agencies: &files.names(),
        quota_per_day: 1_800,
        ..Plan::default()
    })?;
    let (agency, _) = files.agencies[0].clone();
    town.import(&agency, &files.mapping(&agency), &files.csv(&agency))?;
    town.until_problem(&agency, "today's quota at key holder")?;
    let status = town.node_json(&agency, "status")?;
    ensure!(status["pending"].as_u64() > Some(0), "{status}");
    // The words of a key holder to whoever asks directly.
    let caller = Caller::of(&layout(&town), &agency)?;
    let mut client = caller.key_holder("alder").await?;
    let asked = request(&town, 1_201, 9)?;
    let refused = client.evaluate(asked).await.err().context("refused")?;
    assert_refused(
        &refused,
        ErrorCode::QuotaExceeded,
        "daily limit of 1200 evaluations",
    )?;
    ensure!(
        refused
            .message()
            .contains("wait until 00:00 UTC or ask the officers")
    );
    assert_logged(&town, "alder", &["WARN", &agency, "over_quota"])?;

    // A grant by each key holder, and everything that waited goes on.
    for holder in HOLDERS {
        for class in ["person", "identifier"] {
            let grant = format!(
                "[[quota]]\nagency = \"{agency}\"\nclass = \"{class}\"\nelements_per_day = 1000000\n"
            );
            town.configure(holder, &grant)?;
        }
        town.process(holder)?.stop()?;
        town.start(holder)?;
    }
    // The node would look again by itself within ten minutes.
    town.process(&agency)?.stop()?;
    town.start(&agency)?;
    town.until_up()?;
    town.until_pushed()?;
    let status = town.node_json(&agency, "status")?;
    println!("after the grant: {status}");
    town.stop_all()?;
    let trace = kept(&town, "alder")?;
    ensure!(
        trace.contains(&(agency.clone(), "over_quota".to_owned())),
        "no trace of the refusal: {trace:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_replays_anothers_batch_is_refused_by_hub_and_key_holders() -> anyhow::Result<()> {
    let mut town = Town::found(&Plan::default())?;
    let police = Caller::of(&layout(&town), "police")?;
    let council = Caller::of(&layout(&town), "council")?;
    let original = batch(1);
    let pushed = police.signed(&original);
    ensure!(police.push(vec![pushed.clone()]).await?.is_ok());
    let stored = town.hub_json("police")?["stored_postings"].clone();

    // The very same bytes: the signature is another's.
    let refused = council.refusal_of(pushed.clone()).await?;
    let words = "made by another party or changed on the way; nothing of it was stored";
    assert_refused(&refused, ErrorCode::NotAllowed, words)?;
    assert_logged(
        &town,
        "hub",
        &["WARN", "council", "not_allowed", "signature"],
    )?;
    // Signed again, under the old id and a new one.
    for number in [1, 2] {
        let mut again = original.clone();
        again.batch_id = BatchId([number; 16]);
        let refused = council.refusal_of(council.signed(&again)).await?;
        let words = "were stored before for another agency; the replay is refused and recorded";
        assert_refused(&refused, ErrorCode::Replayed, words)?;
    }
    assert_logged(
        &town,
        "hub",
        &["WARN", "council", "replayed", "another agency"],
    )?;
    // Its own batch under another id, and other content under its id.
    let mut renamed = original.clone();
    renamed.batch_id = BatchId([3; 16]);
    let refused = police.refusal_of(police.signed(&renamed)).await?;
    assert_refused(&refused, ErrorCode::Replayed, "a retry keeps its batch id")?;
    let refused = police.refusal_of(police.signed(&batch(1))).await?;
    assert_refused(
        &refused,
        ErrorCode::Replayed,
        "use a new batch id for new content",
    )?;
    // A retry is no replay; and nothing was added by any of this.
    ensure!(police.push(vec![pushed]).await?.is_ok());
    ensure!(town.hub_json("police")?["stored_postings"] == stored);

    let asked = request(&town, 5, 7)?;
    for holder in ["alder", "birch"] {
        let mut client = police.key_holder(holder).await?;
        client.evaluate(asked.clone()).await?;
        let mut client = council.key_holder(holder).await?;
        let with_other_elements = EvaluateRequest {
            elements: request(&town, 5, 7)?.elements,
            ..asked.clone()
        };
        let under_another_id = EvaluateRequest {
            batch_id: vec![8; 16].into(),
            ..asked.clone()
        };
        for replay in [asked.clone(), with_other_elements, under_another_id] {
            let refused = client.evaluate(replay).await.err().context("refused")?;
            let words = "this batch belongs to another agency; blind your own batch";
            assert_refused(&refused, ErrorCode::Replayed, words)?;
        }
        assert_logged(&town, holder, &["WARN", "council", "other_agency"])?;
        let quota = client
            .quota(QuotaRequest { key_class: 1 })
            .await?
            .into_inner();
        ensure!(quota.used_today == 0, "a refused replay is charged");
    }
    town.stop_all()?;
    for holder in ["alder", "birch"] {
        let replays = kept(&town, holder)?;
        let expected = ("council".to_owned(), "other_agency".to_owned());
        let count = replays.iter().filter(|trace| **trace == expected).count();
        ensure!(count == 3, "{holder} kept {replays:?}");
    }
    Ok(())
}
