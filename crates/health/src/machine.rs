//! What the machine says: memory of this process, room on the disk.

use std::{fs, path::Path};

/// Resident memory of this process; none where the system does not say.
#[must_use]
pub fn memory_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}

/// Bytes of the files in a folder and below.
#[must_use]
pub fn data_bytes(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else {
        return 0;
    };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => data_bytes(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

/// Bytes that may still be written where `dir` lies; none where the system does not say.
#[must_use]
pub fn free_bytes(dir: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(dir).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_asked() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(dir.path().join("a/b"), [0; 700]).unwrap();
        fs::write(dir.path().join("c"), [0; 50]).unwrap();
        assert_eq!(data_bytes(dir.path()), 750);
        assert!(free_bytes(dir.path()).unwrap() > 0);
        if cfg!(target_os = "linux") {
            assert!(memory_bytes().unwrap() > 100_000);
        }
    }
}
