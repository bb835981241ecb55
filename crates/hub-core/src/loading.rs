//! Waiting with new matches while a large load comes in: half of a load makes names look rarer, and
//! competitors fewer, than they are, and what is raised then lapses with the other half.

use sanctuary_types::Timestamp;

/// Pairs that one round must add to be part of a load, and their least share of all pairs.
const PAIRS_MIN: usize = 1_000;
const SHARE_MIN: f64 = 0.1;
/// However long a load takes, nothing waits longer.
const HOLD_MAX_MS: u64 = 30 * 60_000;

/// Whether new possible matches of one person are held back.
#[derive(Default)]
pub(crate) struct Loading {
    pairs: usize,
    since: Option<Timestamp>,
    /// Something was held back and has to be looked at again.
    pub(crate) held: bool,
}

impl Loading {
    /// Takes note of how many pairs there are; whether to hold back in this round. Never when
    /// everything is to be `told`: after a start, and when the hub settles.
    pub(crate) fn holds(&mut self, pairs: usize, told: bool, now: Timestamp) -> bool {
        let grown = pairs.saturating_sub(self.pairs);
        self.pairs = pairs;
        if told || grown < PAIRS_MIN || (grown as f64) < SHARE_MIN * pairs as f64 {
            self.since = None;
            return false;
        }
        let since = *self.since.get_or_insert(now);
        now.0.saturating_sub(since.0) < HOLD_MAX_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: u64) -> Timestamp {
        Timestamp(n * 60_000)
    }

    #[test]
    fn a_load_holds_until_it_calms_down_or_has_taken_too_long() {
        let mut loading = Loading::default();
        assert!(!loading.holds(50_000, true, minute(0)), "a start");
        assert!(loading.holds(60_000, false, minute(1)));
        assert!(loading.holds(70_000, false, minute(2)));
        assert!(!loading.holds(71_000, false, minute(3)), "under a tenth");
        assert!(!loading.holds(71_999, false, minute(4)), "under a thousand");
        assert!(loading.holds(80_000, false, minute(5)));
        assert!(!loading.holds(100_000, true, minute(6)), "to settle");
        assert!(loading.holds(200_000, false, minute(10)));
        assert!(loading.holds(400_000, false, minute(39)));
        assert!(!loading.holds(800_000, false, minute(40)));
    }
}
