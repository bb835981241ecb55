use std::collections::BTreeMap;

use sanctuary_types::{PartyId, Timestamp};

use super::{
    Fault, Finding,
    entries::{self, Entries},
    frontier::Frontier,
    locate::{Bounds, locate},
};
use crate::{
    Checkpoint, Digest, EntryKind, InclusionProof, Promise, Quorum, Refused, TileId, Tiles,
    fork_between, prove_inclusion, quorum::fresh, tile::FULL, width_of,
};

/// What the verifier knows besides the log itself: the more, the narrower the place of a fault.
pub struct Known<'a> {
    /// Other checkpoints the hub signed: a client's and witnesses' last ones, the history. Take those
    /// that are older than the copy: a larger one says that entries are gone.
    pub checkpoints: &'a [Checkpoint],
    /// Promises and those of receipts, checked under the hub's key.
    pub promises: &'a [Promise],
    /// The keys that a party has or had; none = its signatures are counted as unknown.
    pub actors: &'a dyn Fn(&PartyId) -> Vec<[u8; 32]>,
    /// Which entries can be read.
    pub bodies: Bodies<'a>,
}

/// Which entries the verifier can read. The hashes of all it always has.
#[derive(Clone, Copy, Debug, Default)]
pub enum Bodies<'a> {
    /// All: the leaf hashes are computed from the entries.
    #[default]
    All,
    /// Only these, by index, as for a party that others' entries do not concern: the leaf hashes are
    /// those of the tiles, which must lead to the root, and these entries must be the leaves.
    Only(&'a BTreeMap<u64, Vec<u8>>),
}

impl Default for Known<'_> {
    /// Nothing but the log.
    fn default() -> Self {
        Self {
            checkpoints: &[],
            promises: &[],
            actors: &|_| Vec::new(),
            bodies: Bodies::All,
        }
    }
}

/// A log in which nothing was found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Entries checked.
    pub size: u64,
    /// The root, computed anew from every entry.
    pub root: Digest,
    /// When the hub signed it.
    pub time: Timestamp,
    /// Entries of each kind.
    pub by_kind: BTreeMap<EntryKind, u64>,
    /// Entries whose actor's signature was checked.
    pub actors_checked: u64,
    /// Entries whose actor's key was not given.
    pub actors_unknown: u64,
    /// Cosignatures on the checkpoint.
    pub cosignatures: usize,
    /// Other checkpoints that the log was found to contain.
    pub checkpoints: usize,
    /// Promises that were found kept.
    pub promises: usize,
}

/// Recomputes the whole log from its entries and compares it with its tiles, the checkpoint `note`
/// and everything else that is known.
///
/// # Errors
/// The first [`Finding`], with the index of the first bad entry.
pub fn verify(
    log: &impl Tiles,
    note: &[u8],
    quorum: &Quorum,
    known: &Known<'_>,
    now: Timestamp,
) -> Result<Report, Finding> {
    let refused = |refused| Finding::at(Fault::Checkpoint(refused), 0);
    let checkpoint = quorum.verify(note).map_err(refused)?;
    let entries = entries::read(log, &checkpoint, known);
    let marks = Marks::new(&entries.hashes, &checkpoint, known);
    if !marks.whole {
        return Err(tampered(log, &checkpoint, &entries, &marks, known));
    }
    let mut findings: Vec<Finding> = entries.fault.into_iter().collect();
    findings.extend(forked(log, &checkpoint, &marks, known));
    findings.extend(broken(log, &checkpoint, &entries.hashes, known));
    findings.extend(tile_damage(log, &entries.hashes, checkpoint.size()));
    if let Some(first) = findings.into_iter().min_by_key(|f| f.first) {
        return Err(first);
    }
    frozen(quorum, &checkpoint, now)?;
    let within = |size: u64| size <= checkpoint.size();
    Ok(Report {
        size: checkpoint.size(),
        root: *checkpoint.root(),
        time: checkpoint.time(),
        by_kind: entries.by_kind,
        actors_checked: entries.actors_checked,
        actors_unknown: entries.actors_unknown,
        cosignatures: quorum.cosignatures(&checkpoint).map_err(refused)?.len(),
        checkpoints: known.checkpoints.len(),
        promises: known
            .promises
            .iter()
            .filter(|p| within(p.index + 1))
            .count(),
    })
}

/// How the entries compare with every root that the hub signed.
struct Marks {
    /// They lead to the checkpoint's root.
    whole: bool,
    /// Sizes at which they lead to the signed root, and at which they do not.
    good: Vec<u64>,
    bad: Vec<u64>,
}

impl Marks {
    fn new(found: &[Digest], checkpoint: &Checkpoint, known: &Known<'_>) -> Self {
        let mut signed: Vec<&Checkpoint> = known
            .checkpoints
            .iter()
            .filter(|c| c.origin() == checkpoint.origin() && c.size() <= checkpoint.size())
            .collect();
        signed.push(checkpoint);
        signed.sort_by_key(|c| c.size());
        let mut marks = Self {
            whole: false,
            good: Vec::new(),
            bad: Vec::new(),
        };
        let (mut frontier, mut at) = (Frontier::default(), 0);
        for head in signed {
            let to = usize::try_from(head.size()).unwrap_or(usize::MAX);
            for leaf in found.get(at..to.min(found.len())).unwrap_or_default() {
                frontier.push(leaf);
            }
            at = at.max(to.min(found.len()));
            let fits = to <= found.len() && frontier.root() == *head.root();
            if head == checkpoint {
                marks.whole = fits;
            }
            let list = if fits {
                &mut marks.good
            } else {
                &mut marks.bad
            };
            list.push(head.size());
        }
        marks
    }

