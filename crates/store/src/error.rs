use std::{io, path::PathBuf};

/// Why storage refused. Every text says what to do; none holds a value.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No space left. Nothing that was not acknowledged before may be relied on.
    #[error(
        "the disk of the data directory is full; free space there and restart the daemon, what was acknowledged is safe"
    )]
    Full,
    /// A row's bytes are not what was written.
    #[error(
        "row {key}.. of table {table} is damaged; restore the data directory from its last backup"
    )]
    Corrupt {
        /// Table of the row.
        table: String,
        /// First bytes of the row's key as hexadecimal.
        key: String,
    },
    /// sled itself found its files damaged.
    #[error(
        "the data directory is damaged ({detail}); restore it from its last backup and restart the daemon"
    )]
    Damaged {
        /// sled's words.
        detail: String,
    },
    /// A value over [`crate::VALUE_BYTES_MAX`].
    #[error(
        "a value of {bytes} bytes for table {table} is over the limit of {limit}; split it into several rows"
    )]
    TooLarge {
        /// Table meant.
        table: String,
        /// Bytes offered.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A key of no bytes or over [`crate::KEY_BYTES_MAX`].
    #[error("a key of {bytes} bytes for table {table} does not fit; keys have 1 to {limit} bytes")]
    KeyLength {
        /// Table meant.
        table: String,
        /// Bytes offered.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// sled moved values to files that it never syncs.
    #[error(
        "{files} file(s) appeared in {dir}, which is not power-loss safe; stop the daemon and report this as a bug"
    )]
    Blobs {
        /// The `blobs` folder.
        dir: PathBuf,
        /// How many files.
        files: usize,
    },
    /// Another process has the directory open.
    #[error("{dir} is in use by another process; stop the other daemon or choose another data_dir")]
    InUse {
        /// The data directory.
        dir: PathBuf,
    },
    /// Any other fault of the file system.
    #[error(
        "cannot {what}: {detail}; check the data directory and its permissions, then restart the daemon"
    )]
    Io {
        /// What was attempted.
        what: &'static str,
        /// The operating system's words.
        detail: String,
    },
    /// An earlier commit failed, so nothing more is accepted.
    #[error(
        "storage stopped after an earlier failure; restart the daemon after freeing disk or repairing the data directory"
    )]
    Poisoned,
    /// The committer's queue is full.
    #[error("storage is busy; try again in a moment")]
    Busy,
    /// The committer has ended.
    #[error("storage is closed because the daemon is stopping; try again after its restart")]
    Closed,
    /// A sealed value did not open: moved, edited, or sealed under another key.
    #[error(
        "a sealed row of table {table} does not open; restore the data directory from its last backup"
    )]
    Sealed {
        /// Table of the row.
        table: String,
    },
    /// The root key does not belong to this data directory.
    #[error(
        "the root key does not belong to this data directory; restore the key file that was made with it"
    )]
    WrongKey,
    /// Rows that no root key was ever bound to: written before the hub sealed its log.
    #[error(
        "{dir} was written by an older version that did not seal it; move it away, start with an empty data_dir and let every node push again"
    )]
    Unsealed {
        /// The store's folder.
        dir: PathBuf,
    },
    /// The root key's file cannot be used.
    #[error("key file {path}: {problem}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: &'static str,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes; restart the machine")]
    Random,
}

impl StoreError {
    /// Names an I/O fault; a full disk or quota has its own variant.
    pub(crate) fn io(what: &'static str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io {
                what,
                detail: error.to_string(),
            },
        }
    }

    /// Names a fault of sled.
    pub(crate) fn sled(what: &'static str, error: sled::Error) -> Self {
        match error {
            sled::Error::Io(io) => Self::io(what, &io),
            sled::Error::Corruption { at, .. } => Self::Damaged {
                detail: at.map_or_else(|| what.to_owned(), |at| format!("{what}, at {at}")),
            },
            other => Self::Damaged {
                detail: format!("{what}: {other}"),
            },
        }
    }

    /// Whether storage itself failed, so that nothing more may be written before a restart; false
    /// for a request that was refused.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Full
                | Self::Damaged { .. }
                | Self::Blobs { .. }
                | Self::Io { .. }
                | Self::Poisoned
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_however_it_arrives() {
        const NO_SPACE: i32 = 28; // ENOSPC on Linux
        const OVER_QUOTA: i32 = 122; // EDQUOT on Linux
        for code in [NO_SPACE, OVER_QUOTA] {
            let raw = io::Error::from_raw_os_error(code);
            assert!(matches!(StoreError::io("write", &raw), StoreError::Full));
            // sled clones its first write error and loses the code, but not the kind.
            let cloned = sled::Error::Io(raw).clone();
            assert!(matches!(
                StoreError::sled("write", cloned),
                StoreError::Full
            ));
        }
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(
            StoreError::io("open", &denied),
            StoreError::Io { .. }
        ));
        assert!(StoreError::Full.to_string().contains("free space"));
    }
}
