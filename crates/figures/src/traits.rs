use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// One kind of exploitation, in the words of the Home Office's statistics.
    Exploitation {
        /// Labour.
        Labour = "labour", "Labour";
        /// Sexual.
        Sexual = "sexual", "Sexual";
        /// Criminal.
        Criminal = "criminal", "Criminal";
        /// Domestic servitude.
        Domestic = "domestic", "Domestic servitude";
        /// Organ harvesting.
        Organ = "organ", "Organ harvesting";
    }
}
words! {
    /// Age when the exploitation began.
    Age {
        /// 18 or over.
        Adult = "adult", "Adult (18 or over)";
        /// Under 18.
        Child = "child", "Child (under 18)";
        /// Not known.
        NotKnown = "not_known", "Age not known";
    }
}
words! {
    /// Sex.
    Sex {
        /// Female.
        Female = "female", "Female";
        /// Male.
        Male = "male", "Male";
        /// Another or not known.
        NotKnown = "not_known", "Another, or not known";
    }
}
words! {
    /// Broad group of nationality: never the country.
    Nationality {
        /// United Kingdom.
        Uk = "uk", "United Kingdom";
        /// Rest of Europe.
        Europe = "europe", "Rest of Europe";
        /// Africa.
        Africa = "africa", "Africa";
        /// Asia and the Middle East.
        Asia = "asia", "Asia and the Middle East";
        /// Americas and Oceania.
        Americas = "americas", "Americas and Oceania";
        /// Not known.
        NotKnown = "not_known", "Nationality not known";
    }
}
words! {
    /// Where the exploitation took place.
    Place {
        /// In the United Kingdom.
        Uk = "uk", "United Kingdom";
        /// Overseas.
        Overseas = "overseas", "Overseas";
        /// Both.
        Both = "both", "Both";
        /// Not known.
        NotKnown = "not_known", "Place not known";
    }
}
words! {
    /// Whether county lines is flagged.
    County {
        /// Flagged.
        Flagged = "flagged", "County lines";
        /// Not flagged.
        NotFlagged = "not_flagged", "Not county lines";
    }
}
words! {
    /// What people are broken down by, one at a time.
    Family {
        /// Kind of exploitation.
        Exploitation = "exploitation", "Type of exploitation";
        /// Age.
        Age = "age", "Age when the exploitation began";
        /// Sex.
        Sex = "sex", "Sex";
        /// Nationality.
        Nationality = "nationality", "Nationality";
        /// Place.
        Place = "place", "Place of exploitation";
    }
}

impl Family {
    /// Cells: the finest groups that are counted. Exploitation has labour, sexual, criminal without and
    /// with county lines, domestic, organ, several types without and with county lines, not known.
    #[must_use]
    pub const fn cells(self) -> usize {
        match self {
            Self::Exploitation => 9,
            Self::Age | Self::Sex => 3,
            Self::Nationality => 6,
            Self::Place => 4,
        }
    }
    /// First cell of the family among the cells of all families.
    pub(crate) fn start(self) -> usize {
        Self::ALL
            .iter()
            .take_while(|f| **f != self)
            .map(|f| f.cells())
            .sum()
    }
    /// Cells of all families.
    pub(crate) fn all_cells() -> usize {
        Self::ALL.iter().map(|f| f.cells()).sum()
    }
}

/// One published trait of potential victims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait {
    /// One type alone.
    Type(Exploitation),
    /// More than one type.
    SeveralTypes,
    /// No type known.
    TypeNotKnown,
    /// County lines, among criminal or several types.
    CountyLines,
    /// Age.
    Age(Age),
    /// Sex.
    Sex(Sex),
    /// Nationality.
    Nationality(Nationality),
    /// Place.
    Place(Place),
}

