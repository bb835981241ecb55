//! The second step, hub's side: which pairs two nodes compare, the sealed messages between them, and
//! the levels they found. The hub chooses and carries; it reads no message, and tells a node nothing
//! but its own record, the other agency's name and the own postings that both records share.
//!
//! A pair of record versions is compared once. One that was refused or not answered in time waits
//! for another day.

mod planning;
mod queue;
mod steps;
mod stored;

use std::collections::BTreeMap;

use sanctuary_types::{ComparedLevels, Handle, PartyId, Pseudonym, Timestamp};

pub(crate) use planning::{Planned, attach, handles, plan, review};
pub(crate) use queue::Comparisons;
pub(crate) use stored::{Comparison, End, Stage};

/// Bytes of one sealed message between two nodes.
pub const SEALED_BYTES_MAX: usize = 64 * 1024;
/// Shared postings that a task names; enough for a key that nobody else can make.
pub(crate) const HANDLES_MAX: usize = 4;
/// A comparison that is not done after this is given up.
const EXPIRES_AFTER_MS: u64 = 3 * 86_400_000;
/// Comparisons that wait at one time, over all agencies.
const WAITING_MAX: usize = 200_000;
/// Tasks given at once, and the bytes of their messages.
const TASKS_MAX: usize = 256;
const TASK_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One step that waits for an agency's node.
#[derive(Clone, PartialEq, Eq)]
pub struct ComparisonTask {
    /// Which comparison; the same at both sides.
    pub id: [u8; 16],
    /// 1 opens, 2 answers, 3 finishes.
    pub stage: u32,
    /// The caller's record.
    pub own: Pseudonym,
    /// The caller's postings of up to four tokens that both records hold, in the same order at both
    /// sides.
    pub handles: Vec<Handle>,
    /// The agency of the other record.
    pub other: PartyId,
    /// The other node's message; empty in stage 1.
    pub sealed: Vec<u8>,
    /// Not taken after this.
    pub expires: Timestamp,
}

impl std::fmt::Debug for ComparisonTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComparisonTask")
            .field("stage", &self.stage)
            .field("other", &self.other)
            .finish_non_exhaustive()
    }
}

/// An agency's answer to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonStep {
    /// Which comparison.
    pub id: [u8; 16],
    /// The stage it answers.
    pub stage: u32,
    /// The answer.
    pub outcome: StepOutcome,
}

/// What a step says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// A message for the other node: stages 1 and 2.
    Sealed(Vec<u8>),
    /// What was found: stage 3.
    Levels(ComparedLevels),
    /// No comparison, with a code.
    Refused(String),
}

/// How comparisons stand: counts only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComparisonCounts {
    /// Begun or to be begun.
    pub waiting: u64,
    /// With levels that count in scores.
    pub done: u64,
    /// Refused or given up since yesterday, by code.
    pub refused: BTreeMap<String, u64>,
}

impl ComparisonCounts {
    /// Refused, whatever the code.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.refused.values().sum()
    }
}
