use anyhow::{Context as _, ensure};
use rand::rng;
use sanctuary_rpc::now;
use sanctuary_trust::{
    Leaf, PartyKind,
    files::{IdentityFiles, Layout, load_authority, write_chain},
};
use sanctuary_types::Timestamp;

use crate::scene::Scene;

const DAY_MS: u64 = 86_400_000;

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
    ensure!(problem.contains("on the partnership's roster"), "{problem}");
    ensure!(problem.contains("ask a governance officer whether the agency stands in the roster"));
    // A new request is refused, or a stream that is open is cut; either leaves its trace.
    scene.town.until("the hub to leave a trace", |t| {
        let log = t.log("hub");
        log.contains("is not on the partnership's roster")
            || log.contains("its peer is no longer on the roster")
    })?;
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
