//! The console's port of those who oversee, over this node.

use std::collections::BTreeSet;

use sanctuary_casework::rights::{AccessQuestionView, AccessReport, AccessState, EvidencePack};
use sanctuary_console::{
    Asked, CaseFigures, Fault, FaultKind, Health, LogAct, LogProof, LogState, Oversight, Progress,
};
use sanctuary_disclosure::{Actor, PersonId, Text};
use sanctuary_ledger::{Checkpoint, EntryId, InclusionProof, Quorum};
use sanctuary_node_core::NodeError;
use sanctuary_policy::{Action, Agreement, ContactRole, Day, Denial, StaffRole};
use sanctuary_review::Figures;
use sanctuary_rpc::now;
use sanctuary_staff::{MemberView, NewMember, PausedView, StaffError, StartCode};
use sanctuary_types::{CaseId, KeyClass, PartyId, Timestamp};

use super::NodeOffice;
use crate::{LoggedAct, NodeStatus, ledger};

pub(super) fn broken(error: NodeError) -> Fault {
    Fault::new(FaultKind::Broken, "node", error.to_string())
}

pub(super) fn need(by: &Actor, action: Action) -> Asked<()> {
    if action.permits_any(&by.roles) {
        return Ok(());
    }
    let text = "this is for somebody with another role; ask your administrator who that is";
    Err(Fault::new(
        FaultKind::NotAllowed,
        "needs_role",
        text.to_owned(),
    ))
}

fn act(logged: &LoggedAct) -> LogAct {
    // Who did it is in the sealed content, by staff number.
    let content = logged.content.as_deref();
    let content = content.and_then(|c| serde_json::from_str::<serde_json::Value>(c).ok());
    let by = content.as_ref().and_then(|c| c.get("person")?.as_str());
    LogAct {
        id: logged.id.to_string(),
        kind: logged.kind.clone(),
        by: by.map(str::to_owned),
        at: logged.time,
        concerned: logged.concerned.clone(),
        progress: match logged.progress {
            ledger::Progress::Waiting => Progress::Waiting,
            ledger::Progress::Promised => Progress::Promised,
            ledger::Progress::Proven => Progress::Proven,
            ledger::Progress::Refused => Progress::Refused,
        },
        index: logged.index,
    }
}

/// What is left of the day's quota of each key, at the key holder that has least.
fn quotas(status: &NodeStatus) -> Vec<(String, u64, u64)> {
    let quota = |class: KeyClass| {
        let left = status.quota_left(class, now())?;
        let of_class = status.quotas.iter().filter(|q| q.class == class);
        let limit = of_class.map(|q| q.limit).min()?;
        Some((format!("{} key", class.label()), left, limit))
    };
    KeyClass::ALL.into_iter().filter_map(quota).collect()
}

/// Until when the node's certificate and the keys that it uses hold.
fn lapses(status: &NodeStatus) -> Vec<(String, Timestamp)> {
    let certificate = "certificate of this node".to_owned();
    let keys = status.manifests.iter().map(|key| {
        let what = format!(
            "manifest of the {} key, epoch {}",
            key.class.label(),
            key.epoch.0
        );
        (what, key.until)
    });
    std::iter::once((certificate, status.certificate_until))
        .chain(keys)
        .collect()
}

fn path(proof: &InclusionProof) -> Vec<String> {
    proof.hashes.iter().map(hex::encode).collect()
}

impl NodeOffice {
    /// Who must vouch for the log, by the roster.
    fn quorum(&self) -> Option<Quorum> {
        Quorum::of_roster(&self.node.roster().current(), None).ok()
    }

    /// The agencies whose nodes cosigned a checkpoint.
    fn vouched(&self, note: &[u8]) -> Vec<PartyId> {
        let Some(quorum) = self.quorum() else {
            return Vec::new();
        };
        let checkpoint = Checkpoint::verify(note, quorum.log()).ok();
        let found = checkpoint.and_then(|c| {
            let signed = quorum.cosignatures(&c).ok()?;
            let names = signed.iter().filter_map(|(w, _)| w.name().parse().ok());
            Some(names.collect())
        });
        found.unwrap_or_default()
    }

    /// A checkpoint's root hash.
    fn root(&self, note: &[u8]) -> Option<String> {
        let checkpoint = Checkpoint::verify(note, self.quorum()?.log()).ok()?;
        Some(hex::encode(checkpoint.root()))
    }
}

impl Oversight for NodeOffice {
    fn figures(&self, by: &Actor, days: u32) -> Asked<Figures> {
        Ok(self.node.review().figures(days, by, now())?)
    }

    fn paused(&self, by: &Actor) -> Asked<Vec<PausedView>> {
        Ok(self.node.staff().paused(by, now())?)
    }

    fn case_figures(&self, by: &Actor, days: u32) -> Asked<CaseFigures> {
        let today = Day::at(now());
        let from = Day(today.0.saturating_sub(days.max(1) - 1)).start();
        Ok(self
            .node
            .casework(|casework| casework.figures(from, today.end(), by, now()))?)
    }

