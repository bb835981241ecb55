//! The console in a real browser, over the made-up partnership of `examples/fake`: every page and state looked at,
//! and the work walked through. `cargo xtask test` brings Chromium and the npm packages; without them this says so.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Runs a script of `tests/browser`; none when the machine lacks what it needs.
fn run(script: &str) {
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
            "SKIPPED: {script} was not run; `cargo xtask test` installs Chromium, node and the npm packages it needs"
        );
        return;
    }
    let mut command = Command::new("node");
    command
        .arg(root.join("tests/browser").join(script))
        .arg(partnership())
        .env("BROWSER_MODULES", &modules);
    let ended = command.status().expect("node runs");
    assert!(ended.success(), "{script} found something; see above");
}

/// The program of `examples/fake`, which cargo builds beside the tests.
fn partnership() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let built = test.parent().and_then(Path::parent).expect("target/debug");
    built.join("examples/fake")
}

#[test]
fn every_page_and_state_is_accessible_and_safe() {
    run("states.mjs");
}

#[test]
fn states_one_seldom_comes_to_are_accessible_and_safe() {
    run("rare.mjs");
}

#[test]
fn possible_matches_are_triaged_by_keyboard_and_without_script() {
    run("triage.mjs");
}

#[test]
fn a_request_goes_all_the_way_and_is_recalled() {
    run("disclosure.mjs");
}

#[test]
fn people_sign_in_with_codes_and_sessions_end() {
    run("account.mjs");
}

#[test]
fn the_queue_is_light_on_the_wire() {
    run("weight.mjs");
}

#[test]
fn people_sign_in_by_a_real_identity_provider() {
    run("oidc.mjs");
}

#[test]
fn a_fresh_proof_loses_nothing_that_was_typed() {
    run("step-up.mjs");
}
