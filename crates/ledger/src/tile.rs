//! The static resources of a log as C2SP `tlog-tiles` names them: checkpoint, tiles, entry bundles.

use std::fmt::Write;

use crate::{
    LedgerError, PortError, Tiles,
    limits::{ENTRIES_MAX, LEAF_BYTES_MAX},
};

/// Hashes in a full tile, entries in a full bundle.
pub const FULL: u16 = 256;
/// Levels of the tree in one tile.
pub(crate) const HEIGHT: u8 = 8;

/// One tile: `index`-th of its `level`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// Level 0 holds leaf hashes; each level above holds the roots of full tiles below.
    pub level: u8,
    /// Place in the level.
    pub index: u64,
}

/// How many hashes tile `id` (or, at level 0, how many entries the bundle) has in a tree of `size`:
/// 0 to 256.
#[must_use]
pub fn width_of(id: TileId, size: u64) -> u16 {
    let nodes = size
        .checked_shr(u32::from(id.level) * u32::from(HEIGHT))
        .unwrap_or(0);
    let start = id.index.saturating_mul(u64::from(FULL));
    let width = nodes.saturating_sub(start).min(u64::from(FULL));
    u16::try_from(width).unwrap_or(FULL)
}

/// What can be fetched, by its path below the log's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `checkpoint`
    Checkpoint,
    /// `tile/<level>/<index>[.p/<width>]`
    Tile(TileId, u16),
    /// `tile/entries/<index>[.p/<width>]`
    Entries(u64, u16),
}

impl Resource {
    /// Every tile and bundle of a tree of `size`.
    pub fn of_tree(size: u64) -> impl Iterator<Item = Self> {
        let tiles = (0..=5u8).flat_map(move |level| {
            (0u64..)
                .map(move |index| TileId { level, index })
                .map(move |id| (id, width_of(id, size)))
                .take_while(|(_, width)| *width > 0)
                .map(|(id, width)| Self::Tile(id, width))
        });
        let bundles = (0u64..)
            .map(move |index| (index, width_of(TileId { level: 0, index }, size)))
            .take_while(|(_, width)| *width > 0)
            .map(|(index, width)| Self::Entries(index, width));
        tiles.chain(bundles)
    }

    /// The bytes of a tile or bundle of `log`. The checkpoint is not read this way.
    ///
    /// # Errors
    /// As [`Tiles`].
    pub fn read(self, log: &impl Tiles) -> Result<Vec<u8>, PortError> {
        match self {
            Self::Checkpoint => Err(PortError("the checkpoint is not a tile".to_owned())),
            Self::Tile(id, width) => log.tile(id, width),
            Self::Entries(index, width) => log.bundle(index, width),
        }
    }

    /// The path, without a leading slash.
    #[must_use]
    pub fn path(self) -> String {
        match self {
            Self::Checkpoint => "checkpoint".to_owned(),
            Self::Tile(id, width) => format!("tile/{}/{}", id.level, place(id.index, width)),
            Self::Entries(index, width) => format!("tile/entries/{}", place(index, width)),
        }
    }

    /// Reads a path; only the one canonical spelling of each resource.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`].
    pub fn parse(path: &str) -> Result<Self, LedgerError> {
        let bad = LedgerError::Malformed {
            what: "path",
            reason: "it names no resource of a log",
        };
        let resource = if path == "checkpoint" {
            Some(Self::Checkpoint)
        } else {
            parse_tile(path)
        };
        // Writing it again leaves one spelling: no `x1`, no `007.p/0300`.
        resource.filter(|r| r.path() == path).ok_or(bad)
    }
}

fn place(index: u64, width: u16) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if width < FULL {
        // Writing to a String cannot fail.
        let _ = write!(text, ".p/{width}");
    }
    text
}

fn parse_tile(path: &str) -> Option<Resource> {
    let (level, place) = path.strip_prefix("tile/")?.split_once('/')?;
    let (number, width) = match place.split_once(".p/") {
        Some((number, width)) => (
            number,
            width.parse().ok().filter(|w| (1..FULL).contains(w))?,
        ),
        None => (place, FULL),
    };
    let mut index = 0u64;
    for part in number.split('/') {
        let digits = part.strip_prefix('x').unwrap_or(part);
        let value: u64 = digits.parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(value)?;
        if index > ENTRIES_MAX {
            return None;
        }
    }
    if level == "entries" {
        return Some(Resource::Entries(index, width));
    }
    let level = level.parse().ok().filter(|l| *l < 64)?;
    Some(Resource::Tile(TileId { level, index }, width))
}

/// An entry bundle: each leaf after its length as u16 BE.
#[must_use]
pub fn encode_bundle<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for leaf in leaves {
        // Leaves are at most LEAF_BYTES_MAX; a longer one would not have been taken.
        let len = u16::try_from(leaf.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(leaf);
    }
    out
}

/// The leaves of a bundle that should hold `width` of them.
///
/// # Errors
/// [`LedgerError::Malformed`] when it holds another number, or a length does not fit.
pub fn bundle_entries(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, LedgerError> {
    let bad = |reason| LedgerError::Malformed {
        what: "entry bundle",
        reason,
    };
    let mut leaves = Vec::with_capacity(usize::from(width));
    let mut rest = bytes;
    while let Some((len, tail)) = rest.split_first_chunk::<2>() {
        let len = usize::from(u16::from_be_bytes(*len));
        if len > LEAF_BYTES_MAX {
            return Err(bad("an entry is too long"));
        }
        leaves.push(tail.get(..len).ok_or(bad("an entry is cut off"))?);
        rest = tail.get(len..).unwrap_or_default();
    }
    if rest.is_empty() && leaves.len() == usize::from(width) {
        Ok(leaves)
    } else {
        Err(bad("it does not hold the entries it should"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let id = |level, index| TileId { level, index };
        let known = [
            (Resource::Checkpoint, "checkpoint"),
            (Resource::Tile(id(0, 0), 256), "tile/0/000"),
            (
                Resource::Tile(id(1, 1_234_067), 256),
                "tile/1/x001/x234/067",
            ),
            (Resource::Tile(id(0, 273), 112), "tile/0/273.p/112"),
            (Resource::Entries(5, 1), "tile/entries/005.p/1"),
        ];
        for (resource, path) in known {
            assert_eq!(resource.path(), path);
            assert_eq!(Resource::parse(path).unwrap(), resource);
        }
        for bad in [
            "",
            "/checkpoint",
            "tile/0/0",
            "tile/0/x001",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/000.p/012",
            "tile/00/000",
            "tile/0/x000/001",
            "tile/data/000",
            "tile/0/000/",
            "tile/0/-01",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert!(Resource::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_of_the_specifications_example() {
        let (mut full, mut partial) = (0, Vec::new());
        for resource in Resource::of_tree(70_000) {
            match resource {
                Resource::Tile(_, 256) => full += 1,
                Resource::Tile(id, width) => partial.push((id.level, width)),
                _ => {}
            }
        }
        assert_eq!(full, 273 + 1);
        assert_eq!(partial, [(0, 112), (1, 17), (2, 1)]);
        assert_eq!(width_of(TileId { level: 1, index: 0 }, 256), 1);
    }
}
