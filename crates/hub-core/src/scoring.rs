//! From shared tags to probabilities.

use sanctuary_linkage::{Agreement, Candidate, Model, Policy, Population, World, classify};
use sanctuary_types::{AlertKind, Band, Evidence, PartyId, Pseudonym, TokenType};
use serde::{Deserialize, Serialize};

use crate::graph::{Graph, PairKey, Record};

/// What two records' comparison found, when it is worth telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) kind: AlertKind,
    pub(crate) band: Band,
    pub(crate) evidence: Vec<Evidence>,
    /// Codes of the kinds of token that agreed, ascending: what "new evidence" is measured by.
    pub(crate) codes: Vec<u8>,
}

/// A candidate pair with its exact score. For the hub's operator and the lab only.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredPair {
    /// The record with the smaller pseudonym.
    pub a: Pseudonym,
    /// The other record.
    pub b: Pseudonym,
    /// Agency of `a`.
    pub agency_a: PartyId,
    /// Agency of `b`.
    pub agency_b: PartyId,
    /// That the two are one person.
    pub probability: f64,
    /// The same as log2 odds.
    pub bits: f64,
    /// Kinds of token that made the pair a candidate, each once.
    pub tokens: Vec<TokenType>,
}

/// The two records of a pair in the order of (pseudonym, agency's name), which does not depend on
/// who pushed first.
pub(crate) fn oriented<'n>(
    graph: &Graph,
    key: PairKey,
    name: impl Fn(u32) -> Option<&'n PartyId>,
) -> PairKey {
    let rank = |record: u32| {
        let record = graph.record_at(record);
        (record.pseudonym, name(record.agency))
    };
    if rank(key.0) <= rank(key.1) {
        key
    } else {
        (key.1, key.0)
    }
}

/// The candidate of two records, given in the order in which it shall speak of them. Empty
/// agreements when they share nothing (any more).
pub(crate) fn candidate(graph: &Graph, (a, b): PairKey) -> Candidate {
    let presence = |record: &Record| record.found.map(|f| f.card.presence).unwrap_or_default();
    let mut agreements = Vec::new();
    if let Some(pair) = graph.pair((a.min(b), a.max(b))) {
        for group in graph.groups_of(pair) {
            for (token, slots_a) in group.of_record(a) {
                let others = group.of_record(b).filter(|(other, _)| *other == token);
                agreements.extend(others.map(|(_, slots_b)| Agreement {
                    token,
                    a: slots_a,
                    b: slots_b,
                    excess: group.excess,
                    holders: group.records,
                }));
            }
        }
    }
    agreements.sort_by_key(|x| (x.token.code(), x.a, x.b, x.excess, x.holders));
    Candidate {
        a: presence(graph.record_at(a)),
        b: presence(graph.record_at(b)),
        agreements,
    }
}

/// Fits the model to every candidate, given in an order that does not depend on arrival.
pub(crate) fn fit(candidates: &[Candidate], world: (u64, f64, Vec<Population>)) -> Model {
    let (records, cross_pairs, populations) = world;
    let least = candidates.len() as f64;
    Model::fit(
        candidates,
        &World {
            records: records.max(2),
            cross_pairs: cross_pairs.max(least),
            populations: &populations,
        },
    )
}

/// Scores a candidate and keeps what is worth telling.
pub(crate) fn judge(
    graph: &mut Graph,
    model: &Model,
    policy: &Policy,
    (a, b): PairKey,
    candidate: &Candidate,
) -> Option<Finding> {
    let scored = model.score(candidate);
    let roles = |record: u32| {
        graph
            .record_at(record)
            .found
            .map(|found| found.card.roles)
            .unwrap_or_default()
    };
    let verdict = classify(&scored, candidate, roles(a), roles(b), policy);
    if let Some(pair) = graph.pair_mut((a.min(b), a.max(b))) {
        pair.score = Some((scored.probability, scored.bits));
    }
    let (kind, band) = verdict?;
    Some(Finding {
        kind,
        band,
        evidence: scored.evidence,
        codes: codes(candidate),
    })
}

/// Kinds of token that agreed, each once, ascending.
pub(crate) fn codes(candidate: &Candidate) -> Vec<u8> {
    // Agreements are sorted by code.
    let mut codes: Vec<u8> = candidate
        .agreements
        .iter()
        .map(|x| x.token.code())
        .collect();
    codes.dedup();
    codes
}
