//! From findings to what each side of each alert is told.

use std::collections::{HashMap, HashSet};

use sanctuary_types::{AlertId, AlertKind, PartyId, Timestamp, Visibility};

use crate::{
    Hub, HubError, TellReport,
    alert::{Alert, Side},
    clusters::{alert_id, name},
    graph::{Graph, PairKey},
    judging::Scope,
    matching::Matching,
    ports::{PostingLog, StateStore},
    scoring::Finding,
    tell::Teller,
};

/// Tells of `keys` with their new findings, of pairs whose group changed, and, when everything was
/// looked at, that alerts without a pair have lapsed.
pub(crate) fn tell_all<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    keys: &[PairKey],
    findings: Vec<Option<Finding>>,
    regrouped: &HashSet<u32>,
    scope: Scope,
    now: Timestamp,
) -> Result<TellReport, HubError> {
    let mut done: HashSet<AlertId> = HashSet::new();
    let others = matching.pairs_of(regrouped);
    let Matching {
        graph,
        names,
        alerts,
        cursors,
        clusters,
        special,
        ..
    } = matching;
    let released = released_of(special, alerts);
    let mut teller = Teller::new(&hub.state, now, alerts, cursors);
    let views = |key: PairKey| {
        let view = |own, other| {
            clusters.view(graph, &hub.pepper, names, (own, other), |mine, theirs| {
                let ids = alert_id(graph, &hub.pepper, names, (mine, theirs));
                let owner = graph.record_at(theirs);
                ids.is_some_and(|id| {
                    name(names, owner.agency)
                        .is_some_and(|agency| released.contains(&(id, agency.clone())))
                })
            })
        };
        [view(key.0, key.1), view(key.1, key.0)]
    };
    for (key, finding) in keys.iter().zip(findings) {
        let Some(id) = alert_id(graph, &hub.pepper, names, *key) else {
            continue;
        };
        done.insert(id);
        let known = teller.current(&id);
        let one_person = finding
            .as_ref()
            .is_some_and(|finding| finding.kind != AlertKind::SharedIdentifier);
        if scope.hold && known.is_none() && one_person {
            continue;
        }
        if let Some(alert) = renewed(graph, names, known, id, *key, finding) {
            teller.tell(alert, views(*key))?;
        }
    }
    for key in others {
        let Some(id) = alert_id(graph, &hub.pepper, names, key) else {
            continue;
        };
        let alert = teller.current(&id).cloned();
        if let (true, Some(alert)) = (done.insert(id), alert) {
            teller.tell(alert, views(key))?;
        }
    }
    if scope.everything {
        for mut alert in teller.without(&done) {
            alert.set_finding(None);
            teller.tell(alert, [None, None])?;
        }
    }
    teller.finish()
}

/// The alert with today's finding and cards; `None` when there is nothing to keep.
fn renewed(
    graph: &Graph,
    names: &[Option<PartyId>],
    known: Option<&Alert>,
    id: AlertId,
    (a, b): PairKey,
    finding: Option<Finding>,
) -> Option<Alert> {
    let side = |record: u32| {
        let record = graph.record_at(record);
        let card = record.found.map(|found| found.card);
        Some(Side {
            agency: name(names, record.agency)?.clone(),
            pseudonym: record.pseudonym,
            visibility: card.map_or(Visibility::Silent, |card| card.visibility),
            roles: card.map(|card| card.roles).unwrap_or_default(),
            child: card.is_some_and(|card| card.child),
            released: false,
            told: None,
        })
    };
    let mut alert = match known {
        None if finding.is_none() => return None,
        None => {
            let known_since = |record: u32| graph.record_at(record).found.map(|f| f.ordinal);
            let earlier = u8::from(known_since(b) < known_since(a));
            let sides = [side(a)?, side(b)?];
            Alert {
                id,
                sides,
                finding: None,
                decision: None,
                earlier,
                lapsed: None,
                emptied: false,
            }
        }
        Some(known) => known.clone(),
    };
    // A card that is gone changes nothing but that the finding is gone.
    if finding.is_some() {
        for (kept, record) in alert.sides.iter_mut().zip([a, b]) {
            let today = side(record)?;
            *kept = Side {
                released: kept.released,
                told: kept.told.take(),
                ..today
            };
        }
    }
    alert.set_finding(finding);
    Some(alert)
}

/// (alert, agency) for each side whose owner has released it.
fn released_of(
    special: &HashSet<AlertId>,
    alerts: &HashMap<AlertId, Alert>,
) -> HashSet<(AlertId, PartyId)> {
    let sides = special
        .iter()
        .filter_map(|id| alerts.get(id))
        .flat_map(|alert| alert.sides.iter().map(|side| (alert.id, side)));
    sides
        .filter(|(_, side)| side.released)
        .map(|(id, side)| (id, side.agency.clone()))
        .collect()
}

impl<S: StateStore> Teller<'_, S> {
    fn without(&self, done: &HashSet<AlertId>) -> Vec<Alert> {
        let mut rest: Vec<Alert> = self
            .all()
            .filter(|alert| !done.contains(&alert.id))
            .cloned()
            .collect();
        rest.sort_by_key(|alert| alert.id);
        rest
    }
}
