//! Cases as text.

use std::fmt::Write as _;

use sanctuary_casework::{Copy, Overdue};
use sanctuary_disclosure::{
    Answer, ContactFirst, Live, NotReleased, Outcome, Proposal, Reach, RecallReason, Report,
    Request, Side, Stage, Verdict,
};
use sanctuary_policy::Urgency;
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::commands::output::{moment, table};

/// [`sanctuary_casework::CaseLine`].
#[derive(Deserialize)]
struct Line {
    case: CaseId,
    side: Side,
    other: PartyId,
    stage: Stage,
    urgency: Urgency,
    answer_due: Option<Timestamp>,
    overdue: Vec<Overdue>,
    proving: bool,
    correction_due: bool,
    next: Vec<Next>,
}

#[derive(Deserialize)]
struct Next {
    text: String,
}

/// [`sanctuary_casework::CaseView`].
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    line: Line,
    alert: AlertId,
    pub(super) request: Request,
    agreement_version: u32,
    reach: Option<Reach>,
    proposal: Option<Proposal>,
    proposal_digest: Option<String>,
    leaves_at: Option<Timestamp>,
    answer: Option<Answer>,
    live: Option<Live>,
    recalled: Option<RecallReason>,
    destroyed: Option<u32>,
    copies: Vec<Copy>,
    outcome: Option<Outcome>,
    review_due: Option<Timestamp>,
    history: Vec<Happened>,
}

#[derive(Deserialize)]
struct Happened {
    at: Timestamp,
    by: Option<String>,
    what: String,
    note: Option<String>,
}

/// The list.
pub(super) fn list(value: Value) -> anyhow::Result<String> {
    let lines: Vec<Line> = serde_json::from_value(value)?;
    if lines.is_empty() {
        return Ok("no cases that you may see\n".to_owned());
    }
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    Ok(table(
        &["case", "", "with", "stage", "urgency", "answer due", ""],
        &rows,
    ))
}

fn row(line: &Line) -> Vec<String> {
    let mut notes: Vec<String> = line
        .overdue
        .iter()
        .map(|what| format!("overdue: {}", word(what)))
        .collect();
    if line.proving {
        notes.push("the match is being proven".to_owned());
    }
    if line.correction_due {
        notes.push("must be corrected".to_owned());
    }
    vec![
        line.case.to_string(),
        match line.side {
            Side::Requester => "we ask",
            Side::Owner => "they ask",
        }
        .to_owned(),
        line.other.to_string(),
        line.stage.word().replace('_', " "),
        line.urgency.text().to_owned(),
        line.answer_due.map(moment).unwrap_or_default(),
        notes.join("; "),
    ]
}

/// One case.
pub(super) fn case(value: Value) -> anyhow::Result<String> {
    let shown: Shown = serde_json::from_value(value)?;
    let line = &shown.line;
    let whose = match line.side {
        Side::Requester => format!("our request to {}", line.other),
        Side::Owner => format!("{}'s request to us", line.other),
    };
    let mut out = format!(
        "case {}: {whose}\nit is {}; urgency {}; agreement version {}; possible match {}\n",
        line.case,
        line.stage.text(),
        line.urgency.text(),
        shown.agreement_version,
        shown.alert
    );
    let dates = [
        ("the answer is due", line.answer_due),
        ("an approved answer leaves", shown.leaves_at),
        ("the refusal is reviewed by", shown.review_due),
        ("every copy is destroyed by", shown.live.map(|l| l.expires)),
    ];
    for (what, at) in dates {
        if let Some(at) = at {
            let _ = writeln!(out, "{what}: {}", moment(at));
        }
    }
    for what in &line.overdue {
        let _ = writeln!(out, "overdue: {}", word(what));
    }
    if line.correction_due {
        out.push_str("what was released must be corrected: propose a new answer\n");
    }
    request(&mut out, &shown.request);
    if let Some(found) = shown.reach {
        let _ = writeln!(out, "the requester's word on reach: {}", word(&found));
    }
    if let Some(proposal) = &shown.proposal {
        proposed_answer(&mut out, proposal, shown.proposal_digest.as_deref());
    }
    if let Some(answer) = &shown.answer {
        answered(&mut out, answer);
    }
    after(&mut out, &shown);
    out.push_str("\nwhat happened:\n");
    for step in &shown.history {
        let by = step.by.as_deref().unwrap_or("the node");
        let _ = writeln!(out, "  {}  {:<12} {}", moment(step.at), by, step.what);
        if let Some(note) = &step.note {
            let _ = writeln!(out, "      {note}");
        }
    }
    if !line.next.is_empty() {
        let next: Vec<&str> = line.next.iter().map(|n| n.text.as_str()).collect();
        let _ = writeln!(out, "\nyou may go on with: {}", next.join(", "));
    }
    Ok(out)
}

