use serde::{Deserialize, Serialize};

/// Which agency's file of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The agency that asks.
    Requester,
    /// The agency that holds the record.
    Owner,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Requester, Self::Owner];
}

macro_rules! stages {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $text:literal;)*) => {
        /// Where a case is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Stage { $($(#[$doc])* $name,)* }
        impl Stage {
            /// Every stage.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Its word.
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$name => $word),* } }
            /// What people read after "the case is".
            #[must_use]
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text),* } }
        }
    };
}

stages! {
    /// Being written.
    Draft = "draft", "a draft";
    /// Authorised, not sent.
    Authorised = "authorised", "authorised and not yet sent";
    /// Sent; at the owner: taken in.
    Sent = "sent", "sent";
    /// The owner has it.
    Acknowledged = "acknowledged", "acknowledged";
    /// The owner asked a question.
    Clarification = "clarification", "waiting for a clarification";
    /// The owner's first person has proposed an answer.
    Decided = "decided", "decided and waiting for the second approver";
    /// Two people agreed; waits for its tick.
    SecondApproval = "second_approval", "approved and waiting to leave";
    /// The answer has left.
    Released = "released", "answered";
    /// The answer of an urgent request released nothing: an independent person looks again.
    Review = "review", "under independent review";
    /// The requester has the answer.
    Received = "received", "received";
    /// The requester said what came of it.
    Outcome = "outcome", "followed up";
    /// Over.
    Closed = "closed", "closed";
    /// Taken back by the requester.
    Withdrawn = "withdrawn", "withdrawn";
    /// Nobody answered in time, or what was released has expired.
    Expired = "expired", "expired";
    /// What was released is recalled.
    Recalled = "recalled", "recalled";
    /// What was released is replaced by a correction.
    Corrected = "corrected", "corrected";
}

/// What the hub is told of a case, and no more: the same word for a refusal and a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HubStage {
    /// An answer is awaited.
    Open,
    /// An answer has left.
    Answered,
    /// Nothing more will come.
    Closed,
}

impl HubStage {
    /// Stable code on the wire, 1 to 3.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8 + 1
    }
    /// The stage of a code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Open),
            2 => Some(Self::Answered),
            3 => Some(Self::Closed),
            _ => None,
        }
    }
}

impl Stage {
    /// What the hub is told; `None` before anything was sent.
    #[must_use]
    pub const fn for_hub(self) -> Option<HubStage> {
        match self {
            Self::Draft | Self::Authorised => None,
            Self::Sent
            | Self::Acknowledged
            | Self::Clarification
            | Self::Decided
            | Self::SecondApproval => Some(HubStage::Open),
            Self::Released
            | Self::Review
            | Self::Received
            | Self::Outcome
            | Self::Recalled
            | Self::Corrected => Some(HubStage::Answered),
            Self::Closed | Self::Withdrawn | Self::Expired => Some(HubStage::Closed),
        }
    }
}
