//! What the console refused to people who were signed in, counted for supervisors: forms from elsewhere, pages for
//! other roles, addresses of what is not there or not theirs. One is a slip; many are somebody looking around, or an
//! attack through somebody's browser. In memory, for a day; each is a line of the log too, without the person.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use sanctuary_disclosure::PersonId;
use sanctuary_types::{DAY_MS, Timestamp};

/// People times kinds that are remembered: more than an agency has.
const REMEMBERED_MAX: usize = 3_000;

/// What was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusedAct {
    /// A form that was not made by this console for this session.
    Form,
    /// A page or an act of another role.
    Role,
    /// Something that is not there, or that this person may not know of.
    Address,
}

impl RefusedAct {
    /// What the page says.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Form => "Sent a form that is not from this console",
            Self::Role => "Asked for what another role may do",
            Self::Address => "Asked for a record or case that is not there for them",
        }
    }
}

/// One line of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// Who.
    pub person: PersonId,
    /// What.
    pub act: RefusedAct,
    /// How often in the last day.
    pub count: u32,
    /// When last.
    pub last: Timestamp,
}

/// What was counted: since when, how often, when last.
type Counted = (Timestamp, u32, Timestamp);

/// Counts by person and kind.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<BTreeMap<(PersonId, RefusedAct), Counted>>);

impl Refusals {
    /// Counts one.
    pub fn count(&self, person: &PersonId, act: RefusedAct, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (person.clone(), act);
        if all.len() >= REMEMBERED_MAX && !all.contains_key(&key) {
            all.retain(|_, (.., last)| is_fresh(*last, now));
            if all.len() >= REMEMBERED_MAX {
                return;
            }
        }
        let counted = all.entry(key).or_insert((now, 0, now));
        if !is_fresh(counted.0, now) {
            *counted = (now, 0, now);
        }
        (counted.1, counted.2) = (counted.1.saturating_add(1), now);
    }

    /// What was counted in the last day, the most first.
    #[must_use]
    pub fn lines(&self, now: Timestamp) -> Vec<RefusedLine> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = all.iter().filter(|(_, (.., last))| is_fresh(*last, now));
        let mut lines: Vec<RefusedLine> = fresh
            .map(|((person, act), (_, count, last))| RefusedLine {
                person: person.clone(),
                act: *act,
                count: *count,
                last: *last,
            })
            .collect();
        lines.sort_by_key(|line| std::cmp::Reverse((line.count, line.last)));
        lines
    }
}

const fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.0.saturating_sub(at.0) < DAY_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_and_kind_is_counted_for_a_day() {
        let refusals = Refusals::default();
        let (ann, bob): (PersonId, PersonId) = ("a100".parse().unwrap(), "b200".parse().unwrap());
        let now = Timestamp(1_796_119_800_000);
        for _ in 0..3 {
            refusals.count(&ann, RefusedAct::Address, now);
        }
        refusals.count(&ann, RefusedAct::Role, now);
        refusals.count(&bob, RefusedAct::Form, Timestamp(now.0 + 1));
        let lines = refusals.lines(now);
        assert_eq!(lines.len(), 3);
        assert_eq!(
            (&lines[0].person, lines[0].act, lines[0].count),
            (&ann, RefusedAct::Address, 3)
        );
        let tomorrow = Timestamp(now.0 + DAY_MS);
        assert_eq!(refusals.lines(tomorrow).len(), 1);
        refusals.count(&ann, RefusedAct::Address, tomorrow);
        assert_eq!(refusals.lines(tomorrow)[0].count, 1);
    }

    #[test]
    fn many_names_fill_no_memory() {
        let refusals = Refusals::default();
        for n in 0..2 * REMEMBERED_MAX {
            let person = format!("x{n}").parse().unwrap();
            refusals.count(&person, RefusedAct::Role, Timestamp(5));
        }
        assert_eq!(refusals.lines(Timestamp(5)).len(), REMEMBERED_MAX);
    }
}
