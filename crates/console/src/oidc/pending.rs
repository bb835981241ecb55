//! Sign-ins that were begun and have not come back. Each is good once, for ten minutes, in the browser that began it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use sha2::{Digest, Sha256};

/// Between going to the provider and coming back.
pub(crate) const PATIENCE_S: u64 = 600;
const PATIENCE: Duration = Duration::from_secs(PATIENCE_S);
/// Sign-ins at once; the oldest gives way.
const PENDING_MAX: usize = 4_096;

/// What a sign-in is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To come in.
    SignIn,
    /// To show once more that it is them.
    Again,
}

/// One sign-in that was begun.
pub(crate) struct Begun {
    pub(crate) state: CsrfToken,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: PkceCodeVerifier,
    pub(crate) purpose: Purpose,
    /// Where to afterwards: a path of this console.
    pub(crate) back: String,
    at: Instant,
}

impl Begun {
    pub(crate) fn now(
        (state, nonce, verifier): (CsrfToken, Nonce, PkceCodeVerifier),
        purpose: Purpose,
        back: String,
    ) -> Self {
        Self {
            state,
            nonce,
            verifier,
            purpose,
            back,
            at: Instant::now(),
        }
    }
}

/// By the hash of the browser's cookie.
#[derive(Default)]
pub(crate) struct Pending(Mutex<HashMap<[u8; 32], Begun>>);

impl Pending {
    pub(crate) fn put(&self, cookie: &str, begun: Begun) {
        let mut all = self.all();
        if all.len() >= PENDING_MAX {
            all.retain(|_, b| b.at.elapsed() < PATIENCE);
        }
        if all.len() >= PENDING_MAX {
            let oldest = all.iter().min_by_key(|(_, b)| b.at).map(|(key, _)| *key);
            oldest.and_then(|key| all.remove(&key));
        }
        all.insert(key(cookie), begun);
    }

    /// Takes it out, so that it is good once.
    pub(crate) fn take(&self, cookie: &str) -> Option<Begun> {
        let begun = self.all().remove(&key(cookie))?;
        (begun.at.elapsed() < PATIENCE).then_some(begun)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Begun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Begun {
        let secrets = (
            CsrfToken::new_random(),
            Nonce::new_random(),
            PkceCodeVerifier::new("v".repeat(43)),
        );
        Begun::now(secrets, Purpose::SignIn, "/".to_owned())
    }

    #[test]
    fn each_is_good_once_and_there_are_not_too_many() {
        let pending = Pending::default();
        pending.put("a", begun());
        assert!(pending.take("b").is_none());
        assert!(pending.take("a").is_some());
        assert!(pending.take("a").is_none());
        for n in 0..PENDING_MAX + 10 {
            pending.put(&n.to_string(), begun());
        }
        assert_eq!(pending.all().len(), PENDING_MAX);
        assert!(pending.take(&(PENDING_MAX + 9).to_string()).is_some());
        assert!(pending.take("0").is_none());
    }
}
