use std::collections::HashMap;

use sanctuary_types::Timestamp;

use crate::{
    AddCheckpoint, CheckedEntry, Checkpoint, Digest, EntryId, Growth, InclusionProof, Leaf,
    LedgerError, LogKey, LogSigner, Promise, Quorum, Refused, SignedEntry, TileId, TileStore,
    bundle_entries,
    limits::{
        BATCH_ENTRIES_MAX, CHECKPOINT_EVERY_MS, CHECKPOINTS_APART_MS, CLOCK_SKEW_MS, ENTRIES_MAX,
        PROMISE_DELAY_MS,
    },
    prove_consistency, prove_inclusion, root_of,
    tile::FULL,
    tree::grow,
    width_of,
};

/// The log itself, as its operator (the hub) runs it: one writer over one store.
#[derive(Debug)]
pub struct Ledger<S> {
    store: S,
    signer: LogSigner,
    size: u64,
    root: Digest,
    /// Stamp of the last leaf: the log's clock never goes back, whatever the machine's does.
    last_received: Timestamp,
    latest: Option<Checkpoint>,
    published: Option<Checkpoint>,
}

impl<S: TileStore> Ledger<S> {
    /// Opens the log of a store and checks that it still leads to the last checkpoint signed.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when it does not: no ledger, no operation.
    pub fn open(store: S, signer: LogSigner) -> Result<Self, LedgerError> {
        let size = store.size()?;
        let root = root_of(&store, size, None)?;
        let mut ledger = Self {
            store,
            signer,
            size,
            root,
            last_received: Timestamp(0),
            latest: None,
            published: None,
        };
        if let Some(last) = size.checked_sub(1) {
            // Also proves that the last entry is the one that the tiles say.
            ledger.last_received = ledger.leaf(last)?.received;
        }
        if let Some(note) = ledger.store.latest_checkpoint()? {
            ledger.latest = Some(ledger.own(&note)?);
        }
        Ok(ledger)
    }

    /// The log's identity.
    #[must_use]
    pub fn key(&self) -> LogKey {
        self.signer.key()
    }

    /// Entries in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The store, for serving its tiles.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Adds entries, all or none, and promises each. Entries that are there already are promised
    /// again in the same bytes, so a retry adds nothing. All of it is durable before this returns.
    ///
    /// # Errors
    /// [`LedgerError::IdReused`], [`LedgerError::FutureEntry`], [`LedgerError::TooMany`],
    /// [`LedgerError::Damaged`], [`LedgerError::Store`].
    pub fn append(
        &mut self,
        entries: &[CheckedEntry],
        now: Timestamp,
    ) -> Result<Vec<Promise>, LedgerError> {
        too_many("entries", entries.len() as u64, BATCH_ENTRIES_MAX as u64)?;
        let received = now.max(self.last_received);
        let mut new: Vec<Leaf> = Vec::new();
        let mut in_batch: HashMap<EntryId, u64> = HashMap::new();
        let mut promises = Vec::with_capacity(entries.len());
        for CheckedEntry(signed) in entries {
            let id = signed.entry().id();
            let known = match in_batch.get(&id) {
                Some(index) => Some(*index),
                None => self.store.index_of(&id)?,
            };
            let (index, leaf) = match known {
                Some(index) => (index, self.known_leaf(index, &new, signed)?),
                None => {
                    let ahead_ms = signed.entry().time().0.saturating_sub(now.0);
                    if ahead_ms > CLOCK_SKEW_MS {
                        return Err(LedgerError::FutureEntry { ahead_ms });
                    }
                    let leaf = Leaf {
                        received,
                        signed: signed.clone(),
                    };
                    new.push(leaf.clone());
                    let index = self.size + new.len() as u64 - 1;
                    in_batch.insert(id, index);
                    (index, leaf)
                }
            };
            promises.push(Promise::sign(&self.signer, index, &leaf));
        }
        if !new.is_empty() {
            self.commit(&new, received)?;
        }
        Ok(promises)
    }

    /// The promise of an entry that is in the log, in the same bytes as when it was taken.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`], [`LedgerError::Store`].
    pub fn promised(&self, id: &EntryId) -> Result<Option<Promise>, LedgerError> {
        let Some(index) = self.store.index_of(id)? else {
            return Ok(None);
        };
        Ok(Some(Promise::sign(&self.signer, index, &self.leaf(index)?)))
    }

