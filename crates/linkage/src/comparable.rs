//! What the second step compares: letter pairs of names and address, digits of the date of birth,
//! and sex. One function turns sizes and intersections into levels, so that the encrypted protocol
//! and a comparison in clear (an agency with its own records, a test) agree by construction.
//!
//! Source: linkage specification, section 12.2; the Dice coefficient of letter pairs is that of
//! Adamson and Boreham, Information Storage and Retrieval 10 (1974).

use std::fmt;

use sanctuary_types::{AddressLevel, BirthLevel, ComparedLevels, Likeness, MiddleLevel, NameLevel};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Distinct letter pairs of a text, hashed, ascending. Personal data: erased on drop.
///
/// The hash is public and the same everywhere; it hides nothing. It only makes cutting a long set
/// a fair sample of it.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct LetterPairs(Vec<u64>);

impl LetterPairs {
    /// The letter pairs of words, each with `_` at both ends; the `most` smallest hashes.
    #[must_use]
    pub fn of<'w>(words: impl IntoIterator<Item = &'w str>, most: usize) -> Self {
        let mut pairs: Vec<u64> = words
            .into_iter()
            .filter(|word| !word.is_empty())
            .flat_map(|word| {
                let firsts = std::iter::once('_').chain(word.chars());
                let seconds = word.chars().chain(std::iter::once('_'));
                firsts.zip(seconds).map(|(a, b)| hash(a, b))
            })
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs.truncate(most);
        Self(pairs)
    }

    /// Number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The hashes, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.0.iter().copied()
    }

    /// Pairs that both have.
    #[must_use]
    pub fn shared(&self, other: &Self) -> usize {
        let mut rest = other.0.as_slice();
        let mut shared = 0;
        for pair in &self.0 {
            rest = &rest[rest.partition_point(|x| x < pair)..];
            shared += usize::from(rest.first() == Some(pair));
        }
        shared
    }

    fn overlap(&self, other: &Self) -> Overlap {
        Overlap {
            own: self.len() as u32,
            theirs: other.len() as u32,
            shared: self.shared(other) as u32,
        }
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection, so that
/// different letter pairs never meet.
const fn hash(a: char, b: char) -> u64 {
    let mut x = ((a as u64) << 32 | b as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// One record as the second step compares it. Personal data: erased on drop, never printed, stays
/// at the agency.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Comparable {
    /// Of the first two name parts; at most [`Self::PARTS_MAX`].
    pub parts: Vec<LetterPairs>,
    /// Of further names; at most [`Self::MIDDLES_MAX`].
    pub middles: Vec<LetterPairs>,
    /// Of all words of the address.
    pub address: LetterPairs,
    /// YYYYMMDD as written; only a full date that is not 1 January (nearly always an estimate).
    pub birth: Option<[u8; 8]>,
    /// Sex as recorded.
    pub sex: Option<u8>,
}

impl Comparable {
    /// Parts compared.
    pub const PARTS_MAX: usize = 2;
    /// Further names compared.
    pub const MIDDLES_MAX: usize = 3;
    /// Letter pairs of one name.
    pub const NAME_PAIRS_MAX: usize = 32;
    /// Letter pairs of an address.
    pub const ADDRESS_PAIRS_MAX: usize = 96;

    /// Makes a record comparable; what exceeds a limit is left out.
    #[must_use]
    pub fn new<'w>(
        parts: impl IntoIterator<Item = &'w str>,
        middles: impl IntoIterator<Item = &'w str>,
        address: impl IntoIterator<Item = &'w str>,
        birth: Option<(u16, u8, u8)>,
        sex: Option<u8>,
    ) -> Self {
        let name = |word: &'w str| LetterPairs::of([word], Self::NAME_PAIRS_MAX);
        let kept = |pairs: &LetterPairs| !pairs.is_empty();
        Self {
            parts: (parts.into_iter().map(name).filter(kept))
                .take(Self::PARTS_MAX)
                .collect(),
            middles: (middles.into_iter().map(name).filter(kept))
                .take(Self::MIDDLES_MAX)
                .collect(),
            address: LetterPairs::of(address, Self::ADDRESS_PAIRS_MAX),
            birth: birth.and_then(digits),
            sex,
        }
    }

    /// The levels of two records, in clear.
    #[must_use]
    pub fn levels(&self, other: &Self) -> ComparedLevels {
        self.overlaps(other).levels()
    }

    /// What the encrypted protocol would count.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> OverlapCounts {
        let mut parts = [[None; 2]; 2];
        for (row, a) in parts.iter_mut().zip(&self.parts) {
            for (cell, b) in row.iter_mut().zip(&other.parts) {
                *cell = Some(a.overlap(b));
            }
        }
        let middles = (self.middles.iter())
            .flat_map(|a| other.middles.iter().map(|b| a.overlap(b)))
            .collect();
        let address = (!self.address.is_empty() && !other.address.is_empty())
            .then(|| self.address.overlap(&other.address));
        let birth = self
            .birth
            .zip(other.birth)
            .map(|(a, b)| (equal_digits(a, b), equal_digits(a, swapped(b))));
        OverlapCounts {
            parts,
            middles,
            address,
            birth,
            sex: self.sex.zip(other.sex).map(|(a, b)| a == b),
        }
    }
}

