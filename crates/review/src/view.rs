//! What screens and commands show. Plain fields; no answer that the person may not see is in them.

use sanctuary_disclosure::PersonId;
use sanctuary_types::{
    AlertId, AlertKind, AlertState, Band, Evidence, Explanation, PartyId, Role, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{Answer, Cursor, Filter, Next, Reason, State, What};

/// A colleague.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Staff number.
    pub person: PersonId,
    /// Name; the staff number for somebody who is not in the register any more.
    pub name: String,
}

/// What a line shows of the own record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLine {
    /// The agency's own reference.
    pub reference: String,
    /// Initial and surname.
    pub short_name: String,
}

/// The own record in clear, for the page of one item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRecord {
    /// The agency's own reference.
    pub reference: String,
    /// Names as written.
    pub names: String,
    /// Initial and surname, for headings.
    pub short_name: String,
    /// How this agency regards the person.
    pub roles: Vec<Role>,
    /// Under 18; none when the age is not known.
    pub child: Option<bool>,
    /// What the record holds, in the order of reading. Never an address.
    pub details: Vec<OwnDetail>,
    /// An address is held: it is shown only to those who release, in a case.
    pub address_held: bool,
}

/// One detail of the own record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnDetail {
    /// What it is.
    pub label: String,
    /// The value.
    pub value: String,
}

macro_rules! hidden {
    ($($name:ident),*) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(<redacted>)"))
            }
        })*
    };
}
hidden!(OwnLine, OwnRecord, OwnDetail);

/// A line of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The alert.
    pub alert: AlertId,
    /// The item's version, to be posted back.
    pub version: u32,
    /// What it says.
    pub kind: AlertKind,
    /// How strong.
    pub band: Band,
    /// The other agency.
    pub other: PartyId,
    /// How this agency regards the person.
    pub own_roles: Vec<Role>,
    /// How the other one does.
    pub other_roles: Vec<Role>,
    /// Under 18 at either agency.
    pub child: bool,
    /// Safeguarding looks at it first.
    pub safeguarding_first: bool,
    /// Two people have to answer.
    pub two_reviewers: bool,
    /// Where it is.
    pub state: State,
    /// What this agency decided, where one may see it.
    pub answer: Option<Answer>,
    /// What the other agency decided, when it is known and not this agency's own answer.
    pub other_says: Option<Answer>,
    /// Who has it.
    pub assignee: Option<Who>,
    /// When it came into the queue, or was opened again.
    pub since: Timestamp,
    /// When it should be decided.
    pub due: Timestamp,
    /// Past that, and still waiting for a person.
    pub overdue: bool,
    /// Until when the decision can be undone.
    pub undo_until: Option<Timestamp>,
    /// There is evidence that the decision did not know.
    pub newer_evidence: bool,
    /// In the re-review sample, not looked at yet.
    pub recheck: bool,
    /// The own record; none when it is no longer here.
    pub own: Option<OwnLine>,
    /// What this person may do with it.
    pub next: Vec<Next>,
}

/// A page of the queue, with the counts of the same query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The lines, soonest due first.
    pub lines: Vec<Line>,
    /// Items that the filter lets through, on all pages.
    pub total: usize,
    /// Which of them the page begins with, from 1; 0 for an empty page.
    pub first: usize,
    /// The counts beside each filter.
    pub counts: Counts,
    /// Items in the queue, without any filter.
    pub all: usize,
    /// The page after.
    pub next: Option<Cursor>,
    /// The page before.
    pub previous: Option<Cursor>,
    /// The filter that was applied.
    pub filter: Filter,
    /// When the query ran.
    pub at: Timestamp,
}

/// How many items each choice of a filter would show, all the other filters as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// By state, every state.
    pub states: Vec<(State, usize)>,
    /// By kind, every kind.
    pub kinds: Vec<(AlertKind, usize)>,
    /// By strength, every strength.
    pub bands: Vec<(Band, usize)>,
    /// By agency, those that occur, in the order of names.
    pub agencies: Vec<(PartyId, usize)>,
    /// By assignee, those that occur, in the order of staff numbers.
    pub assignees: Vec<(Who, usize)>,
    /// Given to the person who asks.
    pub mine: usize,
    /// Given to nobody.
    pub unassigned: usize,
    /// About a child.
    pub child: usize,
    /// Overdue.
    pub overdue: usize,
    /// With newer evidence.
    pub newer_evidence: usize,
    /// Waiting for a re-review.
    pub recheck: usize,
}

/// One item with everything that this person may see of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemView {
    /// As in the list.
    #[serde(flatten)]
    pub line: Line,
    /// The own record in clear; none when it is no longer here.
    pub record: Option<OwnRecord>,
    /// What was compared: kind, outcome and strength, for the waterfall.
    pub evidence: Vec<Evidence>,
    /// The same in plain English.
    pub explanation: Explanation,
    /// Agencies of the cluster, when there are more than two.
    pub cluster_agencies: Vec<PartyId>,
    /// The hub's version of the alert.
    pub alert_version: u32,
    /// Where it stands at the hub.
    pub hub: AlertState,
    /// When the hub first raised it.
    pub raised: Timestamp,
    /// This agency may let the other one know (an owner-first record).
    pub may_release: bool,
    /// The decision is hidden, because this person is to answer without seeing it.
    pub blind: bool,
    /// What happened, oldest first, without what is hidden.
    pub history: Vec<HistoryLine>,
    /// The reasons to choose from, for each answer.
    pub reasons: Vec<ReasonChoice>,
}

/// One entry of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// Who; none for the node or the hub.
    pub by: Option<Who>,
    /// What.
    pub what: What,
    /// The same in words.
    pub text: String,
    /// Of an answer.
    pub answer: Option<Answer>,
    /// Why.
    pub reason: Option<Reason>,
    /// More about why.
    pub note: Option<String>,
    /// Who was given it.
    pub to: Option<Who>,
}

/// A reason that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonChoice {
    /// For this answer.
    pub answer: Answer,
    /// The reason.
    pub reason: Reason,
    /// What people read.
    pub text: String,
    /// A note must say more.
    pub needs_note: bool,
}

/// What a decision did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The item.
    pub alert: AlertId,
    /// Its version now.
    pub version: u32,
    /// Where it is now.
    pub state: State,
    /// Until when it can be undone.
    pub undo_until: Option<Timestamp>,
}

/// What assigning did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignOutcome {
    /// Assigned, with their versions now.
    pub assigned: Vec<(AlertId, u32)>,
    /// Left as they were: changed meanwhile, or no longer open.
    pub skipped: Vec<AlertId>,
}
