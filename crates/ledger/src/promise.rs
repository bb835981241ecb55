use sanctuary_trust::verify;
use sanctuary_types::{Timestamp, lp};
use serde::{Deserialize, Serialize};

use crate::{
    Accepted, BrokenPromise, Checkpoint, Digest, EntryId, InclusionProof, Leaf, LedgerError,
    LogKey, LogSigner, Receipt, SignedEntry, bytes::hexed, check_inclusion,
    limits::PROMISE_DELAY_MS,
};

/// The log's signed word that an entry stands at an index and is in every checkpoint dated after
/// `due`. With two signatures of the hub a broken one proves itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Which log.
    pub origin: String,
    /// Which act.
    pub id: EntryId,
    /// Where its leaf stands.
    pub index: u64,
    /// The leaf's hash.
    #[serde(with = "hexed")]
    pub leaf: Digest,
    /// When the log took it: with the entry this makes the leaf.
    pub received: Timestamp,
    /// Checkpoints dated after this contain it.
    pub due: Timestamp,
    #[serde(with = "hexed")]
    signature: [u8; 64],
}

impl Promise {
    pub(crate) fn sign(signer: &LogSigner, index: u64, leaf: &Leaf) -> Self {
        let mut promise = Self {
            origin: signer.key().origin().to_owned(),
            id: leaf.entry().id(),
            index,
            leaf: leaf.hash(),
            received: leaf.received,
            due: Timestamp(leaf.received.0.saturating_add(PROMISE_DELAY_MS)),
            signature: [0; 64],
        };
        promise.signature = signer.sign(&promise.message());
        promise
    }

    /// A promise as it came over the wire; nothing is checked yet.
    #[must_use]
    #[allow(clippy::too_many_arguments)] // one for each field of the message
    pub const fn from_parts(
        origin: String,
        id: EntryId,
        index: u64,
        leaf: Digest,
        received: Timestamp,
        due: Timestamp,
        signature: [u8; 64],
    ) -> Self {
        Self {
            origin,
            id,
            index,
            leaf,
            received,
            due,
            signature,
        }
    }

    /// The hub's Ed25519 signature over `lp("sanctuary/v1/log-promise", origin, id, index, leaf,
    /// received, due)`.
    #[must_use]
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Whether the log signed it.
    ///
    /// # Errors
    /// [`LedgerError::Signature`].
    pub fn verify(&self, log: &LogKey) -> Result<(), LedgerError> {
        let ours = self.origin == log.origin();
        let signed = verify(log.public(), &self.message(), &self.signature).is_ok();
        if ours && signed {
            Ok(())
        } else {
            Err(LedgerError::Signature("the log's promise".to_owned()))
        }
    }

    /// Whether the log signed it, for exactly the entry that was sent, due in time.
    ///
    /// # Errors
    /// [`LedgerError::Signature`]; [`LedgerError::Malformed`] when it promises something else.
    pub fn check(&self, log: &LogKey, sent: &SignedEntry) -> Result<(), LedgerError> {
        self.verify(log)?;
        let leaf = Leaf {
            received: self.received,
            signed: sent.clone(),
        };
        let in_time = self.due.0 <= self.received.0.saturating_add(PROMISE_DELAY_MS);
        if leaf.hash() == self.leaf && sent.entry().id() == self.id && in_time {
            Ok(())
        } else {
            Err(LedgerError::Malformed {
                what: "promise",
                reason: "it is not for the entry that was sent, or allows too much time",
            })
        }
    }

    /// Turns it into a receipt once an accepted checkpoint contains the leaf.
    ///
    /// # Errors
    /// [`LedgerError::Proof`] when the proof is of another place or tree.
    pub fn keep(self, proof: InclusionProof, accepted: &Accepted) -> Result<Receipt, LedgerError> {
        if proof.index != self.index || proof.size != accepted.size() {
            return Err(LedgerError::Proof("inclusion"));
        }
        check_inclusion(&proof, accepted.root(), &self.leaf)?;
        Ok(Receipt {
            promise: self,
            proof,
            checkpoint: accepted.note().to_vec(),
        })
    }

    /// What a checkpoint proves against it: one dated after `due` that is too small to hold the leaf.
    #[must_use]
    pub fn broken_by(&self, checkpoint: &Checkpoint) -> Option<BrokenPromise> {
        let late = checkpoint.time() > self.due && checkpoint.size() <= self.index;
        late.then(|| BrokenPromise::missing(self, checkpoint))
    }

    /// What a checkpoint with another leaf at the promised place proves against it. `proof` shows
    /// `found` at the index.
    #[must_use]
    pub fn replaced_in(
        &self,
        checkpoint: &Checkpoint,
        found: Digest,
        proof: InclusionProof,
    ) -> Option<BrokenPromise> {
        let there = proof.index == self.index
            && proof.size == checkpoint.size()
            && check_inclusion(&proof, checkpoint.root(), &found).is_ok();
        (there && found != self.leaf)
            .then(|| BrokenPromise::replaced(self, checkpoint, found, proof))
    }

    fn message(&self) -> Vec<u8> {
        lp(&[
            b"sanctuary/v1/log-promise",
            self.origin.as_bytes(),
            &self.id.0,
            &self.index.to_be_bytes(),
            &self.leaf,
            &self.received.0.to_be_bytes(),
            &self.due.0.to_be_bytes(),
        ])
    }
}
