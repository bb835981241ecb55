//! What hub and nodes have on disk after they ended, read with their own adapters.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context as _, ensure};
use sanctuary_hub::Storage;
use sanctuary_hub_core::{Accepts, Hub, Options, TellReport, ports::PostingLog};
use sanctuary_linkage::Policy;
use sanctuary_node::{Config, Node};
use sanctuary_node_core::{RecordKey, ports::NodeStore as _};
use sanctuary_rpc::now;
use sanctuary_types::{AlertId, AlertKind, AlertState, Band, PartyId, Tag};

use crate::Town;

/// Bytes before the items of a row of the hub's log: kind, agency number, epoch.
const HEADER_BYTES: usize = 9;
/// Row kinds that hold items.
const POSTINGS: u8 = 3;
const CARDS: u8 = 4;
const TRAILER: u8 = 9;
/// Where the agency's name begins in a trailer: after format, counts, times, ids and digests.
const TRAILER_NAME_FROM: usize = 1 + 4 + 8 + 8 + 2 + 16 + 32 + 32;
const POSTING_BYTES: usize = 94;
const CARD_BYTES: usize = 58;
const CACHE_MIB: u64 = 64;

/// A posting or card in the hub's log.
#[derive(Clone, Copy)]
pub struct Stored<const N: usize> {
    /// The hub's number of the agency that pushed it.
    pub agency: u32,
    /// The push it came with, counted over all agencies.
    pub batch: usize,
    /// Its bytes; a posting's tag as stored, under the hub's pepper.
    pub item: [u8; N],
}

/// Postings and cards in the hub's log: those of one push stand together and in its order.
#[derive(Default)]
pub struct HubLog {
    /// Postings.
    pub postings: Vec<Stored<POSTING_BYTES>>,
    /// Cards.
    pub cards: Vec<Stored<CARD_BYTES>>,
    /// Agency names by number.
    pub agencies: BTreeMap<u32, PartyId>,
    batches: usize,
}

impl HubLog {
    /// Reads every row.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn read(log: &impl PostingLog) -> anyhow::Result<Self> {
        let mut read = Self::default();
        for row in log.scan() {
            let (_, row) = row?;
            let (header, items) = row.split_at_checked(HEADER_BYTES).context("a row")?;
            let agency = u32::from_be_bytes(header[1..5].try_into()?);
            match header[0] {
                POSTINGS => read.postings.extend(present(agency, read.batches, items)),
                CARDS => read.cards.extend(present(agency, read.batches, items)),
                TRAILER => {
                    read.batches += 1;
                    let name = items.get(TRAILER_NAME_FROM..).context("a trailer")?;
                    let name = std::str::from_utf8(name)?.parse()?;
                    read.agencies.insert(agency, name);
                }
                _ => {}
            }
        }
        Ok(read)
    }
}

/// Items that were not erased.
fn present<const N: usize>(
    agency: u32,
    batch: usize,
    items: &[u8],
) -> impl Iterator<Item = Stored<N>> {
    let whole = items
        .chunks_exact(N)
        .filter_map(|item| item.try_into().ok());
    whole
        .filter(|item| *item != [0; N])
        .map(move |item| Stored {
            agency,
            batch,
            item,
        })
}

/// An alert as an agency's node has it; everything of it that does not depend on when it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    /// Whose.
    pub agency: String,
    /// The same at both agencies.
    pub id: AlertId,
    /// The agency's own reference.
    pub record: Option<String>,
    /// Who has the other record.
    pub other_agency: String,
    /// [`AlertKind`] in words.
    pub kind: String,
    /// [`Band`] in words.
    pub band: String,
    /// [`AlertState`] in words.
    pub state: String,
    /// Agencies of the group.
    pub cluster_agencies: Vec<PartyId>,
}

/// Everything a finished town has on disk.
#[derive(Default)]
pub struct Audit {
    /// Records that wait to be tokenised, of all nodes.
    pub pending: u64,
    /// Batches that wait for the hub, of all nodes.
    pub outbox: u64,
    /// What each record's node holds for published: kind and tag of each token, in order.
    pub tokens: BTreeMap<(String, RecordKey), Vec<(u8, Tag)>>,
    /// Published postings and cards that the hub does not have.
    pub missing: usize,
    /// Postings and cards that the hub has more than once, dummies included.
    pub twice: usize,
    /// Postings (dummies included) and batches of each agency at the hub.
    pub hub: BTreeMap<String, (u64, u64)>,
    /// What a further round of the hub still had to tell, all of it looked at anew.
    pub untold: TellReport,
    /// Standing alerts of every node.
    pub alerts: BTreeSet<Alert>,
    /// Alerts that came and went, of all nodes.
    pub lapsed: usize,
    /// Events of the hub whose alert or newest version a node does not have.
    pub unheard: usize,
}

