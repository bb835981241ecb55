//! What waits for a person in the cases, for whoever tells people so. No record, no agency, no text, and
//! nothing that tells a refusal from a release.

use sanctuary_disclosure::{PersonId, Side, Stage, StepKind};
use sanctuary_policy::Urgency;
use sanctuary_types::{CaseId, Timestamp};

use crate::{
    Casework, CaseworkError, Overdue, Shelf,
    clocks::overdue,
    codec::{damaged, from_json},
    file::{Head, Loaded},
};

/// A case that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingCase {
    /// The case.
    pub case: CaseId,
    /// Whose request it is.
    pub side: Side,
    /// Where it is.
    pub stage: Stage,
    /// How soon.
    pub urgency: Urgency,
    /// Since when it is there.
    pub since: Timestamp,
    /// Steps so far.
    pub steps: u32,
    /// The last step is the other agency's answer to a question.
    pub replied: bool,
    /// Who wrote the request, at the requester.
    pub asker: Option<PersonId>,
    /// Who proposed the answer, at the owner.
    pub proposer: Option<PersonId>,
    /// When it was taken in and when the answer is due, while it is owed here.
    pub clock: Option<(Timestamp, Timestamp)>,
    /// What should have been done by now.
    pub overdue: Vec<Overdue>,
}

impl Casework<'_> {
    /// Every case that is not over. Nobody is shown anything of it, so it is no read.
    ///
    /// # Errors
    /// What the store gives.
    pub fn waiting(&self, now: Timestamp) -> Result<Vec<WaitingCase>, CaseworkError> {
        let mut waiting = Vec::new();
        for (key, row) in self.ports.store.list(Shelf::Case, &[])? {
            let head: Head = from_json(&row, "case")?;
            if head.over.is_some() {
                continue;
            }
            let id = CaseId(key.try_into().map_err(|_| damaged("case"))?);
            waiting.push(waits(&self.case_of(&id)?, now));
        }
        Ok(waiting)
    }
}

fn waits(file: &Loaded, now: Timestamp) -> WaitingCase {
    let case = &file.case;
    let by = |kind: StepKind| {
        let events = file.events.iter().rev();
        let mut of_kind = events.filter(|e| e.step.kind() == kind);
        of_kind.find_map(|e| e.by.as_ref().map(|by| by.person.clone()))
    };
    let last = file.events.last().map(|e| e.step.kind());
    let owed = matches!(
        case.stage(),
        Stage::Sent | Stage::Acknowledged | Stage::Clarification | Stage::Decided
    );
    WaitingCase {
        case: file.id(),
        side: file.head.side,
        stage: case.stage(),
        urgency: case.request().urgency,
        since: case.last_step(),
        steps: file.head.steps,
        replied: last == Some(StepKind::TakeClarification),
        asker: by(StepKind::Draft),
        proposer: by(StepKind::Decide),
        clock: case
            .sent()
            .zip(case.answer_due())
            .filter(|_| owed && file.head.side == Side::Owner),
        overdue: overdue(file, now),
    }
}
