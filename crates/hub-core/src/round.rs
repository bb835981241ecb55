//! One match round.

use std::collections::{HashMap, HashSet};

use sanctuary_linkage::Candidate;
use sanctuary_posting::open_card;
use sanctuary_types::{AlertId, Month, PartyId, Timestamp, Visibility};

use crate::{
    Hub, HubError, TellReport,
    alert::{Alert, Side},
    clusters::{Clusters, alert_id, name},
    erase, gather,
    graph::{CardQuery, Found, Graph, Group, PairKey},
    hub::locked,
    ingest::Pending,
    matching::{Fitted, Matching},
    pepper::StoredTag,
    ports::{PostingLog, StateStore},
    scoring::{self, Finding, oriented},
    tell::Teller,
};

/// Tags opened between two looks at the index: bounds memory and how long pushes wait.
const TAGS_PER_STEP: usize = 4096;
/// A model fitted to fewer candidates than this share of today's is fitted anew.
const FITTED_SHARE_MIN: f64 = 1.0 / 1.1;
/// Rounds with changes after which the model is fitted anew in any case.
const ROUNDS_PER_FIT: u32 = 60;

/// What a round did: counts, and agencies to be spoken with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundReport {
    /// Tags that were opened, anew or again.
    pub tags_opened: usize,
    /// Pairs of records that share at least one tag.
    pub candidates: usize,
    /// Whether the model was fitted anew.
    pub fitted: bool,
    /// What agencies were told.
    pub told: TellReport,
    /// Agencies with more refused postings than before, and how many they have now.
    pub refused: Vec<(PartyId, u32)>,
    /// Tags on which agencies contradict each other and it cannot be told who forged.
    pub disputed_tags: usize,
    /// Tags with too many postings.
    pub stopped_tags: usize,
    /// Withdrawn or expired postings and cards whose bytes were erased.
    pub erased: usize,
    /// Nothing had come in and nothing was left to settle.
    pub idle: bool,
}

/// See [`Hub::run_round`] and [`Hub::settle`].
pub(crate) fn run<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    now: Timestamp,
    settle: bool,
) -> Result<RoundReport, HubError> {
    let mut matching = hub.matching();
    let month = Month::at(now);
    if month > matching.month {
        erase::sweep(hub, month)?;
        matching.month = month;
    }
    let (pending, populations_version) = {
        let mut ingest = hub.ingest();
        matching.set_names(ingest.agencies.names());
        (
            std::mem::take(&mut ingest.pending),
            ingest.populations.version,
        )
    };
    let taken = pending.clone();
    let outcome = step(
        hub,
        &mut matching,
        pending,
        populations_version,
        now,
        settle,
    );
    match outcome {
        Ok(report) => {
            *locked(&hub.last_round) = now;
            publish(hub, &matching);
            Ok(report)
        }
        Err(error) => {
            hub.ingest().pending.restore(taken);
            matching.all_new = true;
            Err(error)
        }
    }
}

fn step<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    pending: Pending,
    populations_version: u64,
    now: Timestamp,
    settle: bool,
) -> Result<RoundReport, HubError> {
    let quiet = pending.is_empty();
    let month = Month::at(now);
    let mut report = RoundReport::default();
    report.erased = erase::erase(hub, &pending)?;
    report.tags_opened = open_tags(
        hub,
        &mut matching.graph,
        &mut matching.opener,
        pending.tags,
        month,
    )?;
    let queries = matching.graph.queries(&pending.cards);
    find_cards(hub, &mut matching.graph, queries, month)?;

    let dirty = matching.graph.take_dirty();
    let changed = !dirty.is_empty() || matching.all_new;
    let refit = matching.needs_fit(populations_version, settle || quiet, changed);
    if changed || refit || !matching.touched.is_empty() {
        report.fitted = refit;
        // Until this round is through, a failure must not forget what it was about.
        let everything = refit || matching.all_new;
        matching.all_new = true;
        report.told = judge_and_tell(hub, matching, dirty, everything, refit, now)?;
        matching.all_new = false;
        matching.touched.clear();
    }
    report.idle = quiet && !changed && !refit;
    report.candidates = matching.graph.pair_count();
    report.disputed_tags = matching
        .graph
        .groups()
        .filter(|group| group.disputed)
        .count();
    report.stopped_tags = matching
        .graph
        .groups()
        .filter(|group| group.stopped)
        .count();
    report.refused = matching.note_refused();
    Ok(report)
}

