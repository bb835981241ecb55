use rand_core::CryptoRng;
use sanctuary_disclosure::{Actor, Case, Event, ReasonPrint, Setting, Step, StepKind};
use sanctuary_ledger::{Act, ActorRole, EntryKind};
use sanctuary_policy::{Action, Agreement, Operation, StaffRole};
use sanctuary_types::{CaseId, PartyId, Timestamp, lp};
use serde_json::json;
use std::collections::BTreeSet;

use crate::{
    CaseworkError, Change, Ports, Shelf,
    batch::Batch,
    codec,
    file::{Loaded, step_key},
};

/// The use-cases of one node. Cheap to make: it holds nothing but its ports.
#[derive(Clone, Copy)]
pub struct Casework<'a> {
    pub(crate) ports: Ports<'a>,
}

impl<'a> Casework<'a> {
    /// Over these ports.
    #[must_use]
    pub const fn new(ports: Ports<'a>) -> Self {
        Self { ports }
    }

    pub(crate) fn own(&self) -> &'a PartyId {
        self.ports.directory.own()
    }

    pub(crate) fn agreement(&self) -> Result<Agreement, CaseworkError> {
        Ok(self.ports.directory.agreement()?)
    }

    pub(crate) fn need(by: &Actor, action: Action) -> Result<(), CaseworkError> {
        if action.permits_any(&by.roles) {
            Ok(())
        } else {
            Err(CaseworkError::NeedsRole(action))
        }
    }

    /// Takes a step of a case: every rule first, then the message is sealed, then the log promises it, then
    /// it is stored with all that goes with it, in one change. `with` are changes that belong to the step.
    pub(crate) fn step(
        &self,
        file: &mut Loaded,
        step: Step,
        by: Option<&Actor>,
        with: Vec<Change>,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CaseworkError> {
        let event = Event {
            at: now,
            by: by.cloned(),
            step,
        };
        let agreement = self.agreement()?;
        let earlier = self.earlier(&file.case.request().asker, &file.id())?;
        let asker_key = self.asker_key(&file.case.request().asker)?;
        let setting = Setting {
            agreement: &agreement,
            earlier: &earlier,
            asker_key: &asker_key,
        };
        let mut next = file.clone();
        let message = next.case.act(&event, &setting)?;
        let mut batch = Batch::new(*self, with);
        if matches!(event.step, Step::Redraft { .. }) {
            next.head.agreement_version = next.case.terms().agreement_version;
        }
        if matches!(event.step, Step::Send) {
            batch.keep_prints(&next);
        }
        batch.add_step(&mut next, &event);
        if let Some(message) = message {
            batch.letter_of_case(&mut next.head, message, now, rng)?;
        }
        // Destroyed or expired here: the values go from the file in the same change.
        if matches!(event.step, Step::ConfirmDestruction { .. }) {
            batch.destroy_values(&mut next)?;
        }
        batch.tick(&mut next)?;
        batch.put_head(&mut next);
        let entry = self.log_step(file, &event)?;
        batch.note_entry(&file.id(), entry);
        self.ports.store.commit(batch.done())?;
        *file = next;
        Ok(())
    }

    /// Whether a step would be permitted now; nothing is changed.
    pub(crate) fn try_step(
        &self,
        file: &Loaded,
        step: &Step,
        by: &Actor,
        now: Timestamp,
    ) -> Result<(), CaseworkError> {
        let event = Event {
            at: now,
            by: Some(by.clone()),
            step: step.clone(),
        };
        let agreement = self.agreement()?;
        let earlier = self.earlier(&file.case.request().asker, &file.id())?;
        let asker_key = self.asker_key(&file.case.request().asker)?;
        let setting = Setting {
            agreement: &agreement,
            earlier: &earlier,
            asker_key: &asker_key,
        };
        file.case.clone().act(&event, &setting)?;
        Ok(())
    }

    /// Opens a case with its first step.
    pub(crate) fn open_case(
        &self,
        head: crate::file::Head,
        event: &Event,
        with: Vec<Change>,
    ) -> Result<Loaded, CaseworkError> {
        let request = match &event.step {
            Step::Draft { request, .. } | Step::Arrive { request, .. } => request,
            other => {
                let stage = sanctuary_disclosure::Stage::Draft;
                let step = other.kind();
                return Err(sanctuary_disclosure::Refused::WrongStage { step, stage }.into());
            }
        };
        let agreement = self.agreement()?;
        let earlier = self.earlier(&request.asker, &request.case)?;
        let asker_key = self.asker_key(&request.asker)?;
        let setting = Setting {
            agreement: &agreement,
            earlier: &earlier,
            asker_key: &asker_key,
        };
        let case = Case::open(event, &setting)?;
        let mut loaded = Loaded {
            head,
            case,
            events: Vec::new(),
        };
        let before = loaded.clone();
        let mut batch = Batch::new(*self, with);
        if event.step.kind() == StepKind::Arrive {
            batch.keep_prints(&loaded);
        }
        batch.add_step(&mut loaded, event);
        batch.put_head(&mut loaded);
        let entry = self.log_step(&before, event)?;
        batch.note_entry(&loaded.id(), entry);
        self.ports.store.commit(batch.done())?;
        Ok(loaded)
    }

    /// Reasons of the asker's other requests.
    fn earlier(
        &self,
        asker: &PartyId,
        but: &CaseId,
    ) -> Result<BTreeSet<ReasonPrint>, CaseworkError> {
        let rows = self
            .ports
            .store
            .list(Shelf::Reason, &lp(&[asker.as_bytes()]))?;
        Ok(rows
            .into_iter()
            .filter(|(_, case)| case.as_slice() != but.0)
            .filter_map(|(key, _)| {
                let print = key.last_chunk::<32>()?;
                Some(ReasonPrint(*print))
            })
            .collect())
    }

    fn asker_key(&self, asker: &PartyId) -> Result<[u8; 32], CaseworkError> {
        let directory = self.ports.directory;
        if asker == directory.own() {
            return Ok(directory.signing().public());
        }
        directory
            .agency_key(asker)
            .ok_or_else(|| CaseworkError::NotAParty(asker.clone()))
    }

    fn log_step(
        &self,
        file: &Loaded,
        event: &Event,
    ) -> Result<sanctuary_ledger::EntryId, CaseworkError> {
        let kind = event.step.kind();
        let number = file.head.steps;
        let same = lp(&[
            b"casework-step",
            &file.id().0,
            &number.to_be_bytes(),
            kind.text().as_bytes(),
            &event.at.0.to_be_bytes(),
        ]);
        let content = json!({
            "case": file.id(),
            "step": kind.text(),
            "number": number,
            "side": file.head.side,
            "person": event.by.as_ref().map(|by| &by.person),
            "account": event.by.as_ref().map(|by| &by.account),
        });
        let concerned = if tells_other(kind) {
            vec![file.head.other.clone()]
        } else {
            Vec::new()
        };
        let act = Act {
            kind: entry_kind(kind),
            role: actor_role(kind.action(), event.by.as_ref()),
            concerned,
            same,
            content: codec::json(&content),
        };
        // What takes information back does not wait for the hub: it is kept and logged when it answers.
        if kind.ends_sharing() {
            return Ok(self.ports.acts.note(act)?);
        }
        Ok(self.ports.acts.log(act)?.id)
    }

    /// Logs an act that is no step of a case: a read, a matter of rights.
    pub(crate) fn log(
        &self,
        kind: EntryKind,
        action: Option<Action>,
        by: Option<&Actor>,
        concerned: &[PartyId],
        what: &serde_json::Value,
    ) -> Result<sanctuary_ledger::EntryId, CaseworkError> {
        let content = json!({
            "act": action.map(Action::word),
            "about": what,
            "person": by.map(|by| &by.person),
            "account": by.map(|by| &by.account),
        });
        let act = Act {
            kind,
            role: actor_role(action, by),
            concerned: concerned.to_vec(),
            same: Vec::new(),
            content: codec::json(&content),
        };
        Ok(self.ports.acts.log(act)?.id)
    }

    /// A read: permitted, and logged before anything is shown.
    pub(crate) fn reading(
        &self,
        by: &Actor,
        action: Action,
        what: &serde_json::Value,
    ) -> Result<(), CaseworkError> {
        Self::need(by, action)?;
        self.log(EntryKind::Consult, Some(action), Some(by), &[], what)?;
        Ok(())
    }
}

