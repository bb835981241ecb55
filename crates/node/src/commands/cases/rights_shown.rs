//! People's rights, evidence and figures as text.

use std::{collections::BTreeMap, fmt::Write as _};

use sanctuary_casework::rights::{AccessLine, AccessReport, CopyState, SignedLetter};
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::shown::word;
use crate::commands::output::moment;

fn matter_of(value: &Value) -> &str {
    value.get("matter").and_then(Value::as_str).unwrap_or("")
}

/// The number of a request for access.
pub(super) fn access_opened(value: Value) -> anyhow::Result<String> {
    let matter = matter_of(&value);
    Ok(format!(
        "matter {matter}: the agencies linked to the record are asked. See who has answered:\n  sanctuary-node rights access-state {matter} --config node.toml\n"
    ))
}

/// Who has answered.
pub(super) fn access_state(value: Value) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct State {
        opened: Timestamp,
        own: Vec<AccessLine>,
        agencies: Vec<(PartyId, Option<Timestamp>)>,
    }
    let state: State = serde_json::from_value(value)?;
    let mut out = format!(
        "opened {}; due within a month\nthis agency has:\n",
        moment(state.opened)
    );
    lines(&mut out, &state.own);
    for (agency, answered) in &state.agencies {
        let answered = answered.map_or("has not answered".to_owned(), |at| {
            format!("answered {}", moment(at))
        });
        let _ = writeln!(out, "{agency}: {answered}");
    }
    Ok(out)
}

/// What the person is told.
pub(super) fn access_report(value: Value) -> anyhow::Result<String> {
    let report: AccessReport = serde_json::from_value(value)?;
    let mut out = String::new();
    lines(&mut out, &report.lines);
    let _ = writeln!(out, "{}", report.statement);
    Ok(out)
}

/// Other agencies' questions.
pub(super) fn questions(value: Value) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Question {
        id: CaseId,
        from: PartyId,
        came: Timestamp,
        lines: Vec<AccessLine>,
    }
    let questions: Vec<Question> = serde_json::from_value(value)?;
    if questions.is_empty() {
        return Ok("no agency waits for an answer\n".to_owned());
    }
    let mut out = String::new();
    for question in &questions {
        let (id, from, came) = (question.id, &question.from, moment(question.came));
        let _ = writeln!(out, "matter {id} from {from}, {came}; this agency has:");
        lines(&mut out, &question.lines);
    }
    Ok(out)
}

fn lines(out: &mut String, lines: &[AccessLine]) {
    if lines.is_empty() {
        out.push_str("  nothing\n");
    }
    let list = |fields: &[sanctuary_policy::Field]| {
        let names: Vec<&str> = fields.iter().map(|f| f.text()).collect();
        if names.is_empty() {
            "nothing".to_owned()
        } else {
            names.join(", ")
        }
    };
    for line in lines {
        let _ = writeln!(
            out,
            "  {}  {} asked {}: {}\n    purpose: {}; law: {}\n    wanted: {}\n    released: {}",
            moment(line.at),
            line.asked_by,
            line.asked,
            line.case,
            line.purpose.text(),
            line.gateway.text(),
            list(&line.wanted),
            list(&line.released)
        );
    }
}

/// The number of an erasure or correction.
pub(super) fn matter_opened(value: Value) -> anyhow::Result<String> {
    let matter = matter_of(&value);
    Ok(format!(
        "matter {matter}: every agency that was given a copy is told. See how far it has reached:\n  sanctuary-node rights matter {matter} --config node.toml\n"
    ))
}

