//! One pass over the index: which items a filter lets through, and what each other choice would show.

use sanctuary_disclosure::PersonId;
use sanctuary_types::{AlertKind, Band, Timestamp};

use crate::{
    Filter, State,
    index::{Entry, Index, Place, Second},
};

const KINDS: [AlertKind; 3] = [
    AlertKind::VictimIsSuspect,
    AlertKind::SamePerson,
    AlertKind::SharedIdentifier,
];
const BANDS: [Band; 3] = [Band::Strong, Band::Likely, Band::Possible];

/// Parts of a filter, as bits of what an item fails.
mod part {
    pub(super) const STATE: u16 = 1;
    pub(super) const KIND: u16 = 1 << 1;
    pub(super) const AGENCY: u16 = 1 << 2;
    pub(super) const BAND: u16 = 1 << 3;
    pub(super) const ASSIGNEE: u16 = 1 << 4;
    pub(super) const CHILD: u16 = 1 << 5;
    pub(super) const OVERDUE: u16 = 1 << 6;
    pub(super) const NEWER: u16 = 1 << 7;
    pub(super) const RECHECK: u16 = 1 << 8;
}

/// A filter as bits and numbers of the index.
struct Sieve {
    states: u16,
    kinds: u8,
    bands: u8,
    agencies: Option<Vec<bool>>,
    /// Numbers of people, either of whom may have it; none for "whoever".
    people: Option<Vec<u16>>,
    or_nobody: bool,
    child: bool,
    overdue: bool,
    newer: bool,
    recheck: bool,
    me: Option<u16>,
    now: Timestamp,
}

/// What a query found.
pub(crate) struct Found {
    /// The places that the filter lets through, in order.
    pub(crate) places: Vec<Place>,
    pub(crate) states: Vec<(State, usize)>,
    pub(crate) kinds: Vec<(AlertKind, usize)>,
    pub(crate) bands: Vec<(Band, usize)>,
    /// By number of the agency.
    pub(crate) agencies: Vec<usize>,
    /// By number of the person.
    pub(crate) assignees: Vec<usize>,
    pub(crate) mine: usize,
    pub(crate) unassigned: usize,
    pub(crate) child: usize,
    pub(crate) overdue: usize,
    pub(crate) newer: usize,
    pub(crate) recheck: usize,
}

/// Whether an item waits for a person and is past its time.
pub(crate) fn is_overdue(state: State, due: Timestamp, now: Timestamp) -> bool {
    state.is_open() && due < now
}

impl Index {
    /// Everything that `filter` lets through, as `me` asks at `now`.
    pub(crate) fn find(&self, filter: &Filter, me: &PersonId, now: Timestamp) -> Found {
        let sieve = Sieve::of(self, filter, me, now);
        let mut found = Found {
            places: Vec::new(),
            states: State::ALL.iter().map(|s| (*s, 0)).collect(),
            kinds: KINDS.iter().map(|k| (*k, 0)).collect(),
            bands: BANDS.iter().map(|b| (*b, 0)).collect(),
            agencies: vec![0; self.agencies.len()],
            assignees: vec![0; self.people.len()],
            mine: 0,
            unassigned: 0,
            child: 0,
            overdue: 0,
            newer: 0,
            recheck: 0,
        };
        for (place, entry) in &self.entries {
            let fails = sieve.fails(place, entry);
            if fails == 0 {
                found.places.push(*place);
            }
            if fails.count_ones() <= 1 {
                found.count(&sieve, place, entry, fails);
            }
        }
        found
    }
}

