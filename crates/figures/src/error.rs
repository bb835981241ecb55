use std::fmt;

use serde::{Deserialize, Serialize};

/// The rules of disclosure control. The numbers 1 to 8 are the steps of the published procedure, 9 to 12
/// the frame around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// 1: ten people entered or left since the last edition.
    Gate,
    /// 2: a figure is kept until five people of it changed.
    Held,
    /// 3: seven or fewer are `x`, the rest goes to the nearest five.
    Few,
    /// 4: nearly all of one list, or fewer than three agencies behind a total, are `x`.
    Group,
    /// 5: nothing is worked out from exact counts.
    RoundedOnly,
    /// 6: the estimate is a range in two figures, from three lists or more.
    Estimate,
    /// 7: nobody who knows their own list and all past editions finds a protected number.
    Audit,
    /// 8: two officers sign.
    TwoPersons,
    /// 9: only the statistics on the list.
    FixedList,
    /// 10: one window a year, which may grow and never overlaps another.
    OneWindow,
    /// 11: one edition a quarter.
    Quarter,
    /// 12: the counts must be whole and fit together.
    Counts,
}

impl Rule {
    /// Its number, as refusals quote it.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// Why there is no edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Refusal {
    /// Which rule.
    pub rule: Rule,
    /// One sentence for whoever asked.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn new(rule: Rule, reason: impl Into<String>) -> Self {
        Self {
            rule,
            reason: reason.into(),
        }
    }

    pub(crate) fn not_on_the_list() -> Self {
        Self::new(
            Rule::FixedList,
            "Only the statistics on the agreed list are published: no smaller groups, and no group split by another.",
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule {}: {}", self.rule.number(), self.reason)
    }
}

/// Why a chain of editions does not verify.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file is not a chain of editions.
    #[error("this is not a chain of editions: {0}; take the file from a backup")]
    Format(String),
    /// An edition does not follow the one before it.
    #[error("edition {0} does not follow the one before it: it was changed or one was taken out")]
    Chain(u32),
    /// An edition lacks two officers' signatures.
    #[error("edition {0} is not signed by two officers of this partnership")]
    Signatures(u32),
    /// A printed figure is not what the rules make of the kept counts.
    #[error("edition {edition} prints {statistic} otherwise than rule {} makes it", rule.number())]
    Figure {
        /// Which edition.
        edition: u32,
        /// Which statistic.
        statistic: String,
        /// Which rule.
        rule: Rule,
    },
    /// An edition breaks a rule as a whole.
    #[error("edition {edition} breaks a rule. {refusal}")]
    Broken {
        /// Which edition.
        edition: u32,
        /// Which rule and how.
        refusal: Refusal,
    },
}
