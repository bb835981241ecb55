//! Levels of the second step, as refinements of the levels that tokens give.
//!
//! What a comparison finds depends strongly on what the tokens found already: two names with equal
//! codes are mostly spelt alike, whoever bears them. Counting both would count one thing twice, and
//! replacing the one by the other would throw away how rare a name is, and would bias the fit,
//! because only candidates in doubt are compared. So the chance of a compared level is kept *given*
//! the level of the tokens; which candidates were compared then does not matter, since that is
//! decided by tokens alone ("missing at random": Rubin, Biometrika 63, 1976).

use sanctuary_types::{ComparedLevels, Likeness, NameLevel};
use serde::{Deserialize, Serialize};

use crate::{Field, level::LevelSet};

/// The levels of [`Field::Name`] at which two parts or more agree, which are its first.
const TWO_PARTS_LEVELS: usize = 5;

/// Something the second step compares. Each refines one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// NM2 of two parts: same-same, same-close, same-loose, same-unlike, close-close, and so on.
    Name,
    /// NM2 of a single part.
    NameSingle,
    /// DOB2.
    Birth,
    /// AD2, where both records have a fine place or neither has an area.
    Address,
    /// AD2, where a record has an area and no fine place.
    AddressOfArea,
    /// MID2.
    Middle,
}

impl Detail {
    /// Every detail, in the order of tables.
    pub const ALL: [Self; 6] = [
        Self::Name,
        Self::NameSingle,
        Self::Birth,
        Self::Address,
        Self::AddressOfArea,
        Self::Middle,
    ];

    /// Number of levels.
    #[must_use]
    pub const fn levels(self) -> usize {
        match self {
            Self::Name => 10,
            Self::NameSingle => 4,
            Self::Birth | Self::Address | Self::AddressOfArea => 5,
            Self::Middle => 3,
        }
    }

    /// Number of groups of the field's levels.
    #[must_use]
    pub const fn groups(self) -> usize {
        match self {
            Self::Name => 6,
            Self::NameSingle | Self::Address | Self::AddressOfArea => 3,
            Self::Birth => 7,
            Self::Middle => 2,
        }
    }

    /// The group of a level of the field: levels of one group share a row.
    pub(crate) const fn group(self, level: usize) -> usize {
        match self {
            // Two or more parts; one and bands; one and the other's initial; one; bands; nothing.
            Self::Name => match level {
                0..=4 => 0,
                6 | 7 => 1,
                5 => 2,
                8 => 3,
                9 | 10 => 4,
                _ => 5,
            },
            // The part; bands; nothing.
            Self::NameSingle => match level {
                0 => 0,
                1 | 2 => 1,
                _ => 2,
            },
            Self::Birth | Self::AddressOfArea => level,
            // Fine place; area; nothing.
            Self::Address => match level {
                0 => 0,
                1 | 2 => 1,
                _ => 2,
            },
            // Three parts; fewer.
            Self::Middle => match level {
                0 => 0,
                _ => 1,
            },
        }
    }

    /// The field it refines.
    #[must_use]
    pub const fn field(self) -> Field {
        match self {
            Self::Name | Self::Middle => Field::Name,
            Self::NameSingle => Field::NameSingle,
            Self::Birth => Field::Birth,
            Self::Address => Field::Place,
            Self::AddressOfArea => Field::Area,
        }
    }

    /// Whether a further name is already what the tokens agreed on: two parts agree and only one
    /// main name does, as with brothers who share their father's and grandfather's name. Counting
    /// it again would make one person of them.
    pub(crate) fn is_told(self, name: LevelSet, compared: &ComparedLevels) -> bool {
        let two_parts_agree = !name.is_missing() && name.within(LevelSet::first(TWO_PARTS_LEVELS));
        let one_main_name = matches!(compared.name, Some(NameLevel::Two(_, Likeness::Unlike)));
        self == Self::Middle && two_parts_agree && one_main_name
    }