/// Opens `tags` anew and looks for the cards of records not met before.
fn open_tags<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    graph: &mut Graph,
    opener: &mut crate::opening::Opener,
    mut tags: Vec<StoredTag>,
    month: Month,
) -> Result<usize, HubError> {
    tags.sort_unstable();
    tags.dedup();
    for step in tags.chunks(TAGS_PER_STEP) {
        let mut unknown = Vec::new();
        for gathered in gather::postings(hub, step, month)? {
            let opened = opener.open(&gathered.postings);
            let group = Group {
                refused: opened.refused,
                disputed: opened.disputed,
                stopped: gathered.stopped,
                ..Group::default()
            };
            unknown.extend(graph.set_group(gathered.tag, &opened.bodies, group));
        }
        find_cards(hub, graph, unknown, month)?;
    }
    Ok(tags.len())
}

fn find_cards<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    graph: &mut Graph,
    queries: Vec<CardQuery>,
    month: Month,
) -> Result<(), HubError> {
    for (holder, agency, id, key) in queries {
        let cards = gather::cards(hub, agency, id, month)?;
        let found = cards
            .iter()
            .filter_map(|(ordinal, sealed)| {
                let card = open_card(&key, sealed).ok()?;
                Some(Found {
                    ordinal: *ordinal,
                    card,
                })
            })
            .max_by_key(|found| found.ordinal);
        graph.set_card(holder, found, found.is_none() && !cards.is_empty());
    }
    Ok(())
}

/// Scores what changed (or everything), regroups, and tells whoever may hear.
fn judge_and_tell<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    dirty: Vec<PairKey>,
    everything: bool,
    refit: bool,
    now: Timestamp,
) -> Result<TellReport, HubError> {
    let keys = if everything {
        matching.all_pairs()
    } else {
        matching.in_order(dirty)
    };
    let candidates: Vec<Candidate> = keys
        .iter()
        .map(|key| scoring::candidate(&matching.graph, *key))
        .collect();
    if refit {
        let ingest = hub.ingest();
        let populations = ingest.populations.clone();
        drop(ingest);
        matching.fitted = Some(Fitted {
            model: scoring::fit(&candidates, &populations),
            candidates: candidates.len(),
            populations_version: populations.version,
            rounds_since: 0,
            settled: true,
        });
    }
    let findings = matching.judge(hub, &keys, &candidates);
    let clusters = Clusters::build(
        &matching.graph,
        &matching.alerts,
        &hub.pepper,
        &matching.names,
    );
    let regrouped = matching.regrouped(&clusters);
    matching.clusters = clusters;
    tell_all(hub, matching, &keys, findings, &regrouped, everything, now)
}

