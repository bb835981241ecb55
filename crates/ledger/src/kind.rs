use crate::LedgerError;

/// What was done. The first six are the operations that section 62 of the Data Protection Act 2018
/// wants logged; the others are acts of the partnership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// Personal data were taken in: an import, a push.
    Collect,
    /// Records or decisions were changed.
    Alter,
    /// Somebody read: an alert, a record, a list.
    Consult,
    /// Something was disclosed.
    Disclose,
    /// Data of two sources were brought together.
    Combine,
    /// Something was erased.
    Erase,
    /// A new roster came into force.
    Roster,
    /// A new key manifest came into force.
    Manifest,
    /// A new sharing agreement came into force.
    Agreement,
    /// A key ceremony ended.
    Ceremony,
    /// Key holders evaluated: a roll-up of an hour.
    Evaluate,
    /// A possible match was raised.
    MatchRaised,
    /// A possible match was decided.
    Decision,
    /// Information was asked for.
    Request,
    /// A request or a release was approved.
    Approval,
    /// A request was refused.
    Refusal,
    /// Information was released.
    Release,
    /// A release was called back.
    Recall,
    /// The log itself was read.
    LogQuery,
    /// A setting was changed.
    Configuration,
}

impl EntryKind {
    /// Every kind, in order.
    pub const ALL: [Self; 20] = [
        Self::Collect,
        Self::Alter,
        Self::Consult,
        Self::Disclose,
        Self::Combine,
        Self::Erase,
        Self::Roster,
        Self::Manifest,
        Self::Agreement,
        Self::Ceremony,
        Self::Evaluate,
        Self::MatchRaised,
        Self::Decision,
        Self::Request,
        Self::Approval,
        Self::Refusal,
        Self::Release,
        Self::Recall,
        Self::LogQuery,
        Self::Configuration,
    ];

    /// The word in the label `sanctuary/v1/log/<word>`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Alter => "alter",
            Self::Consult => "consult",
            Self::Disclose => "disclose",
            Self::Combine => "combine",
            Self::Erase => "erase",
            Self::Roster => "roster",
            Self::Manifest => "manifest",
            Self::Agreement => "agreement",
            Self::Ceremony => "ceremony",
            Self::Evaluate => "evaluate",
            Self::MatchRaised => "match-raised",
            Self::Decision => "decision",
            Self::Request => "request",
            Self::Approval => "approval",
            Self::Refusal => "refusal",
            Self::Release => "release",
            Self::Recall => "recall",
            Self::LogQuery => "log-query",
            Self::Configuration => "configuration",
        }
    }

    /// Whether it is one of the six operations of section 62.
    #[must_use]
    pub const fn is_section_62(self) -> bool {
        matches!(
            self,
            Self::Collect
                | Self::Alter
                | Self::Consult
                | Self::Disclose
                | Self::Combine
                | Self::Erase
        )
    }

    /// The kind of a word.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] for any other word.
    pub fn of_word(word: &str) -> Result<Self, LedgerError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or(LedgerError::Malformed {
                what: "entry",
                reason: "its kind is not known",
            })
    }
}

/// In which capacity somebody acted: a code, never a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ActorRole {
    /// A program by itself: a scheduled push, a round.
    System,
    /// Reviews possible matches.
    Analyst,
    /// Asks for information.
    IntelligenceOfficer,
    /// Authorises a request (inspector or equivalent).
    Authoriser,
    /// Releases information.
    Releaser,
    /// Approves a release as the second person.
    SecondApprover,
    /// Checks lawfulness.
    DataProtectionOfficer,
    /// Runs a program; sees no records.
    Administrator,
    /// Safeguards the person.
    SafeguardingLead,
    /// Signs for the partnership: rosters, manifests, agreements.
    Officer,
    /// Checks the log.
    Auditor,
}

impl ActorRole {
    /// Every role, in the order of codes.
    pub const ALL: [Self; 11] = [
        Self::System,
        Self::Analyst,
        Self::IntelligenceOfficer,
        Self::Authoriser,
        Self::Releaser,
        Self::SecondApprover,
        Self::DataProtectionOfficer,
        Self::Administrator,
        Self::SafeguardingLead,
        Self::Officer,
        Self::Auditor,
    ];

    /// The code in an entry. Codes are never reused.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::System => 0,
            Self::Analyst => 1,
            Self::IntelligenceOfficer => 2,
            Self::Authoriser => 3,
            Self::Releaser => 4,
            Self::SecondApprover => 5,
            Self::DataProtectionOfficer => 6,
            Self::Administrator => 7,
            Self::SafeguardingLead => 8,
            Self::Officer => 9,
            Self::Auditor => 10,
        }
    }

    /// The role of a code.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] for any other code.
    pub fn of_code(code: u8) -> Result<Self, LedgerError> {
        Self::ALL
            .into_iter()
            .find(|role| role.code() == code)
            .ok_or(LedgerError::Malformed {
                what: "entry",
                reason: "its role code is not known",
            })
    }
}