fn digits((year, month, day): (u16, u8, u8)) -> Option<[u8; 8]> {
    let text = format!("{year:04}{month:02}{day:02}");
    text.as_bytes().try_into().ok()
}

/// The same date with day and month the other way round.
#[must_use]
pub const fn swapped(birth: [u8; 8]) -> [u8; 8] {
    let [a, b, c, d, m, n, x, y] = birth;
    [a, b, c, d, x, y, m, n]
}

fn equal_digits(a: [u8; 8], b: [u8; 8]) -> u8 {
    a.iter().zip(b).map(|(x, y)| u8::from(*x == y)).sum()
}

impl fmt::Debug for LetterPairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LetterPairs(<redacted>)")
    }
}

impl fmt::Debug for Comparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Comparable(<redacted>)")
    }
}

/// Sizes of two sets and of their intersection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Of the first record.
    pub own: u32,
    /// Of the second record.
    pub theirs: u32,
    /// Of both; never more than either.
    pub shared: u32,
}

impl Overlap {
    /// 2 x shared / (own + theirs); 0 for two empty sets.
    #[must_use]
    pub fn dice(self) -> f64 {
        let sum = self.own.saturating_add(self.theirs).max(1);
        2.0 * f64::from(self.shared) / f64::from(sum)
    }
}

/// What the protocol counts of two records. Stays at the nodes that compare; only
/// [`Self::levels`] leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverlapCounts {
    /// Part i of the first record with part j of the second; none where one lacks it.
    pub parts: [[Option<Overlap>; 2]; 2],
    /// Every further name of the first with every further name of the second.
    pub middles: Vec<Overlap>,
    /// Addresses; none where one is lacking.
    pub address: Option<Overlap>,
    /// Equal digits, 0 to 8: as written, and with day and month of the second swapped.
    pub birth: Option<(u8, u8)>,
    /// Whether the sexes recorded are equal.
    pub sex: Option<bool>,
}

impl OverlapCounts {
    /// The levels that may leave a node.
    #[must_use]
    pub fn levels(&self) -> ComparedLevels {
        ComparedLevels {
            name: self.name(),
            birth: self.birth.map(birth),
            address: self.address.map(|overlap| address(overlap.dice())),
            middle: (self.middles.iter())
                .map(|overlap| overlap.dice())
                .max_by(f64::total_cmp)
                .map(middle),
            sex: self.sex,
        }
    }

    /// Of the two ways to pair two parts with two, the one that is more alike in sum counts.
    fn name(&self) -> Option<NameLevel> {
        let dice = |i: usize, j: usize| self.parts[i][j].map(Overlap::dice);
        if let [[Some(a), Some(b)], [Some(c), Some(d)]] =
            [[dice(0, 0), dice(0, 1)], [dice(1, 0), dice(1, 1)]]
        {
            let (x, y) = if a + d >= b + c { (a, d) } else { (b, c) };
            return Some(NameLevel::Two(likeness(x.max(y)), likeness(x.min(y))));
        }
        let known = [(0, 0), (0, 1), (1, 0)].into_iter();
        known
            .filter_map(|(i, j)| dice(i, j))
            .max_by(f64::total_cmp)
            .map(|best| NameLevel::One(likeness(best)))
    }
}

fn likeness(dice: f64) -> Likeness {
    match dice {
        0.999.. => Likeness::Same,
        0.7.. => Likeness::Close,
        0.45.. => Likeness::Loose,
        _ => Likeness::Unlike,
    }
}

fn birth((straight, swapped): (u8, u8)) -> BirthLevel {
    match (2 * straight.min(8)).max((2 * swapped.min(8)).saturating_sub(1)) {
        16.. => BirthLevel::Eight,
        14.. => BirthLevel::Seven,
        12.. => BirthLevel::Six,
        9.. => BirthLevel::Five,
        _ => BirthLevel::Fewer,
    }
}

fn address(dice: f64) -> AddressLevel {
    match dice {
        0.95.. => AddressLevel::Same,
        0.7.. => AddressLevel::Close,
        0.45.. => AddressLevel::Loose,
        0.25.. => AddressLevel::Faint,
        _ => AddressLevel::Unlike,
    }
}

fn middle(dice: f64) -> MiddleLevel {
    match dice {
        0.7.. => MiddleLevel::Close,
        0.4.. => MiddleLevel::Loose,
        _ => MiddleLevel::Unlike,
    }
}

#[cfg(test)]
mod tests;
