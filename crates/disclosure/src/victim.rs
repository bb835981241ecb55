use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Text;

/// The written notice that PCSC Act 2022 s44B asks for, on or before the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VictimNotice {
    /// Given in writing.
    Given {
        /// When.
        at: Timestamp,
        /// To whom: the victim, or a parent, guardian or body for a child or somebody without capacity.
        to: NoticeTo,
    },
    /// Withheld, with the ground and why it applies here.
    Withheld {
        /// The ground.
        ground: WithholdingGround,
        /// Why it applies.
        why: Text,
    },
}

/// Who was given notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeTo {
    /// The victim.
    Victim,
    /// A parent or guardian.
    ParentOrGuardian,
    /// The body that has the person's care.
    CareBody,
}

/// When notice may be withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithholdingGround {
    /// Not reasonably practicable.
    NotPracticable,
    /// It would harm the investigation.
    HarmsInvestigation,
    /// Somebody would risk serious harm.
    RiskOfSeriousHarm,
}

/// Why the presumption against counselling records is overcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counselling {
    /// What of substantial probative value they are expected to hold, and why nothing less will do.
    pub probative_value: Text,
}

/// What the person said about sharing: never called consent, because a victim asked by the police
/// cannot give it freely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Views {
    /// Sought and recorded.
    Recorded(Text),
    /// Not sought, and why.
    NotSought(Text),
}

/// The talk with the safeguarding lead that comes before anything else when a person may be both
/// victim and suspect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SafeguardingTalk {
    /// When.
    pub at: Timestamp,
    /// What the lead advised.
    pub advice: Text,
    /// What was considered under Modern Slavery Act 2015 s45: for an adult compulsion and no realistic
    /// alternative (s45(1)); for a child no compulsion is needed (s45(4)). Schedule 4 lists offences
    /// that have no such defence.
    pub section_45: Text,
}
