use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{StoreError, generation::sync_directory};

/// Since when something has been erased that old pages may still hold: kept in a small file, so that a
/// restart does not begin the time anew.
pub(crate) struct Erased {
    path: PathBuf,
    since_ms: Mutex<Option<u64>>,
    /// Something was erased after the last note was settled or while rows were being moved.
    again: AtomicBool,
}

impl Erased {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("erased");
        let since_ms = match fs::read_to_string(&path) {
            // A note that was cut off: it was being written just now.
            Ok(text) => Some(text.trim().parse().unwrap_or_else(|_| now_ms())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(StoreError::io("read since when rows were erased", &e)),
        };
        Ok(Self {
            path,
            since_ms: Mutex::new(since_ms),
            again: AtomicBool::new(false),
        })
    }

    /// To be called before the change that erases.
    pub(crate) fn note(&self) -> Result<(), StoreError> {
        self.again.store(true, Ordering::Release);
        let mut since_ms = self.since();
        if since_ms.is_none() {
            *since_ms = Some(self.write()?);
        }
        Ok(())
    }

    pub(crate) fn since_ms(&self) -> Option<u64> {
        *self.since()
    }

    pub(crate) fn is_older_than(&self, age: Duration) -> bool {
        let age_ms = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        self.since_ms()
            .is_some_and(|since_ms| now_ms().saturating_sub(since_ms) >= age_ms)
    }

    /// Something that was erased meanwhile may be in the new files as well.
    pub(crate) fn once_more(&self) {
        self.again.store(true, Ordering::Release);
    }

    /// From here on, what is erased belongs to the next time.
    pub(crate) fn begin(&self) {
        self.again.store(false, Ordering::Release);
    }

    /// What was erased before [`Erased::begin`] is gone.
    pub(crate) fn settle(&self) -> Result<(), StoreError> {
        let mut since_ms = self.since();
        if self.again.load(Ordering::Acquire) {
            *since_ms = Some(self.write()?);
            return Ok(());
        }
        *since_ms = None;
        match fs::remove_file(&self.path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io("note that erased rows are gone", &e))
            }
            _ => Ok(()),
        }
    }

    fn write(&self) -> Result<u64, StoreError> {
        let now_ms = now_ms();
        File::create(&self.path)
            .and_then(|mut file| writeln!(file, "{now_ms}").and_then(|()| file.sync_all()))
            .map_err(|e| StoreError::io("note since when rows were erased", &e))?;
        sync_directory(self.path.parent().unwrap_or(Path::new(".")))?;
        Ok(now_ms)
    }

    fn since(&self) -> MutexGuard<'_, Option<u64>> {
        self.since_ms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(elapsed.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
