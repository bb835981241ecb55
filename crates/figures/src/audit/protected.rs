//! What nobody may find.

use super::{Attack, Sight};
use crate::{
    Statistic,
    universe::{Universe, cells},
};

/// People up to whom a number is protected.
const FEW: i64 = 4;
/// Values that must remain possible, less one.
const WIDTH: i64 = 3;

/// A number of few people: combination of statistics in editions, by place.
#[derive(Clone, Debug)]
pub(super) struct Protected {
    /// (edition, statistic, factor).
    parts: Vec<(usize, Statistic, i64)>,
    /// Somebody new must not be certain.
    is_increment: bool,
}

impl Protected {
    /// Whether the attacker must leave at least four values open, and "nobody" for somebody new.
    pub(super) fn is_safe(&self, attack: &mut Attack) -> bool {
        let (low, high) = attack.range(&self.parts, WIDTH);
        high - low >= WIDTH
            && (!self.is_increment || low <= 0 || attack.lowest(&self.parts, low) <= 0)
    }

    pub(super) fn cells(&self, lists: usize) -> Vec<usize> {
        self.parts
            .iter()
            .flat_map(|(_, s, _)| cells(*s, lists))
            .collect()
    }
}

/// Every protected number: statistics of up to four people, up to four more than an edition before, and
/// up to four of the attacker's own list who are not on another.
pub(super) fn protected(
    universe: Universe,
    sights: &[Sight<'_>],
    lists: usize,
    attacker: Option<u8>,
) -> Vec<Protected> {
    let own = attacker.and_then(|a| universe.own(a));
    let statistics: Vec<Statistic> = Statistic::all(lists)
        .into_iter()
        .filter(|s| Universe::of(*s) == universe && Some(*s) != own)
        .collect();
    let truth = |place: usize, statistic: Statistic| -> i64 {
        super::attacker::truth(universe, sights, place, statistic, lists)
    };
    let mut all = Vec::new();
    for place in 0..sights.len() {
        for statistic in &statistics {
            let now = truth(place, *statistic);
            if now <= FEW {
                all.push(Protected {
                    parts: vec![(place, *statistic, 1)],
                    is_increment: false,
                });
            }
            if let Some(before) = place.checked_sub(1)
                && (1..=FEW).contains(&(now - truth(before, *statistic)))
            {
                all.push(Protected {
                    parts: vec![(place, *statistic, 1), (before, *statistic, -1)],
                    is_increment: true,
                });
            }
        }
        let (Some(mine), Some(list)) = (own, attacker) else {
            continue;
        };
        if universe == Universe::Victims {
            all.extend(
                statistics
                    .iter()
                    .filter(|s| matches!(s, Statistic::Both(i, j) if *i == list || *j == list))
                    .filter(|s| truth(place, mine) - truth(place, **s) <= FEW)
                    .map(|s| Protected {
                        parts: vec![(place, mine, 1), (place, *s, -1)],
                        is_increment: false,
                    }),
            );
        }
    }
    all
}
