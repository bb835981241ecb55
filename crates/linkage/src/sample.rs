use rand_chacha::ChaCha8Rng;
use rand_core::{CryptoRng, Rng, SeedableRng};

/// Draws for Monte Carlo estimates: one seed from the caller's generator, then a fast stream, so
/// that an estimate is repeatable and does not drain a system generator.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(rng: &mut impl CryptoRng) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        Self(ChaCha8Rng::from_seed(seed))
    }

    /// Uniform in 0..n (0 for n = 0); the bias of the multiplication is below n / 2^64.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// Two different items; `None` when there are fewer.
    pub(crate) fn two<'a, T>(&mut self, items: &'a [T]) -> Option<(&'a T, &'a T)> {
        let first = self.below(items.len());
        let second = self.below(items.len().checked_sub(1)?);
        let second = if second >= first { second + 1 } else { second };
        Some((items.get(first)?, items.get(second)?))
    }

    /// An item with a chance proportional to the step of `cumulative` at its position.
    pub(crate) fn weighted<'a, T>(&mut self, items: &'a [T], cumulative: &[u64]) -> Option<&'a T> {
        let total = usize::try_from(*cumulative.last()?).ok()?;
        let at = self.below(total) as u64;
        items.get(cumulative.partition_point(|sum| *sum <= at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_cover_their_range() {
        let stream = |seed| {
            let mut dice = Dice::new(&mut ChaCha8Rng::seed_from_u64(seed));
            (0..1_000).map(|_| dice.below(7)).collect::<Vec<_>>()
        };
        assert_eq!(stream(1), stream(1));
        assert_ne!(stream(1), stream(2));
        assert!((0..7).all(|n| stream(1).contains(&n)));
    }

    #[test]
    fn weights_are_respected() {
        let mut dice = Dice::new(&mut ChaCha8Rng::seed_from_u64(3));
        let mut seen = [0; 3];
        for _ in 0..10_000 {
            if let Some(i) = dice.weighted(&[0usize, 1, 2], &[1, 1, 4]) {
                seen[*i] += 1;
            }
        }
        assert_eq!(seen[1], 0);
        assert!((2_300..2_700).contains(&seen[0]), "{seen:?}");
        assert_eq!(dice.two(&[1]), None);
        assert_eq!(dice.weighted::<u8>(&[], &[]), None);
    }
}
