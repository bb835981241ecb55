use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Refused;

/// Characters of one free text.
pub const TEXT_CHARS_MAX: usize = 4_000;

/// Lines of one free text: what prints on a few pages.
pub const TEXT_LINES_MAX: usize = 200;

/// Free text of a case: 1 to 4,000 characters in at most 200 lines, no other control characters and none
/// that turn the direction of writing. Wiped on drop, never printed by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(Zeroizing<String>);

impl Text {
    /// A checked text.
    ///
    /// # Errors
    /// [`Refused::Text`] for an empty, too long or unprintable one.
    pub fn new(text: &str) -> Result<Self, Refused> {
        let trimmed = text.trim();
        let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let bad = |c: char| (c.is_control() && c != '\n' && c != '\t') || turns(c);
        let count = trimmed.chars().take(TEXT_CHARS_MAX + 1).count();
        let fits =
            (1..=TEXT_CHARS_MAX).contains(&count) && trimmed.lines().count() <= TEXT_LINES_MAX;
        if !fits || trimmed.chars().any(bad) {
            return Err(Refused::Text {
                max: TEXT_CHARS_MAX,
            });
        }
        Ok(Self(Zeroizing::new(trimmed.to_owned())))
    }

    /// A text of this crate's own, which keeps the rules.
    pub(crate) fn fixed(text: &'static str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}
impl TryFrom<String> for Text {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let text = Zeroizing::new(text);
        Self::new(&text)
    }
}
impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.to_string()
    }
}
