//! Forms that wait while a person shows once more that it is them: kept at the node, so that nothing typed is lost.
//! In memory, for the session that sent them, and for as long as a session may idle.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sanctuary_staff::{IDLE_MS, SessionHash};
use sanctuary_types::Timestamp;

use crate::Form;

/// Forms of one session; the oldest gives way.
const SESSION_MAX: usize = 4;
/// Forms of everybody.
const ALL_MAX: usize = 1_000;
/// Letters of all of them.
const LETTERS_MAX: usize = 32 * 1024 * 1024;

/// One form.
#[derive(Clone, Debug)]
pub struct HeldForm {
    /// Where it goes.
    pub path: String,
    /// What the button says.
    pub what: &'static str,
    /// What was typed and chosen.
    pub form: Form,
    session: SessionHash,
    at: Timestamp,
}

/// All of them, by a random name that is good for its session only.
#[derive(Debug, Default)]
pub struct Held(Mutex<HashMap<String, HeldForm>>);

impl Held {
    /// Keeps a form; none when there is no room, so that the person is told to send it again.
    pub fn keep(
        &self,
        session: SessionHash,
        path: &str,
        what: &'static str,
        form: &Form,
        now: Timestamp,
    ) -> Option<String> {
        let mut all = self.all();
        all.retain(|_, held| held.is_live(now));
        let of_session = all.iter().filter(|(_, held)| held.session == session);
        if of_session.clone().count() >= SESSION_MAX {
            let oldest = of_session.min_by_key(|(_, held)| held.at);
            let oldest = oldest.map(|(name, _)| name.clone());
            oldest.and_then(|name| all.remove(&name));
        }
        let letters: usize = all.values().map(|held| held.form.letters()).sum();
        if all.len() >= ALL_MAX || letters + form.letters() > LETTERS_MAX {
            return None;
        }
        let name = hex::encode(rand::random::<[u8; 16]>());
        let held = HeldForm {
            path: path.to_owned(),
            what,
            form: form.without("token"),
            session,
            at: now,
        };
        all.insert(name.clone(), held);
        Some(name)
    }

    /// The form of this name, if this session sent it.
    pub fn find(&self, name: &str, session: SessionHash, now: Timestamp) -> Option<HeldForm> {
        let all = self.all();
        let held = all.get(name)?;
        (held.session == session && held.is_live(now)).then(|| held.clone())
    }

    /// The session goes on under a new token.
    pub fn moved(&self, old: SessionHash, new: SessionHash) {
        for held in self.all().values_mut() {
            if held.session == old {
                held.session = new;
            }
        }
    }

    /// The session is over, or the form was sent.
    pub fn forget(&self, session: SessionHash, path: Option<&str>) {
        self.all()
            .retain(|_, held| held.session != session || path.is_some_and(|p| p != held.path));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, HeldForm>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldForm {
    fn is_live(&self, now: Timestamp) -> bool {
        now.0.saturating_sub(self.at.0) < IDLE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn a_form_waits_for_its_session_and_not_for_ever() {
        let (held, a, b) = (Held::default(), SessionHash([1; 32]), SessionHash([2; 32]));
        let form = Form::read(b"token=x&note=hello").unwrap();
        let name = held.keep(a, "/x", "Do it", &form, NOW).unwrap();
        assert!(held.find(&name, b, NOW).is_none());
        held.moved(a, b);
        assert!(held.find(&name, a, NOW).is_none());
        let found = held.find(&name, b, NOW).unwrap();
        assert_eq!(
            (found.path.as_str(), found.form.text("note")),
            ("/x", "hello")
        );
        assert_eq!(found.form.text("token"), "");
        assert!(held.find(&name, b, Timestamp(NOW.0 + IDLE_MS)).is_none());
        held.forget(b, Some("/other"));
        assert!(held.find(&name, b, NOW).is_some());
        held.forget(b, Some("/x"));
        assert!(held.find(&name, b, NOW).is_none());
    }

    #[test]
    fn there_are_not_too_many() {
        let held = Held::default();
        let form = Form::read(b"note=hello").unwrap();
        let session = SessionHash([1; 32]);
        let mut names = Vec::new();
        for n in 0..10 {
            let now = Timestamp(NOW.0 + n);
            names.push(held.keep(session, "/x", "Do it", &form, now).unwrap());
        }
        let later = Timestamp(NOW.0 + 20);
        let left = names
            .iter()
            .filter(|n| held.find(n, session, later).is_some());
        assert_eq!(left.count(), SESSION_MAX);
        let large = Form::read(format!("note={}", "x".repeat(LETTERS_MAX)).as_bytes()).unwrap();
        assert!(
            held.keep(SessionHash([3; 32]), "/x", "Do it", &large, NOW)
                .is_none()
        );
        for n in 0..ALL_MAX {
            let mut hash = [9; 32];
            hash[..8].copy_from_slice(&(n as u64).to_be_bytes());
            held.keep(SessionHash(hash), "/x", "Do it", &form, NOW);
        }
        assert!(held.all().len() <= ALL_MAX);
    }
}
