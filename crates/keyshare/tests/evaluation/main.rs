//! Holders' evaluation against the asking side, the RFC's outputs and another implementation.

mod oracle;
mod quorums;
mod refusals;

use curve25519_dalek::Scalar;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use sanctuary_keyshare::KeyShare;
use sanctuary_toprf::{Answer, Blinded, HolderIndex};

/// Repeatable randomness for tests.
pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// The key under which ours is the RFC's function under `secret`: the asking side quadruples.
pub(crate) fn quarter(secret: &[u8; 32]) -> [u8; 32] {
    let secret = Scalar::from_bytes_mod_order(*secret);
    (secret * Scalar::from(4u8).invert()).to_bytes()
}

/// What the quorum's holders answer to a batch.
pub(crate) fn answers(shares: &[KeyShare], quorum: &[HolderIndex], batch: &Blinded) -> Vec<Answer> {
    let threshold = quorum.len() as u16;
    quorum
        .iter()
        .map(|&holder| {
            let (elements, proof) = shares[usize::from(holder) - 1]
                .evaluate(quorum, threshold, batch.elements(), &mut rng(99))
                .unwrap();
            Answer {
                holder,
                elements,
                proof,
            }
        })
        .collect()
}

/// Every set of `size` of the indices 1 to `n`, ascending.
pub(crate) fn quorums(n: u16, size: u32) -> Vec<Vec<HolderIndex>> {
    (0u32..1 << n)
        .filter(|set| set.count_ones() == size)
        .map(|set| (1..=n).filter(|i| set & (1 << (i - 1)) != 0).collect())
        .collect()
}
