use sanctuary_policy::{Denial, Field, StaffRole};

use crate::{Stage, StepKind};

/// Why a step is refused. One sentence that says what to do; no value of anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The sharing agreement denies it.
    #[error(transparent)]
    Agreement(#[from] Denial),
    /// The request is too wide, too thin or has no match behind it.
    #[error("the request is refused as a trawl: {0}")]
    Fishing(Fishing),
    /// A statute's own condition is not met.
    #[error("{0}")]
    Law(LawRule),
    /// The step does not exist at this side of a case.
    #[error("{step} is a step of the other agency's side of a case", step = .0.text())]
    WrongSide(StepKind),
    /// The step does not follow from where the case is.
    #[error("{step} is not possible while the case is {stage}", step = .step.text(), stage = .stage.text())]
    WrongStage {
        /// The step.
        step: StepKind,
        /// Where the case is.
        stage: Stage,
    },
    /// The step needs a signed-in person.
    #[error("{step} needs a named person", step = .0.text())]
    NeedsPerson(StepKind),
    /// The person has no role for it.
    #[error("{step} needs somebody who is {roles}", step = .step.text(), roles = roles_text(.roles))]
    NeedsRole {
        /// The step.
        step: StepKind,
        /// Roles that may.
        roles: &'static [StaffRole],
    },
    /// One person may not do both.
    #[error("{0}")]
    SamePerson(Separation),
    /// A time before the last step.
    #[error("the step is dated before the one it follows; check the clock of this machine")]
    ClockWentBack,
    /// Something must be recorded first.
    #[error("{0}")]
    Missing(Missing),
    /// The decision contradicts the request or a guard.
    #[error("{0}")]
    Decision(DecisionFault),
    /// It is too early, or too late.
    #[error("{0}")]
    Time(TimeRule),
    /// What came is not about this case or release.
    #[error("this message belongs to another case or release; it is kept aside and not acted on")]
    NotThisCase,
    /// A signature on a statement does not fit.
    #[error(
        "the signature on the reach statement does not fit the requesting agency's key; ask it to answer again"
    )]
    Signature,
    /// A text is empty, too long or has control characters.
    #[error("a text must have 1 to {max} characters and no control characters")]
    Text {
        /// The limit.
        max: usize,
    },
    /// Bytes that are no case file or message of a known form.
    #[error("the {0} is not of a form this program knows; update it or restore the file")]
    Format(&'static str),
    /// Too many steps.
    #[error("a case holds {max} steps at most; close it and open a new one")]
    TooManySteps {
        /// The limit.
        max: usize,
    },
}

/// Why a request counts as fishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fishing {
    /// No confirmed possible match.
    #[error("it names no possible match that this agency has confirmed; confirm one first")]
    NoAlert,
    /// The confirmation is old.
    #[error("the match was confirmed too long ago; look at it again and confirm it")]
    OldConfirmation,
    /// Every detail of one kind.
    #[error("it asks for every detail of one kind ({}); keep those that are needed", .0.text())]
    WholeGroup(sanctuary_policy::FieldGroup),
    /// A reason with too few words.
    #[error(
        "a reason must say in at least {min_words} different words why; write why this is needed for this enquiry"
    )]
    EmptyReason {
        /// Different words needed.
        min_words: usize,
    },
    /// Two texts are the same.
    #[error("two reasons say the same; give each detail its own reason")]
    RepeatedReason,
    /// A text of an earlier request.
    #[error("a reason is copied from an earlier request; write it for this enquiry")]
    CopiedReason,
    /// "Everything you hold".
    #[error("it asks for everything held; name the details that are needed")]
    Everything,
    /// Immigration enforcement in free text.
    #[error("it reads as immigration enforcement, for which Sanctuary cannot be used")]
    ImmigrationEnforcement,
}

impl Fishing {
    /// The rule as a stable word.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::NoAlert => "no_alert",
            Self::OldConfirmation => "old_confirmation",
            Self::WholeGroup(_) => "whole_group",
            Self::EmptyReason { .. } => "empty_reason",
            Self::RepeatedReason => "repeated_reason",
            Self::CopiedReason => "copied_reason",
            Self::Everything => "everything",
            Self::ImmigrationEnforcement => "immigration_enforcement",
        }
    }
}

/// A statute's own condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LawRule {
    /// s44A: reasonable line of enquiry.
    #[error(
        "a victim information request must state the reasonable line of enquiry (PCSC Act 2022 s44A)"
    )]
    NoLineOfEnquiry,
    /// s44B: written notice or the reason for withholding it.
    #[error(
        "a victim information request needs the written notice to the victim, or the recorded reason for withholding it (PCSC Act 2022 s44B)"
    )]
    NoVictimNotice,
    /// Counselling records: presumption against.
    #[error(
        "counselling records are presumed not to be needed: state their substantial probative value and have the authoriser approve them by name"
    )]
    CounsellingPresumption,
    /// A notice for a request that is none under s44A.
    #[error(
        "a notice to the victim belongs to a victim information request; choose that law or remove the notice"
    )]
    NoticeWithoutRequest,
    /// s45 defence not considered.
    #[error(
        "this person may be a victim and a suspect: speak with the safeguarding lead and record what was considered under section 45 of the Modern Slavery Act 2015 first"
    )]
    SafeguardingFirst,
    /// Children: refusal needs the ground.
    #[error(
        "information about a child is shared by default: refusing needs a recorded ground why sharing would be more detrimental to the child"
    )]
    ChildShareByDefault,
}

