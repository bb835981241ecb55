use std::fmt;

use ring::hmac;
use sanctuary_disclosure::PersonId;
use sanctuary_policy::{StaffRole, Urgency};
use sanctuary_types::{AlertId, CaseId, Timestamp, lp};
use serde::{Deserialize, Serialize};

use crate::Kind;

/// What a notice is about, as an opaque id. Notices about one subject keep their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A possible match.
    Match(AlertId),
    /// A case.
    Case(CaseId),
    /// A way in, by the name that the configuration gives it.
    Feed(String),
    /// The partnership's log.
    Ledger,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Match(id) => write!(f, "match/{}", hex::encode(id.0)),
            Self::Case(id) => write!(f, "case/{}", hex::encode(id.0)),
            Self::Feed(name) => write!(f, "feed/{name}"),
            Self::Ledger => f.write_str("ledger"),
        }
    }
}

impl Subject {
    /// Where the console shows it.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Match(id) => format!("/matches/{}", hex::encode(id.0)),
            Self::Case(id) => format!("/requests/{}", hex::encode(id.0)),
            Self::Feed(_) | Self::Ledger => "/data".to_owned(),
        }
    }
}

/// Something that waits for a person, as the node's stores have it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// What.
    pub kind: Kind,
    /// About what.
    pub subject: Subject,
    /// Tells this time from an earlier one of the same kind and subject: a due time, a step's number.
    pub turn: u64,
    /// Since when it waits.
    pub since: Timestamp,
    /// How soon.
    pub urgency: Urgency,
    /// Whose it is, if it is somebody's.
    pub person: Option<PersonId>,
    /// Else everybody in one of these roles,
    pub roles: Vec<StaffRole>,
    /// but not these.
    pub but_not: Vec<PersonId>,
}

/// Names one occasion: the same whenever it is computed, and without the node's key nobody can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(pub [u8; 16]);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.to_string()
    }
}
impl TryFrom<String> for EventId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut id = [0; 16];
        match hex::decode_to_slice(&text, &mut id) {
            Ok(()) => Ok(Self(id)),
            Err(_) => Err("a notice's id is 32 hexadecimal digits"),
        }
    }
}

impl Occasion {
    /// Its id under the node's key.
    #[must_use]
    pub fn id(&self, key: &[u8; 32]) -> EventId {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let person = self.person.as_ref().map_or("", PersonId::as_str);
        let named = lp(&[
            b"sanctuary/v1/notice",
            self.kind.word().as_bytes(),
            self.subject.to_string().as_bytes(),
            &self.turn.to_be_bytes(),
            person.as_bytes(),
        ]);
        let tag = hmac::sign(&key, &named);
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        EventId(id)
    }
}

/// A notice: all that ever leaves, whatever the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its id; a repeated delivery has the same.
    pub id: EventId,
    /// What.
    pub kind: Kind,
    /// About what.
    pub subject: Subject,
    /// How soon.
    pub urgency: Urgency,
    /// When the node noticed it.
    pub at: Timestamp,
    /// Grows with each notice of this node.
    pub sequence: u64,
    /// Whose business it is.
    pub roles: Vec<StaffRole>,
}