    fn log(&self, by: &Actor) -> Asked<LogState> {
        need(by, Action::VerifyLedger)?;
        let status = self.node.ledger().status().map_err(broken)?;
        let accepted = self.node.ledger().last_accepted().map_err(broken)?;
        Ok(LogState {
            entries: status.entries,
            checkpoint: (status.checkpoint_ms > 0).then_some(Timestamp(status.checkpoint_ms)),
            witnesses: accepted.map(|note| self.vouched(&note)).unwrap_or_default(),
            witnesses_needed: self.quorum().map_or(0, |q| q.needed()),
            waiting: status.waiting,
            unproven: status.unproven,
            refused: status.refused,
            alarm: status.alarm(),
        })
    }

    fn log_acts(&self, by: &Actor, limit: usize) -> Asked<Vec<LogAct>> {
        need(by, Action::ReadLedger)?;
        let acts = self.node.ledger().logged(limit).map_err(broken)?;
        Ok(acts.iter().map(act).collect())
    }

    fn log_act(&self, by: &Actor, id: &str) -> Asked<LogProof> {
        need(by, Action::ReadLedger)?;
        let missing = || {
            let text = "there is no such entry of this agency; check its number";
            Fault::new(FaultKind::NotFound, "no_such_entry", text.to_owned())
        };
        let id = EntryId::parse(id).map_err(|_| missing())?;
        let found = self.node.ledger().logged_act(&id).map_err(broken)?;
        let found = found.ok_or_else(missing)?;
        let receipt = found.receipt.as_ref();
        Ok(LogProof {
            act: act(&found),
            size: receipt.map(|r| r.proof.size),
            root: receipt.and_then(|r| self.root(r.note())),
            path: receipt.map(|r| path(&r.proof)).unwrap_or_default(),
            witnesses: receipt.map(|r| self.vouched(r.note())).unwrap_or_default(),
            receipt: receipt.and_then(|r| serde_json::to_string_pretty(r).ok()),
        })
    }

    fn health(&self, by: &Actor) -> Asked<Health> {
        need(by, Action::ReadStatus)?;
        let status = self.node.status_with(&self.problems.text());
        let status = status.map_err(broken)?;
        let filling = self.node.counts().filling().clone();
        Ok(Health {
            records: status.records,
            notify_only: status.notify_only,
            pending: status.pending,
            outbox: status.outbox,
            alerts: status.alerts,
            filled: filling
                .details()
                .map(|(what, count)| (what.to_owned(), count))
                .collect(),
            year_only: filling.year_only(),
            last_push: status.last_push,
            quotas: quotas(&status),
            rules: status.rules_version,
            lapses: lapses(&status),
            problem: status.last_problem,
        })
    }

    fn agreement(&self, by: &Actor) -> Asked<Agreement> {
        need(by, Action::ReadAgreement)?;
        self.node.agreement().ok_or_else(|| {
            let text = Denial::NoAgreement.to_string();
            Fault::new(FaultKind::Unavailable, "no_agreement", text)
        })
    }

    fn evidence(&self, by: &Actor) -> Asked<EvidencePack> {
        Ok(self
            .node
            .casework(|casework| casework.evidence_pack(by, now()))?)
    }

    fn open_access(&self, by: &Actor, reference: &str) -> Asked<CaseId> {
        let rng = &mut rand::rng();
        Ok(self
            .node
            .casework(|casework| casework.open_access(reference, by, now(), rng))?)
    }

    fn access(&self, by: &Actor, id: &CaseId) -> Asked<AccessState> {
        Ok(self
            .node
            .casework(|casework| casework.access_state(id, by))?)
    }

    fn access_report(
        &self,
        by: &Actor,
        id: &CaseId,
        held: &[CaseId],
        reason: Option<&Text>,
    ) -> Asked<AccessReport> {
        Ok(self
            .node
            .casework(|casework| casework.access_report(id, held, reason, by, now()))?)
    }

    fn access_questions(&self, by: &Actor) -> Asked<Vec<AccessQuestionView>> {
        Ok(self
            .node
            .casework(|casework| casework.access_questions(by))?)
    }

    fn answer_access(
        &self,
        by: &Actor,
        id: &CaseId,
        held: &[CaseId],
        reason: Option<&Text>,
    ) -> Asked<()> {
        Ok(self
            .node
            .casework(|casework| casework.answer_access(id, held, reason, by, now()))
            .map(drop)?)
    }

    fn staff(&self, by: &Actor) -> Asked<Vec<MemberView>> {
        Ok(self.node.staff().people(by)?)
    }

    fn add_member(&self, by: &Actor, new: NewMember) -> Asked<StartCode> {
        Ok(self.node.staff().add(by, new, now(), &mut rand::rng())?)
    }

    fn set_roles(
        &self,
        by: &Actor,
        person: &PersonId,
        roles: BTreeSet<StaffRole>,
        functions: BTreeSet<ContactRole>,
    ) -> Asked<()> {
        let staff = self.node.staff();
        Ok(staff.set_roles(by, person, roles, functions, now())?)
    }

    fn leave(&self, by: &Actor, person: &PersonId) -> Asked<()> {
        Ok(self.node.staff().leave(by, person, now())?)
    }

    fn reset(&self, by: &Actor, person: &PersonId) -> Asked<StartCode> {
        let made: Result<StartCode, StaffError> =
            self.node.staff().reset(by, person, now(), &mut rand::rng());
        Ok(made?)
    }
}
