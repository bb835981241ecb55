use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_ledger::{
    EntryId, Growth, PortError, SealedContent, TileId, TileStore, Tiles, encode_bundle, width_of,
};
use sanctuary_store::{Batch, Options, Sealer, Store, StoreError, Table};

/// Hashes in one row: a full tile of 8,192 bytes would not fit one, and an append should not write a
/// whole tile anew.
const HASHES_PER_ROW: u16 = 64;
/// Entries in a full bundle.
const BUNDLE: u64 = 256;

/// The log's store on one sled table, so that one batch is one atomic change. Cheap to clone: readers
/// serve tiles beside the one writer. Keys: `s` size; `e` index; `i` entry id; `t` level, index, row of
/// the tile; `c` size, seconds.
#[derive(Clone)]
pub struct SledTiles {
    store: Store,
    table: Table,
    broken: Arc<AtomicBool>,
}

impl SledTiles {
    /// Opens or makes the store in `dir`.
    ///
    /// # Errors
    /// [`StoreError`]: in use, damaged, or a fault of the disk.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let options = Options {
            cache_bytes: 16 * 1024 * 1024,
            ..Options::default()
        };
        let store = Store::open(dir, options)?;
        Ok(Self {
            table: store.table("ledger")?,
            broken: Arc::default(),
            store,
        })
    }

    /// Leaves from `from` to before `end`, at most one bundle of them.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn leaves_from(&self, from: u64, end: u64) -> Result<Vec<Vec<u8>>, PortError> {
        let end = end.min(from.saturating_add(BUNDLE));
        let rows = self.table.range(entry_key(from)..entry_key(end));
        let leaves: Vec<Vec<u8>> = rows
            .map(|row| row.map(|(_, leaf)| leaf.to_vec()).map_err(port))
            .collect::<Result<_, _>>()?;
        if leaves.is_empty() && from < end {
            return Err(PortError(format!(
                "entry {from} is missing in the log's store"
            )));
        }
        Ok(leaves)
    }

    /// One atomic, durable change. After a failure nothing more is written: what is on the disk is
    /// then known only after a restart.
    fn write(&self, batch: Batch) -> Result<(), PortError> {
        if self.broken.load(Ordering::Acquire) {
            return Err(port(StoreError::Poisoned));
        }
        let written = self.table.apply(batch).and_then(|()| self.store.sync());
        written.map_err(|error| {
            self.broken.store(true, Ordering::Release);
            port(error)
        })
    }

    fn number(&self, key: &[u8]) -> Result<Option<u64>, PortError> {
        let row = self.table.get(key).map_err(port)?;
        let number = row.map(|r| <[u8; 8]>::try_from(&*r).map(u64::from_be_bytes));
        number
            .transpose()
            .map_err(|_| PortError("a number in the log's store is damaged".to_owned()))
    }

    fn put(&self, batch: &mut Batch, key: &[u8], value: &[u8]) -> Result<(), PortError> {
        batch.insert(&self.table, key, value).map_err(port)
    }
}

/// What the hub's own acts are about, sealed, in the log's store; without it the entries say nothing.
pub(super) struct Contents {
    table: Table,
    store: Store,
    sealer: Sealer,
}

impl Contents {
    /// Beside `tiles`, under the hub's root key.
    pub(super) fn open(tiles: &SledTiles, sealer: Sealer) -> Result<Self, StoreError> {
        sealer.bind(&tiles.store.table("check")?)?;
        Ok(Self {
            table: tiles.store.table("content")?,
            store: tiles.store.clone(),
            sealer,
        })
    }

    /// The id of an act that is named by what it is: nobody without the root key can compute it.
    pub(super) fn id_of(&self, same: &[u8]) -> EntryId {
        let key = self.sealer.index_key("act", same);
        let mut id = [0; 16];
        id.copy_from_slice(&key[..16]);
        EntryId(id)
    }

    /// The content kept under `id`, or `content` with a new salt, durable when this returns.
    pub(super) fn kept(&self, id: EntryId, content: Vec<u8>) -> Result<SealedContent, PortError> {
        if let Some(kept) = self.get(&id)? {
            return Ok(kept);
        }
        let mut rng: rand::rngs::StdRng = rand::make_rng();
        let content = SealedContent::of(id, content, &mut rng);
        let sealed = self
            .sealer
            .seal(self.table.name(), &id.0, 1, &content.to_bytes());
        sealed
            .and_then(|sealed| self.table.insert(&id.0, &sealed))
            .and_then(|()| self.store.sync())
            .map_err(port)?;
        Ok(content)
    }