impl Trait {
    /// Every trait, in the order in which they are shown.
    pub const ALL: &'static [Self] = &[
        Self::Type(Exploitation::Labour),
        Self::Type(Exploitation::Sexual),
        Self::Type(Exploitation::Criminal),
        Self::CountyLines,
        Self::Type(Exploitation::Domestic),
        Self::Type(Exploitation::Organ),
        Self::SeveralTypes,
        Self::TypeNotKnown,
        Self::Age(Age::Adult),
        Self::Age(Age::Child),
        Self::Age(Age::NotKnown),
        Self::Sex(Sex::Female),
        Self::Sex(Sex::Male),
        Self::Sex(Sex::NotKnown),
        Self::Nationality(Nationality::Uk),
        Self::Nationality(Nationality::Europe),
        Self::Nationality(Nationality::Africa),
        Self::Nationality(Nationality::Asia),
        Self::Nationality(Nationality::Americas),
        Self::Nationality(Nationality::NotKnown),
        Self::Place(Place::Uk),
        Self::Place(Place::Overseas),
        Self::Place(Place::Both),
        Self::Place(Place::NotKnown),
    ];

    /// Its family.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Type(_) | Self::SeveralTypes | Self::TypeNotKnown | Self::CountyLines => {
                Family::Exploitation
            }
            Self::Age(_) => Family::Age,
            Self::Sex(_) => Family::Sex,
            Self::Nationality(_) => Family::Nationality,
            Self::Place(_) => Family::Place,
        }
    }
    /// Word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Type(t) => t.word(),
            Self::SeveralTypes => "several",
            Self::TypeNotKnown => "not_known",
            Self::CountyLines => "county_lines",
            Self::Age(a) => a.word(),
            Self::Sex(s) => s.word(),
            Self::Nationality(n) => n.word(),
            Self::Place(p) => p.word(),
        }
    }
    /// What people read.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Type(t) => t.text(),
            Self::SeveralTypes => "More than one type",
            Self::TypeNotKnown => "Type not known",
            Self::CountyLines => "County lines (within criminal or more than one type)",
            Self::Age(a) => a.text(),
            Self::Sex(s) => s.text(),
            Self::Nationality(n) => n.text(),
            Self::Place(p) => p.text(),
        }
    }
    /// The cells of its family that it is made of.
    pub(crate) fn cells(self) -> &'static [usize] {
        const ONE: [[usize; 1]; 9] = [[0], [1], [2], [3], [4], [5], [6], [7], [8]];
        match self {
            Self::Type(Exploitation::Labour) => &ONE[0],
            Self::Type(Exploitation::Sexual) => &ONE[1],
            Self::Type(Exploitation::Criminal) => &[2, 3],
            Self::Type(Exploitation::Domestic) => &ONE[4],
            Self::Type(Exploitation::Organ) => &ONE[5],
            Self::SeveralTypes => &[6, 7],
            Self::TypeNotKnown => &ONE[8],
            Self::CountyLines => &[3, 7],
            Self::Age(a) => &ONE[a as usize],
            Self::Sex(s) => &ONE[s as usize],
            Self::Nationality(n) => &ONE[n as usize],
            Self::Place(p) => &ONE[p as usize],
        }
    }
}

/// What the statistics need of one person: five broad codes, no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traits {
    /// Kinds of exploitation; none = not known.
    pub exploitation: Vec<Exploitation>,
    /// County lines.
    pub county: County,
    /// Age at exploitation.
    pub age: Age,
    /// Sex.
    pub sex: Sex,
    /// Nationality.
    pub nationality: Nationality,
    /// Place.
    pub place: Place,
}

impl Traits {
    /// Nothing known.
    pub const UNKNOWN: Self = Self {
        exploitation: Vec::new(),
        county: County::NotFlagged,
        age: Age::NotKnown,
        sex: Sex::NotKnown,
        nationality: Nationality::NotKnown,
        place: Place::NotKnown,
    };

