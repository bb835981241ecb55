use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// Longest value that is looked at, in bytes.
pub(crate) const VALUE_BYTES_MAX: usize = 1024;

/// Any text to words of `a-z0-9` with single spaces between: accents dropped, other scripts
/// transliterated, apostrophes and full stops joined (`O'Brien` is `obrien`).
///
/// Folding twice gives the same as folding once.
#[must_use]
pub fn fold(text: &str) -> String {
    let ascii = to_ascii(text);
    let mut out = String::with_capacity(ascii.len());
    let mut gap = false;
    for byte in ascii.bytes() {
        match byte {
            b'\'' | b'`' | b'.' => {}
            _ if byte.is_ascii_alphanumeric() => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(char::from(byte.to_ascii_lowercase()));
            }
            _ => gap = true,
        }
    }
    out
}

/// The letters and digits of a text alone, in capitals: the form of most identifiers.
pub(crate) fn compact(text: &str) -> String {
    to_ascii(text)
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|b| char::from(b.to_ascii_uppercase()))
        .collect()
}

/// The text in ASCII: letters with strokes by table, the rest by compatibility decomposition, and
/// transliteration for what is still left.
pub(crate) fn to_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len());
    for c in text.chars() {
        match spelled_letter(c) {
            Some(letters) => spelled.push_str(letters),
            None => spelled.push(c),
        }
    }
    let bare: String = spelled
        .nfkd()
        .filter(|c| canonical_combining_class(*c) == 0)
        .collect();
    if bare.is_ascii() {
        Cow::Owned(bare)
    } else {
        Cow::Owned(deunicode::deunicode_with_tofu(&bare, ""))
    }
}

/// Whether a folded text only says that the value is not known.
pub(crate) fn is_filler_word(folded: &str) -> bool {
    const FILLERS: &[&str] = &[
        "unknown",
        "unk",
        "not known",
        "n k",
        "nk",
        "na",
        "n a",
        "none",
        "null",
        "nil",
        "nan",
        "not applicable",
        "not provided",
        "not given",
        "not stated",
        "not recorded",
        "not available",
        "refused",
        "tbc",
        "tba",
        "xxx",
        "xxxx",
        "test",
    ];
    FILLERS.contains(&folded)
}

/// Whether a number (or code) was typed to get past a form: one character throughout, or a run
/// such as `123456`.
pub(crate) fn is_filler_code(code: &str) -> bool {
    const RUNS: [&str; 4] = [
        "12345678901234567890",
        "01234567890",
        "987654321",
        "ABCDEFGHIJ",
    ];
    let mut bytes = code.bytes();
    let first = bytes.next();
    let alike = code.len() > 1 && bytes.all(|b| Some(b) == first);
    alike || code == "0" || (code.len() >= 6 && RUNS.iter().any(|run| run.starts_with(code)))
}

fn spelled_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ø' | 'Ø' => "o",
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ı' => "i",
        'þ' | 'Þ' => "th",
        // In names from other languages, where it stands nearly always, this is "shi".
        '什' => "shi ",
        '’' | '‘' | '´' | 'ʼ' | 'ʻ' | '＇' => "'",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also holds the transliteration of other scripts: if a new version of a dependency changes
    /// one of these, raise the rules version.
    #[test]
    fn folding_keeps_words_and_joins_apostrophes() {
        assert_eq!(fold("  O’Brien-SMYTH, J.R. "), "obrien smyth jr");
        assert_eq!(
            fold("Łukasz Đặng Straße Ægir Þór"),
            "lukasz dang strasse aegir thor"
        );
        assert_eq!(fold("Владимир"), "vladimir");
        assert_eq!(fold("٠٧٧"), "077");
        assert_eq!(fold("王小明 什"), "wang xiao ming shi");
        assert_eq!(fold("محمد"), "mhmd");
        assert_eq!(fold("ገብረ"), "gabera");
        assert_eq!(fold("Ｆｕｌｌ"), "full");
        assert_eq!(fold("\u{200b}— ?"), "");
    }

    #[test]
    fn fillers_are_seen() {
        assert!(is_filler_word(&fold("N/A")) && is_filler_word(&fold("Not known.")));
        assert!(is_filler_code("0000000") && is_filler_code("123456789"));
        assert!(!is_filler_code("12345") && !is_filler_code("1234567891") && !is_filler_code(""));
    }
}
