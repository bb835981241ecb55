//! How often one address may try to sign in. The register limits by person besides.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use sanctuary_types::Timestamp;

/// Tries of one address in `WINDOW_MS`: a whole office may sit behind one address.
pub const TRIES: u32 = 60;
/// Ways to the identity provider and back, where nothing can be guessed: an office that comes in at nine.
pub const WAYS: u32 = 400;
/// The time they count for.
pub const WINDOW_MS: u64 = 5 * 60_000;
/// Addresses that are remembered.
const ADDRESSES_MAX: usize = 20_000;

/// Counts by address.
#[derive(Debug)]
pub struct Limiter {
    tries: u32,
    counts: Mutex<HashMap<IpAddr, (Timestamp, u32)>>,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new(TRIES)
    }
}

impl Limiter {
    /// So many in `WINDOW_MS`.
    #[must_use]
    pub fn new(tries: u32) -> Self {
        Self {
            tries,
            counts: Mutex::default(),
        }
    }

    /// Counts one try; whether it may go on.
    pub fn admit(&self, from: IpAddr, now: Timestamp) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= ADDRESSES_MAX {
            counts.retain(|_, (since, _)| now.0.saturating_sub(since.0) < WINDOW_MS);
        }
        let from = network(from);
        if counts.len() >= ADDRESSES_MAX && !counts.contains_key(&from) {
            return false;
        }
        let (since, count) = counts.entry(from).or_insert((now, 0));
        if now.0.saturating_sub(since.0) >= WINDOW_MS {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.tries
    }
}

/// A subscriber of IPv6 has a whole /64.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        },
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_pauses_and_others_do_not() {
        let limiter = Limiter::default();
        let (a, b) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let now = Timestamp(1_000);
        assert!((0..TRIES).all(|_| limiter.admit(a, now)));
        assert!(!limiter.admit(a, now));
        assert!(limiter.admit(b, now));
        assert!(limiter.admit(a, Timestamp(1_000 + WINDOW_MS)));
    }

    #[test]
    fn a_network_of_ipv6_is_one() {
        let limiter = Limiter::default();
        let now = Timestamp(0);
        for n in 0..TRIES {
            let host = format!("2001:db8::{n:x}").parse().unwrap();
            assert!(limiter.admit(host, now));
        }
        assert!(!limiter.admit("2001:db8::ffff:1".parse().unwrap(), now));
    }
}
