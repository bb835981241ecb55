use rand_core::CryptoRng;
use sanctuary_linkage::Comparable;
use sanctuary_types::ComparedLevels;

use crate::{Answer, CompareError, Opening, Seed, Version, answer, finish, open};

/// The three stages in one place, through the bytes of their messages: for the lab, which plays
/// both agencies, and for tests.
///
/// # Errors
/// [`CompareError`], which honest sides never give.
pub fn compare_together(
    opener: &Comparable,
    answerer: &Comparable,
    rng: &mut impl CryptoRng,
) -> Result<ComparedLevels, CompareError> {
    let mut seed = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Seed::new(bytes)
    };
    let (one, two) = (seed(), seed());
    let opening = open(opener, Version([0; 16]), &one);
    let reply = answer(answerer, &Opening::decode(&opening)?, &two);
    finish(opener, &Answer::decode(&reply)?, &one)
}
