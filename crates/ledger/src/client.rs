use std::ops::Deref;

use sanctuary_types::Timestamp;

use crate::{Checkpoint, Comparison, Digest, Quorum, Refused, compare};

/// A checkpoint that a client's rules let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted(Checkpoint);

impl Deref for Accepted {
    type Target = Checkpoint;
    fn deref(&self) -> &Checkpoint {
        &self.0
    }
}

/// What one client knows of the log, and its rules for anything new.
#[derive(Clone, Debug)]
pub struct ClientView {
    quorum: Quorum,
    last: Option<Accepted>,
}

impl ClientView {
    /// A client that has seen nothing.
    #[must_use]
    pub const fn new(quorum: Quorum) -> Self {
        Self { quorum, last: None }
    }

    /// A client that accepted `note` before and kept it: whatever its age and whoever the witnesses are
    /// now, nothing may contradict it.
    ///
    /// # Errors
    /// As [`Checkpoint::verify`].
    pub fn resume(quorum: Quorum, note: &[u8]) -> Result<Self, Refused> {
        let last = Some(Accepted(Checkpoint::verify(note, quorum.log())?));
        Ok(Self { quorum, last })
    }

    /// The last checkpoint accepted. Keep its note: [`Self::resume`] wants it.
    #[must_use]
    pub const fn last(&self) -> Option<&Accepted> {
        self.last.as_ref()
    }

    /// The rules.
    #[must_use]
    pub const fn quorum(&self) -> &Quorum {
        &self.quorum
    }

    /// Takes a newer checkpoint. `proof` is the consistency proof from [`Self::last`]; not needed for
    /// the first one and where the size is the same.
    ///
    /// # Errors
    /// [`Refused`]: which rule it breaks. The view stays as it was.
    pub fn accept(
        &mut self,
        note: &[u8],
        proof: Option<&[Digest]>,
        now: Timestamp,
    ) -> Result<Accepted, Refused> {
        let new = self.quorum.verify_fresh(note, now)?;
        if let Some(last) = &self.last {
            grown(last, &new, proof)?;
        }
        let accepted = Accepted(new);
        self.last = Some(accepted.clone());
        Ok(accepted)
    }
}

/// Whether `new` is `last` or what it grew to.
fn grown(last: &Checkpoint, new: &Checkpoint, proof: Option<&[Digest]>) -> Result<(), Refused> {
    let (seen, size) = (last.size(), new.size());
    if size < seen {
        return Err(Refused::Smaller {
            seen,
            offered: size,
        });
    }
    match compare(last, new, proof) {
        Comparison::Same => Ok(()),
        Comparison::Grew { .. } if new.time() < last.time() => Err(Refused::ClockBack),
        Comparison::Grew { .. } => Ok(()),
        Comparison::ProofNeeded { .. } => Err(Refused::ProofMissing { seen, size }),
        Comparison::Inconsistent { .. } => Err(Refused::Inconsistent { seen, size }),
        Comparison::Forked(evidence) => Err(Refused::Forked {
            size: seen,
            evidence: Box::new(evidence),
        }),
        Comparison::OtherLog => Err(Refused::OtherLog),
    }
}
