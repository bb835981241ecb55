use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use sanctuary_store::{Sealer, StoreError};
use serde::{Serialize, de::DeserializeOwned};

/// Bytes of a note: a partnership has some hundred members.
const NOTE_BYTES_MAX: u64 = 4 * 1024 * 1024;
const PLACE: &str = "status";

/// What a daemon writes of itself every few seconds, for `status` of its operator. It says when parties were
/// last met, so it lies sealed: under a key of its own, since whoever shows the status needs no other.
pub struct StatusNote {
    path: PathBuf,
    sealer: Sealer,
}

impl StatusNote {
    /// The note in `data_dir`, and its key `status.key` beside the root key, made when there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the key cannot be made or read.
    pub fn open(data_dir: &Path, root_key: &Path) -> Result<Self, StoreError> {
        let key = Self::key_beside(root_key);
        Ok(Self {
            path: data_dir.join(PLACE),
            sealer: Sealer::from_key_file_or_generate(&key)?,
        })
    }

    /// The note in `data_dir` for somebody who only reads, with the file of its key.
    ///
    /// # Errors
    /// [`StoreError`] when there is no key that may be read.
    pub fn find(data_dir: &Path, key: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            path: data_dir.join(PLACE),
            sealer: Sealer::from_key_file(key)?,
        })
    }

    /// Where the note's key lies.
    #[must_use]
    pub fn key_beside(root_key: &Path) -> PathBuf {
        root_key.with_file_name("status.key")
    }

    /// Replaces the note.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, status: &impl Serialize) -> io::Result<()> {
        let plain = serde_json::to_vec(status).map_err(io::Error::other)?;
        let sealed = self.sealer.seal(PLACE, PLACE.as_bytes(), 1, &plain);
        let partial = self.path.with_extension("partial");
        let mut file = private(&partial)?;
        file.write_all(&sealed.map_err(io::Error::other)?)?;
        fs::rename(partial, &self.path)
    }

    /// The note; none while there is none.
    ///
    /// # Errors
    /// When it cannot be read, or was not written under this key.
    pub fn read<T: DeserializeOwned>(&self) -> io::Result<Option<T>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let mut sealed = Vec::new();
        file.take(NOTE_BYTES_MAX).read_to_end(&mut sealed)?;
        let opened = self.sealer.open(PLACE, PLACE.as_bytes(), &sealed);
        let (_, plain) = opened.map_err(io::Error::other)?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(io::Error::other)
    }
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_lies_sealed_and_is_read_by_whoever_has_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let (data, root) = (dir.path().join("data"), dir.path().join("keys/root.key"));
        fs::create_dir(&data).unwrap();
        let key = StatusNote::key_beside(&root);
        assert!(StatusNote::find(&data, &key).is_err(), "no key yet");
        let note = StatusNote::open(&data, &root).unwrap();
        assert_eq!(note.read::<String>().unwrap(), None);
        note.write(&"police was last met at noon").unwrap();
        let raw = fs::read(data.join("status")).unwrap();
        assert!(!raw.windows(6).any(|w| w == b"police"));
        // A copy of the key under any name, as the operators' console may have it.
        let copy = dir.path().join("hub-note.key");
        fs::copy(&key, &copy).unwrap();
        let again = StatusNote::find(&data, &copy).unwrap();
        assert_eq!(
            again.read::<String>().unwrap().unwrap(),
            "police was last met at noon"
        );
        let other = StatusNote::open(&data, &dir.path().join("other/root.key")).unwrap();
        assert!(other.read::<String>().is_err());
    }
}
