//! The console over real nodes, in a real browser: a request from the possible match to its recall.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::ensure;
use sanctuary_tests::free_ports;

use crate::{
    alone,
    scene::{COUNCIL, PASSWORD, POLICE, Scene},
};

#[test]
fn a_request_is_made_answered_and_recalled_in_a_browser() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let modules = root.join("target/browser");
    let has_node = Command::new("node").arg("--version").output().is_ok();
    let has_browser = ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .any(|name| Path::new("/usr/bin").join(name).is_file());
    if !has_node || !has_browser || !modules.join("node_modules/playwright-core").is_dir() {
        eprintln!(
            "SKIPPED: the console was not walked through; `cargo xtask test` installs Chromium, node and the npm packages it needs"
        );
        return Ok(());
    }
    let _alone = alone();
    let mut scene = Scene::set()?;
    let mut urls = Vec::new();
    for agency in [POLICE, COUNCIL] {
        let port = free_ports()?;
        let url = format!("http://{agency}.localhost:{port}");
        scene.town.configure(
            agency,
            &format!(
                "\n[console]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"{url}\"\nsynthetic = true\n"
            ),
        )?;
        scene.town.restart(agency)?;
        urls.push(url);
    }
    // What the programs said until then, those of the hub and the key holders too.
    let logs = std::fs::read_dir(scene.town.path(""))?
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "log"));
    let logs: Vec<PathBuf> = logs.collect();
    ensure!(logs.len() > 3, "only {} programs have a log", logs.len());
    let reference = scene.reference(COUNCIL)?;
    let walked = Command::new("node")
        .arg(root.join("tests/browser/partnership.mjs"))
        .args(&urls)
        .args([PASSWORD, &scene.alert()?, &reference])
        .env("BROWSER_MODULES", &modules)
        .env("RECORDS", joined([POLICE, COUNCIL].map(|a| scene.csv(a))))
        .env("LOGS", joined(logs))
        .status()?;
    ensure!(walked.success(), "the walk found something; see above");
    Ok(())
}

fn joined(paths: impl IntoIterator<Item = PathBuf>) -> String {
    let paths = paths.into_iter().map(|p| p.display().to_string());
    paths.collect::<Vec<_>>().join(":")
}
