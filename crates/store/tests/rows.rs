//! Tables, batches, sequences and the checks on each row.
#![allow(clippy::unwrap_used)]

use std::fs;

use sanctuary_store::{
    Batch, KEY_BYTES_MAX, Options, Sequence, Store, StoreError, Table, VALUE_BYTES_MAX,
};

fn open() -> (tempfile::TempDir, Store, Table) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options::default()).unwrap();
    let table = store.table("t").unwrap();
    (dir, store, table)
}

#[test]
fn rows_survive_a_restart_and_scan_in_order() {
    let (dir, store, table) = open();
    for key in ["b/2", "a/1", "b/1", "c/1"] {
        table.insert(key.as_bytes(), key.as_bytes()).unwrap();
    }
    assert!(table.remove(b"c/1").unwrap() && !table.remove(b"c/1").unwrap());
    store.sync().unwrap();
    drop((table, store));

    let store = Store::open(dir.path(), Options::default()).unwrap();
    let table = store.table("t").unwrap();
    let keys = |rows: sanctuary_store::Rows| -> Vec<String> {
        rows.map(|r| String::from_utf8(r.unwrap().0).unwrap())
            .collect()
    };
    assert_eq!(keys(table.scan(b"b/")), ["b/1", "b/2"]);
    assert_eq!(keys(table.range("a/2".."b/2")), ["b/1"]);
    assert_eq!(keys(table.range("b/2".."b/1")), [""; 0]);
    assert_eq!(table.first().unwrap().unwrap().0, b"a/1");
    assert_eq!(&*table.last().unwrap().unwrap().1, b"b/2");
    assert!(table.contains(b"b/1").unwrap() && !table.contains(b"c/1").unwrap());
    assert_eq!(table.len_estimate(), 3);
}

#[test]
fn oversized_values_and_keys_are_refused() {
    let (_dir, _store, table) = open();
    table.insert(b"k", &vec![1; VALUE_BYTES_MAX]).unwrap();
    let large = table.insert(b"k", &vec![1; VALUE_BYTES_MAX + 1]);
    assert!(matches!(large, Err(StoreError::TooLarge { .. })));
    let large = Batch::default().insert(&table, b"k", &vec![1; VALUE_BYTES_MAX + 1]);
    assert!(matches!(large, Err(StoreError::TooLarge { .. })));
    for key in [vec![], vec![0; KEY_BYTES_MAX + 1]] {
        let refused = table.insert(&key, b"");
        assert!(matches!(refused, Err(StoreError::KeyLength { .. })));
    }
}

/// Writes past the checks, as a damaged page would look.
#[test]
fn a_changed_or_misplaced_row_is_named() {
    let (dir, store, table) = open();
    table.insert(b"good", b"payload").unwrap();
    store.sync().unwrap();
    drop((table, store));

    let raw = sled::Config::new()
        .path(dir.path().join("1"))
        .segment_size(1024 * 1024)
        .open()
        .unwrap();
    let tree = raw.open_tree("t").unwrap();
    let stored = tree.get(b"good").unwrap().unwrap();
    let mut changed = stored.to_vec();
    changed[0] ^= 1;
    tree.insert(b"changed", changed).unwrap();
    tree.insert(b"moved", stored).unwrap();
    tree.insert(b"short", &[1, 2]).unwrap();
    raw.flush().unwrap();
    drop((tree, raw));

    let store = Store::open(dir.path(), Options::default()).unwrap();
    let table = store.table("t").unwrap();
    assert_eq!(&*table.get(b"good").unwrap().unwrap(), b"payload");
    for key in [&b"changed"[..], b"moved", b"short"] {
        let Err(StoreError::Corrupt { table, key: named }) = table.get(key) else {
            panic!("a damaged row was read");
        };
        assert_eq!(table, "t");
        assert!(hex::encode(key).starts_with(&named));
    }
    assert_eq!(table.scan(&[]).filter(Result::is_err).count(), 3);
}

