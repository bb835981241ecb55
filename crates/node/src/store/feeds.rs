use sanctuary_intake::database::Mark;
use sanctuary_node_core::{FeedName, NodeError, RecordKey, ports::FeedRoll};
use sanctuary_store::Batch;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use super::{SledStore, fault, record_key};

/// Bytes of a feed's keyed hash, before the record's key.
const FEED_BYTES: usize = 16;

/// How far a database feed has got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FeedMark {
    /// Hash over what it was read by; another query begins anew.
    pub print: [u8; 32],
    /// The highest watermark that is in the store.
    pub mark: Option<Mark>,
    /// When it was last read from the beginning.
    pub begun: Timestamp,
}

impl SledStore {
    /// How far a feed has got, if it was read before.
    pub(crate) fn feed_mark(&self, feed: &FeedName) -> Result<Option<FeedMark>, NodeError> {
        let found = self.marks.get(&self.feed_key(feed))?;
        found
            .map(|json| serde_json::from_slice(&json).map_err(|_| NodeError::Damaged("feed mark")))
            .transpose()
    }

    /// Moves a feed's mark; durable when it returns.
    pub(crate) fn put_feed_mark(&self, feed: &FeedName, mark: &FeedMark) -> Result<(), NodeError> {
        let json = serde_json::to_vec(mark).map_err(|_| NodeError::Damaged("feed mark"))?;
        let _writer = self.writer()?;
        let mut rows = Batch::default();
        self.marks.put(&mut rows, &self.feed_key(feed), &json)?;
        self.apply(&[(self.marks.table(), rows)])
    }

    /// A stolen disk does not show the agency's names for its systems.
    fn feed_key(&self, feed: &FeedName) -> Vec<u8> {
        let whole = self.sealer.index_key("feed", feed.as_str().as_bytes());
        whole.iter().take(FEED_BYTES).copied().collect()
    }
}

/// One empty row a record: keyed hash of the feed, key of the record, which is a keyed hash too.
impl FeedRoll for SledStore {
    fn enrol(&self, feed: &FeedName, keys: &[RecordKey]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let feed = self.feed_key(feed);
        let mut rows = Batch::default();
        for key in keys {
            let row = [feed.as_slice(), &key.0].concat();
            if !self.feeds.contains(&row).map_err(fault)? {
                rows.insert(&self.feeds, &row, &[]).map_err(fault)?;
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.apply(&[(&self.feeds, rows)])
    }

    fn strike(&self, feed: &FeedName, keys: &[RecordKey]) -> Result<(), NodeError> {
        let _writer = self.writer()?;
        let feed = self.feed_key(feed);
        let mut rows = Batch::default();
        for key in keys {
            rows.remove(&[feed.as_slice(), &key.0].concat());
        }
        self.apply(&[(&self.feeds, rows)])
    }

    fn for_each_enrolled(
        &self,
        feed: &FeedName,
        visit: &mut dyn FnMut(RecordKey) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        for row in self.feeds.scan(&self.feed_key(feed)) {
            let (key, _) = row.map_err(fault)?;
            visit(record_key(key.get(FEED_BYTES..).unwrap_or_default())?)?;
        }
        Ok(())
    }
}