impl Audit {
    /// Reads a town whose daemons have ended.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn of(town: &Town) -> anyhow::Result<Self> {
        let mut audit = Self::default();
        let mut versions: HashMap<(String, AlertId), u32> = HashMap::new();
        let mut published = Published::default();
        let runtime = tokio::runtime::Runtime::new()?;
        for agency in town.agencies() {
            let config = Config::load(&town.config(agency))?;
            let node = runtime.block_on(Node::open(&config))?;
            audit.take_node(agency, &node, &mut published)?;
            for alert in node.store().alerts()? {
                versions.insert((agency.clone(), alert.alert_id), alert.version);
            }
        }
        let config = sanctuary_hub::Config::load(&town.config("hub"))?;
        let storage = Storage::open(&config.data_dir, &config.root_key, CACHE_MIB)?;
        let log = HubLog::read(&storage.log)?;
        (audit.missing, audit.twice) = published.compare(&log);
        audit.take_hub(town, storage, &versions)?;
        Ok(audit)
    }

    fn take_node(
        &mut self,
        agency: &str,
        node: &Node,
        published: &mut Published,
    ) -> anyhow::Result<()> {
        self.pending += node.store().pending(usize::MAX)?.len() as u64;
        self.outbox += node.store().outbox(usize::MAX)?.len() as u64;
        node.store().for_each_record(&mut |record| {
            if let Some(of_record) = &record.published {
                published.cards.push(of_record.card.0);
                let handles = of_record.tokens.iter().map(|t| t.handle.0);
                published.handles.extend(handles);
                let tokens = of_record.tokens.iter().map(|t| (t.token.code(), t.tag));
                self.tokens
                    .insert((agency.to_owned(), record.key), tokens.collect());
            }
            Ok(())
        })?;
        for view in sanctuary_node_core::alert_views(node.store())? {
            let alert = &view.alert;
            if alert.state == AlertState::Lapsed {
                self.lapsed += 1;
                continue;
            }
            self.alerts.insert(Alert {
                agency: agency.to_owned(),
                id: alert.alert_id,
                record: view.record.clone(),
                other_agency: alert.other_agency.to_string(),
                kind: word::<AlertKind>(alert.kind),
                band: word::<Band>(alert.band),
                state: word::<AlertState>(alert.state),
                cluster_agencies: alert.cluster_agencies.clone(),
            });
        }
        Ok(())
    }

    /// Whether nothing waits, nothing is missing, nothing is there twice and every event was heard.
    ///
    /// # Errors
    /// Naming what is wrong.
    pub fn nothing_lost(&self) -> anyhow::Result<()> {
        ensure!(
            (self.pending, self.outbox) == (0, 0),
            "{} records and {} batches still wait",
            self.pending,
            self.outbox
        );
        ensure!(
            self.missing == 0,
            "the hub lacks {} postings and cards that it acknowledged",
            self.missing
        );
        ensure!(
            self.twice == 0,
            "the hub has {} postings and cards twice",
            self.twice
        );
        ensure!(
            self.unheard == 0,
            "nodes have not heard {} events",
            self.unheard
        );
        Ok(())
    }

    /// Opens the hub as its daemon does and lets it look at everything anew.
    fn take_hub(
        &mut self,
        town: &Town,
        storage: Storage,
        versions: &HashMap<(String, AlertId), u32>,
    ) -> anyhow::Result<()> {
        let config = sanctuary_hub::Config::load(&town.config("hub"))?;
        let options = Options {
            accepts: Accepts {
                rules: config.rules_version,
                epoch: config.epoch,
            },
            policy: Policy::default(),
        };
        let Storage { log, state, pepper } = storage;
        let hub = Hub::open(log, state, pepper, options, now())?;
        for agency in town.agencies() {
            let party: PartyId = agency.parse()?;
            let events = hub.alerts_after(&party, 0, usize::MAX)?;
            let heard = |id| versions.get(&(agency.clone(), id)).copied();
            let unheard = events
                .iter()
                .filter(|event| heard(event.alert_id) != Some(event.version));
            self.unheard += unheard.count();
            let status = hub.status(&party);
            self.hub
                .insert(agency.clone(), (status.postings, status.batches));
        }
        self.untold = hub.settle(now())?.told;
        Ok(())
    }
}

/// What the nodes believe to stand at the hub. Handles and card ids are random: each stands once.
#[derive(Default)]
struct Published {
    handles: Vec<[u8; 8]>,
    cards: Vec<[u8; 8]>,
}

impl Published {
    /// How many are missing in the log, and how many items stand in it more than once.
    fn compare(&self, log: &HubLog) -> (usize, usize) {
        let mut handles: HashMap<&[u8], u32> = HashMap::new();
        for posting in &log.postings {
            *handles.entry(&posting.item[48..56]).or_default() += 1;
        }
        let mut cards: HashMap<&[u8], u32> = HashMap::new();
        for card in &log.cards {
            *cards.entry(&card.item[..8]).or_default() += 1;
        }
        let missing = self
            .handles
            .iter()
            .filter(|handle| !handles.contains_key(&handle[..]))
            .count()
            + self
                .cards
                .iter()
                .filter(|card| !cards.contains_key(&card[..]))
                .count();
        let twice = handles
            .values()
            .chain(cards.values())
            .filter(|count| **count > 1)
            .count();
        (missing, twice)
    }
}

fn word<T: std::fmt::Debug>(value: T) -> String {
    format!("{value:?}")
}
