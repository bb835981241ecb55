use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is not in the agreed list. Does not repeat the word: it may be personal data typed
/// into the wrong column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of: {allowed}")]
pub struct UnknownWord {
    /// The words that would have been right.
    pub allowed: &'static str,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $list:literal, { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }
        impl $name {
            /// Every value, in the order of codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Stable code.
            #[must_use]
            pub const fn code(self) -> u8 { match self { $(Self::$variant => $code),* } }
            /// Word in mapping files.
            #[must_use]
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $word),* } }
            /// The value of a code.
            #[must_use]
            pub fn from_code(code: u8) -> Option<Self> { Self::ALL.iter().copied().find(|v| v.code() == code) }
        }
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|v| v.word() == text.trim()).ok_or(UnknownWord { allowed: $list })
            }
        }
    };
}

words!(
    /// How the agency regards the person (Data Protection Act 2018 s38 asks for the distinction).
    /// One person may be in several.
    Role, "potential_victim, confirmed_victim, suspect, convicted, witness, associate", {
        /// Before a conclusive grounds decision.
        PotentialVictim = 0, "potential_victim";
        /// After a positive conclusive grounds decision.
        ConfirmedVictim = 1, "confirmed_victim";
        /// Suspect, alleged perpetrator.
        Suspect = 2, "suspect";
        /// Convicted of an offence.
        Convicted = 3, "convicted";
        /// Witness.
        Witness = 4, "witness";
        /// Known to be around one of the others.
        Associate = 5, "associate";
    }
);

words!(
    /// Lawful gateway the record is shared under.
    Basis, "safeguarding, crime_prevention, vital_interests, children_act, care_act, crime_and_disorder_act, consent", {
        /// Safeguarding of vulnerable people (DPA 2018 Sch 1 para 18).
        Safeguarding = 0, "safeguarding";
        /// Prevention and detection of crime (DPA 2018 Sch 2 Pt 1 para 2; Part 3).
        CrimePrevention = 1, "crime_prevention";
        /// Vital interests.
        VitalInterests = 2, "vital_interests";
        /// Children Act 1989 s47, 2004 s10, s11, s16LA.
        ChildrenAct = 3, "children_act";
        /// Care Act 2014 s42, s45.
        CareAct = 4, "care_act";
        /// Crime and Disorder Act 1998 s115.
        CrimeAndDisorderAct = 5, "crime_and_disorder_act";
        /// The person's own agreement, where that is a valid basis.
        Consent = 6, "consent";
    }
);

words!(
    /// Who may hear of a match with this record.
    Visibility, "open, owner_first, silent", {
        /// Both agencies.
        Open = 0, "open";
        /// This record's owner first; the other only when the owner says so.
        OwnerFirst = 1, "owner_first";
        /// This record's owner only.
        Silent = 2, "silent";
    }
);

/// A set of [`Role`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(pub u8);

impl Roles {
    /// The set with `role` added.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | (1 << role.code()))
    }
    /// Whether `role` is in the set.
    #[must_use]
    pub const fn has(self, role: Role) -> bool {
        self.0 & (1 << role.code()) != 0
    }
    /// Potential or confirmed victim.
    #[must_use]
    pub const fn is_victim(self) -> bool {
        self.has(Role::PotentialVictim) || self.has(Role::ConfirmedVictim)
    }
    /// Suspect or convicted.
    #[must_use]
    pub const fn is_suspect(self) -> bool {
        self.has(Role::Suspect) || self.has(Role::Convicted)
    }
    /// The roles in the set, in the order of codes.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL
            .iter()
            .copied()
            .filter(move |role| self.has(*role))
    }
}

/// How much of a date of birth a record has.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum BirthClass {
    /// Nothing.
    #[default]
    None,
    /// The year, or 1 January, which is nearly always an estimate.
    Year,
    /// Day and month without a usable year.
    DayMonth,
    /// Day, month and year.
    Full,
}

impl BirthClass {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
    /// The class of a code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::None),
            1 => Some(Self::Year),
            2 => Some(Self::DayMonth),
            3 => Some(Self::Full),
            _ => None,
        }
    }
}

/// Which kinds of evidence a record could have given: what makes "did not agree" different from
/// "could not be compared". Opened by the hub only for candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Presence {
    /// Distinct name parts, 0 to 3.
    pub name_parts: u8,
    /// Date of birth.
    pub birth: BirthClass,
    /// A full postcode or house number and street.
    pub fine_place: bool,
    /// An outward code or town.
    pub area: bool,
    /// Bit [`crate::IdentifierKind::code`] for each kind held.
    pub identifiers: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_parse_and_errors_do_not_repeat_them() {
        assert_eq!("suspect".parse(), Ok(Role::Suspect));
        let error = "John Smith".parse::<Basis>().unwrap_err().to_string();
        assert!(!error.contains("Smith"));
    }

    #[test]
    fn roles_are_a_set() {
        let both = Roles::default()
            .with(Role::PotentialVictim)
            .with(Role::Suspect);
        assert!(both.is_victim() && both.is_suspect());
        assert_eq!(both.iter().count(), 2);
    }
}
