//! The console's port over this node: each call is one use-case.

use std::collections::BTreeMap;

use sanctuary_casework::{CaseLine, CaseRequest, CaseView, Document, Format, RequestDraft};
use sanctuary_console::{
    Asked, Fault, FaultKind, House, Keeping, Office, Oversight, Person, Running,
};
use sanctuary_disclosure::{Actor, CardBeforeSending, Text};
use sanctuary_policy::{Action, Field};
use sanctuary_review::{
    Assign, AssignOutcome, Decide, Filter, ItemView, ListRequest, Page, Saved, SavedView, Who,
};
use sanctuary_rpc::now;
use sanctuary_staff::{
    CodeSetup, MemberView, ProviderProof, Secret, SessionToken, SessionView, SignIn, SignedIn,
    Standing,
};
use sanctuary_types::{AlertId, CaseId, Timestamp};

use super::NodeOffice;
use crate::cases::CaseFault;

fn of_case(fault: CaseFault) -> Fault {
    let kind = match fault.rule {
        "no_such_case" | "no_such_alert" => FaultKind::NotFound,
        "needs_role" => FaultKind::NotAllowed,
        "damaged" => FaultKind::Broken,
        _ if fault.is_passing => FaultKind::Unavailable,
        _ => FaultKind::Refused,
    };
    Fault::new(kind, fault.rule, fault.text)
}

impl Office for NodeOffice {
    fn now(&self) -> Timestamp {
        now()
    }

