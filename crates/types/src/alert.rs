use serde::{
    Deserialize, Serialize,
    de::{
        DeserializeOwned,
        value::{Error as ValueError, StrDeserializer},
    },
};

use crate::IdentifierKind;

/// What an alert says. Always a *possible* match, for a person to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Two agencies may know the same person.
    SamePerson,
    /// Different people, the same phone, vehicle, address or account.
    SharedIdentifier,
    /// The same person may be a victim at one agency and a suspect at another: safeguarding first.
    VictimIsSuspect,
}

/// How strong a possible match is. The exact probability never leaves the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// 0.2 to 0.5; not sent unless the partnership switches it on.
    Possible,
    /// 0.5 to 0.9.
    Likely,
    /// 0.9 and more.
    Strong,
}

impl Band {
    /// The band of a probability; `None` below 0.2.
    #[must_use]
    pub fn of(probability: f64) -> Option<Self> {
        match probability {
            p if p >= 0.9 => Some(Self::Strong),
            p if p >= 0.5 => Some(Self::Likely),
            p if p >= 0.2 => Some(Self::Possible),
            _ => None,
        }
    }
}

/// Where an alert stands at the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// To be looked at.
    Open,
    /// Somebody confirmed it.
    Confirmed,
    /// Decided "not the same"; stays so until new evidence.
    NotTheSame,
    /// The evidence has gone (withdrawn record, or weaker than the band after more data).
    Lapsed,
}

/// A kind of evidence, in the words of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Names.
    Name,
    /// Date of birth.
    DateOfBirth,
    /// Address and area.
    Place,
    /// One strong identifier.
    Identifier(IdentifierKind),
    /// How rare the agreed combination is: what adds is rare, what takes is common.
    Rarity,
    /// How alike the names are spelt, as the two nodes compared them.
    NameSpelling,
    /// How many digits of the date of birth are equal, as the two nodes compared them.
    BirthDigits,
    /// How alike the addresses are spelt, as the two nodes compared them.
    AddressSpelling,
    /// Further names, as the two nodes compared them.
    MiddleName,
    /// The recorded sex, as the two nodes compared it.
    Sex,
    /// A third record that likely belongs to the same person as both.
    ThirdRecord,
}

/// What the comparison found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The same, or the same in sound.
    Agreed,
    /// Near: part of it, or off by a little.
    Partly,
    /// Both had it and it differed.
    Differed,
    /// One of the two records does not have it, or what agreed does not show it.
    NotCompared,
}

/// How much a piece of evidence adds, in the only precision that leaves the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Below -3 bits: counts a lot against.
    AgainstALot,
    /// -3 to 0 bits: counts a little against.
    AgainstALittle,
    /// 0 to 3 bits.
    ALittle,
    /// 3 to 8 bits.
    #[serde(alias = "some")]
    Strong,
    /// 8 bits and more.
    VeryStrong,
}

impl Strength {
    /// The level of a weight in bits (log2 of a likelihood ratio).
    #[must_use]
    pub fn of_bits(bits: f64) -> Self {
        match bits {
            b if b >= 8.0 => Self::VeryStrong,
            b if b >= 3.0 => Self::Strong,
            b if b >= 0.0 => Self::ALittle,
            b if b >= -3.0 => Self::AgainstALittle,
            _ => Self::AgainstALot,
        }
    }
}

/// One line of an explanation: no values, no counts, no exact weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// What was compared.
    pub kind: EvidenceKind,
    /// What was found.
    pub outcome: Outcome,
    /// How much it adds or takes.
    pub strength: Strength,
}

impl Evidence {
    /// A line from its words on the wire: a kind (`name`, `date_of_birth`, …, or `identifier:` and the
    /// identifier's label), an outcome and a strength; none for a word that does not exist.
    #[must_use]
    pub fn from_words(kind: &str, outcome: &str, strength: &str) -> Option<Self> {
        Some(Self {
            kind: EvidenceKind::from_word(kind)?,
            outcome: word(outcome)?,
            strength: word(strength)?,
        })
    }
}

/// A value of a word list by its word.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<ValueError>::new(text)).ok()
}
