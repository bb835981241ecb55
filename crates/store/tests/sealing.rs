//! Values sealed at rest: what an attacker with the files can and cannot move.
#![allow(clippy::unwrap_used)]

use std::{fs, os::unix::fs::PermissionsExt};

use sanctuary_store::{Options, SEALED_OVERHEAD_BYTES, Sealer, Store, StoreError};

fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Sealed { .. }))
}

#[test]
fn only_the_same_row_under_the_same_key_opens() {
    let sealer = Sealer::from_root_key(&[7; 32]).unwrap();
    let sealed = sealer.seal("records", b"k1", 3, b"secret").unwrap();
    assert_eq!(sealed.len(), b"secret".len() + SEALED_OVERHEAD_BYTES);
    let (version, plain) = sealer.open("records", b"k1", &sealed).unwrap();
    assert_eq!((version, plain.as_slice()), (3, &b"secret"[..]));

    assert!(refused(sealer.open("records", b"k2", &sealed)), "row swap");
    assert!(refused(sealer.open("other", b"k1", &sealed)), "table move");
    let stranger = Sealer::from_root_key(&[8; 32]).unwrap();
    assert!(refused(stranger.open("records", b"k1", &sealed)));
}

#[test]
fn every_edited_or_cut_byte_is_refused() {
    let sealer = Sealer::from_root_key(&[7; 32]).unwrap();
    let sealed = sealer.seal("records", b"k1", 3, b"secret").unwrap();
    for at in 0..sealed.len() {
        let mut edited = sealed.clone();
        edited[at] ^= 1; // format, salt, version, body and tag in turn
        assert!(refused(sealer.open("records", b"k1", &edited)), "byte {at}");
        assert!(refused(sealer.open("records", b"k1", &sealed[..at])));
    }
}

#[test]
fn equal_values_look_different_and_index_keys_are_per_table() {
    let sealer = Sealer::from_root_key(&[7; 32]).unwrap();
    let twice = [0, 1].map(|_| sealer.seal("t", b"k", 1, b"same").unwrap());
    assert_ne!(twice[0], twice[1]);
    assert_eq!(sealer.index_key("t", b"ref"), sealer.index_key("t", b"ref"));
    assert_ne!(sealer.index_key("t", b"ref"), sealer.index_key("u", b"ref"));
}

#[test]
fn the_key_file_is_made_once_and_must_be_private() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys").join("root.key");
    assert!(matches!(
        Sealer::from_key_file(&path),
        Err(StoreError::KeyFile { .. })
    ));
    let sealed = Sealer::from_key_file_or_generate(&path)
        .unwrap()
        .seal("t", b"k", 1, b"v")
        .unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = Sealer::from_key_file_or_generate(&path).unwrap();
    assert_eq!(again.open("t", b"k", &sealed).unwrap().1.as_slice(), b"v");

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let open = Sealer::from_key_file(&path).unwrap_err();
    assert!(open.to_string().contains("chmod 600"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for damaged in ["", "00", &"zz".repeat(32), &"00".repeat(40)] {
        fs::write(&path, damaged).unwrap();
        assert!(matches!(
            Sealer::from_key_file(&path),
            Err(StoreError::KeyFile { .. })
        ));
    }
}

#[test]
fn a_lost_key_is_told_from_a_first_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options::default()).unwrap();
    let table = store.table("meta").unwrap();
    let sealer = Sealer::from_root_key(&[7; 32]).unwrap();
    sealer.bind(&table).unwrap();
    sealer.bind(&table).unwrap();
    let stranger = Sealer::from_root_key(&[8; 32]).unwrap();
    assert!(matches!(stranger.bind(&table), Err(StoreError::WrongKey)));
}
