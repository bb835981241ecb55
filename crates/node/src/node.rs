//! One agency's node as a value: what the daemon, commands and screens work on.

mod contact;
mod figures;
mod keys;
mod quality;
mod status;

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rand::rngs::StdRng;
use sanctuary_ledger::EntryId;
use sanctuary_node_core::{
    AlertView, Counts, ImportSummary, Importer, Mapping, NodeError, NodeSecret, Padding, Progress,
    PublishReport, Publisher, alert_views, ports::NodeStore,
};
use sanctuary_rpc::{ConnectOptions, Identity, RosterWatch, now};
use sanctuary_staff::Register;
use sanctuary_store::{Sealer, StoreError};
use sanctuary_trust::files::load_anchors;
use sanctuary_types::PartyId;
use zeroize::Zeroizing;

pub(crate) use self::contact::Met;
use self::{contact::Contact, figures::NodeFigures, keys::LoadedKeys};
pub use self::{
    contact::QuotaLeft,
    status::{KeyUntil, NodeStatus},
};
use crate::{
    ApiKeys, Config, PushReport, acts,
    cases::Cases,
    comparing::Comparing,
    export::CaseUrl,
    hub::{push_outbox, read_alerts},
    ledger::{LoggedAct, NodeLedger},
    notices::NoticeDesk,
    peers::Peers,
    review::ReviewDesk,
    store::{KeepTables, SledStore, StaffTables},
    ways::WaysIn,
};

/// One agency's node in this process. Cheap to clone; holds its data directory until the last clone
/// is dropped.
#[derive(Clone)]
pub struct Node {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) party: PartyId,
    manifests: Vec<PathBuf>,
    pub(crate) store: SledStore,
    pub(crate) secret: NodeSecret,
    counts: Mutex<Counts>,
    pub(crate) peers: Peers,
    keys: Mutex<Option<LoadedKeys>>,
    /// One tokeniser at a time: the order of batches is the order of records. Holds the day on which
    /// records whose time is over were looked for.
    publishing: tokio::sync::Mutex<Option<u32>>,
    /// How long after an erasure the bytes may stay in old pages of a file.
    pub(crate) purge_within: Duration,
    /// Terms of comparisons with other nodes.
    pub(crate) comparing: Comparing,
    /// One push at a time: the hub commits batches in order.
    pushing: tokio::sync::Mutex<()>,
    /// The partnership's log: no ledger, no operation.
    pub(crate) ledger: NodeLedger,
    /// The agency's people.
    staff: Register<StaffTables>,
    /// Disclosures.
    pub(crate) cases: Cases,
    /// The review of possible matches.
    pub(crate) review: ReviewDesk,
    /// What is kept for people: drafts, habits, released editions.
    pub(crate) keeping: KeepTables,
    /// How the agency's systems reach the node.
    pub(crate) ways: WaysIn,
    /// When the hub was last met.
    contact: Contact,
    /// What is counted for a Prometheus.
    figures: NodeFigures,
    /// How long the hub may be away before somebody is told.
    hub_silent_ms: u64,
    /// What people are told, if they are told anything.
    pub(crate) notices: Option<NoticeDesk>,
    /// Where the agency's own system shows a record.
    pub(crate) case_url: Option<CaseUrl>,
}

