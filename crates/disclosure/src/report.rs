use sanctuary_policy::{ContactRole, Field};
use sanctuary_types::{CaseId, PartyId, Roles, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{DecisionFault, Text, Watermark};

macro_rules! grades {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $text:literal;)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)* }
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// As printed in the grading box.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code),* } }
            /// What it means.
            #[must_use]
            pub const fn text(self) -> &'static str { match self { $(Self::$variant => $text),* } }
        }
    )*};
}

grades! {
    /// How far the source is relied on: the 3 of 3x5x2.
    SourceGrade {
        /// 1.
        Reliable = "1", "reliable";
        /// 2.
        Untested = "2", "untested";
        /// 3.
        NotReliable = "3", "not reliable";
    }
    /// How the information is known: the 5 of 3x5x2.
    InformationGrade {
        /// A.
        KnownDirectly = "A", "known directly";
        /// B.
        KnownIndirectlyCorroborated = "B", "known indirectly but corroborated";
        /// C.
        KnownIndirectly = "C", "known indirectly";
        /// D.
        NotKnown = "D", "not known";
        /// E.
        SuspectedFalse = "E", "suspected to be false";
    }
    /// Conditions of handling code C. Check against the force's current intelligence practice.
    Condition {
        /// A1.
        CovertDevelopment = "A1", "covert development";
        /// A2.
        CovertUse = "A2", "covert use";
        /// A3.
        OvertUse = "A3", "overt use";
        /// S1.
        Delegated = "S1", "dissemination delegated to the recipient";
        /// S2.
        ConsultOriginator = "S2", "consult the originator before any dissemination";
    }
    /// Government Security Classifications: OFFICIAL with or without the SENSITIVE marking. Nothing
    /// above OFFICIAL may be put into this system.
    Marking {
        /// No personal data.
        Official = "OFFICIAL", "official";
        /// Everything about a person.
        OfficialSensitive = "OFFICIAL-SENSITIVE", "official-sensitive";
    }
    /// Whether the recipient may share further.
    Onward {
        /// No.
        NotFurther = "not_further", "Do not share further.";
        /// After asking the originator.
        AskFirst = "ask_first", "Ask the originator before sharing further.";
        /// Inside the recipient's organisation, for the stated purpose.
        WithinOrganisation = "within_organisation", "Share only inside your organisation, for the stated purpose.";
    }
}

/// Handling code: the 2 of 3x5x2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    /// P: lawful sharing permitted.
    Permitted,
    /// C: lawful sharing permitted with conditions.
    Conditional {
        /// One or more codes.
        codes: Vec<Condition>,
        /// The conditions in words.
        text: Text,
    },
}

impl Handling {
    /// `P` or `C`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Permitted => "P",
            Self::Conditional { .. } => "C",
        }
    }
}

/// Whom to phone about a person: the first answer to every confirmed match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactCard {
    /// In what function, by the agreement's order of contacts.
    pub role: ContactRole,
    /// Name or team.
    pub name: Text,
    /// Telephone number of the office, never of the person concerned.
    pub phone: Text,
    /// When they answer.
    pub hours: Text,
}

/// One released detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Which detail.
    pub field: Field,
    /// Its value or text.
    pub value: Text,
    /// An opinion, not a fact (Data Protection Act 2018 s38(2)).
    pub opinion: bool,
    /// Parts that would show the source or somebody else were taken out.
    pub sanitised: bool,
}

/// An intelligence report in 3x5x2 form, as released: what the recipient prints, exports and must
/// destroy when it expires or is recalled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The case.
    pub case: CaseId,
    /// Which release of the case, from 1.
    pub number: u32,
    /// The release that this one corrects.
    pub corrects: Option<u32>,
    /// The agency that releases.
    pub owner: PartyId,
    /// Its name for people.
    pub owner_name: String,
    /// The agency that receives.
    pub recipient: PartyId,
    /// Its name for people.
    pub recipient_name: String,
    /// How the owner regards the person (s38).
    pub category: Roles,
    /// Under 18.
    pub child: bool,
    /// When it was made.
    pub made: Timestamp,
    /// When every copy must be destroyed.
    pub expires: Timestamp,
    /// Security marking.
    pub marking: Marking,
    /// Source.
    pub source: SourceGrade,
    /// Information.
    pub information: InformationGrade,
    /// Handling code and conditions.
    pub handling: Handling,
    /// Onward sharing.
    pub onward: Onward,
    /// The details.
    pub items: Vec<Item>,
    /// The sanitised text.
    pub text: Text,
    /// Traces a leaked copy to its recipient; set when the answer leaves.
    pub watermark: Option<Watermark>,
}

impl Report {
    /// Items of one report.
    pub const ITEMS_MAX: usize = 16;
    /// Characters of the conditions in words.
    pub const CONDITIONS_CHARS_MAX: usize = 400;

    /// Grading as printed: `2 B C`.
    #[must_use]
    pub fn grading(&self) -> String {
        format!(
            "{} {} {}",
            self.source.code(),
            self.information.code(),
            self.handling.code()
        )
    }

    /// The parts that do not depend on a case: marking, handling, sizes.
    pub(crate) fn fault(&self) -> Option<DecisionFault> {
        let names = [&self.owner_name, &self.recipient_name];
        let unfit = |n: &&String| n.is_empty() || n.len() > 200 || n.chars().any(char::is_control);
        if self.marking != Marking::OfficialSensitive
            || self.items.len() > Self::ITEMS_MAX
            || names.iter().any(unfit)
        {
            return Some(DecisionFault::Misfiled);
        }
        match &self.handling {
            // The conditions stand at the head of every page, so they are short.
            Handling::Conditional { codes, text }
                if !(1..=Condition::ALL.len()).contains(&codes.len())
                    || text.expose().chars().count() > Self::CONDITIONS_CHARS_MAX =>
            {
                Some(DecisionFault::Handling)
            }
            _ => None,
        }
    }
}
