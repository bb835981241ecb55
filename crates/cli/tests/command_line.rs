//! Founding, enrolling, removing: through files and exit codes only.

mod common;

use std::{fs, path::Path};

use common::{found, sanctuary};
use sanctuary_trust::files::{Layout, load_anchors, load_roster};

fn roster_of(dir: &Path) -> sanctuary_trust::Roster {
    let layout = Layout(dir.join("pilot"));
    let anchors = load_anchors(&layout.anchors()).unwrap();
    load_roster(&layout.roster())
        .unwrap()
        .verify(&anchors, 0)
        .unwrap()
}

#[test]
fn a_partnership_is_founded_once() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let roster = roster_of(dir.path());
    assert_eq!(roster.parties().len(), 1 + 3 + 2 + 3);
    for file in [
        "alder/keyholder.toml",
        "hub/hub.toml",
        "police/node.toml",
        "terms.toml",
    ] {
        assert!(dir.path().join("pilot").join(file).exists(), "{file}");
    }
    let again = sanctuary(
        dir.path(),
        &[
            "init",
            "partnership",
            "--dir",
            "pilot",
            "--holders",
            "a,b",
            "--agencies",
            "x",
        ],
    );
    again.assert_failed(1, "there is a partnership in this directory already");
    assert_eq!(roster_of(dir.path()), roster);
}

#[test]
fn impossible_plans_are_bad_input() {
    let dir = tempfile::tempdir().unwrap();
    let base = [
        "init",
        "partnership",
        "--dir",
        "pilot",
        "--holders",
        "a,b,c",
        "--agencies",
        "x",
    ];
    let with = |more: &[&str]| sanctuary(dir.path(), &[&base[..], more].concat());
    with(&["--threshold", "4"]).assert_failed(2, "threshold");
    with(&["--threshold", "1"]).assert_failed(2, "threshold");
    with(&["--officers", "2", "--sign", "3"]).assert_failed(2, "officers");
    with(&["--hub", "a"]).assert_failed(1, "another entry already has");
    assert!(!dir.path().join("pilot").exists());
    // Refused by the reader of the command line, with usage.
    let odd = with(&["--hub", "Not A Name"]);
    assert_eq!(odd.code, 2);
    assert!(odd.err.contains("a-z"), "{}", odd.err);
    assert_eq!(sanctuary(dir.path(), &["no-such-command"]).code, 2);
}

#[test]
fn every_command_has_help_with_an_example() {
    let dir = tempfile::tempdir().unwrap();
    for words in [
        &[][..],
        &["init", "partnership"],
        &["keys", "ceremony"],
        &["keys", "sign"],
        &["keys", "show"],
        &["enrol", "invite"],
        &["enrol", "request"],
        &["enrol", "approve"],
        &["enrol", "accept"],
        &["enrol", "renew"],
        &["roster", "show"],
        &["roster", "remove"],
        &["roster", "sign"],
        &["import"],
        &["alerts", "list"],
        &["alerts", "show"],
        &["alerts", "decide"],
        &["alerts", "joined"],
        &["status"],
    ] {
        let help = sanctuary(dir.path(), &[words, &["--help"]].concat());
        assert_eq!(help.code, 0, "{words:?}");
        assert!(help.out.contains("Example:"), "{words:?}: {}", help.out);
    }
}

#[test]
fn a_member_is_removed_and_a_lone_officer_only_proposes() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let shown = sanctuary(
        dir.path(),
        &["roster", "show", "--dir", "pilot", "--json", "-"],
    );
    assert_eq!(
        shown.assert_done().json()["parties"]
            .as_array()
            .unwrap()
            .len(),
        9
    );
    sanctuary(
        dir.path(),
        &["roster", "remove", "council", "--dir", "pilot"],
    )
    .assert_done();
    let roster = roster_of(dir.path());
    assert_eq!(roster.version(), 2);
    assert!(roster.party(&"council".parse().unwrap()).is_none());
    sanctuary(
        dir.path(),
        &["roster", "remove", "council", "--dir", "pilot"],
    )
    .assert_failed(1, "not on the roster");
    // One of two needed: nothing changes until the second has signed.
    let proposed = sanctuary(
        dir.path(),
        &[
            "roster",
            "remove",
            "police",
            "--dir",
            "pilot",
            "--as",
            "officer-3",
            "--json",
            "-",
        ],
    );
    assert_eq!(proposed.assert_done().json()["in_force"], false);
    assert_eq!(roster_of(dir.path()).version(), 2);
    sanctuary(
        dir.path(),
        &["roster", "sign", "--dir", "pilot", "--as", "officer-2"],
    )
    .assert_done();
    assert_eq!(roster_of(dir.path()).version(), 3);
    assert!(!dir.path().join("pilot/roster-next.json").exists());
    // An agency's key is no officer's.
    sanctuary(
        dir.path(),
        &[
            "roster",
            "remove",
            "hub",
            "--dir",
            "pilot",
            "--as",
            "officer-1,alder",
        ],
    )
    .assert_failed(1, "not an officer's");
}

