//! A watched folder: files that an agency's system leaves there are imported once they are whole.
//!
//! A file is taken when two looks find it unchanged, claimed by a rename into `processing/`, imported,
//! and settled by a rename into `processed/` or `rejected/` with a summary of counts beside it. The
//! renames are the whole memory: after a kill at any moment, the next look goes on from where the file
//! lies. One file is claimed at a time, oldest first, so that a later delta never overtakes an earlier.

mod pattern;
mod places;
mod summary;

use std::{
    collections::HashMap,
    fs::{self, File, Metadata},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use sanctuary_node_core::{FeedName, ImportSummary};
use sanctuary_types::Timestamp;

pub use pattern::{BadPattern, Pattern};
use places::{Places, beside, remove, sync_folder, write_whole};
use summary::FileSummary;

/// Open without following a link in the last part of the path (O_NOFOLLOW).
const NO_LINK: i32 = rustix::fs::OFlags::NOFOLLOW.bits() as i32;

/// A claimed file, open.
pub struct Claimed<'a> {
    /// The feed it came by.
    pub feed: &'a FeedName,
    /// Where it lies; rejects go beside it.
    pub path: &'a Path,
    /// Its content.
    pub file: File,
}

/// What became of a claimed file.
pub enum Taken {
    /// Imported, and durable.
    Imported(Box<ImportSummary>),
    /// Not usable: one sentence on why. The same file would fail again.
    Refused(String),
}

/// What a folder needs of the node.
pub trait TakesFiles: Send + Sync {
    /// Imports a claimed file. Blocks.
    ///
    /// # Errors
    /// One sentence, for what only time or an administrator can lift; the file is tried again.
    fn take(&self, claimed: Claimed<'_>) -> Result<Taken, String>;
}

/// A step on a file's way, for tests that stop there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before it is claimed.
    Claim,
    /// Before it is imported.
    Import,
    /// Before its summary is written.
    Summary,
    /// Before its rejects move.
    Rejects,
    /// Before it moves itself.
    Settle,
}

/// What one look did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Files imported.
    pub imported: u64,
    /// Files refused as a whole.
    pub refused: u64,
    /// Links and special files, which are never taken.
    pub not_files: u64,
    /// Files that are not yet known to be whole.
    pub waiting: u64,
}

/// One watched folder.
pub struct Folder {
    feed: FeedName,
    pattern: Pattern,
    places: Places,
    seen: HashMap<String, Stamp>,
}

/// What must stay the same between two looks.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: (i64, i64),
    inode: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            inode: metadata.ino(),
        }
    }
}

impl Folder {
    /// Opens a folder and makes its sub-folders.
    ///
    /// # Errors
    /// When the folder is not there or not writable.
    pub fn open(feed: FeedName, path: &Path, pattern: Pattern) -> io::Result<Self> {
        Ok(Self {
            feed,
            pattern,
            places: Places::open(path)?,
            seen: HashMap::new(),
        })
    }

