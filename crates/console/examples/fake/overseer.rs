//! What those who oversee see of the made-up agency. The log is made up here: a test of pages, not of the log.

use std::{collections::BTreeSet, sync::atomic::Ordering};

use sanctuary_casework::rights::{AccessQuestionView, AccessReport, AccessState, EvidencePack};
use sanctuary_console::{
    Asked, CaseFigures, Fault, FaultKind, Health, LogAct, LogProof, LogState, Office as _,
    Oversight, Progress,
};
use sanctuary_disclosure::{Actor, PersonId, Text};
use sanctuary_policy::{Agreement, ContactRole, Day, StaffRole};
use sanctuary_review::Figures;
use sanctuary_staff::{MemberView, NewMember, PausedView, StartCode};
use sanctuary_types::{CaseId, PartyId, Timestamp};

use crate::office::Desk;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

fn party(name: &str) -> PartyId {
    name.parse().expect("an id")
}

impl Desk {
    fn act(&self, place: usize, act: &sanctuary_ledger::Act) -> LogAct {
        let progress = match place % 7 {
            5 => Progress::Promised,
            6 => Progress::Waiting,
            _ => Progress::Proven,
        };
        LogAct {
            id: format!("{:032x}", 0x5a7e_0000_u64 + place as u64),
            kind: act.kind.word().to_owned(),
            by: Some("a100".to_owned()).filter(|_| place % 4 != 3),
            at: Timestamp(self.now().0 - (place as u64 + 1) * 11 * MINUTE_MS),
            concerned: act.concerned.clone(),
            progress,
            index: (progress != Progress::Waiting).then_some(18_191 - place as u64),
        }
    }

    fn acts(&self) -> Vec<LogAct> {
        let acts = self.0.acts.acts();
        let newest = acts.iter().rev().enumerate();
        newest.map(|(place, act)| self.act(place, act)).collect()
    }
}

