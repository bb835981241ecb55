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

    /// Places of names: the parts, then the further names.
    pub const NAMES: usize = Self::PARTS_MAX + Self::MIDDLES_MAX;

    /// Whether the names at these places of two records are compared: parts with parts, further
    /// names with each other, and the first of them with parts.
    #[must_use]
    pub const fn are_compared(i: usize, j: usize) -> bool {
        match (i >= Self::PARTS_MAX, j >= Self::PARTS_MAX) {
            (false, true) => j == Self::PARTS_MAX,
            (true, false) => i == Self::PARTS_MAX,
            _ => true,
        }
    }

    /// The name at a place.
    #[must_use]
    pub fn name(&self, place: usize) -> Option<&LetterPairs> {
        let further = place.checked_sub(Self::PARTS_MAX);
        further.map_or_else(
            || self.parts.get(place),
            |further| self.middles.get(further),
        )
    }

    /// Every name with its place.
    fn names(&self) -> impl Iterator<Item = (usize, &LetterPairs)> {
        let further = (Self::PARTS_MAX..).zip(&self.middles);
        self.parts.iter().enumerate().chain(further)
    }

    /// The levels of two records, in clear.
    #[must_use]
    pub fn levels(&self, other: &Self) -> ComparedLevels {
        self.overlaps(other).levels()
    }

    /// What the encrypted protocol would count.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> OverlapCounts {
        let mut names = [[None; Self::NAMES]; Self::NAMES];
        for (i, a) in self.names() {
            for (j, b) in other.names() {
                if Self::are_compared(i, j) {
                    names[i][j] = Some(a.overlap(b));
                }
            }
        }
        let address = (!self.address.is_empty() && !other.address.is_empty())
            .then(|| self.address.overlap(&other.address));
        let birth = self
            .birth
            .zip(other.birth)
            .map(|(a, b)| (equal_digits(a, b), equal_digits(a, swapped(b))));
        OverlapCounts {
            names,
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

/// Places of a name of the first and of the second record.
type Cell = (usize, usize);

/// What the protocol counts of two records. Stays at the nodes that compare; only
/// [`Self::levels`] leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverlapCounts {
    /// The name at place i of the first record with that at place j of the second, as far as
    /// [`Comparable::are_compared`]; none where one lacks it.
    pub names: [[Option<Overlap>; Comparable::NAMES]; Comparable::NAMES],
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
        let ways = self.best_ways();
        ComparedLevels {
            name: self.name(&ways),
            birth: self.birth.map(birth),
            address: self.address.map(|overlap| address(overlap.dice())),
            middle: self.middle(&ways),
            sex: self.sex,
        }
    }

    fn dice(&self, (i, j): Cell) -> Option<f64> {
        self.names[i][j].map(Overlap::dice)
    }

    /// The ways to pair two names of one with two of the other that are most alike in sum. The
    /// first part takes part on both sides, so that brothers, who share all names but that, do not
    /// look like one person; beside it counts the second part of either with the second part or the
    /// first further name of the other, since forms cut chains of fathers' names anywhere. Two
    /// further names are no main ones.
    fn best_ways(&self) -> Vec<[Cell; 2]> {
        const FURTHER: usize = Comparable::PARTS_MAX;
        let others: [Cell; 3] = [(1, 1), (1, FURTHER), (FURTHER, 1)];
        let ways = others.map(|(i, j)| [[(0, 0), (i, j)], [(0, j), (i, 0)]]);
        let alike = |way: &[Cell; 2]| {
            let (x, y) = self.dice(way[0]).zip(self.dice(way[1]))?;
            // Whole numbers, so that equal is equal; of equal sums the one with the better name.
            let exact = |dice: f64| (dice * 1e9).round() as u64;
            Some((exact(x + y), exact(x.max(y))))
        };
        let known = ways.into_iter().flatten();
        let known: Vec<_> = known.filter_map(|way| Some((alike(&way)?, way))).collect();
        let best = known.iter().map(|(alike, _)| *alike).max();
        let best = known.iter().filter(|(alike, _)| Some(*alike) == best);
        best.map(|(_, way)| *way).collect()
    }

    fn name(&self, ways: &[[Cell; 2]]) -> Option<NameLevel> {
        if let Some([one, other]) = ways.first()
            && let Some((x, y)) = self.dice(*one).zip(self.dice(*other))
        {
            return Some(NameLevel::Two(likeness(x.max(y)), likeness(x.min(y))));
        }
        let known = [(0, 0), (0, 1), (1, 0)].into_iter();
        let best = known
            .filter_map(|cell| self.dice(cell))
            .max_by(f64::total_cmp);
        best.map(|best| NameLevel::One(likeness(best)))
    }

    /// The best two further names that did not count as main ones.
    fn middle(&self, ways: &[[Cell; 2]]) -> Option<MiddleLevel> {
        let further = || Comparable::PARTS_MAX..Comparable::NAMES;
        let cells = further().flat_map(|i| further().map(move |j| (i, j)));
        let is_free = |(i, j): Cell, way: &[Cell; 2]| way.iter().all(|(a, b)| *a != i && *b != j);
        cells
            .filter(|cell| ways.is_empty() || ways.iter().any(|way| is_free(*cell, way)))
            .filter_map(|cell| self.dice(cell))
            .max_by(f64::total_cmp)
            .map(middle)
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