    /// The cell of each family, in the order of [`Family::ALL`].
    #[must_use]
    pub fn cells(&self) -> [usize; 5] {
        let mut types = self.types();
        types.dedup();
        let lines = usize::from(self.county == County::Flagged);
        let exploitation = match types.as_slice() {
            [] => 8,
            [Exploitation::Labour] => 0,
            [Exploitation::Sexual] => 1,
            [Exploitation::Criminal] => 2 + lines,
            [Exploitation::Domestic] => 4,
            [Exploitation::Organ] => 5,
            _ => 6 + lines,
        };
        [
            exploitation,
            self.age as usize,
            self.sex as usize,
            self.nationality as usize,
            self.place as usize,
        ]
    }

    /// What several agencies' records say together: all types and places, child before adult; where they
    /// disagree otherwise it is not known.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut exploitation = self.types();
        exploitation.extend(other.types());
        exploitation.sort();
        exploitation.dedup();
        Self {
            exploitation,
            county: self.county.min(other.county),
            age: match (self.age, other.age) {
                (Age::Child, _) | (_, Age::Child) => Age::Child,
                (Age::Adult, _) | (_, Age::Adult) => Age::Adult,
                _ => Age::NotKnown,
            },
            sex: agreed(self.sex, other.sex, Sex::NotKnown),
            nationality: agreed(self.nationality, other.nationality, Nationality::NotKnown),
            place: match (self.place, other.place) {
                (Place::NotKnown, known) | (known, Place::NotKnown) => known,
                (one, same) if one == same => one,
                _ => Place::Both,
            },
        }
    }

    /// County lines is a form of criminal exploitation, so the flag alone says that type too.
    fn types(&self) -> Vec<Exploitation> {
        let mut types = self.exploitation.clone();
        if self.county == County::Flagged {
            types.push(Exploitation::Criminal);
        }
        types.sort();
        types.dedup();
        types
    }

    /// The traits in 15 bits, as a card carries them: types 5, county lines 1, age 2, sex 2, place 2,
    /// nationality 3; 0 is not known throughout.
    #[must_use]
    pub fn code(&self) -> u16 {
        let types = self
            .exploitation
            .iter()
            .fold(0, |bits, t| bits | 1_u16 << (*t as u16));
        let county = u16::from(self.county == County::Flagged);
        types
            | county << 5
            | turned(self.age as u16, 2) << 6
            | turned(self.sex as u16, 2) << 8
            | turned(self.place as u16, 3) << 10
            | turned(self.nationality as u16, 5) << 12
    }

    /// The traits of a code; unknown codes are not known.
    #[must_use]
    pub fn from_code(code: u16) -> Self {
        let at = |shift: u16, bits: u16, unknown: u16| {
            usize::from(turned(code >> shift & ((1 << bits) - 1), unknown))
        };
        Self {
            exploitation: Exploitation::ALL
                .iter()
                .copied()
                .filter(|t| code >> (*t as u16) & 1 == 1)
                .collect(),
            county: if code >> 5 & 1 == 1 {
                County::Flagged
            } else {
                County::NotFlagged
            },
            age: Age::ALL.get(at(6, 2, 2)).copied().unwrap_or(Age::NotKnown),
            sex: Sex::ALL.get(at(8, 2, 2)).copied().unwrap_or(Sex::NotKnown),
            place: Place::ALL
                .get(at(10, 2, 3))
                .copied()
                .unwrap_or(Place::NotKnown),
            nationality: Nationality::ALL
                .get(at(12, 3, 5))
                .copied()
                .unwrap_or(Nationality::NotKnown),
        }
    }
}

/// Swaps 0 and the code of "not known", so that a card of zeros says nothing.
fn turned(code: u16, unknown: u16) -> u16 {
    match code {
        0 => unknown,
        c if c == unknown => 0,
        c => c,
    }
}

fn agreed<T: Copy + PartialEq>(one: T, other: T, unknown: T) -> T {
    if one == unknown || one == other {
        other
    } else if other == unknown {
        one
    } else {
        unknown
    }
}

#[cfg(test)]
#[path = "traits_tests.rs"]
mod tests;
