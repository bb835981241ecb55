//! Vietnamese names: every word is one syllable, whatever a form makes of it.
//!
//! Forms without a box for the middle word run it together with the given name (`Vantuan` for *Văn
//! Tuấn*). As Vietnamese syllables have a strict shape, such a word can be taken apart again.
//! Source of the shape: Thompson, *A Vietnamese Reference Grammar* (1965), chapter 1, written
//! without marks.

/// Middle words that say little more than the sex; not names.
const FILLERS: &[&str] = &["thi", "van"];
/// The usual middle words, by which a syllable ends where it could in two places.
const MIDDLES: &[&str] = &[
    "van", "thi", "duc", "huu", "dinh", "xuan", "minh", "quang", "ngoc", "thanh", "cong", "hong",
    "quoc", "kim", "trong", "manh", "hoang", "nhu", "tuan", "bao", "gia", "tien", "phuong",
];
/// Family names that no other language has in this spelling.
const SURNAMES: &[&str] = &[
    "nguyen", "tran", "pham", "huynh", "hoang", "phan", "dang", "bui", "duong", "dinh", "trinh",
    "truong", "luong", "vuong",
];
/// What a syllable may start with, longest first.
const ONSETS: &[&str] = &[
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "g", "h",
    "k", "l", "m", "n", "p", "q", "r", "s", "t", "v", "x",
];
/// What a syllable may end with.
const CODAS: &[&str] = &["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
/// Letters of the vowels of one syllable, at most.
const VOWELS_MAX: usize = 3;

/// Whether a word is a family name that only Vietnamese have.
pub(crate) fn is_surname(word: &str) -> bool {
    SURNAMES.contains(&word)
}

/// Whether words without a known nationality tell that the name is Vietnamese.
pub(crate) fn tell(words: &[String]) -> bool {
    words.iter().any(|word| is_surname(word) || word == "thi")
}

/// The words of one cell, syllable by syllable.
pub(crate) fn syllables(words: &[String]) -> Vec<String> {
    let apart = |word: &String| match parted(word) {
        Some((first, second)) => vec![first.to_owned(), second.to_owned()],
        None => vec![word.clone()],
    };
    words.iter().flat_map(apart).collect()
}

/// Leaves the middle words *Thị* and *Văn* out while two names are left: both are given names too.
pub(crate) fn without_fillers(cells: &mut [&mut Vec<String>]) {
    for filler in FILLERS {
        let is_name = |word: &&String| word.as_str() != *filler;
        let names = cells.iter().flat_map(|cell| cell.iter()).filter(is_name);
        if names.count() >= 2 {
            for cell in cells.iter_mut() {
                cell.retain(|word| word != filler);
            }
        }
    }
}

/// The two syllables of a word that is not one.
fn parted(word: &str) -> Option<(&str, &str)> {
    if !word.is_ascii() || is_syllable(word) {
        return None;
    }
    let ways = (2..word.len().saturating_sub(1)).map(|at| word.split_at(at));
    let fits = |(first, second): &(&str, &str)| {
        let middle = MIDDLES.contains(first);
        is_syllable(first) && is_syllable(second) && (middle || onset(second).is_some())
    };
    // Where several fit, a known middle word, else the longer start of the second syllable: `van
    // hung`, not `vanh ung`.
    ways.filter(fits).min_by_key(|(first, second)| {
        let start = onset(second).map_or(0, str::len);
        (!MIDDLES.contains(first), std::cmp::Reverse(start))
    })
}

fn is_syllable(word: &str) -> bool {
    let starts = ONSETS.iter().filter_map(|onset| word.strip_prefix(onset));
    starts.chain([word]).any(|rest| {
        let vowels = rest.bytes().take_while(|b| b"aeiouy".contains(b)).count();
        (1..=VOWELS_MAX).contains(&vowels) && CODAS.contains(&&rest[vowels..])
    })
}

fn onset(word: &str) -> Option<&'static str> {
    let mut onsets = ONSETS.iter().filter(|onset| word.starts_with(**onset));
    onsets.next().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn words_run_together_are_taken_apart() {
        for (together, apart) in [
            ("vantuan", "van tuan"),
            ("thihuong", "thi huong"),
            ("thigiang", "thi giang"),
            ("minhthuy", "minh thuy"),
            ("thanhminh", "thanh minh"),
            ("vananh", "van anh"),
            ("dinhhung", "dinh hung"),
            ("vanhung", "van hung"),
            ("ngocvu", "ngoc vu"),
        ] {
            assert_eq!(syllables(&words(together)), words(apart), "{together}");
        }
    }

    #[test]
    fn one_syllable_stays_whole() {
        for word in [
            "nguyen",
            "huynh",
            "truong",
            "quyen",
            "thuy",
            "phuong",
            "giang",
            "yen",
            "oanh",
            "kieu",
            "ngyuen",
            "trn",
            "quagn",
            "christopher",
            "ha",
            "",
        ] {
            assert_eq!(syllables(&words(word)), words(word), "{word}");
        }
    }

    #[test]
    fn middle_words_go_while_two_names_are_left() {
        let without = |forenames: &str, surnames: &str| {
            let (mut forenames, mut surnames) = (words(forenames), words(surnames));
            without_fillers(&mut [&mut forenames, &mut surnames]);
            (forenames.join(" "), surnames.join(" "))
        };
        assert_eq!(without("thi huong", "le"), ("huong".into(), "le".into()));
        assert_eq!(
            without("thi van", "nguyen"),
            ("van".into(), "nguyen".into())
        );
        assert_eq!(without("thi", "pham"), ("thi".into(), "pham".into()));
        assert_eq!(
            without("", "tran van minh"),
            ("".into(), "tran minh".into())
        );
    }
}
