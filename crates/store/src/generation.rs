//! The files of a store: one sled directory and one small key file a generation, and which of them
//! stands.
//!
//! ```text
//! DIR/generation    the number that stands, replaced by a rename
//! DIR/<n>.key       32 random bytes under which the rows of generation n are sealed
//! DIR/<n>/          sled
//! DIR/erased        since when something has been erased that old pages may still hold
//! DIR/lock          held while the store is open
//! ```

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::{Options, StoreError, row::RowKey};

/// sled sends a page over a quarter of this to `blobs/`. A leaf of full rows has at most about 20
/// of 8 KiB (17 before a split, 3 more by a merge): 170 KiB of 256 KiB. sled's default of 512 KiB
/// would let full rows through to blobs.
const SEGMENT_BYTES: usize = 1024 * 1024;

/// One generation, open.
pub(crate) struct Generation {
    pub(crate) number: u64,
    pub(crate) db: sled::Db,
    /// Our own handle of sled's log file, because sled's flush is `sync_file_range`, which does not
    /// make the disk write its cache.
    pub(crate) log: File,
    pub(crate) key: Arc<RowKey>,
    /// In the order in which they were first asked for: a [`crate::Table`] knows its place.
    pub(crate) trees: Vec<(Arc<str>, sled::Tree)>,
}

impl Generation {
    /// Makes generation `number` with a fresh key; it stands once [`point_to`] says so.
    pub(crate) fn create(dir: &Path, number: u64, options: Options) -> Result<Self, StoreError> {
        let mut key = Zeroizing::new([0; RowKey::BYTES]);
        SystemRandom::new()
            .fill(key.as_mut_slice())
            .map_err(|_| StoreError::Random)?;
        let mut file = File::options();
        file.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        file.open(key_path(dir, number))
            .and_then(|mut file| {
                file.write_all(key.as_slice())
                    .and_then(|()| file.sync_all())
            })
            .map_err(|e| StoreError::io("write the key of the store", &e))?;
        Self::open_under(dir, number, &key, options)
    }

    /// Opens the generation that stands.
    pub(crate) fn open(dir: &Path, number: u64, options: Options) -> Result<Self, StoreError> {
        let mut key = Zeroizing::new([0; RowKey::BYTES]);
        File::open(key_path(dir, number))
            .and_then(|mut file| file.read_exact(key.as_mut_slice()))
            .map_err(|e| StoreError::io("read the key of the store", &e))?;
        Self::open_under(dir, number, &key, options)
    }

    fn open_under(
        dir: &Path,
        number: u64,
        key: &[u8; RowKey::BYTES],
        options: Options,
    ) -> Result<Self, StoreError> {
        let folder = folder(dir, number);
        let db = open_sled(&folder, options).map_err(|e| open_fault(dir, e))?;
        let log = File::options()
            .read(true)
            .write(true)
            .open(folder.join("db"))
            .map_err(|e| StoreError::io("open the data file", &e))?;
        Ok(Self {
            number,
            db,
            log,
            key: Arc::new(RowKey::new(key)?),
            trees: Vec::new(),
        })
    }

    /// The place of a table, made if it is new.
    pub(crate) fn place(&mut self, name: &str) -> Result<usize, StoreError> {
        let known = self.trees.iter().position(|(known, _)| &**known == name);
        if let Some(place) = known {
            return Ok(place);
        }
        let tree = self
            .db
            .open_tree(name)
            .map_err(|e| StoreError::sled("open a table", e))?;
        self.trees.push((name.into(), tree));
        Ok(self.trees.len() - 1)
    }

    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        self.db
            .flush()
            .map_err(|e| StoreError::sled("flush the data file", e))?;
        self.log
            .sync_data()
            .map_err(|e| StoreError::io("sync the data file", &e))
    }
}

pub(crate) fn open_sled(folder: &Path, options: Options) -> sled::Result<sled::Db> {
    sled::Config::new()
        .path(folder)
        .cache_capacity(options.cache_bytes)
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(options.reclaim_every_ms)
        .open()
}

pub(crate) fn open_fault(dir: &Path, error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(io) if io.to_string().starts_with("could not acquire lock") => {
            StoreError::InUse {
                dir: dir.to_path_buf(),
            }
        }
        other => StoreError::sled("open the data directory", other),
    }
}

/// The folder of a generation.
pub(crate) fn folder(dir: &Path, number: u64) -> PathBuf {
    dir.join(number.to_string())
}

fn key_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number}.key"))
}

/// The generation that stands; none in a new directory.
pub(crate) fn standing(dir: &Path) -> Result<Option<u64>, StoreError> {
    match fs::read_to_string(dir.join("generation")) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| damaged()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read which generation stands", &e)),
    }
}

/// From now on `number` stands: one rename, durable once the directory is synced.
pub(crate) fn point_to(dir: &Path, number: u64) -> Result<(), StoreError> {
    let next = dir.join("generation.next");
    File::create(&next)
        .and_then(|mut file| writeln!(file, "{number}").and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&next, dir.join("generation")))
        .map_err(|e| StoreError::io("note which generation stands", &e))
}

/// Destroys every generation but `kept`: the key is overwritten first, so that what the file system
/// leaves of the rest opens for nobody.
pub(crate) fn destroy_others(dir: &Path, kept: Option<u64>) -> Result<(), StoreError> {
    let fault = |e: io::Error| StoreError::io("destroy an old generation", &e);
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let stem = path.file_stem().and_then(OsStr::to_str);
        let number = stem.and_then(|stem| stem.parse::<u64>().ok());
        numbers.extend(number.filter(|number| Some(*number) != kept));
    }
    for number in numbers {
        overwrite(&key_path(dir, number)).map_err(fault)?;
        remove(fs::remove_file(key_path(dir, number))).map_err(fault)?;
        remove(fs::remove_dir_all(folder(dir, number))).map_err(fault)?;
    }
    sync_directory(dir)
}

/// Zeros over the key, on the disk before anything is unlinked.
fn overwrite(path: &Path) -> io::Result<()> {
    let mut file = match File::options().write(true).open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    file.rewind()?;
    file.write_all(&[0; RowKey::BYTES])?;
    file.sync_all()
}

/// The files of a store from before generations, which lay in the directory itself.
pub(crate) fn remove_ungenerated(dir: &Path) -> Result<(), StoreError> {
    let fault = |e: io::Error| StoreError::io("remove the old data file", &e);
    for entry in fs::read_dir(dir).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name == "blobs" {
            remove(fs::remove_dir_all(&path)).map_err(fault)?;
        } else if matches!(name, "db" | "conf") || name.starts_with("snap.") {
            remove(fs::remove_file(&path)).map_err(fault)?;
        }
    }
    sync_directory(dir)
}

/// A new file is only found again after power loss when its directory was synced too.
pub(crate) fn sync_directory(dir: &Path) -> Result<(), StoreError> {
    File::open(dir)
        .and_then(|folder| folder.sync_all())
        .map_err(|e| StoreError::io("sync the data directory", &e))
}

fn remove(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged {
        detail: "the file `generation` holds no number".to_owned(),
    }
}
