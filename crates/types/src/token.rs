use serde::{Deserialize, Serialize};

/// Which OPRF key evaluates a token. Separate keys let holders, who see only blinded points,
/// enforce quotas per class and rotate one class alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyClass {
    /// Compounds of a person's name, date of birth and place.
    Person,
    /// Phones, vehicles, document numbers and compounds with them.
    Identifier,
}

impl KeyClass {
    /// Both classes, in the order of their codes.
    pub const ALL: [Self; 2] = [Self::Person, Self::Identifier];

    /// The stable code under signatures and on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Person => 1,
            Self::Identifier => 2,
        }
    }
    /// The class of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }
    /// The label inside OPRF inputs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Identifier => "identifier",
        }
    }
}

macro_rules! identifier_kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal, $shareable:literal;)*) => {
        /// A kind of strong identifier.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum IdentifierKind { $($(#[$doc])* $name,)* }

        impl IdentifierKind {
            /// Every kind, in the order of codes.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Code 0 to 15: the bit in [`crate::Presence::identifiers`].
            #[must_use]
            pub const fn code(self) -> u8 { match self { $(Self::$name => $code),* } }
            /// The word in mapping files, token inputs and explanations.
            #[must_use]
            pub const fn label(self) -> &'static str { match self { $(Self::$name => $label),* } }
            /// Whether different people may rightly hold one value (a trafficker's phone), so that
            /// the value is also tokenised together with a name part.
            #[must_use]
            pub const fn is_shareable(self) -> bool { match self { $(Self::$name => $shareable),* } }
        }
    };
}

identifier_kinds! {
    /// Telephone number.
    Phone = 0, "phone", true;
    /// E-mail address.
    Email = 1, "email", true;
    /// UK vehicle registration mark.
    Vehicle = 2, "vehicle", true;
    /// Bank account: IBAN, or sort code and account number.
    BankAccount = 3, "bank_account", true;
    /// Passport number.
    Passport = 4, "passport", false;
    /// National Insurance number.
    NationalInsurance = 5, "national_insurance", false;
    /// NHS number.
    NhsNumber = 6, "nhs_number", false;
    /// Any other state's person number.
    NationalId = 7, "national_id", false;
    /// Account name on an online service.
    OnlineHandle = 8, "online_handle", false;
    /// Handset number.
    Imei = 9, "imei", false;
    /// Companies House number.
    CompanyNumber = 10, "company_number", false;
    /// Unique property reference number.
    Uprn = 11, "uprn", false;
    /// One dwelling: full postcode and house number. Never counts for "same person".
    Address = 12, "address", false;
}

impl IdentifierKind {
    /// The kind of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.code() == code)
    }
    /// The kind of a label.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.label() == label)
    }
    /// Whether the kind names a place rather than a person or thing: it can raise a "shared
    /// identifier" alert, and has no weight for "same person", where place has its own evidence.
    #[must_use]
    pub const fn is_place(self) -> bool {
        matches!(self, Self::Uprn | Self::Address)
    }
}

/// What a token is made of. Names follow the linkage specification (docs/linkage-quality.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TokenType {
    /// Name part and full date of birth.
    Nd,
    /// Name pair, day and month.
    Nm,
    /// Name pair and a four-year window of the year of birth.
    Nw,
    /// Rare name pair or triple alone.
    Nr,
    /// Fairly rare name pair alone, held once by the agency.
    Nl,
    /// Name pair and area.
    Na,
    /// Name part and fine place.
    Nf,
    /// Full date of birth and area.
    Da,
    /// MinHash band of the name, day and month.
    Lm,
    /// MinHash band of the name and area.
    La,
    /// Initial of a name part and full date of birth.
    Di,
    /// Name part, the other's initial and area.
    Pa,
    /// Name part, the other's initial and fine place.
    Pf,
    /// Name part, the other's initial and year of birth.
    Py,
    /// Near miss of a name part (a symbol of its code left out), the other's initial and area.
    Pn,
    /// An identifier alone.
    Id(IdentifierKind),
    /// Name part and a shareable identifier.
    Ni(IdentifierKind),
}

impl TokenType {
    const PERSON: [Self; 15] = [
        Self::Nd,
        Self::Nm,
        Self::Nw,
        Self::Nr,
        Self::Nl,
        Self::Na,
        Self::Nf,
        Self::Da,
        Self::Lm,
        Self::La,
        Self::Di,
        Self::Pa,
        Self::Pf,
        Self::Py,
        Self::Pn,
    ];

    /// Stable code: 1 to 31 person compounds, 32 + kind identifiers, 64 + kind name and identifier.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Id(kind) => 32 + kind.code(),
            Self::Ni(kind) => 64 + kind.code(),
            person => {
                1 + Self::PERSON
                    .iter()
                    .position(|t| *t == person)
                    .map_or(0, |i| i as u8)
            }
        }
    }
    /// The type of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            1..=31 => Self::PERSON.get(usize::from(code) - 1).copied(),
            32..=47 => IdentifierKind::from_code(code - 32).map(Self::Id),
            64..=79 => IdentifierKind::from_code(code - 64).map(Self::Ni),
            _ => None,
        }
    }
    /// The label inside OPRF inputs: `ND`, `ID:phone`, `NI:phone`.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Id(kind) => format!("ID:{}", kind.label()),
            Self::Ni(kind) => format!("NI:{}", kind.label()),
            person => format!("{person:?}").to_uppercase(),
        }
    }
    /// Which OPRF key evaluates it.
    #[must_use]
    pub const fn class(self) -> KeyClass {
        match self {
            Self::Id(_) | Self::Ni(_) => KeyClass::Identifier,
            _ => KeyClass::Person,
        }
    }
}

/// Which parts of its record a token speaks of. Sealed with the token; opened only on a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slots {
    /// Bit i: name part i (0 to 2).
    pub parts: u8,
    /// MinHash band, 1 + band number; 0 = none.
    pub band: u8,
    /// Area or window used, 1 + its number; 0 = none.
    pub area: u8,
}

impl Slots {
    /// Slots of name parts alone.
    #[must_use]
    pub fn parts(indices: &[u8]) -> Self {
        Self {
            parts: indices.iter().fold(0, |bits, i| bits | (1 << (i & 7))),
            ..Self::default()
        }
    }
    /// The same slots with a MinHash band.
    #[must_use]
    pub const fn with_band(mut self, band: u8) -> Self {
        self.band = band + 1;
        self
    }
    /// The same slots with an area.
    #[must_use]
    pub const fn with_area(mut self, area: u8) -> Self {
        self.area = area + 1;
        self
    }
    /// Three bytes, as sealed in a posting.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 3] {
        [self.parts, self.band, self.area]
    }
    /// Back from three bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 3]) -> Self {
        Self {
            parts: bytes[0],
            band: bytes[1],
            area: bytes[2],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_stay_apart() {
        let mut all: Vec<TokenType> = TokenType::PERSON.to_vec();
        all.extend(
            IdentifierKind::ALL
                .iter()
                .flat_map(|k| [TokenType::Id(*k), TokenType::Ni(*k)]),
        );
        let mut codes: Vec<u8> = all.iter().map(|t| t.code()).collect();
        for token in all {
            assert_eq!(TokenType::from_code(token.code()), Some(token));
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 15 + 2 * IdentifierKind::ALL.len());
        assert_eq!(TokenType::Id(IdentifierKind::Phone).label(), "ID:phone");
        assert_eq!(TokenType::Nd.label(), "ND");
        // Stored and sealed: a new kind is added at the end.
        assert_eq!((TokenType::Di.code(), TokenType::Py.code()), (11, 14));
    }
}
