use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sanctuary_disclosure::PersonId;

use crate::{
    Change, Member, PortError, Session, SessionHash, StaffAct, StaffStore, Tries, TriesKey,
};

/// A register's store in memory, for tests of whatever uses the register. Its log can be made to fail.
#[derive(Default)]
pub struct MemoryStaff(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    members: BTreeMap<PersonId, Member>,
    sessions: BTreeMap<SessionHash, Session>,
    tries: BTreeMap<TriesKey, Tries>,
    acts: Vec<StaffAct>,
    log_is_down: bool,
}

impl MemoryStaff {
    /// What was logged.
    #[must_use]
    pub fn acts(&self) -> Vec<StaffAct> {
        self.kept().acts.clone()
    }

    /// Makes the log fail, or work again.
    pub fn fail_log(&self, down: bool) {
        self.kept().log_is_down = down;
    }

    /// Rows of tries.
    #[must_use]
    pub fn tries_len(&self) -> usize {
        self.kept().tries.len()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StaffStore for MemoryStaff {
    fn member(&self, person: &PersonId) -> Result<Option<Member>, PortError> {
        Ok(self.kept().members.get(person).cloned())
    }
    fn members(&self) -> Result<Vec<Member>, PortError> {
        Ok(self.kept().members.values().cloned().collect())
    }
    fn session(&self, hash: &SessionHash) -> Result<Option<Session>, PortError> {
        Ok(self.kept().sessions.get(hash).cloned())
    }
    fn sessions(&self) -> Result<Vec<(SessionHash, Session)>, PortError> {
        let kept = self.kept();
        Ok(kept.sessions.iter().map(|(h, s)| (*h, s.clone())).collect())
    }
    fn tries(&self, of: &TriesKey) -> Result<Tries, PortError> {
        Ok(self.kept().tries.get(of).copied().unwrap_or_default())
    }
    fn commit(&self, change: Change) -> Result<(), PortError> {
        let mut kept = self.kept();
        for member in change.members {
            kept.members.insert(member.person.clone(), member);
        }
        for (hash, session) in change.sessions {
            match session {
                Some(session) => kept.sessions.insert(hash, session),
                None => kept.sessions.remove(&hash),
            };
        }
        kept.tries.extend(change.tries);
        Ok(())
    }
    fn note(&self, act: StaffAct) -> Result<(), PortError> {
        let mut kept = self.kept();
        if kept.log_is_down {
            return Err(PortError("the log cannot be written".to_owned()));
        }
        kept.acts.push(act);
        Ok(())
    }
}
