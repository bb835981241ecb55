use sanctuary_disclosure::PersonId;
use sanctuary_types::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Wrong tries before the first pause.
const FREE_TRIES: u32 = 5;
const FIRST_PAUSE_MS: u64 = 30_000;
const LONGEST_PAUSE_MS: u64 = 15 * 60_000;
/// Names that belong to nobody share so many rows, so that trying them fills no disk.
const BUCKETS: u16 = 1_024;

/// Whose tries: a person's, or those of a name that is nobody's. Both are counted, written and paused
/// alike, so that nothing shows which names exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TriesKey {
    /// Of a person in the register.
    Person(PersonId),
    /// Of names that are nobody's.
    Nobody(u16),
}

impl TriesKey {
    /// The key of a name that is nobody's.
    #[must_use]
    pub fn nobody(name: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(name.to_lowercase().as_bytes()).into();
        Self::Nobody(u16::from_be_bytes([hash[0], hash[1]]) % BUCKETS)
    }
}

/// Wrong tries in a row, the pause they brought, and the last one-time code that was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// Wrong tries since the last right one.
    pub failures: u32,
    /// No try before this.
    pub paused_until: Timestamp,
    /// Step of the last code used; it and earlier ones are spent.
    pub last_step: u64,
}

impl Tries {
    /// Whether no try is looked at now.
    #[must_use]
    pub fn is_paused(&self, now: Timestamp) -> bool {
        now < self.paused_until
    }

    /// One try more. It counts as wrong until it is known to be right, so that many at the same time
    /// do not slip through.
    pub(crate) fn begin(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if let Some(doublings) = self.failures.checked_sub(FREE_TRIES) {
            let pause = FIRST_PAUSE_MS
                .checked_shl(doublings.min(16))
                .unwrap_or(LONGEST_PAUSE_MS)
                .min(LONGEST_PAUSE_MS);
            self.paused_until = Timestamp(now.0.saturating_add(pause));
        }
    }

    /// The try was right.
    pub(crate) fn succeed(&mut self, step: Option<u64>) {
        self.failures = 0;
        self.paused_until = Timestamp(0);
        self.last_step = step.unwrap_or(self.last_step).max(self.last_step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_begin_with_the_fifth_wrong_try_and_double_to_a_quarter_of_an_hour() {
        let (mut tries, now) = (Tries::default(), Timestamp(1_000_000));
        let mut pauses = Vec::new();
        for _ in 0..12 {
            tries.begin(now);
            pauses.push(tries.paused_until.0.saturating_sub(now.0) / 1_000);
        }
        assert_eq!(pauses, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        for _ in 0..200 {
            tries.begin(now);
        }
        assert_eq!(tries.paused_until.0 - now.0, LONGEST_PAUSE_MS);
        tries.succeed(Some(9));
        assert!(!tries.is_paused(now));
        tries.succeed(Some(3));
        assert_eq!(tries.last_step, 9);
    }

    #[test]
    fn names_of_nobody_share_a_bounded_number_of_rows() {
        let keys: std::collections::BTreeSet<TriesKey> = (0..20_000)
            .map(|n| TriesKey::nobody(&format!("x{n}")))
            .collect();
        assert!(keys.len() <= usize::from(BUCKETS));
        assert_eq!(TriesKey::nobody("AB"), TriesKey::nobody("ab"));
    }
}
