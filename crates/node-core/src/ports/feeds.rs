use crate::{FeedName, NodeError, RecordKey};

/// Which records came by which feed: what a full snapshot of the feed is compared with. Each command
/// is atomic, durable when it returns, and idempotent.
pub trait FeedRoll: Send + Sync {
    /// Notes that records come by a feed, before they are stored.
    ///
    /// # Errors
    /// [`NodeError::Store`], [`NodeError::Damaged`]; so of every method.
    fn enrol(&self, feed: &FeedName, keys: &[RecordKey]) -> Result<(), NodeError>;

    /// Takes records off a feed's roll, after they were withdrawn.
    fn strike(&self, feed: &FeedName, keys: &[RecordKey]) -> Result<(), NodeError>;

    /// Every record on a feed's roll, in no particular order. One that was never stored, because the
    /// import stopped in between, may be among them.
    fn for_each_enrolled(
        &self,
        feed: &FeedName,
        visit: &mut dyn FnMut(RecordKey) -> Result<(), NodeError>,
    ) -> Result<(), NodeError>;
}
