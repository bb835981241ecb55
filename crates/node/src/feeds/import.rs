//! How what comes by one feed gets into the node, whichever kind it is.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use sanctuary_node_core::{
    Extent, FeedName, FromFeed, ImportSummary, Mapping, NodeError, OpenRows, RejectsFile,
};

use super::{Allowance, FeedConfig, FeedMode, FeedSource};
use crate::{Config, Node, acts};

/// Bytes of a mapping file.
const MAPPING_BYTES_MAX: u64 = 1024 * 1024;

pub(super) struct FeedImport {
    pub node: Node,
    config: FeedConfig,
    mapping: Option<PathBuf>,
    allowance: Allowance,
}

impl FeedImport {
    pub fn of(config: &Config, feed: &FeedConfig, node: &Node) -> Self {
        Self {
            node: node.clone(),
            config: feed.clone(),
            mapping: feed.mapping.as_ref().or(config.mapping.as_ref()).cloned(),
            allowance: Allowance::of(&config.data_dir, &feed.name),
        }
    }

    pub const fn name(&self) -> &FeedName {
        &self.config.name
    }

    /// Tells the agency's people how a look at the feed went: what was taken, or what is wrong with it.
    pub fn looked(&self, outcome: Result<u64, &str>) {
        self.node
            .inner
            .ways
            .looked(self.config.name.as_str(), outcome);
    }

    /// A mapping that cannot be used is no fault of what came, which waits.
    pub fn mapping(&self) -> Result<Mapping, String> {
        let (path, text) = self.mapping_text()?;
        Mapping::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// The mapping as it is written, with its path.
    pub fn mapping_text(&self) -> Result<(&Path, String), String> {
        let path = self.mapping.as_ref().ok_or("it has no mapping; name one")?;
        let mut text = String::new();
        let read = std::fs::File::open(path)
            .and_then(|file| file.take(MAPPING_BYTES_MAX).read_to_string(&mut text));
        read.map_err(|e| format!("{}: {e}", path.display()))?;
        Ok((path, text))
    }

    /// Imports rows; rejects go beside `path`, whose last part the log knows them by.
    pub fn import(
        &self,
        open: &mut OpenRows<'_>,
        mapping: &Mapping,
        dates_are_iso: bool,
        path: &Path,
    ) -> Result<ImportSummary, NodeError> {
        let extent = match self.config.mode {
            FeedMode::Delta => Extent::Delta,
            FeedMode::Full => Extent::Full {
                brake: self.config.brake(),
                allowed: self.allowance.read()?,
            },
        };
        let feed = FromFeed {
            name: &self.config.name,
            roll: self.node.store(),
            extent,
        };
        let mut rejects = RejectsFile::beside(path);
        let mut summary = self.node.importer().import_from_feed(
            open,
            mapping,
            dates_are_iso,
            &feed,
            &mut |reject| rejects.write(&reject),
            &mut |_| {},
        )?;
        summary.rejects_file = rejects.finish()?;
        // A file is an entry of its own; a database that is read every minute is one when something came.
        let is_file = matches!(self.config.source, FeedSource::Folder(_));
        if is_file || summary.new + summary.changed + summary.withdrawn > 0 {
            for act in acts::of_import(path, &summary) {
                self.node.ledger().note_blocking(act)?;
            }
        }
        self.node.note_problems(path, &summary)?;
        if summary.withdrawn > 0 {
            self.allowance.consume()?;
        }
        Ok(summary)
    }
}
