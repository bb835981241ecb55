//! The partnership's log as a node uses it: it logs what it does before it counts as done, keeps the
//! receipts, checks the log every few seconds, and cosigns it as a witness.

mod calls;
mod following;
mod forks;
mod gossip;
mod running;
mod sending;
mod view;

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rand::rngs::StdRng;
use sanctuary_ledger::{
    Act, Acts, BrokenPromise, EntryId, ForkEvidence, LogKey, NotLogged, Promise, Receipt,
    SealedContent, SignedEntry, limits::CONTENT_BYTES_MAX, origin_of,
};
use sanctuary_node_core::NodeError;
use sanctuary_rpc::now;
use sanctuary_store::{Sealer, StoreError};
use sanctuary_types::PartyId;
use tokio::{runtime::Handle, sync::Notify};

use crate::{
    peers::Peers,
    store::{LedgerStore, Standing},
};
use calls::Calls;

pub use running::LedgerPart;
pub use view::{LedgerStatus, LoggedAct, Progress};

/// Statements of one act under different ids, should the log hold an older one of this node's past.
const ATTEMPTS_MAX: u8 = 16;

/// This node's hold on the log. Cheap to clone.
#[derive(Clone)]
pub struct NodeLedger {
    party: PartyId,
    calls: Calls,
    store: Arc<LedgerStore>,
    needed: Option<usize>,
    /// Where evidence against the hub is laid down.
    evidence_dir: PathBuf,
    runtime: Handle,
    /// One sender and one follower at a time, so that what was seen only grows.
    sending: Arc<tokio::sync::Mutex<()>>,
    following: Arc<tokio::sync::Mutex<()>>,
    stating: Arc<Mutex<()>>,
    waiting: Arc<Notify>,
}

impl NodeLedger {
    /// Opens this node's part of the log in `data_dir/ledger`, sealed under the key in `root_key`.
    /// `needed` cosignatures make a checkpoint acceptable; none = more than half of the agencies. Must be
    /// called inside a tokio runtime.
    ///
    /// # Errors
    /// [`StoreError`]: a directory in use, damaged, or of another key.
    pub(crate) fn open(
        party: PartyId,
        peers: Peers,
        data_dir: &Path,
        root_key: &Path,
        needed: Option<usize>,
    ) -> Result<Self, StoreError> {
        let sealer = Sealer::from_key_file_or_generate(root_key)?;
        let store = LedgerStore::open(&data_dir.join("ledger"), sealer)?;
        Ok(Self {
            party,
            calls: Calls::new(peers),
            store: Arc::new(store),
            needed,
            evidence_dir: data_dir.join("evidence"),
            runtime: Handle::current(),
            sending: Arc::default(),
            following: Arc::default(),
            stating: Arc::default(),
            waiting: Arc::default(),
        })
    }

    /// Logs an act and waits for the hub's promise. Do this before the act takes effect: without the
    /// promise it must not. The act stays queued when the hub does not answer; it is the same act when
    /// it is sent again.
    ///
    /// # Errors
    /// [`NodeError::HubUnavailable`], [`NodeError::HubRefused`], or a fault of the store.
    pub async fn log(&self, act: Act) -> Result<Promise, NodeError> {
        let mut promises = self.log_all(vec![act]).await?;
        promises
            .pop()
            .ok_or(NodeError::Damaged("row of the ledger"))
    }

    /// As [`Self::log`] for several acts, with one call to the hub for those that it has not promised
    /// yet. Gives the promises in the order of the acts.
    ///
    /// # Errors
    /// As [`Self::log`]; some may be promised all the same.
    pub async fn log_all(&self, acts: Vec<Act>) -> Result<Vec<Promise>, NodeError> {
        match self.log_once(acts.clone()).await {
            // An id may stand in the log for an older statement, of a node restored from a backup: the
            // second time it is stated under another one.
            Err(NodeError::NotLogged(_)) => self.log_once(acts).await,
            logged => logged,
        }
    }

