//! A limit on everything. Each is enforced where bytes arrive, and named in the refusal.

/// Elements in one OPRF evaluation. RFC 9497 proofs index elements in two bytes.
pub const OPRF_ELEMENTS_MAX: usize = 4096;
/// Elements in one OPRF evaluation, as nodes choose it: nearly all of the batching gain.
pub const OPRF_ELEMENTS_TARGET: usize = 1024;
/// Postings in one push, dummies included.
pub const BATCH_POSTINGS_MAX: usize = 32_768;
/// Cards in one push, dummies included.
pub const BATCH_CARDS_MAX: usize = 4_096;
/// Withdrawals in one push, dummies included.
pub const BATCH_WITHDRAWALS_MAX: usize = 8_192;
/// Bytes of one gRPC message.
pub const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Tokens of one record; more are cut, strongest kinds first, and counted.
pub const RECORD_TOKENS_MAX: usize = 96;
/// Postings of one tag that the hub gathers; beyond it the tag is a stop token.
pub const TAG_POSTINGS_MAX: usize = 64;
/// Postings of one tag taken from one agency.
pub const TAG_POSTINGS_PER_AGENCY_MAX: usize = 32;
/// Bytes of one cell in an agency's file.
pub const CELL_BYTES_MAX: usize = 64 * 1024;
/// Bytes of one row in an agency's file.
pub const ROW_BYTES_MAX: usize = 1024 * 1024;
/// Parties in one roster.
pub const ROSTER_PARTIES_MAX: usize = 4_096;
/// Comparisons that a node begins or answers with one other agency in a UTC day.
pub const COMPARISONS_PER_PEER_DAY: u32 = 50_000;
/// Comparisons of one own record with one other agency in a UTC day.
pub const COMPARISONS_PER_RECORD_DAY: u32 = 16;
/// Comparisons that a node takes from the hub at once.
pub const COMPARISON_TASKS_MAX: usize = 32;

/// Days after which an alert that has lapsed is emptied of what it said, at the hub and at both nodes.
pub const LAPSED_ALERT_DAYS: u32 = 90;
