//! What the printed figures alone tell of the overlaps. A refusal or a warning that went by the exact
//! counts would tell more than the figures beside it: that the eight to twelve people behind a "10" are
//! nine at most, that a pair printed as `x` is nobody, or, when it goes from one edition to the next,
//! that somebody is new.

use super::Warning;
use crate::{Printed, Statistic, Text, printing::MOVED_MIN};

/// R3.
const SHARED_MIN: u32 = 10;
/// W1.
const SHARED_FEW: u32 = 50;
/// How far a number may be above the truth through rounding.
const ROUNDED_BY: u32 = 2;

pub(super) struct Overlaps {
    /// People on two lists or more, at least.
    shared: u32,
    /// Some pair of lists is printed as `x`.
    has_hidden_pair: bool,
}

impl Overlaps {
    pub(super) fn of(printed: &[Printed]) -> Self {
        let text = |statistic| {
            let found = printed.iter().find(|p| p.statistic == statistic);
            found.map_or(Text::X, |p| p.text)
        };
        let hidden = |p: &Printed| matches!(p.statistic, Statistic::Both(..)) && p.text == Text::X;
        Self {
            shared: match text(Statistic::TwoOrMore) {
                // As if it were held: whether it is depends on the counts.
                Text::Number(n) => n.saturating_sub(ROUNDED_BY + MOVED_MIN - 1),
                Text::X => 0,
            },
            has_hidden_pair: printed.iter().any(hidden),
        }
    }

    /// R3.
    pub(super) const fn are_few(&self) -> bool {
        self.shared < SHARED_MIN
    }

    /// The warnings, W1 and W2 by the printed figures.
    pub(super) fn warnings(&self, exact: &[Warning]) -> Vec<Warning> {
        let own = [
            (
                self.shared < SHARED_FEW,
                "W1",
                "Few people are on two lists or more: the figure is indicative and could be out by a factor of 1.5 or more.",
            ),
            (
                self.has_hidden_pair,
                "W2",
                "Some pairs of lists may share nobody (those printed as x).",
            ),
        ];
        let own = own.into_iter().filter(|(applies, ..)| *applies);
        let own = own.map(|(_, code, text)| Warning {
            code: code.to_owned(),
            text: text.to_owned(),
        });
        let others = exact
            .iter()
            .filter(|w| !["W1", "W2"].contains(&w.code.as_str()));
        own.chain(others.cloned()).collect()
    }
}
