//! Requests of this agency and requests to it: the list, and one case with what may be done now.

use minijinja::{Value, context, value::Serde};
use sanctuary_casework::{CaseLine, CaseView, Overdue};
use sanctuary_disclosure::{Side, Stage};
use sanctuary_policy::Action;
use sanctuary_types::CaseId;
use serde::Serialize;

use super::{case_steps::Wrong, drafts, people::People};
use crate::{
    Page, Problem, Reply, Visit, choices, choices::reach_text, pages::capital, when, words,
};

/// One row of the list.
#[derive(Serialize)]
struct Row {
    id: String,
    other: String,
    stage: String,
    stage_tag: &'static str,
    urgency: &'static str,
    due: String,
    is_over: bool,
    overdue: Vec<&'static str>,
    opened: u64,
    next: Option<&'static str>,
    correction_due: bool,
    closed: bool,
}

/// Both lists.
///
/// # Errors
/// What the node gives.
pub fn list(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let lines = visit.office.cases(visit.actor()?)?;
    let closed = visit.query.ticked("closed");
    let of = |side: Side| -> Vec<Row> {
        let of_side = lines.iter().filter(|l| l.side == side);
        of_side
            .filter(|l| closed || !is_closed(l.stage))
            .map(|l| row(l, visit))
            .collect()
    };
    let values = context! {
        ours => Serde(of(Side::Requester)),
        theirs => Serde(of(Side::Owner)),
        reads_ours => visit.may(Action::ReadRelease) || visit.may(Action::AnswerSubjectAccess),
        reads_theirs => visit.may(Action::ReadRequest),
        unfinished => drafts::unfinished(visit),
        since => visit.now.0,
        hidden => lines.iter().filter(|l| is_closed(l.stage)).count(),
        closed,
    };
    Ok(Page::new("cases.html", values).that_talks().into())
}

const fn is_closed(stage: Stage) -> bool {
    matches!(stage, Stage::Closed | Stage::Withdrawn | Stage::Expired)
}

const fn stage_tag(stage: Stage) -> &'static str {
    match stage {
        Stage::Draft | Stage::Authorised => "govuk-tag--grey",
        Stage::Sent | Stage::Acknowledged | Stage::Clarification => "govuk-tag--blue",
        Stage::Decided | Stage::SecondApproval | Stage::Review => "govuk-tag--yellow",
        Stage::Recalled => "govuk-tag--red",
        Stage::Expired | Stage::Withdrawn | Stage::Closed => "govuk-tag--grey",
        Stage::Released | Stage::Received | Stage::Outcome | Stage::Corrected => "govuk-tag--green",
    }
}

/// Stages as one reads them alone.
fn stage_text(line: &CaseLine) -> String {
    match line.stage {
        Stage::Draft => "Draft".to_owned(),
        Stage::Authorised if line.proving => "Leaving: the match is being proven".to_owned(),
        Stage::Authorised => "Authorised, not sent".to_owned(),
        Stage::Sent if line.side == Side::Owner => "New".to_owned(),
        stage => capital(stage.text()),
    }
}

fn row(line: &CaseLine, visit: &Visit<'_>) -> Row {
    Row {
        id: line.case.to_string(),
        other: visit.house.name_of(&line.other).to_owned(),
        stage: stage_text(line),
        stage_tag: stage_tag(line.stage),
        urgency: line.urgency.text(),
        due: line
            .answer_due
            .filter(|_| line.stage.for_hub() == Some(sanctuary_disclosure::HubStage::Open))
            .map_or(String::new(), |due| when::due(due, visit.now)),
        is_over: line.answer_due.is_some_and(|due| due < visit.now),
        overdue: line.overdue.iter().map(|o| overdue_text(*o)).collect(),
        opened: line.opened.0,
        next: steps(line, false).first().map(|act| heading(act)),
        correction_due: line.correction_due,
        closed: is_closed(line.stage),
    }
}

const fn overdue_text(overdue: Overdue) -> &'static str {
    match overdue {
        Overdue::Acknowledgement => "Not acknowledged in time",
        Overdue::Answer => "Not answered in time",
        Overdue::RefusalReview => "Review of the refusal is overdue",
        Overdue::UrgencyReview => "Review of urgency 1 is overdue",
        Overdue::Destruction => "Copies are to be destroyed",
    }
}

