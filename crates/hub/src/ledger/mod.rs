//! The verifiable log as the hub runs it: one writer, durable before it answers, a checkpoint at least
//! every ten minutes.

mod logged;
mod own;
mod reading;
mod standing;
mod store;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU32},
    time::Duration,
};

use sanctuary_ledger::{
    AddCheckpoint, CheckedEntry, Checkpoint, Digest, InclusionProof, Leaf, Ledger, LedgerError,
    LogSigner, Promise, Quorum, Refused, Resource, SignedEntry, TileStore, origin_of,
};
use sanctuary_rpc::{RosterWatch, now};
use sanctuary_store::{Sealer, StoreError};
use sanctuary_trust::{Party, PartyKind, SigningKey};
use sanctuary_types::PartyId;
use tokio::sync::watch;

pub use logged::LoggedState;
pub use store::SledTiles;

use own::Own;
use store::Contents;

/// How often the log looks whether a checkpoint is due.
const TICK: Duration = Duration::from_secs(1);
/// Entries looked at for one answer to somebody who may see only some of them.
const ENTRIES_READ_MAX: u64 = 8_192;
/// Entries in one answer.
const ENTRIES_MAX: usize = 1_024;
/// Bytes of entries in one answer.
const ENTRIES_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The log of this hub. Cheap to clone; its calls block and belong on a blocking thread.
#[derive(Clone)]
pub struct HubLedger(Arc<Inner>);

struct Inner {
    ledger: Mutex<Ledger<SledTiles>>,
    roster: RosterWatch,
    needed: Option<usize>,
    own: Own,
    /// Version of the roster that was logged last by this process.
    roster_logged: AtomicU32,
}

/// What somebody who may see only some entries is given.
pub struct VisibleEntries {
    /// Index and bytes.
    pub entries: Vec<(u64, Vec<u8>)>,
    /// Where to go on.
    pub next: u64,
}

impl HubLedger {
    /// Opens the log in `data_dir/ledger`. `sealer` is of the hub's root key: what its own acts are
    /// about lies sealed. `needed` cosignatures make a checkpoint acceptable; none = more than half of the
    /// agencies.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when the stored log does not fit its last checkpoint, or a fault of the
    /// store: no ledger, no operation.
    pub fn open(
        data_dir: &Path,
        hub: &PartyId,
        key: SigningKey,
        sealer: Sealer,
        roster: RosterWatch,
        needed: Option<usize>,
    ) -> Result<Self, LedgerError> {
        let port = |error: StoreError| sanctuary_ledger::PortError(error.to_string());
        let tiles = SledTiles::open(&data_dir.join("ledger")).map_err(port)?;
        let own = Own {
            party: hub.clone(),
            key: key.clone(),
            contents: Contents::open(&tiles, sealer).map_err(port)?,
        };
        let ledger = Ledger::open(tiles, LogSigner::new(&origin_of(hub), key)?)?;
        let opened = Self(Arc::new(Inner {
            ledger: Mutex::new(ledger),
            roster,
            needed,
            own,
            roster_logged: AtomicU32::new(0),
        }));
        opened.log_roster()?;
        tracing::info!(entries = opened.ledger().size(), "opened the ledger");
        Ok(opened)
    }