    /// What the act of `id` was about.
    pub(super) fn get(&self, id: &EntryId) -> Result<Option<SealedContent>, PortError> {
        let Some(sealed) = self.table.get(&id.0).map_err(port)? else {
            return Ok(None);
        };
        let opened = self.sealer.open(self.table.name(), &id.0, &sealed);
        let (_, plain) = opened.map_err(port)?;
        let content = SealedContent::from_bytes(&plain);
        content
            .map(Some)
            .map_err(|_| PortError("what an act was about is damaged".to_owned()))
    }
}

impl Tiles for SledTiles {
    fn tile(&self, id: TileId, width: u16) -> Result<Vec<u8>, PortError> {
        let len = 32 * usize::from(width);
        let mut bytes = Vec::with_capacity(len);
        for row in 0..width.div_ceil(HASHES_PER_ROW) {
            let row = self.table.get(&tile_key(id, row)).map_err(port)?;
            bytes.extend_from_slice(row.as_deref().unwrap_or_default());
        }
        bytes.truncate(len);
        if bytes.len() == len && width > 0 {
            Ok(bytes)
        } else {
            Err(PortError(format!(
                "tile {} of level {} is not {width} hashes wide",
                id.index, id.level
            )))
        }
    }

    fn bundle(&self, index: u64, width: u16) -> Result<Vec<u8>, PortError> {
        let start = index.saturating_mul(BUNDLE);
        let end = start.saturating_add(u64::from(width));
        let rows = self.table.range(entry_key(start)..entry_key(end));
        let leaves = rows
            .map(|row| row.map(|(_, leaf)| leaf))
            .collect::<Result<Vec<_>, _>>()
            .map_err(port)?;
        if leaves.len() == usize::from(width) && width > 0 {
            Ok(encode_bundle(leaves.iter().map(|leaf| &**leaf)))
        } else {
            Err(PortError(format!(
                "entries {start} to {end} are not all in the log's store"
            )))
        }
    }
}

impl TileStore for SledTiles {
    fn size(&self) -> Result<u64, PortError> {
        Ok(self.number(b"s")?.unwrap_or(0))
    }

    fn index_of(&self, id: &EntryId) -> Result<Option<u64>, PortError> {
        self.number(&id_key(id))
    }

    fn commit(&mut self, growth: &Growth) -> Result<(), PortError> {
        if self.size()? != growth.from {
            return Err(PortError("the log has grown meanwhile".to_owned()));
        }
        let mut batch = Batch::default();
        for (index, (id, leaf)) in (growth.from..).zip(&growth.leaves) {
            self.put(&mut batch, &entry_key(index), leaf)?;
            self.put(&mut batch, &id_key(id), &index.to_be_bytes())?;
        }
        for (id, hashes) in &growth.tiles {
            let unchanged = width_of(*id, growth.from) / HASHES_PER_ROW;
            let rows = hashes.chunks(32 * usize::from(HASHES_PER_ROW));
            for (row, hashes) in (0u16..).zip(rows).skip(usize::from(unchanged)) {
                self.put(&mut batch, &tile_key(*id, row), hashes)?;
            }
        }
        self.put(&mut batch, b"s", &growth.to.to_be_bytes())?;
        self.write(batch)
    }

    fn keep_checkpoint(&mut self, size: u64, time_s: u64, note: &[u8]) -> Result<(), PortError> {
        let mut batch = Batch::default();
        let key = [&checkpoint_key(size)[..], &time_s.to_be_bytes()].concat();
        self.put(&mut batch, &key, note)?;
        self.write(batch)
    }

    fn latest_checkpoint(&self) -> Result<Option<Vec<u8>>, PortError> {
        let last = self.table.scan(b"c").next_back().transpose();
        Ok(last.map_err(port)?.map(|(_, note)| note.to_vec()))
    }

    fn checkpoints(&self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, PortError> {
        let rows = self.table.range(checkpoint_key(from)..b"d".to_vec());
        rows.take(limit)
            .map(|row| row.map(|(_, note)| note.to_vec()).map_err(port))
            .collect()
    }
}

fn entry_key(index: u64) -> Vec<u8> {
    [b"e", &index.to_be_bytes()[..]].concat()
}

fn id_key(id: &EntryId) -> Vec<u8> {
    [b"i", &id.0[..]].concat()
}

fn checkpoint_key(size: u64) -> Vec<u8> {
    [b"c", &size.to_be_bytes()[..]].concat()
}

fn tile_key(id: TileId, row: u16) -> Vec<u8> {
    let (index, row) = (id.index.to_be_bytes(), row.to_be_bytes());
    [b"t", &[id.level][..], &index, &row].concat()
}

fn port(error: StoreError) -> PortError {
    PortError(error.to_string())
}
