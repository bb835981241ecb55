use sanctuary_types::{
    ComparedLevels, Handle, PartyId, Pseudonym, Timestamp,
    limits::{COMPARISONS_PER_PEER_DAY, COMPARISONS_PER_RECORD_DAY},
};
use serde::{Deserialize, Serialize};

/// One step that the hub asks this node for.
#[derive(Clone, PartialEq, Eq)]
pub struct ComparisonTask {
    /// Which comparison; the same at both sides.
    pub comparison: [u8; 16],
    /// Which step of it.
    pub stage: ComparisonStage,
    /// The own record.
    pub own: Pseudonym,
    /// Own postings of tokens that both records share, in the same order at both sides.
    pub handles: Vec<Handle>,
    /// The agency of the other record.
    pub other: PartyId,
    /// The other node's message; empty in the first stage.
    pub sealed: Vec<u8>,
    /// Not to be answered after this.
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

/// The steps of a comparison; the opener takes the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonStage {
    /// The opener begins.
    Open,
    /// The other node answers.
    Answer,
    /// The opener tells the hub the levels.
    Finish,
}

impl ComparisonStage {
    /// 1 to 3, as on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Back from its number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Open),
            2 => Some(Self::Answer),
            3 => Some(Self::Finish),
            _ => None,
        }
    }
}

/// What this node answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonStep {
    /// Which comparison.
    pub comparison: [u8; 16],
    /// The step that this answers.
    pub stage: ComparisonStage,
    /// The answer.
    pub outcome: StepOutcome,
}

/// The answer to one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// A message for the other node.
    Sealed(Vec<u8>),
    /// The end: for the hub.
    Levels(ComparedLevels),
    /// This node takes no part.
    Refused(ComparisonRefusal),
}

/// Why a node takes no part in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ComparisonRefusal {
    /// By the partnership's agreement or by this agency's own choice.
    SwitchedOff,
    /// The day's limit with that agency, or of that record.
    Limit,
    /// No record that may be compared. Says the same of one that is not there and of one that only
    /// its owner may hear of.
    UnknownRecord,
    /// The record is another one since the comparison began.
    Changed,
    /// The two records do not share the tokens that the hub named, or the peer is another one.
    NotShared,
    /// The message does not follow the protocol.
    Damaged,
}

impl ComparisonRefusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SwitchedOff => "switched_off",
            Self::Limit => "limit",
            Self::UnknownRecord => "unknown_record",
            Self::Changed => "changed",
            Self::NotShared => "not_shared",
            Self::Damaged => "damaged",
        }
    }
}

/// How many comparisons this node begins or answers in a UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparisonLimits {
    /// With one other agency.
    pub per_peer: u32,
    /// Of one own record with one other agency.
    pub per_record: u32,
}

impl Default for ComparisonLimits {
    fn default() -> Self {
        Self {
            per_peer: COMPARISONS_PER_PEER_DAY,
            per_record: COMPARISONS_PER_RECORD_DAY,
        }
    }
}
