//! The console's port over the made-up agency: each call goes to the real core.

#[path = "keeping.rs"]
mod keeping;

pub use keeping::Kept;

use std::{collections::BTreeMap, sync::Arc, sync::atomic::Ordering};

use sanctuary_casework::{
    CaseLine, CaseRequest as Do, CaseView, CaseworkError, Document, Format, RequestDraft,
};
use sanctuary_console::{Asked, House, Keeping, Office, Oversight, Person, Running};
use sanctuary_disclosure::{Actor, CardBeforeSending, Text};
use sanctuary_policy::Field;
use sanctuary_review::{
    Assign, AssignOutcome, Decide, Filter, ItemView, ListRequest, Page, Saved, SavedView, Who,
};
use sanctuary_staff::{
    CodeSetup, ProviderProof, Secret, SessionToken, SessionView, SignIn, SignedIn,
};
use sanctuary_types::{AlertId, CaseId, Timestamp};

use crate::partnership::Agency;

/// One agency's node, as its console sees it.
pub struct Desk(pub Arc<Agency>);

impl Desk {
    fn take(&self, by: &Actor, step: &Do) -> Result<(), CaseworkError> {
        let (cases, now, rng) = (self.0.cases(), self.0.clock.now(), &mut *self.0.rng());
        match step {
            Do::Confirm { alert } => cases.confirm(alert, by, now).map(|_| ()),
            Do::Change { case, draft } => cases.change(case, draft, by, now, rng),
            Do::RecordCall { case, call } => cases.record_call(case, call.clone(), by, now, rng),
            Do::ConsultSafeguarding { case, talk } => {
                cases.consult_safeguarding(case, talk.clone(), by, now, rng)
            }
            Do::AnswerReach { case } => cases.answer_reach(case, by, now, rng).map(|_| ()),
            Do::Authorise { case, counselling } => {
                cases.authorise(case, *counselling, by, now, rng)
            }
            Do::Send { case } => cases.send(case, by, now, rng).map(|_| ()),
            Do::Clarify { case, text } => cases.clarify(case, text.clone(), by, now, rng),
            Do::Withdraw { case, note } => cases.withdraw(case, note.clone(), by, now, rng),
            Do::RecordOutcome { case, outcome } => {
                cases.record_outcome(case, *outcome, by, now, rng)
            }
            Do::ReviewUrgency {
                case,
                justified,
                note,
            } => cases.review_urgency(case, *justified, note.clone(), by, now, rng),
            Do::ConfirmDestruction { case, copies } => {
                cases.confirm_destruction(case, *copies, by, now, rng)
            }
            Do::Close { case } => cases.close(case, by, now, rng),
            Do::Acknowledge { case } => cases.acknowledge(case, by, now, rng),
            Do::Ask { case, text } => cases.ask(case, text.clone(), by, now, rng),
            Do::Propose { case, proposal } => {
                cases.propose(case, proposal, by, now, rng).map(|_| ())
            }
            Do::Approve { case, digest } => cases.approve(case, digest, by, now, rng),
            Do::GiveBack { case, struck, note } => {
                cases.give_back(case, struck.clone(), note.clone(), by, now, rng)
            }
            Do::Stop { case, note } => cases.stop(case, note.clone(), by, now, rng),
            Do::Recall { case, reason } => cases.recall(case, *reason, by, now, rng),
            Do::ReviewRefusal { case, upheld, note } => {
                cases.review_refusal(case, *upheld, note.clone(), by, now, rng)
            }
            _ => Err(CaseworkError::NoSuchCase),
        }
    }
}

impl Office for Desk {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
    fn house(&self) -> House {
        let members = self.0.agreement.members.iter();
        House {
            party: self.0.own.clone(),
            names: members.map(|m| (m.id.clone(), m.name.clone())).collect(),
            hub_heard: Some(Timestamp(
                self.0.clock.now().0 - if self.is("quiet") { 25 * 60_000 } else { 4_000 },
            )),
            hub_away: self.0.hub.away.load(Ordering::Relaxed),
        }
    }
    fn keeping(&self) -> &dyn Keeping {
        self
    }
    fn running(&self) -> &dyn Running {
        self
    }
    fn oversight(&self) -> Option<&dyn Oversight> {
        Some(self)
    }

