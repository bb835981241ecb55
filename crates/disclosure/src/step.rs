use sanctuary_policy::{Action, Agreement, Clock, Field, Urgency};
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Answer, Call, Proposal, ReachAnswer, Request, SafeguardingTalk, Side, Stage, Text,
    Watermark,
};

/// What a case takes from the agreement in force when it began, so that its file explains itself
/// when the agreement has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The agreement's version.
    pub agreement_version: u32,
    /// Its SHA-256, hexadecimal.
    pub agreement_sha256: String,
    /// The promise for the case's urgency.
    pub clock: Clock,
    /// Hours to look at a refused urgent request again.
    pub review_of_refusal_hours: u32,
    /// Days until an unanswered request lapses.
    pub unanswered_request_days: u32,
    /// Days until what was released expires at the latest.
    pub release_days: u32,
}

impl Terms {
    /// The terms of an agreement for an urgency.
    #[must_use]
    pub fn of(agreement: &Agreement, urgency: Urgency) -> Self {
        Self {
            agreement_version: agreement.version,
            agreement_sha256: hex::encode(agreement.sha256()),
            clock: *agreement.clocks.of(urgency),
            review_of_refusal_hours: agreement.clocks.review_of_refusal_hours,
            unanswered_request_days: agreement.retention.unanswered_request_days,
            release_days: agreement.retention.release_days,
        }
    }
}

/// What came of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A person was made safer.
    Safeguarded,
    /// It moved an investigation on.
    Investigation,
    /// It led to a joint plan.
    JointWork,
    /// Not the same person after all.
    NotTheSamePerson,
    /// It was of no use.
    NoUse,
}

/// Why a release is recalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecallReason {
    /// It should not have left.
    ReleasedInError,
    /// It is wrong.
    Inaccurate,
    /// The basis has ended.
    BasisEnded,
    /// Somebody is in danger through it.
    SafetyOfPerson,
    /// The owner has erased the record.
    Erased,
}

/// One entry of a case file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who; absent for what the node does by itself (taking in, leaving at the tick, expiring).
    pub by: Option<Actor>,
    /// What.
    pub step: Step,
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident $({ $($(#[$fdoc:meta])* $field:ident: $type:ty),* })? =
        $text:literal, $action:expr, requester [$($r:ident)*], owner [$($o:ident)*], $ends:literal;)*) => {
        /// A step of a case.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Step { $($(#[$doc])* $name $({ $($(#[$fdoc])* $field: $type),* })?,)* }

        /// A step without its content.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum StepKind { $($(#[$doc])* $name,)* }

        impl Step {
            /// Which step.
            #[must_use]
            pub const fn kind(&self) -> StepKind {
                match self { $(Self::$name { .. } => StepKind::$name),* }
            }
        }
        impl StepKind {
            /// Every step.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// What people read.
            #[must_use]
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text),* } }
            /// The act a person needs a role for; `None` for what a node does by itself.
            #[must_use]
            pub const fn action(self) -> Option<Action> { match self { $(Self::$name => $action),* } }
            /// The stages it may be taken from at one side; empty when it is not a step of that side.
            #[must_use]
            pub const fn from(self, side: Side) -> &'static [Stage] {
                match (self, side) {
                    $((Self::$name, Side::Requester) => &[$(Stage::$r),*],
                      (Self::$name, Side::Owner) => &[$(Stage::$o),*],)*
                }
            }
            /// Whether it is still possible when the agreement has ended: what takes information back
            /// or ends a case.
            #[must_use]
            pub const fn ends_sharing(self) -> bool { match self { $(Self::$name => $ends),* } }
        }
    };
}

