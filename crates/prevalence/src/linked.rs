use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use rand_core::CryptoRng;

use crate::{
    error::PrevalenceError,
    table::{LISTS_MAX, Table},
};

/// Records that may be of one person, with calibrated probabilities, and people whom nobody shares.
///
/// Records are numbers, nothing of a person is here. Each list has been deduplicated: two records of
/// one list are two people.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// Names of the lists.
    pub lists: Vec<String>,
    /// For each record, the index of its list.
    pub records: Vec<u8>,
    /// Pairs of records that may be of one person.
    pub links: Vec<PossibleLink>,
    /// For each list, people on it beyond those of `records`: known to share nobody.
    pub alone: Vec<u64>,
}

/// Two records of different lists that may be of one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PossibleLink {
    /// Index of a record.
    pub a: u32,
    /// Index of the other.
    pub b: u32,
    /// That they are of one person, calibrated.
    pub probability: f64,
}

impl Linked {
    /// Whether every record and link makes sense.
    pub(crate) fn check(&self) -> Result<(), PrevalenceError> {
        let lists = self.lists.len();
        if lists > LISTS_MAX {
            return Err(PrevalenceError::TooManyLists(lists));
        }
        let known_list = |list: &u8| usize::from(*list) < lists;
        if !self.records.iter().all(known_list) || self.alone.len() > lists {
            return Err(PrevalenceError::UnknownList(lists));
        }
        let wrong = |link: &PossibleLink| {
            let there = |record: u32| (record as usize) < self.records.len();
            !there(link.a) || !there(link.b) || !(0.0..=1.0).contains(&link.probability)
        };
        match self.links.iter().position(wrong) {
            Some(link) => Err(PrevalenceError::BadLink(link)),
            None => Ok(()),
        }
    }

    /// The table in which links from `threshold` on are taken as true, the likeliest first.
    ///
    /// # Errors
    /// For a link or record that makes no sense.
    pub fn table_at(&self, threshold: f64) -> Result<Table, PrevalenceError> {
        self.check()?;
        let mut likely: Vec<&PossibleLink> = self
            .links
            .iter()
            .filter(|link| link.probability >= threshold)
            .collect();
        likely.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then((a.a, a.b).cmp(&(b.a, b.b)))
        });
        let mut people = People::new(&self.records);
        likely.iter().for_each(|link| people.join(link.a, link.b));
        self.table_of(&mut people)
    }

    /// A table of one matching drawn at random: pairs in random order, each linked with its
    /// probability if no list would then have two records of one person (Sadinle 2018's averaging,
    /// for a matcher that gives pairs).
    ///
    /// # Errors
    /// For a link or record that makes no sense.
    pub fn sample(&self, rng: &mut impl CryptoRng) -> Result<Table, PrevalenceError> {
        self.check()?;
        let mut order: Vec<&PossibleLink> = self.links.iter().collect();
        order.shuffle(rng);
        let mut people = People::new(&self.records);
        for link in order {
            if rng.random::<f64>() < link.probability {
                people.join(link.a, link.b);
            }
        }
        self.table_of(&mut people)
    }

    fn table_of(&self, people: &mut People) -> Result<Table, PrevalenceError> {
        let linked = people.histories().into_iter().map(|history| (history, 1));
        let alone = self
            .alone
            .iter()
            .enumerate()
            .map(|(list, people)| (1 << list, *people));
        Table::build(&self.lists, linked.chain(alone))
    }
}

/// Groups of records, no two of one list.
struct People {
    parents: Vec<u32>,
    /// Of each root: the lists of its group.
    lists: Vec<usize>,
}

impl People {
    fn new(records: &[u8]) -> Self {
        Self {
            parents: (0..records.len() as u32).collect(),
            lists: records.iter().map(|list| 1 << list).collect(),
        }
    }

    /// Joins the groups of two records unless a list is in both.
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if self.lists[a] & self.lists[b] == 0 {
            self.lists[a] |= self.lists[b];
            self.parents[b] = a as u32;
        }
    }

    fn root(&mut self, record: u32) -> usize {
        let mut at = record as usize;
        while self.parents[at] as usize != at {
            let above = self.parents[at] as usize;
            self.parents[at] = self.parents[above];
            at = above;
        }
        at
    }

    /// The lists of each group.
    fn histories(&mut self) -> Vec<usize> {
        let roots = (0..self.parents.len()).filter(|at| self.parents[*at] as usize == *at);
        roots.map(|root| self.lists[root]).collect()
    }
}
