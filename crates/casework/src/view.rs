//! What a screen shows of cases: the list, the case, and the next steps that this person may take.

use sanctuary_disclosure::{
    Actor, Answer, Live, Outcome, Proposal, Reach, RecallReason, Request, Side, Stage, Step,
    StepKind,
};
use sanctuary_policy::{Action, Urgency};
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::{
    Casework, CaseworkError, Overdue, Shelf, clocks::overdue, document::Copy, file::Loaded,
};

/// A step that a person may take now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// The act's stable word.
    pub act: &'static str,
    /// What people read.
    pub text: &'static str,
}

/// A line of the list: no name and no free text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseLine {
    /// The case.
    pub case: CaseId,
    /// `requester` or `owner`: whose request it is.
    pub side: Side,
    /// The other agency.
    pub other: PartyId,
    /// Where it is.
    pub stage: Stage,
    /// How soon.
    pub urgency: Urgency,
    /// When it was opened here.
    pub opened: Timestamp,
    /// When the answer is due.
    pub answer_due: Option<Timestamp>,
    /// What should have been done by now.
    pub overdue: Vec<Overdue>,
    /// The match is being proven; the request leaves by itself.
    pub proving: bool,
    /// What was released must be corrected.
    pub correction_due: bool,
    /// What this person may do.
    pub next: Vec<NextStep>,
}

/// Numbers beside a list of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CasePulse {
    /// Not over.
    pub open: usize,
    /// Of these, late.
    pub overdue: usize,
    /// Moved since the list was shown.
    pub moved: usize,
}

/// One entry of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// Who, by staff number; absent for what the node did or took in.
    pub by: Option<String>,
    /// It came from the other agency.
    pub came: bool,
    /// What, in words.
    pub what: &'static str,
    /// What was written with it: a question, a reply, a note.
    pub note: Option<String>,
}

/// A whole case, for somebody who may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseView {
    /// As in the list.
    #[serde(flatten)]
    pub line: CaseLine,
    /// The possible match.
    pub alert: AlertId,
    /// The request, word for word.
    pub request: Request,
    /// Version of the agreement it runs under.
    pub agreement_version: u32,
    /// The requesting agency's word on reach.
    pub reach: Option<Reach>,
    /// The proposed answer, at the owner.
    pub proposal: Option<Proposal>,
    /// What the second person approves, hexadecimal.
    pub proposal_digest: Option<String>,
    /// When an approved answer leaves.
    pub leaves_at: Option<Timestamp>,
    /// The answer, for somebody who may read what was released.
    pub answer: Option<Answer>,
    /// What may still be used.
    pub live: Option<Live>,
    /// Why it was recalled.
    pub recalled: Option<RecallReason>,
    /// Copies that were destroyed.
    pub destroyed: Option<u32>,
    /// Copies printed or exported from here.
    pub copies: Vec<Copy>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// By when a refusal is reviewed.
    pub review_due: Option<Timestamp>,
    /// Everything that happened.
    pub history: Vec<HistoryLine>,
}

