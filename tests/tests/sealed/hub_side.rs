//! A real partnership's hub after a day's work, and what its nodes know to be true.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context as _;
use sanctuary_hub::Storage;
use sanctuary_lab::demo::{self, Options};
use sanctuary_node::{Config, Node};
use sanctuary_node_core::ports::NodeStore as _;
use sanctuary_posting::{AgencyPoint, Posting, SealedCard, agency_point};
use sanctuary_tests::HubLog;
use sanctuary_types::{Epoch, PartyId, Pseudonym, Roles, Tag, TokenType};

const PEOPLE: usize = 110;
const SEED: u64 = 3;
const CACHE_MIB: u64 = 32;

/// A posting as the hub has it; its tag is the stored one.
#[derive(Clone, Copy)]
pub struct Held {
    pub agency: usize,
    pub batch: usize,
    pub posting: Posting,
}

/// What an agency's node knows of one of its postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    pub pseudonym: Pseudonym,
    pub token: TokenType,
    pub roles: Roles,
}

/// Everything the hub has.
pub struct HubSide {
    pub agencies: Vec<PartyId>,
    pub points: Vec<AgencyPoint>,
    pub postings: Vec<Held>,
    /// Agency, batch, card.
    pub cards: Vec<(usize, usize, SealedCard)>,
    /// Stored tags that two agencies or more hold.
    pub shared: BTreeSet<Tag>,
    /// Every secret file of the hub: root key, TLS key, signing key.
    pub secrets: Vec<Vec<u8>>,
}

/// A day of four agencies: the hub's side, and by handle what is true.
pub async fn after_a_day() -> anyhow::Result<(HubSide, HashMap<[u8; 8], Truth>)> {
    let dir = tempfile::tempdir()?;
    let options = Options {
        dir: dir.path().join("demo"),
        people: PEOPLE,
        seed: SEED,
    };
    let demo = demo::run(&options, &|_| {}).await?;
    let agencies: Vec<PartyId> = demo
        .outcome
        .agencies
        .iter()
        .map(|agency| Ok(agency.name.parse()?))
        .collect::<anyhow::Result<_>>()?;
    let configs: Vec<_> = agencies
        .iter()
        .map(|agency| demo.node_config(agency.as_str()))
        .collect();
    let hub = demo.live.folder("hub");
    demo.stop().await?;

    let mut truth = HashMap::new();
    for config in configs {
        let node = Node::open(&Config::load(&config)?).await?;
        node.store().for_each_record(&mut |record| {
            let (Some(details), Some(published)) = (&record.details, &record.published) else {
                return Ok(());
            };
            for token in &published.tokens {
                let known = Truth {
                    pseudonym: record.pseudonym,
                    token: token.token,
                    roles: details.roles,
                };
                truth.insert(token.handle.0, known);
            }
            Ok(())
        })?;
    }
    let storage = Storage::open(&hub.join("data"), &hub.join("root.key"), CACHE_MIB)?;
    let log = HubLog::read(&storage.log)?;
    let mut secrets = Vec::new();
    for name in ["root.key", "tls.key", "signing.key"] {
        let path = hub.join(name);
        secrets.push(std::fs::read(&path).with_context(|| path.display().to_string())?);
    }
    Ok((HubSide::of(agencies, &log, secrets)?, truth))
}

impl HubSide {
    fn of(agencies: Vec<PartyId>, log: &HubLog, secrets: Vec<Vec<u8>>) -> anyhow::Result<Self> {
        let place = |number: u32| {
            let name = log.agencies.get(&number).context("an agency's name")?;
            let place = agencies.iter().position(|agency| agency == name);
            place.context("an agency of the demo")
        };
        let mut holders: BTreeMap<Tag, BTreeSet<usize>> = BTreeMap::new();
        let mut postings = Vec::new();
        for stored in &log.postings {
            let posting = Posting::from_bytes(&stored.item)?;
            let agency = place(stored.agency)?;
            holders.entry(posting.tag).or_default().insert(agency);
            postings.push(Held {
                agency,
                batch: stored.batch,
                posting,
            });
        }
        let cards = log.cards.iter().map(|stored| {
            let card = SealedCard::from_bytes(&stored.item);
            Ok((place(stored.agency)?, stored.batch, card))
        });
        Ok(Self {
            cards: cards.collect::<anyhow::Result<_>>()?,
            points: agencies.iter().map(|a| agency_point(a, Epoch(1))).collect(),
            shared: holders
                .into_iter()
                .filter(|(_, agencies)| agencies.len() > 1)
                .map(|(tag, _)| tag)
                .collect(),
            agencies,
            postings,
            secrets,
        })
    }

    /// Postings that no second agency shares, dummies among them.
    pub fn alone(&self) -> Vec<Held> {
        let alone = self.postings.iter();
        alone
            .filter(|held| !self.shared.contains(&held.posting.tag))
            .copied()
            .collect()
    }
}