    /// The first bad entry lies between the last good mark before the first bad one, and that.
    fn bounds(&self, size: u64) -> Bounds {
        let before = self.bad.first().copied().unwrap_or(size);
        let good = self.good.iter().filter(|g| **g < before);
        Bounds {
            whole: good.max().copied().unwrap_or(0),
            before,
        }
    }
}

/// The entries do not lead to the signed root: where does it begin?
fn tampered(
    log: &impl Tiles,
    checkpoint: &Checkpoint,
    entries: &Entries,
    marks: &Marks,
    known: &Known<'_>,
) -> Finding {
    let mut bounds = marks.bounds(checkpoint.size());
    for promise in known.promises {
        let place = usize::try_from(promise.index).unwrap_or(usize::MAX);
        if promise.index < bounds.before && entries.hashes.get(place) != Some(&promise.leaf) {
            bounds.before = promise.index + 1;
        }
    }
    let finding = locate(log, checkpoint, &entries.hashes, bounds);
    // Entries that cannot be read end the list; nothing said that an earlier one is bad.
    let missing = entries.hashes.len() as u64;
    if matches!(finding.fault, Fault::Rewritten) && missing < finding.first {
        return Finding::at(Fault::Truncated, missing);
    }
    finding
}

/// A signed root of fewer entries that this log does not lead to: the hub signed both.
fn forked(
    log: &impl Tiles,
    checkpoint: &Checkpoint,
    marks: &Marks,
    known: &Known<'_>,
) -> Option<Finding> {
    let larger = known
        .checkpoints
        .iter()
        .find(|c| c.size() > checkpoint.size());
    let Some(size) = marks.bad.first() else {
        // Somebody was shown more entries than there are now. Whether those that are left are the same
        // is known only up to a smaller checkpoint of somebody else.
        let own = known
            .checkpoints
            .iter()
            .filter(|c| c.size() <= checkpoint.size());
        return larger.map(|_| Finding {
            fault: Fault::Truncated,
            first: own.map(Checkpoint::size).max().unwrap_or(0),
            last: checkpoint.size(),
        });
    };
    let bounds = marks.bounds(checkpoint.size());
    let mut others = known.checkpoints.iter().filter(|c| c.size() == *size);
    let evidence = others.find_map(|other| fork_between(other, checkpoint, log).ok()?);
    Some(Finding {
        fault: evidence.map_or(Fault::Rewritten, |e| Fault::Forked(Box::new(e))),
        first: bounds.whole,
        last: bounds.before.saturating_sub(1).max(bounds.whole),
    })
}

/// The first promise that this log breaks.
fn broken(
    log: &impl Tiles,
    checkpoint: &Checkpoint,
    found: &[Digest],
    known: &Known<'_>,
) -> Option<Finding> {
    let evidence = |promise: &Promise| {
        let place = usize::try_from(promise.index).unwrap_or(usize::MAX);
        match found.get(place) {
            Some(leaf) if *leaf == promise.leaf => None,
            Some(leaf) => {
                let (size, root) = (checkpoint.size(), checkpoint.root());
                let proof: InclusionProof = prove_inclusion(log, promise.index, size, root).ok()?;
                promise.replaced_in(checkpoint, *leaf, proof)
            }
            None => promise.broken_by(checkpoint),
        }
    };
    let all = known.promises.iter();
    let broken = all.filter_map(|p| Some((p.index, evidence(p)?)));
    let (index, evidence) = broken.min_by_key(|(index, _)| *index)?;
    Some(Finding::at(Fault::PromiseBroken(Box::new(evidence)), index))
}

/// The first entry under a tile that is not what the entries make it.
fn tile_damage(log: &impl Tiles, leaves: &[Digest], size: u64) -> Option<Finding> {
    let mut hashes = leaves.to_vec();
    let mut first: Option<u64> = None;
    for level in 0u8.. {
        if hashes.is_empty() {
            break;
        }
        for (index, expected) in (0u64..).zip(hashes.chunks(usize::from(FULL))) {
            let id = TileId { level, index };
            let stored = log.tile(id, width_of(id, size)).unwrap_or_default();
            let place = (0..expected.len())
                .find(|n| stored.get(32 * n..32 * (n + 1)) != expected.get(*n).map(|h| &h[..]));
            if let Some(place) = place {
                let node = index * u64::from(FULL) + place as u64;
                let entry = node << (8 * u32::from(level));
                first = Some(first.map_or(entry, |f| f.min(entry)));
                break;
            }
        }
        let full = hashes.chunks_exact(usize::from(FULL));
        hashes = full.map(Frontier::over).collect();
    }
    first.map(|index| Finding::at(Fault::TileDamaged, index))
}

/// A whole log can still be an old one.
fn frozen(quorum: &Quorum, checkpoint: &Checkpoint, now: Timestamp) -> Result<(), Finding> {
    let at = |fault| Finding::at(fault, checkpoint.size());
    let hub = fresh(checkpoint.time(), now);
    let all = hub.and_then(|()| quorum.verify_fresh(checkpoint.note(), now).map(|_| ()));
    all.map_err(|refused| match refused {
        Refused::Stale { age_ms, .. } => at(Fault::Frozen { age_ms }),
        other => at(Fault::Checkpoint(other)),
    })
}
