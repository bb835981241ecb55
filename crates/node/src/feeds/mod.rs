//! Feeds: files that an agency's systems deliver by themselves are imported as they come.

mod allowance;
mod running;
mod settings;

use std::{
    io::{self, Read, Seek},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sanctuary_intake::folder::{Claimed, Folder, Taken, TakesFiles};
use sanctuary_node_core::{
    Extent, FromFeed, ImportSummary, Mapping, NodeError, RejectsFile,
    readers::{self, Format},
};
use sanctuary_rpc::now;

pub use allowance::Allowance;
pub(crate) use settings::problem_of;
pub use settings::{FeedConfig, FeedKind, FeedMode};

use crate::{Config, Node, acts};

/// Bytes of a mapping file.
const MAPPING_BYTES_MAX: u64 = 1024 * 1024;

/// Between two removals of old settled files.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);

/// How many ways in are at work: nothing is tokenised meanwhile, because which compounds are rare
/// enough to be made depends on all of the agency's records.
#[derive(Clone, Default)]
pub(crate) struct Arrivals {
    at_work: Arc<AtomicUsize>,
    /// First and last of a row of single records.
    single: Arc<Mutex<Option<(Instant, Instant)>>>,
}

/// After a single record, another is waited for so long,
const LINGER: Duration = Duration::from_secs(2);
/// and for no longer in all: a system that sends all day must not hold everything back.
const LINGER_MAX: Duration = Duration::from_secs(60);

/// One way in at work, until it is dropped.
pub(crate) struct Arriving(Arc<AtomicUsize>);

impl Arrivals {
    pub(crate) fn begin(&self) -> Arriving {
        self.at_work.fetch_add(1, Ordering::AcqRel);
        Arriving(Arc::clone(&self.at_work))
    }

    /// Records came one by one, and more may follow.
    pub(crate) fn linger(&self) {
        let mut single = self.single.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let first = match *single {
            Some((first, last)) if now - last < LINGER => first,
            _ => now,
        };
        *single = Some((first, now));
    }

    pub(crate) fn is_busy(&self) -> bool {
        let single = *self.single.lock().unwrap_or_else(PoisonError::into_inner);
        let lingers = single
            .is_some_and(|(first, last)| last.elapsed() < LINGER && first.elapsed() < LINGER_MAX);
        lingers || self.at_work.load(Ordering::Acquire) > 0
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Every feed of a node, looked at in turn.
pub(crate) struct Feeds {
    feeds: Vec<Feed>,
    tidied: Option<Instant>,
}

struct Feed {
    config: FeedConfig,
    import: FeedImport,
    /// `None` while its folder cannot be used: a share may be mounted later.
    folder: Option<Folder>,
}

/// How files of one feed get into the node.
struct FeedImport {
    node: Node,
    config: FeedConfig,
    mapping: Option<PathBuf>,
    allowance: Allowance,
}

impl Feeds {
    /// The feeds of a configuration, if it has any.
    pub(crate) fn of(config: &Config, node: &Node) -> Option<Self> {
        let feed = |feed: &FeedConfig| Feed {
            import: FeedImport {
                node: node.clone(),
                config: feed.clone(),
                mapping: feed.mapping.as_ref().or(config.mapping.as_ref()).cloned(),
                allowance: Allowance::of(&config.data_dir, &feed.name),
            },
            config: feed.clone(),
            folder: None,
        };
        let feeds: Vec<Feed> = config.feeds.iter().map(feed).collect();
        (!feeds.is_empty()).then_some(Self {
            feeds,
            tidied: None,
        })
    }

    /// Looks at every folder once and imports what is whole; gives how many files were settled. Blocks.
    ///
    /// # Errors
    /// What is wrong with some feed; the others were looked at all the same.
    pub(crate) fn look(&mut self) -> Result<u64, NodeError> {
        let tidies = self.tidied.is_none_or(|last| last.elapsed() > TIDY_EVERY);
        let (mut settled, mut problems) = (0, Vec::new());
        for feed in &mut self.feeds {
            let looked = feed.look(tidies);
            let ways = &feed.import.node.inner.ways;
            let outcome = looked.as_ref().copied().map_err(String::as_str);
            ways.looked(feed.config.name.as_str(), outcome);
            match looked {
                Ok(count) => settled += count,
                Err(problem) => problems.push(format!("feed {}: {problem}", feed.config.name)),
            }
        }
        if tidies {
            self.tidied = Some(Instant::now());
        }
        if problems.is_empty() {
            Ok(settled)
        } else {
            Err(NodeError::Feed(problems.join("; ")))
        }
    }
}

impl Feed {
    fn look(&mut self, tidies: bool) -> Result<u64, String> {
        let config = &self.config;
        let folder = match &mut self.folder {
            Some(folder) => folder,
            None => {
                let opened =
                    Folder::open(config.name.clone(), &config.path, config.pattern.clone());
                self.folder.insert(opened.map_err(|e| unusable(&e))?)
            }
        };
        let look = folder.look(&self.import, now(), &mut |_| Ok(()));
        if tidies {
            let removed = folder.tidy(config.keep_days, now());
            let removed = removed.map_err(|e| unusable(&e))?;
            if removed > 0 {
                tracing::info!(feed = %config.name, removed, "removed old files of a feed");
            }
        }
        let look = look.inspect_err(|_| self.folder = None)?;
        if look.imported + look.refused > 0 {
            tracing::info!(
                feed = %config.name,
                imported = look.imported,
                rejected = look.refused,
                "took files of a feed"
            );
        }
        if look.not_files > 0 {
            return Err("a link or special file lies in the folder and is not taken; put the file itself there".to_owned());
        }
        Ok(look.imported + look.refused)
    }
}

impl TakesFiles for FeedImport {
    fn take(&self, claimed: Claimed<'_>) -> Result<Taken, String> {
        let mapping = self.mapping()?;
        match self.import(claimed, &mapping) {
            Ok(summary) => {
                if summary.withdrawn > 0 {
                    self.allowance.consume().map_err(|e| unusable(&e))?;
                }
                Ok(Taken::Imported(Box::new(summary)))
            }
            Err(error) if is_of_the_file(&error) => Ok(Taken::Refused(error.to_string())),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl FeedImport {
    /// A mapping that cannot be used is no fault of the file, which waits.
    fn mapping(&self) -> Result<Mapping, String> {
        let path = self.mapping.as_ref().ok_or("it has no mapping; name one")?;
        let mut text = String::new();
        let read = std::fs::File::open(path)
            .and_then(|file| file.take(MAPPING_BYTES_MAX).read_to_string(&mut text));
        read.map_err(|e| format!("{}: {e}", path.display()))?;
        Mapping::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn import(&self, claimed: Claimed<'_>, mapping: &Mapping) -> Result<ImportSummary, NodeError> {
        let format = Format::of_path(claimed.path)?;
        let file = claimed.file;
        let mut open = || {
            let mut again = file.try_clone()?;
            again.rewind()?;
            readers::read(again, format)
        };
        let extent = match self.config.mode {
            FeedMode::Delta => Extent::Delta,
            FeedMode::Full => Extent::Full {
                brake: self.config.brake(),
                allowed: self.allowance.read()?,
            },
        };
        let feed = FromFeed {
            name: claimed.feed,
            roll: self.node.store(),
            extent,
        };
        let mut rejects = RejectsFile::beside(claimed.path);
        let mut summary = self.node.importer().import_from_feed(
            &mut open,
            mapping,
            format == Format::Xlsx,
            &feed,
            &mut |reject| rejects.write(&reject),
            &mut |_| {},
        )?;
        summary.rejects_file = rejects.finish()?;
        for act in acts::of_import(claimed.path, &summary) {
            self.node.ledger().note_blocking(act)?;
        }
        Ok(summary)
    }
}

/// Whether the same file would fail again, whatever else is put right.
fn is_of_the_file(error: &NodeError) -> bool {
    use io::ErrorKind::{InvalidData, UnexpectedEof};
    let is_broken = |e: &io::Error| matches!(e.kind(), InvalidData | UnexpectedEof);
    error.is_bad_input() || matches!(error, NodeError::Read(e) if is_broken(e))
}

fn unusable(error: &io::Error) -> String {
    format!("its folder cannot be used ({error}); check that it is there and writable")
}