impl Node {
    /// Opens the data directory, identity and roster. Reads every record once to count names and
    /// values.
    ///
    /// # Errors
    /// One sentence that says what to do; [`StoreError::InUse`] when another process has the data
    /// directory.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        Self::open_with(config, ConnectOptions::default()).await
    }

    /// As [`Node::open`], with other limits or a tap on the connections.
    ///
    /// # Errors
    /// As [`Node::open`].
    pub async fn open_with(config: &Config, options: ConnectOptions) -> anyhow::Result<Self> {
        let anchors = load_anchors(&config.anchors)?;
        let identity = Identity::load(&config.identity_dir, &anchors)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&config.data_dir)
            .with_context(|| format!("cannot create {}", config.data_dir.display()))?;
        let state = config.data_dir.join("roster-version");
        let roster = RosterWatch::open(&config.roster, anchors, Some(&state))?;
        check_own_entry(config, &identity, &roster)?;
        let peers = Peers::new(identity, roster, options);
        let config = config.clone();
        tokio::task::spawn_blocking(move || Self::open_store(&config, peers)).await?
    }

    fn open_store(config: &Config, peers: Peers) -> anyhow::Result<Self> {
        let sealer = Sealer::from_key_file_or_generate(&config.root_key())?;
        let secret = Zeroizing::new(sealer.index_key("node-secret", b"v1"));
        let store = SledStore::open(&config.data_dir.join("store"), config.cache_mib, sealer)?;
        let counts = Counts::of_store(&store)?;
        let contact = Contact::new(store.met()?);
        let ledger = NodeLedger::open(
            config.party.clone(),
            peers.clone(),
            &config.data_dir,
            &config.root_key(),
            None,
        )?;
        let staff = StaffTables::open(
            &config.data_dir.join("staff"),
            Sealer::from_key_file(&config.root_key())?,
            Arc::new(ledger.clone()),
        )?;
        let staff = Register::new(staff, config.party.as_str());
        let cases = Cases::open(
            &config.data_dir,
            Sealer::from_key_file(&config.root_key())?,
            peers.roster().anchors(),
        )?;
        let secret = NodeSecret::new(&secret);
        let sealer = Sealer::from_key_file(&config.root_key())?;
        let keeping = KeepTables::open(
            &config.data_dir.join("keeping"),
            Sealer::from_key_file(&config.root_key())?,
        )?;
        let keys = ApiKeys::of(&config.data_dir, Sealer::from_key_file(&config.root_key())?);
        let ways = WaysIn::of(config, keys);
        let review = ReviewDesk::open(&config.data_dir, sealer, &secret, config.review)?;
        let notices = NoticeDesk::open(config, &secret, || {
            let sealer = Sealer::from_key_file(&config.root_key());
            sealer.map_err(|error| NodeError::Store(error.to_string()))
        })?;
        let node = Self {
            inner: Arc::new(Inner {
                party: config.party.clone(),
                manifests: config.manifests.clone(),
                secret,
                counts: Mutex::new(counts),
                store,
                peers,
                keys: Mutex::new(None),
                publishing: tokio::sync::Mutex::new(None),
                purge_within: Duration::from_secs(3_600 * u64::from(config.purge_within_hours)),
                comparing: Comparing::of(config),
                pushing: tokio::sync::Mutex::new(()),
                ledger,
                staff,
                cases,
                review,
                keeping,
                ways,
                contact,
                figures: NodeFigures::new(&config.party)?,
                hub_silent_ms: u64::from(config.silent_after_hours) * 3_600_000,
                notices,
                case_url: config.case_url.clone(),
            }),
        };
        node.adopt_review_rules();
        node.catch_up_review()?;
        Ok(node)
    }

    /// This agency.
    #[must_use]
    pub fn party(&self) -> &PartyId {
        &self.inner.party
    }

    /// The roster this node goes by.
    #[must_use]
    pub fn roster(&self) -> &RosterWatch {
        self.inner.peers.roster()
    }

    /// This node's hold on the partnership's log.
    #[must_use]
    pub fn ledger(&self) -> &NodeLedger {
        &self.inner.ledger
    }

    /// The register of the agency's people: signing in, sessions, roles. Its use-cases block.
    #[must_use]
    pub fn staff(&self) -> &Register<StaffTables> {
        &self.inner.staff
    }

    /// Imports a file by its mapping; blocks, so call it from a blocking thread. Rejects go to
    /// `<file>.rejects.csv`.
    ///
    /// # Errors
    /// [`NodeError`]; what was imported before stays.
    pub fn import_file(
        &self,
        path: &Path,
        mapping: &Mapping,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportSummary, NodeError> {
        let summary = self.importer().import_file(path, mapping, progress)?;
        for act in acts::of_import(path, &summary) {
            self.inner.ledger.note_blocking(act)?;
        }
        self.note_problems(path, &summary)?;
        Ok(summary)
    }

    /// The import into this node's store.
    pub(crate) fn importer(&self) -> Importer<'_, SledStore> {
        Importer {
            store: &self.inner.store,
            secret: &self.inner.secret,
            counts: &self.inner.counts,
            now: now(),
        }
    }

    /// Tokenises and packs the next pending records into the outbox; `None` when nothing is
    /// pending.
    ///
    /// # Errors
    /// [`NodeError`]; the records stay pending.
    pub async fn publish_next(&self) -> Result<Option<PublishReport>, NodeError> {
        let mut ended_on = self.inner.publishing.lock().await;
        let today = now().day();
        if *ended_on != Some(today) {
            self.end_due().await?;
            *ended_on = Some(today);
        }
        let idle = self.inner.store.pending(1)?.is_empty();
        // Also when nothing is pending: a manifest of a new epoch makes everything pending again.
        let tokeniser = match self.tokeniser() {
            Ok(tokeniser) => tokeniser,
            Err(_) if idle => return Ok(None),
            Err(error) => return Err(error),
        };
        let sign = |message: &[u8]| self.inner.peers.identity().signing().sign(message);
        let publisher = Publisher {
            store: &self.inner.store,
            tokeniser: tokeniser.as_ref(),
            counts: &self.inner.counts,
            secret: &self.inner.secret,
            agency: &self.inner.party,
            sign: &sign,
            padding: Padding::SizeClass,
            rules: sanctuary_node_core::RulesInUse::default(),
        };
        let mut rng: StdRng = rand::make_rng();
        let began = Instant::now();
        let report = publisher.publish_next(now(), &mut rng).await?;
        if let Some(report) = &report {
            self.figures().packed(began, report.tokens);
        }
        for left_out in report.iter().flat_map(|report| &report.left_out) {
            tracing::warn!(
                kind = left_out.token.label(),
                values = left_out.values,
                occurrences = left_out.occurrences,
                of = left_out.of,
                whole_kind = left_out.whole_kind,
                "tokens that too many own records share are not sent"
            );
        }
        for (holder, fault) in report.iter().flat_map(|report| &report.faults) {
            tracing::warn!(%holder, %fault, "another key holder took over");
        }
        if let Some(facts) = report.as_ref().and_then(|report| report.batch.as_ref()) {
            // Promised while the next batch is made, so that the push need not wait for it.
            for act in acts::of_push(facts) {
                self.inner.ledger.note(act).await?;
            }
        }
        Ok(report)
    }

    /// Tokenises everything pending; gives the sums.
    ///
    /// # Errors
    /// As [`Node::publish_next`].
    pub async fn publish_all(&self) -> Result<PublishReport, NodeError> {
        let mut all = PublishReport::default();
        while let Some(report) = self.publish_next().await? {
            all.records += report.records;
            all.tokens += report.tokens;
            all.withdrawn += report.withdrawn;
            all.elements += report.elements;
            all.too_common += report.too_common;
            all.left_out.extend(report.left_out);
            all.faults.extend(report.faults);
        }
        Ok(all)
    }

    /// Pushes the outbox to the hub until it is empty.
    ///
    /// # Errors
    /// [`NodeError::HubUnavailable`], [`NodeError::HubRefused`], [`NodeError::Refused`]; what is
    /// not acknowledged stays in the outbox.
    pub async fn push(&self) -> Result<PushReport, NodeError> {
        let _one = self.inner.pushing.lock().await;
        let began = Instant::now();
        let report = push_outbox(
            &self.inner.peers,
            &self.inner.party,
            &self.inner.store,
            &self.inner.ledger,
        )
        .await?;
        if report.batches > 0 {
            self.figures().pushed(began, report.batches);
            self.pushed_to_hub();
        }
        Ok(report)
    }

    /// Reads the alerts there are now; gives the number of new events.
    ///
    /// # Errors
    /// As [`Node::push`]; the cursor stands where it stood.
    pub async fn fetch_alerts(&self) -> Result<u64, NodeError> {
        read_alerts(self, false, || {}).await
    }

    /// Reads alerts as they come, until the stream breaks. Calls `opened` once the hub answers.
    ///
    /// # Errors
    /// As [`Node::fetch_alerts`].
    pub async fn follow_alerts(&self, opened: impl FnOnce() + Send) -> Result<u64, NodeError> {
        read_alerts(self, true, opened).await
    }

    /// Every alert with the agency's own record beside it, newest first. Reading them is an act: it is
    /// logged first. Blocks.
    ///
    /// # Errors
    /// [`NodeError::NotLogged`] while it cannot be logged; what the store gives.
    pub fn alerts(&self) -> Result<Vec<AlertView>, NodeError> {
        let alerts = alert_views(&self.inner.store)?;
        self.inner.ledger.log_blocking(acts::of_reading(&alerts))?;
        Ok(alerts)
    }

    /// What this node logged, newest first, or the one act of an id with what it was about. Blocks.
    ///
    /// # Errors
    /// What the store gives.
    pub fn receipts(&self, id: Option<&str>) -> Result<Vec<LoggedAct>, NodeError> {
        const SHOWN_MAX: usize = 10_000;
        let ledger = &self.inner.ledger;
        ledger.note_blocking(acts::of_log_query(id))?;
        let Some(id) = id else {
            return ledger.logged(SHOWN_MAX);
        };
        match EntryId::parse(id) {
            Ok(id) => Ok(ledger.logged_act(&id)?.into_iter().collect()),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// What is counted over own records, to be changed together with them.
    pub(crate) fn counts(&self) -> MutexGuard<'_, Counts> {
        let counts = self.inner.counts.lock();
        counts.unwrap_or_else(PoisonError::into_inner)
    }

    /// What is counted for a Prometheus.
    pub(crate) fn figures(&self) -> &NodeFigures {
        &self.inner.figures
    }

    /// Own records, sealed state and outbox.
    #[must_use]
    pub fn store(&self) -> &SledStore {
        &self.inner.store
    }
}

/// Whether an error of [`Node::open`] means that another process runs this node.
#[must_use]
pub fn is_in_use(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref::<StoreError>(),
        Some(StoreError::InUse { .. })
    )
}

/// Another party's keys would make every upload fail at the hub. An agency that is no longer on the
/// roster may still read its own records and alerts.
fn check_own_entry(
    config: &Config,
    identity: &Identity,
    roster: &RosterWatch,
) -> anyhow::Result<()> {
    match roster.current().party(&config.party) {
        Some(entry) if entry.spki_sha256 != identity.spki_sha256() => bail!(
            "the keys in {} are not those that the roster has for {}; correct `party` or `identity_dir`, or enrol again",
            config.identity_dir.display(),
            config.party
        ),
        Some(_) => Ok(()),
        None => {
            tracing::warn!(party = %config.party, "not on the roster: key holders and hub will refuse this agency");
            Ok(())
        }
    }
}
