//! Databases of the agency's that are read again and again, each by one query.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow};
use sanctuary_intake::database::{CaseDatabase, Mark, Postgres, PostgresSettings};
use sanctuary_node_core::{ImportSummary, Mapping, NodeError};
use sanctuary_rpc::now;
use sanctuary_types::{DAY_MS, lp};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::{runtime::Handle, sync::Notify};

use super::{Arrivals, Arriving, FeedConfig, FeedImport, FeedMode, FeedSource, unusable};
use crate::{Config, Node, run::Problems, store::FeedMark};

/// Between two looks for a database whose time has come.
const TICK: Duration = Duration::from_secs(1);
/// After the first failure; twice as long after each further one, up to the poll interval.
const RETRY: Duration = Duration::from_secs(5);

/// What a database feed is told.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `postgresql://user@host:port/database`, without a password.
    pub url: String,
    /// A file with the password; read anew for each connection.
    pub password_file: Option<PathBuf>,
    /// The authority of the server's certificate (PEM); needed unless the server is on this machine.
    pub tls_ca: Option<PathBuf>,
    /// What is read.
    pub query: String,
    /// The column that grows with every change.
    pub watermark: Option<String>,
    /// How long before the watermark each reading begins, where that is a time. Default 600.
    pub overlap_s: u32,
    /// As [`DatabaseConfig::overlap_s`], where the watermark is a number. Default 1,000.
    pub overlap_count: u32,
    /// Between two readings, in seconds. Default 60; 3,600 where everything is read.
    pub poll_s: u32,
    /// Rows in memory at once. Default 1,000.
    pub batch: u16,
    /// How long the server may take for one batch. Default 300.
    pub query_timeout_s: u32,
    /// Days after which everything is read once more. Default 30.
    pub reread_days: u32,
    /// The folder for the summary and the rejects of the last reading. Default: `feeds` in `data_dir`.
    pub reports: Option<PathBuf>,
}

impl DatabaseConfig {
    pub(super) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let all = [&mut self.password_file, &mut self.tls_ca, &mut self.reports];
        all.into_iter().flatten().collect()
    }
}

/// Every database of a node.
pub(crate) struct Databases(Vec<Feed>);

struct Feed {
    import: FeedImport,
    config: DatabaseConfig,
    mode: FeedMode,
    reports: PathBuf,
    database: Box<dyn CaseDatabase>,
    next: Instant,
    failures: u32,
    problem: Option<String>,
}

impl Databases {
    /// The databases of a configuration, if it has any. Connects to none yet.
    ///
    /// # Errors
    /// A setting that can never work, in one sentence.
    pub(crate) fn of(config: &Config, node: &Node) -> anyhow::Result<Option<Self>> {
        let mut feeds = Vec::new();
        for feed in &config.feeds {
            if let FeedSource::Database(database) = &feed.source {
                let opened = Feed::of(config, feed, database, node);
                feeds.push(opened.with_context(|| format!("feed {}", feed.name))?);
            }
        }
        Ok((!feeds.is_empty()).then_some(Self(feeds)))
    }

    /// Reads every database whose time has come, again and again. `first` was taken before anything is
    /// tokenised: a reading may have been cut off.
    pub(crate) async fn run(
        self,
        arrivals: Arrivals,
        first: Arriving,
        problems: Problems,
        imported: Arc<Notify>,
    ) {
        const PART: &str = "databases";
        let (mut databases, mut first) = (self, Some(first));
        loop {
            let (arrivals, busy) = (arrivals.clone(), first.take());
            let read = tokio::task::spawn_blocking(move || {
                let outcome = databases.read_due(&arrivals);
                drop(busy);
                (databases, outcome)
            });
            // Only a panic or the end of the program; either way there is nothing to go on with.
            let Ok((again, outcome)) = read.await else {
                tracing::error!("the databases are no longer read; restart the node");
                return;
            };
            databases = again;
            match outcome {
                Ok(has_read) => {
                    problems.clear(PART);
                    if has_read {
                        imported.notify_one();
                    }
                }
                Err(error) => problems.set(PART, &error),
            }
            tokio::time::sleep(TICK).await;
        }
    }

    fn read_due(&mut self, arrivals: &Arrivals) -> Result<bool, NodeError> {
        let mut has_read = false;
        for feed in &mut self.0 {
            if feed.next > Instant::now() {
                continue;
            }
            let outcome = feed.read(arrivals);
            has_read |= outcome.is_ok();
            let taken = outcome.as_ref().map(|summary| u64::from(changed(summary)));
            feed.import.looked(taken.map_err(String::as_str));
            feed.settle(outcome);
        }
        let told = |feed: &Feed| {
            let problem = feed.problem.as_ref()?;
            Some(format!("feed {}: {problem}", feed.import.name()))
        };
        let problems: Vec<String> = self.0.iter().filter_map(told).collect();
        if problems.is_empty() {
            Ok(has_read)
        } else {
            Err(NodeError::Feed(problems.join("; ")))
        }
    }
}

impl Feed {
    fn of(
        config: &Config,
        feed: &FeedConfig,
        database: &DatabaseConfig,
        node: &Node,
    ) -> anyhow::Result<Self> {
        let settings = PostgresSettings {
            url: database.url.clone(),
            password_file: database.password_file.clone(),
            tls_ca: database.tls_ca.clone(),
            query: database.query.clone(),
            watermark: database.watermark.clone(),
            batch: database.batch,
            timeout: Duration::from_secs(database.query_timeout_s.into()),
        };
        let postgres = Postgres::new(settings, Handle::current()).map_err(|e| anyhow!(e))?;
        let reports = database.reports.clone();
        Ok(Self {
            import: FeedImport::of(config, feed, node),
            config: database.clone(),
            mode: feed.mode,
            reports: reports.unwrap_or_else(|| config.data_dir.join("feeds")),
            database: Box::new(postgres),
            next: Instant::now(),
            failures: 0,
            problem: None,
        })
    }

