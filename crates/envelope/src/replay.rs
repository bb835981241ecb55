use std::collections::BTreeMap;

use sanctuary_types::Timestamp;

use crate::EnvelopeError;

/// Remembers which envelopes were taken in. A node's store implements it and must have written before
/// it returns; in memory there is [`SeenOnce`].
pub trait Once {
    /// Notes `id`; `false` when it was noted before. It may be forgotten after `until`.
    ///
    /// # Errors
    /// [`EnvelopeError::OnceStore`] when it cannot be noted: then the envelope is not accepted.
    fn accept(&mut self, id: [u8; 32], until: Timestamp) -> Result<bool, EnvelopeError>;
}

/// The record in memory, with a limit: when it is full of envelopes that have not expired, nothing
/// more is accepted.
#[derive(Debug, Default)]
pub struct SeenOnce {
    seen: BTreeMap<[u8; 32], Timestamp>,
}

impl SeenOnce {
    /// Envelopes remembered at a time.
    pub const MAX: usize = 100_000;

    /// Forgets what has expired.
    pub fn forget(&mut self, now: Timestamp) {
        self.seen.retain(|_, until| *until > now);
    }
}

impl Once for SeenOnce {
    fn accept(&mut self, id: [u8; 32], until: Timestamp) -> Result<bool, EnvelopeError> {
        if self.seen.contains_key(&id) {
            return Ok(false);
        }
        if self.seen.len() >= Self::MAX {
            return Err(EnvelopeError::OnceStore);
        }
        self.seen.insert(id, until);
        Ok(true)
    }
}
