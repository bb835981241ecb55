//! What was erased is in no file after a rewrite; what stands is all there.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use sanctuary_store::{Batch, Options, Store};

fn open(dir: &Path) -> Store {
    let options = Options {
        reclaim_every_ms: None,
        ..Options::default()
    };
    Store::open(dir, options).unwrap()
}

/// Whether the bytes are in any file of the folder.
fn on_disk(dir: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return on_disk(&path, wanted);
        }
        let bytes = fs::read(path).unwrap();
        bytes.windows(wanted.len()).any(|part| part == wanted)
    })
}

/// The value of a row as sled has it.
fn raw_value(dir: &Path, generation: &str, key: &[u8]) -> Vec<u8> {
    let raw = sled::Config::new()
        .path(dir.join(generation))
        .segment_size(1024 * 1024)
        .open()
        .unwrap();
    raw.open_tree("t")
        .unwrap()
        .get(key)
        .unwrap()
        .unwrap()
        .to_vec()
}

#[test]
fn erased_rows_and_the_key_that_opened_them_are_in_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let table = store.table("t").unwrap();
    for n in 0..200u8 {
        table.insert(&[n], &[n; 100]).unwrap();
    }
    table.insert(b"overwritten", b"first value of it").unwrap();
    store.sync().unwrap();
    drop((table, store));
    let removed = raw_value(dir.path(), "1", &[7]);
    let overwritten = raw_value(dir.path(), "1", b"overwritten");
    let kept = raw_value(dir.path(), "1", &[8]);
    let key = fs::read(dir.path().join("1.key")).unwrap();
    assert!(on_disk(dir.path(), &removed) && on_disk(dir.path(), &key));

    let store = open(dir.path());
    let table = store.table("t").unwrap();
    assert_eq!(store.erased_since_ms(), None);
    store.note_erasure().unwrap();
    table.insert(b"overwritten", b"second value of it").unwrap();
    assert!(table.remove(&[7]).unwrap());
    store.sync().unwrap();
    // sled by itself keeps the old pages: this is what the rewrite is for.
    assert!(on_disk(dir.path(), &removed));
    assert!(store.is_rewrite_due(Duration::ZERO));
    assert!(!store.is_rewrite_due(Duration::from_secs(3_600)));
    drop((table, store));

    // The time since the erasure outlives a restart.
    let store = open(dir.path());
    let table = store.table("t").unwrap();
    assert!(store.erased_since_ms().is_some());
    assert_eq!(store.rewrite().unwrap(), 200);
    assert_eq!(store.erased_since_ms(), None);
    for gone in [&removed, &overwritten, &kept, &key] {
        assert!(!on_disk(dir.path(), gone), "bytes of the old generation");
    }
    assert_eq!(table.get(&[7]).unwrap(), None);
    assert_eq!(
        &*table.get(b"overwritten").unwrap().unwrap(),
        b"second value of it"
    );
    table.insert(b"after", b"goes on").unwrap();
    store.sync().unwrap();
    drop((table, store));
    let store = open(dir.path());
    let table = store.table("t").unwrap();
    assert_eq!(table.len_estimate(), 201);
    assert_eq!(&*table.get(&[8]).unwrap().unwrap(), &[8; 100]);
}

#[test]
fn writers_and_readers_go_on_while_the_store_is_rewritten() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (table, other) = (store.table("t").unwrap(), store.table("u").unwrap());
    for n in 0..4_000u32 {
        table.insert(&n.to_be_bytes(), &[1; 64]).unwrap();
    }
    let stop = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut n = 0u32;
            while !stop.load(Ordering::Relaxed) {
                let (mut a, mut b) = (Batch::default(), Batch::default());
                a.insert(&table, &(n % 4_000).to_be_bytes(), &n.to_be_bytes())
                    .unwrap();
                a.remove(&(4_000 + n).to_be_bytes());
                b.insert(&other, &n.to_be_bytes(), b"new").unwrap();
                store.apply_all(&[(&table, a), (&other, b)]).unwrap();
                n += 1;
            }
            n
        });
        for round in 0..3 {
            // A table that is made meanwhile is carried over as well.
            let late = store.table(&format!("late {round}")).unwrap();
            late.insert(b"k", b"v").unwrap();
            store.rewrite().unwrap();
            assert_eq!(table.scan(&[]).count(), 4_000);
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    assert!(written > 100, "{written}");
    store.sync().unwrap();
    drop((table, other, store));
    let store = open(dir.path());
    let (table, other) = (store.table("t").unwrap(), store.table("u").unwrap());
    assert_eq!(other.len_estimate(), written as usize);
    assert_eq!(table.len_estimate(), 4_000);
    for n in written.saturating_sub(1_000)..written {
        let row = table.get(&(n % 4_000).to_be_bytes()).unwrap().unwrap();
        assert_eq!(&*row, &n.to_be_bytes());
    }
    for round in 0..3 {
        let late = store.table(&format!("late {round}")).unwrap();
        assert_eq!(&*late.get(b"k").unwrap().unwrap(), b"v");
    }
}

#[test]
fn what_a_rewrite_that_was_cut_off_has_left_is_destroyed_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.table("t").unwrap().insert(b"k", b"v").unwrap();
    store.sync().unwrap();
    drop(store);
    fs::create_dir(dir.path().join("2")).unwrap();
    fs::write(dir.path().join("2").join("db"), b"half a file").unwrap();
    fs::write(dir.path().join("2.key"), [9; 32]).unwrap();
    let store = open(dir.path());
    assert!(!dir.path().join("2").exists() && !dir.path().join("2.key").exists());
    assert_eq!(
        &*store.table("t").unwrap().get(b"k").unwrap().unwrap(),
        b"v"
    );
    assert_eq!(store.rewrite().unwrap(), 1);
}

/// Rows of a store from before generations: payload and CRC-32 over key and payload.
#[test]
fn a_store_from_before_generations_is_taken_over_once() {
    let dir = tempfile::tempdir().unwrap();
    let raw = sled::Config::new()
        .path(dir.path())
        .segment_size(1024 * 1024)
        .open()
        .unwrap();
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(b"k");
    hasher.update(b"payload of old");
    let value = [b"payload of old", &hasher.finalize().to_be_bytes()[..]].concat();
    raw.open_tree("t").unwrap().insert(b"k", value).unwrap();
    raw.flush().unwrap();
    drop(raw);
    for _ in 0..2 {
        let store = open(dir.path());
        let row = store.table("t").unwrap().get(b"k").unwrap().unwrap();
        assert_eq!(&*row, b"payload of old");
        assert!(!dir.path().join("db").exists());
        assert!(!on_disk(dir.path(), b"payload of old"));
    }
}
