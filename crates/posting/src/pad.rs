//! Size classes: how many entries a padded batch has.

/// Entries of the smallest batch.
const SMALLEST: usize = 64;

/// The size that a batch of `n` entries is padded to: the next multiple of an eighth of the power
/// of two at or above `n`, at least 64. Hides small differences for at most a quarter more.
///
/// Keep `n` under the limit of its kind in `sanctuary_types::limits`: the limits are powers of two
/// and hence sizes themselves.
#[must_use]
pub const fn size_class(n: usize) -> usize {
    if n <= SMALLEST {
        return SMALLEST;
    }
    let step = n.next_power_of_two() / 8;
    n.div_ceil(step) * step
}

#[cfg(test)]
mod tests {
    use sanctuary_types::limits;

    use super::size_class;

    #[test]
    fn sizes_are_few_and_near() {
        for (n, size) in [
            (0, 64),
            (1, 64),
            (64, 64),
            (65, 80),
            (600, 640),
            (1000, 1024),
            (1025, 1280),
        ] {
            assert_eq!(size_class(n), size, "{n}");
        }
        for n in 65..=40_000 {
            assert!(size_class(n) >= n && size_class(n) * 4 <= n * 5);
            assert_eq!(size_class(size_class(n)), size_class(n));
        }
        let sizes: std::collections::BTreeSet<_> = (0..=32_768).map(size_class).collect();
        assert_eq!(sizes.len(), 1 + 9 * 4);
    }

    #[test]
    fn a_full_batch_stays_within_its_limit() {
        for limit in [
            limits::BATCH_POSTINGS_MAX,
            limits::BATCH_CARDS_MAX,
            limits::BATCH_WITHDRAWALS_MAX,
        ] {
            assert_eq!(size_class(limit), limit);
        }
    }
}