impl Oversight for Desk {
    fn figures(&self, by: &Actor, days: u32) -> Asked<Figures> {
        Ok(self.0.review().figures(days, by, self.now())?)
    }
    fn paused(&self, by: &Actor) -> Asked<Vec<PausedView>> {
        Ok(self.0.staff.paused(by, self.now())?)
    }
    fn case_figures(&self, by: &Actor, days: u32) -> Asked<CaseFigures> {
        let (now, today) = (self.now(), Day::at(self.now()));
        let from = Day(today.0.saturating_sub(days.max(1) - 1)).start();
        Ok(self.0.cases().figures(from, today.end(), by, now)?)
    }
    fn log(&self, _: &Actor) -> Asked<LogState> {
        let away = self.0.hub.away.load(Ordering::Relaxed);
        let old = if away { 90 * MINUTE_MS } else { 2 * MINUTE_MS };
        Ok(LogState {
            entries: 18_204,
            checkpoint: Some(Timestamp(self.now().0 - old)),
            witnesses: vec![party("council"), party("safeguarding"), party("charity")],
            witnesses_needed: 2,
            waiting: 1,
            unproven: 3,
            refused: 0,
            alarm: String::new(),
        })
    }
    fn log_acts(&self, _: &Actor, limit: usize) -> Asked<Vec<LogAct>> {
        let mut acts = self.acts();
        acts.truncate(limit);
        Ok(acts)
    }
    fn log_act(&self, _: &Actor, id: &str) -> Asked<LogProof> {
        let found = self.acts().into_iter().find(|act| act.id == id);
        let missing = || {
            Fault::new(
                FaultKind::NotFound,
                "no_such_act",
                "no such entry".to_owned(),
            )
        };
        let act = found.ok_or_else(missing)?;
        let proven = act.progress == Progress::Proven;
        let hash = |seed: u64| format!("{:064x}", u128::from(seed) * 0x9e37_79b9_7f4a_7c15_f39c);
        Ok(LogProof {
            size: proven.then_some(18_204),
            root: proven.then(|| hash(1)),
            path: if proven {
                (2..9).map(hash).collect()
            } else {
                Vec::new()
            },
            witnesses: if proven {
                vec![party("council"), party("charity")]
            } else {
                Vec::new()
            },
            receipt: proven.then(|| "{\n  \"made_up\": true\n}".to_owned()),
            act,
        })
    }
    fn health(&self, _: &Actor) -> Asked<Health> {
        let people = self.0.people.len() as u64;
        let filled = |what: &str, count: u64| (what.to_owned(), count);
        let lapse =
            |what: &str, days: u64| (what.to_owned(), Timestamp(self.now().0 + days * DAY_MS));
        Ok(Health {
            records: people,
            notify_only: 3,
            pending: 2,
            outbox: 1,
            alerts: self.0.alerts.len() as u64,
            filled: vec![
                filled("date of birth", people.saturating_sub(1)),
                filled("phone number", people / 2),
                filled("address", people / 3),
                filled("document", people / 8),
            ],
            year_only: people / 9,
            last_push: Some(Timestamp(self.now().0 - 40_000)),
            quotas: vec![
                (
                    "person key".to_owned(),
                    if self.is("quota") { 0 } else { 41_220 },
                    50_000,
                ),
                ("identifier key".to_owned(), 18_004, 20_000),
            ],
            rules: 3,
            lapses: vec![
                lapse("certificate of this node", 311),
                lapse("envelope key", 12),
            ],
            problem: if self.is("quota") {
                "today’s quota at key holder alder is used up; the records wait and go on tomorrow, nothing is lost".to_owned()
            } else {
                String::new()
            },
        })
    }
    fn agreement(&self, _: &Actor) -> Asked<Agreement> {
        Ok(self.0.agreement.clone())
    }
    fn evidence(&self, by: &Actor) -> Asked<EvidencePack> {
        Ok(self.0.cases().evidence_pack(by, self.now())?)
    }
    fn open_access(&self, by: &Actor, reference: &str) -> Asked<CaseId> {
        Ok(self
            .0
            .cases()
            .open_access(reference, by, self.now(), &mut *self.0.rng())?)
    }
    fn access(&self, by: &Actor, id: &CaseId) -> Asked<AccessState> {
        Ok(self.0.cases().access_state(id, by)?)
    }
    fn access_report(
        &self,
        by: &Actor,
        id: &CaseId,
        held: &[CaseId],
        reason: Option<&Text>,
    ) -> Asked<AccessReport> {
        Ok(self
            .0
            .cases()
            .access_report(id, held, reason, by, self.now())?)
    }
    fn access_questions(&self, by: &Actor) -> Asked<Vec<AccessQuestionView>> {
        Ok(self.0.cases().access_questions(by)?)
    }
    fn answer_access(
        &self,
        by: &Actor,
        id: &CaseId,
        held: &[CaseId],
        reason: Option<&Text>,
    ) -> Asked<()> {
        Ok(self
            .0
            .cases()
            .answer_access(id, held, reason, by, self.now())?)
    }
    fn staff(&self, by: &Actor) -> Asked<Vec<MemberView>> {
        Ok(self.0.staff.people(by)?)
    }
    fn add_member(&self, by: &Actor, new: NewMember) -> Asked<StartCode> {
        Ok(self.0.staff.add(by, new, self.now(), &mut *self.0.rng())?)
    }
    fn set_roles(
        &self,
        by: &Actor,
        person: &PersonId,
        roles: BTreeSet<StaffRole>,
        functions: BTreeSet<ContactRole>,
    ) -> Asked<()> {
        Ok(self
            .0
            .staff
            .set_roles(by, person, roles, functions, self.now())?)
    }
    fn leave(&self, by: &Actor, person: &PersonId) -> Asked<()> {
        Ok(self.0.staff.leave(by, person, self.now())?)
    }
    fn reset(&self, by: &Actor, person: &PersonId) -> Asked<StartCode> {
        Ok(self
            .0
            .staff
            .reset(by, person, self.now(), &mut *self.0.rng())?)
    }
}
