use std::fmt;
use std::ops::RangeInclusive;

use argon2::{Algorithm, Argon2, Params, Version};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Secret, StaffError};

/// Characters of a password.
pub const PASSWORD_CHARS: RangeInclusive<usize> = 12..=128;

// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane at least.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Different letters and digits a password needs, so that a row of one is none.
const DIFFERENT_MIN: usize = 6;
/// What is left of a password when digits, signs and repetition are taken away may not be one of these.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passphrase",
    "qwerty",
    "qwertyuiop",
    "letmein",
    "welcome",
    "iloveyou",
    "administrator",
    "admin",
    "sanctuary",
    "changeme",
    "dragon",
    "monkey",
    "football",
    "liverpool",
    "newcastle",
    "sunderland",
    "durham",
    "darlington",
    "summer",
    "winter",
    "spring",
    "autumn",
    "abcdefgh",
    "abcdefghijkl",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyasdfgh",
];

/// An Argon2id hash (RFC 9106) with its salt and cost, so that the cost can grow later.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

impl PasswordHash {
    /// Hashes a password under a new salt.
    ///
    /// # Errors
    /// [`StaffError::Hashing`] when the machine has no 19 MiB to spare.
    pub fn of(password: &str, rng: &mut impl CryptoRng) -> Result<Self, StaffError> {
        let mut new = Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: [0; SALT_BYTES],
            hash: [0; HASH_BYTES],
        };
        rng.fill_bytes(&mut new.salt);
        new.hash = *new.work_out(password)?;
        Ok(new)
    }

    /// A hash that no password fits, as costly as any: for names that are nobody's.
    pub(crate) const fn of_nobody() -> Self {
        Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: [0; SALT_BYTES],
            hash: [0; HASH_BYTES],
        }
    }

    /// Whether it is the password; takes the same time for every wrong one.
    ///
    /// # Errors
    /// [`StaffError::Hashing`].
    pub fn fits(&self, password: &str) -> Result<bool, StaffError> {
        Ok(self.work_out(password)?.ct_eq(&self.hash).into())
    }

    fn work_out(&self, password: &str) -> Result<Zeroizing<[u8; HASH_BYTES]>, StaffError> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES))
            .map_err(|_| StaffError::Hashing)?;
        let mut out = Zeroizing::new([0; HASH_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.as_bytes(), &self.salt, out.as_mut())
            .map_err(|_| StaffError::Hashing)?;
        Ok(out)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Long, not common, not made of the person's own name: NCSC's advice of three random words, without
/// rules on signs and digits that people only work around.
pub(crate) fn check_strength(
    password: &Secret,
    person: &str,
    name: &str,
) -> Result<(), StaffError> {
    let text = Zeroizing::new(password.expose().to_lowercase());
    let weak = |why| Err(StaffError::WeakPassword(why));
    let length = text.chars().count();
    if length < *PASSWORD_CHARS.start() {
        return weak("has fewer than 12 characters");
    }
    if length > *PASSWORD_CHARS.end() {
        return weak("has more than 128 characters");
    }
    let mut different: Vec<char> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_MIN {
        return weak("repeats a few letters");
    }
    let letters = Zeroizing::new(
        text.chars()
            .filter(|c| c.is_alphabetic())
            .collect::<String>(),
    );
    let is_common = |word: &str| letters.replace(word, "").chars().count() < 4;
    if letters.chars().count() < 4 || COMMON.iter().any(|w| is_common(w)) {
        return weak("is one of the first that anybody would guess");
    }
    let own = name
        .split_whitespace()
        .chain([person])
        .map(str::to_lowercase)
        .filter(|part| part.chars().count() >= 4);
    let mut rest = Zeroizing::new(letters.to_string());
    for part in own {
        rest = Zeroizing::new(rest.replace(&part, ""));
    }
    if rest.chars().count() < 8 && rest.len() != letters.len() {
        return weak("is mostly your own name");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn a_hash_fits_its_password_alone_and_is_salted() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let hash = PasswordHash::of("correct horse battery", &mut rng).unwrap();
        let again = PasswordHash::of("correct horse battery", &mut rng).unwrap();
        assert_ne!(hash, again);
        assert!(hash.fits("correct horse battery").unwrap());
        assert!(!hash.fits("correct horse batterz").unwrap());
        assert_eq!((hash.memory_kib, hash.passes, hash.lanes), (19_456, 2, 1));
    }

    #[test]
    fn another_cost_or_salt_is_another_hash() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let hash = PasswordHash::of("correct horse battery", &mut rng).unwrap();
        for changed in [
            PasswordHash {
                passes: 3,
                ..hash.clone()
            },
            PasswordHash {
                memory_kib: 20 * 1024,
                ..hash.clone()
            },
            PasswordHash {
                salt: [7; 16],
                ..hash.clone()
            },
        ] {
            assert!(!changed.fits("correct horse battery").unwrap());
        }
    }

    #[test]
    fn easy_ones_are_refused_with_the_reason() {
        let check = |p: &str| check_strength(&Secret::new(p.to_owned()), "jd1042", "Jane Doering");
        for (weak, why) in [
            ("short words", "fewer"),
            ("Password12345678!", "guess"),
            ("qwertyuiop123456", "guess"),
            ("123456789012345", "guess"),
            ("aaaaaaaaaaaaaaab", "repeats"),
            ("JaneDoering2026", "own name"),
            (&"x y z w v u".repeat(20), "more than"),
        ] {
            let refused = check(weak).unwrap_err().to_string();
            assert!(refused.contains(why), "{weak}: {refused}");
        }
        for good in [
            "copper lantern otter",
            "tür-über-wolke-7",
            "correct horse battery",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }
}