    fn sign_in(&self, typed: &SignIn<'_>, from: &str) -> Asked<SignedIn> {
        Ok(self
            .0
            .staff
            .sign_in(typed, from, self.now(), &mut *self.0.rng())?)
    }
    fn choose_password(&self, typed: &SignIn<'_>, new: &Secret) -> Asked<()> {
        Ok(self
            .0
            .staff
            .choose_password(typed, new, self.now(), &mut *self.0.rng())?)
    }
    fn person_of(&self, token: &SessionToken) -> Asked<Person> {
        let now = self.now();
        let who = self.0.staff.who(token, now)?;
        Ok(Person {
            is_fresh: who.session.is_fresh(now),
            name: who.name,
            actor: who.actor,
        })
    }
    fn sign_in_by_provider(&self, proof: &ProviderProof, from: &str) -> Asked<SignedIn> {
        let (staff, now) = (&self.0.staff, self.now());
        Ok(staff.sign_in_by_provider(proof, from, now, &mut *self.0.rng())?)
    }
    fn prove_again(&self, session: &SessionToken, typed: &SignIn<'_>) -> Asked<SignedIn> {
        let (staff, now) = (&self.0.staff, self.now());
        Ok(staff.prove_again(session, typed, now, &mut *self.0.rng())?)
    }
    fn prove_again_by_provider(
        &self,
        session: &SessionToken,
        proof: &ProviderProof,
    ) -> Asked<SignedIn> {
        let (staff, now) = (&self.0.staff, self.now());
        Ok(staff.prove_again_by_provider(session, proof, now, &mut *self.0.rng())?)
    }
    fn note_refused(&self) -> Asked<()> {
        Ok(self.0.staff.note_refused(self.now())?)
    }
    fn note_many_refused(&self) -> Asked<()> {
        Ok(self.0.staff.note_many_refused(self.now())?)
    }
    fn sign_out(&self, token: &SessionToken) -> Asked<()> {
        Ok(self.0.staff.sign_out(token, self.now())?)
    }
    fn sessions(&self, by: &Actor, this: &SessionToken) -> Asked<Vec<SessionView>> {
        Ok(self.0.staff.sessions(by, Some(this), self.now())?)
    }
    fn end_session(&self, by: &Actor, id: &str) -> Asked<()> {
        Ok(self.0.staff.revoke(by, id, self.now())?)
    }
    fn begin_code(&self, by: &Actor) -> Asked<CodeSetup> {
        Ok(self
            .0
            .staff
            .begin_code(by, self.now(), &mut *self.0.rng())?)
    }
    fn confirm_code(&self, by: &Actor, code: &Secret) -> Asked<()> {
        Ok(self.0.staff.confirm_code(by, code, self.now())?)
    }

    fn queue(&self, by: &Actor, request: &ListRequest) -> Asked<Page> {
        Ok(self.0.review().list(request, by, self.now())?)
    }
    fn item(&self, by: &Actor, id: &AlertId) -> Asked<ItemView> {
        Ok(self.0.review().show(id, by, self.now())?)
    }
    fn decide(&self, by: &Actor, decide: &Decide) -> Asked<Saved> {
        Ok(self.0.review().decide(decide, by, self.now())?)
    }
    fn item_to_recheck(&self, by: &Actor, id: &AlertId) -> Asked<ItemView> {
        Ok(self.0.review().show_for_recheck(id, by, self.now())?)
    }
    fn recheck(&self, by: &Actor, decide: &Decide) -> Asked<Saved> {
        Ok(self.0.review().recheck(decide, by, self.now())?)
    }
    fn undo(&self, by: &Actor, id: &AlertId, version: u32) -> Asked<Saved> {
        Ok(self.0.review().undo(id, version, by, self.now())?)
    }
    fn assign(&self, by: &Actor, assign: &Assign) -> Asked<AssignOutcome> {
        Ok(self.0.review().assign(assign, by, self.now())?)
    }
    fn reviewers(&self, by: &Actor) -> Asked<Vec<Who>> {
        let people = self.0.staff.people(by)?;
        let reviews = |roles: &[sanctuary_policy::StaffRole]| {
            sanctuary_policy::Action::DecideAlert.permits_any(roles)
        };
        let who = people.into_iter().filter(|m| reviews(&m.roles));
        Ok(who
            .map(|m| Who {
                person: m.person,
                name: m.name,
            })
            .collect())
    }
    fn views(&self, by: &Actor) -> Asked<Vec<SavedView>> {
        Ok(self.0.review().views(by)?)
    }
    fn save_view(&self, by: &Actor, name: &str, filter: &Filter) -> Asked<()> {
        Ok(self.0.review().save_view(name, filter, by)?)
    }
    fn delete_view(&self, by: &Actor, name: &str) -> Asked<()> {
        Ok(self.0.review().delete_view(name, by)?)
    }

    fn cases(&self, by: &Actor) -> Asked<Vec<CaseLine>> {
        Ok(self.0.cases().list(by, self.now())?)
    }
    fn case(&self, by: &Actor, id: &CaseId) -> Asked<CaseView> {
        Ok(self.0.cases().case(id, by, self.now())?)
    }
    fn draft(&self, by: &Actor, draft: &RequestDraft) -> Asked<CaseId> {
        Ok(self
            .0
            .cases()
            .draft(draft, by, self.now(), &mut *self.0.rng())?)
    }
    fn card(&self, by: &Actor, id: &CaseId) -> Asked<CardBeforeSending> {
        Ok(self.0.cases().card(id, by)?)
    }
    fn suggest(&self, by: &Actor, id: &CaseId) -> Asked<BTreeMap<Field, Text>> {
        Ok(self.0.cases().suggest(id, by)?)
    }
    fn step(&self, by: &Actor, step: &Do) -> Asked<()> {
        if let Do::Confirm { alert } = step {
            self.0.review().confirm_to_ask(alert, by, self.now())?;
        }
        Ok(self.take(by, step)?)
    }
    fn document(&self, by: &Actor, id: &CaseId, format: Format) -> Asked<Document> {
        Ok(self.0.cases().release(id, format, by, self.now())?)
    }
}
