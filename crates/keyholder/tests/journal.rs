//! The ports on disk: the same rules as in memory, kept over a restart, shares sealed.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use sanctuary_holder_core::{Charge, Charged, QuotaStore, suite};
use sanctuary_keyholder::Journal;
use sanctuary_keyshare::{KeyShare, dealer};

fn open(dir: &Path) -> Journal {
    Journal::open(&dir.join("data"), &dir.join("keys").join("root.key")).unwrap()
}

fn shares() -> Vec<KeyShare> {
    dealer::deal(2, 2, &mut rand::rng()).unwrap().0
}

#[test]
fn the_journal_keeps_the_rules_of_the_ports() {
    let mut dirs = Vec::new();
    suite::quota_store(|| {
        dirs.push(tempfile::tempdir().unwrap());
        open(dirs.last().unwrap().path())
    });
    let dir = tempfile::tempdir().unwrap();
    let shares = shares();
    suite::share_store(&open(dir.path()), [&shares[0], &shares[1]]);
}

#[test]
fn charges_and_batches_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = suite::charge("police", 1, 1);
    open(dir.path()).charge(&first).unwrap();
    let journal = open(dir.path());
    assert_eq!(
        journal.used(&first.agency, first.class, first.day).unwrap(),
        10
    );
    assert_eq!(journal.charge(&first).unwrap(), Charged::Repeat);
    let replay = suite::charge("council", 2, 1);
    assert_eq!(journal.charge(&replay).unwrap(), Charged::OtherAgency);
    let over = Charge {
        elements: 16,
        ..suite::charge("police", 3, 3)
    };
    assert_eq!(
        journal.charge(&over).unwrap(),
        Charged::Exceeded { used: 10 }
    );
}

#[test]
fn no_file_of_the_data_directory_holds_a_share() {
    let dir = tempfile::tempdir().unwrap();
    let shares = shares();
    suite::share_store(&open(dir.path()), [&shares[0], &shares[1]]);
    let secret = &shares[0].to_bytes()[2..];
    let found = |folder: &Path| -> bool {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .any(|path| fs::read(path).unwrap().windows(32).any(|w| w == secret))
    };
    assert!(!found(&dir.path().join("data")));
    // The search itself works.
    fs::write(
        dir.path().join("data").join("leak"),
        &shares[0].to_bytes()[..],
    )
    .unwrap();
    assert!(found(&dir.path().join("data")));
}

#[test]
fn a_lost_or_foreign_root_key_is_told_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let root_key = dir.path().join("keys").join("root.key");
    let data = dir.path().join("data");
    fs::remove_file(&root_key).unwrap();
    let error = Journal::open(&data, &root_key).err().unwrap().to_string();
    assert!(error.contains("restore it from its backup"), "{error}");
    drop(Journal::open(&dir.path().join("other"), &root_key).unwrap());
    let error = Journal::open(&data, &root_key).err().unwrap().to_string();
    assert!(
        error.contains("does not belong to this data directory"),
        "{error}"
    );
}