/// Tells of `keys` with their new findings, of pairs whose group changed, and, when everything was
/// looked at, that alerts without a pair have lapsed.
fn tell_all<L: PostingLog, S: StateStore>(
    hub: &Hub<L, S>,
    matching: &mut Matching,
    keys: &[PairKey],
    findings: Vec<Option<Finding>>,
    regrouped: &HashSet<u32>,
    everything: bool,
    now: Timestamp,
) -> Result<TellReport, HubError> {
    let mut done: HashSet<AlertId> = HashSet::new();
    let others = matching.regrouped_pairs(regrouped);
    let Matching {
        graph,
        names,
        alerts,
        cursors,
        clusters,
        ..
    } = matching;
    let released = released_of(alerts);
    let mut teller = Teller::new(&hub.state, now, alerts, cursors);
    let views = |key: PairKey| {
        let view = |own, other| {
            clusters.view(graph, names, (own, other), |mine, theirs| {
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
        if let Some(alert) = renewed(graph, names, teller.current(&id), id, *key, finding) {
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
    if everything {
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
fn released_of(alerts: &HashMap<AlertId, Alert>) -> HashSet<(AlertId, PartyId)> {
    let sides = alerts
        .values()
        .flat_map(|alert| alert.sides.iter().map(|side| (alert.id, side)));
    sides
        .filter(|(_, side)| side.released)
        .map(|(id, side)| (id, side.agency.clone()))
        .collect()
}

/// Makes counts of alerts and refusals readable without waiting for a round that is under way.
pub(crate) fn publish<L: PostingLog, S: StateStore>(hub: &Hub<L, S>, matching: &Matching) {
    let open = matching.open_alerts();
    let mut ingest = hub.ingest();
    for agency in ingest.agencies.all_mut() {
        agency.open_alerts = agency
            .id
            .as_ref()
            .and_then(|id| open.get(id))
            .copied()
            .unwrap_or(0);
        agency.refused = 0;
    }
    for (number, refused) in &matching.refused {
        if let Some(agency) = ingest.agencies.get_mut(*number) {
            agency.refused = *refused;
        }
    }
}

impl Matching {
    fn set_names(&mut self, names: Vec<Option<PartyId>>) {
        self.opener.set_names(names.clone());
        self.names = names;
    }

    fn needs_fit(&mut self, populations_version: u64, settle: bool, changed: bool) -> bool {
        let pairs = self.graph.pair_count() as f64;
        let Some(fitted) = &mut self.fitted else {
            return true;
        };
        fitted.settled &= !changed && fitted.populations_version == populations_version;
        fitted.rounds_since += u32::from(changed);
        let outgrown = (fitted.candidates as f64) < pairs * FITTED_SHARE_MIN;
        let moved = fitted.populations_version != populations_version;
        !fitted.settled && (settle || outgrown || moved || fitted.rounds_since >= ROUNDS_PER_FIT)
    }

    /// All pairs, each in its own orientation, in an order that does not depend on arrival.
    fn all_pairs(&self) -> Vec<PairKey> {
        self.in_order(self.graph.pairs().map(|(key, _)| key).collect())
    }

    fn in_order(&self, keys: Vec<PairKey>) -> Vec<PairKey> {
        let mut keys: Vec<PairKey> = keys
            .into_iter()
            .map(|key| oriented(&self.graph, key, |agency| name(&self.names, agency)))
            .collect();
        let rank = |record: u32| {
            let record = self.graph.record_at(record);
            (record.pseudonym, name(&self.names, record.agency))
        };
        keys.sort_by(|x, y| (rank(x.0), rank(x.1)).cmp(&(rank(y.0), rank(y.1))));
        keys
    }

    fn judge<L: PostingLog, S: StateStore>(
        &mut self,
        hub: &Hub<L, S>,
        keys: &[PairKey],
        candidates: &[Candidate],
    ) -> Vec<Option<Finding>> {
        let Some(fitted) = &self.fitted else {
            return vec![None; keys.len()];
        };
        let graph = &mut self.graph;
        keys.iter()
            .zip(candidates)
            .map(|(key, candidate)| {
                let related = !candidate.agreements.is_empty();
                related
                    .then(|| {
                        let policy = &hub.options.policy;
                        scoring::judge(graph, &fitted.model, policy, *key, candidate)
                    })
                    .flatten()
            })
            .collect()
    }

    /// Records whose group looks different now, to anybody.
    fn regrouped(&self, now: &Clusters) -> HashSet<u32> {
        let mut records = now.changed_from(&self.clusters);
        records.extend(&self.touched);
        records.extend(now.companions(&self.touched));
        records
    }

    fn regrouped_pairs(&self, records: &HashSet<u32>) -> Vec<PairKey> {
        if records.is_empty() {
            return Vec::new();
        }
        let keys = self.graph.pairs().map(|(key, _)| key);
        self.in_order(
            keys.filter(|(a, b)| records.contains(a) || records.contains(b))
                .collect(),
        )
    }

    /// Agencies with more refused postings than at the last round.
    fn note_refused(&mut self) -> Vec<(PartyId, u32)> {
        let counts = self.graph.refused();
        let grown = counts
            .iter()
            .filter(|(agency, count)| **count > self.refused.get(agency).copied().unwrap_or(0));
        let mut named: Vec<(PartyId, u32)> = grown
            .filter_map(|(agency, count)| Some((name(&self.names, *agency)?.clone(), *count)))
            .collect();
        named.sort();
        self.refused = counts;
        named
    }
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
