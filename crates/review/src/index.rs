//! What every query needs of every item, in memory: small, and in the order of the queue.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sanctuary_disclosure::PersonId;
use sanctuary_policy::Urgency;
use sanctuary_types::{AlertId, AlertKind, Band, PartyId, Timestamp};

use crate::{Answer, Item, Recheck, Rules, State};

/// An item's place in the queue.
pub(crate) type Place = (Timestamp, AlertId);

/// One item as queries see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) alert_version: u32,
    /// In the queue, or open again, since then.
    pub(crate) since: Timestamp,
    pub(crate) state: State,
    pub(crate) kind: AlertKind,
    pub(crate) band: Band,
    pub(crate) urgency: Urgency,
    pub(crate) agency: u16,
    pub(crate) assignee: Option<u16>,
    /// Who has answered in the round under way.
    pub(crate) answered: [Option<u16>; 2],
    pub(crate) child: bool,
    pub(crate) newer_evidence: bool,
    pub(crate) undo_until: Option<Timestamp>,
    pub(crate) recheck: Option<Second>,
    pub(crate) decided: Option<Decided>,
}

/// How far a second look is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Second {
    Wanted,
    Done { agrees: bool },
}

/// What figures need of a decision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decided {
    pub(crate) at: Timestamp,
    pub(crate) answer: Answer,
    pub(crate) minutes: u64,
    pub(crate) late: bool,
    pub(crate) reviewers_agreed: Option<bool>,
}

/// Every item, soonest due first.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) entries: BTreeMap<Place, Entry>,
    due: HashMap<AlertId, Timestamp>,
    /// Decided, and the hub does not know yet.
    waiting: BTreeSet<AlertId>,
    pub(crate) agencies: Names<PartyId>,
    pub(crate) people: Names<PersonId>,
}

impl Index {
    pub(crate) fn put(&mut self, item: &Item) {
        let id = item.facts.id;
        if let Some(due) = self.due.insert(id, item.due) {
            self.entries.remove(&(due, id));
        }
        if item.state == State::WaitingToSend {
            self.waiting.insert(id);
        } else {
            self.waiting.remove(&id);
        }
        let decided = item.decision.as_ref().map(|decision| Decided {
            at: decision.at,
            answer: decision.answer,
            minutes: decision.at.0.saturating_sub(decision.waited_since.0) / 60_000,
            late: decision.at > decision.was_due,
            reviewers_agreed: decision.reviewers_agreed,
        });
        let mut answered = [None; 2];
        for (place, verdict) in answered.iter_mut().zip(&item.answers) {
            *place = Some(self.people.number(&verdict.by.person));
        }
        let entry = Entry {
            alert_version: item.facts.version,
            since: item.since,
            state: item.state,
            kind: item.facts.kind,
            band: item.facts.band,
            urgency: Rules::urgency(&item.facts),
            answered,
            agency: self.agencies.number(&item.facts.other),
            assignee: item.assignee.as_ref().map(|p| self.people.number(p)),
            child: item.facts.child,
            newer_evidence: item.newer_evidence,
            undo_until: item.undo.as_ref().map(|u| u.until),
            recheck: match &item.recheck {
                Recheck::None => None,
                Recheck::Wanted => Some(Second::Wanted),
                Recheck::Done { agrees, .. } => Some(Second::Done { agrees: *agrees }),
            },
            decided,
        };
        self.entries.insert((item.due, id), entry);
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn alert_version(&self, id: &AlertId) -> Option<u32> {
        let due = self.due.get(id)?;
        self.entries.get(&(*due, *id)).map(|e| e.alert_version)
    }

    /// Items that may be told to the hub by now.
    pub(crate) fn to_send(&self, now: Timestamp, max: usize) -> Vec<AlertId> {
        let ready = |id: &&AlertId| {
            let entry = self
                .due
                .get(*id)
                .and_then(|d| self.entries.get(&(*d, **id)));
            entry.is_some_and(|e| e.undo_until.is_none_or(|until| until <= now))
        };
        self.waiting
            .iter()
            .filter(ready)
            .take(max)
            .copied()
            .collect()
    }
}

/// Names by number, so that an entry is small and counting is an addition.
#[derive(Debug)]
pub(crate) struct Names<T> {
    names: Vec<T>,
    numbers: BTreeMap<T, u16>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            numbers: BTreeMap::new(),
        }
    }
}

impl<T: Clone + Ord> Names<T> {
    /// The number of a name. A partnership has a few hundred agencies and a register at most 5,000
    /// people; should there ever be more than fit, the last number stands for all the rest.
    fn number(&mut self, name: &T) -> u16 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        if number < u16::MAX {
            self.names.push(name.clone());
            self.numbers.insert(name.clone(), number);
        }
        number
    }

    /// The name of a number; none for the one that stands for all the rest.
    pub(crate) fn name(&self, number: u16) -> Option<&T> {
        self.names.get(usize::from(number))
    }

    pub(crate) fn find(&self, name: &T) -> Option<u16> {
        self.numbers.get(name).copied()
    }

    /// Counts by number, in the order of names, without those that do not occur.
    pub(crate) fn counted(&self, counts: &[usize]) -> Vec<(T, usize)> {
        let counted = self.numbers.iter().filter_map(|(name, number)| {
            let count = counts.get(usize::from(*number)).copied()?;
            (count > 0).then(|| (name.clone(), count))
        });
        counted.collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}
