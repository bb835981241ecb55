use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Count, Estimate, Family, Outcome, PersonToken, Product, Refusal, Rule, Statistic, Traits,
    Urgency, Window,
    universe::{REQUEST_CELLS, Universe, cells},
};

/// People with tokens in one edition, and the largest count of anything.
const PEOPLE_MAX: usize = 100_000;

/// The exact counts of one window, as they stand at the hub. Secret: only [`crate::Editions`] reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Census {
    /// The time it speaks of.
    pub window: Window,
    /// People whom the hub has opened: on two lists or more.
    pub shared: Vec<Known>,
    /// Of each list, in the product's order, the people on no other.
    pub alone: Vec<Alone>,
    /// Requests between agencies.
    pub requests: Requests,
    /// The estimate, made from the exact counts.
    pub estimate: Estimate,
}

/// A person on two lists or more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The hub's name of them.
    pub token: PersonToken,
    /// Lists that have them as a potential or confirmed victim, bit by bit.
    pub victim_on: u8,
    /// Lists that have them as a suspect, bit by bit.
    pub suspect_on: u8,
    /// Merged over the lists' records.
    pub traits: Traits,
}

/// The people on one list only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alone {
    /// Potential or confirmed victims by cell, families one after the other ([`Traits::cells`]); each
    /// family adds up to the same number.
    pub victims: Vec<u32>,
    /// Suspects.
    pub suspects: u32,
}

impl Alone {
    /// Counts one person.
    pub fn add_victim(&mut self, traits: &Traits) {
        self.victims.resize(Family::all_cells(), 0);
        for (family, cell) in Family::ALL.iter().zip(traits.cells()) {
            if let Some(n) = self.victims.get_mut(family.start() + cell) {
                *n = n.saturating_add(1);
            }
        }
    }

    /// How many victims, if every family says the same.
    #[must_use]
    pub fn total(&self) -> Option<u32> {
        if self.victims.is_empty() {
            return Some(0);
        }
        if self.victims.len() != Family::all_cells() {
            return None;
        }
        let mut sums = Family::ALL.iter().map(|f| {
            self.victims
                .iter()
                .skip(f.start())
                .take(f.cells())
                .fold(0_u32, |sum, n| sum.saturating_add(*n))
        });
        let first = sums.next()?;
        sums.all(|sum| sum == first).then_some(first)
    }
}

/// Requests of the window, counted by urgency, outcome and whether the answer was late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Requests(Vec<u32>);

impl Default for Requests {
    fn default() -> Self {
        Self(vec![0; REQUEST_CELLS])
    }
}

impl Requests {
    /// Counts `more` requests.
    pub fn add(&mut self, urgency: Urgency, outcome: Outcome, late: bool, more: u32) {
        let cell =
            (urgency as usize * Outcome::ALL.len() + outcome as usize) * 2 + usize::from(late);
        if let Some(n) = self.0.get_mut(cell) {
            *n = n.saturating_add(more);
        }
    }
}

/// The census worked out: who makes up every statistic, and every cell.
pub(crate) struct Tally {
    pub(crate) counts: BTreeMap<Statistic, Count>,
    /// Lists that have somebody in the statistic.
    pub(crate) contributing: BTreeMap<Statistic, u32>,
    /// Cells of each universe, in the order of [`Universe::ALL`].
    pub(crate) cells: [Vec<u32>; 3],
}

