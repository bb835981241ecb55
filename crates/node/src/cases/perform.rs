//! The one call by which a command or a screen reaches the use-cases of disclosure.

use sanctuary_casework::{Actor, Casework, CaseworkError, Sent};
use sanctuary_node_core::NodeError;
use sanctuary_review::ReviewError;
use sanctuary_rpc::now;
use sanctuary_types::Timestamp;
use serde_json::{Value, json};

use super::CaseRequest;
use crate::Node;

/// Why it was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct CaseFault {
    /// The rule, as a stable word.
    pub rule: &'static str,
    /// One sentence that says what to do.
    pub text: String,
    /// Nothing was judged: the same may be done later.
    pub is_passing: bool,
}

impl From<CaseworkError> for CaseFault {
    fn from(error: CaseworkError) -> Self {
        Self {
            rule: error.rule(),
            text: error.to_string(),
            is_passing: error.is_passing(),
        }
    }
}

impl From<NodeError> for CaseFault {
    fn from(error: NodeError) -> Self {
        Self {
            rule: "node",
            text: error.to_string(),
            is_passing: true,
        }
    }
}

impl From<ReviewError> for CaseFault {
    fn from(error: ReviewError) -> Self {
        Self {
            rule: error.rule(),
            text: error.to_string(),
            is_passing: error.is_passing(),
        }
    }
}

impl Node {
    /// Does what somebody asks, as the person of their session; gives what is shown. Blocks.
    ///
    /// # Errors
    /// [`CaseFault`] with the first rule that stands against it.
    pub fn case_request(&self, by: &Actor, request: &CaseRequest) -> Result<Value, CaseFault> {
        if let CaseRequest::Confirm { alert } = request {
            // One confirmation, one place: a possible match that needs two reviewers has them first.
            let review = self.review();
            review.confirm_to_ask(alert, by, now())?;
            self.review_touched();
        }
        let done = self.casework(|casework| perform(casework, by, request))?;
        Ok(match request {
            CaseRequest::Evidence => self.with_proofs(done)?,
            _ => done,
        })
    }
}

fn perform(
    casework: &Casework<'_>,
    by: &Actor,
    request: &CaseRequest,
) -> Result<Value, CaseworkError> {
    use CaseRequest as Do;
    let (now, rng) = (now(), &mut rand::rng());
    match request {
        Do::List => return Ok(json!(casework.list(by, now)?)),
        Do::Show { case } => return Ok(json!(casework.case(case, by, now)?)),
        Do::Alarms => return Ok(json!(casework.alarms(by)?)),
        Do::Confirm { alert } => return Ok(json!(casework.confirm(alert, by, now)?)),
        Do::Draft { draft } => {
            let case = casework.draft(draft, by, now, rng)?;
            return Ok(json!({ "case": case }));
        }
        Do::Change { case, draft } => casework.change(case, draft, by, now, rng)?,
        Do::Card { case } => return Ok(json!(casework.card(case, by)?)),
        Do::RecordCall { case, call } => casework.record_call(case, call.clone(), by, now, rng)?,
        Do::ConsultSafeguarding { case, talk } => {
            casework.consult_safeguarding(case, talk.clone(), by, now, rng)?;
        }
        Do::AnswerReach { case } => {
            let reach = casework.answer_reach(case, by, now, rng)?;
            return Ok(json!({ "reach": reach }));
        }
        Do::Authorise { case, counselling } => {
            casework.authorise(case, *counselling, by, now, rng)?;
        }
        Do::Send { case } => {
            let sent = casework.send(case, by, now, rng)?;
            return Ok(json!({ "proving": sent == Sent::ProvingMatch }));
        }
        Do::Clarify { case, text } => casework.clarify(case, text.clone(), by, now, rng)?,
        Do::Withdraw { case, note } => casework.withdraw(case, note.clone(), by, now, rng)?,
        Do::RecordOutcome { case, outcome } => {
            casework.record_outcome(case, *outcome, by, now, rng)?;
        }
        Do::ReviewUrgency {
            case,
            justified,
            note,
        } => casework.review_urgency(case, *justified, note.clone(), by, now, rng)?,
        Do::ConfirmDestruction { case, copies } => {
            casework.confirm_destruction(case, *copies, by, now, rng)?;
        }
        Do::Close { case } => casework.close(case, by, now, rng)?,
        Do::Acknowledge { case } => casework.acknowledge(case, by, now, rng)?,
        Do::Ask { case, text } => casework.ask(case, text.clone(), by, now, rng)?,
        Do::Suggest { case } => return Ok(json!(casework.suggest(case, by)?)),
        Do::Propose { case, proposal } => {
            let digest = casework.propose(case, proposal, by, now, rng)?;
            return Ok(json!({ "digest": digest }));
        }
        Do::Approve { case, digest } => casework.approve(case, digest, by, now, rng)?,
        Do::GiveBack { case, struck, note } => {
            casework.give_back(case, struck.clone(), note.clone(), by, now, rng)?;
        }
        Do::Stop { case, note } => casework.stop(case, note.clone(), by, now, rng)?,
        Do::Recall { case, reason } => casework.recall(case, *reason, by, now, rng)?,
        Do::ReviewRefusal { case, upheld, note } => {
            casework.review_refusal(case, *upheld, note.clone(), by, now, rng)?;
        }
        Do::Release { case, format } => {
            let document = casework.release(case, *format, by, now)?;
            return Ok(json!({
                "file_name": document.file_name,
                "media_type": document.media_type,
                "bytes": hex(&document.bytes),
            }));
        }
        Do::Trace { code } => {
            let found = casework.trace(code, by)?;
            let told = found.map(|(recipient, case, release)| {
                json!({ "recipient": recipient, "case": case, "release": release })
            });
            return Ok(json!(told));
        }
        _ => return rights(casework, by, request, now),
    }
    Ok(Value::Null)
}

/// People's rights.
fn rights(
    casework: &Casework<'_>,
    by: &Actor,
    request: &CaseRequest,
    now: Timestamp,
) -> Result<Value, CaseworkError> {
    use CaseRequest as Do;
    let rng = &mut rand::rng();
    Ok(match request {
        Do::OpenAccess { reference } => {
            json!({ "matter": casework.open_access(reference, by, now, rng)? })
        }
        Do::AccessState { matter } => json!(casework.access_state(matter, by)?),
        Do::AccessReport {
            matter,
            held_back,
            reason,
        } => json!(casework.access_report(matter, held_back, reason.as_ref(), by, now)?),
        Do::AccessQuestions => json!(casework.access_questions(by)?),
        Do::AnswerAccess {
            matter,
            held_back,
            reason,
        } => json!(casework.answer_access(matter, held_back, reason.as_ref(), by, now)?),
        Do::Erase { reference } => {
            json!({ "matter": casework.erase(reference, by, now, rng)? })
        }
        Do::Correct { reference, note } => {
            json!({ "matter": casework.correct(reference, note, by, now, rng)? })
        }
        Do::Matter { matter } => json!(casework.matter_view(matter, by)?),
        Do::Evidence => json!(casework.evidence_pack(by, now)?),
        Do::Figures { from, to } => json!(casework.figures(*from, *to, by, now)?),
        _ => Value::Null,
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
