use std::{fmt, str::FromStr};

/// Letters of a feed's name.
const NAME_BYTES_MAX: usize = 32;

/// The agency's name for one way in, such as `cases` for the nightly export of its case system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedName(String);

impl FeedName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FeedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A feed's name that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a feed's name is 1 to 32 of a to z, 0 to 9 and -, and begins with a letter")]
pub struct BadFeedName;

impl FromStr for FeedName {
    type Err = BadFeedName;

    fn from_str(text: &str) -> Result<Self, BadFeedName> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let begins_well = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let fits = begins_well && text.len() <= NAME_BYTES_MAX && text.bytes().all(plain);
        fits.then(|| Self(text.to_owned())).ok_or(BadFeedName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_be_a_path() {
        for good in ["cases", "c", "liquid-logic-2"] {
            assert_eq!(good.parse::<FeedName>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-a",
            "2a",
            "A",
            "a/b",
            "..",
            "a.b",
            "a b",
            &"a".repeat(33),
        ] {
            assert_eq!(bad.parse::<FeedName>(), Err(BadFeedName), "{bad}");
        }
    }
}
