//! What a stolen disk or backup of the hub shows to somebody without the root key: the files as they
//! lie there, read without it.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use sanctuary_store::{Options, Store};
use sanctuary_types::{Epoch, PartyId};
use serde::Serialize;

use super::view::{ITEMS_PER_ROW, Reader, View, is_plain, ordinal};

const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Of a sealed row before the first item: format, salt and version; length; the row's header.
const FIRST_ITEM_AT: usize = 33 + 2 + 9;
const POSTING_BYTES: usize = 94;
/// A sealed trailer is a step of padding and what sealing adds.
const TRAILER_BYTES: usize = 256 + 49;
/// Bytes by which a needle is known.
pub const NEEDLE_BYTES: usize = 16;
const READ_BYTES: usize = 4 * 1024 * 1024;

/// A needle and the number of the value that it stands for.
pub type Needle = ([u8; NEEDLE_BYTES], u32);

/// A disk in the attacker's hands.
pub struct Disk {
    /// What can be made out of the rows. Where they are sealed: what stands where postings would
    /// stand, all taken for postings.
    pub view: View,
    /// What there is to see at all.
    pub shows: Shows,
    files: Vec<PathBuf>,
    /// The rows of the log as the keys of the store's files open them, which lie on the same disk. What the
    /// hub's root key seals is still sealed in them.
    opened: Vec<(u64, Vec<u8>)>,
}

/// What a disk shows without any attack.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Shows {
    /// Whether rows can be read.
    pub readable: bool,
    /// Rows of the log.
    pub rows: usize,
    /// Rows as short as the end of a batch: how many batches there seem to be.
    pub batches: usize,
    /// Tags that are seen to stand in several postings: what frequencies are made of.
    pub tags_repeated: usize,
    /// Bytes of all files.
    pub bytes: u64,
}

impl Disk {
    /// Reads the data directory of a hub that does not run, or a copy of it.
    ///
    /// # Errors
    /// When it is no hub's directory or is in use.
    pub fn read(data_dir: &Path, epoch: Epoch, known: &[PartyId]) -> Result<Self> {
        ensure!(
            data_dir.join("log").is_dir(),
            "{} is no hub's data directory: it has no folder \"log\"",
            data_dir.display()
        );
        let rows = rows(&data_dir.join("log"))?;
        let readable = rows.iter().any(|(_, row)| is_plain(row));
        let mut shows = Shows {
            readable,
            rows: rows.len(),
            ..Shows::default()
        };
        let view = if readable {
            shows.batches = rows.iter().filter(|(_, row)| is_plain(row)).count();
            let rows = rows
                .iter()
                .map(|(number, row)| Ok((*number, row.as_slice())));
            Reader::new(epoch, known).read(rows)?
        } else {
            shows.batches = ends(&rows).count();
            cut(&rows, known)
        };
        shows.tags_repeated = view.tags.iter().filter(|t| t.postings.len() > 1).count();
        let files = files(data_dir)?;
        for file in &files {
            shows.bytes += file.metadata()?.len();
        }
        Ok(Self {
            view,
            shows,
            files,
            opened: rows,
        })
    }

    /// The values whose needles stand anywhere in any file, sealed, half overwritten or whole, or in any row
    /// as the keys beside the files open it.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn found(&self, needles: &[Needle]) -> Result<HashSet<u32>> {
        let wanted = Wanted::of(needles);
        let mut found = HashSet::new();
        for path in &self.files {
            let mut file = File::open(path).with_context(|| path.display().to_string())?;
            let mut bytes = Vec::new();
            loop {
                let kept = bytes.len().min(NEEDLE_BYTES - 1);
                bytes.drain(..bytes.len() - kept);
                let read = file
                    .by_ref()
                    .take(READ_BYTES as u64)
                    .read_to_end(&mut bytes)?;
                if read == 0 {
                    break;
                }
                wanted.find(&bytes, &mut found);
            }
        }
        for (_, row) in &self.opened {
            wanted.find(row, &mut found);
        }
        Ok(found)
    }
}