steps! {
    /// The requester's first entry.
    Draft {
        /// The request.
        request: Box<Request>,
        /// Terms of the agreement.
        terms: Terms
    } = "writing the request", Some(Action::DraftRequest), requester [], owner [], false;
    /// A changed draft; an authorisation lapses.
    Redraft {
        /// The request as it now stands.
        request: Box<Request>,
        /// Terms of the agreement.
        terms: Terms
    } = "changing the request", Some(Action::DraftRequest), requester [Draft Authorised], owner [], false;
    /// A telephone call, at either side.
    RecordCall {
        /// The call.
        call: Call
    } = "recording a call", Some(Action::RecordCall), requester [Draft Authorised Sent Acknowledged Clarification], owner [Sent Acknowledged Clarification], false;
    /// The talk with the safeguarding lead, at either side.
    ConsultSafeguarding {
        /// The talk.
        talk: SafeguardingTalk
    } = "recording the talk with the safeguarding lead", Some(Action::ConsultSafeguarding), requester [Draft Authorised], owner [Sent Acknowledged Clarification], false;
    /// The authoriser agrees that it is sent.
    Authorise {
        /// Counselling records are approved by name.
        counselling: bool
    } = "authorising the request", Some(Action::AuthoriseRequest), requester [Draft], owner [], false;
    /// It is sent.
    Send = "sending the request", Some(Action::SendRequest), requester [Authorised], owner [], false;
    /// The owner has it.
    TakeAcknowledgement = "taking in the acknowledgement", None, requester [Sent], owner [], false;
    /// The owner's question.
    TakeQuestion {
        /// The question.
        text: Text
    } = "taking in a question", None, requester [Sent Acknowledged], owner [], false;
    /// The reply to it.
    Clarify {
        /// The reply.
        text: Text
    } = "answering the question", Some(Action::AnswerClarification), requester [Clarification], owner [], false;
    /// A statement on reach: with the request when it asks where somebody can be found, later to renew it.
    AnswerReach {
        /// The statement.
        answer: ReachAnswer
    } = "answering the reach check", Some(Action::AnswerReach), requester [Draft Authorised Sent Acknowledged Clarification], owner [], false;
    /// The answer, or a correction.
    TakeAnswer {
        /// The answer.
        answer: Box<Answer>
    } = "taking in the answer", None, requester [Sent Acknowledged Clarification Received Outcome Corrected Closed], owner [], false;
    /// A review has overturned the refusal: a new answer follows.
    TakeReopening = "taking in the reopening", None, requester [Received Closed], owner [], false;
    /// What came of it.
    RecordOutcome {
        /// The outcome.
        outcome: Outcome
    } = "recording the outcome", Some(Action::RecordOutcome), requester [Received Corrected], owner [], false;
    /// The use of urgency 1 is reviewed.
    ReviewUrgency {
        /// It was right.
        justified: bool,
        /// Why.
        note: Text
    } = "reviewing the use of urgency 1", Some(Action::ReviewUrgency), requester [Sent Acknowledged Clarification Received Outcome Corrected Recalled], owner [], false;
    /// The request is taken back.
    Withdraw {
        /// Why.
        note: Text
    } = "withdrawing the request", Some(Action::WithdrawRequest), requester [Draft Authorised Sent Acknowledged Clarification], owner [], true;
    /// A release is recalled.
    TakeRecall {
        /// Which.
        number: u32,
        /// Why.
        reason: RecallReason
    } = "taking in the recall", None, requester [Received Outcome Corrected Closed], owner [], true;
    /// Every copy of a recalled or expired release is destroyed.
    ConfirmDestruction {
        /// Copies destroyed, exports and prints included.
        copies: u32
    } = "confirming the destruction", Some(Action::ConfirmDestruction), requester [Recalled Expired], owner [], true;

    /// The owner's first entry.
    Arrive {
        /// The request.
        request: Box<Request>,
        /// The requester's statement on reach.
        reach: Option<ReachAnswer>,
        /// Terms of the agreement.
        terms: Terms
    } = "taking in the request", None, requester [], owner [], false;
    /// Somebody looks at it.
    Acknowledge = "acknowledging the request", Some(Action::AcknowledgeRequest), requester [], owner [Sent], false;
    /// A question to the requester.
    Ask {
        /// The question.
        text: Text
    } = "asking a question", Some(Action::AskClarification), requester [], owner [Acknowledged], false;
    /// The reply.
    TakeClarification {
        /// The reply.
        text: Text
    } = "taking in the clarification", None, requester [], owner [Clarification], false;
    /// A new statement on reach.
    TakeReach {
        /// The statement.
        answer: ReachAnswer
    } = "taking in the reach statement", None, requester [], owner [Sent Acknowledged Clarification Decided SecondApproval], false;
    /// The releaser proposes an answer, or a correction of what was released.
    Decide {
        /// The proposed answer.
        proposal: Box<Proposal>
    } = "proposing the answer", Some(Action::ProposeDecision), requester [], owner [Acknowledged Released Received Outcome Corrected], false;
    /// The second person approves exactly what they read.
    Approve {
        /// SHA-256 of the proposal, hexadecimal.
        digest: String
    } = "approving the answer", Some(Action::ApproveDecision), requester [], owner [Decided], false;
    /// The second person returns it.
    Return {
        /// Details that must not be released.
        struck: Vec<Field>,
        /// Why.
        note: Text
    } = "returning the answer", Some(Action::ApproveDecision), requester [], owner [Decided], false;
    /// The data protection officer stops it.
    Veto {
        /// Why.
        note: Text
    } = "stopping the answer", Some(Action::VetoDecision), requester [], owner [Decided SecondApproval], false;
    /// The answer leaves at its tick.
    Leave {
        /// The recipient's mark, when a report is released.
        watermark: Option<Watermark>
    } = "sending the answer", None, requester [], owner [SecondApproval], false;
    /// An independent person looks at the refusal of an urgent request.
    Review {
        /// It stands.
        upheld: bool,
        /// Why.
        note: Text
    } = "reviewing the refusal", Some(Action::ReviewRefusal), requester [], owner [Review], false;
    /// The answer has arrived.
    TakeReceipt = "taking in the receipt", None, requester [], owner [Released Review Corrected], false;
    /// What came of it.
    TakeOutcome {
        /// The outcome.
        outcome: Outcome
    } = "taking in the outcome", None, requester [], owner [Released Received Corrected], false;
    /// The request is taken back.
    TakeWithdrawal = "taking in the withdrawal", None, requester [], owner [Sent Acknowledged Clarification Decided SecondApproval Released Review], true;
    /// The owner recalls what was released.
    Recall {
        /// Why.
        reason: RecallReason
    } = "recalling the release", Some(Action::RecallRelease), requester [], owner [Released Received Outcome Corrected Closed], true;
    /// Every copy is destroyed at the requester.
    TakeDestruction {
        /// Which release.
        number: u32,
        /// Copies destroyed.
        copies: u32
    } = "taking in the confirmation of destruction", None, requester [], owner [Recalled Expired], true;

    /// Time has run out, at either side.
    Expire = "letting the case expire", None, requester [Sent Acknowledged Clarification Received Outcome Corrected Closed], owner [Sent Acknowledged Clarification Decided SecondApproval Released Received Outcome Corrected Closed], true;
    /// The case is over, at either side.
    Close = "closing the case", Some(Action::CloseCase), requester [Received Outcome Corrected Recalled], owner [Released Received Outcome Corrected Recalled], true;
}