/// What a step is called on a button or as a heading.
pub(crate) fn heading(act: &str) -> &'static str {
    match act {
        "draft_request" => "Change the request",
        "record_call" => "Record a call",
        "consult_safeguarding" => "Record the talk with the safeguarding lead",
        "authorise_request" => "Authorise the request",
        "send_request" => "Send the request",
        "answer_clarification" => "Answer their question",
        "answer_reach" => "Answer the reach check",
        "record_outcome" => "Say what came of it",
        "review_urgency" => "Review the use of urgency 1",
        "withdraw_request" => "Withdraw the request",
        "confirm_destruction" => "Confirm that copies are destroyed",
        "acknowledge_request" => "Acknowledge the request",
        "ask_clarification" => "Ask a question",
        "propose_decision" => "Prepare the answer",
        "approve_decision" => "Approve the answer, or give it back",
        "veto_decision" => "Stop the answer",
        "review_refusal" => "Review the refusal",
        "recall_release" => "Recall what was released",
        "close_case" => "Close the case",
        _ => "Continue",
    }
}

/// One case.
///
/// # Errors
/// What the node gives.
pub fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("id")?;
    let values = values(visit, &id, None)?;
    Ok(Page::new("case.html", values).into())
}

/// The page of a case; with what was wrong with a posted step.
pub(crate) fn values(
    visit: &Visit<'_>,
    id: &CaseId,
    wrong: Option<&Wrong>,
) -> Result<Value, Problem> {
    let by = visit.actor()?;
    let case = visit.office.case(by, id)?;
    let line = &case.line;
    let both = case.request.about.is_victim_and_suspect();
    let acts = steps(line, both);
    let is_ours = line.side == Side::Requester;
    let draft = matches!(line.stage, Stage::Draft | Stage::Authorised);
    let card = if is_ours && draft && visit.may(Action::ReadRelease) {
        visit.office.card(by, id).ok()
    } else {
        None
    };
    let request = &case.request;
    let live = case.answer.as_ref().and_then(|a| a.released.as_ref());
    Ok(context! {
        id => id.to_string(),
        is_ours,
        other => visit.house.name_of(&line.other),
        stage => stage_text(line),
        stage_tag => stage_tag(line.stage),
        waits_for => waits_for(line, both, visit),
        urgency => line.urgency.text(),
        due => line.answer_due.map(|d| when::due(d, visit.now)),
        is_open => line.stage.for_hub() == Some(sanctuary_disclosure::HubStage::Open),
        overdue => line.overdue.iter().map(|o| overdue_text(*o)).collect::<Vec<_>>(),
        correction_due => line.correction_due,
        alert => case.alert.to_string(),
        reads_alert => visit.may(Action::ReadAlerts),
        request => super::case_parts::request(request, visit),
        both,
        child => request.about.child,
        reach => case.reach.map(reach_text),
        card => Serde(&card),
        acts => acts.iter().map(|act| context! { act => *act, heading => heading(act) }).collect::<Vec<_>>(),
        proposal => case.proposal.as_ref().map(super::case_parts::proposal),
        digest => case.proposal_digest.as_deref(),
        fields => request.fields().iter().map(|f| context! { value => f.word(), text => capital(f.text()) }).collect::<Vec<_>>(),
        leaves_at => case.leaves_at
            .filter(|_| line.stage == Stage::SecondApproval)
            .map(|at| when::moment(at, visit.now)),
        lapsed => line.stage == Stage::Expired && case.answer.is_none(),
        not_released => case.answer.as_ref().map(super::case_parts::not_released),
        has_release => live.is_some() && case.live.is_some(),
        release_number => case.live.map(|l| l.number),
        expires => case.live.map(|l| when::date(l.expires)),
        recalled => case.recalled.map(|r| choices::text(choices::RECALLS, &r)),
        destroyed => case.destroyed,
        copies => case.copies.len(),
        outcome => case.outcome.map(|o| choices::text(choices::OUTCOMES, &o)),
        review_due => case.review_due.map(|at| when::moment(at, visit.now)),
        history => history(&case, visit),
        question => question(&case),
        now_field => when::field(visit.now),
        outcomes => Serde(choices::of(choices::OUTCOMES, "")),
        recalls => Serde(choices::of(choices::RECALLS, "")),
        wrong => Serde(wrong),
        typed => Serde(wrong.map(|w| w.typed.clone()).unwrap_or_default()),
        said => match visit.query.text("said") {
            "drafted" => "Draft saved. Check what each side will and will not learn, then have it authorised.",
            "done" => "Done.",
            "proposed" => "The answer is prepared. A second person now approves it or gives it back.",
            _ => "",
        },
    })
}

