//! What screens and stores read of a case.

use sanctuary_types::{CaseId, Timestamp};

use crate::{
    Answer, Case, HubStage, Live, Outcome, Proposal, RecallReason, Request, Side, Stage, Terms,
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
