//! Where people's names come from, and what goes with it.

use super::{dice::Dice, person::Exploitation};

/// A naming culture, after the nationalities most seen in National Referral Mechanism figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Culture {
    Gb,
    Al,
    Vn,
    Er,
    So,
    Sd,
    Ar,
    Ro,
    Ng,
    Cn,
    Pl,
    Ua,
}

/// How the words of a full name stand, as its bearer says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Given names, then a family name.
    GivenFamily,
    /// Family name, middle word, given name.
    FamilyMiddleGiven,
    /// Family name, then given name.
    FamilyGiven,
    /// Own, father's and grandfather's name; no family name.
    Patronymic,
}

impl Culture {
    /// Every culture, in the order of their codes in memory.
    pub const ALL: &'static [Self] = &[
        Self::Gb,
        Self::Al,
        Self::Vn,
        Self::Er,
        Self::So,
        Self::Sd,
        Self::Ar,
        Self::Ro,
        Self::Ng,
        Self::Cn,
        Self::Pl,
        Self::Ua,
    ];

    /// Short code in `people.csv`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gb => "gb",
            Self::Al => "al",
            Self::Vn => "vn",
            Self::Er => "er",
            Self::So => "so",
            Self::Sd => "sd",
            Self::Ar => "ar",
            Self::Ro => "ro",
            Self::Ng => "ng",
            Self::Cn => "cn",
            Self::Pl => "pl",
            Self::Ua => "ua",
        }
    }

    /// Share among the people of a northern English partnership: UK, Eritrean and Somali shares
    /// after the Home Office's quarterly figures for 2025, the others by their usual order.
    pub const fn share(self) -> f64 {
        match self {
            Self::Gb => 0.26,
            Self::Er => 0.13,
            Self::So | Self::Al => 0.10,
            Self::Vn => 0.09,
            Self::Sd => 0.08,
            Self::Ar => 0.06,
            Self::Ro => 0.05,
            Self::Ng => 0.04,
            Self::Cn | Self::Pl | Self::Ua => 0.03,
        }
    }

    /// Nationalities, the usual one first.
    pub const fn nationalities(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::Gb => &[("British", 0.97), ("Irish", 0.03)],
            Self::Al => &[("Albanian", 0.9), ("Kosovan", 0.1)],
            Self::Vn => &[("Vietnamese", 1.0)],
            Self::Er => &[("Eritrean", 0.85), ("Ethiopian", 0.15)],
            Self::So => &[("Somali", 0.95), ("British", 0.05)],
            Self::Sd => &[("Sudanese", 1.0)],
            Self::Ar => &[
                ("Iraqi", 0.4),
                ("Syrian", 0.35),
                ("Egyptian", 0.15),
                ("Kuwaiti", 0.1),
            ],
            Self::Ro => &[("Romanian", 0.9), ("Moldovan", 0.1)],
            Self::Ng => &[("Nigerian", 0.92), ("British", 0.08)],
            Self::Cn => &[("Chinese", 1.0)],
            Self::Pl => &[("Polish", 1.0)],
            Self::Ua => &[("Ukrainian", 1.0)],
        }
    }

    /// How a full name stands.
    pub const fn pattern(self) -> Pattern {
        match self {
            Self::Vn => Pattern::FamilyMiddleGiven,
            Self::Cn => Pattern::FamilyGiven,
            Self::Er | Self::So | Self::Sd => Pattern::Patronymic,
            _ => Pattern::GivenFamily,
        }
    }

    /// (exponent, offset) of the fall of family-name frequency with rank: a third of Vietnamese
    /// people are called Nguyen, while no English name reaches two in a hundred.
    pub const fn family_name_curve(self) -> (f64, f64) {
        match self {
            Self::Vn => (1.2, 1.0),
            Self::Cn => (0.9, 1.0),
            Self::Er | Self::So | Self::Sd => (0.8, 2.0),
            _ => (0.6, 3.0),
        }
    }

    /// Share of family names (where people carry their fathers' names: of those) that are compounds
    /// (Ashworth, Gebremichael, Abdirahman, Nasreldin), where the book has stems and endings.
    pub const fn tail_share(self) -> f64 {
        match self {
            Self::Er => 0.25,
            Self::So | Self::Sd => 0.15,
            _ => 0.45,
        }
    }

    /// Share whose date of birth was never registered, so that papers say 1 January.
    pub const fn estimated_birth(self) -> f64 {
        match self {
            Self::Er | Self::So | Self::Sd => 0.28,
            Self::Ar | Self::Vn => 0.14,
            Self::Al | Self::Ng | Self::Cn => 0.05,
            _ => 0.005,
        }
    }

    /// Share under 18.
    pub const fn children(self) -> f64 {
        match self {
            Self::Gb => 0.62,
            Self::Vn | Self::Sd | Self::Er => 0.28,
            Self::Al => 0.2,
            _ => 0.12,
        }
    }

    /// What people of the culture are mostly exploited for.
    pub fn exploitation(self, dice: &mut Dice) -> Exploitation {
        use Exploitation::{Criminal, Domestic, Labour, Organ, Sexual};
        let table: &[(Exploitation, f64)] = match self {
            Self::Gb => &[
                (Criminal, 0.62),
                (Sexual, 0.25),
                (Labour, 0.12),
                (Domestic, 0.01),
            ],
            Self::Al => &[(Criminal, 0.42), (Labour, 0.33), (Sexual, 0.25)],
            Self::Vn => &[(Criminal, 0.45), (Labour, 0.38), (Sexual, 0.17)],
            Self::Ng => &[(Sexual, 0.4), (Domestic, 0.3), (Labour, 0.3)],
            Self::Ro | Self::Pl | Self::Ua => &[(Labour, 0.6), (Sexual, 0.3), (Criminal, 0.1)],
            _ => &[
                (Labour, 0.68),
                (Sexual, 0.14),
                (Domestic, 0.12),
                (Criminal, 0.055),
                (Organ, 0.005),
            ],
        };
        dice.of_table(table)
    }

    /// Script of a public list from which the culture's names are mostly carried over into Latin
    /// letters, or one that is written by ear in the same way.
    pub(super) const fn script(self) -> Option<&'static str> {
        match self {
            Self::Er | Self::So | Self::Sd | Self::Ar => Some("arabic"),
            Self::Ua => Some("russian"),
            _ => None,
        }
    }

    pub(super) const fn names_file(self) -> &'static str {
        match self {
            Self::Gb => include_str!("../../data/names/gb.tsv"),
            Self::Al => include_str!("../../data/names/al.tsv"),
            Self::Vn => include_str!("../../data/names/vn.tsv"),
            Self::Er => include_str!("../../data/names/er.tsv"),
            Self::So => include_str!("../../data/names/so.tsv"),
            Self::Sd => include_str!("../../data/names/sd.tsv"),
            Self::Ar => include_str!("../../data/names/ar.tsv"),
            Self::Ro => include_str!("../../data/names/ro.tsv"),
            Self::Ng => include_str!("../../data/names/ng.tsv"),
            Self::Cn => include_str!("../../data/names/cn.tsv"),
            Self::Pl => include_str!("../../data/names/pl.tsv"),
            Self::Ua => include_str!("../../data/names/ua.tsv"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_indices_are_positions() {
        let total: f64 = Culture::ALL.iter().map(|c| c.share()).sum();
        assert!((total - 1.0).abs() < 1e-9);
        for (index, culture) in Culture::ALL.iter().enumerate() {
            assert_eq!(*culture as usize, index);
        }
    }
}