/// Who has to move now, in one sentence.
fn waits_for(line: &CaseLine, both: bool, visit: &Visit<'_>) -> String {
    let other = visit.house.name_of(&line.other);
    if line.next.iter().any(|n| is_main(n.act, both)) {
        return "It waits for you.".to_owned();
    }
    match (line.side, line.stage) {
        (Side::Requester, Stage::Draft) => {
            "It waits for an authoriser, who must be another person than the one who wrote it."
                .to_owned()
        }
        (Side::Requester, Stage::Authorised) if line.proving => {
            "It leaves by itself once both nodes have proven that they know the match. Usually that takes minutes.".to_owned()
        }
        (Side::Requester, Stage::Authorised) => {
            "It waits to be sent by whoever wrote it or an authoriser.".to_owned()
        }
        (Side::Requester, Stage::Sent | Stage::Acknowledged) => {
            format!("It waits for {other}. You are told as soon as there is an answer.")
        }
        (Side::Requester, Stage::Clarification) => {
            format!("{other} has asked a question; whoever wrote the request answers it.")
        }
        (Side::Owner, Stage::Sent | Stage::Acknowledged) => {
            "It waits for a releaser of your agency.".to_owned()
        }
        (Side::Owner, Stage::Clarification) => format!("It waits for {other} to answer your question."),
        (Side::Owner, Stage::Decided) => {
            "It waits for a second approver, who must be another person than the releaser."
                .to_owned()
        }
        (Side::Owner, Stage::SecondApproval) => {
            "Two people have agreed. It leaves by itself at its time; the data protection officer can still stop it.".to_owned()
        }
        (Side::Owner, Stage::Review) => {
            "An authoriser or the data protection officer, who had no part in it, looks at the refusal again.".to_owned()
        }
        (Side::Requester, Stage::Recalled) => {
            "Destroy every copy and confirm it here.".to_owned()
        }
        _ => String::new(),
    }
}

/// What this person may do, each once, what moves the case on first.
fn steps(line: &CaseLine, both: bool) -> Vec<&'static str> {
    let mut acts: Vec<&'static str> = Vec::new();
    for step in &line.next {
        if !acts.contains(&step.act) {
            acts.push(step.act);
        }
    }
    acts.sort_by_key(|act| !is_main(act, both));
    acts
}

/// Steps that move a case on, as opposed to those that may be taken at any time. The talk with the safeguarding
/// lead comes first where the person may be `both` victim and suspect.
fn is_main(act: &str, both: bool) -> bool {
    if act == "consult_safeguarding" {
        return both;
    }
    !matches!(
        act,
        "record_call"
            | "withdraw_request"
            | "close_case"
            | "recall_release"
            | "veto_decision"
            | "draft_request"
    )
}

/// The question that the case waits for, where it does.
fn question(case: &CaseView) -> Option<&str> {
    let asked = case.history.iter().rev().find_map(|h| h.note.as_deref());
    asked.filter(|_| case.line.stage == Stage::Clarification)
}

fn history(case: &CaseView, visit: &Visit<'_>) -> Vec<Value> {
    let people = People::new(visit);
    let other = visit.house.name_of(&case.line.other);
    let lines = case.history.iter().rev();
    lines
        .map(|h| {
            let by = match &h.by {
                Some(person) => format!("by {}", people.name_and_role(person)),
                None if h.came => format!("from {other}"),
                None => "by the node".to_owned(),
            };
            context! { at => h.at.0, by, what => capital(h.what), note => h.note.as_deref() }
        })
        .collect()
}

/// The released report, for reading.
///
/// # Errors
/// What the node gives.
pub fn report(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("id")?;
    let case = visit.office.case(visit.actor()?, &id)?;
    let released = case.answer.as_ref().and_then(|a| a.released.as_ref());
    let (Some(released), Some(live)) = (released, case.live) else {
        return Err(Problem::NotFound);
    };
    let items = released.report.iter().flat_map(|report| &report.items);
    if items.into_iter().any(|item| item.field.is_shielded()) {
        visit.need_proof("Read the report")?;
    }
    let values = context! {
        id => id.to_string(),
        number => live.number,
        expires => when::date(live.expires),
        other => visit.house.name_of(&case.line.other),
        contact => released.contact.as_ref().map(super::case_parts::contact),
        report => released.report.as_ref().map(super::case_parts::report),
        not_released => case.answer.as_ref().map(super::case_parts::not_released),
        exports => visit.may(Action::ExportRelease) && case.line.side == Side::Requester,
        copies => words::counted(case.copies.len(), "copy has", "copies have"),
    };
    Ok(Page::new("report.html", values).into())
}

/// A copy on paper or as a file; each is counted, to be destroyed with the release.
///
/// # Errors
/// What the node gives.
pub fn export(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let id: CaseId = visit.part("id")?;
    let format = choices::from(visit.form.text("format")).ok_or(Problem::BadRequest)?;
    let document = visit.office.document(visit.actor()?, &id, format)?;
    Ok(Reply::File {
        name: document.file_name,
        media: document.media_type,
        bytes: document.bytes,
    })
}
