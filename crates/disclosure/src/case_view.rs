//! What screens and stores read of a case.

use sanctuary_policy::{Field, Urgency};
use sanctuary_types::{CaseId, Timestamp};

use crate::{
    Actor, Answer, Call, Case, HubStage, Live, Outcome, Proposal, ReachAnswer, RecallReason,
    Refused, Request, Separation, Side, Stage, StepKind, Terms,
    case::{check_person, is_among},
};

impl Case {
    /// Whose file.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }
    /// Where it is.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }
    /// The case.
    #[must_use]
    pub const fn id(&self) -> CaseId {
        self.request.case
    }
    /// The request.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }
    /// The terms it runs under.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }
    /// The proposed answer, at the owner.
    #[must_use]
    pub const fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }
    /// The answer that has left or arrived.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }
    /// The release that may still be used.
    #[must_use]
    pub const fn live(&self) -> Option<Live> {
        self.live
    }
    /// By when an independent person must look at the refusal.
    #[must_use]
    pub const fn review_due(&self) -> Option<Timestamp> {
        self.review_due
    }
    /// Why the last release was recalled.
    #[must_use]
    pub const fn recalled(&self) -> Option<RecallReason> {
        self.recalled
    }
    /// Copies of the last recalled or expired release that were destroyed; `None` until confirmed.
    #[must_use]
    pub const fn destroyed(&self) -> Option<u32> {
        self.destroyed
    }
    /// What came of it.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }
    /// Releases so far.
    #[must_use]
    pub const fn releases(&self) -> u32 {
        self.releases
    }
    /// The statement on reach.
    #[must_use]
    pub const fn reach(&self) -> Option<&ReachAnswer> {
        self.reach.as_ref()
    }
    /// Telephone calls about the case.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }
    /// Details that a second person has struck out.
    pub fn struck(&self) -> impl Iterator<Item = Field> + '_ {
        self.struck.iter().copied()
    }
    /// When it was sent; at the owner, when it was taken in.
    #[must_use]
    pub const fn sent(&self) -> Option<Timestamp> {
        self.sent
    }
    /// When the last step was taken.
    #[must_use]
    pub const fn last_step(&self) -> Timestamp {
        self.last
    }
    /// Whether urgency 1 was used and its use is still to be reviewed.
    #[must_use]
    pub fn owes_urgency_review(&self) -> bool {
        self.request.urgency == Urgency::ThreatToLife
            && self.side == Side::Requester
            && self.sent.is_some()
            && !self.urgency_reviewed
    }
    /// Steps so far.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }
    /// What the requester's own node may put to the hub.
    #[must_use]
    pub const fn hub_stage(&self) -> Option<HubStage> {
        self.stage.for_hub()
    }
    /// When the answer is due, once sent.
    #[must_use]
    pub fn answer_due(&self) -> Option<Timestamp> {
        self.clock_from.map(|from| self.terms.clock.answer_by(from))
    }
}

impl Case {
    /// Whether this person may take such a step now, as far as side, stage, role and who did what before
    /// decide it; what the step says is judged when it is taken.
    ///
    /// # Errors
    /// [`Refused`] with the first rule that stands against it.
    pub fn may(&self, kind: StepKind, by: &Actor) -> Result<(), Refused> {
        if kind.from(self.side).is_empty() {
            return Err(Refused::WrongSide(kind));
        }
        if !kind.from(self.side).contains(&self.stage) {
            return Err(self.wrong_stage(kind));
        }
        check_person(kind, Some(by))?;
        let people = &self.people;
        let (again, rule) = match kind {
            StepKind::Authorise => (
                is_among(Some(by), &people.requesters),
                Separation::RequesterAuthorises,
            ),
            StepKind::Approve => (
                is_among(Some(by), &people.releaser),
                Separation::ReleaserApproves,
            ),
            StepKind::Review => (
                is_among(Some(by), &people.took_part),
                Separation::ReviewerTookPart,
            ),
            StepKind::ReviewUrgency => (
                is_among(Some(by), people.requesters.iter().chain(&people.authoriser)),
                Separation::UrgencyReviewerTookPart,
            ),
            _ => return Ok(()),
        };
        if again {
            Err(Refused::SamePerson(rule))
        } else {
            Ok(())
        }
    }
}
