//! Cryptographic long-term keys (Schnell, Bachteler, Reiher, 2011): letter pairs of all fields of a
//! record hashed by a keyed hash into one Bloom filter.

use sha2::{Digest, Sha256};

use crate::attack::plaintext::Fields;

/// Bits of one filter.
pub const BITS: usize = 1_024;
/// Hash functions for each letter pair.
const HASHES: u64 = 20;
const WORDS: usize = BITS / 64;

/// One record's filter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Clk([u64; WORDS]);

impl Clk {
    /// Encodes the letter pairs of a record under `key`; positions by double hashing
    /// (Kirsch, Mitzenmacher, 2006) of one keyed hash of each pair.
    #[must_use]
    pub fn of(fields: &Fields, key: &[u8]) -> Self {
        let mut clk = Self([0; WORDS]);
        for pair in letter_pairs(fields) {
            let hash = Sha256::new()
                .chain_update(key)
                .chain_update(pair.as_bytes())
                .finalize();
            let number = |at: usize| {
                hash[at..at + 8]
                    .iter()
                    .fold(0u64, |n, byte| n << 8 | u64::from(*byte))
            };
            let (start, step) = (number(0), number(8) | 1);
            for i in 0..HASHES {
                let bit = start.wrapping_add(i.wrapping_mul(step)) as usize % BITS;
                clk.0[bit / 64] |= 1 << (bit % 64);
            }
        }
        clk
    }

    /// How many letter pairs the filter seems to hold: from n pairs come 1024 (1 - e^(-20 n / 1024))
    /// bits in the mean.
    #[must_use]
    pub fn pairs(&self) -> f64 {
        estimated(self.0.iter().map(|word| word.count_ones()).sum())
    }

    /// Estimated Dice coefficient of the letter pairs of two records.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        let both = self
            .0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| (a | b).count_ones())
            .sum();
        let (a, b) = (self.pairs(), other.pairs());
        2.0 * (a + b - estimated(both)) / (a + b).max(1.0)
    }
}

fn estimated(ones: u32) -> f64 {
    let empty = 1.0 - f64::from(ones.min(BITS as u32 - 1)) / BITS as f64;
    empty.ln() * BITS as f64 / -(HASHES as f64)
}

/// The letter pairs of every field, names padded, each field apart, sorted and without repeats.
#[must_use]
pub fn letter_pairs(fields: &Fields) -> Vec<String> {
    let names = fields.names.iter().map(|name| ('n', format!("_{name}_")));
    let others = [
        ('b', fields.birth.as_ref()),
        ('p', fields.place.as_ref()),
        ('s', fields.sex.as_ref()),
    ];
    let others = others
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?.clone())));
    let mut pairs: Vec<String> = names
        .chain(others)
        .flat_map(|(field, text)| {
            let letters: Vec<char> = text.chars().collect();
            let pairs = letters
                .windows(2)
                .map(|pair| format!("{field}{}{}", pair[0], pair[1]));
            pairs.collect::<Vec<_>>()
        })
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_keeps_similarity_and_its_key_matters() {
        let fields = |name: &str| Fields {
            names: vec![name.to_owned(), "kowalczyk".to_owned()],
            birth: Some("19860412".to_owned()),
            ..Fields::default()
        };
        let (a, b) = (fields("krzysztof"), fields("krzystof"));
        let exact = {
            let (a, b) = (letter_pairs(&a), letter_pairs(&b));
            let shared = a.iter().filter(|pair| b.contains(pair)).count();
            2.0 * shared as f64 / (a.len() + b.len()) as f64
        };
        let [one, two] = [&a, &b].map(|f| Clk::of(f, b"key"));
        assert!((one.similarity(&two) - exact).abs() < 0.08);
        assert!(one != Clk::of(&a, b"another key"));
        assert!((one.pairs() - letter_pairs(&a).len() as f64).abs() < 3.0);
    }
}