fn request(out: &mut String, request: &Request) {
    let _ = writeln!(out, "\npurpose: {}", request.purpose.text());
    let _ = writeln!(out, "law: {}", request.gateway.text());
    for (what, text) in [
        ("enquiry", Some(&request.enquiry)),
        ("necessity", Some(&request.necessity)),
        ("proportionality", Some(&request.proportionality)),
        ("line of enquiry", request.line_of_enquiry.as_ref()),
    ] {
        if let Some(text) = text {
            let _ = writeln!(out, "{what}: {}", text.expose());
        }
    }
    match &request.contact_first {
        ContactFirst::ThisIsIt => out.push_str("phoned first: this request asks whom to phone\n"),
        ContactFirst::Phoned(call) => {
            let (at, with, result) = (moment(call.at), call.with.expose(), call.result.expose());
            let _ = writeln!(out, "phoned first: {at}, {with}: {result}");
        }
        ContactFirst::NotPossible(why) => {
            let _ = writeln!(out, "phoned first: not possible: {}", why.expose());
        }
    }
    if request.about.is_victim_and_suspect() {
        out.push_str("the person may be victim and suspect: the safeguarding lead comes first\n");
    }
    if request.about.child {
        out.push_str("about a child: shared unless that harms the child more\n");
    }
    out.push_str("wanted:\n");
    for wanted in &request.wanted {
        let field = wanted.field;
        let _ = writeln!(
            out,
            "  {:<16} {}: {}",
            field.word(),
            field.text(),
            wanted.reason.expose()
        );
    }
}

fn proposed_answer(out: &mut String, proposal: &Proposal, digest: Option<&str>) {
    out.push_str("\nproposed answer:\n");
    for (field, verdict) in &proposal.verdicts {
        let verdict = match verdict {
            Verdict::Release => "release".to_owned(),
            Verdict::Sanitise => "release, sanitised".to_owned(),
            Verdict::NotHeld => "not held".to_owned(),
            Verdict::Withhold(reason) => format!("withhold: {}", word(reason)),
        };
        let told = if proposal.tell.contains(field) {
            " (the requester is told why)"
        } else {
            ""
        };
        let _ = writeln!(out, "  {:<16} {verdict}{told}", field.word());
    }
    if proposal.neither_confirm_nor_deny {
        out.push_str("  neither confirmed nor denied\n");
    }
    if let Some(contact) = &proposal.contact {
        contact_card(out, contact);
    }
    if let Some(report) = &proposal.report {
        report_text(out, report);
    }
    if let Some(digest) = digest {
        let _ = writeln!(out, "  digest, to approve exactly this: {digest}");
    }
}

fn answered(out: &mut String, answer: &Answer) {
    out.push_str("\nanswer:\n");
    if let Some(released) = &answer.released {
        if let Some(contact) = &released.contact {
            contact_card(out, contact);
        }
        if let Some(report) = &released.report {
            report_text(out, report);
        }
    }
    for NotReleased { field, reason } in &answer.not_released {
        let why = reason.as_ref().map(|r| format!(": {}", word(r)));
        let why = why.unwrap_or_default();
        let _ = writeln!(out, "  {:<16} not released{why}", field.word());
    }
}

fn contact_card(out: &mut String, contact: &sanctuary_disclosure::ContactCard) {
    let _ = writeln!(
        out,
        "  phone {} ({}): {}, {}",
        contact.name.expose(),
        contact.role.text(),
        contact.phone.expose(),
        contact.hours.expose()
    );
}

fn report_text(out: &mut String, report: &Report) {
    let _ = writeln!(
        out,
        "  {} | grading {} | {}",
        word(&report.marking),
        report.grading(),
        report.onward.text()
    );
    if let sanctuary_disclosure::Handling::Conditional { codes, text } = &report.handling {
        let codes: Vec<&str> = codes.iter().map(|c| c.code()).collect();
        let _ = writeln!(out, "  conditions {}: {}", codes.join(" "), text.expose());
    }
    for item in &report.items {
        let mut marks = vec![if item.opinion { "opinion" } else { "fact" }];
        if item.sanitised {
            marks.push("sanitised");
        }
        if item.field.is_shielded() {
            marks.push("shielded");
        }
        let _ = writeln!(
            out,
            "  {:<16} {} [{}]",
            item.field.word(),
            item.value.expose(),
            marks.join(", ")
        );
    }
    let _ = writeln!(out, "  {}", report.text.expose());
    if let Some(mark) = &report.watermark {
        let _ = writeln!(out, "  code of this copy: {mark}");
    }
}

fn after(out: &mut String, shown: &Shown) {
    if let Some(reason) = &shown.recalled {
        let _ = writeln!(out, "\nrecalled: {}", word(reason));
    }
    match (&shown.recalled, shown.destroyed) {
        (_, Some(copies)) => {
            let _ = writeln!(out, "destruction confirmed: {copies} copies");
        }
        (Some(_), None) => out.push_str("destruction is not confirmed yet\n"),
        (None, None) => {}
    }
    if let Some(outcome) = &shown.outcome {
        let _ = writeln!(out, "what came of it: {}", word(outcome));
    }
    for copy in &shown.copies {
        let _ = writeln!(
            out,
            "copy {}: {} of release {}, {}, made by {}",
            copy.number,
            word(&copy.format),
            copy.release,
            moment(copy.at),
            copy.by
        );
    }
}

/// A word of the wire as people read it.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text.replace('_', " "),
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
