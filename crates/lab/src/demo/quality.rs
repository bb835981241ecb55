use std::collections::{BTreeMap, BTreeSet};

use sanctuary_node_core::AlertView;
use sanctuary_types::{AlertId, AlertKind, AlertState};

use super::AlertCounts;
use super::agency::Agency;
use crate::synth::AgencyFile;

/// The alerts against the truth.
pub(super) struct Quality {
    pub(super) alerts: AlertCounts,
    pub(super) clusters: usize,
    pub(super) largest_cluster_agencies: usize,
    pub(super) precision: f64,
    pub(super) recall: f64,
}

/// (agency, its own reference): known here only because the lab made the people up.
type Record = (usize, String);
type Pair = (Record, Record);

/// Compares what the agencies were told with who is who. An alert that only one side may hear of
/// cannot be checked from outside and is left out of both figures, as is its pair.
pub(super) fn measure(agencies: &[Agency], files: &[AgencyFile]) -> anyhow::Result<Quality> {
    let mut sides: BTreeMap<AlertId, Vec<(Record, AlertKind)>> = BTreeMap::new();
    let mut clusters: BTreeMap<String, usize> = BTreeMap::new();
    for (place, agency) in agencies.iter().enumerate() {
        for view in agency.alerts()?.into_iter().filter(is_standing) {
            if !view.alert.cluster.is_empty() {
                let widest = clusters.entry(view.alert.cluster.clone()).or_default();
                *widest = (*widest).max(view.alert.cluster_agencies.len());
            }
            if let Some(record) = view.record {
                sides
                    .entry(view.alert.alert_id)
                    .or_default()
                    .push(((place, record), view.alert.kind));
            }
        }
    }
    let mut alerts = AlertCounts::default();
    let mut said: BTreeSet<Pair> = BTreeSet::new();
    let mut one_sided: BTreeSet<Record> = BTreeSet::new();
    for heard in sides.values() {
        let Some((record, kind)) = heard.first() else {
            continue;
        };
        match kind {
            AlertKind::SamePerson => alerts.same_person += 1,
            AlertKind::SharedIdentifier => alerts.shared_identifier += 1,
            AlertKind::VictimIsSuspect => alerts.victim_is_suspect += 1,
        }
        match heard.as_slice() {
            [(a, _), (b, _)] if *kind != AlertKind::SharedIdentifier => {
                said.insert((a.min(b).clone(), a.max(b).clone()));
            }
            [_] => {
                one_sided.insert(record.clone());
            }
            _ => {}
        }
    }
    let person: BTreeMap<Record, &str> = files
        .iter()
        .enumerate()
        .flat_map(|(place, file)| {
            file.truth
                .iter()
                .map(move |(r, p)| ((place, r.clone()), p.as_str()))
        })
        .collect();
    let right = said
        .iter()
        .filter(|(a, b)| person.contains_key(a) && person.get(a) == person.get(b))
        .count();
    let truth = true_pairs(&person, &one_sided);
    let met = truth.iter().filter(|pair| said.contains(*pair)).count();
    Ok(Quality {
        alerts,
        clusters: clusters.len(),
        largest_cluster_agencies: clusters.values().copied().max().unwrap_or(0),
        precision: right as f64 / said.len().max(1) as f64,
        recall: met as f64 / truth.len().max(1) as f64,
    })
}

fn is_standing(view: &AlertView) -> bool {
    view.alert.state != AlertState::Lapsed
}

/// Every two records of one person at two agencies. Rows that take no part (Duty to Notify only,
/// not imported) stay in: they are part of what the partnership does not see.
fn true_pairs(person: &BTreeMap<Record, &str>, left_out: &BTreeSet<Record>) -> Vec<Pair> {
    let mut records: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for (record, person) in person.iter().filter(|(r, _)| !left_out.contains(*r)) {
        records.entry(person).or_default().push(record);
    }
    let pairs_of = |all: &Vec<&Record>| {
        let mut pairs = Vec::new();
        for (i, a) in all.iter().enumerate() {
            pairs.extend(
                all[i + 1..]
                    .iter()
                    .filter(|b| b.0 != a.0)
                    .map(|b| ((*a).clone(), (*b).clone())),
            );
        }
        pairs
    };
    records.values().flat_map(pairs_of).collect()
}