impl Batch<'_> {
    pub(crate) fn add_step(&mut self, file: &mut Loaded, event: &Event) {
        let key = step_key(&file.id(), file.head.steps);
        self.push(Change::add(Shelf::Step, key, codec::json(event)));
        file.head.steps += 1;
        file.events.push(event.clone());
    }
}

/// The kind of entry. The hub sees it, so a refusal and a release, or a recall and any other change, are
/// the same kind.
fn entry_kind(kind: StepKind) -> EntryKind {
    match kind {
        StepKind::Send => EntryKind::Request,
        StepKind::Authorise | StepKind::Approve => EntryKind::Approval,
        StepKind::Leave => EntryKind::Disclose,
        StepKind::Arrive
        | StepKind::TakeAcknowledgement
        | StepKind::TakeQuestion
        | StepKind::TakeAnswer
        | StepKind::TakeReopening
        | StepKind::TakeClarification
        | StepKind::TakeReach
        | StepKind::TakeReceipt
        | StepKind::TakeOutcome
        | StepKind::TakeWithdrawal
        | StepKind::TakeRecall
        | StepKind::TakeDestruction => EntryKind::Collect,
        StepKind::Expire => EntryKind::Alter,
        other => match other.action().and_then(|a| a.row().operation) {
            Some(Operation::Collect) => EntryKind::Collect,
            Some(Operation::Consult) => EntryKind::Consult,
            Some(Operation::Disclose) => EntryKind::Disclose,
            Some(Operation::Combine) => EntryKind::Combine,
            Some(Operation::Erase) => EntryKind::Erase,
            Some(Operation::Alter) | None => EntryKind::Alter,
        },
    }
}

/// Whether the other agency may see that there was such an entry: only of what reaches it anyway.
const fn tells_other(kind: StepKind) -> bool {
    matches!(kind, StepKind::Send | StepKind::Leave)
}

fn actor_role(action: Option<Action>, by: Option<&Actor>) -> ActorRole {
    let Some(by) = by else {
        return ActorRole::System;
    };
    let fits = |role: &&StaffRole| action.is_none_or(|a| a.permits_role(**role));
    match by.roles.iter().find(fits).or(by.roles.first()) {
        Some(StaffRole::Analyst) => ActorRole::Analyst,
        Some(StaffRole::IntelligenceOfficer) => ActorRole::IntelligenceOfficer,
        Some(StaffRole::Authoriser) => ActorRole::Authoriser,
        Some(StaffRole::Releaser) => ActorRole::Releaser,
        Some(StaffRole::SecondApprover) => ActorRole::SecondApprover,
        Some(StaffRole::DataProtectionOfficer) => ActorRole::DataProtectionOfficer,
        Some(StaffRole::Administrator) => ActorRole::Administrator,
        None => ActorRole::System,
    }
}
