use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use sanctuary_node_core::{Brake, FeedName};
use serde::Deserialize;

use super::{database::DatabaseConfig, folder::FolderConfig, written::Written};

/// A way in by which an agency's system delivers by itself: one `[[feed]]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct FeedConfig {
    /// The agency's name for it: a to z, 0 to 9 and -.
    pub name: FeedName,
    /// How its rows are read; without it the mapping of the configuration. Read anew for each reading.
    pub mapping: Option<PathBuf>,
    /// Whether what comes is all of the feed's records or the changed ones.
    pub mode: FeedMode,
    /// Per cent of the feed's records that a full snapshot may lack; more is stopped. Default 20.
    pub brake_percent: u8,
    /// Fewer missing records than this are never stopped. Default 10.
    pub brake_records: u64,
    /// Where it comes from.
    pub source: FeedSource,
}

/// Kinds of feed.
#[derive(Clone, Debug)]
pub enum FeedSource {
    /// A folder that files are put into.
    Folder(FolderConfig),
    /// A database that is asked again and again.
    Database(DatabaseConfig),
}

/// What comes by a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedMode {
    /// New and changed records.
    #[default]
    Delta,
    /// Every record of the feed: one that is missing is withdrawn.
    Full,
}

impl FeedConfig {
    /// Paths that may be relative to the configuration's folder.
    pub(crate) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let own = match &mut self.source {
            FeedSource::Folder(folder) => vec![&mut folder.path],
            FeedSource::Database(database) => database.paths(),
        };
        own.into_iter().chain(&mut self.mapping)
    }

    /// When a full snapshot is stopped.
    #[must_use]
    pub const fn brake(&self) -> Brake {
        Brake {
            share_percent: self.brake_percent,
            records_min: self.brake_records,
        }
    }
}

/// What is wrong with the feeds of a configuration, in one sentence.
pub(crate) fn problem_of(feeds: &[FeedConfig], data_dir: &Path) -> Option<String> {
    let mut names = BTreeSet::new();
    let mut paths = BTreeSet::new();
    for feed in feeds {
        if !names.insert(&feed.name) {
            return Some(format!("two feeds are named \"{}\"", feed.name));
        }
        if feed.brake_percent > 100 {
            return Some(format!(
                "brake_percent of feed \"{}\" must be 0 to 100",
                feed.name
            ));
        }
        let FeedSource::Folder(folder) = &feed.source else {
            continue;
        };
        if !paths.insert(&folder.path) {
            return Some(format!("two feeds watch {}", folder.path.display()));
        }
        if folder.path.starts_with(data_dir) || data_dir.starts_with(&folder.path) {
            return Some(format!(
                "the folder of feed \"{}\" must lie apart from data_dir",
                feed.name
            ));
        }
    }
    None
}