impl Tally {
    pub(crate) fn of(census: &Census, product: &Product) -> Result<Self, Refusal> {
        let lists = product.lists.len();
        let refused = |reason: &str| Err(Refusal::new(Rule::Counts, reason));
        if census.alone.len() != lists {
            return refused("There must be one count of people on one list only for each list.");
        }
        if census.requests.0.len() != REQUEST_CELLS || census.shared.len() > PEOPLE_MAX {
            return refused("The counts are not of this product.");
        }
        let mut seen = BTreeSet::new();
        let within = |mask: u8| u32::from(mask) < 1 << lists;
        for known in &census.shared {
            let fits = within(known.victim_on) && within(known.suspect_on);
            if !fits || known.victim_on | known.suspect_on == 0 || !seen.insert(known.token) {
                return refused(
                    "A person stands twice in the counts, or on a list that is not there.",
                );
            }
        }
        let mut totals = Vec::with_capacity(lists);
        for (alone, list) in census.alone.iter().zip(&product.lists) {
            match alone.total() {
                Some(total)
                    if total as usize <= PEOPLE_MAX && alone.suspects as usize <= PEOPLE_MAX =>
                {
                    totals.push(total)
                }
                _ => {
                    return refused(&format!(
                        "The counts of {} by type, age, sex, nationality and place do not add up to the same number.",
                        list.name
                    ));
                }
            }
        }
        let cells = [
            victims(census, &totals),
            suspects(census, lists),
            census.requests.0.clone(),
        ];
        let counts: BTreeMap<_, _> = product
            .statistics()
            .into_iter()
            .map(|s| (s, count(s, census, &totals, &cells)))
            .collect();
        let lists_of: BTreeMap<PersonToken, &Known> =
            census.shared.iter().map(|k| (k.token, k)).collect();
        let contributing = counts
            .iter()
            .map(|(s, c)| {
                let of = |token: &PersonToken| {
                    lists_of.get(token).map_or(0, |k| {
                        if Universe::of(*s) == Universe::Suspects {
                            k.suspect_on
                        } else {
                            k.victim_on
                        }
                    })
                };
                (*s, c.lists(of))
            })
            .collect();
        Ok(Self {
            counts,
            contributing,
            cells,
        })
    }

    pub(crate) fn value(&self, statistic: Statistic) -> u32 {
        self.counts.get(&statistic).map_or(0, Count::value)
    }
}

fn victims(census: &Census, totals: &[u32]) -> Vec<u32> {
    let combinations = (1_usize << totals.len()) - 1;
    let mut cells = vec![0; combinations + Family::all_cells()];
    let mut add = |cell: usize, more: u32| {
        if let Some(n) = cells.get_mut(cell) {
            *n += more;
        }
    };
    for known in census.shared.iter().filter(|k| k.victim_on != 0) {
        add(usize::from(known.victim_on) - 1, 1);
        for (family, cell) in Family::ALL.iter().zip(known.traits.cells()) {
            add(combinations + family.start() + cell, 1);
        }
    }
    for (list, (alone, total)) in census.alone.iter().zip(totals).enumerate() {
        add((1 << list) - 1, *total);
        for (cell, more) in alone.victims.iter().enumerate() {
            add(combinations + cell, *more);
        }
    }
    cells
}

fn suspects(census: &Census, lists: usize) -> Vec<u32> {
    let mut cells = vec![0; (1 << lists) - 1];
    for known in census.shared.iter().filter(|k| k.suspect_on != 0) {
        if let Some(n) = cells.get_mut(usize::from(known.suspect_on) - 1) {
            *n += 1;
        }
    }
    for (list, alone) in census.alone.iter().enumerate() {
        if let Some(n) = cells.get_mut((1 << list) - 1) {
            *n += alone.suspects;
        }
    }
    cells
}

fn count(statistic: Statistic, census: &Census, totals: &[u32], all: &[Vec<u32>; 3]) -> Count {
    let lists = totals.len();
    let own = cells(statistic, lists);
    if Universe::of(statistic) == Universe::Requests {
        let n = own.iter().filter_map(|c| all[2].get(*c)).sum();
        return Count {
            people: BTreeSet::new(),
            others: vec![n],
        };
    }
    let own: BTreeSet<usize> = own.into_iter().collect();
    let combinations = (1_usize << lists) - 1;
    let is_in = |known: &Known| {
        let mask = match Universe::of(statistic) {
            Universe::Suspects => known.suspect_on,
            _ => known.victim_on,
        };
        mask != 0
            && if let Statistic::With(t) = statistic {
                let cell = known.traits.cells()[t.family() as usize];
                own.contains(&(combinations + t.family().start() + cell))
            } else {
                own.contains(&(usize::from(mask) - 1))
            }
    };
    let others = census
        .alone
        .iter()
        .zip(totals)
        .enumerate()
        .map(|(list, (alone, total))| match statistic {
            Statistic::With(_) => own
                .iter()
                .filter_map(|c| alone.victims.get(c - combinations))
                .sum(),
            _ if !own.contains(&((1 << list) - 1)) => 0,
            Statistic::Suspects | Statistic::SuspectsOn(_) => alone.suspects,
            _ => *total,
        });
    Count {
        people: census
            .shared
            .iter()
            .filter(|k| is_in(k))
            .map(|k| k.token)
            .collect(),
        others: others.collect(),
    }
}
