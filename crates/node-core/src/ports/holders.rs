use std::future::Future;

use sanctuary_toprf::{Answer, HolderIndex};
use sanctuary_types::{BatchId, Epoch, Generation, KeyClass};

/// The key holders, reached somehow.
pub trait KeyHolders: Send + Sync {
    /// Asks every holder of `quorum` (share indices, ascending, exactly the threshold) to evaluate
    /// `elements` (n times 32 bytes). The answers come in any order, one for each holder.
    ///
    /// # Errors
    /// The first holder that failed, by its index; the caller tries another quorum.
    fn evaluate(
        &self,
        request: &EvaluateBatch<'_>,
    ) -> impl Future<Output = Result<Vec<Answer>, HolderFault>> + Send;
}

/// One OPRF batch as the holders see it.
#[derive(Clone, Copy, Debug)]
pub struct EvaluateBatch<'a> {
    /// Which key.
    pub class: KeyClass,
    /// Its epoch.
    pub epoch: Epoch,
    /// Its generation.
    pub generation: Generation,
    /// Share indices, ascending, exactly the threshold.
    pub quorum: &'a [HolderIndex],
    /// The same id with the same elements and quorum is a retransmission, free of charge.
    pub batch_id: BatchId,
    /// Blinded elements, 32 bytes each.
    pub elements: &'a [u8],
}

/// One holder's failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key holder {holder}: {kind}")]
pub struct HolderFault {
    /// Its share index.
    pub holder: HolderIndex,
    /// What happened.
    pub kind: HolderFaultKind,
}

/// How a holder failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HolderFaultKind {
    /// Not reachable, or no answer in time.
    #[error("did not answer")]
    Unavailable,
    /// This agency's daily quota is used up.
    #[error("today's quota is used up")]
    QuotaExceeded,
    /// It holds another epoch or generation of the key.
    #[error("holds another generation of the key")]
    StaleKey,
    /// It refuses this agency.
    #[error("refused: {0}")]
    Refused(String),
    /// It failed in another way.
    #[error("failed: {0}")]
    Failed(String),
    /// Its answer did not verify against its key in the manifest.
    #[error("gave a wrong answer")]
    WrongAnswer,
}