    fn settle(&mut self, outcome: Result<ImportSummary, String>) {
        let poll = Duration::from_secs(self.config.poll_s.into());
        match outcome {
            Ok(summary) => {
                if changed(&summary) {
                    tracing::info!(
                        feed = %self.import.name(),
                        rows = summary.rows,
                        new = summary.new,
                        changed = summary.changed,
                        withdrawn = summary.withdrawn,
                        "read a database"
                    );
                }
                (self.failures, self.problem) = (0, None);
                self.next = Instant::now() + poll;
            }
            Err(problem) => {
                let wait = RETRY * 2_u32.saturating_pow(self.failures.min(10));
                self.failures = self.failures.saturating_add(1);
                self.problem = Some(problem);
                self.next = Instant::now() + wait.min(poll.max(RETRY));
            }
        }
    }

    /// One reading. The mark moves when everything before it is in the store, durably; cut off anywhere, the
    /// next reading begins where this one did.
    fn read(&mut self, arrivals: &Arrivals) -> Result<ImportSummary, String> {
        let (_, text) = self.import.mapping_text()?;
        let mapping = self.import.mapping()?;
        let print = self.print(&text);
        let store = self.import.node.store();
        let began = now();
        let known = store.feed_mark(self.import.name()).map_err(said)?;
        let reread_ms = u64::from(self.config.reread_days) * DAY_MS;
        let known = known.filter(|m| m.print == print && began.0 < m.begun.0 + reread_ms);
        let since = known.as_ref().and_then(|known| known.mark.as_ref());
        let since = since.map(|mark| mark.back(self.config.overlap_s, self.config.overlap_count));
        let mut view = self
            .database
            .view(since.as_ref())
            .map_err(|e| e.to_string())?;
        let _busy = arrivals.begin();
        let summary = self.take(&mut || view.rows(), &mapping)?;
        let reached = view.mark();
        let is_news = match &known {
            Some(known) => changed(&summary) || reached > known.mark,
            None => true,
        };
        let (mark, begun) = match known {
            Some(known) => (Mark::further(reached, known.mark), known.begun),
            None => (reached, began),
        };
        let is_news = is_news || self.mode == FeedMode::Full || !self.reports_exist();
        self.report(&summary, is_news).map_err(|e| unusable(&e))?;
        let next = FeedMark { print, mark, begun };
        let store = self.import.node.store();
        store
            .put_feed_mark(self.import.name(), &next)
            .map_err(said)?;
        Ok(summary)
    }

    fn take(
        &self,
        open: &mut sanctuary_node_core::OpenRows<'_>,
        mapping: &Mapping,
    ) -> Result<ImportSummary, String> {
        fs::create_dir_all(&self.reports).map_err(|e| unusable(&e))?;
        let path = self.latest();
        self.import.import(open, mapping, true, &path).map_err(said)
    }

    /// Another query, database or mapping begins anew.
    fn print(&self, mapping: &str) -> [u8; 32] {
        let watermark = self.config.watermark.as_deref().unwrap_or_default();
        let parts = [
            b"sanctuary/v1/node/feed-mark",
            self.config.url.as_bytes(),
            self.config.query.as_bytes(),
            watermark.as_bytes(),
            mapping.as_bytes(),
        ];
        Sha256::digest(lp(&parts)).into()
    }

    fn latest(&self) -> PathBuf {
        self.reports.join(format!(".{}", self.import.name()))
    }

    fn reports_exist(&self) -> bool {
        self.beside("summary.json").is_file()
    }

    fn beside(&self, ending: &str) -> PathBuf {
        self.reports
            .join(format!("{}.{ending}", self.import.name()))
    }

    /// Counts and rejects of this reading, in place of those of the last that found something: a reading of
    /// the overlap alone says nothing new.
    fn report(&self, summary: &ImportSummary, is_news: bool) -> std::io::Result<()> {
        let rejects = summary.rejects_file.as_deref();
        if !is_news {
            return rejects.map_or(Ok(()), remove);
        }
        let kept = self.beside("rejects.csv");
        match rejects {
            Some(rejects) => fs::rename(rejects, &kept)?,
            None => remove(&kept)?,
        }
        let told = json!({
            "feed": self.import.name().as_str(),
            "read_ms": now().0,
            "rows": summary.rows,
            "accepted": summary.accepted,
            "new": summary.new,
            "changed": summary.changed,
            "unchanged": summary.unchanged,
            "rejected": summary.rejected,
            "not_imported": summary.not_imported,
            "notify_only": summary.notify_only,
            "withdrawn": summary.withdrawn,
            "missing_kept": summary.missing_kept,
        });
        let partial = self.beside("summary.partial");
        fs::write(&partial, serde_json::to_vec_pretty(&told)?)?;
        fs::rename(partial, self.beside("summary.json"))
    }
}

fn changed(summary: &ImportSummary) -> bool {
    summary.new + summary.changed + summary.withdrawn > 0
}

fn said(error: NodeError) -> String {
    error.to_string()
}

fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