/// Who may not be the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Separation {
    /// Requester and authoriser.
    #[error(
        "whoever wrote the request cannot authorise it, from any account or session; ask another authoriser"
    )]
    RequesterAuthorises,
    /// Releaser and second approver.
    #[error(
        "whoever proposed the answer cannot approve it, from any account or session; ask another approver"
    )]
    ReleaserApproves,
    /// Reviewer of a refusal.
    #[error("the review of a refusal needs somebody who took no part in the case")]
    ReviewerTookPart,
    /// Reviewer of urgency 1.
    #[error(
        "the use of urgency 1 must be reviewed by somebody who neither wrote nor authorised the request"
    )]
    UrgencyReviewerTookPart,
}

/// What must be recorded first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// Urgency 1 is phoned first.
    #[error("a threat to life is phoned first: record the call, then send the request")]
    Call,
    /// Contact first.
    #[error(
        "phone the other agency before asking for details, and record what came of it or why it was not possible"
    )]
    ContactFirst,
    /// The reach guard's statement.
    #[error(
        "an address, whereabouts or refuge needs this agency's statement whether the alleged perpetrator could be reached through its people"
    )]
    Reach,
    /// The outcome.
    #[error("record what came of the release before closing the case")]
    Outcome,
    /// The review of urgency 1.
    #[error("the use of urgency 1 must be reviewed before the case can be closed")]
    UrgencyReview,
    /// The review of a refusal.
    #[error(
        "an independent person must review the refusal of this urgent request before the case can be closed"
    )]
    RefusalReview,
    /// Destruction of copies.
    #[error("confirm that every copy is destroyed before the case can be closed")]
    Destruction,
    /// The person's views.
    #[error("record the person's views on sharing, or why they were not sought")]
    Views,
    /// Nothing was released.
    #[error("there is no live release in this case")]
    Release,
}

/// What is wrong with a proposed answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecisionFault {
    /// Not one verdict a detail.
    #[error("each detail that was asked for needs one decision, and no other detail may have one")]
    Verdicts,
    /// Report and verdicts differ.
    #[error("the report must hold the details that are to be released and no others")]
    ReportDiffers,
    /// A report is needed or is not.
    #[error(
        "details beyond the contact are released as an intelligence report; add it, or remove it when nothing is released"
    )]
    Report,
    /// Contact released without a contact.
    #[error("whom to phone is to be released; add the contact")]
    Contact,
    /// Shielded without reason.
    #[error("{} is withheld by default: releasing it needs a named reason", .0.text())]
    ShieldedNeedsReason(Field),
    /// Shielded and reach not ruled out.
    #[error("{} cannot be released: the requesting agency has not ruled out that the alleged perpetrator could be reached through its people", .0.text())]
    ShieldedReach(Field),
    /// Neither confirm nor deny with a release.
    #[error("an answer that neither confirms nor denies releases nothing and gives no reason")]
    NeitherConfirmNorDeny,
    /// Reason told that is not among the true ones.
    #[error("the reason told to the requester must be one of the reasons recorded")]
    ToldReason,
    /// Approver saw something else.
    #[error("the answer has changed since the approver read it; read it again")]
    Changed,
    /// Struck before.
    #[error("a detail that the second approver struck out cannot be proposed again without it")]
    Struck,
    /// Report names the wrong parties, case, expiry or marking.
    #[error("the report's case, parties, expiry or marking do not fit this case")]
    Misfiled,
    /// Code C without conditions or P with.
    #[error("handling code C needs at least one condition, in 400 characters at most")]
    Handling,
    /// Watermark missing or without a report.
    #[error("an answer with a release leaves with its watermark, and one without has none")]
    Watermark,
}

/// Too early or too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeRule {
    /// Answers leave at the tick.
    #[error(
        "answers leave at fixed times only, so that their moment tells nothing; this one is not due yet"
    )]
    NotYetTick,
    /// Not expired yet.
    #[error("it has not expired yet")]
    NotExpired,
    /// The statement is old.
    #[error("the statement on reach is older than a day; ask the requesting agency for a new one")]
    OldReach,
}

impl Refused {
    /// The rule as a stable word for logs and figures.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Agreement(denial) => denial.rule(),
            Self::Fishing(fishing) => fishing.rule(),
            Self::Law(_) => "law",
            Self::WrongSide(_) => "wrong_side",
            Self::WrongStage { .. } => "wrong_stage",
            Self::NeedsPerson(_) => "needs_person",
            Self::NeedsRole { .. } => "needs_role",
            Self::SamePerson(_) => "same_person",
            Self::ClockWentBack => "clock_went_back",
            Self::Missing(_) => "missing",
            Self::Decision(_) => "decision",
            Self::Time(_) => "time",
            Self::NotThisCase => "not_this_case",
            Self::Signature => "signature",
            Self::Text { .. } => "text",
            Self::Format(_) => "format",
            Self::TooManySteps { .. } => "too_many_steps",
        }
    }
}

fn roles_text(roles: &[StaffRole]) -> String {
    let texts: Vec<&str> = roles.iter().map(|r| r.text()).collect();
    texts.join(" or ")
}