impl Casework<'_> {
    /// The cases that this person may see, the most urgent first. Logged as a read.
    ///
    /// # Errors
    /// [`CaseworkError::NeedsRole`] for somebody who may see none.
    pub fn list(&self, by: &Actor, now: Timestamp) -> Result<Vec<CaseLine>, CaseworkError> {
        let roles = [Action::ReadRelease, Action::ReadRequest];
        let action = roles.into_iter().find(|a| a.permits_any(&by.roles));
        let action = action.ok_or(CaseworkError::NeedsRole(Action::ReadRequest))?;
        self.reading(by, action, &json!({ "list": true }))?;
        let corrections = self.corrections_due()?;
        let cases = self.load_all()?;
        let seen = cases.iter().filter(|file| may_see(file, by));
        let mut lines: Vec<CaseLine> = seen.map(|f| line(f, by, &corrections, now)).collect();
        lines.sort_by_key(|l| (is_over(l), l.urgency, l.answer_due, l.opened));
        Ok(lines)
    }

    /// How many open cases wait for this person, and how many that they may see have moved after `since`: numbers
    /// beside a list that is open already. Not logged: it shows no case.
    ///
    /// # Errors
    /// [`CaseworkError::NeedsRole`], or what the store gives.
    pub fn pulse(
        &self,
        since: Timestamp,
        by: &Actor,
        now: Timestamp,
    ) -> Result<CasePulse, CaseworkError> {
        let reads = [Action::ReadRelease, Action::ReadRequest];
        if !reads.iter().any(|a| a.permits_any(&by.roles)) {
            return Err(CaseworkError::NeedsRole(Action::ReadRequest));
        }
        let cases = self.load_all()?;
        let mut pulse = CasePulse::default();
        for file in cases.iter().filter(|file| may_see(file, by)) {
            let line = line(file, by, &[], now);
            pulse.open += usize::from(!is_over(&line));
            pulse.overdue += usize::from(!line.overdue.is_empty());
            pulse.moved += usize::from(file.events.last().is_some_and(|e| e.at > since));
        }
        Ok(pulse)
    }

    /// One case. Logged as a read; the released values only for those who may read them.
    ///
    /// # Errors
    /// [`CaseworkError::NoSuchCase`], [`CaseworkError::NeedsRole`].
    pub fn case(&self, id: &CaseId, by: &Actor, now: Timestamp) -> Result<CaseView, CaseworkError> {
        let file = self.case_of(id)?;
        let action =
            read_action(&file, by).ok_or(CaseworkError::NeedsRole(match file.head.side {
                Side::Requester => Action::ReadRelease,
                Side::Owner => Action::ReadRequest,
            }))?;
        self.reading(by, action, &json!({ "case": id }))?;
        let corrections = self.corrections_due()?;
        let case = &file.case;
        let values = match file.head.side {
            Side::Requester => Action::ReadRelease.permits_any(&by.roles),
            Side::Owner => true,
        };
        let proposal = case.proposal().filter(|_| file.head.side == Side::Owner);
        Ok(CaseView {
            line: line(&file, by, &corrections, now),
            alert: file.head.alert,
            request: case.request().clone(),
            agreement_version: file.head.agreement_version,
            reach: case.reach().map(|r| r.reach),
            proposal: proposal.cloned(),
            proposal_digest: proposal.map(|p| hex::encode(p.digest())),
            leaves_at: case.leaves_at(),
            answer: case
                .answer()
                .map(|a| if values { a.clone() } else { a.emptied() }),
            live: case.live(),
            recalled: case.recalled(),
            destroyed: case.destroyed(),
            copies: self.copies(id)?,
            outcome: case.outcome(),
            review_due: case.review_due(),
            history: file.events.iter().map(history).collect(),
        })
    }

    pub(crate) fn copies(&self, id: &CaseId) -> Result<Vec<Copy>, CaseworkError> {
        let rows = self.ports.store.list(Shelf::Copy, &id.0)?;
        let read = |(_, row): &(Vec<u8>, crate::Value)| crate::codec::from_json(row, "copy");
        rows.iter().map(read).collect()
    }
}

fn read_action(file: &Loaded, by: &Actor) -> Option<Action> {
    let allowed: &[Action] = match file.head.side {
        // The data protection officer reads the own agency's requests too, without the values.
        Side::Requester => &[Action::ReadRelease, Action::AnswerSubjectAccess],
        Side::Owner => &[Action::ReadRequest],
    };
    allowed.iter().copied().find(|a| a.permits_any(&by.roles))
}

fn may_see(file: &Loaded, by: &Actor) -> bool {
    read_action(file, by).is_some()
}

fn line(file: &Loaded, by: &Actor, corrections: &[CaseId], now: Timestamp) -> CaseLine {
    let case = &file.case;
    let may = |kind: &&StepKind| kind.action().is_some() && case.may(**kind, by).is_ok();
    // Told to leave already: it does so once the match is proven.
    let proving = file.head.wish.is_some();
    let open = StepKind::ALL
        .iter()
        .filter(|kind| !(proving && **kind == StepKind::Send));
    let next = open.filter(may).filter_map(|kind| {
        Some(NextStep {
            act: kind.action()?.word(),
            text: kind.text(),
        })
    });
    CaseLine {
        case: file.id(),
        side: file.head.side,
        other: file.head.other.clone(),
        stage: case.stage(),
        urgency: case.request().urgency,
        opened: file.head.opened,
        answer_due: case.answer_due(),
        overdue: overdue(file, now),
        proving,
        correction_due: corrections.contains(&file.id()),
        next: next.collect(),
    }
}

const fn is_over(line: &CaseLine) -> bool {
    matches!(
        line.stage,
        Stage::Closed | Stage::Withdrawn | Stage::Expired
    )
}

fn history(event: &sanctuary_disclosure::Event) -> HistoryLine {
    let note = match &event.step {
        Step::Ask { text }
        | Step::TakeQuestion { text }
        | Step::Clarify { text }
        | Step::TakeClarification { text } => Some(text),
        Step::Withdraw { note }
        | Step::Return { note, .. }
        | Step::Veto { note }
        | Step::Review { note, .. }
        | Step::ReviewUrgency { note, .. } => Some(note),
        _ => None,
    };
    let kind = event.step.kind();
    HistoryLine {
        at: event.at,
        by: event.by.as_ref().map(|by| by.person.as_str().to_owned()),
        came: event.by.is_none() && !matches!(kind, StepKind::Leave | StepKind::Expire),
        what: event.step.kind().text(),
        note: note.map(|text| text.expose().to_owned()),
    }
}
