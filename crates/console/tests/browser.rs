//! The console in a real browser, over the made-up partnership of `examples/fake`: every page and state looked at,
//! and the work walked through. `cargo xtask test` brings Chromium and the npm packages; without them this says so.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use sanctuary_console::{ROUTES, Verb};

/// Addresses that give no page: they lead on, stay open, or send a file.
const NO_PAGES: [&str; 7] = [
    "/",
    "/sign-in/provider",
    "/sign-in/return",
    "/prove/provider",
    "/matches/next",
    "/live",
    "/board-pack/{number}/{format}",
];

/// Scripts that look at pages, the longest first.
const LOOKING: [&str; 7] = [
    "states.mjs",
    "disclosure.mjs",
    "rare.mjs",
    "oidc.mjs",
    "account.mjs",
    "step-up.mjs",
    "shielded.mjs",
];

/// How to run a script of `tests/browser`; none when the machine lacks what it needs.
fn prepared(script: &str) -> Option<Command> {
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
        return None;
    }
    let mut command = Command::new("node");
    command
        .arg(root.join("tests/browser").join(script))
        .arg(partnership())
        .env("BROWSER_MODULES", &modules);
    Some(command)
}

fn run(script: &str) {
    if let Some(mut command) = prepared(script) {
        let ended = command.status().expect("node runs");
        assert!(ended.success(), "{script} found something; see above");
    }
}

/// The program of `examples/fake`, which cargo builds beside the tests.
fn partnership() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let built = test.parent().and_then(Path::parent).expect("target/debug");
    built.join("examples/fake")
}

/// Two scripts at a time look at every page and state; then every address of the table that gives a page must have
/// been looked at.
#[test]
fn every_page_and_state_is_accessible_and_safe() {
    if prepared(LOOKING[0]).is_none() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("sanctuary-looked-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let waiting = Mutex::new(LOOKING.iter());
    let next = || waiting.lock().expect("no panic").next();
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(script) = next() {
                    let Some(mut command) = prepared(script) else {
                        continue;
                    };
                    command.env("LOOKED", folder.join(script));
                    let ended = command.status().expect("node runs");
                    if !ended.success() {
                        failed.lock().expect("no panic").push(*script);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic");
    assert!(failed.is_empty(), "{failed:?} found something; see above");
    let mut looked = String::new();
    for script in LOOKING {
        looked.push_str(&std::fs::read_to_string(folder.join(script)).unwrap_or_default());
    }
    std::fs::remove_dir_all(&folder).expect("its own folder");
    let of_pages = ROUTES
        .iter()
        .filter(|r| r.verb == Verb::Get && !NO_PAGES.contains(&r.path));
    let missing: Vec<&str> = of_pages
        .map(|route| route.path)
        .filter(|path| !looked.lines().any(|l| l == *path))
        .collect();
    assert!(
        missing.is_empty(),
        "no script of tests/browser looks at {missing:?}"
    );
}

#[test]
fn possible_matches_are_triaged_by_keyboard_and_without_script() {
    run("triage.mjs");
}

#[test]
fn attacks_are_shown_as_text_and_other_sites_do_nothing() {
    run("attacks.mjs");
}

#[test]
fn nothing_about_anybody_stays_in_a_browser() {
    run("profile.mjs");
}

#[test]
fn the_queue_is_light_on_the_wire() {
    run("weight.mjs");
}

#[test]
fn where_somebody_lives_is_shown_after_a_fresh_proof_only() {
    run("shielded.mjs");
}
