//! The ports of `holder-core` on `store`: one committer thread writes charges, shares and refusals.

mod quota;
mod refusals;
mod shares;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use sanctuary_holder_core::{Charge, Charged, PortError, Refusal};
use sanctuary_store::{Committer, GroupLimits, Options, Sealer, Store, StoreError, Table};
use sanctuary_types::Timestamp;

pub(crate) use quota::Used;

use quota::QuotaTable;
use refusals::RefusalTable;

/// An evaluation under way at shutdown takes far less.
const CLOSE_WAIT_MAX: Duration = Duration::from_secs(2);

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the data directory {dir}: {source}")]
pub struct JournalError {
    dir: std::path::PathBuf,
    source: StoreError,
}

/// A key holder's data directory. Implements `holder-core`'s ports; cheap to clone.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

struct Shared {
    committer: Committer<Write, Written>,
    quota: QuotaTable,
    shares: Table,
    refusals: Table,
    sealer: Sealer,
}

/// What the committer is asked to write.
enum Write {
    Charge(Charge),
    Share { key: [u8; 9], sealed: Vec<u8> },
    Refusal(Refusal),
}

/// What came of it.
enum Written {
    Charged(Charged),
    Share { was_new: bool },
    Refusal,
}

impl Journal {
    /// Opens or creates the data directory; the root key is made at the first start and must be
    /// the same ever after.
    ///
    /// # Errors
    /// [`JournalError`] with the reason and what to do.
    pub fn open(dir: &Path, root_key: &Path) -> Result<Self, JournalError> {
        Self::open_store(dir, root_key).map_err(|source| JournalError {
            dir: dir.to_owned(),
            source,
        })
    }

    /// When, who and why of the kept refusals, oldest first.
    ///
    /// # Errors
    /// [`PortError`] when a row is damaged.
    pub fn refusals(&self) -> Result<Vec<(Timestamp, String, String)>, PortError> {
        refusals::read_all(&self.shared.refusals).map_err(port)
    }

    /// What every agency used on each day before `day` that is still remembered, oldest day first.
    pub(crate) fn used_before(&self, day: u32) -> Result<Vec<Used>, PortError> {
        self.shared.quota.before(day).map_err(port)
    }

    /// 32 bytes that only this key holder can compute: ids and salts of what it logs.
    pub(crate) fn secret(&self, of: &str, named: &[u8]) -> [u8; 32] {
        self.shared.sealer.index_key(of, named)
    }

    /// Writes what is queued, stops writing, and waits a moment for calls that are just ending, so
    /// that the directory can be opened again afterwards. Blocks.
    pub fn close(self) {
        self.shared.committer.close();
        let until = Instant::now() + CLOSE_WAIT_MAX;
        while Arc::strong_count(&self.shared) > 1 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn open_store(dir: &Path, root_key: &Path) -> Result<Self, StoreError> {
        let store = Store::open(dir, Options::default())?;
        let meta = store.table("meta")?;
        // A data directory that has been used needs its old key, not a fresh one.
        let sealer = if meta.is_empty() {
            Sealer::from_key_file_or_generate(root_key)?
        } else {
            Sealer::from_key_file(root_key)?
        };
        sealer.bind(&meta)?;
        store.sync()?;
        let quota = QuotaTable::new(store.table("quota")?);
        let shares = store.table("shares")?;
        let refusals = store.table("refusals")?;
        let mut writer = Writer {
            quota: quota.clone(),
            shares: shares.clone(),
            refusals: RefusalTable::open(refusals.clone())?,
        };
        let committer = Committer::start(
            "journal",
            store,
            GroupLimits::default(),
            |_| 256,
            move |writes: &mut [Write]| writes.iter().map(|w| writer.write(w)).collect(),
        )?;
        Ok(Self {
            shared: Arc::new(Shared {
                committer,
                quota,
                shares,
                refusals,
                sealer,
            }),
        })
    }

    fn commit(&self, write: Write) -> Result<Written, PortError> {
        self.shared.committer.commit(write).map_err(port)
    }
}

/// Runs on the committer's thread only.
struct Writer {
    quota: QuotaTable,
    shares: Table,
    refusals: RefusalTable,
}

impl Writer {
    fn write(&mut self, write: &Write) -> Result<Written, StoreError> {
        match write {
            Write::Charge(charge) => self.quota.charge(charge).map(Written::Charged),
            Write::Share { key, sealed } => {
                let was_new = !self.shares.contains(key)?;
                if was_new {
                    self.shares.insert(key, sealed)?;
                }
                Ok(Written::Share { was_new })
            }
            Write::Refusal(refusal) => self.refusals.append(refusal).map(|()| Written::Refusal),
        }
    }
}

fn port(error: StoreError) -> PortError {
    PortError(error.to_string())
}
