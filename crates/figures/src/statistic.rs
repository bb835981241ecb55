use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Trait, product::LISTS_MAX, words::words};

words! {
    /// How fast an answer was promised.
    Urgency {
        /// One hour.
        Now = "now", "1. Now (one hour)";
        /// Eight hours.
        SameDay = "same_day", "2. Same day (eight hours)";
        /// Three working days.
        Soon = "soon", "3. Three working days";
        /// Ten working days.
        Routine = "routine", "4. Ten working days";
    }
}

words! {
    /// How far a request is. Whether anything was released only the two agencies know.
    Outcome {
        /// An answer has left.
        Answered = "answered", "Answered";
        /// Nothing more will come.
        Closed = "closed", "Closed";
        /// An answer is awaited.
        Open = "open", "Not answered yet";
    }
}

/// One number on the fixed list. Lists are counted from 0 in the order of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Statistic {
    /// Distinct potential victims known.
    Victims,
    /// Potential victims on one list.
    VictimsOn(u8),
    /// Potential victims on both of two lists (the first is the lower).
    Both(u8, u8),
    /// Potential victims on two lists or more.
    TwoOrMore,
    /// Potential victims on three lists or more.
    ThreeOrMore,
    /// Potential victims with one trait.
    With(Trait),
    /// Distinct suspects known.
    Suspects,
    /// Suspects on one list.
    SuspectsOn(u8),
    /// Requests between agencies.
    Requests,
    /// Requests of one urgency.
    Asked(Urgency),
    /// Requests of one urgency without an answer past the promised time.
    Late(Urgency),
    /// Requests with one outcome.
    Ended(Outcome),
}

impl Statistic {
    /// The whole list for a number of lists.
    pub(crate) fn all(lists: usize) -> Vec<Self> {
        let lists = u8::try_from(lists.min(LISTS_MAX)).unwrap_or_default();
        let mut all = vec![Self::Victims];
        all.extend((0..lists).map(Self::VictimsOn));
        all.extend((0..lists).flat_map(|i| (i + 1..lists).map(move |j| Self::Both(i, j))));
        if lists >= 2 {
            all.push(Self::TwoOrMore);
        }
        if lists >= 3 {
            all.push(Self::ThreeOrMore);
        }
        all.extend(Trait::ALL.iter().map(|t| Self::With(*t)));
        all.push(Self::Suspects);
        all.extend((0..lists).map(Self::SuspectsOn));
        all.push(Self::Requests);
        all.extend(Urgency::ALL.iter().map(|u| Self::Asked(*u)));
        all.extend(Urgency::ALL.iter().map(|u| Self::Late(*u)));
        all.extend(Outcome::ALL.iter().map(|o| Self::Ended(*o)));
        all
    }

    /// Whether people of several agencies make it up, so that three must contribute.
    pub(crate) fn is_total(self) -> bool {
        matches!(
            self,
            Self::Victims | Self::TwoOrMore | Self::ThreeOrMore | Self::With(_) | Self::Suspects
        )
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Victims => f.write_str("victims"),
            Self::VictimsOn(i) => write!(f, "victims.list.{i}"),
            Self::Both(i, j) => write!(f, "victims.both.{i}.{j}"),
            Self::TwoOrMore => f.write_str("victims.two_or_more"),
            Self::ThreeOrMore => f.write_str("victims.three_or_more"),
            Self::With(t) => write!(f, "victims.{}.{}", t.family().word(), t.word()),
            Self::Suspects => f.write_str("suspects"),
            Self::SuspectsOn(i) => write!(f, "suspects.list.{i}"),
            Self::Requests => f.write_str("requests"),
            Self::Asked(u) => write!(f, "requests.urgency.{}", u.word()),
            Self::Late(u) => write!(f, "requests.late.{}", u.word()),
            Self::Ended(o) => write!(f, "requests.outcome.{}", o.word()),
        }
    }
}

impl From<Statistic> for String {
    fn from(statistic: Statistic) -> Self {
        statistic.to_string()
    }
}

impl TryFrom<String> for Statistic {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Statistic {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::all(LISTS_MAX)
            .into_iter()
            .find(|s| s.to_string() == text)
            .ok_or_else(|| "no statistic on the agreed list has this code".to_owned())
    }
}
