use tlog_tiles::{Hash, node_hash};

use crate::{Digest, empty_root};

/// The root of a growing tree from its leaves alone: an independent way beside the tiles.
#[derive(Default)]
pub(super) struct Frontier {
    /// Roots of full subtrees, largest first, with their number of leaves.
    peaks: Vec<(u64, Hash)>,
}

impl Frontier {
    pub(super) fn push(&mut self, leaf: &Digest) {
        let (mut width, mut hash) = (1, Hash(*leaf));
        while let Some((left_width, left)) = self.peaks.pop() {
            if left_width != width {
                self.peaks.push((left_width, left));
                break;
            }
            hash = node_hash(left, hash);
            width *= 2;
        }
        self.peaks.push((width, hash));
    }

    pub(super) fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = peaks.next() else {
            return empty_root();
        };
        peaks.fold(last, |right, left| node_hash(left, right)).0
    }

    /// The root over `leaves`.
    pub(super) fn over(leaves: &[Digest]) -> Digest {
        let mut frontier = Self::default();
        for leaf in leaves {
            frontier.push(leaf);
        }
        frontier.root()
    }
}
