//! Opening the postings of one tag. Two agencies' shares give the key; whoever does not fit the
//! key that most agencies fit is named, and changes nothing for the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sanctuary_posting::{AgencyPoint, PairPoints, Posting, TokenKey, agency_point};
use sanctuary_types::{Epoch, PartyId, PostingBody};

/// Inverses kept; beyond it the cache starts afresh (it is only time).
const PAIRS_MAX: usize = 1 << 16;
/// Different shares of one agency under one tag that are tried; an honest agency has one.
const SHARES_TRIED_MAX: usize = 4;

/// A posting of a tag, as read from the log.
pub(crate) struct Sealed {
    pub(crate) agency: u32,
    pub(crate) ordinal: u32,
    /// `None` when its share is not a canonical scalar: no honest node makes one.
    pub(crate) posting: Option<Posting>,
}

/// What came of the postings of one tag.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) postings: Vec<OpenedPosting>,
    /// Agency of each posting that did not fit what at least two other agencies agree on.
    pub(crate) refused: Vec<u32>,
    /// Nothing opened, or two equally large groups contradict each other: somebody forged, and it
    /// cannot be told who.
    pub(crate) disputed: bool,
}

/// A posting that opened.
pub(crate) struct OpenedPosting {
    pub(crate) agency: u32,
    pub(crate) ordinal: u32,
    pub(crate) body: PostingBody,
}

/// Keys' geometry, kept between rounds.
pub(crate) struct Opener {
    epoch: Epoch,
    names: Vec<Option<PartyId>>,
    points: HashMap<u32, AgencyPoint>,
    pairs: HashMap<(u32, u32), PairPoints>,
}

impl Opener {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            names: Vec::new(),
            points: HashMap::new(),
            pairs: HashMap::new(),
        }
    }

    /// The agencies' names by number, refreshed at each round.
    pub(crate) fn set_names(&mut self, names: Vec<Option<PartyId>>) {
        self.names = names;
    }

    pub(crate) fn name(&self, agency: u32) -> Option<&PartyId> {
        self.names.get(agency as usize)?.as_ref()
    }

    /// Opens what can be opened.
    pub(crate) fn open(&mut self, postings: &[Sealed]) -> Opened {
        let malformed = postings
            .iter()
            .filter(|p| p.posting.is_none())
            .map(|p| p.agency);
        let mut opened = Opened {
            refused: malformed.collect(),
            ..Opened::default()
        };
        let (sound, ordinals): (Vec<(u32, &Posting)>, Vec<u32>) = postings
            .iter()
            .filter_map(|p| Some(((p.agency, p.posting.as_ref()?), p.ordinal)))
            .unzip();
        if distinct(sound.iter().map(|(agency, _)| *agency)) < 2 {
            return opened;
        }
        let Some(best) = self.best_key(&sound) else {
            opened.disputed = true;
            return opened;
        };
        opened.disputed = best.contested;
        for (((agency, _), ordinal), body) in sound.iter().zip(ordinals).zip(best.bodies) {
            let agency = *agency;
            match body {
                Some(body) => opened.postings.push(OpenedPosting {
                    agency,
                    ordinal,
                    body,
                }),
                None if !best.contested => opened.refused.push(agency),
                None => {}
            }
        }
        opened
    }

    /// The key under which postings of the most agencies open.
    fn best_key(&mut self, sound: &[(u32, &Posting)]) -> Option<Best> {
        let shares = representatives(sound);
        let mut best: Option<Best> = None;
        let agencies: Vec<u32> = shares.keys().copied().collect();
        for (at, a) in agencies.iter().enumerate() {
            for b in &agencies[at + 1..] {
                for (i, j) in product(&shares[a], &shares[b]) {
                    // A pair that is open together under the best key so far gives that key again.
                    let covered = |key: &Best| key.bodies[i].is_some() && key.bodies[j].is_some();
                    if best.as_ref().is_some_and(covered) {
                        continue;
                    }
                    let Some(found) = self.try_pair(sound, i, j) else {
                        continue;
                    };
                    if found.bodies.iter().all(Option::is_some) {
                        return Some(found);
                    }
                    best = Some(better(best, found));
                }
            }
        }
        best
    }

    fn try_pair(&mut self, sound: &[(u32, &Posting)], i: usize, j: usize) -> Option<Best> {
        let ((a, posting_a), (b, posting_b)) = (sound[i], sound[j]);
        let key = self.pair(a, b)?.key(posting_a, posting_b).ok()?;
        let opens = |agency: u32, posting: &Posting| self.open_one(&key, agency, posting);
        let fits = opens(a, posting_a).is_some() && opens(b, posting_b).is_some();
        fits.then(|| {
            let bodies: Vec<_> = sound.iter().map(|(agency, p)| opens(*agency, p)).collect();
            let members = sound.iter().zip(&bodies).filter(|(_, body)| body.is_some());
            let agencies: BTreeSet<PartyId> = members
                .filter_map(|((agency, _), _)| self.name(*agency).cloned())
                .collect();
            Best {
                bodies,
                agencies,
                contested: false,
            }
        })
    }

    fn open_one(&self, key: &TokenKey, agency: u32, posting: &Posting) -> Option<PostingBody> {
        key.open(self.name(agency)?, posting).ok()
    }

    fn pair(&mut self, a: u32, b: u32) -> Option<PairPoints> {
        if let Some(points) = self.pairs.get(&(a, b)) {
            return Some(*points);
        }
        let points = PairPoints::new(&self.point(a)?, &self.point(b)?).ok()?;
        if self.pairs.len() >= PAIRS_MAX {
            self.pairs.clear();
        }
        self.pairs.insert((a, b), points);
        Some(points)
    }

    fn point(&mut self, agency: u32) -> Option<AgencyPoint> {
        if let Some(point) = self.points.get(&agency) {
            return Some(*point);
        }
        let point = agency_point(self.name(agency)?, self.epoch);
        self.points.insert(agency, point);
        Some(point)
    }
}