    /// The level that was found: 0 is the most alike.
    pub(crate) fn found(self, compared: &ComparedLevels) -> Option<usize> {
        match self {
            Self::Name => match compared.name? {
                NameLevel::Two(better, worse) => {
                    let (i, j) = (usize::from(better.code()), usize::from(worse.code()));
                    // Position in the upper triangle of a 4 x 4 table.
                    Some(4 * i + j - i * (i + 1) / 2)
                }
                NameLevel::One(_) => None,
            },
            Self::NameSingle => match compared.name? {
                NameLevel::One(likeness) => Some(usize::from(likeness.code())),
                NameLevel::Two(..) => None,
            },
            Self::Birth => Some(compared.birth? as usize),
            Self::Address | Self::AddressOfArea => Some(compared.address? as usize),
            Self::Middle => Some(compared.middle? as usize),
        }
    }
}

/// One probability per level of each detail, given a group of levels of its field: rows of rows
/// that each sum to one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailTables {
    /// [`Detail::Name`].
    pub name: [[f64; 10]; 6],
    /// [`Detail::NameSingle`].
    pub name_single: [[f64; 4]; 3],
    /// [`Detail::Birth`].
    pub birth: [[f64; 5]; 7],
    /// [`Detail::Address`].
    pub address: [[f64; 5]; 3],
    /// [`Detail::AddressOfArea`].
    pub address_of_area: [[f64; 5]; 3],
    /// [`Detail::Middle`].
    pub middle: [[f64; 3]; 2],
}

impl DetailTables {
    /// The levels of a detail given a group.
    #[must_use]
    pub fn row(&self, detail: Detail, group: usize) -> &[f64] {
        match detail {
            Detail::Name => &self.name[group],
            Detail::NameSingle => &self.name_single[group],
            Detail::Birth => &self.birth[group],
            Detail::Address => &self.address[group],
            Detail::AddressOfArea => &self.address_of_area[group],
            Detail::Middle => &self.middle[group],
        }
    }

    pub(crate) fn row_mut(&mut self, detail: Detail, group: usize) -> &mut [f64] {
        match detail {
            Detail::Name => &mut self.name[group],
            Detail::NameSingle => &mut self.name_single[group],
            Detail::Birth => &mut self.birth[group],
            Detail::Address => &mut self.address[group],
            Detail::AddressOfArea => &mut self.address_of_area[group],
            Detail::Middle => &mut self.middle[group],
        }
    }

    /// Every row, with its detail and group.
    pub(crate) fn places() -> impl Iterator<Item = (Detail, usize)> {
        Detail::ALL
            .into_iter()
            .flat_map(|detail| (0..detail.groups()).map(move |group| (detail, group)))
    }

    /// `share` of `self` and the rest of `other`; rows that sum to one still do.
    pub(crate) fn mixed(&self, share: f64, other: &Self) -> Self {
        let mut out = self.clone();
        for (detail, group) in Self::places() {
            let row = out.row_mut(detail, group);
            for (x, y) in row.iter_mut().zip(other.row(detail, group)) {
                *x = share * *x + (1.0 - share) * y;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_one_place() {
        let mut seen = Vec::new();
        for (i, better) in Likeness::ALL.into_iter().enumerate() {
            for worse in Likeness::ALL.into_iter().skip(i) {
                let compared = ComparedLevels {
                    name: Some(NameLevel::Two(better, worse)),
                    ..ComparedLevels::default()
                };
                seen.extend(Detail::Name.found(&compared));
                assert_eq!(Detail::NameSingle.found(&compared), None);
            }
        }
        assert_eq!(seen, (0..Detail::Name.levels()).collect::<Vec<_>>());
    }

    #[test]
    fn groups_cover_the_levels() {
        for detail in Detail::ALL {
            let mut groups: Vec<usize> = (0..detail.field().levels())
                .map(|level| detail.group(level))
                .collect();
            groups.sort_unstable();
            groups.dedup();
            assert_eq!(groups, (0..detail.groups()).collect::<Vec<_>>());
        }
    }
}
