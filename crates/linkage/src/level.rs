use serde::{Deserialize, Serialize};

/// A field of evidence. Fields with one name part, or without day and month, have levels of their
/// own, because other tokens are observable there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Both records have two or more name parts.
    Name,
    /// One record has a single name part.
    NameSingle,
    /// Both have day, month and year.
    Birth,
    /// Both have a year, and one has no more.
    BirthYear,
    /// Fine place; both records have one.
    Place,
    /// Area, where a record has no fine place.
    Area,
    /// Sex as recorded, from the second step.
    Sex,
}

impl Field {
    /// Every field, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::NameSingle,
        Self::Birth,
        Self::BirthYear,
        Self::Place,
        Self::Area,
        Self::Sex,
    ];

    /// Number of levels.
    #[must_use]
    pub const fn levels(self) -> usize {
        match self {
            Self::Name => 13,
            Self::NameSingle => 5,
            Self::Birth => 7,
            Self::BirthYear | Self::Area => 3,
            Self::Place => 4,
            Self::Sex => 2,
        }
    }
}

/// A non-empty set of levels of one field, of which exactly one holds; empty = not compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LevelSet(u16);

impl LevelSet {
    /// Nothing could be compared.
    pub const MISSING: Self = Self(0);

    /// Every level of a field.
    pub(crate) const fn all(field: Field) -> Self {
        Self((1 << field.levels()) - 1)
    }

    pub(crate) const fn one(level: usize) -> Self {
        Self(1 << level)
    }
    /// The first levels of a field.
    pub(crate) const fn first(levels: usize) -> Self {
        Self((1 << levels) - 1)
    }
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Whether nothing could be compared.
    #[must_use]
    pub const fn is_missing(self) -> bool {
        self.0 == 0
    }
    /// Number of levels that are possible.
    #[must_use]
    pub const fn size(self) -> u32 {
        self.0.count_ones()
    }
    /// Whether every level of `self` is in `other`.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
    /// Whether some level of `self` is in `other`.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
    /// Positions of the levels, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..16).filter(move |i| self.0 & (1 << i) != 0)
    }
}

macro_rules! levels {
    ($module:ident: $($(#[$doc:meta])* $name:ident = $index:literal),*) => {
        pub(crate) mod $module {
            use super::LevelSet;
            $($(#[$doc])* pub const $name: LevelSet = LevelSet::one($index);)*
        }
    };
}

levels!(name:
    /// Three parts.
    THREE = 0,
    /// Two parts that passed the rarity gate.
    TWO_RARE = 1,
    /// Two parts just below the gate, held once by each agency.
    TWO_MEDIUM = 2,
    /// Two parts, the only ones.
    TWO = 3,
    /// Two of three parts.
    TWO_OF_THREE = 4,
    /// One part and the other's initial.
    ONE_INITIAL = 5,
    /// One part and two MinHash bands.
    ONE_BANDS = 6,
    /// One part and one MinHash band.
    ONE_BAND = 7,
    /// One part; the other's initial differs.
    ONE = 8,
    /// Two bands.
    BANDS = 9,
    /// One band.
    BAND = 10,
    /// An initial.
    INITIAL = 11,
    /// Nothing.
    NONE = 12
);
levels!(single: ONLY = 0, BANDS = 1, BAND = 2, INITIAL = 3, NONE = 4);
levels!(birth:
    FULL = 0,
    /// Day and month; years within two or three of each other.
    DAY_MONTH_NEAR = 1,
    DAY_MONTH = 2,
    /// Year and month or year and day.
    YEAR_AND_ONE = 3,
    YEAR = 4,
    NEAR = 5,
    NONE = 6
);
levels!(birth_year: YEAR = 0, NEAR = 1, NONE = 2);
levels!(place: FINE = 0, TWO_AREAS = 1, AREA = 2, NONE = 3);
levels!(area: TWO = 0, ONE = 1, NONE = 2);
levels!(sex: SAME = 0, OTHER = 1);

/// One probability per level of each field: of chance agreement (u) or of agreement for one
/// person (m). The order within a row is that of the specification's levels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelTables {
    /// [`Field::Name`].
    pub name: [f64; 13],
    /// [`Field::NameSingle`].
    pub name_single: [f64; 5],
    /// [`Field::Birth`].
    pub birth: [f64; 7],
    /// [`Field::BirthYear`].
    pub birth_year: [f64; 3],
    /// [`Field::Place`].
    pub place: [f64; 4],
    /// [`Field::Area`].
    pub area: [f64; 3],
    /// [`Field::Sex`].
    pub sex: [f64; 2],
}

impl LevelTables {
    /// The levels of one field.
    #[must_use]
    pub fn row(&self, field: Field) -> &[f64] {
        match field {
            Field::Name => &self.name,
            Field::NameSingle => &self.name_single,
            Field::Birth => &self.birth,
            Field::BirthYear => &self.birth_year,
            Field::Place => &self.place,
            Field::Area => &self.area,
            Field::Sex => &self.sex,
        }
    }

    pub(crate) fn row_mut(&mut self, field: Field) -> &mut [f64] {
        match field {
            Field::Name => &mut self.name,
            Field::NameSingle => &mut self.name_single,
            Field::Birth => &mut self.birth,
            Field::BirthYear => &mut self.birth_year,
            Field::Place => &mut self.place,
            Field::Area => &mut self.area,
            Field::Sex => &mut self.sex,
        }
    }

    /// `share` of `self` and the rest of `other`; rows that sum to one still do.
    pub(crate) fn mixed(&self, share: f64, other: &Self) -> Self {
        let mut out = self.clone();
        for field in Field::ALL {
            for (x, y) in out.row_mut(field).iter_mut().zip(other.row(field)) {
                *x = share * *x + (1.0 - share) * y;
            }
        }
        out
    }
}
