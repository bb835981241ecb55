use std::fmt;

use ring::hmac;
use sanctuary_types::{CaseId, PartyId, lp};
use serde::{Deserialize, Serialize};

use crate::Refused;

/// Letters that nobody mistakes for each other on paper (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LETTERS: usize = 16;

/// The visible code on every page of a release: HMAC-SHA256 under the owner's watermark key over
/// recipient, case and release, first 80 bits. Only the owner can make or trace one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Watermark(String);

impl Watermark {
    /// The code of one release to one recipient.
    #[must_use]
    pub fn of(key: &[u8; 32], recipient: &PartyId, case: CaseId, release: u32) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let tag = hmac::sign(
            &key,
            &lp(&[
                b"sanctuary/v1/watermark",
                recipient.as_bytes(),
                &case.0,
                &release.to_be_bytes(),
            ]),
        );
        let bits = tag
            .as_ref()
            .iter()
            .take(LETTERS * 5 / 8)
            .fold(0u128, |bits, byte| (bits << 8) | u128::from(*byte));
        let letters: String = (0..LETTERS)
            .rev()
            .map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31]))
            .collect();
        Self(letters)
    }

    /// Which of the known releases a code found on paper belongs to. Spaces, dashes and small letters
    /// are forgiven, and so are O for 0 and I or L for 1.
    pub fn trace<'a>(
        key: &[u8; 32],
        found: &str,
        releases: impl IntoIterator<Item = (&'a PartyId, CaseId, u32)>,
    ) -> Option<(&'a PartyId, CaseId, u32)> {
        let found = folded(found);
        releases
            .into_iter()
            .find(|(recipient, case, release)| Self::of(key, recipient, *case, *release).0 == found)
    }

    /// The 16 letters without dashes.
    #[must_use]
    pub fn letters(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Watermark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, letter) in self.0.chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}
impl fmt::Debug for Watermark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watermark({self})")
    }
}
impl TryFrom<String> for Watermark {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let text = folded(&text);
        let fits = text.len() == LETTERS && text.bytes().all(|b| ALPHABET.contains(&b));
        if fits {
            Ok(Self(text))
        } else {
            Err(Refused::Format("watermark"))
        }
    }
}
impl From<Watermark> for String {
    fn from(mark: Watermark) -> Self {
        mark.to_string()
    }
}

fn folded(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_names_one_recipient_case_and_release() {
        let key = [9; 32];
        let (police, council): (PartyId, PartyId) =
            ("police".parse().unwrap(), "council".parse().unwrap());
        let known = [
            (&police, CaseId([1; 16]), 1),
            (&police, CaseId([1; 16]), 2),
            (&council, CaseId([1; 16]), 1),
            (&council, CaseId([2; 16]), 1),
        ];
        for (recipient, case, release) in known {
            let mark = Watermark::of(&key, recipient, case, release);
            assert_eq!(mark.to_string().len(), 19);
            let typed = mark.to_string().to_lowercase().replace('0', "o");
            assert_eq!(
                Watermark::trace(&key, &typed, known),
                Some((recipient, case, release))
            );
            assert_eq!(Watermark::trace(&[8; 32], &typed, known), None);
            assert_eq!(Watermark::try_from(mark.to_string()), Ok(mark));
        }
        assert!(Watermark::try_from("U".repeat(16)).is_err());
    }
}
