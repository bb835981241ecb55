use sanctuary_types::Timestamp;

use crate::{
    BrokenPromise, Checkpoint, ClientView, Comparison, Digest, Promise, Refused, compare,
    quorum::fresh,
};

/// What a watcher learned from a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The first one.
    First {
        /// Entries in it.
        size: u64,
    },
    /// A newer checkpoint of the same tree.
    Unchanged,
    /// The log grew, provably.
    Grew {
        /// Entries before.
        from: u64,
        /// Entries now.
        to: u64,
    },
}

/// Follows a log: takes checkpoints from the hub, hears those of others, holds open promises, and
/// says when the log stands still. The core of `audit watch`, and of a node's own watch.
#[derive(Clone, Debug)]
pub struct Watch {
    view: ClientView,
    promises: Vec<Promise>,
}

impl Watch {
    /// Follows from where `view` stands.
    #[must_use]
    pub const fn new(view: ClientView) -> Self {
        Self {
            view,
            promises: Vec::new(),
        }
    }

    /// What was accepted so far.
    #[must_use]
    pub const fn view(&self) -> &ClientView {
        &self.view
    }

    /// A checkpoint from the hub, with the consistency proof from the last one where it has grown.
    ///
    /// # Errors
    /// [`Refused`]: which rule it breaks.
    pub fn offer(
        &mut self,
        note: &[u8],
        proof: Option<&[Digest]>,
        now: Timestamp,
    ) -> Result<Seen, Refused> {
        let before = self.view.last().map(|c| c.size());
        let size = self.view.accept(note, proof, now)?.size();
        Ok(match before {
            None => Seen::First { size },
            Some(from) if from == size => Seen::Unchanged,
            Some(from) => Seen::Grew { from, to: size },
        })
    }

    /// A checkpoint that somebody else was given, over another path: the hub's signature is enough,
    /// whatever its age. `proof` as [`compare`] wants it.
    ///
    /// # Errors
    /// [`Refused`] when the hub did not sign it.
    pub fn hear(&self, note: &[u8], proof: Option<&[Digest]>) -> Result<Comparison, Refused> {
        let other = Checkpoint::verify(note, self.view.quorum().log())?;
        Ok(match self.view.last() {
            None => Comparison::Same,
            Some(last) => compare(last, &other, proof),
        })
    }

    /// [`Refused::Stale`] when the last accepted checkpoint is older than 15 minutes: nothing newer
    /// came, so the log stands still or keeps away from here.
    ///
    /// # Errors
    /// [`Refused::Stale`].
    pub fn alive(&self, now: Timestamp) -> Result<(), Refused> {
        self.view
            .last()
            .map_or(Ok(()), |last| fresh(last.time(), now))
    }

    /// Remembers a promise until it is kept.
    pub fn expect(&mut self, promise: Promise) {
        self.promises.push(promise);
    }

    /// Promises that the last accepted checkpoint should hold: fetch their inclusion proofs.
    pub fn to_prove(&self) -> impl Iterator<Item = &Promise> {
        let size = self.view.last().map_or(0, |c| c.size());
        self.promises.iter().filter(move |p| p.index < size)
    }

    /// Forgets a promise that was kept.
    pub fn kept(&mut self, promise: &Promise) {
        self.promises.retain(|p| p.id != promise.id);
    }

    /// Promises that the last accepted checkpoint proves broken.
    #[must_use]
    pub fn broken(&self) -> Vec<BrokenPromise> {
        let Some(last) = self.view.last() else {
            return Vec::new();
        };
        self.promises
            .iter()
            .filter_map(|p| p.broken_by(last))
            .collect()
    }
}
