use std::collections::BTreeSet;

use sanctuary_types::PartyId;
use serde::{Deserialize, Serialize};

use crate::{Refusal, Rule, Statistic};

/// Lists of one product: 63 combinations, which the audit can still search.
pub const LISTS_MAX: usize = 6;
const NAME_CHARS_MAX: usize = 80;

/// One list of people: an agency, or the agencies that the agreement counts as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// What the board reads.
    pub name: String,
    /// The agencies that feed it; a list fed by another's referrals is merged with it.
    pub agencies: Vec<PartyId>,
}

/// What is published, agreed once: one area, one year, one list of statistics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The area in words.
    pub area: String,
    /// (month, day) on which the partnership's year begins.
    pub year_begins: (u8, u8),
    /// The lists, in the order in which they are shown.
    pub lists: Vec<List>,
}

impl Product {
    /// Passes when the product can be published at all.
    ///
    /// # Errors
    /// [`Rule::FixedList`] with what is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        let refused = |reason: String| Err(Refusal::new(Rule::FixedList, reason));
        if !(1..=LISTS_MAX).contains(&self.lists.len()) {
            return refused(format!("There must be 1 to {LISTS_MAX} lists."));
        }
        let mut seen = BTreeSet::new();
        for list in &self.lists {
            if list.agencies.is_empty() || !list.agencies.iter().all(|a| seen.insert(a)) {
                return refused(format!(
                    "The list {} must have agencies, and each agency stands on one list.",
                    list.name
                ));
            }
        }
        let mut names = self.lists.iter().map(|l| &l.name).chain([&self.area]);
        let fits = |name: &String| {
            !name.trim().is_empty()
                && name.chars().count() <= NAME_CHARS_MAX
                && !name.chars().any(char::is_control)
        };
        if !names.all(fits) {
            return refused(format!(
                "The area and every list need a name of at most {NAME_CHARS_MAX} characters."
            ));
        }
        if !(1..=12).contains(&self.year_begins.0) || !(1..=28).contains(&self.year_begins.1) {
            return refused(
                "The year must begin on a day that every year has, such as 1 April.".to_owned(),
            );
        }
        Ok(())
    }

    /// Every statistic that is ever published.
    #[must_use]
    pub fn statistics(&self) -> Vec<Statistic> {
        Statistic::all(self.lists.len())
    }

    /// The statistic of a code, if it is on the list.
    ///
    /// # Errors
    /// [`Rule::FixedList`]: a subgroup, a crossing of two groups, or anything else that was not agreed.
    pub fn statistic(&self, code: &str) -> Result<Statistic, Refusal> {
        self.statistics()
            .into_iter()
            .find(|s| s.to_string() == code)
            .ok_or_else(Refusal::not_on_the_list)
    }

    /// The place of an agency's list.
    #[must_use]
    pub fn list_of(&self, agency: &PartyId) -> Option<u8> {
        let place = self
            .lists
            .iter()
            .position(|l| l.agencies.contains(agency))?;
        u8::try_from(place).ok()
    }
}
