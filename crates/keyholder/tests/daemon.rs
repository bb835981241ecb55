//! The program itself: exit codes, signals, no core dumps.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use rand::rng;
use rustix::process::{Pid, Signal, kill_process};
use sanctuary_rpc::now;
use sanctuary_trust::{Partnership, Plan};

fn program(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sanctuary-keyholder"));
    command.arg("--config").arg(config).stderr(Stdio::piped());
    command
}

/// A partnership on disk and a configuration of its first key holder.
fn set_up(dir: &Path, listen: &str) -> PathBuf {
    let plan = Plan::new("hub", &["alder", "birch", "cedar"], &["police"]).unwrap();
    let partnership = Partnership::generate(&plan, now(), &mut rng()).unwrap();
    partnership.write_to_dir(&dir.join("partnership")).unwrap();
    let config = dir.join("keyholder.toml");
    let text = format!(
        "party = \"alder\"\nlisten = \"{listen}\"\ndata_dir = \"data\"\n\
         identity_dir = \"partnership/alder\"\nanchors = \"partnership/anchors.json\"\n\
         roster = \"partnership/roster.json\"\nmanifests = [\"partnership/manifest-person.json\"]\n"
    );
    fs::write(&config, text).unwrap();
    config
}

fn assert_fails(output: &Output, code: i32, text: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(stderr.contains(text), "{stderr}");
}

/// Closes the log afterwards: a log that nobody reads must not end the daemon.
fn until_serving(child: &mut Child) {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let serving = lines
        .map_while(Result::ok)
        .find(|line| line.contains("key holder is serving"));
    assert!(serving.is_some(), "the daemon never served");
}

#[test]
fn bad_configurations_end_with_two_and_other_faults_with_one() {
    let dir = tempfile::tempdir().unwrap();
    let missing = program(&dir.path().join("none.toml")).output().unwrap();
    assert_fails(&missing, 2, "cannot read the configuration");
    let config = set_up(dir.path(), "127.0.0.1:0");
    let good = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("colour = 1\n{good}")).unwrap();
    assert_fails(&program(&config).output().unwrap(), 2, "colour");

    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = occupied.local_addr().unwrap().to_string();
    fs::write(&config, good.replace("127.0.0.1:0", &address)).unwrap();
    assert_fails(&program(&config).output().unwrap(), 1, "cannot listen on");

    fs::write(&config, good.replace("\"alder\"", "\"birch\"")).unwrap();
    let foreign = program(&config).output().unwrap();
    assert_fails(&foreign, 1, "are not those the roster has for birch");
    fs::write(&config, good.replace("\"alder\"", "\"police\"")).unwrap();
    assert_fails(
        &program(&config).output().unwrap(),
        1,
        "another kind of party",
    );
}

#[test]
fn it_forbids_core_dumps_and_ends_cleanly_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let config = set_up(dir.path(), "127.0.0.1:0");
    for signal in [Signal::INT, Signal::TERM] {
        let mut child = program(&config).spawn().unwrap();
        until_serving(&mut child);
        let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let core = limits
            .lines()
            .find(|l| l.starts_with("Max core file size"))
            .unwrap();
        let values: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
        assert_eq!(values, ["0", "0"]);
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    let root_key = dir.path().join("partnership/alder/root.key");
    assert!(
        root_key.exists(),
        "made at the first start, apart from the data"
    );
}
