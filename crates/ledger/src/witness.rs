use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use sanctuary_trust::SigningKey;
use sanctuary_types::Timestamp;

use crate::{
    Checkpoint, Comparison, Digest, LedgerError, LogKey, PortError, Refused, WitnessKey, compare,
    limits::{CHECKPOINT_AGE_MAX_MS, PROOF_HASHES_MAX},
    note::split,
    quorum::fresh,
};

/// What a witness remembers of a log: the last checkpoint it cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSeen {
    /// The signed note: size, root, hub's time and its evidence in one.
    pub note: Vec<u8>,
    /// When it was cosigned.
    pub at: Timestamp,
}

/// Where a witness keeps its high-water mark.
pub trait WitnessStore {
    /// The mark of the log of `origin`.
    ///
    /// # Errors
    /// When the store fails.
    fn last(&self, origin: &str) -> Result<Option<LastSeen>, PortError>;

    /// Raises the mark, durable when this returns; called before the cosignature is given out.
    ///
    /// # Errors
    /// When it could not be kept: then no cosignature is given.
    fn raise(&self, origin: &str, seen: &LastSeen) -> Result<(), PortError>;
}

impl<S: WitnessStore + ?Sized> WitnessStore for Arc<S> {
    fn last(&self, origin: &str) -> Result<Option<LastSeen>, PortError> {
        (**self).last(origin)
    }
    fn raise(&self, origin: &str, seen: &LastSeen) -> Result<(), PortError> {
        (**self).raise(origin, seen)
    }
}

/// A witness's name and key.
#[derive(Clone, Debug)]
pub struct WitnessSigner {
    public: WitnessKey,
    key: SigningKey,
}

impl WitnessSigner {
    /// # Errors
    /// As [`WitnessKey::new`].
    pub fn new(name: &str, key: SigningKey) -> Result<Self, LedgerError> {
        Ok(Self {
            public: WitnessKey::new(name, key.public())?,
            key,
        })
    }

    /// The public half.
    #[must_use]
    pub fn key(&self) -> WitnessKey {
        self.public.clone()
    }
}

/// Cosigns checkpoints that grew from what it saw before, and nothing else (C2SP `tlog-witness`). There
/// must be one for one store: looking at the mark and raising it is one step only inside it.
#[derive(Debug)]
pub struct Witness<S> {
    signer: WitnessSigner,
    log: LogKey,
    store: S,
}

impl<S: WitnessStore> Witness<S> {
    /// A witness of one log.
    pub const fn new(signer: WitnessSigner, log: LogKey, store: S) -> Self {
        Self { signer, log, store }
    }

    /// The last checkpoint cosigned.
    ///
    /// # Errors
    /// [`Refused::Malformed`] when the store fails or holds something the hub did not sign.
    pub fn last(&self) -> Result<Option<Checkpoint>, Refused> {
        let seen = self
            .store
            .last(self.log.origin())
            .map_err(LedgerError::Store)?;
        seen.map(|s| Checkpoint::verify(&s.note, &self.log))
            .transpose()
    }

    /// The size to prove consistency from; 0 when nothing was cosigned yet.
    ///
    /// # Errors
    /// As [`Self::last`].
    pub fn known_size(&self) -> Result<u64, Refused> {
        Ok(self.last()?.map_or(0, |c| c.size()))
    }

    /// Checks a checkpoint against the last one, raises the mark durably and then cosigns: the
    /// signature line to add to the note.
    ///
    /// # Errors
    /// [`Refused`]: unsigned, another log, stale or from the future, smaller, forked, inconsistent,
    /// [`Refused::Conflict`] when asked from another size than the witness's own.
    pub fn add_checkpoint(
        &mut self,
        request: &AddCheckpoint,
        now: Timestamp,
    ) -> Result<Vec<u8>, Refused> {
        let new = Checkpoint::verify(&request.note, &self.log)?;
        fresh(new.time(), now)?;
        if let Some(last) = self.last()? {
            grown(&last, &new, request)?;
        } else if request.old_size != 0 {
            return Err(Refused::Conflict { known: 0 });
        }
        let seen = LastSeen {
            note: new.note().to_vec(),
            at: now,
        };
        self.store
            .raise(self.log.origin(), &seen)
            .map_err(LedgerError::Store)?;
        Ok(self.cosign(&new, now))
    }

    /// When nothing was cosigned for 15 minutes although the log should issue a checkpoint every ten:
    /// how long, in milliseconds. The log stands still, or does not let itself be witnessed.
    ///
    /// # Errors
    /// As [`Self::last`].
    pub fn silent_ms(&self, now: Timestamp) -> Result<Option<u64>, Refused> {
        let Some(last) = self.last()? else {
            return Ok(None);
        };
        let age_ms = now.0.saturating_sub(last.time().0);
        Ok((age_ms > CHECKPOINT_AGE_MAX_MS).then_some(age_ms))
    }

    fn cosign(&self, checkpoint: &Checkpoint, now: Timestamp) -> Vec<u8> {
        let text = split(checkpoint.note()).map_or("", |(text, _)| text);
        let WitnessSigner { public, key } = &self.signer;
        public
            .note_key()
            .sign_line(key, text.as_bytes(), now.0 / 1000)
    }
}

fn grown(last: &Checkpoint, new: &Checkpoint, request: &AddCheckpoint) -> Result<(), Refused> {
    let (seen, size) = (last.size(), new.size());
    if size < seen {
        return Err(Refused::Smaller {
            seen,
            offered: size,
        });
    }
    // A fork of the same size is evidence however the request was put.
    if size > seen && request.old_size != seen {
        return Err(Refused::Conflict { known: seen });
    }
    if new.time() < last.time() {
        return Err(Refused::ClockBack);
    }
    match compare(last, new, Some(&request.proof)) {
        Comparison::Same | Comparison::Grew { .. } => Ok(()),
        Comparison::Forked(evidence) => Err(Refused::Forked {
            size: seen,
            evidence: Box::new(evidence),
        }),
        _ => Err(Refused::Inconsistent { seen, size }),
    }
}

/// The request of C2SP `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size the proof starts from: the witness's own.
    pub old_size: u64,
    /// The consistency proof; empty from 0 and for the same size.
    pub proof: Vec<Digest>,
    /// The signed note.
    pub note: Vec<u8>,
}

impl AddCheckpoint {
    /// The request body: `old N`, the proof's lines, an empty line, the note.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            text.push_str(&STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.note);
        bytes
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// # Errors
    /// [`LedgerError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let bad = |reason| LedgerError::Malformed {
            what: "request to a witness",
            reason,
        };
        let text = std::str::from_utf8(bytes).map_err(|_| bad("it is not text"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(bad("its checkpoint is missing"))?;
        let mut lines = head.split('\n');
        let old_size = lines
            .next()
            .and_then(|l| l.strip_prefix("old "))
            .and_then(|n| n.parse().ok())
            .ok_or(bad("its old size is missing"))?;
        let proof: Option<Vec<Digest>> = lines
            .take(PROOF_HASHES_MAX + 1)
            .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
            .collect();
        let request = Self {
            old_size,
            proof: proof.ok_or(bad("a hash in it is not one"))?,
            note: note.as_bytes().to_vec(),
        };
        if request.to_bytes() == bytes && request.proof.len() <= PROOF_HASHES_MAX {
            Ok(request)
        } else {
            Err(bad("it is not in its one spelling"))
        }
    }
}
