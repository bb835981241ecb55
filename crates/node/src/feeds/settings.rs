use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use sanctuary_intake::folder::Pattern;
use sanctuary_node_core::{Brake, FeedName};
use serde::{Deserialize, Deserializer};

/// A way in by which an agency's system delivers files by itself: one `[[feed]]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// The agency's name for it: a to z, 0 to 9 and -.
    #[serde(deserialize_with = "parsed")]
    pub name: FeedName,
    /// What it is.
    pub kind: FeedKind,
    /// The folder.
    pub path: PathBuf,
    /// How its files are read; without it the mapping of the configuration. Read anew for each file.
    #[serde(default)]
    pub mapping: Option<PathBuf>,
    /// Whether a file is all of the feed's records or the changed ones.
    #[serde(default)]
    pub mode: FeedMode,
    /// Which names are taken: `*` and `?`. Default: every finished file.
    #[serde(default = "Pattern::any", deserialize_with = "parsed")]
    pub pattern: Pattern,
    /// Per cent of the feed's records that a full snapshot may lack; more is stopped. Default 20.
    #[serde(default = "default_brake_percent")]
    pub brake_percent: u8,
    /// Fewer missing records than this are never stopped. Default 10.
    #[serde(default = "default_brake_records")]
    pub brake_records: u64,
    /// Days after which settled files are deleted from `processed/` and `rejected/`. Default 30.
    #[serde(default = "default_keep_days")]
    pub keep_days: u32,
}

/// Kinds of feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// A folder that files are put into.
    Folder,
}

/// What a file of a feed is.
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
        std::iter::once(&mut self.path).chain(&mut self.mapping)
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
        if !paths.insert(&feed.path) {
            return Some(format!("two feeds watch {}", feed.path.display()));
        }
        if feed.path.starts_with(data_dir) || data_dir.starts_with(&feed.path) {
            return Some(format!(
                "the folder of feed \"{}\" must lie apart from data_dir",
                feed.name
            ));
        }
        if feed.brake_percent > 100 {
            return Some(format!(
                "brake_percent of feed \"{}\" must be 0 to 100",
                feed.name
            ));
        }
    }
    None
}

fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

const fn default_brake_percent() -> u8 {
    20
}

const fn default_brake_records() -> u64 {
    10
}

const fn default_keep_days() -> u32 {
    30
}
