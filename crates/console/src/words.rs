//! Words on the screen for what the types name.

use sanctuary_types::{AlertKind, Band, Role};

/// Kinds of possible matches: value, word in addresses, words on the screen, class of the tag.
const KINDS: [(AlertKind, &str, &str, &str); 3] = [
    (
        AlertKind::VictimIsSuspect,
        "victim_is_suspect",
        "Victim is suspect",
        "govuk-tag--red",
    ),
    (
        AlertKind::SamePerson,
        "same_person",
        "Same person",
        "govuk-tag--teal",
    ),
    (
        AlertKind::SharedIdentifier,
        "shared_identifier",
        "Shared identifier",
        "govuk-tag--grey",
    ),
];

const BANDS: [(Band, &str, &str, &str); 3] = [
    (Band::Strong, "strong", "Strong", "govuk-tag--blue"),
    (Band::Likely, "likely", "Likely", "govuk-tag--grey"),
    (Band::Possible, "possible", "Possible", "govuk-tag--grey"),
];

macro_rules! words_of {
    ($table:ident, $type:ty, $word:ident, $text:ident, $tag:ident, $from:ident) => {
        /// Its word in addresses.
        pub fn $word(value: $type) -> &'static str {
            $table
                .iter()
                .find(|row| row.0 == value)
                .map_or("", |row| row.1)
        }
        /// What people read.
        pub fn $text(value: $type) -> &'static str {
            $table
                .iter()
                .find(|row| row.0 == value)
                .map_or("", |row| row.2)
        }
        /// The class of its tag.
        pub fn $tag(value: $type) -> &'static str {
            $table
                .iter()
                .find(|row| row.0 == value)
                .map_or("", |row| row.3)
        }
        /// The value of a word.
        pub fn $from(word: &str) -> Option<$type> {
            $table.iter().find(|row| row.1 == word).map(|row| row.0)
        }
    };
}

words_of!(KINDS, AlertKind, kind_word, kind_text, kind_tag, kind_from);
words_of!(BANDS, Band, band_word, band_text, band_tag, band_from);

/// How an agency regards a person. "Victim" alone only after a conclusive decision.
pub const fn role_text(role: Role) -> &'static str {
    match role {
        Role::PotentialVictim => "possible victim",
        Role::ConfirmedVictim => "victim",
        Role::Suspect => "suspect",
        Role::Convicted => "convicted",
        Role::Witness => "witness",
        Role::Associate => "associate",
    }
}

/// Several roles in one phrase; what to say of none.
pub fn roles_text(roles: &[Role], none: &str) -> String {
    if roles.is_empty() {
        return none.to_owned();
    }
    let words: Vec<&str> = roles.iter().map(|r| role_text(*r)).collect();
    crate::pages::capital(&words.join(", "))
}

/// `1 request`, `2 requests`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        n => format!("{} {many}", thousands(n)),
    }
}

/// `50,000`.
pub fn thousands(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_both_ways() {
        for (kind, word, ..) in KINDS {
            assert_eq!(kind_from(kind_word(kind)), Some(kind), "{word}");
        }
        for (band, word, ..) in BANDS {
            assert_eq!(band_from(band_word(band)), Some(band), "{word}");
        }
        assert_eq!(kind_from("x"), None);
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_234), "1,234");
        assert_eq!(thousands(123_456), "123,456");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(counted(1, "request", "requests"), "1 request");
        assert_eq!(roles_text(&[], "Not told"), "Not told");
    }
}
