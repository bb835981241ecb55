//! What makes a request a trawl: empty words, the same words again, everything at once.

use std::collections::BTreeSet;

use sanctuary_policy::{Field, FieldGroup};

use crate::Fishing;

/// Different words a reason must have.
pub const REASON_WORDS_MIN: usize = 5;
/// A kind with fewer details than this may be asked for as a whole.
const GROUP_FIELDS_MIN: usize = 3;

/// Ways to ask for the file.
const EVERYTHING: &[&str] = &[
    "everything",
    "allinformation",
    "anyinformation",
    "allrecords",
    "allyouhold",
    "allyouhave",
    "anythingyouhold",
    "anythingyouhave",
    "anythingheld",
    "fullfile",
    "wholefile",
    "entirefile",
    "completefile",
    "fullrecord",
    "fullhistory",
    "allavailable",
];
/// Words that fill a box.
const FILLERS: &[&str] = &[
    "asabove",
    "seeabove",
    "asdiscussed",
    "tobeconfirmed",
    "lorem",
    "notapplicable",
    "asdf",
    "xxx",
];

/// The first kind of which every detail is wanted.
pub(crate) fn whole_group(fields: &[Field]) -> Option<FieldGroup> {
    fields.iter().map(|f| f.group()).find(|group| {
        // Three kinds of whereabouts each need their own guard and reason; asking for all of them is
        // asking for the person to be found, which one of them does.
        let all: Vec<Field> = group.fields().collect();
        all.len() >= GROUP_FIELDS_MIN && all.iter().all(|f| fields.contains(f))
    })
}

/// A reason says something: enough different words, not a filler, not "everything you hold".
pub(crate) fn check_reason(text: &str) -> Result<(), Fishing> {
    let folded = folded(text);
    if EVERYTHING.iter().any(|phrase| folded.contains(phrase)) {
        return Err(Fishing::Everything);
    }
    let words: BTreeSet<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.chars().any(char::is_alphabetic))
        .map(str::to_lowercase)
        .collect();
    let letters = folded.chars().collect::<BTreeSet<_>>().len();
    let filled = FILLERS.iter().any(|f| folded.starts_with(f));
    if words.len() < REASON_WORDS_MIN || letters < 6 || filled {
        return Err(Fishing::EmptyReason {
            min_words: REASON_WORDS_MIN,
        });
    }
    Ok(())
}

/// Small letters and digits only.
pub(crate) fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thin_and_boundless_reasons_are_found() {
        for bad in [
            "n/a",
            "needed",
            "as above, see the other box for it",
            "a a a a a a",
            "x 1 2 3 4 5 6",
            "test test test test test",
        ] {
            assert!(
                matches!(check_reason(bad), Err(Fishing::EmptyReason { .. })),
                "{bad}"
            );
        }
        for bad in [
            "Please send everything on this person today",
            "the full-file of the person, please, quickly",
            "Any information you may have on her",
        ] {
            assert_eq!(check_reason(bad), Err(Fishing::Everything), "{bad}");
        }
        assert!(check_reason("To warn her before the suspect is released on Friday").is_ok());
    }

    #[test]
    fn a_whole_kind_is_found_and_part_of_it_is_not() {
        use Field::{Address, Location, Name, Phone, Refuge};
        assert_eq!(
            whole_group(&[Name, Address, Location, Refuge]),
            Some(FieldGroup::Whereabouts)
        );
        assert_eq!(whole_group(&[Name, Address, Location, Phone]), None);
        assert_eq!(whole_group(&[Field::Contact, Field::Involvement]), None);
    }
}