/// How far it has reached.
pub(super) fn matter(value: Value) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Copy {
        case: CaseId,
        recipient: PartyId,
        number: u32,
        state: CopyState,
        proof: Option<SignedLetter>,
    }
    #[derive(Deserialize)]
    struct Matter {
        kind: String,
        opened: Timestamp,
        done: Option<Timestamp>,
        copies: Vec<Copy>,
        alerts: Vec<(AlertId, bool)>,
        record_gone: bool,
    }
    let matter: Matter = serde_json::from_value(value)?;
    let mut out = format!("{}, opened {}\n", matter.kind, moment(matter.opened));
    for copy in &matter.copies {
        let state = match copy.state {
            CopyState::Waiting => "not reached yet".to_owned(),
            CopyState::Recalled { at } => {
                format!("recalled {}; destruction not confirmed yet", moment(at))
            }
            CopyState::Destroyed { at, copies } => {
                format!("destroyed, {copies} copies, confirmed {}", moment(at))
            }
            CopyState::Corrected { at, received } => {
                let received = received.map_or("not received yet".to_owned(), |at| {
                    format!("received {}", moment(at))
                });
                format!("corrected {}; {received}", moment(at))
            }
        };
        let (case, to, number) = (copy.case, &copy.recipient, copy.number);
        let signed = match &copy.proof {
            Some(proof) => format!(", signed by {}", proof.from),
            None => String::new(),
        };
        let _ = writeln!(
            out,
            "  release {number} to {to} (case {case}): {state}{signed}"
        );
    }
    if matter.kind == "erasure" {
        let gone = matter.alerts.iter().filter(|(_, gone)| *gone).count();
        let record = if matter.record_gone { "gone" } else { "here" };
        let all = matter.alerts.len();
        let _ = writeln!(
            out,
            "  record: {record}; possible matches gone: {gone} of {all}"
        );
    }
    out.push_str(&match matter.done {
        Some(at) => format!("everything is reached since {}\n", moment(at)),
        None => "not everything is reached yet\n".to_owned(),
    });
    Ok(out)
}

/// The controls of an evidence pack.
pub(super) fn evidence(value: Value) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Control {
        title: String,
        holds: String,
        finding: String,
    }
    #[derive(Deserialize)]
    struct Pack {
        agreement_version: u32,
        agreement_expires: String,
        controls: Vec<Control>,
        log_entries: Vec<String>,
        receipts: Vec<Value>,
    }
    let pack: Pack = serde_json::from_value(value)?;
    let mut out = format!(
        "agreement version {}, last day {}\n",
        pack.agreement_version, pack.agreement_expires
    );
    for control in &pack.controls {
        let holds = match control.holds.as_str() {
            "yes" => "holds    ",
            "attention" => "ATTENTION",
            _ => "DOES NOT ",
        };
        let _ = writeln!(out, "{holds}  {}: {}", control.title, control.finding);
    }
    let _ = writeln!(
        out,
        "entries of the log: {}, with receipt: {}",
        pack.log_entries.len(),
        pack.receipts.len()
    );
    Ok(out)
}

/// Refusals and times.
pub(super) fn figures(value: Value) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Times {
        cases: u32,
        median_minutes: u64,
        ninth_of_ten_minutes: u64,
    }
    #[derive(Deserialize)]
    struct Figures {
        asked: u32,
        received: u32,
        received_by_urgency: BTreeMap<String, u32>,
        decisions: BTreeMap<String, u32>,
        refusal_reasons: BTreeMap<String, u32>,
        to_acknowledge: Times,
        to_answer: Times,
        answered_late: u32,
        refusal_reviews: (u32, u32),
        urgency_reviews: (u32, u32, u32),
        recalled: u32,
        not_destroyed: u32,
        corrected: u32,
        overdue: u32,
    }
    let f: Figures = serde_json::from_value(value)?;
    let counts = |of: &BTreeMap<String, u32>| {
        let each: Vec<String> = of.iter().map(|(k, n)| format!("{} {n}", word(k))).collect();
        if each.is_empty() {
            "none".to_owned()
        } else {
            each.join(", ")
        }
    };
    let time = |t: &Times| {
        format!(
            "half within {} minutes, nine of ten within {} ({} cases)",
            t.median_minutes, t.ninth_of_ten_minutes, t.cases
        )
    };
    let (upheld, overturned) = f.refusal_reviews;
    let (justified, not, open) = f.urgency_reviews;
    Ok(format!(
        "requests made: {}; received: {} ({})\n\
         answers: {}\n\
         details not released, true reasons: {}\n\
         acknowledged: {}\n\
         answered: {}; late: {}\n\
         refusals reviewed: {upheld} upheld, {overturned} overturned\n\
         uses of urgency 1: {justified} justified, {not} not, {open} not reviewed yet\n\
         recalled: {}; corrected: {}; destruction not confirmed: {}\n\
         cases with something overdue: {}\n",
        f.asked,
        f.received,
        counts(&f.received_by_urgency),
        counts(&f.decisions),
        counts(&f.refusal_reasons),
        time(&f.to_acknowledge),
        time(&f.to_answer),
        f.answered_late,
        f.recalled,
        f.corrected,
        f.not_destroyed,
        f.overdue
    ))
}
