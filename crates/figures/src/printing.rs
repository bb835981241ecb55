//! Rules 2 to 4: what is printed for one statistic.

use std::collections::BTreeMap;

use crate::{Count, Edition, Printed, Reason, Statistic, Text, census::Tally};

/// A figure is kept while fewer of its people changed.
pub(crate) const MOVED_MIN: u32 = 5;
/// Printed as `x` up to here.
pub(crate) const FEW_MAX: u32 = 7;
/// Agencies behind a total.
const AGENCIES_MIN: u32 = 3;

/// Every figure of the next edition, and who made up those that are new.
pub(crate) struct Page {
    pub(crate) printed: Vec<Printed>,
    pub(crate) counts: BTreeMap<Statistic, Count>,
}

/// Prints every statistic; `earlier` are the editions of the same window's year, oldest first.
pub(crate) fn print(
    statistics: &[Statistic],
    tally: &Tally,
    earlier: &[&Edition],
    number: u32,
) -> Page {
    let mut page = Page {
        printed: Vec::with_capacity(statistics.len()),
        counts: BTreeMap::new(),
    };
    for statistic in statistics {
        let now = tally.counts.get(statistic).cloned().unwrap_or_default();
        let printed = held(*statistic, &now, tally, earlier).unwrap_or_else(|| {
            let (text, reason) = fresh(*statistic, tally);
            Printed {
                statistic: *statistic,
                text,
                since: number,
                reason,
            }
        });
        if printed.since == number {
            page.counts.insert(*statistic, now);
        }
        page.printed.push(printed);
    }
    page
}

/// Rule 2, unless rule 4 now hides what is held.
fn held(statistic: Statistic, now: &Count, tally: &Tally, earlier: &[&Edition]) -> Option<Printed> {
    let last = earlier.last()?.printed(statistic)?;
    let then = earlier
        .iter()
        .find(|e| e.number == last.since)?
        .counted(statistic)?;
    let is_shown = matches!(last.text, Text::Number(_));
    let hidden = is_shown && group(statistic, tally).is_some();
    (then.moved(now) < MOVED_MIN && !hidden).then(|| last.clone())
}

/// Rules 3 and 4.
pub(crate) fn fresh(statistic: Statistic, tally: &Tally) -> (Text, Reason) {
    let value = tally.value(statistic);
    if value <= FEW_MAX {
        (Text::X, Reason::Few)
    } else if let Some(reason) = group(statistic, tally) {
        (Text::X, reason)
    } else {
        (Text::Number((value + 2) / 5 * 5), Reason::Rounded)
    }
}

/// Rule 4: nearly everyone of a list is on the other, or too few agencies stand behind a total.
fn group(statistic: Statistic, tally: &Tally) -> Option<Reason> {
    let value = tally.value(statistic);
    if let Statistic::Both(i, j) = statistic {
        // A list of seven or fewer has pairs of seven or fewer, which rule 3 hides already.
        return [i, j]
            .into_iter()
            .find(|l| tally.value(Statistic::VictimsOn(*l)).saturating_sub(value) <= FEW_MAX)
            .map(Reason::NearlyAll);
    }
    let agencies = tally
        .contributing
        .get(&statistic)
        .copied()
        .unwrap_or_default();
    (statistic.is_total() && agencies < AGENCIES_MIN).then_some(Reason::FewAgencies)
}