    async fn log_once(&self, acts: Vec<Act>) -> Result<Vec<Promise>, NodeError> {
        let ids = self.state(acts).await?;
        if let Some(promises) = self.promises_of(&ids).await? {
            return Ok(promises);
        }
        self.send_pending().await?;
        let promises = self.promises_of(&ids).await?;
        promises.ok_or(NodeError::Damaged("row of the ledger"))
    }

    /// States an act that has no effect outside this node: it is kept durably and sent as soon as the
    /// hub answers.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn note(&self, act: Act) -> Result<EntryId, NodeError> {
        let ids = self.state(vec![act]).await?;
        self.waiting.notify_one();
        ids.first()
            .copied()
            .ok_or(NodeError::Damaged("row of the ledger"))
    }

    /// As [`Self::log`], from a thread that may block.
    ///
    /// # Errors
    /// [`NodeError::NotLogged`].
    pub fn log_blocking(&self, act: Act) -> Result<Promise, NodeError> {
        Acts::log(self, act).map_err(|NotLogged(reason)| NodeError::NotLogged(reason))
    }

    /// As [`Self::note`], from a thread that may block.
    ///
    /// # Errors
    /// [`NodeError::NotLogged`].
    pub fn note_blocking(&self, act: Act) -> Result<EntryId, NodeError> {
        Acts::note(self, act).map_err(|NotLogged(reason)| NodeError::NotLogged(reason))
    }

    /// The id of an act that is named by what it is.
    #[must_use]
    pub(crate) fn id_of_same(&self, same: &[u8]) -> EntryId {
        self.store.id_of(same, 0)
    }

    /// The store underneath, to be purged.
    pub(crate) fn underneath(&self) -> sanctuary_store::Store {
        self.store.underneath()
    }

    /// The receipt of an act, once there is one.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn receipt(&self, id: &EntryId) -> Result<Option<Receipt>, NodeError> {
        self.store.receipt(id)
    }

    /// What an act of this node was about; none after its erasure.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn content(&self, id: &EntryId) -> Result<Option<SealedContent>, NodeError> {
        self.store.content(id)
    }

    /// Erases what an act was about, and the salt: its entry says nothing any more.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn erase(&self, id: &EntryId) -> Result<(), NodeError> {
        self.store.erase_content(id)
    }

    /// The last checkpoint accepted: what to show others over a path that is not the hub's.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn last_accepted(&self) -> Result<Option<Vec<u8>>, NodeError> {
        self.store.accepted()
    }

    /// Promises that the hub broke, each with its proof.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn evidence(&self) -> Result<Vec<BrokenPromise>, NodeError> {
        self.store.evidence()
    }

    /// Forks that the hub signed, each with its proof.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn forks(&self) -> Result<Vec<ForkEvidence>, NodeError> {
        self.store.forks()
    }

    /// Keeps acts that are not kept yet; gives their ids.
    async fn state(&self, acts: Vec<Act>) -> Result<Vec<EntryId>, NodeError> {
        let this = self.clone();
        blocking(move || this.state_blocking(acts)).await
    }

    fn state_blocking(&self, acts: Vec<Act>) -> Result<Vec<EntryId>, NodeError> {
        // Two statements of the same act at once would make two entries under one id.
        let _one = self.stating.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ids = Vec::with_capacity(acts.len());
        let mut new: Vec<(SealedContent, SignedEntry)> = Vec::new();
        for act in acts {
            let (id, known) = self.id_of(&act)?;
            if !known && !new.iter().any(|(content, _)| content.id() == id) {
                new.push(self.signed(id, act)?);
            }
            ids.push(id);
        }
        if !new.is_empty() {
            self.store.keep(&new)?;
        }
        Ok(ids)
    }

    /// The id of an act, and whether it is kept and can still be promised.
    fn id_of(&self, act: &Act) -> Result<(EntryId, bool), NodeError> {
        if act.same.is_empty() {
            return Ok((EntryId(rand::random()), false));
        }
        for attempt in 0..ATTEMPTS_MAX {
            let id = self.store.id_of(&act.same, attempt);
            match self.store.standing(&id)? {
                None => return Ok((id, false)),
                Some(Standing::Dead(dead)) if dead.id_taken => {}
                Some(Standing::Dead(_)) => return Ok((id, false)),
                Some(_) => return Ok((id, true)),
            }
        }
        Err(NodeError::NotLogged(
            "the log holds other statements of this act; ask the auditor".to_owned(),
        ))
    }

    fn signed(&self, id: EntryId, act: Act) -> Result<(SealedContent, SignedEntry), NodeError> {
        if act.content.len() > CONTENT_BYTES_MAX {
            return Err(NodeError::NotLogged(
                "what it is about is longer than 64 KiB; shorten it".to_owned(),
            ));
        }
        let mut rng: StdRng = rand::make_rng();
        let content = SealedContent::of(id, act.content, &mut rng);
        let party = self.party.clone();
        let entry = content
            .entry(act.kind, now(), party, act.role, &act.concerned)
            .map_err(|error| NodeError::NotLogged(error.to_string()))?
            .sign(&self.calls.signing());
        Ok((content, entry))
    }

    /// The promises of all of `ids`; none while one is missing.
    async fn promises_of(&self, ids: &[EntryId]) -> Result<Option<Vec<Promise>>, NodeError> {
        let ids = ids.to_vec();
        let promise = |store: &LedgerStore, id| match store.standing(&id)? {
            Some(Standing::Promised(promise)) => Ok(Some(promise)),
            Some(Standing::Receipted(receipt)) => Ok(Some(receipt.promise)),
            Some(Standing::Dead(dead)) => Err(NodeError::NotLogged(dead.reason)),
            Some(Standing::Pending) | None => Ok(None),
        };
        self.store_blocking(move |store| ids.into_iter().map(|id| promise(store, id)).collect())
            .await
    }

    fn log_key(&self) -> Result<(PartyId, LogKey), NodeError> {
        let hub = self.calls.hub()?;
        let key = LogKey::new(&origin_of(&hub.id), hub.signing_key)
            .map_err(|error| refused(&hub.id, &error))?;
        Ok((hub.id, key))
    }

    async fn store_blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&LedgerStore) -> Result<R, NodeError> + Send + 'static,
    ) -> Result<R, NodeError> {
        let store = Arc::clone(&self.store);
        blocking(move || work(&store)).await
    }

    /// Waits on this thread for what runs on the node's own.
    fn wait<R: Send + 'static>(
        &self,
        work: impl Future<Output = Result<R, NodeError>> + Send + 'static,
    ) -> Result<R, NotLogged> {
        let (done, answer) = std::sync::mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            // Nobody waits any more: then nobody does the act.
            let _ = done.send(work.await);
        });
        match answer.recv() {
            Ok(answer) => answer.map_err(|error| match error {
                NodeError::NotLogged(reason) => NotLogged(reason),
                NodeError::HubUnavailable { reason, .. } => NotLogged(unreachable(&reason)),
                other => NotLogged(other.to_string()),
            }),
            Err(_) => Err(NotLogged("this node is stopping; try again".to_owned())),
        }
    }
}

impl Acts for NodeLedger {
    fn log(&self, act: Act) -> Result<Promise, NotLogged> {
        let this = self.clone();
        self.wait(async move { Self::log(&this, act).await })
    }

    fn note(&self, act: Act) -> Result<EntryId, NotLogged> {
        let this = self.clone();
        self.wait(async move { Self::note(&this, act).await })
    }
}

fn unreachable(reason: &str) -> String {
    format!("the hub cannot be reached ({reason}); try again when it answers")
}

async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, NodeError> + Send + 'static,
) -> Result<R, NodeError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| NodeError::Store("the ledger's task was cut off".to_owned()))?
}

fn refused(hub: &PartyId, reason: &(impl ToString + ?Sized)) -> NodeError {
    NodeError::HubRefused {
        hub: hub.clone(),
        reason: reason.to_string(),
    }
}
