use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use sanctuary_node_core::FeedName;

/// A person's word that the next full snapshot of a feed may withdraw so many records: a small file in
/// the data folder, which goes when it was used.
pub struct Allowance {
    path: PathBuf,
}

impl Allowance {
    /// The allowance of a feed.
    #[must_use]
    pub fn of(data_dir: &Path, feed: &FeedName) -> Self {
        Self {
            path: data_dir.join("feeds").join(format!("{feed}.allow")),
        }
    }

    /// Allows as many, once.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn grant(&self, records: u64) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let partial = self.path.with_extension("partial");
        fs::write(&partial, records.to_string())?;
        fs::rename(partial, &self.path)
    }

    /// How many are allowed, if a person said so.
    pub(super) fn read(&self) -> io::Result<Option<u64>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn consume(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
