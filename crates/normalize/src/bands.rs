//! MinHash bands of a name: two names that share most of their letter pairs share a band, whatever
//! their order. Source: A. Broder, "On the resemblance and containment of documents", 1997.

use std::sync::LazyLock;

use blake2::{Blake2b, Digest, digest::consts::U8};

/// Bands of a name.
pub(crate) const BANDS: usize = 4;
/// Minima joined into one band. Three, not two: with two, bands with an area were shared by more
/// people than the privacy rule admits.
const ROWS: usize = 3;
const HASHES: usize = BANDS * ROWS;

/// Letters, digits and the pad that marks the ends of a word.
const ALPHABET: &[u8; 37] = b"abcdefghijklmnopqrstuvwxyz0123456789_";

/// Every hash of every possible letter pair, computed once.
static HASHES_OF_PAIRS: LazyLock<Vec<[u64; HASHES]>> = LazyLock::new(|| {
    let pairs = ALPHABET
        .iter()
        .flat_map(|a| ALPHABET.iter().map(move |b| (*a, *b)));
    pairs
        .map(|(a, b)| std::array::from_fn(|k| hash(k, a, b)))
        .collect()
});

/// The band values of the letter pairs of `words` (folded) taken together; none for no words.
pub(crate) fn bands<'w>(words: impl Iterator<Item = &'w str>) -> Vec<String> {
    let mut minima = [u64::MAX; HASHES];
    let mut empty = true;
    for word in words {
        let mut before = b'_';
        for byte in word.bytes().chain([b'_']) {
            let hashes = &HASHES_OF_PAIRS[index(before) * ALPHABET.len() + index(byte)];
            for (minimum, hash) in minima.iter_mut().zip(hashes) {
                *minimum = (*minimum).min(*hash);
            }
            before = byte;
            empty = false;
        }
    }
    if empty {
        return Vec::new();
    }
    minima.chunks(ROWS).map(band_value).collect()
}

fn band_value(minima: &[u64]) -> String {
    let rows: Vec<String> = minima
        .iter()
        .map(|m| (m & 0xFFFF_FFFF).to_string())
        .collect();
    rows.join(".")
}

/// Anything outside the alphabet counts as the pad: folded words hold nothing else.
fn index(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'0'..=b'9' => usize::from(byte - b'0') + 26,
        _ => ALPHABET.len() - 1,
    }
}

fn hash(k: usize, a: u8, b: u8) -> u64 {
    let text = format!("{k}|{}{}", char::from(a), char::from(b));
    u64::from_be_bytes(Blake2b::<U8>::digest(text.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_words_does_not_matter_and_no_words_have_no_bands() {
        let swapped = bands(["yusuf", "warsame"].into_iter());
        assert_eq!(bands(["warsame", "yusuf"].into_iter()), swapped);
        assert_eq!(swapped.len(), BANDS);
        assert!(bands([].into_iter()).is_empty());
    }
}
