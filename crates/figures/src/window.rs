use sanctuary_policy::Day;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Refusal, Rule};

const DAY_MS: u64 = 86_400_000;
/// Longest year.
const DAYS_MAX: u32 = 366;
/// A quarter, with some leeway for when boards meet.
const DAYS_BETWEEN: u32 = 80;

/// The time that an edition speaks of: from the first day of the partnership's year to the end of one of
/// its months. Within a year it only grows; years never overlap. A window that slides would let what is
/// new be told apart from what fell out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day.
    pub from: Day,
    /// Last day, the end of a month.
    pub to: Day,
}

impl Window {
    /// Whether the window may be asked for at `now`, when the last edition's was `last`.
    pub(crate) fn check(
        self,
        year_begins: (u8, u8),
        last: Option<Self>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let refused = |reason: String| Err(Refusal::new(Rule::OneWindow, reason));
        let (_, month, day) = self.from.start().date();
        if (month, day) != year_begins {
            return refused(format!(
                "The window must begin on the first day of the partnership's year, not on {}.",
                self.from.long()
            ));
        }
        if self.to < self.from || self.to.0 - self.from.0 >= DAYS_MAX {
            return refused("The window must end within the year it begins in.".to_owned());
        }
        if self.to.end().date().2 != 1 {
            return refused(format!(
                "The window must end with a month, not on {}.",
                self.to.long()
            ));
        }
        if self.to.end() > now {
            return refused(format!(
                "The window ends on {}, which is not over yet.",
                self.to.long()
            ));
        }
        match last {
            Some(last) if self.from == last.from && self.to < last.to => refused(format!(
                "A window that ends on {} lies inside the last one, which ended on {}: taking one from the other would show single people.",
                self.to.long(),
                last.to.long()
            )),
            Some(last) if self.from != last.from && self.from <= last.to => refused(format!(
                "The window overlaps the one from {} to {}: taking one from the other would show single people.",
                last.from.long(),
                last.to.long()
            )),
            _ => Ok(()),
        }
    }
}

/// Refuses an edition in the quarter of the last one.
pub(crate) fn check_quarter(last: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    let next = Day(Day::at(last).0 + DAYS_BETWEEN);
    if now.0 / DAY_MS >= u64::from(next.0) {
        return Ok(());
    }
    Err(Refusal::new(
        Rule::Quarter,
        format!(
            "There is one edition a quarter: the last was made on {}, the next may be made from {}.",
            Day::at(last).long(),
            next.long()
        ),
    ))
}