    /// Whether a file was claimed and is not settled: after a restart, records may be missing.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_claimed(&self) -> io::Result<bool> {
        Ok(!self.claimed()?.is_empty())
    }

    /// Finishes what is claimed, then takes every file that is whole, oldest first. `before` is called
    /// before each step. Blocks.
    ///
    /// # Errors
    /// One sentence; what was not finished is tried again by the next look.
    pub fn look(
        &mut self,
        node: &dyn TakesFiles,
        now: Timestamp,
        before: &mut dyn FnMut(Step) -> io::Result<()>,
    ) -> Result<Look, String> {
        let mut look = Look::default();
        self.places.check().map_err(said)?;
        for claimed in self.claimed().map_err(said)? {
            self.finish(node, &claimed, &mut look, before)?;
        }
        for name in self.whole(&mut look).map_err(said)? {
            before(Step::Claim).map_err(said)?;
            let Some(claimed) = self.claim(&name, now).map_err(said)? else {
                continue;
            };
            self.finish(node, &claimed, &mut look, before)?;
        }
        Ok(look)
    }

    /// Removes settled files after so many days; gives how many.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn tidy(&self, keep_days: u32, now: Timestamp) -> io::Result<u64> {
        self.places.tidy(keep_days, now)
    }

    /// Names in `processing/`, in the order of their claims.
    fn claimed(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.places.processing)? {
            let name = entry?.file_name();
            names.extend(name.to_str().filter(|n| is_input(n)).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// Files that are as the last look found them, oldest first.
    fn whole(&mut self, look: &mut Look) -> io::Result<Vec<String>> {
        let mut now = HashMap::new();
        let mut whole = Vec::new();
        for entry in fs::read_dir(&self.places.incoming)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|n| self.pattern.takes(n)) else {
                continue;
            };
            // Of the link itself, never of what it points to.
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if metadata.is_dir() {
                continue;
            }
            if !metadata.is_file() {
                look.not_files += 1;
                continue;
            }
            let stamp = Stamp::of(&metadata);
            if self.seen.get(name) == Some(&stamp) {
                whole.push((stamp.modified, name.to_owned()));
            } else {
                look.waiting += 1;
            }
            now.insert(name.to_owned(), stamp);
        }
        self.seen = now;
        whole.sort();
        Ok(whole.into_iter().map(|(_, name)| name).collect())
    }

    /// Moves a file to `processing/`; `None` when somebody took it away meanwhile.
    fn claim(&mut self, name: &str, now: Timestamp) -> io::Result<Option<String>> {
        let claimed = self.places.claimed_name(name, now)?;
        let from = self.places.incoming.join(name);
        match fs::rename(from, self.places.processing.join(&claimed)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            moved => moved?,
        }
        self.seen.remove(name);
        sync_folder(&self.places.processing);
        Ok(Some(claimed))
    }

    /// From wherever a claimed file stands to its end.
    fn finish(
        &self,
        node: &dyn TakesFiles,
        claimed: &str,
        look: &mut Look,
        before: &mut dyn FnMut(Step) -> io::Result<()>,
    ) -> Result<(), String> {
        let ended = match self.settled_before(claimed) {
            Some(folder) => folder,
            None => {
                before(Step::Import).map_err(said)?;
                let Some(taken) = self.take(node, claimed)? else {
                    return Ok(());
                };
                before(Step::Summary).map_err(said)?;
                self.write_summary(claimed, &taken).map_err(said)?
            }
        };
        let (imported, refused) = if ended == self.places.processed {
            (1, 0)
        } else {
            (0, 1)
        };
        before(Step::Rejects).map_err(said)?;
        let from = self.places.processing.join(claimed);
        let to = ended.join(claimed);
        move_if_there(&beside(&from, ".rejects.csv"), &beside(&to, ".rejects.csv"))
            .map_err(said)?;
        before(Step::Settle).map_err(said)?;
        move_if_there(&from, &to).map_err(said)?;
        sync_folder(&ended);
        sync_folder(&self.places.processing);
        look.imported += imported;
        look.refused += refused;
        Ok(())
    }

    /// Where the summary of an earlier run says the file belongs.
    fn settled_before(&self, claimed: &str) -> Option<PathBuf> {
        [&self.places.processed, &self.places.rejected]
            .into_iter()
            .find(|folder| beside(&folder.join(claimed), ".summary.json").is_file())
            .cloned()
    }

    /// `None` when the file has gone.
    fn take(&self, node: &dyn TakesFiles, claimed: &str) -> Result<Option<Taken>, String> {
        let path = self.places.processing.join(claimed);
        let refused = "it is a link or not a plain file; put the file itself there";
        let opened = File::options().read(true).custom_flags(NO_LINK).open(&path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // ELOOP has no kind of its own on stable Rust.
            Err(_) if is_link(&path) => return Ok(Some(Taken::Refused(refused.to_owned()))),
            Err(error) => return Err(said(error)),
        };
        if !file.metadata().map_err(said)?.is_file() {
            return Ok(Some(Taken::Refused(refused.to_owned())));
        }
        let claimed = Claimed {
            feed: &self.feed,
            path: &path,
            file,
        };
        node.take(claimed).map(Some)
    }

    /// Says what became of the file, beside where it goes; gives where.
    fn write_summary(&self, claimed: &str, taken: &Taken) -> io::Result<PathBuf> {
        let folder = match taken {
            Taken::Imported(_) => &self.places.processed,
            Taken::Refused(_) => &self.places.rejected,
        };
        let summary = FileSummary::of(&self.feed, claimed, taken);
        let json = serde_json::to_vec_pretty(&summary).map_err(io::Error::other)?;
        write_whole(&beside(&folder.join(claimed), ".summary.json"), &json)?;
        sync_folder(folder);
        if matches!(taken, Taken::Refused(_)) {
            // Of an earlier try.
            remove(&beside(
                &self.places.processing.join(claimed),
                ".rejects.csv",
            ))?;
        }
        Ok(folder.clone())
    }
}

/// Whatever the pattern says now: the file was claimed under that of its day.
fn is_input(claimed: &str) -> bool {
    claimed
        .split_once('-')
        .is_some_and(|(_, name)| Pattern::any().takes(name))
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

fn move_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        moved => moved,
    }
}

fn said(error: io::Error) -> String {
    format!("the folder of the feed cannot be used ({error}); check that it is there and writable")
}