    /// Logs acts of `caller`: each must be signed by its own key.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn append(
        &self,
        caller: &Party,
        entries: Vec<SignedEntry>,
    ) -> Result<Vec<Promise>, LedgerError> {
        let checked = entries
            .into_iter()
            .map(|entry| {
                if *entry.entry().actor() != caller.id {
                    return Err(LedgerError::Signature(format!("{}'s entry", caller.id)));
                }
                entry.check(&caller.signing_key)
            })
            .collect::<Result<Vec<CheckedEntry>, _>>()?;
        self.ledger().append(&checked, now())
    }

    /// The newest checkpoint that clients accept, with the proof that it grew from `seen` entries.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn published(&self, seen: u64) -> Result<Option<(Checkpoint, Vec<Digest>)>, LedgerError> {
        self.ledger().for_client(seen)
    }

    /// A static resource for `caller`. Bundles say who did what and when, so they are for officers.
    ///
    /// # Errors
    /// [`LedgerError`]; none where there is no such resource for the caller.
    pub fn resource(&self, caller: &Party, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let resource = Resource::parse(path)?;
        if resource == Resource::Checkpoint {
            let published = self.ledger().published().map(|c| c.note().to_vec());
            return Ok(published);
        }
        let bundle = matches!(resource, Resource::Entries(..));
        if bundle && caller.kind != PartyKind::Officer {
            return Ok(None);
        }
        if bundle {
            self.log_query(caller)?;
        }
        // Without the lock: tiles only ever grow.
        let tiles = self.ledger().store().clone();
        Ok(resource.read(&tiles).ok())
    }

    /// The place of entry `index` in the tree of `size`, and the entry.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn prove(&self, index: u64, size: u64) -> Result<(InclusionProof, Leaf), LedgerError> {
        let ledger = self.ledger();
        Ok((ledger.prove_inclusion(index, size)?, ledger.leaf(index)?))
    }

    /// The entries from `from` on that `caller` may read: its own, those that concern it, all for
    /// officers.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn entries(
        &self,
        caller: &Party,
        from: u64,
        limit: usize,
    ) -> Result<VisibleEntries, LedgerError> {
        let limit = if limit == 0 {
            ENTRIES_MAX
        } else {
            limit.min(ENTRIES_MAX)
        };
        self.log_query(caller)?;
        let (tiles, size) = {
            let ledger = self.ledger();
            (ledger.store().clone(), ledger.size())
        };
        let mut visible = VisibleEntries {
            entries: Vec::new(),
            next: from,
        };
        let mut bytes = 0;
        let end = size.min(from.saturating_add(ENTRIES_READ_MAX));
        while visible.next < end {
            for leaf in tiles.leaves_from(visible.next, end)? {
                if visible.entries.len() == limit || bytes > ENTRIES_BYTES_MAX {
                    return Ok(visible);
                }
                let entry = Leaf::from_bytes(&leaf)?;
                if caller.kind == PartyKind::Officer || entry.entry().concerns(&caller.id) {
                    bytes += leaf.len();
                    visible.entries.push((visible.next, leaf));
                }
                visible.next += 1;
            }
        }
        Ok(visible)
    }

    /// Signed checkpoints of at least `from` entries, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn history(&self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, LedgerError> {
        let tiles = self.ledger().store().clone();
        Ok(tiles.checkpoints(from, limit)?)
    }

    /// What a witness that has cosigned `known` entries should look at.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn for_witness(&self, known: u64) -> Result<AddCheckpoint, LedgerError> {
        self.ledger().for_witness(known)
    }

    /// Adds a witness's cosignature; says whether there are enough now.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn add_cosignature(&self, line: &[u8]) -> Result<bool, Refused> {
        let quorum = self.quorum()?;
        self.ledger().add_cosignature(line, &quorum)
    }

    /// Whose signatures the roster asks for now.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] when it has too few agencies.
    pub fn quorum(&self) -> Result<Quorum, LedgerError> {
        Quorum::of_roster(&self.0.roster.current(), self.0.needed)
    }

    /// Signs a checkpoint when one is due.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn tick(&self) -> Result<(), LedgerError> {
        self.log_roster()?;
        let mut ledger = self.ledger();
        let now = now();
        if ledger.checkpoint_due(now) {
            let checkpoint = ledger.checkpoint(now)?;
            tracing::info!(entries = checkpoint.size(), "signed a checkpoint");
        }
        Ok(())
    }

    fn own(&self) -> &Own {
        &self.0.own
    }

    /// A panic while the lock was held leaves the ledger as its store has it: it changes last.
    fn ledger(&self) -> MutexGuard<'_, Ledger<SledTiles>> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signs checkpoints until `stopped` says so.
pub(crate) async fn run(ledger: HubLedger, mut stopped: watch::Receiver<bool>) {
    loop {
        let ticking = ledger.clone();
        let ticked = tokio::task::spawn_blocking(move || ticking.tick()).await;
        match ticked {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "no checkpoint could be signed"),
            Err(error) => tracing::error!(%error, "signing a checkpoint was cut off"),
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            // Stopped, or whoever would say so is gone.
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}