#[test]
fn a_second_opener_is_told_so() {
    let (dir, _store, _table) = open();
    let second = Store::open(dir.path(), Options::default());
    assert!(matches!(second, Err(StoreError::InUse { .. })));
}

#[test]
fn files_in_blobs_stop_the_store() {
    let (dir, store, table) = open();
    fs::write(dir.path().join("1").join("blobs").join("1"), b"x").unwrap();
    let named = store.assert_no_blobs();
    assert!(matches!(named, Err(StoreError::Blobs { files: 1, .. })));
    drop((table, store));
    let reopened = Store::open(dir.path(), Options::default());
    assert!(matches!(reopened, Err(StoreError::Blobs { .. })));
}

/// Full rows fill leaves to sled's split point; removals make it merge leaves.
#[test]
fn full_rows_never_become_blobs() {
    let (_dir, store, table) = open();
    let rows = Sequence::open(table).unwrap();
    let payload = vec![7; VALUE_BYTES_MAX];
    for round in 0..40 {
        let mut batch = Batch::default();
        for _ in 0..50 {
            rows.append_to(&mut batch, &payload).unwrap();
        }
        rows.table().apply(batch).unwrap();
        if round % 3 == 2 {
            for number in (rows.next() - 140..rows.next()).filter(|n| n % 6 != 0) {
                rows.table().remove(&number.to_be_bytes()).unwrap();
            }
        }
        store.sync().unwrap();
        store.assert_no_blobs().unwrap();
    }
}

/// The quota counters of a key holder are rewritten for ever: their space must be used again (here
/// over 20 MB are written). Values differ, because sled passes over a write that changes nothing.
#[test]
fn rewriting_rows_reuses_space() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        cache_bytes: 1024 * 1024,
        reclaim_every_ms: Some(50),
    };
    let store = Store::open(dir.path(), options).unwrap();
    let table = store.table("t").unwrap();
    for i in 0..100_000_u64 {
        table
            .insert(&(i % 50).to_be_bytes(), &i.to_be_bytes().repeat(25))
            .unwrap();
        if i % 5_000 == 0 {
            store.sync().unwrap();
        }
    }
    store.sync().unwrap();
    let bytes = store.size_on_disk_bytes().unwrap();
    assert!(bytes < 16 * 1024 * 1024, "{bytes} bytes for 10 kB of rows");
}

#[test]
fn sequences_go_on_after_a_restart() {
    let (dir, store, table) = open();
    let rows = Sequence::open(table).unwrap();
    assert_eq!(rows.append(b"one").unwrap(), 1);
    assert_eq!(rows.append(b"two").unwrap(), 2);
    rows.reserve_to(10);
    assert_eq!(rows.append(b"ten").unwrap(), 10);
    assert_eq!(rows.len_estimate().unwrap(), 10);
    store.sync().unwrap();
    drop((rows, store));

    let store = Store::open(dir.path(), Options::default()).unwrap();
    let rows = Sequence::open(store.table("t").unwrap()).unwrap();
    assert_eq!(rows.next(), 11);
    let from_two: Vec<u64> = rows.scan_from(2).map(|r| r.unwrap().0).collect();
    assert_eq!(from_two, [2, 10]);
    assert_eq!(&*rows.read(2).unwrap().unwrap(), b"two");
}

#[test]
fn several_tables_change_together() {
    let (_dir, store, first) = open();
    let second = store.table("u").unwrap();
    let (mut a, mut b) = (Batch::default(), Batch::default());
    a.insert(&first, b"k", b"1").unwrap();
    b.insert(&second, b"k", b"2").unwrap();
    store.apply_all(&[(&first, a), (&second, b)]).unwrap();
    assert_eq!(&*first.get(b"k").unwrap().unwrap(), b"1");
    assert_eq!(&*second.get(b"k").unwrap().unwrap(), b"2");
}
