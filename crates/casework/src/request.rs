//! What a person may ask of the node about possible matches and cases.

use sanctuary_disclosure::{Call, Outcome, RecallReason, SafeguardingTalk, Text};
use sanctuary_policy::Field;
use sanctuary_types::{AlertId, CaseId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Format, ProposalDraft, RequestDraft};

/// What a person asks of the node about possible matches and cases. Who asks comes from their session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum CaseRequest {
    /// Every case that this person may see.
    List,
    /// One case, with the steps that this person may take.
    Show {
        /// The case.
        case: CaseId,
    },
    /// What was refused on arrival.
    Alarms,
    /// Says that a possible match is one person: needed before a request.
    Confirm {
        /// The possible match.
        alert: AlertId,
    },
    /// Writes a request.
    Draft {
        /// The request.
        draft: Box<RequestDraft>,
    },
    /// Writes it anew.
    Change {
        /// The case.
        case: CaseId,
        /// The request.
        draft: Box<RequestDraft>,
    },
    /// What each side will and will not learn.
    Card {
        /// The case.
        case: CaseId,
    },
    /// Records a telephone call.
    RecordCall {
        /// The case.
        case: CaseId,
        /// The call.
        call: Call,
    },
    /// Records the talk with the safeguarding lead.
    ConsultSafeguarding {
        /// The case.
        case: CaseId,
        /// The talk.
        talk: SafeguardingTalk,
    },
    /// Checks whether the alleged perpetrator could learn it here.
    AnswerReach {
        /// The case.
        case: CaseId,
    },
    /// Authorises a colleague's request.
    Authorise {
        /// The case.
        case: CaseId,
        /// Counselling records are approved by name.
        #[serde(default)]
        counselling: bool,
    },
    /// Sends it; it leaves when both nodes have proven the match.
    Send {
        /// The case.
        case: CaseId,
    },
    /// Replies to the owner's question.
    Clarify {
        /// The case.
        case: CaseId,
        /// The reply.
        text: Text,
    },
    /// Takes the request back.
    Withdraw {
        /// The case.
        case: CaseId,
        /// Why.
        note: Text,
    },
    /// Says what came of it.
    RecordOutcome {
        /// The case.
        case: CaseId,
        /// What.
        outcome: Outcome,
    },
    /// Reviews the use of urgency 1.
    ReviewUrgency {
        /// The case.
        case: CaseId,
        /// Whether it was right.
        justified: bool,
        /// Why.
        note: Text,
    },
    /// Confirms that every copy is destroyed.
    ConfirmDestruction {
        /// The case.
        case: CaseId,
        /// How many there were.
        copies: u32,
    },
    /// Closes the case.
    Close {
        /// The case.
        case: CaseId,
    },
    /// Acknowledges a request.
    Acknowledge {
        /// The case.
        case: CaseId,
    },
    /// Asks the requester a question.
    Ask {
        /// The case.
        case: CaseId,
        /// The question.
        text: Text,
    },
    /// What the own record holds of the details asked for.
    Suggest {
        /// The case.
        case: CaseId,
    },
    /// Proposes an answer, or a correction of one.
    Propose {
        /// The case.
        case: CaseId,
        /// The answer.
        proposal: Box<ProposalDraft>,
    },
    /// Approves exactly the answer of this digest.
    Approve {
        /// The case.
        case: CaseId,
        /// As [`CaseRequest::Show`] gives it.
        digest: String,
    },
    /// Gives a proposed answer back.
    GiveBack {
        /// The case.
        case: CaseId,
        /// Details that must not be released.
        #[serde(default)]
        struck: Vec<Field>,
        /// Why.
        note: Text,
    },
    /// Stops an answer before it leaves.
    Stop {
        /// The case.
        case: CaseId,
        /// Why.
        note: Text,
    },
    /// Recalls what was released.
    Recall {
        /// The case.
        case: CaseId,
        /// Why.
        reason: RecallReason,
    },
    /// Looks again at the refusal of an urgent request.
    ReviewRefusal {
        /// The case.
        case: CaseId,
        /// Whether it stands.
        upheld: bool,
        /// Why.
        note: Text,
    },
    /// The released report: `bytes` in base 16, `file_name`, `media_type`.
    Release {
        /// The case.
        case: CaseId,
        /// In which form.
        format: Format,
    },
    /// Whose copy a code on paper belongs to.
    Trace {
        /// The code.
        code: String,
    },
    /// Begins to answer a person's request for what is held and who asked.
    OpenAccess {
        /// The agency's own reference of their record.
        reference: String,
    },
    /// Which agencies have answered.
    AccessState {
        /// The matter.
        matter: CaseId,
    },
    /// What the person is told.
    AccessReport {
        /// The matter.
        matter: CaseId,
        /// Cases that are held back for safety.
        #[serde(default)]
        held_back: Vec<CaseId>,
        /// Why.
        #[serde(default)]
        reason: Option<Text>,
    },
    /// Other agencies' questions for people's access requests.
    AccessQuestions,
    /// Answers one.
    AnswerAccess {
        /// The matter.
        matter: CaseId,
        /// Cases that are held back for safety.
        #[serde(default)]
        held_back: Vec<CaseId>,
        /// Why.
        #[serde(default)]
        reason: Option<Text>,
    },
    /// Erases a record and recalls what was released of it.
    Erase {
        /// The agency's own reference.
        reference: String,
    },
    /// Has what was released of a record corrected.
    Correct {
        /// The agency's own reference.
        reference: String,
        /// What was wrong.
        note: Text,
    },
    /// How far an erasure or correction has reached.
    Matter {
        /// The matter.
        matter: CaseId,
    },
    /// The evidence pack of the data protection officer.
    Evidence,
    /// Refusals and times to answer.
    Figures {
        /// From then.
        from: Timestamp,
        /// Until before then.
        to: Timestamp,
    },
}
