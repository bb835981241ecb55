//! The partnership's log as a node uses it: it logs what it does before it counts as done, keeps the
//! receipts, checks the log each few seconds, and cosigns it as a witness.

mod calls;

use std::{path::Path, sync::Arc, time::Duration};

use rand::rngs::StdRng;
use sanctuary_ledger::{
    Accepted, ActorRole, AddCheckpoint, BrokenPromise, Checkpoint, ClientView, EntryId, EntryKind,
    LogKey, Promise, Quorum, Receipt, Refused, SealedContent, SignedEntry, Witness, WitnessSigner,
    limits::BATCH_ENTRIES_MAX,
};
use sanctuary_node_core::NodeError;
use sanctuary_rpc::now;
use sanctuary_store::Sealer;
use sanctuary_types::PartyId;

use crate::{Node, store::LedgerStore};
use calls::Calls;

/// How often a node looks at the log: three times within the delay that the log promises.
const EVERY: Duration = Duration::from_secs(10);

/// One act, as the part of the node that does it states it.
pub struct Act<'a> {
    /// What was done.
    pub kind: EntryKind,
    /// In which capacity.
    pub role: ActorRole,
    /// The other parties it concerns.
    pub concerned: &'a [PartyId],
    /// What it is about: stays sealed in this node; only a commitment leaves it.
    pub content: Vec<u8>,
}

/// This node's hold on the log. Cheap to clone.
#[derive(Clone)]
pub struct NodeLedger {
    party: PartyId,
    calls: Calls,
    store: Arc<LedgerStore>,
    needed: Option<usize>,
    /// One sender and one follower at a time, so that what was seen only grows.
    sending: Arc<tokio::sync::Mutex<()>>,
    following: Arc<tokio::sync::Mutex<()>>,
}

impl NodeLedger {
    /// Opens the part of the log of `node` in `data_dir/ledger`, sealed under the key in `root_key`.
    /// `needed` cosignatures make a checkpoint acceptable; none = more than half of the agencies.
    ///
    /// # Errors
    /// One sentence that says what to do: a directory in use, damaged, or of another key.
    pub fn open(
        node: &Node,
        data_dir: &Path,
        root_key: &Path,
        needed: Option<usize>,
    ) -> Result<Self, NodeError> {
        let store = Sealer::from_key_file_or_generate(root_key)
            .and_then(|sealer| LedgerStore::open(&data_dir.join("ledger"), sealer))
            .map_err(crate::store::fault)?;
        Ok(Self {
            party: node.inner.party.clone(),
            calls: Calls::new(node.inner.peers.clone()),
            store: Arc::new(store),
            needed,
            sending: Arc::default(),
            following: Arc::default(),
        })
    }

    /// Logs an act and waits for the hub's promise. Do this before the act takes effect: without the
    /// promise it must not. The act stays queued when the hub does not answer; it is the same act when
    /// it is sent again.
    ///
    /// # Errors
    /// [`NodeError::HubUnavailable`], [`NodeError::HubRefused`], or a fault of the store.
    pub async fn log(&self, act: Act<'_>) -> Result<Promise, NodeError> {
        let (id, entry) = self.state(act)?;
        self.store_blocking(move |store| store.keep(&entry.0, &entry.1))
            .await?;
        let sent = self.send_pending().await?;
        sent.into_iter().find(|p| p.id == id).map_or_else(
            // Another task has sent it between.
            || self.promise_of(&id),
            Ok,
        )
    }

    /// Sends the acts that the hub has not promised yet; gives their promises.
    ///
    /// # Errors
    /// As [`Self::log`].
    pub async fn send_pending(&self) -> Result<Vec<Promise>, NodeError> {
        let _one = self.sending.lock().await;
        let mut promises = Vec::new();
        loop {
            let entries = self
                .store_blocking(|store| store.pending(BATCH_ENTRIES_MAX / 4))
                .await?;
            if entries.is_empty() {
                return Ok(promises);
            }
            let (hub, log) = self.log_key()?;
            let new = self.calls.append(&hub, &entries).await?;
            if new.len() != entries.len() {
                return Err(refused(&hub, "it did not promise every entry"));
            }
            for (promise, entry) in new.iter().zip(&entries) {
                promise
                    .check(&log, entry)
                    .map_err(|error| refused(&hub, &error))?;
            }
            let kept = new.clone();
            self.store_blocking(move |store| kept.iter().try_for_each(|p| store.promised(p)))
                .await?;
            promises.extend(new);
        }
    }

    /// Takes the newest checkpoint, holds it against everything seen before, and fetches the proofs of
    /// promised entries. Gives what was accepted.
    ///
    /// # Errors
    /// [`NodeError::HubRefused`] with the rule that the checkpoint breaks, or the promise.
    pub async fn follow(&self) -> Result<Accepted, NodeError> {
        let _one = self.following.lock().await;
        let (hub, _) = self.log_key()?;
        let mut view = self.view(&hub).await?;
        let seen = view.last().map_or(0, |c| c.size());
        let (note, proof) = self.calls.checkpoint(&hub, seen).await?;
        let accepted = view
            .accept(&note, Some(&proof), now())
            .map_err(|error| refused(&hub, &error))?;
        self.store_blocking(move |store| store.accept(&note))
            .await?;
        self.settle(&hub, &accepted).await?;
        Ok(accepted)
    }