struct Best {
    /// By place in the postings given: opened or not.
    bodies: Vec<Option<PostingBody>>,
    /// Agencies with a posting that opened, by name: numbers depend on who pushed first.
    agencies: BTreeSet<PartyId>,
    /// Another key opens postings of as many agencies.
    contested: bool,
}

/// The key that more agencies fit; with equally many, the one with the first names, marked as
/// contested, so that the outcome does not depend on order and nobody is named without reason.
fn better(best: Option<Best>, found: Best) -> Best {
    let Some(best) = best else {
        return found;
    };
    match found.agencies.len().cmp(&best.agencies.len()) {
        std::cmp::Ordering::Greater => found,
        std::cmp::Ordering::Less => best,
        std::cmp::Ordering::Equal => {
            let first = if found.agencies < best.agencies {
                found
            } else {
                best
            };
            Best {
                contested: true,
                ..first
            }
        }
    }
}

/// By agency, the places of its first posting with each share.
fn representatives(sound: &[(u32, &Posting)]) -> BTreeMap<u32, Vec<usize>> {
    let mut shares: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, (agency, posting)) in sound.iter().enumerate() {
        let of_agency = shares.entry(*agency).or_default();
        let known = of_agency
            .iter()
            .any(|seen| sound[*seen].1.share == posting.share);
        if !known && of_agency.len() < SHARES_TRIED_MAX {
            of_agency.push(at);
        }
    }
    shares
}

fn product(a: &[usize], b: &[usize]) -> Vec<(usize, usize)> {
    a.iter().flat_map(|i| b.iter().map(|j| (*i, *j))).collect()
}

fn distinct(agencies: impl Iterator<Item = u32>) -> usize {
    agencies.collect::<BTreeSet<_>>().len()
}
