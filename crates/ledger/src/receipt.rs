use serde::{Deserialize, Serialize};

use crate::{
    Checkpoint, Digest, InclusionProof, LedgerError, LogKey, Promise, Quorum, Refused,
    bytes::{hexed, hexed_bytes},
    check_inclusion,
};

/// An act's place in the log, provable offline to anybody who knows the keys: the promise, the
/// inclusion proof and the cosigned checkpoint it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What the log promised.
    pub promise: Promise,
    /// Where the leaf stands in the checkpoint.
    pub proof: InclusionProof,
    #[serde(with = "hexed_bytes")]
    pub(crate) checkpoint: Vec<u8>,
}

impl Receipt {
    /// Checks every signature and the proof, whatever the checkpoint's age; gives the checkpoint.
    ///
    /// # Errors
    /// As [`Quorum::verify`]; [`LedgerError::Proof`].
    pub fn verify(&self, quorum: &Quorum) -> Result<Checkpoint, Refused> {
        self.promise.verify(quorum.log())?;
        let checkpoint = quorum.verify(&self.checkpoint)?;
        if self.proof.index != self.promise.index || self.proof.size != checkpoint.size() {
            return Err(LedgerError::Proof("inclusion").into());
        }
        check_inclusion(&self.proof, checkpoint.root(), &self.promise.leaf)?;
        Ok(checkpoint)
    }

    /// The checkpoint's signed note.
    #[must_use]
    pub fn note(&self) -> &[u8] {
        &self.checkpoint
    }
}

/// Proof, for anybody who has the hub's public key, that the hub broke a promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenPromise {
    promise: Promise,
    #[serde(with = "hexed_bytes")]
    checkpoint: Vec<u8>,
    /// Another leaf at the promised place; nothing = the tree is too small.
    instead: Option<Instead>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Instead {
    #[serde(with = "hexed")]
    leaf: Digest,
    proof: InclusionProof,
}

impl BrokenPromise {
    pub(crate) fn missing(promise: &Promise, checkpoint: &Checkpoint) -> Self {
        Self {
            promise: promise.clone(),
            checkpoint: checkpoint.note().to_vec(),
            instead: None,
        }
    }

    pub(crate) fn replaced(
        promise: &Promise,
        checkpoint: &Checkpoint,
        leaf: Digest,
        proof: InclusionProof,
    ) -> Self {
        Self {
            instead: Some(Instead { leaf, proof }),
            ..Self::missing(promise, checkpoint)
        }
    }

    /// Which promise.
    #[must_use]
    pub const fn promise(&self) -> &Promise {
        &self.promise
    }

    /// Ok when it proves that the hub broke the promise.
    ///
    /// # Errors
    /// [`LedgerError`] when it proves nothing.
    pub fn verify(&self, log: &LogKey) -> Result<(), LedgerError> {
        let nothing = LedgerError::Malformed {
            what: "evidence of a broken promise",
            reason: "the checkpoint does not contradict the promise",
        };
        self.promise.verify(log)?;
        let checkpoint = Checkpoint::verify(&self.checkpoint, log)
            .map_err(|_| LedgerError::Signature("the checkpoint".to_owned()))?;
        let again = match &self.instead {
            None => self.promise.broken_by(&checkpoint),
            Some(instead) => {
                self.promise
                    .replaced_in(&checkpoint, instead.leaf, instead.proof.clone())
            }
        };
        again.map(|_| ()).ok_or(nothing)
    }
}
