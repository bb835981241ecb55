//! An item of the queue as it is stored (sealed): the alert's facts, who has it, the answers, the history.

use sanctuary_disclosure::{Actor, PersonId, Text};
use sanctuary_types::{AlertKind, Band, EvidenceKind, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{AlertFacts, Answer, Reason, State, What};

/// One possible match under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What the hub says, as heard last.
    pub facts: AlertFacts,
    /// Grows with each change of the item: what a form posts back.
    pub version: u32,
    /// Where it is.
    pub state: State,
    /// Who has it.
    pub assignee: Option<PersonId>,
    /// When it came into the queue, or was opened again.
    pub since: Timestamp,
    /// When it should be decided.
    pub due: Timestamp,
    /// Answers of the round under way: none, the first, or two that disagree.
    pub answers: Vec<Verdict>,
    /// What this agency decided last, if it stands.
    pub decision: Option<Decision>,
    /// Until when the last answer can be taken back, and what it would go back to.
    pub undo: Option<Undo>,
    /// What this agency last told the hub.
    pub told: Option<Told>,
    /// What the other agency decided, when it stands at the hub and is not this agency's own.
    pub other_says: Option<Answer>,
    /// There is evidence that the decision did not know.
    pub newer_evidence: bool,
    /// Drawn for a second look: none, drawn, or done.
    pub recheck: Recheck,
    /// Everything that happened.
    pub history: Vec<Happening>,
}

/// One person's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// More about why.
    pub note: Option<Text>,
}

/// What this agency decided, and on what evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What.
    pub answer: Answer,
    /// The answers behind it, the deciding one last.
    pub verdicts: Vec<Verdict>,
    /// When.
    pub at: Timestamp,
    /// The hub's version then.
    pub alert_version: u32,
    /// What the alert said then.
    pub kind: AlertKind,
    /// How strong it was then.
    pub band: Band,
    /// Kinds of evidence that spoke for it then.
    pub agreed: Vec<EvidenceKind>,
    /// Whether two reviewers agreed; none where one was enough.
    pub reviewers_agreed: Option<bool>,
    /// It had waited since then.
    pub waited_since: Timestamp,
    /// It was due by then.
    pub was_due: Timestamp,
}

/// What undoing the last answer goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Until when.
    pub until: Timestamp,
    /// Where it was.
    pub state: State,
    /// Who had it.
    pub assignee: Option<PersonId>,
    /// The answers there were.
    pub answers: Vec<Verdict>,
    /// The decision that stood.
    pub decision: Option<Decision>,
    /// Whether there was evidence that it did not know.
    pub newer_evidence: bool,
    /// Whether it was drawn for a second look.
    pub recheck: Recheck,
}

/// What the hub was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The answer.
    pub answer: Answer,
    /// The hub's version after it.
    pub version: u32,
}

/// The second look for quality.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recheck {
    /// Not drawn.
    #[default]
    None,
    /// Drawn; nobody has looked yet.
    Wanted,
    /// Somebody has looked.
    Done {
        /// What they said.
        verdict: Box<Verdict>,
        /// Whether it is what had been decided.
        agrees: bool,
    },
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// Who; none for what the node or the hub did.
    pub by: Option<PersonId>,
    /// What.
    pub what: What,
    /// Of an answer or decision.
    pub answer: Option<Answer>,
    /// Why.
    pub reason: Option<Reason>,
    /// More about why.
    pub note: Option<Text>,
    /// Who was given it.
    pub to: Option<PersonId>,
}
