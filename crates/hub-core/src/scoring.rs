//! From shared tags to probabilities.

use sanctuary_linkage::{Agreement, Candidate, Model, Policy, Scored, World, classify};
use sanctuary_types::{
    AlertKind, Band, CardId, ComparedLevels, Evidence, EvidenceKind, Outcome, PartyId, Presence,
    Pseudonym, Strength, TokenType,
};
use serde::{Deserialize, Serialize};

use crate::{
    agencies::ModelWorld,
    graph::{Graph, Group, PairKey},
};

/// A third record is named as evidence from this many bits.
const CHAIN_BITS_MIN: f64 = 0.5;

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
    /// Kinds of token that made the pair a candidate, each once; none when only a third record
    /// links the two.
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
    let key = (a.min(b), a.max(b));
    let own = u32::from(graph.is_own(key));
    let mut agreements = Vec::new();
    for group in graph.groups_of(key) {
        for (token, slots_a) in group.of_record(a) {
            let others = group.of_record(b).filter(|(other, _)| *other == token);
            agreements.extend(others.map(|(_, slots_b)| Agreement {
                token,
                a: slots_a,
                b: slots_b,
                // Two records of one agency are no *other* people's to each other.
                excess: group.excess.saturating_sub(own),
                holders: group.records,
            }));
        }
    }
    agreements.sort_by_key(|x| (x.token.code(), x.a, x.b, x.excess, x.holders));
    Candidate {
        a: presence(graph, a),
        b: presence(graph, b),
        agreements,
        compared: compared(graph, key),
        decided: graph.pairs.decided(key),
    }
}

/// Fits the model to every candidate, given in an order that does not depend on arrival.
pub(crate) fn fit(candidates: &[Candidate], world: ModelWorld) -> Model {
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

/// What a record could have agreed on.
pub(crate) fn presence(graph: &Graph, record: u32) -> Presence {
    let found = graph.record_at(record).found;
    found.map(|found| found.card.presence).unwrap_or_default()
}

/// What two nodes found of a pair, while the records are those that they compared.
pub(crate) fn compared(graph: &Graph, key: PairKey) -> Option<ComparedLevels> {
    let compared = graph.pairs.compared(key)?;
    let today = cards_of(graph, key)?;
    (compared.cards == today).then_some(compared.levels)
}

/// The versions of a pair's records, the smaller number's first.
pub(crate) fn cards_of(graph: &Graph, key: PairKey) -> Option<[CardId; 2]> {
    let card = |record: u32| graph.record_at(record).found.map(|found| found.id);
    Some([card(key.0)?, card(key.1)?])
}

/// What is worth telling of a pair, if anything, given its bits in the light of all others.
pub(crate) fn judge(
    graph: &Graph,
    model: &Model,
    policy: &Policy,
    (a, b): PairKey,
) -> Option<Finding> {
    let key = (a.min(b), a.max(b));
    let bits = graph.pairs.bits(key)?;
    let probability = probability(bits);
    let shares = graph.groups_of(key).any(Group::is_identifier);
    if Band::of(probability).is_none() && !shares {
        return None;
    }
    let candidate = candidate(graph, (a, b));
    let alone = graph.pairs.get(key).and_then(|pair| pair.alone);
    let mut evidence = alone.map_or_else(Vec::new, |_| {
        let compared = model.score(&candidate).evidence;
        let missing = not_compared(&compared);
        compared.into_iter().chain(missing).collect()
    });
    evidence.extend(of_chain(alone, bits));
    let scored = Scored {
        probability,
        bits,
        evidence,
    };
    let roles = |record: u32| {
        let found = graph.record_at(record).found;
        found.map(|found| found.card.roles).unwrap_or_default()
    };
    let (kind, band) = classify(&scored, &candidate, roles(a), roles(b), policy)?;
    Some(Finding {
        kind,
        band,
        evidence: scored.evidence,
        codes: codes(&candidate),
    })
}

/// Lines for what people expect to be compared and was not.
fn not_compared(evidence: &[Evidence]) -> Vec<Evidence> {
    use EvidenceKind::{AddressSpelling, BirthDigits, DateOfBirth, Name, NameSpelling, Place};
    let expected = [
        (Name, NameSpelling),
        (DateOfBirth, BirthDigits),
        (Place, AddressSpelling),
    ];
    let has = |kind: EvidenceKind| evidence.iter().any(|line| line.kind == kind);
    expected
        .into_iter()
        .filter(|(kind, by_nodes)| !has(*kind) && !has(*by_nodes))
        .map(|(kind, _)| Evidence {
            kind,
            outcome: Outcome::NotCompared,
            strength: Strength::ALittle,
        })
        .collect()
}

/// The line of a third record, when it is what makes the pair likelier.
fn of_chain(alone: Option<f64>, bits: f64) -> Option<Evidence> {
    let added = bits - alone.unwrap_or(0.0);
    (alone.is_none() || added >= CHAIN_BITS_MIN).then(|| Evidence {
        kind: EvidenceKind::ThirdRecord,
        outcome: Outcome::Agreed,
        strength: Strength::of_bits(added),
    })
}

/// Of log2 odds.
pub(crate) fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits.clamp(-60.0, 60.0)).exp2())
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
