//! PFOLD and PFOLDV: consonant skeletons that fold the spellings different languages give one
//! sound. Chosen by measurement over Soundex, NYSIIS and double metaphone
//! (docs/linkage-quality.md).

mod spellings;

use spellings::{PASSES, Pass};

/// Longest code, in symbols.
const SYMBOLS_MAX: usize = 8;

/// PFOLDV of a folded name word: its skeleton; with a vowel class (`a`, `e`, `o`) after it when
/// the skeleton has two symbols or fewer, so that `Li`, `Lee` and `Lou` do not all pool.
#[must_use]
pub fn name_code(word: &str) -> String {
    let mut code = skeleton(word);
    if code.len() <= 2 {
        let tail = word.as_bytes().get(1..).filter(|t| !t.is_empty());
        let class = tail
            .unwrap_or(word.as_bytes())
            .iter()
            .find_map(|byte| match byte {
                b'a' => Some('a'),
                b'e' | b'i' | b'y' => Some('e'),
                b'o' | b'u' => Some('o'),
                _ => None,
            });
        code.extend(class);
    }
    code
}

/// PFOLD of a folded word (or of a place name without spaces).
pub(crate) fn skeleton(word: &str) -> String {
    let mut sounds = without_servant_ending(without_article(word.as_bytes()));
    let mut next = Vec::with_capacity(sounds.len() + 4);
    for pass in PASSES {
        if rewrite(&sounds, pass, &mut next) {
            std::mem::swap(&mut sounds, &mut next);
        }
    }
    symbols(&sounds)
}

/// The first sound, then the consonants of the rest.
fn symbols(sounds: &[u8]) -> String {
    let first = match sounds.first() {
        Some(b'h') => 'H',
        Some(b) if !b"aeiou".contains(b) => char::from(b.to_ascii_uppercase()),
        _ => 'A',
    };
    let body = sounds.get(1..).unwrap_or_default();
    let mut out = String::with_capacity(SYMBOLS_MAX);
    out.push(first);
    let mut before = None;
    for (i, byte) in body.iter().enumerate() {
        let vowel_at = |j: Option<usize>| j.and_then(|j| body.get(j)).is_some_and(is_vowel_or_y);
        let heard = *byte == b'h' && vowel_at(i.checked_sub(1)) && vowel_at(Some(i + 1));
        let symbol = if heard { b'H' } else { *byte };
        let repeated = before == Some(symbol);
        before = Some(symbol);
        if !repeated && !b"aeiouyhI".contains(&symbol) && out.len() < SYMBOLS_MAX {
            out.push(char::from(symbol.to_ascii_uppercase()));
        }
    }
    out
}

/// A glued `al` or `el` (`alhassan`) before a consonant and four more letters.
fn without_article(word: &[u8]) -> &[u8] {
    match word
        .strip_prefix(b"al")
        .or_else(|| word.strip_prefix(b"el"))
    {
        Some(rest)
            if rest
                .first()
                .is_some_and(|b| b.is_ascii_lowercase() && !is_vowel(b))
                && starts_with_letters(&rest[1..], 4) =>
        {
            rest
        }
        _ => word,
    }
}

/// `abdul`, `abdur` (before r), `abdi` and so on, to `abd`, when four letters or more follow.
fn without_servant_ending(word: &[u8]) -> Vec<u8> {
    let Some(rest) = word.strip_prefix(b"abd") else {
        return word.to_vec();
    };
    let after_vowel = rest.first().filter(|b| is_vowel(b)).map(|_| &rest[1..]);
    let after_article = |from: &'_ [u8]| match from {
        [b'l', ..] | [b'r', b'r', ..] => Some(1),
        _ => None,
    };
    let mut endings = Vec::with_capacity(4);
    for from in after_vowel.into_iter().chain([rest]) {
        endings.extend(after_article(from).map(|skip| &from[skip..]));
        endings.push(from);
    }
    let name = endings
        .into_iter()
        .find(|name| starts_with_letters(name, 4));
    [b"abd", name.unwrap_or(rest)].concat()
}

fn starts_with_letters(word: &[u8], letters: usize) -> bool {
    word.len() >= letters && word[..letters].iter().all(u8::is_ascii_lowercase)
}

/// One pass over the sounds into `out`, first spelling that fits at each place; false if none did.
fn rewrite(sounds: &[u8], pass: Pass, out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut changed = false;
    let mut at = 0;
    while at < sounds.len() {
        if let Some(spelling) = pass.iter().find(|s| s.fits(sounds, at)) {
            out.extend_from_slice(spelling.sound.as_bytes());
            at += spelling.letters.len();
            changed = true;
        } else {
            out.push(sounds[at]);
            at += 1;
        }
    }
    changed
}

fn is_vowel(byte: &u8) -> bool {
    b"aeiou".contains(byte)
}

fn is_vowel_or_y(byte: &u8) -> bool {
    b"aeiouy".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_sound_meet() {
        for (a, b) in [
            ("oleksandr", "aleksander"),
            ("krzysztof", "kzhyshtof"),
            ("phan", "fan"),
            ("alhassan", "hassan"),
            ("abdirahman", "abdurrahman"),
            ("hoxha", "hodja"),
            ("wojciech", "vojciech"),
        ] {
            assert_eq!(name_code(a), name_code(b), "{a} {b}");
        }
        assert_ne!(name_code("li"), name_code("lou"));
    }

    #[test]
    fn servant_endings_give_way_to_short_names() {
        assert_eq!(without_servant_ending(b"abdulrahman"), b"abdrahman");
        assert_eq!(without_servant_ending(b"abdurrahman"), b"abdrahman");
        assert_eq!(without_servant_ending(b"abdullah"), b"abdllah");
        assert_eq!(without_servant_ending(b"abdi"), b"abdi");
        assert_eq!(without_servant_ending(b"abdlatif"), b"abdatif");
    }

    #[test]
    fn odd_words_have_a_code() {
        for word in ["", "a", "h", "gh", "y", "9", "bb", "2nd"] {
            assert!((1..=9).contains(&name_code(word).len()), "{word}");
        }
    }
}
