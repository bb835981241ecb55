use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sanctuary_types::{PartyId, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::{ActorRole, EntryId, EntryKind, Promise};

/// One act as whoever does it states it, before it takes effect.
#[derive(Clone, PartialEq, Eq)]
pub struct Act {
    /// What is to be done.
    pub kind: EntryKind,
    /// In which capacity.
    pub role: ActorRole,
    /// The other parties that may read the entry (its head, never its content).
    pub concerned: Vec<PartyId>,
    /// What makes it this act and no other, such as `lp("release", request id, version)`: stated again
    /// after a crash it is the same entry. Empty where each time counts, as with reads.
    pub same: Vec<u8>,
    /// What it is about: stays sealed with whoever states it; only a commitment leaves.
    pub content: Vec<u8>,
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Act({} by {:?}, <redacted>)",
            self.kind.word(),
            self.role
        )
    }
}

/// Why an act must not be done: it could not be logged. One sentence; no personal value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was done, because it could not be logged first: {0}")]
pub struct NotLogged(pub String);

/// The log as a role core uses it. Both calls block until the entry is durable.
pub trait Acts: Send + Sync {
    /// States an act with effect. Returns once the log has promised the entry: only then may the act
    /// be done. Stated again with the same [`Act::same`] it is the same entry.
    ///
    /// # Errors
    /// [`NotLogged`]: do not do it.
    fn log(&self, act: Act) -> Result<Promise, NotLogged>;

    /// States an act that has no effect outside: kept here for good and sent when the log answers.
    ///
    /// # Errors
    /// [`NotLogged`] when it could not even be kept here.
    fn note(&self, act: Act) -> Result<EntryId, NotLogged>;
}

impl<A: Acts + ?Sized> Acts for std::sync::Arc<A> {
    fn log(&self, act: Act) -> Result<Promise, NotLogged> {
        (**self).log(act)
    }
    fn note(&self, act: Act) -> Result<EntryId, NotLogged> {
        (**self).note(act)
    }
}

impl<A: Acts + ?Sized> Acts for &A {
    fn log(&self, act: Act) -> Result<Promise, NotLogged> {
        (**self).log(act)
    }
    fn note(&self, act: Act) -> Result<EntryId, NotLogged> {
        (**self).note(act)
    }
}

/// A log in memory that promises everything, or nothing when told to: for tests of role cores.
/// Its promises are not signed.
#[derive(Debug, Default)]
pub struct MemoryActs {
    acts: Mutex<Vec<Act>>,
    failing: AtomicBool,
}

impl MemoryActs {
    /// Whether from now on every act is refused.
    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::Release);
    }

    /// Everything stated so far, each act once.
    #[must_use]
    pub fn acts(&self) -> Vec<Act> {
        let acts = self.acts.lock();
        acts.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn state(&self, act: Act) -> Result<(EntryId, u64), NotLogged> {
        if self.failing.load(Ordering::Acquire) {
            return Err(NotLogged("the hub cannot be reached; try again".to_owned()));
        }
        let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
        let again = |known: &Act| !act.same.is_empty() && known.same == act.same;
        let index = match acts.iter().position(again) {
            Some(index) => index,
            None => {
                acts.push(act);
                acts.len() - 1
            }
        } as u64;
        let mut id = [0; 16];
        id[8..].copy_from_slice(&index.to_be_bytes());
        Ok((EntryId(id), index))
    }
}

impl Acts for MemoryActs {
    fn log(&self, act: Act) -> Result<Promise, NotLogged> {
        let (id, index) = self.state(act)?;
        Ok(Promise::from_parts(
            "sanctuary/memory/ledger".to_owned(),
            id,
            index,
            Sha256::digest(id.0).into(),
            Timestamp(0),
            Timestamp(0),
            [0; 64],
        ))
    }

    fn note(&self, act: Act) -> Result<EntryId, NotLogged> {
        self.state(act).map(|(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(same: &[u8]) -> Act {
        Act {
            kind: EntryKind::Release,
            role: ActorRole::Releaser,
            concerned: Vec::new(),
            same: same.to_vec(),
            content: b"who and what".to_vec(),
        }
    }

    #[test]
    fn the_same_act_is_logged_once_and_reads_each_time() {
        let acts = MemoryActs::default();
        let first = acts.log(act(b"r1")).unwrap();
        assert_eq!(acts.log(act(b"r1")).unwrap(), first);
        assert_ne!(acts.note(act(b"")).unwrap(), acts.note(act(b"")).unwrap());
        assert_eq!(acts.acts().len(), 3);
        acts.fail(true);
        let refused = acts.log(act(b"r2")).unwrap_err().to_string();
        assert!(refused.contains("could not be logged"), "{refused}");
        assert!(!format!("{:?}", acts.acts()).contains("who and what"));
    }
}
