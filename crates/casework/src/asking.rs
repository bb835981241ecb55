//! The use-cases of the agency that asks. Each returns [`CaseworkError`] with the first rule that it breaks.

use rand_core::CryptoRng;
use sanctuary_disclosure::{
    Actor, Call, CardBeforeSending, Event, Outcome, Reach, ReachAnswer, SafeguardingTalk, Side,
    Step, StepKind, Terms, Text, card_before_sending, reach,
};
use sanctuary_policy::Action;
use sanctuary_types::{CaseId, Timestamp};
use serde_json::json;

use crate::{
    Casework, CaseworkError, RequestDraft,
    file::{CASES_MAX, Head},
};

impl Casework<'_> {
    /// Writes a request on a possible match that this agency has confirmed.
    ///
    /// # Errors
    /// [`CaseworkError`]; so of every use-case.
    pub fn draft(
        &self,
        draft: &RequestDraft,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<CaseId, CaseworkError> {
        Self::need(by, Action::DraftRequest)?;
        let facts = self.standing(&draft.alert)?;
        let confirmed = self.confirmation(&draft.alert)?;
        if self.ports.store.list(crate::Shelf::Case, &[])?.len() >= CASES_MAX {
            return Err(too_many("cases", CASES_MAX));
        }
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        let request = draft.request(CaseId(id), self.own(), &facts, confirmed.at);
        let terms = Terms::of(&self.agreement()?, request.urgency);
        let head = Head {
            side: Side::Requester,
            other: facts.other,
            alert: facts.id,
            own: facts.own,
            opened: now,
            agreement_version: terms.agreement_version,
            session: None,
            next_serial: 0,
            steps: 0,
            wish: None,
            hub_told: None,
            emptied: false,
            exported: 0,
            over: None,
        };
        let event = Event {
            at: now,
            by: Some(by.clone()),
            step: Step::Draft {
                request: Box::new(request),
                terms,
            },
        };
        self.open_case(head, &event, Vec::new())?;
        Ok(CaseId(id))
    }

    /// Changes a request that is not sent; an authorisation lapses.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn change(
        &self,
        case: &CaseId,
        draft: &RequestDraft,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let mut file = self.case_of(case)?;
        if draft.alert != file.head.alert {
            return Err(sanctuary_disclosure::Refused::NotThisCase.into());
        }
        let facts = self.standing(&draft.alert)?;
        let confirmed = self.confirmation(&draft.alert)?;
        let request = draft.request(*case, self.own(), &facts, confirmed.at);
        let terms = Terms::of(&self.agreement()?, request.urgency);
        let step = Step::Redraft {
            request: Box::new(request),
            terms,
        };
        // Somebody had sent it and the proof is under way: a changed request is authorised anew.
        file.head.wish = None;
        self.step(&mut file, step, Some(by), Vec::new(), now, rng)
    }

    /// What each side will and will not learn, before sending.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn card(&self, case: &CaseId, by: &Actor) -> Result<CardBeforeSending, CaseworkError> {
        let file = self.case_of(case)?;
        self.reading(
            by,
            Action::ReadRelease,
            &json!({ "case": case, "card": true }),
        )?;
        let request = file.case.request();
        let agreement = self.ports.directory.agreement().ok();
        let members = agreement.iter().flat_map(|a| &a.members);
        let owner = members.into_iter().find(|m| m.id == request.owner);
        Ok(card_before_sending(
            request,
            &file.case.terms().clock,
            owner.map_or(request.owner.as_str(), |m| m.name.as_str()),
        ))
    }

    /// Answers the reach check from this agency's own data and signs the answer.
    ///
    /// # Errors
    /// [`CaseworkError`].
    pub fn answer_reach(
        &self,
        case: &CaseId,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Reach, CaseworkError> {
        let mut file = self.case_of(case)?;
        file.case.may(StepKind::AnswerReach, by)?;
        let found = reach(&self.ports.records.reach(&file.head.own)?);
        let request = file.case.request();
        let (asker, owner) = (&request.asker, &request.owner);
        let signing = self.ports.directory.signing();
        let answer = ReachAnswer::sign(*case, asker, owner, found, now, signing);
        let step = Step::AnswerReach { answer };
        self.step(&mut file, step, Some(by), Vec::new(), now, rng)?;
        Ok(found)
    }

    /// Confirms that every copy of a recalled or expired release is destroyed. The values leave this
    /// node's file with it.
    ///
    /// # Errors
    /// [`CaseworkError::CopiesMissing`] when more were exported from here.
    pub fn confirm_destruction(
        &self,
        case: &CaseId,
        copies: u32,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let mut file = self.case_of(case)?;
        let exported = file.head.exported;
        if copies < exported {
            return Err(CaseworkError::CopiesMissing { exported });
        }
        let step = Step::ConfirmDestruction { copies };
        self.step(&mut file, step, Some(by), Vec::new(), now, rng)
    }

    /// A step of a person that needs nothing else.
    pub(crate) fn plain(
        &self,
        case: &CaseId,
        step: Step,
        by: &Actor,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let mut file = self.case_of(case)?;
        self.step(&mut file, step, Some(by), Vec::new(), now, rng)
    }
}

pub(crate) const fn too_many(what: &'static str, max: usize) -> CaseworkError {
    CaseworkError::TooMany { what, max }
}

/// Use-cases that are one step and nothing else.
macro_rules! plain_steps {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) => $step:expr;)*) => {
        impl Casework<'_> {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`CaseworkError`] with the first rule that it breaks.
            pub fn $name(
                &self,
                case: &CaseId,
                $($argument: $type,)*
                by: &Actor,
                now: Timestamp,
                rng: &mut impl CryptoRng,
            ) -> Result<(), CaseworkError> {
                self.plain(case, $step, by, now, rng)
            }
        )*}
    };
}
pub(crate) use plain_steps;

plain_steps! {
    /// Records a telephone call, at either side.
    record_call(call: Call) => Step::RecordCall { call };
    /// Records the talk with the safeguarding lead, at either side.
    consult_safeguarding(talk: SafeguardingTalk) => Step::ConsultSafeguarding { talk };
    /// Another person agrees that the request is sent; counselling records are approved by name.
    authorise(counselling: bool) => Step::Authorise { counselling };
    /// Replies to the owner's question.
    clarify(text: Text) => Step::Clarify { text };
    /// Takes the request back.
    withdraw(note: Text) => Step::Withdraw { note };
    /// Records what came of a release.
    record_outcome(outcome: Outcome) => Step::RecordOutcome { outcome };
    /// Reviews the use of urgency 1, after the event.
    review_urgency(justified: bool, note: Text) => Step::ReviewUrgency { justified, note };
    /// Closes the case, at either side.
    close() => Step::Close;
}