    /// Signs the tree as it stands at `now` and keeps the checkpoint.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn checkpoint(&mut self, now: Timestamp) -> Result<Checkpoint, LedgerError> {
        let least = self
            .latest
            .as_ref()
            .map_or(self.last_received, |c| c.time().max(self.last_received));
        let checkpoint = self
            .signer
            .checkpoint(self.size, &self.root, now.max(least))?;
        self.keep(checkpoint.clone())?;
        Ok(checkpoint)
    }

    /// The newest checkpoint, with the cosignatures so far.
    #[must_use]
    pub const fn latest(&self) -> Option<&Checkpoint> {
        self.latest.as_ref()
    }

    /// The newest checkpoint that has enough cosignatures: what clients are given. None after a
    /// restart until the witnesses have signed again.
    #[must_use]
    pub const fn published(&self) -> Option<&Checkpoint> {
        self.published.as_ref()
    }

    /// Whether a new checkpoint should be signed: ten minutes have passed, or promised entries wait and
    /// the latest checkpoint has its cosignatures or has waited half the promised delay for them.
    /// Before that a newer one would only make the witnesses start anew.
    #[must_use]
    pub fn checkpoint_due(&self, now: Timestamp) -> bool {
        let Some(latest) = &self.latest else {
            return true;
        };
        let age_ms = now.0.saturating_sub(latest.time().0);
        let published = self.published.as_ref();
        let witnessed = published.is_some_and(|p| p.time() == latest.time());
        let patience_ms = if witnessed {
            CHECKPOINTS_APART_MS
        } else {
            PROMISE_DELAY_MS / 2
        };
        age_ms >= CHECKPOINT_EVERY_MS || (latest.size() < self.size && age_ms >= patience_ms)
    }

    /// What to send a witness that has cosigned up to `known` entries. One that has seen more than there
    /// is gets the signed checkpoint without a proof: it shall see for itself that entries are gone.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`], [`LedgerError::Store`].
    pub fn for_witness(&self, known: u64) -> Result<AddCheckpoint, LedgerError> {
        let latest = self
            .latest
            .as_ref()
            .ok_or(LedgerError::Damaged("no checkpoint is signed yet"))?;
        let proof = if known > latest.size() {
            Vec::new()
        } else {
            prove_consistency(&self.store, known, latest.size(), latest.root())?
        };
        Ok(AddCheckpoint {
            old_size: known,
            proof,
            note: latest.note().to_vec(),
        })
    }

    /// The published checkpoint and the proof that it grew from `seen` entries; without a proof, as for
    /// witnesses, where fewer are left.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`], [`LedgerError::Store`].
    pub fn for_client(&self, seen: u64) -> Result<Option<(Checkpoint, Vec<Digest>)>, LedgerError> {
        let Some(published) = self.published.clone() else {
            return Ok(None);
        };
        let (size, root) = (published.size(), published.root());
        let proof = if seen > size {
            Vec::new()
        } else {
            prove_consistency(&self.store, seen, size, root)?
        };
        Ok(Some((published, proof)))
    }

    /// Adds a witness's cosignature to the latest checkpoint, once it verifies under `quorum`, and
    /// says whether the checkpoint now has enough.
    ///
    /// # Errors
    /// [`Refused::WrongSignature`] when it is of a known witness and wrong; [`Refused::Malformed`]
    /// when it is of nobody known or no line.
    pub fn add_cosignature(&mut self, line: &[u8], quorum: &Quorum) -> Result<bool, Refused> {
        let latest = self
            .latest
            .as_ref()
            .ok_or(LedgerError::Damaged("no checkpoint is signed yet"))?;
        let alone = self
            .signer
            .checkpoint(latest.size(), latest.root(), latest.time())?;
        if quorum.cosignatures(&alone.with_line(line)?)?.len() != 1 {
            return Err(LedgerError::Signature("an unknown witness".to_owned()).into());
        }
        let cosigned = latest.with_line(line)?;
        let enough = quorum.cosignatures(&cosigned)?.len() >= quorum.needed();
        if enough {
            self.published = Some(cosigned.clone());
        }
        self.keep(cosigned)?;
        Ok(enough)
    }

    /// The proof that entry `index` is in the tree that had `size` entries.
    ///
    /// # Errors
    /// [`LedgerError::OutOfRange`], [`LedgerError::Damaged`], [`LedgerError::Store`].
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Result<InclusionProof, LedgerError> {
        prove_inclusion(&self.store, index, size, &self.root_at(size)?)
    }

    /// The proof that the tree of `to` entries begins with that of `from`.
    ///
    /// # Errors
    /// As [`Self::prove_inclusion`].
    pub fn prove_consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, LedgerError> {
        prove_consistency(&self.store, from, to, &self.root_at(to)?)
    }

    /// Entry `index` as it stands in the log.
    ///
    /// # Errors
    /// [`LedgerError::OutOfRange`], [`LedgerError::Damaged`], [`LedgerError::Store`].
    pub fn leaf(&self, index: u64) -> Result<Leaf, LedgerError> {
        if index >= self.size {
            return Err(LedgerError::OutOfRange {
                index,
                size: self.size,
            });
        }
        let bundle = index / u64::from(FULL);
        let tile = TileId {
            level: 0,
            index: bundle,
        };
        let width = width_of(tile, self.size);
        let bytes = self.store.bundle(bundle, width)?;
        let place = usize::try_from(index % u64::from(FULL)).unwrap_or_default();
        let leaves = bundle_entries(&bytes, width)?;
        let leaf = leaves.get(place).copied().unwrap_or_default();
        let leaf = Leaf::from_bytes(leaf)?;
        let hashes = self.store.tile(tile, width)?;
        if hashes.get(32 * place..32 * (place + 1)) == Some(leaf.hash().as_slice()) {
            Ok(leaf)
        } else {
            Err(LedgerError::Damaged("an entry does not fit its hash"))
        }
    }

    fn commit(&mut self, new: &[Leaf], received: Timestamp) -> Result<(), LedgerError> {
        let to = self.size + new.len() as u64;
        too_many("entries", to, ENTRIES_MAX)?;
        let hashes: Vec<Digest> = new.iter().map(Leaf::hash).collect();
        let (tiles, root) = grow(&self.store, self.size, &self.root, &hashes)?;
        self.store.commit(&Growth {
            from: self.size,
            to,
            leaves: new.iter().map(|l| (l.entry().id(), l.to_bytes())).collect(),
            tiles,
        })?;
        (self.size, self.root, self.last_received) = (to, root, received);
        Ok(())
    }

    /// The leaf that a repeated id stands for, when it is the same entry.
    fn known_leaf(
        &self,
        index: u64,
        new: &[Leaf],
        signed: &SignedEntry,
    ) -> Result<Leaf, LedgerError> {
        let leaf = match index.checked_sub(self.size) {
            Some(place) => new
                .get(usize::try_from(place).unwrap_or(usize::MAX))
                .cloned()
                .ok_or(LedgerError::Damaged("an id leads to no entry"))?,
            None => self.leaf(index)?,
        };
        if leaf.signed == *signed {
            Ok(leaf)
        } else {
            Err(LedgerError::IdReused(signed.entry().id().to_string()))
        }
    }

    fn root_at(&self, size: u64) -> Result<Digest, LedgerError> {
        if size == self.size {
            return Ok(self.root);
        }
        root_of(&self.store, size, Some((self.size, &self.root)))
    }

    fn keep(&mut self, checkpoint: Checkpoint) -> Result<(), LedgerError> {
        let time_s = checkpoint.time().0 / 1000;
        self.store
            .keep_checkpoint(checkpoint.size(), time_s, checkpoint.note())?;
        self.latest = Some(checkpoint);
        Ok(())
    }

    /// A kept checkpoint that this log signed and that its tiles still lead to.
    fn own(&self, note: &[u8]) -> Result<Checkpoint, LedgerError> {
        let checkpoint = Checkpoint::verify(note, &self.signer.key())
            .map_err(|_| LedgerError::Damaged("the last checkpoint is not signed by this hub"))?;
        if checkpoint.size() > self.size {
            return Err(LedgerError::Damaged(
                "entries of the last checkpoint are missing",
            ));
        }
        if self.root_at(checkpoint.size())? == *checkpoint.root() {
            Ok(checkpoint)
        } else {
            Err(LedgerError::Damaged(
                "its entries are not those that were signed",
            ))
        }
    }
}

const fn too_many(items: &'static str, found: u64, max: u64) -> Result<(), LedgerError> {
    if found > max {
        return Err(LedgerError::TooMany {
            what: "log",
            items,
            found,
            max,
        });
    }
    Ok(())
}
