//! Which levels the agreed tokens of a candidate imply.
//!
//! Evidence is the union over tokens, never their sum: tokens of one record overlap heavily. A
//! field counts against only where a token containing it *would have fired* given what else
//! agreed; otherwise several levels remain possible, or the field is missing.

use sanctuary_types::{BirthClass, IdentifierKind, Presence, Slots, TokenType};

use crate::{
    Candidate, Field,
    level::{LevelSet, birth, birth_year, name, place, single},
};

/// Kinds of identifier, as an array length.
pub(crate) const KINDS: usize = 16;

/// What a candidate's agreements say of each field and identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Levels {
    fields: [LevelSet; 5],
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
        levels.fields[Field::Place as usize] = seen.place(a, b);
        levels
    }

    /// Levels made up for a test of the fit.
    #[cfg(test)]
    pub(crate) const fn planted(fields: [LevelSet; 5]) -> Self {
        Self {
            fields,
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

/// The union of evidence.
#[derive(Default)]
struct Seen {
    parts_a: u8,
    parts_b: u8,
    bands_a: u16,
    bands_b: u16,
    areas_a: u16,
    areas_b: u16,
    /// Bit `3 * part of a + part of b`: initials that agree.
    initials: u16,
    windows: u32,
    full_birth: bool,
    day_month: bool,
    fine: bool,
    rare: bool,
    medium: bool,
    identifiers: u16,
    excess: [u32; KINDS],
}

impl Seen {
    fn of(candidate: &Candidate) -> Self {
        let mut seen = Self::default();
        for agreement in &candidate.agreements {
            let (a, b) = (agreement.a, agreement.b);
            match agreement.token {
                TokenType::Di => seen.initial(a, b),
                TokenType::Id(kind) => seen.identifier(kind, agreement.excess),
                // A band or a bare date agrees on no whole name part, whatever its slots say.
                TokenType::Lm | TokenType::La | TokenType::Da => {}
                _ => seen.parts(a, b),
            }
            match agreement.token {
                TokenType::Nd | TokenType::Di => seen.full_birth = true,
                TokenType::Da => {
                    seen.full_birth = true;
                    seen.area(a, b);
                }
                TokenType::Nm => seen.day_month = true,
                TokenType::Nw => seen.windows += 1,
                TokenType::Nr => seen.rare = true,
                TokenType::Nl => seen.medium = true,
                TokenType::Na => seen.area(a, b),
                TokenType::Nf => seen.fine = true,
                TokenType::Lm => {
                    seen.day_month = true;
                    seen.band(a, b);
                }
                TokenType::La => {
                    seen.area(a, b);
                    seen.band(a, b);
                }
                TokenType::Id(_) | TokenType::Ni(_) => {}
            }
        }
        seen
    }

    fn parts(&mut self, a: Slots, b: Slots) {
        self.parts_a |= a.parts & 0b111;
        self.parts_b |= b.parts & 0b111;
    }

    fn band(&mut self, a: Slots, b: Slots) {
        self.bands_a |= 1 << (a.band & 15);
        self.bands_b |= 1 << (b.band & 15);
    }

    fn area(&mut self, a: Slots, b: Slots) {
        self.areas_a |= 1 << (a.area & 15);
        self.areas_b |= 1 << (b.area & 15);
    }

    fn initial(&mut self, a: Slots, b: Slots) {
        let (i, j) = (a.parts.trailing_zeros(), b.parts.trailing_zeros());
        if i < 3 && j < 3 {
            self.initials |= 1 << (3 * i + j);
        }
    }

    /// Of several agreed values of one kind, the most exclusive counts.
    fn identifier(&mut self, kind: IdentifierKind, excess: u32) {
        let (bit, slot) = (1 << kind.code(), usize::from(kind.code()));
        let known = self.identifiers & bit != 0;
        self.excess[slot] = if known {
            self.excess[slot].min(excess)
        } else {
            excess
        };
        self.identifiers |= bit;
    }

    fn names(&self) -> u32 {
        self.parts_a.count_ones().min(self.parts_b.count_ones())
    }

    /// The lower side counts, here and for parts and areas: an honest pair has equal numbers.
    fn bands(&self) -> u32 {
        self.bands_a.count_ones().min(self.bands_b.count_ones())
    }

    /// With a shared phone, account or mailbox a name part in common would have shown.
    fn name_was_testable(&self) -> bool {
        let shareable = IdentifierKind::ALL
            .iter()
            .filter(|k| k.is_shareable())
            .fold(0, |bits, k| bits | (1 << k.code()));
        self.fine || self.identifiers & shareable != 0
    }

    /// Whether an initial agrees beside the one agreed part.
    fn other_initial(&self) -> bool {
        let (i, j) = (self.parts_a.trailing_zeros(), self.parts_b.trailing_zeros());
        (0..9).any(|k| self.initials & (1 << k) != 0 && k / 3 != i && k % 3 != j)
    }

    fn name_single(&self) -> LevelSet {
        match (self.names(), self.bands()) {
            (1.., _) => single::ONLY,
            (_, 2..) => single::BANDS,
            (_, 1) => single::BAND,
            _ if self.initials != 0 => single::INITIAL,
            _ if self.full_birth => single::NONE,
            _ if self.name_was_testable() => single::INITIAL.or(single::NONE),
            _ => LevelSet::MISSING,
        }
    }

    fn name(&self, parts: u8) -> LevelSet {
        match (self.names(), self.bands()) {
            (3.., _) => name::THREE,
            (2, _) if parts >= 3 => name::TWO_OF_THREE,
            (2, _) if self.rare => name::TWO_RARE,
            (2, _) if self.medium => name::TWO_MEDIUM,
            (2, _) => name::TWO,
            (1, 2..) => name::ONE_BANDS,
            (1, 1) => name::ONE_BAND,
            (1, _) if self.other_initial() => name::ONE_INITIAL,
            (1, _) if self.full_birth => name::ONE,
            (1, _) => name::ONE_INITIAL.or(name::ONE),
            (_, 2..) => name::BANDS,
            (_, 1) => name::BAND,
            _ if self.initials != 0 => name::INITIAL,
            _ if self.full_birth => name::NONE,
            _ if self.name_was_testable() => name::INITIAL.or(name::NONE),
            _ => LevelSet::MISSING,
        }
    }

    fn birth(&self) -> LevelSet {
        use birth::{DAY_MONTH, DAY_MONTH_NEAR, FULL, NEAR, NONE, YEAR, YEAR_AND_ONE};
        if self.full_birth {
            return FULL;
        }
        match (self.names(), self.day_month, self.windows) {
            (2.., true, 0) => DAY_MONTH,
            (2.., true, _) => DAY_MONTH_NEAR,
            (2.., false, 0) => NONE,
            (2.., false, 1) => NEAR,
            (2.., false, _) => YEAR_AND_ONE.or(YEAR),
            (_, true, _) => DAY_MONTH_NEAR.or(DAY_MONTH),
            (1, false, _) => DAY_MONTH_NEAR
                .or(DAY_MONTH)
                .or(YEAR_AND_ONE)
                .or(YEAR)
                .or(NEAR)
                .or(NONE),
            _ => LevelSet::MISSING,
        }
    }

    fn birth_year(&self) -> LevelSet {
        match (self.windows, self.names()) {
            (2.., _) => birth_year::YEAR,
            (1, _) => birth_year::NEAR,
            (_, 2..) => birth_year::NONE,
            _ => LevelSet::MISSING,
        }
    }

    fn place(&self, a: &Presence, b: &Presence) -> LevelSet {
        use place::{AREA, FINE, NONE, TWO_AREAS};
        let both_fine = a.fine_place && b.fine_place;
        let both_area = a.area && b.area;
        let names = self.names();
        match self.areas_a.count_ones().min(self.areas_b.count_ones()) {
            _ if self.fine => FINE,
            2.. if both_fine => TWO_AREAS,
            2.. => TWO_AREAS.or(FINE),
            1 if both_fine && names >= 1 => AREA,
            1 => FINE.or(AREA),
            _ if both_area && (names >= 2 || self.full_birth) => NONE,
            _ if both_fine && names >= 1 => TWO_AREAS.or(AREA).or(NONE),
            _ => LevelSet::MISSING,
        }
    }
}

#[cfg(test)]
mod tests;
