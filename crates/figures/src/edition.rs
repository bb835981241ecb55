use std::fmt;

use sanctuary_trust::OfficerSignature;
use sanctuary_types::{Timestamp, lp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Count, Estimate, Statistic, Window};

/// What is printed for a statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Text {
    /// A multiple of five.
    Number(u32),
    /// Few people, or nearly all of a list, or a number that would give one of those away.
    X,
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::X => f.write_str("x"),
        }
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.to_string()
    }
}

impl TryFrom<String> for Text {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text == "x" {
            return Ok(Self::X);
        }
        text.parse()
            .ok()
            .filter(|n| n % 5 == 0)
            .map(Self::Number)
            .ok_or_else(|| "a printed figure is x or a multiple of five".to_owned())
    }
}

/// Why a figure is printed as it is. Never published: the `x` of all reasons looks the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Rounded to the nearest five.
    Rounded,
    /// Seven or fewer.
    Few,
    /// Nearly all of this list.
    NearlyAll(u8),
    /// Fewer than three agencies contribute.
    FewAgencies,
    /// It would have given a protected number away.
    Audit,
}

/// One figure of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printed {
    /// Which.
    pub statistic: Statistic,
    /// What is printed.
    pub text: Text,
    /// The edition that it was worked out in; an earlier one = it is held.
    pub since: u32,
    /// Why.
    pub reason: Reason,
}

/// One edition with all that the next one must remember. Secret as a whole: see [`crate::Figures`] for
/// what is published of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// 1 and up.
    pub number: u32,
    /// Hash of the edition before, or of the product for the first.
    #[serde(with = "crate::hexed")]
    pub previous: [u8; 32],
    /// The time it speaks of.
    pub window: Window,
    /// When it was worked out.
    pub made: Timestamp,
    /// Version of the program that did.
    pub program: String,
    /// Every statistic of the product.
    pub printed: Vec<Printed>,
    /// The estimate, rounded.
    pub estimate: Estimate,
    /// Who made up the figures that were worked out anew.
    pub counts: Vec<(Statistic, Count)>,
    /// Everybody in the pack, for the gate of the next edition.
    pub population: Count,
    /// Exact cells: victims, suspects, requests.
    pub cells: [Vec<u32>; 3],
}

impl Edition {
    /// SHA-256 over the edition as JSON; what the next edition names as `previous`.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        // A struct of numbers, texts and lists always has a JSON form.
        let json = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(lp(&[b"sanctuary/v1/figures-edition", &json])).into()
    }

    /// What an officer signs.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        release_message(&self.hash())
    }

    pub(crate) fn printed(&self, statistic: Statistic) -> Option<&Printed> {
        self.printed.iter().find(|p| p.statistic == statistic)
    }

    pub(crate) fn counted(&self, statistic: Statistic) -> Option<&Count> {
        self.counts
            .iter()
            .find(|(s, _)| *s == statistic)
            .map(|(_, count)| count)
    }
}

/// What an officer signs to release the edition with this hash.
#[must_use]
pub fn release_message(hash: &[u8; 32]) -> Vec<u8> {
    lp(&[b"sanctuary/v1/figures-release", hash])
}

/// An edition and the officers who released it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The edition.
    pub edition: Edition,
    /// Two or more officers of the partnership.
    pub officers: Vec<OfficerSignature>,
}
