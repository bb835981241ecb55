//! The console over real nodes, in a real browser: a request from the possible match to its recall.

use std::{path::Path, process::Command};

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
    let walked = Command::new("node")
        .arg(root.join("tests/browser/partnership.mjs"))
        .args(&urls)
        .args([PASSWORD, &scene.alert()?])
        .env("BROWSER_MODULES", &modules)
        .status()?;
    ensure!(walked.success(), "the walk found something; see above");
    Ok(())
}
