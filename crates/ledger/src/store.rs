//! What the log needs of storage.

use crate::{EntryId, Resource, TileId, bundle_entries, encode_bundle, tile::FULL};

/// A store could not do what it was asked. The text comes from the adapter and holds no values.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct PortError(pub String);

/// The static half of a log: what the hub's store, a downloaded folder and a cache offer alike.
pub trait Tiles {
    /// Tile `id` at `width` hashes: exactly `32 * width` bytes. A narrower width than is stored gives
    /// the first hashes, since hashes of a tile never change.
    ///
    /// # Errors
    /// When it is not there at this width, or cannot be read.
    fn tile(&self, id: TileId, width: u16) -> Result<Vec<u8>, PortError>;

    /// Entry bundle `index` with its first `width` entries, as [`crate::encode_bundle`] writes it.
    ///
    /// # Errors
    /// When it is not there at this width, or cannot be read.
    fn bundle(&self, index: u64, width: u16) -> Result<Vec<u8>, PortError>;
}

/// What one append changes; all of it or nothing.
#[derive(Clone, Debug)]
pub struct Growth {
    /// Size before; the store refuses when it has another.
    pub from: u64,
    /// Size after.
    pub to: u64,
    /// The new leaves in order, the first at index `from`.
    pub leaves: Vec<(EntryId, Vec<u8>)>,
    /// Tiles that are new or wider, each with all its hashes.
    pub tiles: Vec<(TileId, Vec<u8>)>,
}

/// The log's own store.
pub trait TileStore: Tiles {
    /// Entries in the tree.
    ///
    /// # Errors
    /// When the store fails.
    fn size(&self) -> Result<u64, PortError>;

    /// Where the entry of an id stands.
    ///
    /// # Errors
    /// When the store fails.
    fn index_of(&self, id: &EntryId) -> Result<Option<u64>, PortError>;

    /// Leaves, ids, tiles and size as one atomic change, durable when this returns.
    ///
    /// # Errors
    /// When it could not be kept; then nothing of it is there after a restart.
    fn commit(&mut self, growth: &Growth) -> Result<(), PortError>;

    /// Keeps a signed checkpoint, durable when this returns; one of the same size and time replaces
    /// the one before (more cosignatures).
    ///
    /// # Errors
    /// When it could not be kept.
    fn keep_checkpoint(&mut self, size: u64, time_s: u64, note: &[u8]) -> Result<(), PortError>;

    /// The newest checkpoint kept.
    ///
    /// # Errors
    /// When the store fails.
    fn latest_checkpoint(&self) -> Result<Option<Vec<u8>>, PortError>;

    /// Checkpoints of at least `from` entries, smallest and oldest first, at most `limit`.
    ///
    /// # Errors
    /// When the store fails.
    fn checkpoints(&self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, PortError>;
}

impl<T: Tiles + ?Sized> Tiles for &T {
    fn tile(&self, id: TileId, width: u16) -> Result<Vec<u8>, PortError> {
        (**self).tile(id, width)
    }
    fn bundle(&self, index: u64, width: u16) -> Result<Vec<u8>, PortError> {
        (**self).bundle(index, width)
    }
}

/// A log whose resources are fetched by path: from a folder, over HTTP, over gRPC.
pub struct Fetched<F>(pub F);

impl<F: Fn(Resource) -> Result<Vec<u8>, PortError>> Fetched<F> {
    /// The resource, or where a partial one is gone the beginning of the full one.
    fn fetch<T>(
        &self,
        partial: Resource,
        full: Resource,
        cut: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, PortError> {
        let bytes = (self.0)(partial).or_else(|missing| (self.0)(full).map_err(|_| missing))?;
        cut(&bytes).ok_or_else(|| PortError(format!("{} has a wrong length", partial.path())))
    }
}

impl<F: Fn(Resource) -> Result<Vec<u8>, PortError>> Tiles for Fetched<F> {
    fn tile(&self, id: TileId, width: u16) -> Result<Vec<u8>, PortError> {
        let (partial, full) = (Resource::Tile(id, width), Resource::Tile(id, FULL));
        let len = 32 * usize::from(width);
        self.fetch(partial, full, |bytes| bytes.get(..len).map(<[u8]>::to_vec))
    }

    fn bundle(&self, index: u64, width: u16) -> Result<Vec<u8>, PortError> {
        let (partial, full) = (
            Resource::Entries(index, width),
            Resource::Entries(index, FULL),
        );
        self.fetch(partial, full, |bytes| {
            let leaves = bundle_entries(bytes, width).or_else(|_| bundle_entries(bytes, FULL));
            let leaves = leaves.ok()?;
            Some(encode_bundle(leaves.into_iter().take(usize::from(width))))
        })
    }
}
