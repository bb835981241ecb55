use std::fmt;

use serde::{Serialize, Serializer};

use crate::{fit::Fit, table::Table};

/// Two different lists of a table, the one with the smaller index first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    first: u8,
    second: u8,
}

impl Pair {
    /// The pair of two list indexes, in whatever order. `None` for a list with itself.
    #[must_use]
    pub fn new(a: usize, b: usize) -> Option<Self> {
        let (first, second) = (u8::try_from(a.min(b)).ok()?, u8::try_from(a.max(b)).ok()?);
        (first != second).then_some(Self { first, second })
    }

    /// Every pair of so many lists, in order.
    pub fn all(lists: usize) -> impl Iterator<Item = Self> + use<> {
        let firsts = 0..lists;
        firsts.flat_map(move |a| (a + 1..lists).filter_map(move |b| Self::new(a, b)))
    }

    /// Both indexes, ascending.
    #[must_use]
    pub fn indexes(self) -> (usize, usize) {
        (usize::from(self.first), usize::from(self.second))
    }

    /// The history of somebody on just these two lists.
    #[must_use]
    pub fn mask(self) -> usize {
        1 << self.first | 1 << self.second
    }
}

/// A pair that a model lets depend on each other. Written as `police:council`, with `(-inf)` behind
/// it where the parameter is minus infinity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairTerm {
    /// Name of the first list.
    pub first: String,
    /// Name of the second list.
    pub second: String,
    /// Nobody is on both: the parameter is minus infinity (extended maximum likelihood).
    pub minus_infinity: bool,
}

impl fmt::Display for PairTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.minus_infinity { "(-inf)" } else { "" };
        write!(f, "{}:{}{mark}", self.first, self.second)
    }
}

impl Serialize for PairTerm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A fitted model in names and numbers, for reports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelSummary {
    /// Pairs in the order they were chosen.
    pub pairs: Vec<PairTerm>,
    /// Known and hidden people.
    pub total: f64,
    /// Hidden people: the dark figure.
    pub hidden: f64,
    /// Interval for the total if this model were known to be right (Wald, on the log of the hidden).
    pub wald_95: [f64; 2],
    /// Logarithm of the likelihood.
    pub log_likelihood: f64,
    /// Parameters, those at minus infinity too.
    pub parameters: usize,
    /// Akaike's criterion.
    pub aic: f64,
    /// Bayesian criterion, with the number of people known.
    pub bic: f64,
}

impl ModelSummary {
    /// The summary of a fit to `table`.
    #[must_use]
    pub fn of(table: &Table, fit: &Fit) -> Self {
        Self {
            pairs: fit
                .pairs()
                .iter()
                .map(|pair| term_of(table, *pair))
                .collect(),
            total: fit.total(),
            hidden: fit.hidden(),
            wald_95: fit.wald_95(),
            log_likelihood: fit.log_likelihood(),
            parameters: fit.parameters(),
            aic: fit.aic(),
            bic: fit.bic(),
        }
    }
}

/// A pair of a table's lists as a term, in names.
#[must_use]
pub fn term_of(table: &Table, pair: Pair) -> PairTerm {
    let (first, second) = pair.indexes();
    PairTerm {
        first: table.lists()[first].clone(),
        second: table.lists()[second].clone(),
        minus_infinity: table.on_both(pair) == 0,
    }
}
