//! What a node keeps of a record beside its content: a legal hold, that it was taken out of sharing, and
//! how it ended. None of it comes from a file, and none of it leaves the node.

use sanctuary_types::{BatchId, Timestamp, UnknownWord};
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident, $list:literal, { $($(#[$vdoc:meta])* $variant:ident = $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Its word in commands, mappings and the log.
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $word),* } }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.word() == text.trim())
                    .ok_or(UnknownWord { allowed: $list })
            }
        }
    };
}
pub(crate) use codes;

codes!(
    /// Why a record is held: a code, never free text.
    HoldReason, "criminal_proceedings, court_order, civil_claim, inquest, complaint, restriction", {
        /// Material that proceedings may need (CPIA 1996).
        CriminalProceedings = "criminal_proceedings";
        /// A court says so.
        CourtOrder = "court_order";
        /// A claim that is made or expected.
        CivilClaim = "civil_claim";
        /// An inquest or a statutory review.
        Inquest = "inquest";
        /// A complaint to the agency or the Information Commissioner.
        Complaint = "complaint";
        /// The person asked to restrict instead of erase (UK GDPR Art 18, DPA 2018 s47).
        Restriction = "restriction";
    }
);

codes!(
    /// How a record ended.
    Ended, "withdrawn, expired, erased", {
        /// The agency took it back, or a full snapshot no longer had it.
        Withdrawn = "withdrawn";
        /// Its time was over.
        Expired = "expired";
        /// The data protection officer had it erased.
        Erased = "erased";
    }
);

/// A legal hold: the agency's own data stays, whatever its expiry, a withdrawal or a snapshot says.
/// What is shared is another matter: a withdrawn or expired record stops matching all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// Since when.
    pub since: Timestamp,
    /// The hold ends by itself then.
    pub until: Timestamp,
}

/// The end of a record: what a proof of its erasure begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// How.
    pub why: Ended,
    /// When. All records that one run ended have the same time, which names the run's entry of the log.
    pub at: Timestamp,
    /// The push that withdraws what was published; none where nothing stood at the hub.
    pub batch: Option<BatchId>,
}

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// A legal hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Taken out of sharing while it was held; the next import of the record shares it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
    /// It has ended, and nothing is kept of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
}

impl Kept {
    /// Whether a hold is in force.
    #[must_use]
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.hold.is_some_and(|hold| now < hold.until)
    }
}
