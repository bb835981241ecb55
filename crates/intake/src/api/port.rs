//! What the API needs of the node.

use sanctuary_node_core::{ImportSummary, NodeError, Reject, Withdrawal, readers::Rows};

/// Columns that a record may hold, by the mapping of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Every column, each once.
    pub columns: Vec<String>,
    /// The one with the agency's own reference.
    pub record_id: String,
}

/// Counts of the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that take part.
    pub records: u64,
    /// Records known only from Duty to Notify reports.
    pub notify_only: u64,
    /// Records that wait to be tokenised.
    pub pending: u64,
    /// Batches that wait for the hub.
    pub outbox: u64,
    /// What the node last failed at; empty when all is well.
    pub last_problem: String,
}

/// An idempotency key of one caller, and what was asked under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name of the API key.
    pub caller: String,
    /// The caller's idempotency key.
    pub key: String,
    /// SHA-256 over method, path and body.
    pub print: [u8; 32],
}

/// An answer that was given, to be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body: counts, rules and columns, never a value.
    pub body: Vec<u8>,
}

/// What is remembered of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// [`Asked::print`].
    pub print: [u8; 32],
    /// What was answered.
    pub answer: Answer,
}

/// The node behind the API. Every call blocks.
pub trait Intake: Send + Sync + 'static {
    /// The name of a live API key.
    ///
    /// # Errors
    /// [`NodeError`]; so of every method.
    fn caller(&self, key: &str) -> Result<Option<String>, NodeError>;

    /// Whether a live API key has this name: a client certificate with it stands for that key.
    fn is_live(&self, name: &str) -> Result<bool, NodeError>;

    /// The columns of the API's mapping.
    fn shape(&self) -> Shape;

    /// Imports rows; durable when it returns.
    fn take(
        &self,
        caller: &str,
        rows: &mut dyn Rows,
        reject: &mut dyn FnMut(Reject) -> Result<(), NodeError>,
    ) -> Result<ImportSummary, NodeError>;

    /// Withdraws a record by its reference; durable when it returns.
    fn withdraw(&self, caller: &str, reference: &str) -> Result<Withdrawal, NodeError>;

    /// Counts.
    fn counts(&self) -> Result<Counts, NodeError>;

    /// Looks an idempotency key of a caller up.
    fn recall(&self, caller: &str, key: &str) -> Result<Option<Remembered>, NodeError>;

    /// Remembers an answer, durably.
    fn remember(&self, asked: &Asked, answer: &Answer) -> Result<(), NodeError>;
}
