//! Rule 7: before an edition, try to undo it. Whoever attacks knows all editions of the year, the rules,
//! the size of their own list at each edition, and how people came and went as far as that is true: what
//! is safe from them is safe from anybody who knows less.

mod attacker;
mod protected;

use serde::{Deserialize, Serialize};

pub use attacker::{Attack, Knowledge};

use crate::{
    Edition, Printed, Reason, Refusal, Rule, Statistic, Text,
    census::Tally,
    printing::Page,
    universe::{Universe, cells},
};
use attacker::build;
use protected::{Protected, protected};

/// Editions an attack reaches back over.
const BACK: usize = 4;

/// What the audit did; tells nothing about a person and is for the officers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditReport {
    /// Numbers that had to stay unknown.
    pub protected: u32,
    /// Attackers tried against each.
    pub attackers: u32,
    /// Figures that became `x` because of it.
    pub hidden: u32,
}

/// One edition as an attack sees it and as it truly is.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub(crate) number: u32,
    pub(crate) printed: &'a [Printed],
    pub(crate) cells: &'a [Vec<u32>; 3],
}

impl<'a> Sight<'a> {
    pub(crate) fn of(edition: &'a Edition) -> Self {
        Self {
            number: edition.number,
            printed: &edition.printed,
            cells: &edition.cells,
        }
    }
}

/// Tries to undo the page; hides one figure after the other until no attack succeeds.
pub(crate) fn audit(
    page: &mut Page,
    tally: &Tally,
    earlier: &[&Edition],
    number: u32,
    lists: usize,
) -> Result<AuditReport, Refusal> {
    let mut report = AuditReport {
        attackers: u32::try_from(lists).unwrap_or_default() + 1,
        ..AuditReport::default()
    };
    for universe in Universe::ALL {
        loop {
            let sights = sights(earlier, number, &page.printed, &tally.cells);
            let found = undo(universe, &sights, lists);
            report.protected = report.protected.max(found.tried);
            let Some(broken) = found.broken else { break };
            let Some(worst) = most_constrained(universe, &broken, &sights, lists) else {
                return Err(Refusal::new(
                    Rule::Audit,
                    "An agency that knows its own list could work out a number of a few people even with every figure hidden: wait for the next edition.",
                ));
            };
            hide(page, worst, tally, number);
            report.hidden += 1;
        }
    }
    Ok(report)
}

/// Whether the last of `sights` withstands every attack.
pub(crate) fn withstands(sights: &[Sight<'_>], lists: usize) -> bool {
    Universe::ALL
        .iter()
        .all(|u| undo(*u, sights, lists).broken.is_none())
}

fn sights<'a>(
    earlier: &[&'a Edition],
    number: u32,
    printed: &'a [Printed],
    cells: &'a [Vec<u32>; 3],
) -> Vec<Sight<'a>> {
    let skip = earlier.len().saturating_sub(BACK - 1);
    let mut sights: Vec<Sight<'a>> = earlier.iter().skip(skip).map(|e| Sight::of(e)).collect();
    sights.push(Sight {
        number,
        printed,
        cells,
    });
    sights
}

struct Undone {
    tried: u32,
    /// The first protected number that an attack found.
    broken: Option<Protected>,
}

fn undo(universe: Universe, sights: &[Sight<'_>], lists: usize) -> Undone {
    let mut tried = 0;
    let own = u8::try_from(lists).unwrap_or_default();
    // An agency knows more than somebody outside; with requests nobody has a list of their own.
    let attackers: Vec<Option<u8>> = if universe == Universe::Requests {
        vec![None]
    } else {
        (0..own).map(Some).collect()
    };
    for attacker in attackers {
        let all = protected(universe, sights, lists, attacker);
        tried += u32::try_from(all.len()).unwrap_or_default();
        if all.is_empty() {
            continue;
        }
        let mut informed = build(universe, sights, lists, attacker, true);
        let mut before = None;
        for number in all {
            if number.is_safe(&mut informed) {
                continue;
            }
            // What an agency's own list gives away is not the pack's doing.
            let alone =
                before.get_or_insert_with(|| build(universe, sights, lists, attacker, false));
            if number.is_safe(alone) {
                return Undone {
                    tried,
                    broken: Some(number),
                };
            }
        }
    }
    Undone {
        tried,
        broken: None,
    }
}

/// The shown figure of the newest edition with the most to say: printed in the most editions, then
/// sharing people with what was found, then the smallest.
fn most_constrained(
    universe: Universe,
    broken: &Protected,
    sights: &[Sight<'_>],
    lists: usize,
) -> Option<Statistic> {
    let newest = sights.last()?;
    let found = broken.cells(lists);
    newest
        .printed
        .iter()
        .filter(|p| Universe::of(p.statistic) == universe)
        .filter_map(|p| match p.text {
            Text::Number(n) => Some((p, n)),
            Text::X => None,
        })
        .max_by_key(|(p, n)| {
            let constraints = sights
                .iter()
                .flat_map(|s| s.printed)
                .filter(|q| q.statistic == p.statistic && q.reason != Reason::Audit)
                .count();
            let shared = cells(p.statistic, lists).iter().any(|c| found.contains(c));
            (constraints, shared, std::cmp::Reverse(*n))
        })
        .map(|(p, _)| p.statistic)
}

fn hide(page: &mut Page, statistic: Statistic, tally: &Tally, number: u32) {
    if let Some(printed) = page.printed.iter_mut().find(|p| p.statistic == statistic) {
        printed.text = Text::X;
        printed.reason = Reason::Audit;
        printed.since = number;
    }
    let now = tally.counts.get(&statistic).cloned().unwrap_or_default();
    page.counts.insert(statistic, now);
}

/// The attack that the audit withstands, for tests and reports: what somebody learns who knows the
/// printed figures of `editions` and the size of their own list.
#[must_use]
pub fn attack(editions: &[&Edition], lists: usize, own: Option<u8>) -> Attack {
    let sights: Vec<Sight<'_>> = editions.iter().map(|e| Sight::of(e)).collect();
    build(Universe::Victims, &sights, lists, own, true)
}
