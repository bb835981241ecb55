//! A limit on everything.

/// Entries in one log. Far above any partnership, far below where tile arithmetic could overflow.
pub const ENTRIES_MAX: u64 = 1 << 40;
/// Entries in one append.
pub const BATCH_ENTRIES_MAX: usize = 1_024;
/// Concerned parties of one entry.
pub const CONCERNED_MAX: usize = 16;
/// Bytes of one leaf; C2SP bundles allow 65,535.
pub const LEAF_BYTES_MAX: usize = 4_096;
/// Bytes of one sealed content.
pub const CONTENT_BYTES_MAX: usize = 64 * 1024;
/// Bytes of one checkpoint with all its signatures: one row of the hub's store.
pub const CHECKPOINT_BYTES_MAX: usize = 8_000;
/// Witnesses of one partnership: their lines fit a checkpoint with party ids as names.
pub const WITNESSES_MAX: usize = 48;
/// Bytes of an origin or witness name.
pub const NAME_BYTES_MAX: usize = 128;
/// Hashes in one proof (C2SP `tlog-witness` says 63).
pub const PROOF_HASHES_MAX: usize = 63;
/// A checkpoint older than this is refused: the log may be frozen.
pub const CHECKPOINT_AGE_MAX_MS: u64 = 15 * 60 * 1_000;
/// The hub issues a checkpoint at least this often, even when nothing happened.
pub const CHECKPOINT_EVERY_MS: u64 = 10 * 60 * 1_000;
/// Two checkpoints are at least this far apart, however busy the log is.
pub const CHECKPOINTS_APART_MS: u64 = 2_000;
/// An accepted entry is in a checkpoint this long after it was promised.
pub const PROMISE_DELAY_MS: u64 = 60 * 1_000;
/// How far two honest clocks may lie apart.
pub const CLOCK_SKEW_MS: u64 = 2 * 60 * 1_000;
