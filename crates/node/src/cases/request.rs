//! The one call by which a command or a screen reaches the use-cases of disclosure.

use sanctuary_casework::{
    Actor, Casework, CaseworkError, Format, ProposalDraft, RequestDraft, Sent,
};
use sanctuary_disclosure::{Call, Outcome, RecallReason, SafeguardingTalk, Text};
use sanctuary_node_core::ports::NodeStore;
use sanctuary_policy::Field;
use sanctuary_rpc::now;
use sanctuary_types::{AlertId, CaseId, Timestamp};
use sanctuary_wire::alerts::{DecideRequest, alerts_client::AlertsClient};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Node;

/// What a person asks of the node about possible matches and cases. Who asks comes from their session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum CaseRequest {
    /// Every case that this person may see.
    List,
    /// One case, with the steps that this person may take.
    Show {
        /// The case.
        case: CaseId,
    },
    /// What was refused on arrival.
    Alarms,
    /// Says that a possible match is one person: needed before a request.
    Confirm {
        /// The possible match.
        alert: AlertId,
    },
    /// Writes a request.
    Draft {
        /// The request.
        draft: Box<RequestDraft>,
    },
    /// Writes it anew.
    Change {
        /// The case.
        case: CaseId,
        /// The request.
        draft: Box<RequestDraft>,
    },
    /// What each side will and will not learn.
    Card {
        /// The case.
        case: CaseId,
    },
    /// Records a telephone call.
    RecordCall {
        /// The case.
        case: CaseId,
        /// The call.
        call: Call,
    },
    /// Records the talk with the safeguarding lead.
    ConsultSafeguarding {
        /// The case.
        case: CaseId,
        /// The talk.
        talk: SafeguardingTalk,
    },
    /// Checks whether the alleged perpetrator could learn it here.
    AnswerReach {
        /// The case.
        case: CaseId,
    },
    /// Authorises a colleague's request.
    Authorise {
        /// The case.
        case: CaseId,
        /// Counselling records are approved by name.
        #[serde(default)]
        counselling: bool,
    },
    /// Sends it; it leaves when both nodes have proven the match.
    Send {
        /// The case.
        case: CaseId,
    },
    /// Replies to the owner's question.
    Clarify {
        /// The case.
        case: CaseId,
        /// The reply.
        text: Text,
    },
    /// Takes the request back.
    Withdraw {
        /// The case.
        case: CaseId,
        /// Why.
        note: Text,
    },
    /// Says what came of it.
    RecordOutcome {
        /// The case.
        case: CaseId,
        /// What.
        outcome: Outcome,
    },
    /// Reviews the use of urgency 1.
    ReviewUrgency {
        /// The case.
        case: CaseId,
        /// Whether it was right.
        justified: bool,
        /// Why.
        note: Text,
    },
    /// Confirms that every copy is destroyed.
    ConfirmDestruction {
        /// The case.
        case: CaseId,
        /// How many there were.
        copies: u32,
    },
    /// Closes the case.
    Close {
        /// The case.
        case: CaseId,
    },
    /// Acknowledges a request.
    Acknowledge {
        /// The case.
        case: CaseId,
    },
    /// Asks the requester a question.
    Ask {
        /// The case.
        case: CaseId,
        /// The question.
        text: Text,
    },
    /// What the own record holds of the details asked for.
    Suggest {
        /// The case.
        case: CaseId,
    },
    /// Proposes an answer, or a correction of one.
    Propose {
        /// The case.
        case: CaseId,
        /// The answer.
        proposal: Box<ProposalDraft>,
    },
    /// Approves exactly the answer of this digest.
    Approve {
        /// The case.
        case: CaseId,
        /// As [`CaseRequest::Show`] gives it.
        digest: String,
    },
    /// Gives a proposed answer back.
    GiveBack {
        /// The case.
        case: CaseId,
        /// Details that must not be released.
        #[serde(default)]
        struck: Vec<Field>,
        /// Why.
        note: Text,
    },
    /// Stops an answer before it leaves.
    Stop {
        /// The case.
        case: CaseId,
        /// Why.
        note: Text,
    },
    /// Recalls what was released.
    Recall {
        /// The case.
        case: CaseId,
        /// Why.
        reason: RecallReason,
    },
    /// Looks again at the refusal of an urgent request.
    ReviewRefusal {
        /// The case.
        case: CaseId,
        /// Whether it stands.
        upheld: bool,
        /// Why.
        note: Text,
    },
    /// The released report: `bytes` in base 16, `file_name`, `media_type`.
    Release {
        /// The case.
        case: CaseId,
        /// In which form.
        format: Format,
    },
    /// Whose copy a code on paper belongs to.
    Trace {
        /// The code.
        code: String,
    },
    /// Begins to answer a person's request for what is held and who asked.
    OpenAccess {
        /// The agency's own reference of their record.
        reference: String,
    },
    /// Which agencies have answered.
    AccessState {
        /// The matter.
        matter: CaseId,
    },
    /// What the person is told.
    AccessReport {
        /// The matter.
        matter: CaseId,
        /// Cases that are held back for safety.
        #[serde(default)]
        held_back: Vec<CaseId>,
        /// Why.
        #[serde(default)]
        reason: Option<Text>,
    },
    /// Other agencies' questions for people's access requests.
    AccessQuestions,
    /// Answers one.
    AnswerAccess {
        /// The matter.
        matter: CaseId,
        /// Cases that are held back for safety.
        #[serde(default)]
        held_back: Vec<CaseId>,
        /// Why.
        #[serde(default)]
        reason: Option<Text>,
    },
    /// Erases a record and recalls what was released of it.
    Erase {
        /// The agency's own reference.
        reference: String,
    },
    /// Has what was released of a record corrected.
    Correct {
        /// The agency's own reference.
        reference: String,
        /// What was wrong.
        note: Text,
    },
    /// How far an erasure or correction has reached.
    Matter {
        /// The matter.
        matter: CaseId,
    },
    /// The evidence pack of the data protection officer.
    Evidence,
    /// Refusals and times to answer.
    Figures {
        /// From then.
        from: Timestamp,
        /// Until before then.
        to: Timestamp,
    },
}

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

impl Node {
    /// Does what somebody asks, as the person of their session; gives what is shown. Blocks.
    ///
    /// # Errors
    /// [`CaseFault`] with the first rule that stands against it.
    pub fn case_request(&self, by: &Actor, request: &CaseRequest) -> Result<Value, CaseFault> {
        let done = self.casework(|casework| perform(casework, by, request))?;
        if let CaseRequest::Confirm { alert } = request {
            self.tell_confirmed(alert);
        }
        Ok(done)
    }

    /// The hub learns from what people decide. It may wait: the confirmation holds at this node.
    fn tell_confirmed(&self, alert: &AlertId) {
        let Ok(Some(stored)) = self.inner.store.alert(alert) else {
            return;
        };
        let request = DecideRequest {
            alert_id: alert.0.to_vec().into(),
            version: stored.version,
            decision: "confirmed".to_owned(),
            reason: "confirmed_for_request".to_owned(),
        };
        let told = async {
            let hub = self.inner.peers.hub().map_err(|e| e.to_string())?;
            let channel = self.inner.peers.channel(&hub)?;
            let decided = AlertsClient::new(channel).decide(request).await;
            decided.map_err(|status| sanctuary_rpc::explain(&status))
        };
        if let Err(reason) = self.inner.cases.runtime.block_on(told) {
            tracing::info!(%reason, "the hub was not told of a confirmed match");
        }
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
