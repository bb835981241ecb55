//! How long to wait after a failure: doubling, with jitter, so that many nodes do not come back at once.

use crate::EventId;

/// After the first failure.
const FIRST_MS: u64 = 5_000;
/// The longest pause of one notice.
const NOTICE_MAX_MS: u64 = 15 * 60_000;
/// The longest pause of a whole channel whose receiver is away.
const CHANNEL_MAX_MS: u64 = 60_000;
/// A receiver may ask for a pause; not for more than this.
pub(crate) const ASKED_MAX_MS: u64 = 3_600_000;

/// Until the next try of a notice after `tries` failures.
pub(crate) fn of_notice(tries: u32, id: &EventId) -> u64 {
    jittered(doubled(tries, NOTICE_MAX_MS), tries, id)
}

/// Until the next try of a channel after `failures` in a row.
pub(crate) fn of_channel(failures: u32, id: &EventId) -> u64 {
    jittered(doubled(failures, CHANNEL_MAX_MS), failures, id)
}

fn doubled(times: u32, most_ms: u64) -> u64 {
    let shift = times.saturating_sub(1).min(20);
    (FIRST_MS << shift).min(most_ms)
}

/// Up to a quarter more. The id is as good as random, and the same try of the same notice waits the same.
fn jittered(pause_ms: u64, times: u32, id: &EventId) -> u64 {
    let place = times as usize % id.0.len();
    let byte = id.0.get(place).copied().unwrap_or_default();
    pause_ms + pause_ms * u64::from(byte) / 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_most_and_differ_between_notices() {
        let (a, b) = (EventId([0; 16]), EventId([255; 16]));
        assert_eq!(of_notice(1, &a), 5_000);
        assert_eq!(of_notice(2, &a), 10_000);
        assert_eq!(of_notice(40, &a), NOTICE_MAX_MS);
        assert_eq!(of_channel(40, &a), CHANNEL_MAX_MS);
        let late = of_notice(1, &b);
        assert!(late > 5_000 && late <= 6_250, "{late}");
    }
}
