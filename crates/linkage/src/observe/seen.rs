//! What the agreed tokens of a candidate say, taken together.

use sanctuary_types::{BirthClass, IdentifierKind, Presence, Slots, TokenType};

use super::KINDS;
use crate::{
    Candidate,
    level::{LevelSet, area, birth, birth_year, name, place, single},
};

/// The union of evidence.
#[derive(Default)]
pub(super) struct Seen {
    parts_a: u8,
    parts_b: u8,
    bands_a: u16,
    bands_b: u16,
    areas_a: u16,
    areas_b: u16,
    /// Bit `3 * part of a + part of b`: initials that agree.
    initials: u16,
    /// A name part all but agrees, beside the other's initial.
    near_miss: bool,
    /// A token of a part and the other's initial agrees.
    beside_initial: bool,
    windows: u32,
    /// An agreed part and initial with the year of birth.
    year: bool,
    /// A token of a part, the other's initial and an area agrees; one with the year would have too.
    year_tested: bool,
    /// Neither record has a full date of birth and a fine place, so that areas join initials.
    areas_join_initials: bool,
    full_birth: bool,
    day_month: bool,
    pub(super) fine: bool,
    rare: bool,
    medium: bool,
    pub(super) identifiers: u16,
    pub(super) excess: [u32; KINDS],
}

