//! Files: written whole, secrets private, read back equal.

mod common;

use std::{fs, os::unix::fs::PermissionsExt};

use common::{partnership, rng};
use sanctuary_trust::{
    SealingKey, SigningKey, TrustError,
    files::{
        IdentityFiles, Layout, load_anchors, load_authority, load_roster, read_limited,
        read_secret, write_new_keys, write_public, write_secret,
    },
    verify,
};

#[test]
fn a_partnership_comes_back_from_its_directory() {
    let dir = tempfile::tempdir().unwrap();
    let p = partnership();
    let layout = p.write_to_dir(dir.path()).unwrap();
    assert_eq!(layout, Layout(dir.path().to_owned()));
    assert_eq!(load_anchors(&layout.anchors()).unwrap(), p.anchors);
    assert_eq!(load_roster(&layout.roster()).unwrap(), p.roster);
    assert_eq!(
        load_authority(&layout.authority()).unwrap().certificate(),
        p.authority.certificate()
    );
    for member in p.members() {
        let id = member.party.id.as_str();
        let files = IdentityFiles::load(&layout.party(id)).unwrap();
        assert_eq!(files.chain, member.chain);
        assert_eq!(files.tls_key, member.tls_key);
        assert_eq!(files.signing.public(), member.party.signing_key);
        assert_eq!(files.sealing.map(|k| k.public()), member.party.sealing_key);
    }
    for secret in [
        "ca/ca.key",
        "hub/tls.key",
        "alder/signing.key",
        "alder/sealing.key",
    ] {
        let mode = fs::metadata(dir.path().join(secret))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
    // Nothing temporary is left, and a second partnership does not overwrite the first.
    assert!(
        fs::read_dir(dir.path().join("hub"))
            .unwrap()
            .all(|f| { !f.unwrap().file_name().to_string_lossy().contains("tmp") })
    );
    assert!(matches!(
        p.write_to_dir(dir.path()),
        Err(TrustError::File { .. })
    ));
}

#[test]
fn an_open_secret_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("signing.key");
    write_secret(&path, b"x").unwrap();
    read_secret(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = read_secret(&path).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
}

#[test]
fn replacing_makes_a_secret_private_again_and_keeps_no_half() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    write_public(&path, b"old and longer").unwrap();
    write_secret(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // A target that cannot be replaced leaves nothing behind.
    let blocked = dir.path().join("blocked");
    fs::create_dir_all(blocked.join("inside")).unwrap();
    assert!(write_public(&blocked, b"x").is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn too_large_and_missing_files_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    write_public(&path, &[0; 100]).unwrap();
    assert_eq!(read_limited(&path, 100).unwrap().len(), 100);
    assert!(read_limited(&path, 99).is_err());
    let error = read_limited(&dir.path().join("none"), 9)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no such file"), "{error}");
}

#[test]
fn keys_are_not_overwritten_by_a_second_enrolment() {
    let dir = tempfile::tempdir().unwrap();
    let key = SigningKey::generate(&mut rng(1)).unwrap();
    write_new_keys(dir.path(), &key.to_pkcs8(), &key, None).unwrap();
    assert!(write_new_keys(dir.path(), &key.to_pkcs8(), &key, None).is_err());
    let keys = IdentityFiles::load_keys(dir.path()).unwrap();
    assert!(keys.chain.is_empty() && keys.sealing.is_none());
    // Without a certificate it is no identity yet.
    assert!(IdentityFiles::load(dir.path()).is_err());
}

#[test]
fn keys_round_trip_sign_and_stay_secret() {
    let key = SigningKey::generate(&mut rng(1)).unwrap();
    let again = SigningKey::from_pkcs8(&key.to_pkcs8()).unwrap();
    assert_eq!(again.public(), key.public());
    let signature = again.sign(b"message");
    verify(&key.public(), b"message", &signature).unwrap();
    assert!(verify(&key.public(), b"massage", &signature).is_err());
    assert!(verify(&key.public(), b"message", &signature[..63]).is_err());
    assert_eq!(format!("{key:?}"), "SigningKey(<redacted>)");
    // PKCS#8 version 2, as other tools write it, is read too.
    let two =
        ring::signature::Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let pair = ring::signature::Ed25519KeyPair::from_pkcs8(two.as_ref()).unwrap();
    let read = SigningKey::from_pkcs8(two.as_ref()).unwrap();
    assert_eq!(
        read.public(),
        ring::signature::KeyPair::public_key(&pair).as_ref()
    );
    for bad in [&b""[..], &two.as_ref()[..40], &[0x30; 48]] {
        assert!(SigningKey::from_pkcs8(bad).is_err());
    }
    let sealing = SealingKey::generate(&mut rng(2));
    let again = SealingKey::from_bytes(sealing.secret()).unwrap();
    assert_eq!(again.public(), sealing.public());
    assert_eq!(format!("{sealing:?}"), "SealingKey(<redacted>)");
}
