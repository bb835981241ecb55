//! What a node needs of the outside, as small traits; the daemon supplies sled and gRPC.

mod comparisons;
mod feeds;
mod holders;
mod store;

pub use comparisons::ComparisonLog;
pub use feeds::FeedRoll;
pub use holders::{EvaluateBatch, HolderFault, HolderFaultKind, KeyHolders};
pub use store::{
    AlertCommit, DummyRange, ImportedRecord, NodeStore, OutboxEntry, PackCommit, PackState,
    PackedRecord,
};
