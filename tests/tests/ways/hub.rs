//! What the hub has on disk of each agency's records, found by the handles that the node keeps.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use anyhow::{Context as _, ensure};
use sanctuary_hub::Storage;
use sanctuary_node::{Config, Node};
use sanctuary_node_core::ports::NodeStore as _;
use sanctuary_tests::{HubLog, Town};

const CACHE_MIB: u64 = 64;
/// Where things stand in a posting of 94 bytes.
const TAG: std::ops::Range<usize> = 0..16;
const HANDLE: std::ops::Range<usize> = 48..56;

/// A stored tag: the node's under the hub's pepper.
type StoredTag = [u8; 16];

/// Of each agency: its records by reference, each with the kinds and stored tags of its postings; and every
/// posting and card there is.
#[derive(PartialEq, Eq)]
pub struct Picture {
    pub tags: BTreeMap<String, BTreeMap<String, Vec<(u8, StoredTag)>>>,
    /// Agency, push and bytes; dummies too.
    postings: Vec<(String, usize, [u8; 94])>,
    cards: Vec<(String, usize, [u8; 58])>,
}

impl Picture {
    /// Of a town whose daemons have ended.
    pub fn of(town: &Town) -> anyhow::Result<Self> {
        let config = sanctuary_hub::Config::load(&town.config("hub"))?;
        let storage = Storage::open(&config.data_dir, &config.root_key, CACHE_MIB)?;
        let log = HubLog::read(&storage.log)?;
        let name = |number: u32| Ok(log.agencies.get(&number).context("an agency")?.to_string());
        let mut postings = Vec::new();
        let mut by_handle: HashMap<(String, [u8; 8]), StoredTag> = HashMap::new();
        for posting in &log.postings {
            let agency: anyhow::Result<String> = name(posting.agency);
            let agency = agency?;
            let handle = posting.item[HANDLE].try_into()?;
            let known = by_handle.insert((agency.clone(), handle), posting.item[TAG].try_into()?);
            ensure!(known.is_none(), "a handle stands twice");
            postings.push((agency, posting.batch, posting.item));
        }
        let cards = log
            .cards
            .iter()
            .map(|card| Ok((name(card.agency)?, card.batch, card.item)));
        let cards = cards.collect::<anyhow::Result<_>>()?;
        let mut tags = BTreeMap::new();
        for agency in town.agencies() {
            tags.insert(agency.clone(), records(town, agency, &by_handle)?);
        }
        Ok(Self {
            tags,
            postings,
            cards,
        })
    }

    /// What is of no record is random: no two agencies have it.
    pub fn dummies_meet_nowhere(&self) -> anyhow::Result<()> {
        let real: BTreeSet<&StoredTag> = self
            .tags
            .values()
            .flat_map(|records| records.values().flatten().map(|(_, tag)| tag))
            .collect();
        let mut dummies: HashMap<&[u8], &str> = HashMap::new();
        for (agency, _, item) in &self.postings {
            let tag: StoredTag = item[TAG].try_into()?;
            if !real.contains(&tag) {
                let known = dummies.insert(&item[TAG], agency);
                ensure!(
                    known.is_none_or(|other| other == agency),
                    "a dummy meets another"
                );
            }
        }
        ensure!(!dummies.is_empty(), "padding has gone");
        Ok(())
    }
}

fn records(
    town: &Town,
    agency: &str,
    by_handle: &HashMap<(String, [u8; 8]), StoredTag>,
) -> anyhow::Result<BTreeMap<String, Vec<(u8, StoredTag)>>> {
    let config = Config::load(&town.config(agency))?;
    let node = tokio::runtime::Runtime::new()?.block_on(Node::open(&config))?;
    let (mut records, mut lacking) = (BTreeMap::new(), 0);
    node.store().for_each_record(&mut |record| {
        let Some(details) = &record.details else {
            return Ok(());
        };
        // A record of which too little is known has no token, and none at any agency.
        let published = record
            .published
            .iter()
            .flat_map(|of_record| &of_record.tokens);
        let mut tags = Vec::new();
        for token in published {
            match by_handle.get(&(agency.to_owned(), token.handle.0)) {
                Some(tag) => tags.push((token.token.code(), *tag)),
                None => lacking += 1,
            }
        }
        tags.sort_unstable();
        records.insert(details.reference.clone(), tags);
        Ok(())
    })?;
    ensure!(lacking == 0, "the hub lacks {lacking} postings of {agency}");
    Ok(records)
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pushes: BTreeSet<usize> = self.postings.iter().map(|(_, push, _)| *push).collect();
        write!(
            f,
            "{} postings and {} cards in {} pushes",
            self.postings.len(),
            self.cards.len(),
            pushes.len()
        )
    }
}