/// Every row of the log as it is stored.
fn rows(log_dir: &Path) -> Result<Vec<(u64, Vec<u8>)>> {
    let options = Options {
        cache_bytes: CACHE_BYTES,
        reclaim_every_ms: None,
    };
    let store = Store::open(log_dir, options)?;
    let mut rows = Vec::new();
    for entry in store.table("log")?.scan(&[]) {
        let (key, row) = entry?;
        let number = key
            .as_slice()
            .try_into()
            .context("a row without a number")?;
        rows.push((u64::from_be_bytes(number), row.to_vec()));
    }
    Ok(rows)
}

fn ends(rows: &[(u64, Vec<u8>)]) -> impl Iterator<Item = &(u64, Vec<u8>)> {
    rows.iter().filter(|(_, row)| row.len() <= TRAILER_BYTES)
}

/// Takes whatever stands where postings would stand for postings. Whose they are does not show.
fn cut(rows: &[(u64, Vec<u8>)], known: &[PartyId]) -> View {
    let mut view = View {
        agencies: known.to_vec(),
        ..View::default()
    };
    let mut numbers: HashMap<[u8; 16], u32> = HashMap::new();
    let mut batch = 0;
    for (sequence, row) in rows {
        let items = row.get(FIRST_ITEM_AT..).unwrap_or_default();
        let items = items.chunks_exact(POSTING_BYTES).take(ITEMS_PER_ROW);
        for (place, item) in items.enumerate() {
            let mut stored = [0; 16];
            stored.copy_from_slice(&item[..16]);
            let tag = view.tag(&mut numbers, stored);
            view.put(tag, 0, batch, ordinal(*sequence, place), None);
        }
        batch += u32::from(row.len() <= TRAILER_BYTES);
    }
    view
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            all.extend(files(&entry.path())?);
        } else {
            all.push(entry.path());
        }
    }
    all.sort();
    Ok(all)
}

/// Needles to be looked for at every byte.
struct Wanted {
    values: HashMap<[u8; NEEDLE_BYTES], Vec<u32>>,
    /// Bits by the first bytes of a needle: most places are passed by with one look.
    first: Vec<u64>,
}

const FIRST_BITS: u32 = 27;

impl Wanted {
    fn of(needles: &[Needle]) -> Self {
        let mut wanted = Self {
            values: HashMap::new(),
            first: vec![0; 1 << (FIRST_BITS - 6)],
        };
        for (needle, value) in needles {
            let (word, bit) = place(needle);
            wanted.first[word] |= bit;
            wanted.values.entry(*needle).or_default().push(*value);
        }
        wanted
    }

    fn find(&self, bytes: &[u8], found: &mut HashSet<u32>) {
        for window in bytes.windows(NEEDLE_BYTES) {
            let (word, bit) = place(window);
            if self.first[word] & bit == 0 {
                continue;
            }
            let values = self.values.get(window);
            found.extend(values.into_iter().flatten());
        }
    }
}

fn place(needle: &[u8]) -> (usize, u64) {
    let first = u32::from_le_bytes([needle[0], needle[1], needle[2], needle[3]]);
    let at = first >> (32 - FIRST_BITS);
    ((at >> 6) as usize, 1 << (at & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles_are_found_across_reads_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let mut bytes: Vec<u8> = (0..READ_BYTES + 100).map(|n| (n * 7 % 253) as u8).collect();
        let needle = |seed: u8| std::array::from_fn(|n| seed.wrapping_mul(31) ^ n as u8);
        bytes[READ_BYTES - 5..READ_BYTES + 11].copy_from_slice(&needle(1));
        bytes[3..19].copy_from_slice(&needle(2));
        let deep = dir.path().join("deep");
        fs::create_dir(&deep).unwrap();
        fs::write(deep.join("file"), &bytes).unwrap();
        let disk = Disk {
            view: View::default(),
            shows: Shows::default(),
            files: files(dir.path()).unwrap(),
            opened: Vec::new(),
        };
        let found = disk.found(&[(needle(1), 11), (needle(2), 12), (needle(3), 13)]);
        assert_eq!(found.unwrap(), HashSet::from([11, 12]));
    }
}
