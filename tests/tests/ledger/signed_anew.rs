use anyhow::{Context as _, ensure};
use sanctuary_hub::SledTiles;
use sanctuary_ledger::Leaf;
use sanctuary_rpc::now;
use sanctuary_tests::{Forger, HubStore};
use sanctuary_types::Timestamp;
use serde_json::Value;

use crate::scene::Scene;

/// The hub's operator rewrites the past and signs it anew, with and without the witnesses' keys.
#[test]
fn another_past_is_noticed_by_witnesses_clients_and_the_audit() -> anyhow::Result<()> {
    let mut scene = Scene::found()?;
    let leaves = leaves(&scene)?;
    // One that a node holds a promise for, in the middle.
    let agencies = scene.town.agencies().to_vec();
    let is_of_node = |at: &usize| agencies.contains(&leaves[*at].entry().actor().to_string());
    let at = (leaves.len() / 2..leaves.len() - 2).find(is_of_node);
    let at = at.context("an entry of a node")?;
    for (way, rewrite) in WAYS {
        let mut other = leaves.clone();
        rewrite(&scene.forger, &mut other, at)?;
        // As many entries as before and more, so that only the past differs.
        while other.len() <= leaves.len() {
            let last = other.last().context("entries")?.received;
            other.push(scene.forger.invented(last)?);
        }
        let dir = scene.town.path(&format!("{way}-anew"));
        let mut forged = scene.forger.build(&dir, &other, now())?;
        // In league with every witness: only what others hold shows it.
        scene.forger.cosign(&mut forged, now())?;
        drop(forged);
        let files = scene.town.path(&format!("{way}-anew-files"));
        scene.forger.export(&SledTiles::open(&dir)?, &files)?;
        let (said, report) = scene.verify(&files, false)?;
        ensure!(said.code == Some(0), "by itself it is a good log: {said:?}");
        let (said, report_with) = scene.verify(&files, true)?;
        ensure!(said.code == Some(1), "{way}: {report} {report_with}");
        let finding = &report_with["finding"];
        println!("{way} at {at}, signed anew: {}", finding["text"]);
        ensure!(finding["fault"] == "promise-broken" || finding["fault"] == "forked");
        let first = finding["first"].as_u64().context("first")?;
        let last = finding["last"].as_u64().context("last")?;
        let from = u64::try_from(at)?;
        ensure!(first <= from && from <= last, "{way}: {finding}");
        ensure!(finding["evidence"].is_object(), "{way}: {finding}");
    }
    the_running_nodes_notice(&mut scene)
}

type Rewrite = fn(&Forger, &mut Vec<Leaf>, usize) -> anyhow::Result<()>;

const WAYS: [(&str, Rewrite); 4] = [
    ("changed", |_, leaves, at| {
        // All that a hub can change without the actor's key is its own stamp.
        leaves[at].received = Timestamp(leaves[at].received.0 + 1);
        Ok(())
    }),
    ("dropped", |_, leaves, at| {
        leaves.remove(at);
        Ok(())
    }),
    ("reordered", |_, leaves, at| {
        leaves.swap(at, at + 1);
        Ok(())
    }),
    ("inserted", |forger, leaves, at| {
        let time = leaves[at].received;
        leaves.insert(at, forger.invented(time)?);
        Ok(())
    }),
];

/// A hub that runs on a rewritten log: its nodes, as witnesses and as clients, refuse it, keep the
/// evidence and say so.
fn the_running_nodes_notice(scene: &mut Scene) -> anyhow::Result<()> {
    scene.install(&scene.town.path("changed-anew"))?;
    scene.town.start("hub")?;
    scene.town.until_up()?;
    for agency in scene.town.agencies().to_vec() {
        scene
            .town
            .until_problem(&agency, "signed two different pasts")?;
        let status = scene.town.node_json(&agency, "status")?;
        ensure!(status["ledger"]["forks"].as_u64() > Some(0), "{status}");
        let evidence = std::fs::read_dir(scene.town.party(&agency).join("data/evidence"))?;
        let evidence: Vec<_> = evidence.collect::<Result<_, _>>()?;
        let file = evidence.first().context("a file of evidence")?.path();
        let fork: sanctuary_ledger::ForkEvidence = serde_json::from_slice(&std::fs::read(file)?)?;
        fork.verify(scene.forger.quorum()?.log())?;
    }
    // Without the witnesses nothing is published, so nobody acts on it.
    let (said, report) = scene.verify_live("officer-1")?;
    ensure!(said.code == Some(1) && report == Value::Null, "{said:?}");
    ensure!(said.err.contains("enough cosignatures"), "{said:?}");
    Ok(())
}

fn leaves(scene: &Scene) -> anyhow::Result<Vec<Leaf>> {
    let store = HubStore::open(&scene.copy("read")?)?;
    let leaves = store.leaves()?;
    leaves.iter().map(|b| Ok(Leaf::from_bytes(b)?)).collect()
}
