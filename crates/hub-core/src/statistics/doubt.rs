//! What doubtful matches do to the estimate: the hub's own probabilities become matchings drawn at
//! random, apart from the sampling of people.

use std::collections::{BTreeMap, HashMap};

use rand_core::CryptoRng;
use sanctuary_figures::{Doubt, OwnCounts, Product, Range, Weight};
use sanctuary_prevalence::{LinkageSpread, Linked, PossibleLink, SpreadOptions, spread};
use sanctuary_types::{PartyId, Pseudonym};

use crate::{clusters::name, matching::Matching, scoring::probability};

/// Less likely matches are taken as none: there are very many, and hardly one is true.
const LIKELY_MIN: f64 = 0.02;
/// Sampling counts alike within this factor.
const ALIKE: f64 = 2.0;

/// A record with a possible match: whose it is, and whether it is of a victim.
pub(super) type Member = (PartyId, Pseudonym, bool);

/// The possible matches of open records, by their places among `records`.
pub(super) struct Possible {
    pub(super) records: Vec<Member>,
    pub(super) pairs: Vec<(u32, u32, f64)>,
}

impl Possible {
    /// Open records only: a match that one of its agencies may not hear of must not show in a range.
    pub(super) fn of(matching: &Matching) -> Self {
        let graph = &matching.graph;
        let sharing = graph.pairs.cross();
        let sharing = sharing.filter_map(|(key, pair)| Some((key, pair.bits?)));
        let likely: BTreeMap<(u32, u32), f64> = sharing
            .chain(graph.pairs.linked())
            .map(|(key, bits)| (key, probability(bits)))
            .filter(|(key, p)| *p >= LIKELY_MIN && !matching.apart.contains(key))
            .filter(|((a, b), _)| graph.is_open(*a) && graph.is_open(*b))
            .collect();
        let mut possible = Self {
            records: Vec::new(),
            pairs: Vec::new(),
        };
        let mut places: HashMap<u32, Option<u32>> = HashMap::new();
        for ((a, b), p) in likely {
            let mut place = |record: u32| {
                *places.entry(record).or_insert_with(|| {
                    let known = graph.record_at(record);
                    let agency = name(&matching.names, known.agency)?.clone();
                    let victim = known.found?.card.roles.is_victim();
                    let place = u32::try_from(possible.records.len()).ok()?;
                    possible.records.push((agency, known.pseudonym, victim));
                    Some(place)
                })
            };
            if let (Some(a), Some(b)) = (place(a), place(b)) {
                possible.pairs.push((a, b, p));
            }
        }
        possible
    }

    /// Victims of each list with the matches between them; whoever has none counts beside. Records of one
    /// list in a group of the hub are one person already.
    pub(super) fn linked(
        &self,
        product: &Product,
        counts: &BTreeMap<PartyId, OwnCounts>,
        groups: &[Vec<(PartyId, Pseudonym)>],
    ) -> Linked {
        let group_of: HashMap<(&PartyId, Pseudonym), usize> = groups
            .iter()
            .enumerate()
            .flat_map(|(i, group)| group.iter().map(move |(agency, p)| ((agency, *p), i)))
            .collect();
        let mut linked = Linked {
            lists: product.lists.iter().map(|l| l.name.clone()).collect(),
            records: Vec::new(),
            links: Vec::new(),
            alone: product
                .lists
                .iter()
                .map(|list| list.agencies.iter().map(|a| victims(counts, a)).sum())
                .collect(),
        };
        let mut merged: HashMap<(usize, u8), u32> = HashMap::new();
        let mut node_of: Vec<Option<u32>> = Vec::with_capacity(self.records.len());
        for (agency, pseudonym, victim) in &self.records {
            let list = product.list_of(agency).filter(|_| *victim);
            let Some(list) = list else {
                node_of.push(None);
                continue;
            };
            if let Some(alone) = linked.alone.get_mut(usize::from(list)) {
                *alone = alone.saturating_sub(1);
            }
            let mut fresh = || {
                linked.records.push(list);
                linked.records.len() as u32 - 1
            };
            node_of.push(Some(match group_of.get(&(agency, *pseudonym)) {
                Some(group) => *merged.entry((*group, list)).or_insert_with(fresh),
                None => fresh(),
            }));
        }
        let node = |record: u32| node_of.get(record as usize).copied().flatten();
        // Several pairs of records between two of these: the likeliest says most.
        let mut likeliest: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for (a, b, p) in &self.pairs {
            if let (Some(a), Some(b)) = (node(*a), node(*b)) {
                let best = likeliest.entry((a.min(b), a.max(b))).or_default();
                *best = best.max(*p);
            }
        }
        let list = |node: u32| linked.records.get(node as usize);
        likeliest.retain(|(a, b), _| list(*a) != list(*b));
        linked.links = likeliest
            .into_iter()
            .map(|((a, b), probability)| PossibleLink { a, b, probability })
            .collect();
        linked
    }
}

