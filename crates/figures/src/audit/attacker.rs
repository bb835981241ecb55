//! What an attacker knows, as an integer program over the cells of the last editions.

use super::Sight;
use crate::{
    Printed, Reason, Statistic, Text,
    printing::{FEW_MAX, MOVED_MIN},
    program::{Program, Row, Terms},
    universe::{Universe, cells},
};

/// What the attacker knows of how people come and go. The audit gives them the most that is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// Nobody leaves a combination of lists: people are only added.
    Arrivals,
    /// No statistic shrinks: people are added or become known to more agencies.
    Growth,
    /// Nothing.
    Movement,
}

/// An attacker on one universe with everything they know.
#[derive(Clone, Debug)]
pub struct Attack {
    universe: Universe,
    lists: usize,
    /// Cells of one edition.
    cells: usize,
    /// True cells, edition after edition.
    truth: Vec<i64>,
    program: Program,
}

/// Fewest people who entered between two editions, as everybody knows.
const GATE: i64 = 10;
const MOST_HELD: i64 = MOVED_MIN as i64 - 1;
const FEW: i64 = FEW_MAX as i64;
/// A number stands for itself, two less and two more.
const HALF: i64 = 2;

pub(super) fn build(
    universe: Universe,
    sights: &[Sight<'_>],
    lists: usize,
    own: Option<u8>,
    reads: bool,
) -> Attack {
    let mut last = Attack::new(universe, sights, lists);
    for knowledge in [Knowledge::Arrivals, Knowledge::Growth, Knowledge::Movement] {
        last = Attack::new(universe, sights, lists);
        last.come_and_go(knowledge, sights.len());
        if let Some(size) = own.and_then(|list| universe.own(list)) {
            for place in 0..sights.len() {
                last.know_exactly(place, size);
            }
        }
        if reads {
            for place in 0..sights.len() {
                last.read(knowledge, sights, place);
            }
        }
        // An attacker who assumes what is not true finds nothing true.
        if last.program.suggest(last.truth.clone()) {
            break;
        }
    }
    last
}

/// The true value of a statistic.
pub(super) fn truth(
    universe: Universe,
    sights: &[Sight<'_>],
    place: usize,
    statistic: Statistic,
    lists: usize,
) -> i64 {
    let all = sights
        .get(place)
        .and_then(|s| s.cells.get(universe as usize));
    let Some(all) = all else { return 0 };
    cells(statistic, lists)
        .iter()
        .filter_map(|c| all.get(*c))
        .map(|n| i64::from(*n))
        .sum()
}

impl Attack {
    fn new(universe: Universe, sights: &[Sight<'_>], lists: usize) -> Self {
        let truth = sights
            .iter()
            .filter_map(|s| s.cells.get(universe as usize))
            .flatten()
            .map(|n| i64::from(*n))
            .collect();
        Self::start(universe, lists, truth, sights.len())
    }

    /// An attacker on the potential victims of `editions` (combinations of lists only) who knows
    /// nothing yet; add what they know with [`Attack::know`]. For comparing other rules with ours.
    ///
    /// # Panics
    /// Never: combinations that are missing are taken as 0.
    #[must_use]
    pub fn on_combinations(lists: usize, editions: &[Vec<u32>]) -> Self {
        let wide = (1 << lists) - 1;
        let truth = editions
            .iter()
            .flat_map(|e| (0..wide).map(|c| i64::from(e.get(c).copied().unwrap_or_default())))
            .collect();
        // Suspects have combinations and nothing else, as wanted here.
        Self::start(Universe::Suspects, lists, truth, editions.len())
    }

    fn start(universe: Universe, lists: usize, truth: Vec<i64>, editions: usize) -> Self {
        let blocks = universe.blocks(lists);
        let cells = blocks.iter().sum();
        let mut attack = Self {
            universe,
            lists,
            cells,
            program: Program::new(cells * editions),
            truth,
        };
        for edition in 0..editions {
            let mut start = blocks.first().copied().unwrap_or_default();
            let total: Terms = (0..start).map(|c| (edition * cells + c, -1)).collect();
            for size in blocks.iter().skip(1) {
                let mut terms = total.clone();
                terms.extend((start..start + size).map(|c| (edition * cells + c, 1)));
                attack.program.add(Row {
                    terms,
                    low: Some(0),
                    high: Some(0),
                });
                start += size;
            }
        }
        attack
    }

    /// Adds that a sum of (edition, statistic, factor) lies between two numbers.
    pub fn know(&mut self, parts: &[(usize, Statistic, i64)], low: Option<i64>, high: Option<i64>) {
        let terms = self.terms(parts);
        self.program.add(Row { terms, low, high });
    }

    /// Adds that people are only added, never taken out or moved between combinations of lists.
    pub fn know_arrivals(&mut self, editions: usize) {
        self.come_and_go(Knowledge::Arrivals, editions);
    }

    /// Must be called once all is known: false when something that was added is not true.
    pub fn begin(&mut self) -> bool {
        self.program.suggest(self.truth.clone())
    }

    /// The lowest and highest value that checked solutions show to be possible, searched no further than
    /// `width` beyond the truth.
    pub fn range(&mut self, parts: &[(usize, Statistic, i64)], width: i64) -> (i64, i64) {
        let terms = self.terms(parts);
        let truth = self.value(&terms);
        let (mut low, mut high) = self.program.seen(&terms).unwrap_or((truth, truth));
        if high - low < width {
            high = self.program.search(&terms, truth, truth + width).reached;
        }
        if high - low < width {
            low = self.program.search(&terms, truth, truth - width).reached;
        }
        (low, high)
    }

    /// The lowest possible value; `known` is a possible one.
    pub fn lowest(&mut self, parts: &[(usize, Statistic, i64)], known: i64) -> i64 {
        let terms = self.terms(parts);
        let from = self.value(&terms).max(known);
        self.program.search(&terms, from, from.min(0) - 1).reached
    }

    /// The exact value, if the attacker can be sure of it: both searches were finished and met.
    pub fn finds(&mut self, parts: &[(usize, Statistic, i64)]) -> Option<i64> {
        let terms = self.terms(parts);
        let truth = self.value(&terms);
        let high = self.program.search(&terms, truth, truth + 1);
        let low = self.program.search(&terms, truth, truth - 1);
        (high.is_proven && low.is_proven && low.reached == high.reached).then_some(low.reached)
    }

    /// Whether the attacker can be sure that the value is at least 1.
    pub fn is_sure_of_somebody(&mut self, parts: &[(usize, Statistic, i64)]) -> bool {
        let terms = self.terms(parts);
        let truth = self.value(&terms);
        if truth < 1 {
            return false;
        }
        let low = self.program.search(&terms, truth, truth.min(0));
        low.is_proven && low.reached >= 1
    }

    fn come_and_go(&mut self, knowledge: Knowledge, editions: usize) {
        for place in 1..editions {
            let before = place - 1;
            if knowledge == Knowledge::Arrivals {
                for cell in 0..self.cells {
                    let terms = vec![
                        (place * self.cells + cell, 1),
                        (before * self.cells + cell, -1),
                    ];
                    self.program.add(Row {
                        terms,
                        low: Some(0),
                        high: None,
                    });
                }
            } else if knowledge == Knowledge::Growth {
                for statistic in Statistic::all(self.lists) {
                    if Universe::of(statistic) == self.universe {
                        self.know(
                            &[(place, statistic, 1), (before, statistic, -1)],
                            Some(0),
                            None,
                        );
                    }
                }
            }
        }
    }

    fn know_exactly(&mut self, place: usize, statistic: Statistic) {
        let terms = self.terms(&[(place, statistic, 1)]);
        let value = self.value(&terms);
        self.program.add(Row {
            terms,
            low: Some(value),
            high: Some(value),
        });
    }

    /// Everything that the edition at `place` says.
    fn read(&mut self, knowledge: Knowledge, sights: &[Sight<'_>], place: usize) {
        let Some(sight) = sights.get(place) else {
            return;
        };
        let grows = knowledge != Knowledge::Movement;
        if grows && place > 0 && self.universe == Universe::Victims {
            let total = self.universe.total();
            self.know(
                &[(place, total, 1), (place - 1, total, -1)],
                Some(GATE),
                None,
            );
        }
        for printed in sight.printed {
            if Universe::of(printed.statistic) != self.universe {
                continue;
            }
            let then = sights.iter().position(|s| s.number == printed.since);
            if then == Some(place) {
                self.read_fresh(printed, place);
                if grows {
                    self.read_change(printed, sights, place);
                }
            } else {
                self.read_held(printed, place, then, if grows { 0 } else { -MOST_HELD });
            }
        }
    }

    fn read_fresh(&mut self, printed: &Printed, place: usize) {
        let this = (place, printed.statistic, 1);
        match (printed.text, printed.reason) {
            (Text::Number(n), _) => {
                let n = i64::from(n);
                self.know(&[this], Some(n - HALF), Some(n + HALF));
            }
            (Text::X, Reason::Few) => self.know(&[this], Some(0), Some(FEW)),
            (Text::X, Reason::NearlyAll(list)) => self.read_nearly_all(printed, place, list),
            (Text::X, _) => {}
        }
    }

    fn read_nearly_all(&mut self, printed: &Printed, place: usize, list: u8) {
        let rest = [
            (place, Statistic::VictimsOn(list), 1),
            (place, printed.statistic, -1),
        ];
        if self.sum(&rest) <= FEW {
            self.know(&rest, Some(0), Some(FEW));
        }
    }

    /// A new text says that five people or more changed.
    fn read_change(&mut self, printed: &Printed, sights: &[Sight<'_>], place: usize) {
        let plain = |p: &Printed| matches!(p.reason, Reason::Rounded | Reason::Few);
        let Some(before) = place
            .checked_sub(1)
            .and_then(|b| sights.get(b))
            .and_then(|s| s.printed.iter().find(|p| p.statistic == printed.statistic))
        else {
            return;
        };
        let Some(then) = sights.iter().position(|s| s.number == before.since) else {
            return;
        };
        if plain(printed) && plain(before) && printed.text != before.text {
            self.know(
                &[(place, printed.statistic, 1), (then, printed.statistic, -1)],
                Some(i64::from(MOVED_MIN)),
                None,
            );
        }
    }

    /// A kept text says that fewer than five changed since it was worked out, `x` perhaps only that there
    /// are still few.
    fn read_held(&mut self, printed: &Printed, place: usize, then: Option<usize>, least: i64) {
        let this = (place, printed.statistic, 1);
        let few = printed.reason == Reason::Few;
        match (printed.text, printed.reason) {
            (Text::X, Reason::NearlyAll(list)) => self.read_nearly_all(printed, place, list),
            (Text::X, Reason::FewAgencies | Reason::Audit) => {}
            _ if few && self.sum(&[this]) <= FEW => self.know(&[this], Some(0), Some(FEW)),
            (text, _) => {
                if let Some(then) = then {
                    let moved = [this, (then, printed.statistic, -1)];
                    self.know(&moved, Some(least), Some(MOST_HELD));
                } else {
                    let (low, high) = match text {
                        Text::Number(n) => (i64::from(n) - HALF, i64::from(n) + HALF),
                        Text::X => (0, FEW),
                    };
                    self.know(&[this], Some(low + least), Some(high + MOST_HELD));
                }
            }
        }
    }

    fn terms(&self, parts: &[(usize, Statistic, i64)]) -> Terms {
        parts
            .iter()
            .flat_map(|(edition, statistic, by)| {
                cells(*statistic, self.lists)
                    .into_iter()
                    .filter(|c| *c < self.cells)
                    .map(move |c| (edition * self.cells + c, *by))
            })
            .collect()
    }

    fn sum(&self, parts: &[(usize, Statistic, i64)]) -> i64 {
        self.value(&self.terms(parts))
    }

    fn value(&self, terms: &Terms) -> i64 {
        terms
            .iter()
            .map(|(v, by)| by * self.truth.get(*v).copied().unwrap_or_default())
            .sum()
    }
}
