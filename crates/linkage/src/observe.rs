//! Which levels the agreed tokens of a candidate imply.
//!
//! Evidence is the union over tokens, never their sum: tokens of one record overlap heavily. A
//! field counts against only where a token containing it *would have fired* given what else
//! agreed; otherwise several levels remain possible, or the field is missing.

use sanctuary_types::{BirthClass, ComparedLevels, IdentifierKind, Presence};

use crate::{
    Candidate, Detail, Field,
    level::{LevelSet, sex},
};

mod seen;

use seen::Seen;

/// Kinds of identifier, as an array length.
pub(crate) const KINDS: usize = 16;

const FIELDS: usize = Field::ALL.len();
const DETAILS: usize = Detail::ALL.len();

/// What a candidate's agreements, and its comparison, say of each field and identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Levels {
    fields: [LevelSet; FIELDS],
    /// 1 + level by detail; 0 = not compared.
    details: [u8; DETAILS],
    agreed: u16,
    differed: u16,
    excess: [u32; KINDS],
}

impl Levels {
    /// The levels of a candidate.
    #[must_use]
    pub fn of(candidate: &Candidate) -> Self {
        let seen = Seen::of(candidate);
        let mut levels = Self {
            agreed: seen.identifiers,
            differed: candidate.a.identifiers & candidate.b.identifiers & !seen.identifiers,
            excess: seen.excess,
            ..Self::default()
        };
        levels.drop_places();
        let (a, b) = (&candidate.a, &candidate.b);
        match a.name_parts.min(b.name_parts) {
            0 => {}
            1 => levels.fields[Field::NameSingle as usize] = seen.name_single(),
            parts => levels.fields[Field::Name as usize] = seen.name(parts),
        }
        if a.birth == BirthClass::Full && b.birth == BirthClass::Full {
            levels.fields[Field::Birth as usize] = seen.birth();
        } else if has_year(a) && has_year(b) {
            levels.fields[Field::BirthYear as usize] = seen.birth_year();
        }
        if seen.fine || (a.fine_place && b.fine_place) {
            levels.fields[Field::Place as usize] = seen.place(a.area && b.area);
        } else if a.area && b.area {
            levels.fields[Field::Area as usize] = seen.area_level();
        }
        if let Some(compared) = &candidate.compared {
            levels.add(compared, a, b);
        }
        levels
    }

    /// Details of fields that the two records do not both have are dropped: an honest comparison
    /// has none.
    fn add(&mut self, compared: &ComparedLevels, a: &Presence, b: &Presence) {
        let parts = a.name_parts.min(b.name_parts);
        let full = |presence: &Presence| presence.birth == BirthClass::Full;
        let name = self.field(Field::Name);
        for detail in Detail::ALL {
            let has = match detail {
                Detail::Name | Detail::Middle => parts >= 2,
                Detail::NameSingle => parts == 1,
                Detail::Birth => full(a) && full(b),
                Detail::Address => (a.fine_place && b.fine_place) || !(a.area && b.area),
                Detail::AddressOfArea => !(a.fine_place && b.fine_place) && a.area && b.area,
            };
            let has = has && !detail.is_told(name, compared);
            if let (true, Some(level)) = (has, detail.found(compared)) {
                self.details[detail as usize] = 1 + level as u8;
            }
        }
        self.fields[Field::Sex as usize] = match compared.sex {
            None => LevelSet::MISSING,
            Some(true) => sex::SAME,
            Some(false) => sex::OTHER,
        };
    }

    /// Levels made up for a test of the fit.
    #[cfg(test)]
    pub(crate) const fn planted(fields: [LevelSet; FIELDS]) -> Self {
        Self {
            fields,
            details: [0; DETAILS],
            agreed: 0,
            differed: 0,
            excess: [0; KINDS],
        }
    }

    /// The possible levels of one field.
    #[must_use]
    pub const fn field(&self, field: Field) -> LevelSet {
        self.fields[field as usize]
    }

    /// The level of a detail, if it was compared; 0 is the most alike.
    #[must_use]
    pub fn detail(&self, detail: Detail) -> Option<usize> {
        usize::from(self.details[detail as usize]).checked_sub(1)
    }

    /// The same without what the second step found.
    pub(crate) fn of_tokens(mut self) -> Self {
        self.details = [0; DETAILS];
        self.fields[Field::Sex as usize] = LevelSet::MISSING;
        self
    }

    /// Whether both records hold one value of the kind.
    #[must_use]
    pub const fn agrees(&self, kind: IdentifierKind) -> bool {
        self.agreed & (1 << kind.code()) != 0
    }

    /// Whether both records have the kind and share no value.
    #[must_use]
    pub const fn differs(&self, kind: IdentifierKind) -> bool {
        self.differed & (1 << kind.code()) != 0
    }

    /// Other people who hold the agreed value of the kind; 0 when none agreed.
    #[must_use]
    pub fn excess(&self, kind: IdentifierKind) -> u32 {
        self.excess[usize::from(kind.code())]
    }

    /// A dwelling shared or not says nothing here: place has a field of its own.
    fn drop_places(&mut self) {
        for kind in IdentifierKind::ALL.iter().filter(|k| k.is_place()) {
            let bit = 1 << kind.code();
            self.agreed &= !bit;
            self.differed &= !bit;
            self.excess[usize::from(kind.code())] = 0;
        }
    }
}

const fn has_year(presence: &Presence) -> bool {
    matches!(presence.birth, BirthClass::Year | BirthClass::Full)
}

#[cfg(test)]
mod tests;
