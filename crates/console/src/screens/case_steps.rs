//! Steps of a case: from a posted form to one use-case each.

use std::collections::BTreeMap;

use sanctuary_casework::CaseRequest;
use sanctuary_disclosure::{Call, SafeguardingTalk, Text};
use sanctuary_policy::Field;
use sanctuary_types::{CaseId, Timestamp};
use serde::Serialize;

use crate::{FaultKind, Form, Page, Problem, Reply, Visit, choices, frame::sentence, when};

/// What was wrong with a posted step, to be shown on the case's page with what was typed.
#[derive(Debug, Serialize)]
pub(crate) struct Wrong {
    /// The field, as in the form.
    pub field: String,
    /// What to do about it.
    pub text: String,
    /// Texts that were typed, by field.
    pub typed: BTreeMap<String, String>,
}

/// A field that is not right.
type Amiss = (&'static str, String);

/// Texts that forms of the case's page have.
const TEXTS: [&str; 7] = [
    "note",
    "text",
    "with",
    "result",
    "advice",
    "section_45",
    "copies",
];

/// Does a step and goes back to the case; or shows what was wrong.
fn take(
    visit: &Visit<'_>,
    step: fn(CaseId, &Form, Timestamp) -> Result<CaseRequest, Amiss>,
) -> Result<Reply, Problem> {
    let by = visit.actor()?;
    let id: CaseId = visit.part("id")?;
    let amiss = match step(id, &visit.form, visit.now) {
        Ok(step) => match visit.office.step(by, &step) {
            Ok(()) => return Ok(Reply::To(format!("/requests/{id}?said=done"))),
            Err(fault) if matches!(fault.kind, FaultKind::Refused | FaultKind::Unavailable) => {
                ("", sentence(&fault.text))
            }
            Err(fault) => return Err(fault.into()),
        },
        Err(amiss) => amiss,
    };
    let typed = TEXTS.iter().filter_map(|name| {
        let text = visit.form.text(name);
        (!text.is_empty()).then(|| ((*name).to_owned(), text.to_owned()))
    });
    let wrong = Wrong {
        field: amiss.0.to_owned(),
        text: amiss.1,
        typed: typed.collect(),
    };
    let values = super::cases::values(visit, &id, Some(&wrong))?;
    Ok(Page::wrong("case.html", values).into())
}

/// A text that must be written.
pub(crate) fn text(form: &Form, name: &'static str, what: &str) -> Result<Text, Amiss> {
    match form.text(name) {
        "" => Err((name, format!("Write {what}"))),
        typed => Text::new(typed).map_err(|refused| (name, sentence(&refused.to_string()))),
    }
}

/// A moment that must be given and be over.
pub(crate) fn moment(form: &Form, name: &'static str, now: Timestamp) -> Result<Timestamp, Amiss> {
    when::typed(form.text(name))
        .filter(|at| at.0 <= now.0 + 60_000)
        .ok_or((name, "Give the day and time when it happened".to_owned()))
}

fn yes(form: &Form, name: &'static str) -> Result<bool, Amiss> {
    match form.text(name) {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err((name, "Choose one of the two".to_owned())),
    }
}

fn chosen<T: serde::de::DeserializeOwned>(form: &Form, name: &'static str) -> Result<T, Amiss> {
    choices::from(form.text(name)).ok_or((name, "Choose one from the list".to_owned()))
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = |$case:ident, $form:ident, $now:ident| $step:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// What the node gives.
        pub fn $name(visit: &Visit<'_>) -> Result<Reply, Problem> {
            take(visit, |$case: CaseId, $form: &Form, $now: Timestamp| {
                let _ = ($form, $now);
                Ok($step)
            })
        }
    )*};
}

steps! {
    /// Records a telephone call.
    record_call = |case, form, now| CaseRequest::RecordCall {
        case,
        call: Call {
            at: moment(form, "call_at", now)?,
            with: text(form, "with", "with whom, by function")?,
            result: text(form, "result", "what came of the call")?,
        },
    };
    /// Records the talk with the safeguarding lead.
    consult_safeguarding = |case, form, now| CaseRequest::ConsultSafeguarding {
        case,
        talk: SafeguardingTalk {
            at: moment(form, "talk_at", now)?,
            advice: text(form, "advice", "what the lead advised")?,
            section_45: text(form, "section_45", "what was considered under section 45")?,
        },
    };
    /// Authorises a colleague's request.
    authorise = |case, form, _now| CaseRequest::Authorise {
        case,
        counselling: form.ticked("counselling"),
    };
    /// Sends it.
    send = |case, _form, _now| CaseRequest::Send { case };
    /// Answers the owner's question.
    clarify = |case, form, _now| CaseRequest::Clarify {
        case,
        text: text(form, "text", "the answer to their question")?,
    };
    /// Answers the reach check.
    answer_reach = |case, _form, _now| CaseRequest::AnswerReach { case };
    /// Takes the request back.
    withdraw = |case, form, _now| CaseRequest::Withdraw {
        case,
        note: text(form, "note", "why it is withdrawn")?,
    };
    /// Says what came of it.
    record_outcome = |case, form, _now| CaseRequest::RecordOutcome {
        case,
        outcome: chosen(form, "outcome")?,
    };
    /// Reviews the use of urgency 1.
    review_urgency = |case, form, _now| CaseRequest::ReviewUrgency {
        case,
        justified: yes(form, "justified")?,
        note: text(form, "note", "why")?,
    };
    /// Confirms that every copy is destroyed.
    confirm_destruction = |case, form, _now| CaseRequest::ConfirmDestruction {
        case,
        copies: form
            .parse("copies")
            .ok_or(("copies", "Write how many copies there were, 0 if none".to_owned()))?,
    };
    /// Closes the case.
    close = |case, _form, _now| CaseRequest::Close { case };
    /// Acknowledges a request.
    acknowledge = |case, _form, _now| CaseRequest::Acknowledge { case };
    /// Asks the requester a question.
    ask = |case, form, _now| CaseRequest::Ask {
        case,
        text: text(form, "text", "your question")?,
    };
    /// Approves exactly the answer that was shown.
    approve = |case, form, _now| CaseRequest::Approve {
        case,
        digest: match form.text("read") {
            "" => return Err(("read", "Tick that you have read all of it".to_owned())),
            _ => form.text("digest").to_owned(),
        },
    };
    /// Gives a proposed answer back.
    give_back = |case, form, _now| CaseRequest::GiveBack {
        case,
        struck: form.all("struck").filter_map(|w| w.parse::<Field>().ok()).collect(),
        note: text(form, "note", "why you give it back")?,
    };
    /// Stops an answer before it leaves.
    stop = |case, form, _now| CaseRequest::Stop {
        case,
        note: text(form, "note", "why it must not leave")?,
    };
    /// Recalls what was released.
    recall = |case, form, _now| CaseRequest::Recall {
        case,
        reason: chosen(form, "reason")?,
    };
    /// Looks again at a refusal.
    review_refusal = |case, form, _now| CaseRequest::ReviewRefusal {
        case,
        upheld: yes(form, "upheld")?,
        note: text(form, "note", "why")?,
    };
}
