//! Groups of records that may all concern one person, as each agency may see them.
//!
//! Open records join open records, and such a group is the same for everybody. A record that is not
//! open joins nothing together: it stands beside the groups it has likely matches in, for the eyes
//! of its owner and of those it was released to.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use sanctuary_types::{AlertId, PartyId, Pseudonym};

use crate::{
    Pepper,
    events::ClusterId,
    graph::{Graph, PairKey},
};

/// Two agencies are a pair, not a group.
const AGENCIES_MIN: usize = 3;
/// Agencies named in one event; keeps an event below a row's size whatever happens.
const AGENCIES_NAMED_MAX: usize = 64;
/// Probability from which a pair joins two groups: a likely match.
const JOINS_FROM: f64 = 0.5;

/// The groups of a partnership after a round.
#[derive(Default)]
pub(crate) struct Clusters {
    /// Open records: their group, ascending.
    open: HashMap<u32, Arc<Vec<u32>>>,
    /// Records with likely matches of which one of the two is not open, ascending.
    beside: HashMap<u32, Vec<u32>>,
}

/// A group as one agency may see it.
pub(crate) struct ClusterView {
    pub(crate) id: ClusterId,
    pub(crate) agencies: Vec<PartyId>,
}

impl Clusters {
    /// Groups `records` anew, a whole group of the cluster rule, by its pairs with their
    /// probabilities. Gives the records whose group is another one now.
    pub(crate) fn regroup(
        &mut self,
        graph: &Graph,
        records: &[u32],
        pairs: &[(u32, u32, f64)],
    ) -> HashSet<u32> {
        let likely = pairs.iter().filter(|(_, _, p)| *p >= JOINS_FROM);
        let (open, others): (Vec<_>, Vec<_>) =
            likely.partition(|(a, b, _)| graph.is_open(*a) && graph.is_open(*b));
        let mut groups = HashMap::new();
        for group in sanctuary_linkage::clusters(&open, JOINS_FROM) {
            let group = Arc::new(group);
            groups.extend(group.iter().map(|record| (*record, Arc::clone(&group))));
        }
        let mut beside: HashMap<u32, Vec<u32>> = HashMap::new();
        for (a, b, _) in others {
            beside.entry(a).or_default().push(b);
            beside.entry(b).or_default().push(a);
        }
        beside.values_mut().for_each(|list| list.sort_unstable());
        let mut changed = HashSet::new();
        for record in records {
            let group = replace(&mut self.open, *record, groups.remove(record));
            let near = replace(&mut self.beside, *record, beside.remove(record));
            if group || near {
                changed.insert(*record);
            }
        }
        changed
    }

    /// Every record in the groups of `records`, and beside them.
    pub(crate) fn companions(&self, records: &HashSet<u32>) -> HashSet<u32> {
        let mut found = HashSet::new();
        for record in records {
            for near in std::iter::once(record).chain(self.beside_of(*record)) {
                found.insert(*near);
                found.extend(self.group_of(*near));
            }
        }
        found
    }

    /// The group of the pair `own`, `other` as the owner of `own` may see it: its own record and
    /// the other, open records joined with them by open ones, and records that their owners have
    /// released to it (`released(own record, other record)`).
    pub(crate) fn view(
        &self,
        graph: &Graph,
        pepper: &Pepper,
        names: &[Option<PartyId>],
        (own, other): (u32, u32),
        released: impl Fn(u32, u32) -> bool,
    ) -> Option<ClusterView> {
        let mut members: BTreeSet<u32> = [own].into();
        members.extend(self.group_of(own));
        if self.group_of(own).is_empty() {
            // A hidden record's owner hears of each of these.
            for near in self.beside_of(own) {
                members.extend(self.group_of(*near));
                members.extend(graph.is_open(*near).then_some(*near));
            }
        }
        let viewer = graph.record_at(own).agency;
        let mine: Vec<u32> = members
            .iter()
            .copied()
            .filter(|record| graph.record_at(*record).agency == viewer)
            .collect();
        for record in &mine {
            let known = self
                .beside_of(*record)
                .iter()
                .filter(|near| graph.is_open(**near) || released(*record, **near));
            members.extend(known);
        }
        if !members.contains(&other) {
            return None;
        }
        // By (hidden, pseudonym, agency): the id is that of the first record everybody may know
        // of, so that a hidden record that joins or leaves does not show in it.
        let mut ranked: BTreeMap<(bool, Pseudonym, &PartyId), ()> = BTreeMap::new();
        for record in members {
            let known = graph.record_at(record);
            let hidden = !graph.is_open(record);
            ranked.insert((hidden, known.pseudonym, name(names, known.agency)?), ());
        }
        let agencies: BTreeSet<&PartyId> = ranked.keys().map(|(_, _, agency)| *agency).collect();
        let ((_, pseudonym, agency), ()) = ranked.first_key_value()?;
        (agencies.len() >= AGENCIES_MIN).then(|| ClusterView {
            id: ClusterId(pepper.cluster_id(agency, *pseudonym)),
            agencies: agencies
                .into_iter()
                .take(AGENCIES_NAMED_MAX)
                .cloned()
                .collect(),
        })
    }

    /// Every group of open records, once.
    pub(crate) fn open_groups(&self) -> Vec<Arc<Vec<u32>>> {
        let first = |(record, group): &(&u32, &Arc<Vec<u32>>)| group.first() == Some(*record);
        let mut groups: Vec<_> = self
            .open
            .iter()
            .filter(first)
            .map(|(_, group)| Arc::clone(group))
            .collect();
        groups.sort_unstable();
        groups
    }

    fn group_of(&self, record: u32) -> &[u32] {
        self.open.get(&record).map_or(&[], |group| group.as_slice())
    }

    fn beside_of(&self, record: u32) -> &[u32] {
        self.beside.get(&record).map_or(&[], Vec::as_slice)
    }
}

/// Sets or removes an entry; whether that changed anything.
fn replace<V: PartialEq>(map: &mut HashMap<u32, V>, key: u32, value: Option<V>) -> bool {
    match value {
        Some(value) if map.get(&key) == Some(&value) => false,
        Some(value) => {
            map.insert(key, value);
            true
        }
        None => map.remove(&key).is_some(),
    }
}

/// The id of the alert on a pair.
pub(crate) fn alert_id(
    graph: &Graph,
    pepper: &Pepper,
    names: &[Option<PartyId>],
    (a, b): PairKey,
) -> Option<AlertId> {
    let (a, b) = (graph.record_at(a), graph.record_at(b));
    let side = |agency: u32| name(names, agency);
    Some(pepper.alert_id(
        (side(a.agency)?, a.pseudonym),
        (side(b.agency)?, b.pseudonym),
    ))
}

pub(crate) fn name(names: &[Option<PartyId>], agency: u32) -> Option<&PartyId> {
    names.get(agency as usize)?.as_ref()
}
