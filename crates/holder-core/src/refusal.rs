use sanctuary_types::{PartyId, Timestamp};

/// A request that was refused, as it is kept for the operator and later for the audit log. Who,
/// when and why; nothing of what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// The caller. Those who are not on the roster never get this far; `rpc` logs them.
    pub party: PartyId,
    /// [`crate::HolderError::code`].
    pub code: &'static str,
}

/// Port: keeps refusals, the newest ones when there are too many. Never fails the request: it is
/// refused either way.
pub trait RefusalLog: Send + Sync {
    /// Keeps one.
    fn record(&self, refusal: &Refusal);
}
