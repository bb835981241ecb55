//! An independent verifier, a Python script on the public formats alone, agrees with this crate about
//! roots, inclusion, consistency and signatures, and refuses what this crate refuses.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use common::World;
use sanctuary_ledger::{
    Fetched, LogKey, PortError, Resource, Tiles,
    audit::{self, Known},
};
use serde_json::Value;

#[test]
fn an_independent_verifier_agrees() {
    let Some(script) = script() else { return };
    for entries in [1, 255, 256, 257, 700] {
        let (world, folder) = exported(entries);
        let summary = run(&script, folder.path()).unwrap();
        let checkpoint = world.ledger.latest().unwrap();
        assert_eq!(summary["size"], entries as u64);
        assert_eq!(summary["root"], hex::encode(checkpoint.root()));
        assert_eq!(summary["time"], checkpoint.time().0 / 1000);
        assert_eq!(summary["witnesses"].as_array().unwrap().len(), 3);
        let report = audit::verify(
            &reader(folder.path()),
            checkpoint.note(),
            &world.quorum(),
            &Known::default(),
            world.now,
        )
        .unwrap();
        for (kind, count) in &report.by_kind {
            assert_eq!(summary["kinds"][kind.word()], *count);
        }
        assert!(summary["proofs"].as_u64().unwrap() >= 1);
        assert!(summary["consistency"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn it_refuses_what_was_tampered_with() {
    let Some(script) = script() else { return };
    let (_world, folder) = exported(300);
    let dir = folder.path();
    run(&script, dir).unwrap();
    let ways: [(&str, usize, &str); 6] = [
        ("tile/entries/000", 200, "entry 0"),
        ("tile/entries/001.p/44", 200, "entry 256"),
        ("tile/0/000", 32 * 9, "entry 9"),
        ("tile/1/000.p/1", 3, "entry 0"),
        ("checkpoint", 24, ""),
        ("proofs/299.tlog-proof", 300, ""),
    ];
    for (file, at, expected) in ways {
        let path = dir.join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, bad).unwrap();
        let message = run(&script, dir).unwrap_err();
        assert!(message.contains(expected), "{file}: {message}");
        fs::write(&path, good).unwrap();
    }
    run(&script, dir).unwrap();
    fs::write(dir.join("needed"), "4").unwrap();
    assert!(
        run(&script, dir)
            .unwrap_err()
            .contains("3 cosignatures, 4 needed")
    );
}

#[test]
fn a_folder_is_read_like_the_store_it_came_from() {
    let (world, folder) = exported(300);
    let (folder, store) = (reader(folder.path()), world.ledger.store());
    for resource in Resource::of_tree(300) {
        assert_eq!(
            resource.read(&folder).unwrap(),
            resource.read(store).unwrap()
        );
    }
    // An older client wants a narrower tile: the beginning of the full one.
    assert_eq!(folder.bundle(0, 7).unwrap(), store.bundle(0, 7).unwrap());
    assert!(folder.bundle(1, 45).is_err());
}

/// The log as a web server would publish it, with proofs beside it.
fn exported(entries: usize) -> (World, tempfile::TempDir) {
    let (mut world, _) = World::with_entries(entries / 2);
    let old = world.ledger.latest().unwrap().clone();
    world.act(entries - entries / 2);
    let checkpoint = world.publish().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |path: String, bytes: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("checkpoint".to_owned(), checkpoint.note());
    for resource in Resource::of_tree(checkpoint.size()) {
        write(
            resource.path(),
            &resource.read(world.ledger.store()).unwrap(),
        );
    }
    write("keys".to_owned(), keys(&world).as_bytes());
    write("needed".to_owned(), b"2");
    let size = checkpoint.size();
    for index in [0, size / 3, size / 2, size - 1] {
        let proof = audit::prove(world.ledger.store(), &checkpoint, index).unwrap();
        write(format!("proofs/{index}.tlog-proof"), &proof.to_bytes());
    }
    for from in [old.size(), size] {
        let root = if from == size {
            *checkpoint.root()
        } else {
            *old.root()
        };
        let request = world.ledger.for_witness(from).unwrap();
        write(format!("consistency/{from}.request"), &request.to_bytes());
        write(
            format!("consistency/{from}.root"),
            STANDARD.encode(root).as_bytes(),
        );
    }
    (world, folder)
}

fn keys(world: &World) -> String {
    let quorum = world.quorum();
    let log: &LogKey = quorum.log();
    let witnesses = quorum.witnesses().iter().map(|w| w.verifier_key());
    log.verifier_keys()
        .into_iter()
        .chain(witnesses)
        .collect::<Vec<_>>()
        .join("\n")
}

fn reader(folder: &Path) -> Fetched<impl Fn(Resource) -> Result<Vec<u8>, PortError>> {
    let folder = folder.to_path_buf();
    Fetched(move |resource: Resource| {
        fs::read(folder.join(resource.path())).map_err(|e| PortError(e.kind().to_string()))
    })
}

fn script() -> Option<PathBuf> {
    let found = Command::new("python3").arg("--version").output();
    if !found.is_ok_and(|o| o.status.success()) {
        eprintln!("SKIPPED: python3 is missing, so the independent verifier was not run");
        return None;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verifiers/verify_ledger.py");
    assert!(
        path.exists(),
        "the independent verifier is part of the repository"
    );
    Some(path)
}

fn run(script: &Path, folder: &Path) -> Result<Value, String> {
    let output = Command::new("python3")
        .arg(script)
        .arg(folder)
        .output()
        .unwrap();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