#[test]
fn the_second_step_is_agreed_and_ended_by_the_officers() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let shown = || {
        let words = ["roster", "show", "--dir", "pilot", "--json", "-"];
        sanctuary(dir.path(), &words).assert_done().json()["second_step"].clone()
    };
    let switch = |to: &str| {
        let words = ["roster", "second-step", to, "--dir", "pilot"];
        sanctuary(dir.path(), &words)
    };
    assert_eq!(shown(), true);
    assert!(switch("off").assert_done().out.contains("version 2"));
    assert_eq!(shown(), false);
    switch("on").assert_done();
    assert_eq!(shown(), true);
    assert_eq!(switch("maybe").code, 2);
}

#[test]
fn a_meddled_roster_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let path = dir.path().join("pilot/roster.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("\"name\": \"council\"", "\"name\": \"counsel\""),
    )
    .unwrap();
    sanctuary(dir.path(), &["roster", "show", "--dir", "pilot"]).assert_failed(1, "does not fit");
}

#[test]
fn a_new_member_enrols_step_by_step() {
    let dir = tempfile::tempdir().unwrap();
    found(dir.path());
    let run = |words: &[&str]| sanctuary(dir.path(), words);
    run(&[
        "enrol",
        "invite",
        "--dir",
        "pilot",
        "--party",
        "refuge",
        "--kind",
        "agency",
        "--out",
        "invitation.json",
    ])
    .assert_done();
    let request = [
        "enrol",
        "request",
        "--invitation",
        "invitation.json",
        "--anchors",
        "pilot/anchors.json",
        "--identity",
        "refuge",
        "--name",
        "Refuge East",
        "--out",
        "request.json",
        "--json",
        "-",
    ];
    let asked = run(&request);
    let fingerprint = asked.assert_done().json()["fingerprint"]
        .as_str()
        .unwrap()
        .to_owned();
    run(&request).assert_failed(1, "keys here already");
    let approve = [
        "enrol",
        "approve",
        "--dir",
        "pilot",
        "--request",
        "request.json",
        "--out",
        "approval.json",
    ];
    run(&approve).assert_failed(2, &fingerprint);
    run(&[&approve[..], &["--fingerprint", "0000 0000"]].concat())
        .assert_failed(1, "not the request's");
    run(&[
        &approve[..],
        &["--fingerprint", &fingerprint.to_uppercase()],
    ]
    .concat())
    .assert_done();
    run(&[&approve[..], &["--fingerprint", &fingerprint]].concat())
        .assert_failed(1, "has been used");
    run(&[
        "enrol",
        "accept",
        "--invitation",
        "invitation.json",
        "--anchors",
        "pilot/anchors.json",
        "--identity",
        "refuge",
        "--request",
        "request.json",
        "--approval",
        "approval.json",
    ])
    .assert_done();
    let roster = roster_of(dir.path());
    let refuge = roster.party(&"refuge".parse().unwrap()).unwrap();
    assert_eq!((roster.version(), refuge.name.as_str()), (2, "Refuge East"));
    let identity = sanctuary_trust::files::IdentityFiles::load(&dir.path().join("refuge")).unwrap();
    assert_eq!(
        sanctuary_trust::spki_sha256(&identity.chain[0]).unwrap(),
        refuge.spki_sha256
    );
    // Renewal keeps the key.
    run(&[
        "enrol",
        "renew",
        "--dir",
        "pilot",
        "--party",
        "refuge",
        "--identity",
        "refuge",
    ])
    .assert_done();
    let renewed = sanctuary_trust::files::IdentityFiles::load(&dir.path().join("refuge")).unwrap();
    assert_ne!(renewed.chain, identity.chain);
    assert_eq!(
        sanctuary_trust::spki_sha256(&renewed.chain[0]).unwrap(),
        refuge.spki_sha256
    );
    run(&[
        "enrol",
        "renew",
        "--dir",
        "pilot",
        "--party",
        "refuge",
        "--identity",
        "pilot/police",
    ])
    .assert_failed(1, "for another key");
    // A name that is taken is not invited again.
    run(&[
        "enrol",
        "invite",
        "--dir",
        "pilot",
        "--party",
        "refuge",
        "--kind",
        "agency",
        "--out",
        "again.json",
    ])
    .assert_failed(2, "on the roster already");
}

#[test]
fn missing_files_and_services_are_said_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    sanctuary(dir.path(), &["roster", "show", "--dir", "nowhere"]).assert_failed(1, "no such file");
    found(dir.path());
    sanctuary(dir.path(), &["status", "--dir", "pilot", "--as", "nobody"])
        .assert_failed(1, "no such file");
    sanctuary(
        dir.path(),
        &["alerts", "list", "--dir", "pilot", "--as", "police"],
    )
    .assert_failed(1, "nobody listens there");
    sanctuary(
        dir.path(),
        &[
            "keys", "ceremony", "--dir", "pilot", "--class", "person", "--epoch", "1",
        ],
    )
    .assert_failed(1, "nobody listens there");
    assert!(!dir.path().join("pilot/manifest-person.json").exists());
}
