//! The sled adapter: the port's suite, reopening, and nothing readable on the disk.

use std::{cell::Cell, fs, path::Path};

use sanctuary_node::SledStore;
use sanctuary_node_core::{
    ComparisonEntry, ComparisonLimits, ComparisonStage,
    ports::{ComparisonLog, NodeStore},
    suite,
};
use sanctuary_store::{Sealer, StoreError};
use sanctuary_types::{Epoch, Generation, KeyClass, Pseudonym, Timestamp};

const ROOT: [u8; 32] = [5; 32];

fn open(dir: &Path) -> SledStore {
    SledStore::open(dir, 16, Sealer::from_root_key(&ROOT).unwrap()).unwrap()
}

#[test]
fn sled_does_what_the_port_says() {
    let dir = tempfile::tempdir().unwrap();
    let number = Cell::new(0);
    suite::run(|| {
        number.set(number.get() + 1);
        open(&dir.path().join(number.get().to_string()))
    });
}

#[test]
fn the_roll_of_feeds_does_what_the_port_says() {
    let dir = tempfile::tempdir().unwrap();
    suite::run_feeds(&open(dir.path()));
}

#[test]
fn the_log_of_comparisons_does_what_the_port_says() {
    let dir = tempfile::tempdir().unwrap();
    let number = Cell::new(0);
    let current = || dir.path().join(number.get().to_string());
    let fresh = || {
        number.set(number.get() + 1);
        open(&current())
    };
    suite::run_comparisons(fresh, |store| {
        drop(store);
        open(&current())
    });
}

#[test]
fn comparisons_are_forgotten_after_a_quarter() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let write = |day: u64| {
        let entry = ComparisonEntry {
            at: Timestamp(day * 86_400_000),
            comparison: [1; 16],
            stage: ComparisonStage::Open,
            peer: "council".parse().unwrap(),
            own: Pseudonym([1; 16]),
            made_of: [1; 16],
        };
        let limits = ComparisonLimits::default();
        store.log_comparisons(&[entry], limits).unwrap();
    };
    write(10);
    write(100);
    assert_eq!(store.comparisons(9).unwrap().len(), 2);
    write(101);
    let days: Vec<u32> = (store.comparisons(9).unwrap().iter())
        .map(|entry| entry.at.day())
        .collect();
    assert_eq!(days, [101, 100]);
}

#[test]
fn everything_survives_reopening_once() {
    let dir = tempfile::tempdir().unwrap();
    suite::survives_reopening(|| open(dir.path()));
    let store = open(dir.path());
    assert_eq!(store.outbox_len().unwrap(), 1);
}

#[test]
fn nothing_on_the_disk_is_readable() {
    let dir = tempfile::tempdir().unwrap();
    suite::survives_reopening(|| open(dir.path()));
    let entry = ComparisonEntry {
        at: Timestamp(1),
        comparison: [1; 16],
        stage: ComparisonStage::Open,
        peer: "council".parse().unwrap(),
        own: Pseudonym(*b"pseudonym of one"),
        made_of: [1; 16],
    };
    let limits = ComparisonLimits::default();
    open(dir.path()).log_comparisons(&[entry], limits).unwrap();
    let mut bytes = Vec::new();
    read_all(dir.path(), &mut bytes);
    assert!(bytes.len() > 1_000);
    for word in [
        "reference 1",
        "amal@example.org",
        "haddad",
        "names 1",
        "council",
        "pseudonym of one",
        "made_of",
    ] {
        assert!(
            !bytes.windows(word.len()).any(|w| w == word.as_bytes()),
            "found {word}"
        );
    }
}

#[test]
fn another_key_and_a_second_process_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let again = SledStore::open(dir.path(), 16, Sealer::from_root_key(&ROOT).unwrap());
    assert!(matches!(again.err(), Some(StoreError::InUse { .. })));
    drop(store);
    let other = SledStore::open(dir.path(), 16, Sealer::from_root_key(&[6; 32]).unwrap());
    assert!(matches!(other.err(), Some(StoreError::WrongKey)));
}

#[test]
fn an_older_manifest_is_refused_even_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let newest = (Epoch(3), Generation(2));
    {
        let store = open(dir.path());
        store
            .accept_keys(KeyClass::Person, Epoch(3), Generation(1))
            .unwrap();
        store
            .accept_keys(KeyClass::Person, newest.0, newest.1)
            .unwrap();
    }
    let store = open(dir.path());
    store
        .accept_keys(KeyClass::Person, newest.0, newest.1)
        .unwrap();
    store
        .accept_keys(KeyClass::Identifier, Epoch(1), Generation(0))
        .unwrap();
    for (epoch, generation) in [(3, 1), (2, 9)] {
        let refused = store.accept_keys(KeyClass::Person, Epoch(epoch), Generation(generation));
        assert!(refused.unwrap_err().to_string().contains("older"));
    }
}

fn read_all(dir: &Path, into: &mut Vec<u8>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, into);
        } else {
            into.extend(fs::read(path).unwrap());
        }
    }
}
