//! Watched folders: files that an agency's systems put there are imported as they come.

use std::{
    io::{self, Seek},
    path::PathBuf,
    time::{Duration, Instant},
};

use sanctuary_intake::folder::{Claimed, Folder, Pattern, Taken, TakesFiles};
use sanctuary_node_core::{
    ImportSummary, Mapping, NodeError,
    readers::{self, Format},
};
use sanctuary_rpc::now;

use super::{FeedConfig, FeedImport, FeedSource, unusable};
use crate::{Config, Node};

/// Between two removals of old settled files.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);

/// What a watched folder is told.
#[derive(Clone, Debug)]
pub struct FolderConfig {
    /// The folder.
    pub path: PathBuf,
    /// Which names are taken: `*` and `?`. Default: every finished file.
    pub pattern: Pattern,
    /// Days after which settled files are deleted from `processed/` and `rejected/`. Default 30.
    pub keep_days: u32,
}

/// Every watched folder of a node, looked at in turn.
pub(crate) struct Folders {
    feeds: Vec<Feed>,
    tidied: Option<Instant>,
}

struct Feed {
    config: FolderConfig,
    import: FolderImport,
    /// `None` while its folder cannot be used: a share may be mounted later.
    folder: Option<Folder>,
}

/// How files of one feed get into the node.
struct FolderImport(FeedImport);

impl Folders {
    /// The folders of a configuration, if it has any.
    pub(crate) fn of(config: &Config, node: &Node) -> Option<Self> {
        let feed = |feed: &FeedConfig| match &feed.source {
            FeedSource::Folder(folder) => Some(Feed {
                import: FolderImport(FeedImport::of(config, feed, node)),
                config: folder.clone(),
                folder: None,
            }),
            FeedSource::Database(_) => None,
        };
        let feeds: Vec<Feed> = config.feeds.iter().filter_map(feed).collect();
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
            let import = &feed.import.0;
            import.looked(looked.as_ref().copied().map_err(String::as_str));
            match looked {
                Ok(count) => settled += count,
                Err(problem) => problems.push(format!("feed {}: {problem}", import.name())),
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
        let (config, name) = (&self.config, self.import.0.name());
        let folder = match &mut self.folder {
            Some(folder) => folder,
            None => {
                let opened = Folder::open(name.clone(), &config.path, config.pattern.clone());
                self.folder.insert(opened.map_err(|e| unusable(&e))?)
            }
        };
        let look = folder.look(&self.import, now(), &mut |_| Ok(()));
        if tidies {
            let removed = folder.tidy(config.keep_days, now());
            let removed = removed.map_err(|e| unusable(&e))?;
            if removed > 0 {
                tracing::info!(feed = %name, removed, "removed old files of a feed");
            }
        }
        let look = look.inspect_err(|_| self.folder = None)?;
        if look.imported + look.refused > 0 {
            tracing::info!(
                feed = %name,
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

impl TakesFiles for FolderImport {
    fn take(&self, claimed: Claimed<'_>) -> Result<Taken, String> {
        let mapping = self.0.mapping()?;
        match self.import(claimed, &mapping) {
            Ok(summary) => Ok(Taken::Imported(Box::new(summary))),
            Err(error) if is_of_the_file(&error) => Ok(Taken::Refused(error.to_string())),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl FolderImport {
    fn import(&self, claimed: Claimed<'_>, mapping: &Mapping) -> Result<ImportSummary, NodeError> {
        let format = Format::of_path(claimed.path)?;
        let file = claimed.file;
        let mut open = || {
            let mut again = file.try_clone()?;
            again.rewind()?;
            readers::read(again, format)
        };
        let is_workbook = format == Format::Xlsx;
        self.0.import(&mut open, mapping, is_workbook, claimed.path)
    }
}

/// Whether the same file would fail again, whatever else is put right.
fn is_of_the_file(error: &NodeError) -> bool {
    use io::ErrorKind::{InvalidData, UnexpectedEof};
    let is_broken = |e: &io::Error| matches!(e.kind(), InvalidData | UnexpectedEof);
    error.is_bad_input() || matches!(error, NodeError::Read(e) if is_broken(e))
}
