//! Groups of records that may all concern one person, where three agencies or more are involved.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use sanctuary_types::{AlertId, AlertState, PartyId, Visibility};

use crate::{
    Pepper,
    alert::Alert,
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
pub(crate) struct Clusters(HashMap<u32, Arc<Cluster>>);

#[derive(PartialEq, Eq)]
struct Cluster {
    id: ClusterId,
    /// Record, agency, visibility; ascending by record.
    members: Vec<(u32, u32, Visibility)>,
}

/// A group as one agency may see it.
pub(crate) struct ClusterView {
    pub(crate) id: ClusterId,
    pub(crate) agencies: Vec<PartyId>,
}

impl Clusters {
    /// Groups by the scored pairs, leaving out those decided "not the same".
    pub(crate) fn build(
        graph: &Graph,
        alerts: &HashMap<AlertId, Alert>,
        pepper: &Pepper,
        names: &[Option<PartyId>],
    ) -> Self {
        let apart: HashSet<AlertId> = alerts
            .values()
            .filter(|alert| {
                alert
                    .decision
                    .as_ref()
                    .is_some_and(|d| d.state == AlertState::NotTheSame)
            })
            .map(|alert| alert.id)
            .collect();
        let is_apart = |key: PairKey| {
            !apart.is_empty()
                && alert_id(graph, pepper, names, key).is_some_and(|id| apart.contains(&id))
        };
        let edges: Vec<(u32, u32, f64)> = graph
            .pairs()
            .filter_map(|(key, pair)| Some((key, pair.score?.0)))
            .filter(|(key, probability)| *probability >= JOINS_FROM && !is_apart(*key))
            .map(|((a, b), probability)| (a, b, probability))
            .collect();
        let mut of_record = HashMap::new();
        for records in sanctuary_linkage::clusters(&edges, JOINS_FROM) {
            if let Some(cluster) = Cluster::of(graph, pepper, names, &records) {
                let cluster = Arc::new(cluster);
                of_record.extend(records.into_iter().map(|r| (r, Arc::clone(&cluster))));
            }
        }
        Self(of_record)
    }

    /// Records whose group differs from that of `before`.
    pub(crate) fn changed_from(&self, before: &Self) -> HashSet<u32> {
        let differs = |record: &&u32| self.0.get(record) != before.0.get(record);
        self.0
            .keys()
            .chain(before.0.keys())
            .filter(differs)
            .copied()
            .collect()
    }

    /// Every record in the groups of `records`.
    pub(crate) fn companions(&self, records: &HashSet<u32>) -> HashSet<u32> {
        let groups = records.iter().filter_map(|record| self.0.get(record));
        groups
            .flat_map(|group| group.members.iter().map(|(record, ..)| *record))
            .collect()
    }

    /// The group of the pair `own`, `other` as the owner of `own` may see it: agencies whose
    /// records are open, its own, and those that have released an owner-first record to it
    /// (`released(own record, other record)`).
    pub(crate) fn view(
        &self,
        graph: &Graph,
        names: &[Option<PartyId>],
        (own, other): (u32, u32),
        released: impl Fn(u32, u32) -> bool,
    ) -> Option<ClusterView> {
        let group = self.0.get(&own)?;
        if self
            .0
            .get(&other)
            .is_none_or(|theirs| !Arc::ptr_eq(group, theirs))
        {
            return None;
        }
        let viewer = graph.record_at(own).agency;
        let own_records: Vec<u32> = group
            .members
            .iter()
            .filter(|m| m.1 == viewer)
            .map(|m| m.0)
            .collect();
        let may_know = |(record, agency, visibility): (u32, u32, Visibility)| {
            agency == viewer
                || match visibility {
                    Visibility::Open => true,
                    Visibility::OwnerFirst => own_records.iter().any(|own| released(*own, record)),
                    Visibility::Silent => false,
                }
        };
        let agencies: BTreeSet<&PartyId> = group
            .members
            .iter()
            .filter(|member| may_know(**member))
            .filter_map(|member| name(names, member.1))
            .collect();
        (agencies.len() >= AGENCIES_MIN).then(|| ClusterView {
            id: group.id,
            agencies: agencies
                .into_iter()
                .take(AGENCIES_NAMED_MAX)
                .cloned()
                .collect(),
        })
    }
}

impl Cluster {
    fn of(
        graph: &Graph,
        pepper: &Pepper,
        names: &[Option<PartyId>],
        records: &[u32],
    ) -> Option<Self> {
        let mut members = Vec::new();
        let mut agencies = BTreeSet::new();
        // By (hidden, pseudonym, agency): the id is that of the first record everybody may know
        // of, so that a hidden record that joins or leaves does not show in it.
        let mut ranked = BTreeMap::new();
        for record in records {
            let known = graph.record_at(*record);
            let visibility = known.found?.card.visibility;
            let name = name(names, known.agency)?;
            members.push((*record, known.agency, visibility));
            agencies.insert(known.agency);
            ranked.insert((visibility != Visibility::Open, known.pseudonym, name), ());
        }
        let ((_, pseudonym, agency), ()) = ranked.first_key_value()?;
        (agencies.len() >= AGENCIES_MIN).then(|| Self {
            id: ClusterId(pepper.cluster_id(agency, *pseudonym)),
            members,
        })
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