impl Seen {
    pub(super) fn of(candidate: &Candidate) -> Self {
        let has_better =
            |presence: &Presence| presence.birth == BirthClass::Full && presence.fine_place;
        let mut seen = Self {
            areas_join_initials: !has_better(&candidate.a) && !has_better(&candidate.b),
            ..Self::default()
        };
        for agreement in &candidate.agreements {
            let (a, b) = (agreement.a, agreement.b);
            match agreement.token {
                TokenType::Di => seen.initial(a, b),
                TokenType::Id(kind) => seen.identifier(kind, agreement.excess),
                // A band or a bare date agrees on no whole name part, whatever its slots say.
                TokenType::Lm | TokenType::La | TokenType::Da | TokenType::Pn => {}
                TokenType::Pa | TokenType::Pf | TokenType::Py => {
                    seen.parts(a, b);
                    seen.beside_initial = true;
                }
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
                TokenType::Pa => {
                    seen.area(a, b);
                    seen.year_tested = true;
                }
                TokenType::Nf | TokenType::Pf => seen.fine = true,
                TokenType::Py => seen.year = true,
                TokenType::Pn => seen.near_miss = true,
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
    /// Where no part agrees, a near miss says about as much as a band.
    fn bands(&self) -> u32 {
        let near = u32::from(self.near_miss && self.names() == 0);
        self.bands_a.count_ones().min(self.bands_b.count_ones()) + near
    }

    /// With a shared phone, account or mailbox a name part in common would have shown.
    fn name_was_testable(&self) -> bool {
        let shareable = IdentifierKind::ALL
            .iter()
            .filter(|k| k.is_shareable())
            .fold(0, |bits, k| bits | (1 << k.code()));
        self.fine || self.identifiers & shareable != 0
    }

    /// Whether the other part's initial would have shown had it agreed.
    fn initial_was_testable(&self) -> bool {
        let area = self.areas_join_initials && self.areas() > 0;
        self.full_birth || self.fine || area
    }

    /// Whether an initial agrees beside the one agreed part.
    fn other_initial(&self) -> bool {
        if self.beside_initial {
            return true;
        }
        let (i, j) = (self.parts_a.trailing_zeros(), self.parts_b.trailing_zeros());
        (0..9).any(|k| self.initials & (1 << k) != 0 && k / 3 != i && k % 3 != j)
    }

    /// Whether a single agreed part would have shown: only a date of birth, a fine place or a
    /// shared value is tokenised with one part alone.
    fn part_was_testable(&self) -> bool {
        self.full_birth || self.name_was_testable()
    }

    pub(super) fn name_single(&self) -> LevelSet {
        let or_part = |set: LevelSet| {
            if self.part_was_testable() {
                set
            } else {
                set.or(single::ONLY)
            }
        };
        match (self.names(), self.bands()) {
            (1.., _) => single::ONLY,
            (_, 2..) => or_part(single::BANDS),
            (_, 1) => or_part(single::BAND),
            _ if self.initials != 0 => single::INITIAL,
            _ if self.full_birth => single::NONE,
            _ if self.name_was_testable() => single::INITIAL.or(single::NONE),
            _ => LevelSet::MISSING,
        }
    }

    pub(super) fn name(&self, parts: u8) -> LevelSet {
        let or_one = |set: LevelSet, with_one: LevelSet| {
            if self.part_was_testable() {
                set
            } else {
                set.or(with_one)
            }
        };
        match (self.names(), self.bands()) {
            (3.., _) => name::THREE,
            (2, _) if parts >= 3 => name::TWO_OF_THREE,
            (2, _) if self.rare => name::TWO_RARE,
            (2, _) if self.medium => name::TWO_MEDIUM,
            (2, _) => name::TWO,
            (1, 2..) => name::ONE_BANDS,
            (1, 1) => name::ONE_BAND,
            (1, _) if self.other_initial() => name::ONE_INITIAL,
            (1, _) if self.initial_was_testable() => name::ONE,
            (1, _) => name::ONE_INITIAL.or(name::ONE),
            (_, 2..) => or_one(name::BANDS, name::ONE_BANDS),
            (_, 1) => or_one(name::BAND, name::ONE_BAND),
            _ if self.initials != 0 => name::INITIAL,
            _ if self.full_birth => name::NONE,
            _ if self.name_was_testable() => name::INITIAL.or(name::NONE),
            _ => LevelSet::MISSING,
        }
    }

    pub(super) fn birth(&self) -> LevelSet {
        use birth::{DAY_MONTH, DAY_MONTH_NEAR, FULL, NEAR, NONE, YEAR, YEAR_AND_ONE};
        if self.full_birth || (self.day_month && self.year) {
            return FULL;
        }
        let year = YEAR_AND_ONE.or(YEAR);
        let day_month = DAY_MONTH_NEAR.or(DAY_MONTH);
        match (self.names(), self.day_month) {
            (2.., true) if self.windows == 0 => DAY_MONTH,
            (2.., true) => DAY_MONTH_NEAR,
            (2.., false) if self.year || self.windows >= 2 => year,
            (2.., false) if self.windows == 1 => NEAR,
            (2.., false) => NONE,
            (_, true) => day_month,
            (1, false) if self.year => year,
            (1, false) if self.year_tested => day_month.or(NEAR).or(NONE),
            (1, false) => day_month.or(year).or(NEAR).or(NONE),
            _ => LevelSet::MISSING,
        }
    }

    pub(super) fn birth_year(&self) -> LevelSet {
        match (self.windows, self.names()) {
            _ if self.year => birth_year::YEAR,
            (2.., _) => birth_year::YEAR,
            (1, _) => birth_year::NEAR,
            (_, 2..) => birth_year::NONE,
            (_, 1) if self.year_tested => birth_year::NEAR.or(birth_year::NONE),
            _ => LevelSet::MISSING,
        }
    }

    /// The lower side counts.
    fn areas(&self) -> u32 {
        self.areas_a.count_ones().min(self.areas_b.count_ones())
    }

    pub(super) fn place(&self, both_areas: bool) -> LevelSet {
        use place::{AREA, FINE, NONE, TWO_AREAS};
        let names = self.names();
        match self.areas() {
            _ if self.fine => FINE,
            2.. => TWO_AREAS,
            // A near miss is tested with the first area alone.
            0 if self.near_miss => FINE.or(TWO_AREAS).or(AREA),
            // Only with a name part in common would the fine place have shown.
            1 if names >= 1 => AREA,
            1 => FINE.or(AREA),
            _ if both_areas && (names >= 2 || self.full_birth) => NONE,
            _ if !both_areas && names >= 1 => NONE,
            _ if names >= 1 => TWO_AREAS.or(AREA).or(NONE),
            _ => LevelSet::MISSING,
        }
    }

    pub(super) fn area_level(&self) -> LevelSet {
        match self.areas() {
            2.. => area::TWO,
            1 => area::ONE,
            0 if self.near_miss => area::TWO.or(area::ONE),
            _ if self.names() >= 2 || self.full_birth => area::NONE,
            _ => LevelSet::MISSING,
        }
    }
}
