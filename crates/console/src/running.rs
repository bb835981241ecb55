//! The port of how the node runs: what needs a person, how the agency's own systems deliver, which keys and
//! certificates lapse when, and which editions of the board pack are released. As of the office: every call blocks
//! and checks the person's roles itself.

use sanctuary_disclosure::Actor;
use sanctuary_figures::Figures;
use sanctuary_types::Timestamp;

use crate::Asked;

/// Something that needs a person. Never about anybody in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// What is the matter, in one sentence.
    pub what: String,
    /// What somebody does next, in one sentence.
    pub next: String,
    /// It cannot wait until tomorrow.
    pub urgent: bool,
    /// When it happened, where that is known.
    pub at: Option<Timestamp>,
    /// Where on the console one sees more.
    pub href: Option<&'static str>,
}

/// A folder into which one of the agency's systems puts files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedView {
    /// The agency's name for it.
    pub name: String,
    /// A file is all of its records; else the changed ones.
    pub is_full: bool,
    /// When it was last looked at; none since the node started.
    pub looked: Option<Timestamp>,
    /// When a file was last taken or refused; none since the node started.
    pub settled: Option<Timestamp>,
    /// What is wrong with it; empty when all is well.
    pub problem: String,
}

/// A key with which one of the agency's systems calls the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyView {
    /// Which system has it.
    pub name: String,
    /// When it was made.
    pub made: Timestamp,
    /// When it was last used; none since the node started.
    pub used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// How the agency's own systems reach the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Watched folders.
    pub feeds: Vec<FeedView>,
    /// Keys, newest first.
    pub keys: Vec<ApiKeyView>,
    /// Whether the node takes calls at all.
    pub takes_calls: bool,
    /// Since when "last used" counts.
    pub since: Timestamp,
}

/// How the node runs.
pub trait Running: Send + Sync + 'static {
    /// What needs a person, the most urgent first.
    ///
    /// # Errors
    /// [`Fault`](crate::Fault); so of every method.
    fn concerns(&self, by: &Actor) -> Asked<Vec<Concern>>;
    /// Folders and keys, for administrators.
    fn connections(&self, by: &Actor) -> Asked<Connections>;
    /// Revokes the live key of a system.
    fn revoke_key(&self, by: &Actor, name: &str) -> Asked<()>;
    /// The released editions of the board pack that this node knows, newest first.
    fn editions(&self, by: &Actor) -> Asked<Vec<Figures>>;
}