    /// Cosigns the newest checkpoint if it grew from the last one cosigned. Says whether it has enough
    /// cosignatures now.
    ///
    /// # Errors
    /// [`NodeError::HubRefused`] with the rule that it breaks.
    pub async fn witness(&self) -> Result<bool, NodeError> {
        let _one = self.following.lock().await;
        let (hub, log) = self.log_key()?;
        let signer = WitnessSigner::new(self.party.as_str(), self.calls.signing())
            .map_err(|error| refused(&hub, &error))?;
        let mut witness = Witness::new(signer, log, Arc::clone(&self.store));
        let last = witness.last().map_err(|error| refused(&hub, &error))?;
        let known = last.as_ref().map_or(0, Checkpoint::size);
        let request = self.calls.next_checkpoint(&hub, known).await?;
        let request = AddCheckpoint::from_bytes(&request).map_err(|error| refused(&hub, &error))?;
        let line = tokio::task::spawn_blocking(move || witness.add_checkpoint(&request, now()))
            .await
            .map_err(|_| NodeError::Store("the ledger's task was cut off".to_owned()))?
            .map_err(|error| refused(&hub, &error))?;
        self.calls.add_cosignature(&hub, &line).await
    }

    /// How long the log has stood still for this witness, once that is longer than it may.
    ///
    /// # Errors
    /// [`Refused`] when the stored mark is not usable.
    pub fn silent_ms(&self) -> Result<Option<u64>, Refused> {
        let Ok((_, log)) = self.log_key() else {
            return Ok(None);
        };
        let signer = WitnessSigner::new(self.party.as_str(), self.calls.signing())?;
        Witness::new(signer, log, Arc::clone(&self.store)).silent_ms(now())
    }

    /// Sends what waits, cosigns and follows the log every ten seconds, until it is dropped. `outcome`
    /// hears how each time went.
    pub async fn run(self, outcome: impl Fn(Result<(), &NodeError>) + Send) {
        loop {
            let round = self.round().await;
            if let Err(error) = &round {
                tracing::warn!(%error, "the ledger could not be followed");
            }
            outcome(round.as_ref().map(|_| ()));
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn round(&self) -> Result<Accepted, NodeError> {
        self.send_pending().await?;
        self.witness().await?;
        self.follow().await
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

    /// Fetches the proofs of promised entries that the accepted checkpoint should hold.
    async fn settle(&self, hub: &PartyId, accepted: &Accepted) -> Result<(), NodeError> {
        let promises = self.store_blocking(LedgerStore::promises).await?;
        for promise in promises {
            if promise.index >= accepted.size() {
                if let Some(broken) = promise.broken_by(accepted) {
                    self.store_blocking(move |store| store.convicted(&broken))
                        .await?;
                    return Err(refused(hub, "it broke a promise; the evidence is kept"));
                }
                continue;
            }
            let (proof, found) = self
                .calls
                .prove(hub, promise.index, accepted.size())
                .await?;
            if let Some(broken) = promise.replaced_in(accepted, found, proof.clone()) {
                self.store_blocking(move |store| store.convicted(&broken))
                    .await?;
                return Err(refused(hub, "it broke a promise; the evidence is kept"));
            }
            let receipt = promise
                .keep(proof, accepted)
                .map_err(|error| refused(hub, &error))?;
            self.store_blocking(move |store| store.received(&receipt))
                .await?;
        }
        Ok(())
    }

    fn state(&self, act: Act<'_>) -> Result<(EntryId, (SealedContent, SignedEntry)), NodeError> {
        let mut rng: StdRng = rand::make_rng();
        let content = SealedContent::new(act.content, &mut rng);
        let party = self.party.clone();
        let entry = content
            .entry(act.kind, now(), party, act.role, act.concerned)
            .map_err(|error| NodeError::Store(error.to_string()))?
            .sign(&self.calls.signing());
        Ok((content.id(), (content, entry)))
    }

    async fn view(&self, hub: &PartyId) -> Result<ClientView, NodeError> {
        let quorum = Quorum::of_roster(&self.calls.roster(), self.needed)
            .map_err(|error| refused(hub, &error))?;
        match self.store_blocking(LedgerStore::accepted).await? {
            None => Ok(ClientView::new(quorum)),
            Some(note) => ClientView::resume(quorum, &note).map_err(|error| refused(hub, &error)),
        }
    }

    fn log_key(&self) -> Result<(PartyId, LogKey), NodeError> {
        let hub = self.calls.hub()?;
        let key = LogKey::new(&sanctuary_ledger::origin_of(&hub.id), hub.signing_key)
            .map_err(|error| refused(&hub.id, &error))?;
        Ok((hub.id, key))
    }

    fn promise_of(&self, id: &EntryId) -> Result<Promise, NodeError> {
        let waiting = self.store.promises()?.into_iter().find(|p| p.id == *id);
        let found = match waiting {
            Some(promise) => Some(promise),
            None => self.store.receipt(id)?.map(|receipt| receipt.promise),
        };
        found.ok_or(NodeError::Damaged("row of the ledger"))
    }

    async fn store_blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&LedgerStore) -> Result<R, NodeError> + Send + 'static,
    ) -> Result<R, NodeError> {
        let store = Arc::clone(&self.store);
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .map_err(|_| NodeError::Store("the ledger's task was cut off".to_owned()))?
    }
}

fn refused(hub: &PartyId, reason: &(impl ToString + ?Sized)) -> NodeError {
    NodeError::HubRefused {
        hub: hub.clone(),
        reason: reason.to_string(),
    }
}
