use crate::phonetic::skeleton;

/// Words for kinds of street, which say little of which street.
const KINDS: &[&str] = &[
    "street", "road", "lane", "place", "court", "close", "avenue", "drive", "way", "crescent",
    "circuit", "terrace", "st", "rd", "ave", "ln", "pl", "ct", "cl", "dr", "cres", "tce", "blvd",
];
/// Words before the number of a flat or room.
const UNITS: &[&str] = &[
    "flat",
    "apartment",
    "apt",
    "apmnt",
    "unit",
    "villa",
    "room",
    "rm",
    "suite",
    "floor",
    "flr",
    "level",
    "block",
    "lot",
    "hse",
    "townhouse",
    "caravan",
    "cabin",
    "studio",
];
const DIRECTIONS: &[&str] = &["n", "s", "e", "w", "ne", "nw", "se", "sw"];
/// Longest house number, in digits.
const NUMBER_DIGITS_MAX: usize = 6;

/// House number and street of an address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Street {
    /// House number as written, in capitals: `12A`.
    pub(crate) number: String,
    /// `ad`, the number's digits, `|`, the sound of the street.
    pub(crate) fine: String,
}

/// Finds the house number and the first word of the street in a folded address. The number of a
/// flat is passed over when the house has one of its own; of two numbers in a row the one next to
/// the street is the house.
pub(crate) fn street(words: &[&str]) -> Option<Street> {
    let own = (0..words.len()).find(|at| is_number(words[*at]) && !is_unit_number(words, *at));
    let any = || (0..words.len()).find(|at| is_number(words[*at]));
    let mut at = own.or_else(any)?;
    while words.get(at + 1).is_some_and(|next| is_number(next)) {
        at += 1;
    }
    let digits: String = words[at].chars().filter(char::is_ascii_digit).collect();
    let name = street_name(&words[at + 1..])?;
    (digits.len() <= NUMBER_DIGITS_MAX).then(|| Street {
        number: words[at].to_ascii_uppercase(),
        fine: format!("ad{digits}|{}", skeleton(name)),
    })
}

/// The first word that tells one street from another; a kind of street only where the next word
/// is one too (`court road`) or nothing follows.
fn street_name<'w>(after_number: &[&'w str]) -> Option<&'w str> {
    let mut words = after_number.iter().copied().filter(|word| {
        let aside = UNITS.contains(word) || DIRECTIONS.contains(word) || word.len() == 1;
        !aside && !is_number(word)
    });
    let first = words.next()?;
    let second = words.next();
    match second {
        Some(second) if is_kind(first) && !is_kind(second) => Some(second),
        _ => Some(first),
    }
}

fn is_kind(word: &str) -> bool {
    KINDS.contains(&word)
}

fn is_unit_number(words: &[&str], at: usize) -> bool {
    at > 0 && UNITS.contains(&words[at - 1])
}

/// Starts with a digit and is no ordinal: `12`, `12a`, not `69th`.
fn is_number(word: &str) -> bool {
    let letters = word.trim_start_matches(|c: char| c.is_ascii_digit());
    letters.len() < word.len() && !matches!(letters, "st" | "nd" | "rd" | "th")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine(address: &str) -> Option<String> {
        let words: Vec<&str> = address.split(' ').collect();
        street(&words).map(|s| s.fine)
    }

    fn key(number: &str, name: &str) -> Option<String> {
        Some(format!("ad{number}|{}", skeleton(name)))
    }

    #[test]
    fn the_house_and_its_street_are_found() {
        assert_eq!(
            fine("44 forbes street wintersloe kellerberrin"),
            key("44", "forbes")
        );
        assert_eq!(fine("flat 3 12 high street"), key("12", "high"));
        assert_eq!(fine("flat 3 rose court 12 high street"), key("12", "high"));
        assert_eq!(fine("8 villa 2 reader court"), key("8", "reader"));
        assert_eq!(fine("2 98 latchford barracks"), key("98", "latchford"));
        assert_eq!(fine("flat 3 high street"), key("3", "high"));
        assert_eq!(fine("12a st james road"), key("12", "james"));
        assert_eq!(fine("5 court road durham"), key("5", "court"));
        assert_eq!(fine("45 s 69th st"), key("45", "69th"));
        assert_eq!(fine("6302 n carleton ave"), key("6302", "carleton"));
    }

    #[test]
    fn half_an_address_is_none() {
        for address in ["rose cottage church lane", "13", "12345678 high street", ""] {
            assert_eq!(fine(address), None, "{address}");
        }
    }
}
