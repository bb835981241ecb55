//! The sled adapter: the port's suite, reopening, and nothing readable on the disk.

use std::{cell::Cell, fs, path::Path};

use sanctuary_node::SledStore;
use sanctuary_node_core::{ports::NodeStore, suite};
use sanctuary_store::{Sealer, StoreError};
use sanctuary_types::{Epoch, Generation, KeyClass};

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
    let mut bytes = Vec::new();
    read_all(dir.path(), &mut bytes);
    assert!(bytes.len() > 1_000);
    for word in [
        "reference 1",
        "amal@example.org",
        "haddad",
        "names 1",
        "council",
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
