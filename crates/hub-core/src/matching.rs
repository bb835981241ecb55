//! What the rounds keep in memory: the opened graph, the model, the alerts.

use std::collections::{HashMap, HashSet};

use sanctuary_linkage::{ClusterRule, Model};
use sanctuary_types::{AlertId, Epoch, Month, PartyId, TokenType};

use crate::{
    HubError, ScoredPair,
    alert::Alert,
    clusters::{Clusters, name},
    comparisons::Planned,
    events,
    graph::{Graph, PairKey},
    loading::Loading,
    opening::Opener,
    ports::{StateStore, StateTable},
    scoring::{self, oriented},
};

pub(crate) struct Matching {
    pub(crate) graph: Graph,
    pub(crate) opener: Opener,
    pub(crate) names: Vec<Option<PartyId>>,
    pub(crate) numbers: HashMap<PartyId, u32>,
    pub(crate) planned: Planned,
    pub(crate) fitted: Option<Fitted>,
    /// What the cluster rule went by in the last round.
    pub(crate) setting: Option<ClusterRule>,
    /// Alerts that somebody decided on or released.
    pub(crate) special: HashSet<AlertId>,
    /// Pairs decided "not the same".
    pub(crate) apart: HashSet<PairKey>,
    pub(crate) alerts: HashMap<AlertId, Alert>,
    pub(crate) cursors: HashMap<PartyId, u64>,
    pub(crate) clusters: Clusters,
    /// Records whose alerts have to be shown anew: a decision changed what others may see.
    pub(crate) touched: HashSet<u32>,
    /// Everything has to be looked at: after a start, and after a round that failed half way.
    pub(crate) all_new: bool,
    /// How a large load that is under way is told of.
    pub(crate) loading: Loading,
    /// The last month for which expired postings have been taken out.
    pub(crate) month: Month,
    /// The last day on which alerts that lapsed long ago were emptied.
    pub(crate) emptied_on: Option<u32>,
    /// Refused postings by agency, as of the last round.
    pub(crate) refused: HashMap<u32, u32>,
}

/// The model in use and what it was fitted to.
pub(crate) struct Fitted {
    pub(crate) model: Model,
    pub(crate) candidates: usize,
    pub(crate) populations_version: u64,
    /// Decisions it learned from, and how often they had changed.
    pub(crate) decisions: (usize, u64),
    /// Comparisons between nodes it learned from.
    pub(crate) comparisons: usize,
    pub(crate) rounds_since: u32,
    /// Nothing has changed since the fit.
    pub(crate) settled: bool,
}

impl Matching {
    /// Reads the stored alerts; the graph is opened by the first round.
    pub(crate) fn open<S: StateStore>(
        state: &S,
        epoch: Epoch,
        month: Month,
    ) -> Result<Self, HubError> {
        let alerts = read_alerts(state)?;
        let special = alerts.values().filter(|alert| alert.is_special());
        Ok(Self {
            graph: Graph::default(),
            opener: Opener::new(epoch),
            names: Vec::new(),
            numbers: HashMap::new(),
            planned: Planned::default(),
            fitted: None,
            setting: None,
            special: special.map(|alert| alert.id).collect(),
            apart: HashSet::new(),
            alerts,
            cursors: events::last_cursors(state)?.into_iter().collect(),
            clusters: Clusters::default(),
            touched: HashSet::new(),
            all_new: true,
            loading: Loading::default(),
            month,
            emptied_on: None,
            refused: HashMap::new(),
        })
    }

    /// Every pair with its score in the light of all others, in the order of pseudonyms.
    pub(crate) fn scored_pairs(&self) -> Vec<ScoredPair> {
        let sharing = self.graph.pairs.cross();
        let sharing = sharing.filter_map(|(key, pair)| Some((key, pair.bits?)));
        self.described(sharing.chain(self.graph.pairs.linked()))
    }

    /// Pairs with their bits, for the operator and the lab.
    pub(crate) fn described(&self, pairs: impl Iterator<Item = (PairKey, f64)>) -> Vec<ScoredPair> {
        let mut pairs: Vec<ScoredPair> = pairs
            .filter_map(|(key, bits)| {
                let (a, b) = oriented(&self.graph, key, |agency| name(&self.names, agency));
                let codes = scoring::codes(&scoring::candidate(&self.graph, (a, b)));
                let (a, b) = (self.graph.record_at(a), self.graph.record_at(b));
                Some(ScoredPair {
                    a: a.pseudonym,
                    b: b.pseudonym,
                    agency_a: name(&self.names, a.agency)?.clone(),
                    agency_b: name(&self.names, b.agency)?.clone(),
                    probability: scoring::probability(bits),
                    bits,
                    tokens: codes.into_iter().filter_map(TokenType::from_code).collect(),
                })
            })
            .collect();
        pairs.sort_by(|x, y| {
            (x.a, &x.agency_a, x.b, &x.agency_b).cmp(&(y.a, &y.agency_a, y.b, &y.agency_b))
        });
        pairs
    }

    /// Marks the records of an alert: what others may see of their group has changed.
    pub(crate) fn touch(&mut self, id: &AlertId) {
        let Some(alert) = self.alerts.get(id) else {
            return;
        };
        self.special.insert(*id);
        for side in &alert.sides {
            let number = self.numbers.get(&side.agency);
            let record = number.and_then(|n| self.graph.record_number(*n, side.pseudonym));
            self.touched.extend(record);
        }
    }

    /// Alerts in state open, by agency that was told so.
    pub(crate) fn open_alerts(&self) -> HashMap<&PartyId, u32> {
        let mut counts = HashMap::new();
        for side in self.alerts.values().flat_map(|alert| &alert.sides) {
            let open = side
                .told
                .as_ref()
                .is_some_and(|t| t.state == sanctuary_types::AlertState::Open);
            if open {
                *counts.entry(&side.agency).or_default() += 1;
            }
        }
        counts
    }
}

fn read_alerts<S: StateStore>(state: &S) -> Result<HashMap<AlertId, Alert>, HubError> {
    const PAGE: usize = 1024;
    let mut alerts = HashMap::new();
    let mut from: Option<Vec<u8>> = None;
    loop {
        let rows = state.scan(StateTable::Alerts, &[], from.as_deref(), PAGE)?;
        for (_, value) in &rows {
            let alert = Alert::from_json(value)?;
            alerts.insert(alert.id, alert);
        }
        match rows.last() {
            Some((key, _)) if rows.len() == PAGE => from = Some(key.clone()),
            _ => return Ok(alerts),
        }
    }
}
