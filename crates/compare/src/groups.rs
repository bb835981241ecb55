//! The fixed forms of a record: how many points each of its groups has, whatever it holds.

use curve25519_dalek::RistrettoPoint;
use sanctuary_linkage::{Comparable, LetterPairs, swapped};

use crate::elements::{Kind, digits, pairs, sex};

/// The form of a record. All that its size tells: one of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Nearly every record: at most one further name, nothing unusually long.
    Usual,
    /// Up to three further names, or a longer address.
    Full,
    /// Anything that is comparable.
    Large,
}

const DIGITS: usize = 8;

impl Form {
    const ALL: [Self; 3] = [Self::Usual, Self::Full, Self::Large];

    /// The smallest that the record fits into.
    pub(crate) fn of(record: &Comparable) -> Self {
        let name = |pairs: &LetterPairs, form: Self| pairs.len() <= form.name();
        let fits = |form: &&Self| {
            Comparable::PARTS_MAX + record.middles.len() <= form.names()
                && record.address.len() <= form.address()
                && record.parts.iter().all(|part| name(part, **form))
                && record.middles.iter().all(|part| name(part, **form))
        };
        *Self::ALL.iter().find(fits).unwrap_or(&Self::Large)
    }

    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Names: the two parts and further ones.
    pub(crate) const fn names(self) -> usize {
        match self {
            Self::Usual => Comparable::PARTS_MAX + 1,
            Self::Full | Self::Large => Comparable::NAMES,
        }
    }

    /// Letter pairs of a name.
    pub(crate) const fn name(self) -> usize {
        match self {
            Self::Usual | Self::Full => 16,
            Self::Large => Comparable::NAME_PAIRS_MAX,
        }
    }

    /// Letter pairs of the address.
    pub(crate) const fn address(self) -> usize {
        match self {
            Self::Usual => 48,
            Self::Full => 64,
            Self::Large => Comparable::ADDRESS_PAIRS_MAX,
        }
    }

    /// Points of one group.
    pub(crate) const fn size(self, group: Group) -> usize {
        match group {
            Group::Name(_) => self.name(),
            Group::Address => self.address(),
            Group::Birth | Group::BirthSwapped => DIGITS,
            Group::Sex => 1,
        }
    }

    /// The groups that an opener sends, in order.
    pub(crate) fn groups(self) -> Vec<Group> {
        (0..self.names())
            .map(Group::Name)
            .chain([Group::Address, Group::Birth, Group::Sex])
            .collect()
    }

    /// The pairs of groups that are counted, in order: the opener's, then the answerer's.
    pub(crate) fn pairs(opener: Self, answerer: Self) -> Vec<(Group, Group)> {
        let names = (0..opener.names())
            .flat_map(|i| (0..answerer.names()).map(move |j| (i, j)))
            .filter(|(i, j)| Comparable::are_compared(*i, *j))
            .map(|(i, j)| (Group::Name(i), Group::Name(j)));
        names
            .chain([
                (Group::Address, Group::Address),
                (Group::Birth, Group::Birth),
                (Group::Birth, Group::BirthSwapped),
                (Group::Sex, Group::Sex),
            ])
            .collect()
    }
}

/// Points that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// A name by its place: the parts, then the further names.
    Name(usize),
    /// All words of the address.
    Address,
    /// Date of birth as written.
    Birth,
    /// With day and month the other way round.
    BirthSwapped,
    /// Sex.
    Sex,
}

impl Group {
    /// What the record has of it; nothing when the field is lacking.
    pub(crate) fn elements(self, record: &Comparable) -> Vec<RistrettoPoint> {
        match self {
            Self::Name(place) => record
                .name(place)
                .map_or_else(Vec::new, |name| pairs(Kind::Name, name)),
            Self::Address => pairs(Kind::Address, &record.address),
            Self::Birth => record.birth.map_or_else(Vec::new, digits),
            Self::BirthSwapped => record.birth.map(swapped).map_or_else(Vec::new, digits),
            Self::Sex => record.sex.map(sex).into_iter().collect(),
        }
    }

    /// How many elements the record has of it.
    pub(crate) fn count(self, record: &Comparable) -> usize {
        match self {
            Self::Name(place) => record.name(place).map_or(0, LetterPairs::len),
            Self::Address => record.address.len(),
            Self::Birth | Self::BirthSwapped => record.birth.map_or(0, |_| DIGITS),
            Self::Sex => usize::from(record.sex.is_some()),
        }
    }
}
