//! What lies inside an envelope: a numbered letter, about a case or about people's rights. The hub cannot
//! tell one from the other.

use sanctuary_disclosure::{Body, MESSAGE_BYTES_MAX, Message};
use sanctuary_envelope::EnvelopeError;
use sanctuary_types::{AlertId, CaseId, PartyId, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{codec::json, rights::RightsMessage};

/// A letter of one agency to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Letter {
    /// Form of the letter.
    pub(crate) format: u8,
    /// Number among the sender's letters of this case: what is sealed anew is the same letter still.
    pub(crate) serial: u32,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    Case(Message),
    Rights(RightsMessage),
}

/// The letter of the other side that shows that one of ours has had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confirms {
    Request,
    Answer,
    Recall,
    Question,
}

/// A letter that is not sealed yet, or whose effect is not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LetterRow {
    pub(crate) letter: Letter,
    pub(crate) case: CaseId,
    pub(crate) other: PartyId,
    pub(crate) alert: AlertId,
    /// When it was last sealed.
    pub(crate) sealed: Option<Timestamp>,
    pub(crate) times: u32,
}

impl Letter {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(json(self))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let bad = EnvelopeError::Malformed("letter");
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(bad);
        }
        let letter: Self = serde_json::from_slice(bytes).map_err(|_| bad.clone())?;
        let known = match &letter.content {
            Content::Case(message) => message.format == 1,
            Content::Rights(_) => true,
        };
        if letter.format == 1 && known {
            Ok(letter)
        } else {
            Err(bad)
        }
    }

    /// What must come back before this letter counts as arrived; `None` when nothing need.
    pub(crate) const fn expects(&self) -> Option<Confirms> {
        match &self.content {
            Content::Case(message) => match message.body {
                Body::Request { .. } => Some(Confirms::Request),
                Body::Answer(_) => Some(Confirms::Answer),
                Body::Recall { .. } => Some(Confirms::Recall),
                _ => None,
            },
            Content::Rights(RightsMessage::AccessQuestion) => Some(Confirms::Question),
            Content::Rights(_) => None,
        }
    }

    /// Which of our letters this one confirms.
    pub(crate) const fn confirms(&self) -> &'static [Confirms] {
        match &self.content {
            Content::Case(message) => match message.body {
                Body::Acknowledged | Body::Question(_) | Body::Answer(_) => &[Confirms::Request],
                Body::Receipt | Body::Outcome(_) => &[Confirms::Answer],
                Body::Destroyed { .. } => &[Confirms::Recall, Confirms::Answer],
                _ => &[],
            },
            Content::Rights(RightsMessage::AccessAnswer { .. }) => &[Confirms::Question],
            Content::Rights(_) => &[],
        }
    }
}
