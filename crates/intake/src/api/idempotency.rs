//! `Idempotency-Key`: the same request is done once, however often it is sent.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};

use super::{port::Asked, problem::Problem};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const KEY_BYTES_MAX: usize = 255;

/// The key of a request, if it has one.
///
/// # Errors
/// When it is not 1 to 255 visible letters, or there are two.
pub(crate) fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut all = headers.get_all(HEADER).iter();
    let Some(value) = all.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let fits =
        (1..=KEY_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if fits && all.next().is_none() {
        return Ok(Some(text.to_owned()));
    }
    Err(Problem::bad_request(
        "Idempotency-Key must be one value of 1 to 255 visible ASCII characters",
    ))
}

/// Hash over what is asked.
#[derive(Clone)]
pub(crate) struct Print(Sha256);

impl Print {
    pub fn new(method: &str, path: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [method, path] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash)
    }

    pub fn add(&mut self, body: &[u8]) {
        self.0.update(body);
    }

    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Keys of requests that are under way.
#[derive(Clone, Default)]
pub(crate) struct UnderWay(Arc<Mutex<HashSet<(String, String)>>>);

/// One of them, until it is dropped.
pub(crate) struct Held {
    all: UnderWay,
    name: (String, String),
}

impl UnderWay {
    /// Takes a key for one request.
    ///
    /// # Errors
    /// [`Problem::under_way`] while another has it.
    pub fn hold(&self, asked: &Asked) -> Result<Held, Problem> {
        let name = (asked.caller.clone(), asked.key.clone());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.insert(name.clone()) {
            return Err(Problem::under_way());
        }
        Ok(Held {
            all: self.clone(),
            name,
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_checked() {
        let with = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, value.parse().unwrap());
            }
            key_of(&headers)
        };
        assert_eq!(with(&[]), Ok(None));
        assert_eq!(with(&["a-1"]), Ok(Some("a-1".to_owned())));
        for bad in [&[""][..], &["a b"], &["a", "a"], &[&"a".repeat(256)]] {
            assert_eq!(with(bad).unwrap_err().status, 400);
        }
    }

    #[test]
    fn a_key_is_held_by_one_request() {
        let under_way = UnderWay::default();
        let asked = |caller: &str| Asked {
            caller: caller.to_owned(),
            key: "k".to_owned(),
            print: [0; 32],
        };
        let held = under_way.hold(&asked("a")).unwrap_or_else(|_| panic!());
        assert!(under_way.hold(&asked("a")).is_err());
        assert!(under_way.hold(&asked("b")).is_ok());
        drop(held);
        assert!(under_way.hold(&asked("a")).is_ok());
    }
}