fn victims(counts: &BTreeMap<PartyId, OwnCounts>, agency: &PartyId) -> u64 {
    let own = counts.get(agency).and_then(|own| own.all.total());
    own.map_or(0, u64::from)
}

/// Draws matchings; `None` where they come to no figure.
pub(super) fn doubt(linked: &Linked, rng: &mut impl CryptoRng) -> Option<Doubt> {
    let found = spread(linked, SpreadOptions::default(), rng, &mut |_| ()).ok()?;
    let range = |low: f64, high: f64| Range {
        low: low.floor() as u32,
        high: high.is_finite().then(|| high.ceil() as u32),
    };
    Some(Doubt {
        known_within: (0.5 * (found.known.high - found.known.low)).ceil() as u32,
        alone: range(found.total_linkage.low, found.total_linkage.high),
        together: range(found.total_pooled.low, found.total_pooled.high),
        weight: weight(&found),
    })
}

fn weight(found: &LinkageSpread) -> Weight {
    let (links, chance) = (found.variance.linkage, found.variance.sampling);
    if links * ALIKE < chance {
        Weight::Less
    } else if links > chance * ALIKE {
        Weight::More
    } else {
        Weight::Alike
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanctuary_figures::{Alone, List, Traits, Window};

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    fn counts(victims: u32) -> OwnCounts {
        let mut all = Alone::default();
        (0..victims).for_each(|_| all.add(true, false, &Traits::UNKNOWN));
        OwnCounts {
            window: Window {
                from: "2026-01-01".parse().unwrap(),
                to: "2026-10-31".parse().unwrap(),
            },
            all,
            told: Vec::new(),
        }
    }

    #[test]
    fn records_of_one_list_in_a_group_are_one_person_and_suspects_none() {
        let list = |name: &str, agencies: &[&str]| List {
            name: name.to_owned(),
            agencies: agencies.iter().map(|a| party(a)).collect(),
        };
        let product = Product {
            area: "Area".to_owned(),
            year_begins: (1, 1),
            lists: vec![
                list("Police", &["police"]),
                list("Councils", &["council", "health"]),
            ],
        };
        let record = |agency: &str, n: u8, victim| (party(agency), Pseudonym([n; 16]), victim);
        let possible = Possible {
            records: vec![
                record("police", 1, true),
                record("council", 2, true),
                record("health", 3, true),
                record("police", 4, true),
                record("health", 5, false),
                record("elsewhere", 6, true),
            ],
            pairs: vec![
                (0, 1, 0.9),
                (0, 2, 0.7),
                (1, 2, 0.8),
                (2, 3, 0.1),
                (3, 4, 0.9),
                (3, 5, 0.9),
            ],
        };
        let counts = BTreeMap::from([
            (party("police"), counts(10)),
            (party("council"), counts(6)),
            (party("health"), counts(4)),
        ]);
        let member = |agency: &str, n: u8| (party(agency), Pseudonym([n; 16]));
        let groups = [vec![
            member("police", 1),
            member("council", 2),
            member("health", 3),
        ]];
        let linked = possible.linked(&product, &counts, &groups);
        // Police 1, the two councils' one person, police 4.
        assert_eq!(linked.records, [0, 1, 0]);
        // Ten at the police without two of them; ten at the councils without two records.
        assert_eq!(linked.alone, [8, 8]);
        let link = |a, b, probability| PossibleLink { a, b, probability };
        assert_eq!(linked.links, [link(0, 1, 0.9), link(1, 2, 0.1)]);
        // Nineteen people, one of them on both lists, at the threshold of the groups.
        let table = linked.table_at(0.5).unwrap();
        let histories: Vec<_> = table.histories().collect();
        assert_eq!(histories, [(1, 9), (2, 8), (3, 1)]);
    }

    #[test]
    fn the_doubt_is_what_the_probabilities_say() {
        let mut linked = Linked {
            lists: ["A", "B", "C"].map(String::from).into(),
            records: Vec::new(),
            links: Vec::new(),
            alone: vec![120, 90, 70],
        };
        for n in 0..60_u32 {
            linked.records.extend([(n % 3) as u8, ((n + 1) % 3) as u8]);
            linked.links.push(PossibleLink {
                a: 2 * n,
                b: 2 * n + 1,
                probability: 0.5,
            });
        }
        let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::from_seed([4; 32]);
        let found = doubt(&linked, &mut rng).unwrap();
        // 60 links true half the time: 30 of them, give or take twice 3.9.
        assert!((5..=10).contains(&found.known_within), "{found:?}");
        assert!(
            found.alone.high.unwrap() > found.alone.low + 100,
            "{found:?}"
        );
        linked.links.iter_mut().for_each(|l| l.probability = 1.0);
        let sure = doubt(&linked, &mut rng).unwrap();
        assert_eq!((sure.known_within, sure.weight), (0, Weight::Less));
        assert!(sure.alone.high.unwrap() - sure.alone.low <= 1, "{sure:?}");
        assert!(sure.together.low < sure.alone.low);
    }
}
