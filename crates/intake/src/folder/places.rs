//! The sub-folders of a feed, and the names in them.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use sanctuary_types::Timestamp;

const DAY_MS: u64 = 86_400_000;

/// Where a feed's files lie.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Where the agency's system leaves them.
    pub incoming: PathBuf,
    /// The one that is being imported.
    pub processing: PathBuf,
    /// Imported.
    pub processed: PathBuf,
    /// Not usable as a whole.
    pub rejected: PathBuf,
}

impl Places {
    /// Makes the sub-folders. A link in place of one is refused: files would move elsewhere.
    pub fn open(incoming: &Path) -> io::Result<Self> {
        let incoming = fs::canonicalize(incoming)?;
        let sub = |name: &str| incoming.join(name);
        let places = Self {
            processing: sub("processing"),
            processed: sub("processed"),
            rejected: sub("rejected"),
            incoming,
        };
        for folder in [&places.processing, &places.processed, &places.rejected] {
            match DirBuilder::new().mode(0o750).create(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        places.check()?;
        Ok(places)
    }

    /// Whether the sub-folders are folders still.
    pub fn check(&self) -> io::Result<()> {
        for folder in [&self.processing, &self.processed, &self.rejected] {
            if !fs::symlink_metadata(folder)?.is_dir() {
                return Err(io::Error::other(
                    "processing, processed and rejected must be folders, not links",
                ));
            }
        }
        Ok(())
    }

    /// A name that is free in every sub-folder: when, then the name as it came.
    pub fn claimed_name(&self, name: &str, now: Timestamp) -> io::Result<String> {
        for later in 0..60_000 {
            let claimed = format!("{}-{name}", stamp(Timestamp(now.0 + later)));
            let is_free = |folder: &PathBuf| match fs::symlink_metadata(folder.join(&claimed)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
                Err(error) => Err(error),
                Ok(_) => Ok(false),
            };
            if is_free(&self.processing)? && is_free(&self.processed)? && is_free(&self.rejected)? {
                return Ok(claimed);
            }
        }
        Err(io::Error::other("too many files of one name at one moment"))
    }

    /// Removes what was settled more than `keep_days` ago; gives how many files.
    pub fn tidy(&self, keep_days: u32, now: Timestamp) -> io::Result<u64> {
        let kept_ms = u64::from(keep_days) * DAY_MS;
        let oldest = stamp(Timestamp(now.0.saturating_sub(kept_ms)));
        let mut removed = 0;
        for folder in [&self.processed, &self.rejected] {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let name = entry.file_name();
                let age = name.to_str().and_then(stamp_of);
                if age.is_some_and(|at| at < oldest.as_str()) && !entry.file_type()?.is_dir() {
                    fs::remove_file(entry.path())?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// `20261201T104500.123Z`: sorts by time.
fn stamp(at: Timestamp) -> String {
    let (year, month, day) = at.date();
    let ms = at.0 % DAY_MS;
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let ms = ms % 1_000;
    format!("{year:04}{month:02}{day:02}T{hours:02}{minutes:02}{seconds:02}.{ms:03}Z")
}

/// The stamp that a claimed name begins with.
fn stamp_of(name: &str) -> Option<&str> {
    let (stamp, _) = name.split_once('-')?;
    let digits = |part: Option<&str>| part.is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
    let fits = stamp.len() == 20
        && digits(stamp.get(..8))
        && stamp.get(8..9) == Some("T")
        && stamp.ends_with('Z');
    fits.then_some(stamp)
}

/// `name.ending` beside a file.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(OsStr::new(ending));
    PathBuf::from(name)
}

/// The file appears whole or not at all, durable, and never through a link.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = beside(path, ".partial");
    remove(&partial)?;
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o640)
        .open(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(partial, path)
}

/// Removes a file that may not be there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A rename is durable once its folders are. Shares that cannot do it sync by themselves.
pub(super) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_sort_by_time_and_are_found_again() {
        let at = stamp(Timestamp(1_795_392_000_123));
        assert_eq!(at, "20261123T000000.123Z");
        assert_eq!(stamp_of(&format!("{at}-a-b.csv")), Some(at.as_str()));
        assert!(at < stamp(Timestamp(1_795_392_001_000)));
        for other in ["people.csv", "2026-people.csv", "x-y", ""] {
            assert_eq!(stamp_of(other), None);
        }
    }
}