impl Found {
    /// Counts an item beside each choice that would show it: what fails at one part alone counts beside
    /// the choices of that part only.
    fn count(&mut self, sieve: &Sieve, place: &Place, entry: &Entry, fails: u16) {
        let beside = |part: u16| fails & !part == 0;
        let add = |count: Option<&mut usize>| {
            if let Some(count) = count {
                *count += 1;
            }
        };
        if beside(part::STATE) {
            add(self.states.get_mut(entry.state as usize).map(|(_, n)| n));
        }
        if beside(part::KIND) {
            let kind = self.kinds.iter_mut().find(|(k, _)| *k == entry.kind);
            add(kind.map(|(_, n)| n));
        }
        if beside(part::BAND) {
            let band = self.bands.iter_mut().find(|(b, _)| *b == entry.band);
            add(band.map(|(_, n)| n));
        }
        if beside(part::AGENCY) {
            add(self.agencies.get_mut(usize::from(entry.agency)));
        }
        if beside(part::ASSIGNEE) {
            match entry.assignee {
                Some(person) => {
                    add(self.assignees.get_mut(usize::from(person)));
                    self.mine += usize::from(sieve.me == Some(person));
                }
                None => self.unassigned += 1,
            }
        }
        self.child += usize::from(beside(part::CHILD) && entry.child);
        self.overdue += usize::from(beside(part::OVERDUE) && sieve.is_overdue(place, entry));
        self.newer += usize::from(beside(part::NEWER) && entry.newer_evidence);
        self.recheck += usize::from(beside(part::RECHECK) && wants_recheck(entry));
    }
}

impl Sieve {
    fn of(index: &Index, filter: &Filter, me: &PersonId, now: Timestamp) -> Self {
        let me = index.people.find(me);
        let agencies = (!filter.agencies.is_empty()).then(|| {
            let mut wanted = vec![false; index.agencies.len()];
            for number in filter
                .agencies
                .iter()
                .filter_map(|a| index.agencies.find(a))
            {
                if let Some(slot) = wanted.get_mut(usize::from(number)) {
                    *slot = true;
                }
            }
            wanted
        });
        let by_person = filter.mine || filter.unassigned || filter.assignee.is_some();
        let people = by_person.then(|| {
            let named = filter.assignee.as_ref().and_then(|p| index.people.find(p));
            let me = me.filter(|_| filter.mine);
            named.into_iter().chain(me).collect()
        });
        Self {
            states: filter.states.iter().fold(0, |set, s| set | 1 << *s as u16),
            kinds: filter.kinds.iter().fold(0, |set, k| set | 1 << *k as u8),
            bands: filter.bands.iter().fold(0, |set, b| set | 1 << *b as u8),
            agencies,
            people,
            or_nobody: filter.unassigned,
            child: filter.child,
            overdue: filter.overdue,
            newer: filter.newer_evidence,
            recheck: filter.recheck,
            me,
            now,
        }
    }

    fn is_overdue(&self, place: &Place, entry: &Entry) -> bool {
        is_overdue(entry.state, place.0, self.now)
    }

    /// The parts of the filter that keep the item out.
    fn fails(&self, place: &Place, entry: &Entry) -> u16 {
        let mut fails = 0;
        let mut needs = |part: u16, passes: bool| {
            if !passes {
                fails |= part;
            }
        };
        let state = self.states == 0 || self.states & (1 << entry.state as u16) != 0;
        needs(part::STATE, state);
        let kind = self.kinds == 0 || self.kinds & (1 << entry.kind as u8) != 0;
        needs(part::KIND, kind);
        let band = self.bands == 0 || self.bands & (1 << entry.band as u8) != 0;
        needs(part::BAND, band);
        let agency = self
            .agencies
            .as_ref()
            .is_none_or(|wanted| wanted.get(usize::from(entry.agency)).copied() == Some(true));
        needs(part::AGENCY, agency);
        let assignee = self
            .people
            .as_ref()
            .is_none_or(|people| match entry.assignee {
                Some(person) => people.contains(&person),
                None => self.or_nobody,
            });
        needs(part::ASSIGNEE, assignee);
        needs(part::CHILD, !self.child || entry.child);
        needs(
            part::OVERDUE,
            !self.overdue || self.is_overdue(place, entry),
        );
        needs(part::NEWER, !self.newer || entry.newer_evidence);
        needs(part::RECHECK, !self.recheck || wants_recheck(entry));
        fails
    }
}

fn wants_recheck(entry: &Entry) -> bool {
    entry.recheck == Some(Second::Wanted)
}
