//! The operators' console in a real browser, over the made-up hub of `examples/operator_fake`: every page and state
//! looked at. `cargo xtask test` brings Chromium and the npm packages; without them this says so.

use std::{path::Path, process::Command};

#[test]
fn every_page_and_state_is_accessible_and_safe() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let modules = root.join("target/browser");
    let browsers = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let has_node = Command::new("node").arg("--version").output().is_ok();
    let is_ready = has_node
        && modules.join("node_modules/playwright-core").is_dir()
        && browsers.iter().any(|path| Path::new(path).is_file());
    if !is_ready {
        eprintln!(
            "SKIPPED: operator.mjs was not run; `cargo xtask test` installs Chromium, node and the npm packages it needs"
        );
        return;
    }
    let test = std::env::current_exe().expect("a test has a path");
    let built = test.parent().and_then(Path::parent).expect("target/debug");
    let mut command = Command::new("node");
    command
        .arg(root.join("tests/browser/operator.mjs"))
        .arg(built.join("examples/operator_fake"))
        .env("BROWSER_MODULES", &modules);
    let ended = command.status().expect("node runs");
    assert!(ended.success(), "operator.mjs found something; see above");
}
