//! An RPC without a row does not compile: the real `src/rpc.rs` is given to the compiler with the calls of
//! proto/ as they are, and with one more.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const GENERATED: &str = include_str!(concat!(env!("OUT_DIR"), "/rpc.rs"));
const ROWS: &str = include_str!("../src/rpc.rs");
const OWN_GENERATED: &str = include_str!(concat!(env!("OUT_DIR"), "/own_rpc.rs"));
const OWN_ROWS: &str = include_str!("../src/own_rpc.rs");

/// The file with the calls in it, and as much of its surroundings as it names.
fn source(calls: &str) -> String {
    let rows = alone(ROWS);
    let acts: BTreeSet<&str> = rows
        .split("Action::")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
        .collect();
    let mut text = String::from("#![allow(dead_code)]\n");
    text.push_str("mod sanctuary_trust { pub enum PartyKind { Agency } }\n");
    let names: Vec<&str> = acts.into_iter().collect();
    let _ = writeln!(
        text,
        "#[derive(Clone, Copy)] pub enum Action {{ {} }}\n\
         impl Action {{ pub fn permits_party(self, _: PartyKind) -> bool {{ true }} }}",
        names.join(", ")
    );
    text + &rows.replace("use crate::Action;", "") + calls
}

/// A source file without what only its crate has.
fn alone(source: &str) -> String {
    source
        .lines()
        .filter(|line| !line.starts_with("//!") && !line.starts_with("include!"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn compiled(text: &str, folder: &Path) -> (bool, String) {
    let file = folder.join("rpc_alone.rs");
    fs::write(&file, text).unwrap();
    let done = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
        ])
        .arg("--out-dir")
        .arg(folder)
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.success(), said)
}

#[test]
fn a_call_that_nobody_gave_an_act_does_not_compile() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-row");
    fs::create_dir_all(&folder).unwrap();
    let (is_good, said) = compiled(&source(GENERATED), &folder);
    assert!(is_good, "{said}");
    let more = GENERATED.replacen("pub enum Rpc {", "pub enum Rpc {\n    AlertsErase,", 1);
    let more = more.replacen(
        "match self {",
        "match self {\n            Self::AlertsErase => \"/sanctuary.alerts.v1.Alerts/Erase\",",
        1,
    );
    let (is_good, said) = compiled(&source(&more), &folder);
    assert!(!is_good, "a call without a row compiles");
    assert!(
        said.contains("AlertsErase") && said.contains("not covered"),
        "{said}"
    );
}

#[test]
fn neither_does_a_call_for_own_systems_that_says_not_who_may() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-own-row");
    fs::create_dir_all(&folder).unwrap();
    let source = |calls: &str| format!("#![allow(dead_code)]\n{}{calls}", alone(OWN_ROWS));
    let (is_good, said) = compiled(&source(OWN_GENERATED), &folder);
    assert!(is_good, "{said}");
    let more = OWN_GENERATED.replacen(
        "pub enum OwnRpc {",
        "pub enum OwnRpc {\n    RecordsRead,",
        1,
    );
    let more = more.replacen(
        "match self {",
        "match self {\n            Self::RecordsRead => \"/sanctuary.intake.v1.Records/Read\",",
        1,
    );
    let (is_good, said) = compiled(&source(&more), &folder);
    assert!(!is_good, "a call without a row compiles");
    assert!(
        said.contains("RecordsRead") && said.contains("not covered"),
        "{said}"
    );
}
