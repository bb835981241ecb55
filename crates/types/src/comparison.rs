use serde::{Deserialize, Serialize};

/// How alike two name parts, or the best pair of them, are spelt: Dice coefficient of their letter
/// pairs in four steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The same spelling (Dice 1).
    Same,
    /// From 0.7.
    Close,
    /// From 0.45.
    Loose,
    /// Less.
    Unlike,
}

impl Likeness {
    /// In the order of codes.
    pub const ALL: [Self; 4] = [Self::Same, Self::Close, Self::Loose, Self::Unlike];

    /// 0 to 3.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// Level of the names (NM2): of the two first parts in their best assignment, or of the one pair
/// that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameLevel {
    /// Both records have two parts: the better and the worse likeness.
    Two(Likeness, Likeness),
    /// One record has one part only.
    One(Likeness),
}

/// Level of the date of birth (DOB2): equal digits of eight, a swap of day and month costing half
/// a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BirthLevel {
    /// All eight.
    Eight,
    /// Seven or seven and a half.
    Seven,
    /// Six or six and a half.
    Six,
    /// Four and a half to five and a half.
    Five,
    /// Fewer.
    Fewer,
}

/// Level of the address (AD2): Dice of the letter pairs of all its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressLevel {
    /// From 0.95.
    Same,
    /// From 0.7.
    Close,
    /// From 0.45.
    Loose,
    /// From 0.25.
    Faint,
    /// Less.
    Unlike,
}

/// Level of further names (MID2): the best Dice among the parts beyond the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MiddleLevel {
    /// From 0.7.
    Close,
    /// From 0.4.
    Loose,
    /// Less.
    Unlike,
}

/// What one encrypted comparison between two agencies' nodes tells: levels, never values or
/// numbers. A field that one of the two records lacks is absent.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ComparedLevels {
    /// NM2.
    pub name: Option<NameLevel>,
    /// DOB2.
    pub birth: Option<BirthLevel>,
    /// AD2.
    pub address: Option<AddressLevel>,
    /// MID2.
    pub middle: Option<MiddleLevel>,
    /// SEX2: whether the sexes recorded are equal.
    pub sex: Option<bool>,
}

impl ComparedLevels {
    /// Bytes of the encoding.
    pub const BYTES: usize = 5;

    /// One byte a field in the order of the fields: 0 absent, else 1 + code. Name: 1 + 4 x better +
    /// worse for two parts, 17 + likeness for one.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let name = self.name.map_or(0, |level| match level {
            NameLevel::Two(better, worse) => 1 + 4 * better.code() + worse.code(),
            NameLevel::One(likeness) => 17 + likeness.code(),
        });
        [
            name,
            self.birth.map_or(0, |level| 1 + level as u8),
            self.address.map_or(0, |level| 1 + level as u8),
            self.middle.map_or(0, |level| 1 + level as u8),
            self.sex.map_or(0, |equal| 1 + u8::from(!equal)),
        ]
    }

    /// Back from bytes; none for a code that does not exist, or a "better" part that is worse.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let [name, birth, address, middle, sex] = bytes;
        let name = match name {
            0 => None,
            1..=16 => {
                let (better, worse) = ((name - 1) / 4, (name - 1) % 4);
                (better <= worse).then_some(())?;
                let (better, worse) = (usize::from(better), usize::from(worse));
                Some(NameLevel::Two(
                    *Likeness::ALL.get(better)?,
                    *Likeness::ALL.get(worse)?,
                ))
            }
            _ => Some(NameLevel::One(*Likeness::ALL.get(usize::from(name) - 17)?)),
        };
        Some(Self {
            name,
            birth: level(birth, &BIRTH)?,
            address: level(address, &ADDRESS)?,
            middle: level(middle, &MIDDLE)?,
            sex: level(sex, &[true, false])?,
        })
    }
}

const BIRTH: [BirthLevel; 5] = [
    BirthLevel::Eight,
    BirthLevel::Seven,
    BirthLevel::Six,
    BirthLevel::Five,
    BirthLevel::Fewer,
];
const ADDRESS: [AddressLevel; 5] = [
    AddressLevel::Same,
    AddressLevel::Close,
    AddressLevel::Loose,
    AddressLevel::Faint,
    AddressLevel::Unlike,
];
const MIDDLE: [MiddleLevel; 3] = [MiddleLevel::Close, MiddleLevel::Loose, MiddleLevel::Unlike];

/// `Some(None)` for an absent field.
fn level<L: Copy>(code: u8, all: &[L]) -> Option<Option<L>> {
    match code {
        0 => Some(None),
        _ => all.get(usize::from(code) - 1).map(|level| Some(*level)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_valid_code_round_trips_and_no_other_is_taken() {
        let mut valid = 0;
        for name in 0..=255 {
            let bytes = [name, 0, 0, 0, 0];
            if let Some(levels) = ComparedLevels::from_bytes(bytes) {
                assert_eq!(levels.to_bytes(), bytes);
                valid += 1;
            }
        }
        assert_eq!(valid, 1 + 10 + 4);
        for (place, codes) in [(1, 6), (2, 6), (3, 4), (4, 3)] {
            for code in 0..=255 {
                let mut bytes = [0; ComparedLevels::BYTES];
                bytes[place] = code;
                let levels = ComparedLevels::from_bytes(bytes);
                assert_eq!(levels.is_some(), code < codes);
                assert!(levels.is_none_or(|levels| levels.to_bytes() == bytes));
            }
        }
    }
}
