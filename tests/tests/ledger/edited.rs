use anyhow::{Context as _, ensure};
use sanctuary_hub::SledTiles;
use sanctuary_tests::{HubStore, Said};

use crate::scene::{Scene, independent};

/// Changes the stored leaves at an entry.
type Tampering = fn(&mut Vec<Vec<u8>>, usize);

/// Somebody edits the hub's disk: entries are changed, dropped, moved, put in, while hashes and
/// signatures stay.
#[test]
fn an_edited_log_is_noticed_and_the_entry_named() -> anyhow::Result<()> {
    let mut scene = Scene::found()?;

    // As it is, everybody agrees.
    let (copy, files) = (scene.copy("good")?, scene.town.path("good-files"));
    let checkpoint = scene.forger.export(&SledTiles::open(&copy)?, &files)?;
    let (said, report) = scene.verify(&files, true)?;
    ensure!(said.code == Some(0), "{said:?}");
    ensure!(report["verified"] == true && report["entries"] == checkpoint.size());
    ensure!(report["promises"].as_u64() > Some(10), "{report}");
    ensure!(report["actors_unknown"] == 0, "{report}");
    let summary = independent(&files)?.map_err(anyhow::Error::msg)?;
    ensure!(summary["root"] == report["root"] && summary["size"] == report["entries"]);
    ensure!(summary["kinds"] == report["by_kind"], "{summary} {report}");

    let size = usize::try_from(checkpoint.size())?;
    let at = size / 2;
    let tamperings: [(&str, Tampering); 5] = [
        ("changed", |leaves, at| {
            if let Some(byte) = leaves[at].last_mut() {
                *byte ^= 1;
            }
        }),
        ("dropped", |leaves, at| {
            leaves.remove(at);
        }),
        ("reordered", |leaves, at| leaves.swap(at, at + 1)),
        ("inserted", |leaves, at| {
            let copy = leaves[at - 1].clone();
            leaves.insert(at, copy);
        }),
        ("truncated", |leaves, at| leaves.truncate(at)),
    ];
    for (fault, tamper) in tamperings {
        let copy = scene.copy(fault)?;
        {
            let store = HubStore::open(&copy)?;
            let mut leaves = store.leaves()?;
            tamper(&mut leaves, at);
            store.put_leaves(&leaves)?;
        }
        let files = scene.town.path(&format!("{fault}-files"));
        scene.forger.export(&SledTiles::open(&copy)?, &files)?;
        let (said, report) = scene.verify(&files, false)?;
        println!(
            "{fault} at {at}: {}",
            said.out.lines().next().unwrap_or_default()
        );
        ensure!(said.code == Some(1), "{fault}: {said:?}");
        let finding = &report["finding"];
        ensure!(finding["fault"] == fault, "{fault} at {at}: {report}");
        ensure!(finding["first"] == at && finding["last"] == at, "{report}");
        let found = independent(&files)?.err().context("another verifier")?;
        println!("  another verifier: {found}");
        ensure!(
            fault == "truncated" || fault == "dropped" || found.contains(&format!("entry {at}")),
            "{fault}: {found}"
        );
    }

    a_hub_serves_no_edited_log(&mut scene, at)
}

/// The same over the network: the hub does not start on a log that lost entries; one that was changed
/// in the middle is noticed by whoever asks for that entry or for all.
fn a_hub_serves_no_edited_log(scene: &mut Scene, at: usize) -> anyhow::Result<()> {
    scene.install(&scene.town.path("truncated"))?;
    let config = scene.town.config("hub").display().to_string();
    let said = Said::by("sanctuary-hub", &["--config", &config])?;
    ensure!(said.code == Some(1), "{said:?}");
    ensure!(said.err.contains("log"), "{said:?}");

    scene.install(&scene.town.path("changed"))?;
    scene.town.start("hub")?;
    scene.town.until_up()?;
    let mut last = None;
    scene.town.until("the audit to reach the hub", |_| {
        let found = scene.verify_live("officer-1").ok();
        let reached = found.as_ref().is_some_and(|(_, report)| report.is_object());
        last = found;
        reached
    })?;
    let (said, report) = last.context("an answer")?;
    ensure!(
        said.code == Some(1) && report["finding"]["first"] == at,
        "{report}"
    );
    let (place, entry) = (scene.town.place(), at.to_string());
    let out = scene.town.path("proof").display().to_string();
    let args = ["audit", "prove", "--dir", &place, "--as", "officer-1"];
    let said = Said::by(
        "sanctuary",
        &[&args[..], &["--entry", &entry, "--out", &out]].concat(),
    )?;
    ensure!(
        said.code == Some(1),
        "a changed entry has no proof: {said:?}"
    );
    Ok(())
}
