use std::time::Duration;

use rand_core::Rng;

/// Waiting times between attempts: twice as long each time up to a limit, and a random share of
/// that, so that a partnership's nodes do not all come back in the same second.
#[derive(Clone, Debug)]
pub struct Backoff {
    first_ms: u64,
    max_ms: u64,
    attempt: u32,
}

impl Backoff {
    /// Begins at `first_ms` and never waits longer than `max_ms`.
    #[must_use]
    pub const fn new(first_ms: u64, max_ms: u64) -> Self {
        Self {
            first_ms,
            max_ms,
            attempt: 0,
        }
    }

    /// The next wait: between half and all of `min(first * 2^attempt, max)`.
    pub fn next_delay(&mut self, rng: &mut impl Rng) -> Duration {
        let factor = 1u64.checked_shl(self.attempt.min(63)).unwrap_or(u64::MAX);
        let ceiling = self.first_ms.saturating_mul(factor).min(self.max_ms);
        self.attempt = self.attempt.saturating_add(1);
        let half = ceiling / 2;
        Duration::from_millis(half + rng.next_u64() % (ceiling - half + 1))
    }

    /// How many waits there have been since the last success.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempt
    }

    /// After a success: begin again.
    pub const fn reset(&mut self) {
        self.attempt = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    proptest! {
        #[test]
        fn waits_grow_within_their_bounds(first in 1u64..5_000, max in 1u64..120_000, seed: u64) {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut backoff = Backoff::new(first, max);
            for attempt in 0..80u32 {
                let ceiling = first.saturating_mul(1u64.checked_shl(attempt).unwrap_or(u64::MAX)).min(max);
                let wait = u64::try_from(backoff.next_delay(&mut rng).as_millis()).unwrap();
                prop_assert!(wait >= ceiling / 2 && wait <= ceiling);
            }
            backoff.reset();
            prop_assert!(backoff.next_delay(&mut rng).as_millis() <= u128::from(first.min(max)));
        }
    }
}
