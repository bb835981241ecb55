use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Edition, Estimate, List, Product, Refusal, Statistic, Text, Window};

/// One published figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Which.
    pub statistic: Statistic,
    /// What is printed.
    pub text: Text,
    /// The edition that a number is from, when it is held from an earlier one. Never said of an `x`,
    /// which may be held or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<u32>,
}

/// What is published of an edition: all that the board pack is made from, and nothing that may not be
/// seen. Text, table, picture, CSV and PDF all read this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// The area in words.
    pub area: String,
    /// Edition.
    pub number: u32,
    /// The time it speaks of.
    pub window: Window,
    /// When it was worked out.
    pub made: Timestamp,
    /// Version of the program that did.
    pub program: String,
    /// Hash of the edition, which two officers sign.
    #[serde(with = "crate::hexed")]
    pub hash: [u8; 32],
    /// Officers who signed; 0 in a preview.
    pub signatures: u32,
    /// The lists, in order.
    pub lists: Vec<List>,
    /// Every figure.
    pub figures: Vec<Figure>,
    /// The estimate, rounded, with its warnings.
    pub estimate: Estimate,
}

impl Figures {
    pub(crate) fn of(product: &Product, edition: &Edition, signatures: usize) -> Self {
        Self {
            area: product.area.clone(),
            number: edition.number,
            window: edition.window,
            made: edition.made,
            program: edition.program.clone(),
            hash: edition.hash(),
            signatures: u32::try_from(signatures).unwrap_or(u32::MAX),
            lists: product.lists.clone(),
            figures: edition
                .printed
                .iter()
                .map(|p| Figure {
                    statistic: p.statistic,
                    text: p.text,
                    held_since: (p.text != Text::X && p.since != edition.number).then_some(p.since),
                })
                .collect(),
            estimate: edition.estimate.clone(),
        }
    }

    /// The figure of a code.
    ///
    /// # Errors
    /// [`crate::Rule::FixedList`], as [`Product::statistic`].
    pub fn figure(&self, code: &str) -> Result<&Figure, Refusal> {
        let mut all = self.figures.iter();
        all.find(|figure| figure.statistic.to_string() == code)
            .ok_or_else(Refusal::not_on_the_list)
    }

    /// The figure of a statistic; what is not on the list is `x`.
    #[must_use]
    pub fn text(&self, statistic: Statistic) -> Text {
        self.figures
            .iter()
            .find(|f| f.statistic == statistic)
            .map_or(Text::X, |f| f.text)
    }

    /// The rounded number, where one is printed.
    #[must_use]
    pub fn number_of(&self, statistic: Statistic) -> Option<u32> {
        match self.text(statistic) {
            Text::Number(n) => Some(n),
            Text::X => None,
        }
    }
}
