use sanctuary_types::CaseId;
use serde::{Deserialize, Serialize};

use crate::{
    Answer, Outcome, ReachAnswer, RecallReason, Refused, Request, Side, Step, Terms, Text,
};

/// Bytes of one message before it is sealed.
pub const MESSAGE_BYTES_MAX: usize = 192 * 1024;

/// What one node tells the other about a case: the content of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Form of the message.
    pub format: u8,
    /// The case.
    pub case: CaseId,
    /// What is told.
    pub body: Body,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A request.
    Request {
        /// The request.
        request: Box<Request>,
        /// The statement on reach, when it asks where somebody can be found.
        reach: Option<ReachAnswer>,
    },
    /// It is being looked at.
    Acknowledged,
    /// A question about it.
    Question(Text),
    /// The reply.
    Clarification(Text),
    /// A new statement on reach.
    Reach(ReachAnswer),
    /// The answer, or a correction of an earlier one.
    Answer(Box<Answer>),
    /// An independent person has overturned the refusal: a new answer follows. A refusal that stands
    /// is not announced, so that the moment of its review tells nothing.
    Reopened,
    /// The answer has arrived.
    Receipt,
    /// What came of it.
    Outcome(Outcome),
    /// The request is taken back.
    Withdrawn,
    /// A release is recalled.
    Recall {
        /// Which.
        number: u32,
        /// Why.
        reason: RecallReason,
    },
    /// Every copy is destroyed.
    Destroyed {
        /// Which release.
        number: u32,
        /// Copies destroyed.
        copies: u32,
    },
}

impl Message {
    /// A message of the current form.
    #[must_use]
    pub const fn new(case: CaseId, body: Body) -> Self {
        Self {
            format: 1,
            case,
            body,
        }
    }

    /// The bytes to seal.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // A struct of strings, numbers and enums always serialises.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Back from the bytes of an opened envelope.
    ///
    /// # Errors
    /// [`Refused::Format`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refused> {
        let bad = Refused::Format("message");
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(bad);
        }
        let message: Self = serde_json::from_slice(bytes).map_err(|_| bad.clone())?;
        if message.format == 1 {
            Ok(message)
        } else {
            Err(bad)
        }
    }

    /// Which side sends such a message.
    #[must_use]
    pub const fn sender(&self) -> Side {
        match self.body {
            Body::Acknowledged
            | Body::Question(_)
            | Body::Answer(_)
            | Body::Reopened
            | Body::Recall { .. } => Side::Owner,
            _ => Side::Requester,
        }
    }

    /// The step that taking it in is. A request opens a case and needs the owner's own terms for it.
    #[must_use]
    pub fn into_step(self, terms: Terms) -> Step {
        match self.body {
            Body::Request { request, reach } => Step::Arrive {
                request,
                reach,
                terms,
            },
            Body::Acknowledged => Step::TakeAcknowledgement,
            Body::Question(text) => Step::TakeQuestion { text },
            Body::Clarification(text) => Step::TakeClarification { text },
            Body::Reach(answer) => Step::TakeReach { answer },
            Body::Answer(answer) => Step::TakeAnswer { answer },
            Body::Reopened => Step::TakeReopening,
            Body::Receipt => Step::TakeReceipt,
            Body::Outcome(outcome) => Step::TakeOutcome { outcome },
            Body::Withdrawn => Step::TakeWithdrawal,
            Body::Recall { number, reason } => Step::TakeRecall { number, reason },
            Body::Destroyed { number, copies } => Step::TakeDestruction { number, copies },
        }
    }
}