    fn house(&self) -> House {
        let agreement = self.node.agreement();
        let members = agreement.iter().flat_map(|a| &a.members);
        House {
            party: self.node.party().clone(),
            names: members.map(|m| (m.id.clone(), m.name.clone())).collect(),
            hub_heard: self.node.met().heard,
            hub_away: self.problems.has("alerts"),
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
        let staff = self.node.staff();
        Ok(staff.sign_in(typed, from, now(), &mut rand::rng())?)
    }

    fn choose_password(&self, typed: &SignIn<'_>, new: &Secret) -> Asked<()> {
        let staff = self.node.staff();
        Ok(staff.choose_password(typed, new, now(), &mut rand::rng())?)
    }

    fn person_of(&self, token: &SessionToken) -> Asked<Person> {
        let now = now();
        let who = self.node.staff().who(token, now)?;
        Ok(Person {
            is_fresh: who.session.is_fresh(now),
            name: who.name,
            actor: who.actor,
        })
    }

    fn sign_in_by_provider(&self, proof: &ProviderProof, from: &str) -> Asked<SignedIn> {
        let staff = self.node.staff();
        Ok(staff.sign_in_by_provider(proof, from, now(), &mut rand::rng())?)
    }

    fn prove_again(&self, session: &SessionToken, typed: &SignIn<'_>) -> Asked<SignedIn> {
        let staff = self.node.staff();
        Ok(staff.prove_again(session, typed, now(), &mut rand::rng())?)
    }

    fn prove_again_by_provider(
        &self,
        session: &SessionToken,
        proof: &ProviderProof,
    ) -> Asked<SignedIn> {
        let staff = self.node.staff();
        Ok(staff.prove_again_by_provider(session, proof, now(), &mut rand::rng())?)
    }

    fn note_refused(&self) -> Asked<()> {
        Ok(self.node.staff().note_refused(now())?)
    }

    fn note_many_refused(&self) -> Asked<()> {
        Ok(self.node.staff().note_many_refused(now())?)
    }

    fn sign_out(&self, token: &SessionToken) -> Asked<()> {
        Ok(self.node.staff().sign_out(token, now())?)
    }

    fn sessions(&self, by: &Actor, this: &SessionToken) -> Asked<Vec<SessionView>> {
        Ok(self.node.staff().sessions(by, Some(this), now())?)
    }

    fn end_session(&self, by: &Actor, id: &str) -> Asked<()> {
        Ok(self.node.staff().revoke(by, id, now())?)
    }

    fn begin_code(&self, by: &Actor) -> Asked<CodeSetup> {
        let staff = self.node.staff();
        Ok(staff.begin_code(by, now(), &mut rand::rng())?)
    }

    fn confirm_code(&self, by: &Actor, code: &Secret) -> Asked<()> {
        Ok(self.node.staff().confirm_code(by, code, now())?)
    }

    fn queue(&self, by: &Actor, request: &ListRequest) -> Asked<Page> {
        Ok(self.node.review().list(request, by, now())?)
    }

    fn item(&self, by: &Actor, id: &AlertId) -> Asked<ItemView> {
        Ok(self.node.review().show(id, by, now())?)
    }

    fn decide(&self, by: &Actor, decide: &Decide) -> Asked<Saved> {
        let saved = self.node.review().decide(decide, by, now())?;
        self.node.review_touched();
        Ok(saved)
    }

    fn item_to_recheck(&self, by: &Actor, id: &AlertId) -> Asked<ItemView> {
        Ok(self.node.review().show_for_recheck(id, by, now())?)
    }

    fn recheck(&self, by: &Actor, decide: &Decide) -> Asked<Saved> {
        Ok(self.node.review().recheck(decide, by, now())?)
    }

    fn undo(&self, by: &Actor, id: &AlertId, version: u32) -> Asked<Saved> {
        Ok(self.node.review().undo(id, version, by, now())?)
    }

    fn assign(&self, by: &Actor, assign: &Assign) -> Asked<AssignOutcome> {
        Ok(self.node.review().assign(assign, by, now())?)
    }

    fn reviewers(&self, by: &Actor) -> Asked<Vec<Who>> {
        let people = self.node.staff().people(by)?;
        let reviews = |m: &MemberView| {
            m.standing == Standing::Active && Action::DecideAlert.permits_any(&m.roles)
        };
        let found = people.into_iter().filter(reviews);
        Ok(found
            .map(|m| Who {
                person: m.person,
                name: m.name,
            })
            .collect())
    }

    fn views(&self, by: &Actor) -> Asked<Vec<SavedView>> {
        Ok(self.node.review().views(by)?)
    }

    fn save_view(&self, by: &Actor, name: &str, filter: &Filter) -> Asked<()> {
        Ok(self.node.review().save_view(name, filter, by)?)
    }

    fn delete_view(&self, by: &Actor, name: &str) -> Asked<()> {
        Ok(self.node.review().delete_view(name, by)?)
    }

    fn cases(&self, by: &Actor) -> Asked<Vec<CaseLine>> {
        Ok(self.node.casework(|casework| casework.list(by, now()))?)
    }

    fn case(&self, by: &Actor, id: &CaseId) -> Asked<CaseView> {
        Ok(self
            .node
            .casework(|casework| casework.case(id, by, now()))?)
    }

    fn draft(&self, by: &Actor, draft: &RequestDraft) -> Asked<CaseId> {
        let rng = &mut rand::rng();
        Ok(self
            .node
            .casework(|casework| casework.draft(draft, by, now(), rng))?)
    }

    fn card(&self, by: &Actor, id: &CaseId) -> Asked<CardBeforeSending> {
        Ok(self.node.casework(|casework| casework.card(id, by))?)
    }

    fn suggest(&self, by: &Actor, id: &CaseId) -> Asked<BTreeMap<Field, Text>> {
        Ok(self.node.casework(|casework| casework.suggest(id, by))?)
    }

    fn step(&self, by: &Actor, step: &CaseRequest) -> Asked<()> {
        let done = self.node.case_request(by, step);
        done.map(drop).map_err(of_case)
    }

    fn document(&self, by: &Actor, id: &CaseId, format: Format) -> Asked<Document> {
        Ok(self
            .node
            .casework(|casework| casework.release(id, format, by, now()))?)
    }
}
