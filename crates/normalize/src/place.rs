use crate::{
    Rule,
    phonetic::skeleton,
    text::{compact, fold, is_filler_word},
};

/// Fine place keys, and areas, of a record.
pub(crate) const KEYS_MAX: usize = 2;

/// Beginnings of postcodes that stand for "none": the pseudo-country code of United Kingdom
/// statistics, and what forms are filled with. `2222` is a real one.
const NOWHERE: [&str; 4] = ["ZZ99", "0000", "9999", "XXX"];

/// A postcode, as far as it is one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Postcode {
    /// Full United Kingdom postcode without the space, and its outward part.
    Full { whole: String, outward: String },
    /// Outward part alone.
    Outward(String),
    /// Another country's: an area, like a town.
    Foreign(String),
}

impl Postcode {
    /// The area key: `o` and the outward code, or `p` and another country's postcode.
    pub(crate) fn area(&self) -> String {
        match self {
            Self::Full { outward, .. } | Self::Outward(outward) => format!("o{outward}"),
            Self::Foreign(code) => format!("p{code}"),
        }
    }

    /// The fine key: `pc` and the full postcode.
    pub(crate) fn fine(&self) -> Option<String> {
        self.whole().map(|whole| format!("pc{whole}"))
    }

    /// The full United Kingdom postcode without the space.
    pub(crate) fn whole(&self) -> Option<&str> {
        match self {
            Self::Full { whole, .. } => Some(whole),
            _ => None,
        }
    }
}

/// Reads a postcode cell: what could be used, and what is wrong with it.
pub(crate) fn postcode(text: &str) -> (Option<Postcode>, Option<Rule>) {
    let code = compact(text);
    if code.is_empty() {
        return (None, None);
    }
    let filler = is_filler_word(&fold(text)) || NOWHERE.iter().any(|n| code.starts_with(n));
    if filler {
        return (None, Some(Rule::Placeholder));
    }
    if let Some(full) = full_postcode(&code) {
        return (Some(full), None);
    }
    if is_outward(&code) {
        return (Some(Postcode::Outward(code)), None);
    }
    let first = compact(text.split_whitespace().next().unwrap_or_default());
    if is_outward(&first) && code.len() <= 8 {
        return (Some(Postcode::Outward(first)), Some(Rule::Postcode));
    }
    match foreign_postcode(text, &code) {
        Some(foreign) => (Some(Postcode::Foreign(foreign)), None),
        None => (None, Some(Rule::Postcode)),
    }
}

/// The last full United Kingdom postcode in a free-text address, with the words before it.
pub(crate) fn postcode_in<'w>(words: &'w [&'w str]) -> Option<(Postcode, &'w [&'w str])> {
    (0..words.len()).rev().find_map(|at| {
        let one = full_postcode(&words[at].to_ascii_uppercase());
        let two = || {
            let second = words.get(at + 1)?;
            (words[at].len() <= 4 && second.len() == 3)
                .then(|| full_postcode(&format!("{}{second}", words[at]).to_ascii_uppercase()))?
        };
        Some((one.or_else(two)?, &words[..at]))
    })
}

/// The area key of a town: `s` and its sound, so that spellings meet.
pub(crate) fn locality_area(folded: &str) -> Option<String> {
    let letters: String = folded.split(' ').collect();
    (!letters.is_empty()).then(|| format!("s{}", skeleton(&letters)))
}

fn full_postcode(code: &str) -> Option<Postcode> {
    let split = code.len().checked_sub(3).filter(|_| code.is_ascii())?;
    let (outward, inward) = code.split_at(split);
    let inward_fits = matches!(inward.as_bytes(), [d, a, b]
        if d.is_ascii_digit() && a.is_ascii_uppercase() && b.is_ascii_uppercase());
    (inward_fits && is_outward(outward)).then(|| Postcode::Full {
        whole: code.to_owned(),
        outward: outward.to_owned(),
    })
}

/// `A9`, `A99`, `A9A`, `AA9`, `AA99` or `AA9A`.
fn is_outward(code: &str) -> bool {
    let letters = code.bytes().take_while(u8::is_ascii_uppercase).count();
    let fits = |rest: &[u8]| match rest {
        [d] => d.is_ascii_digit(),
        [d, last] => d.is_ascii_digit() && last.is_ascii_alphanumeric(),
        _ => false,
    };
    (1..=2).contains(&letters) && fits(&code.as_bytes()[letters..])
}

/// Digits, or letters and digits: `2600`, `75008`, `90210-1234` (its first five), `1012AB`.
fn foreign_postcode(text: &str, code: &str) -> Option<String> {
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    if digits == 9 && code.len() == 9 && text.contains('-') {
        return Some(code[..5].to_owned());
    }
    ((3..=10).contains(&code.len()) && digits >= 2).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(whole: &str, outward: &str) -> Postcode {
        Postcode::Full {
            whole: whole.into(),
            outward: outward.into(),
        }
    }

    #[test]
    fn postcodes_are_told_apart() {
        assert_eq!(postcode("dh1 3le"), (Some(full("DH13LE", "DH1")), None));
        assert_eq!(postcode("EC1A1BB").0, Some(full("EC1A1BB", "EC1A")));
        assert_eq!(postcode("M8"), (Some(Postcode::Outward("M8".into())), None));
        assert_eq!(
            postcode("DH1 3L"),
            (Some(Postcode::Outward("DH1".into())), Some(Rule::Postcode))
        );
        assert_eq!(
            postcode("4510"),
            (Some(Postcode::Foreign("4510".into())), None)
        );
        assert_eq!(
            postcode("90210-1234").0,
            Some(Postcode::Foreign("90210".into()))
        );
        for filler in ["00000", "ZZ99 3VZ", "unknown", "XXXX"] {
            assert_eq!(postcode(filler), (None, Some(Rule::Placeholder)));
        }
        assert_eq!(postcode("2222").0, Some(Postcode::Foreign("2222".into())));
        assert_eq!(postcode("Durham"), (None, Some(Rule::Postcode)));
        assert_eq!(postcode(" - "), (None, None));
    }

    #[test]
    fn a_postcode_is_found_in_an_address() {
        let words = ["3", "church", "street", "durham", "dh1", "3le"];
        assert_eq!(
            postcode_in(&words),
            Some((full("DH13LE", "DH1"), &words[..4]))
        );
        assert_eq!(postcode_in(&["3", "high", "st"]), None);
    }

    #[test]
    fn keys_carry_their_kind() {
        assert_eq!(full("M82AB", "M8").area(), "oM8");
        assert_eq!(full("M82AB", "M8").fine().as_deref(), Some("pcM82AB"));
        assert_eq!(
            locality_area("beaconsfield upper"),
            locality_area("beaconsfieldupper")
        );
        assert_eq!(locality_area(""), None);
    }
}
