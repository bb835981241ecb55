//! The port of those who oversee: supervisors, the data protection officer, administrators. As of the office:
//! every call blocks, checks the person's roles itself, and logs before it shows or changes anything.

use std::collections::BTreeSet;

pub use sanctuary_casework::rights::Figures as CaseFigures;
use sanctuary_casework::rights::{AccessQuestionView, AccessReport, AccessState, EvidencePack};
use sanctuary_disclosure::{Actor, PersonId, Text};
use sanctuary_policy::{Agreement, ContactRole, StaffRole};
use sanctuary_review::Figures;
use sanctuary_staff::{MemberView, NewMember, PausedView, StartCode};
use sanctuary_types::{CaseId, PartyId, Timestamp};

use crate::Asked;

/// Where the node stands with the partnership's log. Counts and times only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogState {
    /// Entries of the last checkpoint accepted.
    pub entries: u64,
    /// When the hub signed it; none yet.
    pub checkpoint: Option<Timestamp>,
    /// Parties that cosigned it.
    pub witnesses: Vec<PartyId>,
    /// How many must.
    pub witnesses_needed: usize,
    /// Own acts that the hub has not promised yet.
    pub waiting: u64,
    /// Own acts promised, whose proof is not here yet.
    pub unproven: u64,
    /// Own acts that the hub does not take.
    pub refused: u64,
    /// What somebody must be told at once, a sentence that says what to do; empty when there is nothing.
    pub alarm: String,
}

/// How far an act has come in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Kept here, not yet promised by the hub.
    Waiting,
    /// Promised by the hub.
    Promised,
    /// Proven to be in a checkpoint that enough witnesses cosigned.
    Proven,
    /// Not taken by the hub.
    Refused,
}

/// One act that this node logged, without what it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogAct {
    /// The entry's id, hexadecimal.
    pub id: String,
    /// The stable word of its kind.
    pub kind: String,
    /// Who did it, by staff number, when a person did.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The other parties it concerns.
    pub concerned: Vec<PartyId>,
    /// How far it has come.
    pub progress: Progress,
    /// Where it stands in the log, once promised.
    pub index: Option<u64>,
}

/// An act with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// The act.
    pub act: LogAct,
    /// Entries of the checkpoint that it was proven in.
    pub size: Option<u64>,
    /// The checkpoint's root hash, hexadecimal.
    pub root: Option<String>,
    /// The audit path from the entry to the root, hexadecimal hashes.
    pub path: Vec<String>,
    /// Parties that cosigned the checkpoint.
    pub witnesses: Vec<PartyId>,
    /// The whole receipt as JSON, for checking elsewhere.
    pub receipt: Option<String>,
}

/// How the node and its data are. Counts and times only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Records that take part.
    pub records: u64,
    /// Records known only from Duty to Notify reports: counted, never tokenised.
    pub notify_only: u64,
    /// Records that wait to be tokenised.
    pub pending: u64,
    /// Batches that wait for the hub.
    pub outbox: u64,
    /// Possible matches received.
    pub alerts: u64,
    /// How full records are: what, how many have it.
    pub filled: Vec<(String, u64)>,
    /// Records whose date of birth is a year alone, or 1 January, which stands for that.
    pub year_only: u64,
    /// When the hub last held a batch of this node.
    pub last_push: Option<Timestamp>,
    /// What is left of today's quota: of which key, left, of how many in a day.
    pub quotas: Vec<(String, u64, u64)>,
    /// Version of the rules by which records are prepared.
    pub rules: u16,
    /// Own keys and certificates: what, and when it lapses.
    pub lapses: Vec<(String, Timestamp)>,
    /// What the daemon last failed at, in one sentence; empty when all is well.
    pub problem: String,
}

/// What they ask of the node.
pub trait Oversight: Send + Sync + 'static {
    /// How the review goes, with the decisions of the last `days` days.
    ///
    /// # Errors
    /// [`Fault`](crate::Fault); so of every method.
    fn figures(&self, by: &Actor, days: u32) -> Asked<Figures>;
    /// People whose sign-in is paused now, after wrong tries.
    fn paused(&self, by: &Actor) -> Asked<Vec<PausedView>>;
    /// Requests and answers of the last `days` days, counted.
    fn case_figures(&self, by: &Actor, days: u32) -> Asked<CaseFigures>;
    /// Where the node stands with the log.
    fn log(&self, by: &Actor) -> Asked<LogState>;
    /// The newest acts of this node.
    fn log_acts(&self, by: &Actor, limit: usize) -> Asked<Vec<LogAct>>;
    /// One act with its proof.
    fn log_act(&self, by: &Actor, id: &str) -> Asked<LogProof>;
    /// How the node and its data are.
    fn health(&self, by: &Actor) -> Asked<Health>;
    /// The agreement in force.
    fn agreement(&self, by: &Actor) -> Asked<Agreement>;
    /// The live state of each control.
    fn evidence(&self, by: &Actor) -> Asked<EvidencePack>;
    /// Opens a person's request for access; `reference` is that of the own record.
    fn open_access(&self, by: &Actor, reference: &str) -> Asked<CaseId>;
    /// How far it is.
    fn access(&self, by: &Actor, id: &CaseId) -> Asked<AccessState>;
    /// What the person is told, without the cases of `held`, which are held back for `reason`.
    fn access_report(
        &self,
        by: &Actor,
        id: &CaseId,
        held: &[CaseId],
        reason: Option<&Text>,
    ) -> Asked<AccessReport>;
    /// Questions of other agencies that wait.
    fn access_questions(&self, by: &Actor) -> Asked<Vec<AccessQuestionView>>;
    /// Answers one, without the cases of `held`, which are held back for `reason`.
    fn answer_access(
        &self,
        by: &Actor,
        id: &CaseId,
        held: &[CaseId],
        reason: Option<&Text>,
    ) -> Asked<()>;
    /// Everybody of the agency.
    fn staff(&self, by: &Actor) -> Asked<Vec<MemberView>>;
    /// Adds a person; the start code is handed to them.
    fn add_member(&self, by: &Actor, new: NewMember) -> Asked<StartCode>;
    /// Sets what a person may be.
    fn set_roles(
        &self,
        by: &Actor,
        person: &PersonId,
        roles: BTreeSet<StaffRole>,
        functions: BTreeSet<ContactRole>,
    ) -> Asked<()>;
    /// A person has left.
    fn leave(&self, by: &Actor, person: &PersonId) -> Asked<()>;
    /// A new start code for a person who has lost password or authenticator.
    fn reset(&self, by: &Actor, person: &PersonId) -> Asked<StartCode>;
}
