//! Which entry was the first to be tampered with, once the entries do not lead to the signed root.

use super::{Fault, Finding, frontier::Frontier};
use crate::{Checkpoint, Digest, Tiles, tile::FULL, tree::ProvenTree};

/// What bounds the first bad entry from outside the stored log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The entries before this lead to a root that the hub signed.
    pub(super) whole: u64,
    /// One before this is bad.
    pub(super) before: u64,
}

/// Finds the first entry that is not the signed one: exactly where the tiles still prove what was
/// signed, else as narrow as roots of blocks and `bounds` allow.
pub(super) fn locate(
    log: &impl Tiles,
    checkpoint: &Checkpoint,
    found: &[Digest],
    bounds: Bounds,
) -> Finding {
    let (size, root) = (checkpoint.size(), checkpoint.root());
    let Ok(proven) = ProvenTree::new(log, size, root) else {
        return rewritten(bounds.whole, bounds.before);
    };
    let width = u64::from(FULL);
    for tile in bounds.whole / width..size.div_ceil(width) {
        let start = tile * width;
        let end = (start + width).min(size);
        let here = slice(found, start, end);
        match proven.leaves(tile) {
            Ok(signed) => {
                let differs = |n: usize| here.get(n) != signed.get(n);
                if let Some(place) = (0..signed.len()).find(|n| differs(*n)) {
                    let next = proven.leaves(tile + 1).unwrap_or_default();
                    let signed: Vec<Digest> = [signed, next].concat();
                    return classify(found, start, place, &signed);
                }
            }
            Err(_) => match proven.block(tile) {
                // The block's root is proven and its entries lead to it: whole.
                Ok(block) if here.len() as u64 == width && Frontier::over(here) == block => {}
                Ok(_) => return rewritten(start.max(bounds.whole), end.min(bounds.before)),
                Err(_) => return rewritten(start.max(bounds.whole), bounds.before),
            },
        }
    }
    rewritten(bounds.whole, bounds.before)
}

fn rewritten(first: u64, before: u64) -> Finding {
    Finding {
        fault: Fault::Rewritten,
        first,
        last: before.saturating_sub(1).max(first),
    }
}

/// `signed` are the proven leaves from `start` on; the one at `place` is the first that differs.
fn classify(found: &[Digest], start: u64, place: usize, signed: &[Digest]) -> Finding {
    let index = start + place as u64;
    let here = slice(found, index, found.len() as u64);
    let signed = signed.get(place..).unwrap_or_default();
    let (Some(is), Some(was)) = (here.first(), signed.first()) else {
        return Finding::at(Fault::Truncated, index);
    };
    // One step of shift is enough to tell; two equal leaves cannot be, since ids are unique.
    let moved_up = signed.get(1) == Some(is);
    let moved_down = here.get(1) == Some(was);
    let elsewhere = signed.contains(is) && here.contains(was);
    let fault = match (moved_up, moved_down) {
        _ if elsewhere => Fault::Reordered,
        (true, _) => Fault::Dropped,
        (false, true) => Fault::Inserted,
        (false, false) => Fault::Changed,
    };
    Finding::at(fault, index)
}

fn slice(hashes: &[Digest], from: u64, to: u64) -> &[Digest] {
    let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(hashes.len());
    hashes.get(at(from)..at(to)).unwrap_or_default()
}
