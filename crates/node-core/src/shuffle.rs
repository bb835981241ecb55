use rand_core::CryptoRng;

/// Fisher and Yates' shuffle: every order equally likely, up to 2^-32 for lists of any length used
/// here.
pub fn shuffle<T>(list: &mut [T], rng: &mut impl CryptoRng) {
    for i in (1..list.len()).rev() {
        // The remainder of a 64-bit number is biased by less than len / 2^64.
        let j = (rng.next_u64() % (i as u64 + 1)) as usize;
        list.swap(i, j);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn every_place_is_as_likely() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let mut first_at = [0u32; 8];
        for _ in 0..8_000 {
            let mut list: Vec<usize> = (0..8).collect();
            shuffle(&mut list, &mut rng);
            first_at[list.iter().position(|x| *x == 0).unwrap()] += 1;
        }
        assert!(
            first_at.iter().all(|n| (850..1150).contains(n)),
            "{first_at:?}"
        );
    }
}
