use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};

use crate::{
    Batch, StoreError, Table,
    erased::Erased,
    generation::{self, Generation},
    rewrite::{self, Moving},
    row,
};

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
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    /// Replaced as a whole by [`Store::rewrite`]; everything else holds it for one operation.
    current: RwLock<Generation>,
    pub(crate) dir: PathBuf,
    pub(crate) options: Options,
    pub(crate) moving: Moving,
    pub(crate) erased: Erased,
    pub(crate) rewriting: Mutex<()>,
    /// Let go last: until then no other process may look at the generations.
    _lock: File,
}

impl Shared {
    /// For one operation; never taken twice by one thread.
    pub(crate) fn current(&self) -> RwLockReadGuard<'_, Generation> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn current_mut(&self) -> RwLockWriteGuard<'_, Generation> {
        self.current.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries beyond the first to get the lock of a store, and the pause before each.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(25);

impl Store {
    /// Opens or creates the store in `dir`, and makes its directory entries durable. What a rewrite
    /// that was cut off has left is destroyed.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it, [`StoreError::Blobs`], damage, or any
    /// file fault.
    pub fn open(dir: &Path, options: Options) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|e| StoreError::io("create the data directory", &e))?;
        let (lock, current) = open_when_let_go(dir, options)?;
        let store = Self {
            shared: Arc::new(Shared {
                current: RwLock::new(current),
                dir: dir.to_path_buf(),
                options,
                moving: Moving::default(),
                erased: Erased::open(dir)?,
                rewriting: Mutex::new(()),
                _lock: lock,
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
        let place = self.shared.current_mut().place(name)?;
        Ok(Table::new(name, place, Arc::clone(&self.shared)))
    }

    /// Notes durably that something is about to be erased by being overwritten; what is removed is
    /// noted by itself. From then on the time runs for [`Store::is_rewrite_due`].
    ///
    /// # Errors
    /// A write fault.
    pub fn note_erasure(&self) -> Result<(), StoreError> {
        self.shared.erased.note()
    }

    /// Since when something has been erased that old pages may still hold, in milliseconds since 1970.
    #[must_use]
    pub fn erased_since_ms(&self) -> Option<u64> {
        self.shared.erased.since_ms()
    }

    /// Whether something was erased at least `age` ago that old pages may still hold.
    #[must_use]
    pub fn is_rewrite_due(&self, age: Duration) -> bool {
        self.shared.erased.is_older_than(age)
    }

    /// Blocks until everything written before is on the disk. One thread should do this for many
    /// writers: see [`crate::Committer`]. Call from a blocking thread, not from an async task.
    ///
    /// # Errors
    /// [`StoreError::Full`] or a write fault: then nothing written since the last success may be
    /// acknowledged, and the process has to restart.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.shared.current().sync()?;
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
        if changes.iter().any(|(_, batch)| batch.removes()) {
            self.shared.erased.note()?;
        }
        let current = self.shared.current();
        let mut trees: Vec<sled::Tree> = Vec::with_capacity(changes.len());
        let mut batches = Vec::with_capacity(changes.len());
        for (table, batch) in changes {
            trees.push(table.tree_in(&current)?.clone());
            batches.push(batch.sealed(table.name(), &current.key)?);
        }
        let outcome = trees.as_slice().transaction(|views| {
            for (view, batch) in views.iter().zip(&batches) {
                view.apply_batch(batch)?;
            }
            Ok::<(), ConflictableTransactionError<StoreError>>(())
        });
        for (table, batch) in changes {
            self.shared.moving.touch(table.place(), batch.keys());
        }
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
        let folder = generation::folder(&self.shared.dir, self.shared.current().number);
        let dir = folder.join("blobs");
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
            .current()
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

/// sled's own threads let go of a file a moment after the last handle was dropped: a store that this
/// process had is tried again, one that another process has is reported at once, as commands beside a
/// daemon need it.
fn open_when_let_go(dir: &Path, options: Options) -> Result<(File, Generation), StoreError> {
    static HAD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let had = || HAD.lock().unwrap_or_else(PoisonError::into_inner);
    let mut tries_left = if had().contains(dir) { LOCK_TRIES } else { 0 };
    loop {
        let opened = lock(dir).and_then(|lock| Ok((lock, open_standing(dir, options)?)));
        match opened {
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

/// Nobody may look for the generation that stands while another process changes it.
fn lock(dir: &Path) -> Result<File, StoreError> {
    let fault = |e: &io::Error| StoreError::io("lock the data directory", e);
    let file = File::create(dir.join("lock")).map_err(|e| fault(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            dir: dir.to_path_buf(),
        }),
        Err(TryLockError::Error(e)) => Err(fault(&e)),
    }
}

fn open_standing(dir: &Path, options: Options) -> Result<Generation, StoreError> {
    if let Some(number) = generation::standing(dir)? {
        generation::destroy_others(dir, Some(number))?;
        generation::remove_ungenerated(dir)?;
        return Generation::open(dir, number, options);
    }
    generation::destroy_others(dir, None)?;
    let mut first = Generation::create(dir, 1, options)?;
    if dir.join("db").exists() {
        adopt(dir, &mut first, options)?;
    }
    first.sync()?;
    generation::sync_directory(&generation::folder(dir, 1))?;
    generation::point_to(dir, 1)?;
    generation::sync_directory(dir)?;
    generation::remove_ungenerated(dir)?;
    Ok(first)
}

/// A store from before generations: its rows lie in the directory itself, checked and not sealed.
fn adopt(dir: &Path, first: &mut Generation, options: Options) -> Result<(), StoreError> {
    let old = generation::open_sled(dir, options).map_err(|e| generation::open_fault(dir, e))?;
    let mut trees = Vec::new();
    for name in old.tree_names() {
        let Ok(word) = std::str::from_utf8(&name) else {
            continue;
        };
        if word != "__sled__default" {
            let tree = old
                .open_tree(&name)
                .map_err(|e| StoreError::sled("open a table", e))?;
            trees.push((word.into(), tree));
        }
    }
    rewrite::carry(&trees, first, &row::open_unsealed).map(|_| ())
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
