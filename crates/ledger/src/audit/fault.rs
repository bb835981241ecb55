use std::fmt;

use sanctuary_types::PartyId;

use crate::{BrokenPromise, ForkEvidence, Refused};

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// An entry is not the one that was signed.
    Changed,
    /// An entry that was signed is gone; those after it moved up.
    Dropped,
    /// An entry stands where another was signed.
    Reordered,
    /// There is an entry that was never signed; those after it moved down.
    Inserted,
    /// The end of the log is gone.
    Truncated,
    /// Entries are not those that were signed, and nothing is left that says which one first.
    Rewritten,
    /// A tile is damaged while every entry is whole.
    TileDamaged,
    /// The hub signed two pasts.
    Forked(Box<ForkEvidence>),
    /// The hub promised another entry at this place, or one that is missing.
    PromiseBroken(Box<BrokenPromise>),
    /// It is not an entry.
    NotAnEntry,
    /// The actor named did not sign it.
    WrongActor(PartyId),
    /// The id of an earlier entry stands on another one.
    IdRepeated,
    /// The log's clock went back at this entry.
    ClockBack,
    /// The log's clock stood still: the actor's time is later than the log's own stamp.
    ClockFrozen,
    /// Nothing after this entry: the newest checkpoint is too old.
    Frozen {
        /// Its age.
        age_ms: u64,
    },
    /// The checkpoint itself is refused.
    Checkpoint(Refused),
}

/// The first thing that is wrong with a log: the first bad entry lies in `first..=last`, everything
/// before `first` is proven whole, and mostly the two are the same.
#[derive(Debug)]
pub struct Finding {
    /// What.
    pub fault: Fault,
    /// The first entry that may be bad.
    pub first: u64,
    /// The last entry that may be the first bad one.
    pub last: u64,
}

impl Finding {
    pub(crate) const fn at(fault: Fault, index: u64) -> Self {
        Self {
            fault,
            first: index,
            last: index,
        }
    }

    /// One word for tables and tests.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match &self.fault {
            Fault::Changed => "changed",
            Fault::Dropped => "dropped",
            Fault::Reordered => "reordered",
            Fault::Inserted => "inserted",
            Fault::Truncated => "truncated",
            Fault::Rewritten => "rewritten",
            Fault::TileDamaged => "tile-damaged",
            Fault::Forked(_) => "forked",
            Fault::PromiseBroken(_) => "promise-broken",
            Fault::NotAnEntry => "not-an-entry",
            Fault::WrongActor(_) => "wrong-actor",
            Fault::IdRepeated => "id-repeated",
            Fault::ClockBack => "clock-back",
            Fault::ClockFrozen => "clock-frozen",
            Fault::Frozen { .. } => "frozen",
            Fault::Checkpoint(_) => "checkpoint-refused",
        }
    }
}

impl std::error::Error for Finding {}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Fault::Checkpoint(refused) = &self.fault {
            return write!(f, "{refused}");
        }
        if self.first == self.last {
            write!(f, "entry {}: ", self.first)?;
        } else {
            write!(
                f,
                "from entry {} on, at the latest {}: ",
                self.first, self.last
            )?;
        }
        match &self.fault {
            Fault::Changed => f.write_str("it is not the entry that was signed"),
            Fault::Dropped => f.write_str("the entry that was signed here is gone"),
            Fault::Reordered => f.write_str("another entry was signed at this place"),
            Fault::Inserted => f.write_str("it was put in after the log was signed"),
            Fault::Truncated => f.write_str("entries that were signed are gone from here on"),
            Fault::Rewritten => f.write_str("the entries are not those that were signed"),
            Fault::TileDamaged => {
                f.write_str("a stored hash over it is damaged; the entries are whole")
            }
            Fault::Forked(_) => {
                f.write_str("the hub signed two different pasts; send the evidence on")
            }
            Fault::PromiseBroken(_) => {
                f.write_str("the hub promised another entry here; send the evidence on")
            }
            Fault::NotAnEntry => f.write_str("it is not an entry of this log"),
            Fault::WrongActor(party) => write!(f, "{party} did not sign it"),
            Fault::IdRepeated => f.write_str("it carries the id of an earlier entry"),
            Fault::ClockBack => f.write_str("the log's clock went back here"),
            Fault::ClockFrozen => f.write_str("the log's clock stood still here"),
            Fault::Frozen { age_ms } => write!(
                f,
                "nothing was logged or confirmed for {} minutes: the log stands still",
                age_ms / 60_000
            ),
            Fault::Checkpoint(_) => Ok(()),
        }
    }
}
