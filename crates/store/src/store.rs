use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};

use crate::{Batch, StoreError, Table};

/// sled sends a page over a quarter of this to `blobs/`. A leaf of full rows has at most about 20
/// of 8 KiB (17 before a split, 3 more by a merge): 170 KiB of 256 KiB. sled's default of 512 KiB
/// would let full rows through to blobs.
const SEGMENT_BYTES: usize = 1024 * 1024;

/// How to open a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// sled's page cache, in bytes.
    pub cache_bytes: u64,
    /// Between two runs of sled's own flusher, which rewrites half-empty segments so that their
    /// space can be used again. Durability never depends on it. `None` = never: for append-only logs.
    pub reclaim_every_ms: Option<u64>,
}

impl Default for Options {
    /// 64 MiB; reclaims every 30 s.
    fn default() -> Self {
        Self {
            cache_bytes: 64 * 1024 * 1024,
            reclaim_every_ms: Some(30_000),
        }
    }
}

/// One data directory. Cheap to clone; closes with the last clone (tables included).
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    db: sled::Db,
    dir: PathBuf,
    /// Our own handle of sled's log file, because sled's flush is `sync_file_range`, which does not
    /// make the disk write its cache.
    log: File,
}

/// Tries beyond the first to get the lock of a store, and the pause before each.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

impl Store {
    /// Opens or creates the store in `dir`, and makes its directory entries durable.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it, [`StoreError::Blobs`], damage, or any
    /// file fault.
    pub fn open(dir: &Path, options: Options) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|e| StoreError::io("create the data directory", &e))?;
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(options.cache_bytes)
            .segment_size(SEGMENT_BYTES)
            .flush_every_ms(options.reclaim_every_ms);
        let db = open_when_let_go(dir, &config)?;
        let log = File::options()
            .read(true)
            .write(true)
            .open(dir.join("db"))
            .map_err(|e| StoreError::io("open the data file", &e))?;
        let store = Self {
            shared: Arc::new(Shared {
                db,
                dir: dir.to_path_buf(),
                log,
            }),
        };
        store.assert_no_blobs()?;
        store.sync()?;
        sync_directories(dir)?;
        Ok(store)
    }

    /// The table of a name, made if it is new.
    ///
    /// # Errors
    /// A write fault.
    pub fn table(&self, name: &str) -> Result<Table, StoreError> {
        let tree = self
            .shared
            .db
            .open_tree(name)
            .map_err(|e| StoreError::sled("open a table", e))?;
        Ok(Table::new(name, tree))
    }

    /// Blocks until everything written before is on the disk. One thread should do this for many
    /// writers: see [`crate::Committer`]. Call from a blocking thread, not from an async task.
    ///
    /// # Errors
    /// [`StoreError::Full`] or a write fault: then nothing written since the last success may be
    /// acknowledged, and the process has to restart.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.shared
            .db
            .flush()
            .map_err(|e| StoreError::sled("flush the data file", e))?;
        self.shared
            .log
            .sync_data()
            .map_err(|e| StoreError::io("sync the data file", &e))?;
        if cfg!(debug_assertions) {
            self.assert_no_blobs()?;
        }
        Ok(())
    }

    /// Applies one batch per table as one atomic change. Reads each changed row once, so prefer
    /// [`Table::apply`] where one table is enough.
    ///
    /// # Errors
    /// [`StoreError::Full`] or a write fault; then nothing of it survives a restart in part.
    pub fn apply_all(&self, changes: &[(&Table, Batch)]) -> Result<(), StoreError> {
        let trees: Vec<sled::Tree> = changes.iter().map(|(t, _)| t.tree().clone()).collect();
        let outcome = trees.as_slice().transaction(|views| {
            for (view, (_, batch)) in views.iter().zip(changes) {
                view.apply_batch(&batch.inner)?;
            }
            Ok::<(), ConflictableTransactionError<StoreError>>(())
        });
        outcome.map_err(|error| match error {
            TransactionError::Abort(e) => e,
            TransactionError::Storage(e) => StoreError::sled("write to the data directory", e),
        })
    }

    /// Proves that sled has put nothing into `blobs/`, whose files it never syncs.
    ///
    /// # Errors
    /// [`StoreError::Blobs`] with the count.
    pub fn assert_no_blobs(&self) -> Result<(), StoreError> {
        let dir = self.shared.dir.join("blobs");
        let files = match fs::read_dir(&dir) {
            Ok(entries) => entries.count(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => 0,
            Err(e) => return Err(StoreError::io("list the blobs directory", &e)),
        };
        if files == 0 {
            Ok(())
        } else {
            Err(StoreError::Blobs { dir, files })
        }
    }

    /// Bytes that the store takes on disk.
    ///
    /// # Errors
    /// A read fault.
    pub fn size_on_disk_bytes(&self) -> Result<u64, StoreError> {
        self.shared
            .db
            .size_on_disk()
            .map_err(|e| StoreError::sled("measure the data directory", e))
    }

    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.shared.dir
    }
}

/// sled's own threads let go of the lock a moment after the last handle was dropped: a store that this
/// process had is tried again, one that another process has is reported at once, as commands beside a
/// daemon need it.
fn open_when_let_go(dir: &Path, config: &sled::Config) -> Result<sled::Db, StoreError> {
    static HAD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let had = || HAD.lock().unwrap_or_else(PoisonError::into_inner);
    let mut tries_left = if had().contains(dir) { LOCK_TRIES } else { 0 };
    loop {
        match config.open().map_err(|e| open_fault(dir, e)) {
            Err(StoreError::InUse { .. }) if tries_left > 0 => {
                tries_left -= 1;
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => {
                if opened.is_ok() {
                    had().insert(dir.to_path_buf());
                }
                return opened;
            }
        }
    }
}

fn open_fault(dir: &Path, error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(io) if io.to_string().starts_with("could not acquire lock") => {
            StoreError::InUse {
                dir: dir.to_path_buf(),
            }
        }
        other => StoreError::sled("open the data directory", other),
    }
}

/// A new file is only found again after power loss when its directory was synced too.
fn sync_directories(dir: &Path) -> Result<(), StoreError> {
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty());
    for folder in [Some(dir), parent].into_iter().flatten() {
        File::open(folder)
            .and_then(|f| f.sync_all())
            .map_err(|e| StoreError::io("sync the data directory", &e))?;
    }
    Ok(())
}
