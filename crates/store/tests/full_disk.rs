//! A disk that really fills up: a small tmpfs. Needs the right to mount, else skips loudly.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

use sanctuary_store::{Committer, GroupLimits, Options, Sequence, Store, StoreError};

struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(dir.path())
            .status();
        mounted.is_ok_and(|s| s.success()).then_some(Self(dir))
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[test]
fn a_full_disk_is_named_and_loses_nothing_acknowledged() {
    let Some(disk) = SmallDisk::mount(12) else {
        eprintln!("SKIPPED: a full disk, because this user may not mount a tmpfs");
        return;
    };
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![0; 6 * 1024 * 1024]).unwrap();
    let data = disk.path().join("data");

    let acknowledged = fill(&data);
    assert!(!acknowledged.is_empty());

    fs::remove_file(&ballast).unwrap();
    let store = Store::open(&data, Options::default()).unwrap();
    let rows = Sequence::open(store.table("log").unwrap()).unwrap();
    for number in &acknowledged {
        let row = rows
            .read(*number)
            .unwrap()
            .expect("acknowledged row is kept");
        assert_eq!(&*row, payload(*number));
    }
    // After space was freed the store works again.
    rows.append(b"after").unwrap();
    store.sync().unwrap();
}

/// Commits until the disk is full; gives the acknowledged row numbers.
fn fill(data: &Path) -> Vec<u64> {
    let store = Store::open(data, Options::default()).unwrap();
    let rows = Sequence::open(store.table("log").unwrap()).unwrap();
    let apply = move |jobs: &mut [()]| {
        jobs.iter()
            .map(|()| rows.append(&payload(rows.next())))
            .collect::<Vec<_>>()
    };
    let committer = Committer::start("log", store, GroupLimits::default(), |()| 1, apply).unwrap();
    let mut acknowledged = Vec::new();
    let error = loop {
        assert!(acknowledged.len() < 100_000, "the disk never fills");
        match committer.commit(()) {
            Ok(number) => acknowledged.push(number),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert!(error.to_string().contains("free space"));
    assert!(matches!(committer.commit(()), Err(StoreError::Poisoned)));
    acknowledged
}

fn payload(number: u64) -> Vec<u8> {
    number.to_be_bytes().repeat(100)
}
