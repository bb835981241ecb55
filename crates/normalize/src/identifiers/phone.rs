use phonenumber::{country::Id, metadata::DATABASE};

use crate::{
    Rule,
    text::{is_filler_code, to_ascii},
};

/// Fewest and most digits of a number; ITU-T E.164 has at most 15.
const DIGITS_MIN: usize = 7;
const DIGITS_MAX: usize = 15;

/// The country whose national numbers are written without a country code.
pub(crate) struct PhoneRegion {
    id: Option<Id>,
    code: Option<u16>,
}

impl PhoneRegion {
    /// From a two-letter country code; with an unknown one only international numbers are
    /// recognised.
    pub(crate) fn new(region: &str) -> Self {
        let id: Option<Id> = region.parse().ok();
        let code = DATABASE
            .by_id(region)
            .map(|metadata| metadata.country_code());
        Self { id, code }
    }
}

/// `0` and the national number for the region's own numbers, `+` and country code for others. A
/// number that the numbering plan does not know keeps its digits, because mistyped and foreign
/// numbers still meet themselves.
pub(super) fn phone(text: &str, region: &PhoneRegion) -> Result<String, Rule> {
    let written = written_number(text);
    let digits = written.trim_start_matches('+');
    if !(DIGITS_MIN..=DIGITS_MAX + 2).contains(&digits.len()) {
        return Err(Rule::Phone);
    }
    let bare_international = || {
        let likely = digits.len() > 10 && !digits.starts_with('0') && !written.starts_with('+');
        likely
            .then(|| assigned(&format!("+{digits}"), region))
            .flatten()
    };
    let number = match assigned(&written, region).or_else(bare_international) {
        Some(number) => number,
        None => by_digits(digits, region)?,
    };
    let filler = is_filler_code(number.trim_start_matches(['+', '0']));
    if filler {
        Err(Rule::Placeholder)
    } else {
        Ok(number)
    }
}

/// The digits, with a `+` if one came first; `(0)` between country code and number dropped, as is
/// an extension after the number.
fn written_number(text: &str) -> String {
    let ascii = to_ascii(text).replace("(0)", "");
    let mut out = String::with_capacity(16);
    for c in ascii.chars() {
        match c {
            '+' if out.is_empty() => out.push(c),
            _ if c.is_ascii_digit() => out.push(c),
            _ if c.is_ascii_alphabetic() && out.len() >= DIGITS_MIN => break,
            _ => {}
        }
    }
    out
}

/// The canonical form of a number that the numbering plan assigns.
fn assigned(written: &str, region: &PhoneRegion) -> Option<String> {
    let number = phonenumber::parse(region.id, written).ok()?;
    if !number.is_valid() {
        return None;
    }
    let (code, national) = (number.code().value(), number.national());
    Some(if Some(code) == region.code {
        format!("0{}", national.value())
    } else {
        format!("+{code}{national}")
    })
}

/// The form by digits alone: international prefix dropped, the region's own country code to `0`,
/// and the `0` put back that a spreadsheet dropped.
fn by_digits(digits: &str, region: &PhoneRegion) -> Result<String, Rule> {
    let bare = digits.strip_prefix("00").unwrap_or(digits);
    let own_code = region.code.map(|code| code.to_string());
    let value = match own_code.and_then(|code| bare.strip_prefix(code.as_str())) {
        Some(national) => format!("0{}", national.trim_start_matches('0')),
        None if region.id == Some(Id::GB) && bare.len() == 10 && !bare.starts_with('0') => {
            format!("0{bare}")
        }
        None => bare.to_owned(),
    };
    let fits = (DIGITS_MIN..=DIGITS_MAX).contains(&value.len());
    if fits { Ok(value) } else { Err(Rule::Phone) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gb(text: &str) -> Result<String, Rule> {
        super::super::canonical_for_tests(sanctuary_types::IdentifierKind::Phone, text)
    }

    #[test]
    fn spellings_of_one_number_meet() {
        for text in [
            "07400 123456",
            "+44 7400 123456",
            "0044 7400-123456",
            "+44 (0)7400 123456",
            "7400123456",
            "447400123456",
            "tel. 07400.123.456 ext 2",
            "٠٧٤٠٠١٢٣٤٥٦",
        ] {
            assert_eq!(gb(text).as_deref(), Ok("07400123456"), "{text}");
        }
        assert_eq!(gb("+40 712 034 567").as_deref(), Ok("+40712034567"));
        assert_eq!(gb("0040712034567").as_deref(), Ok("+40712034567"));
        assert_eq!(gb("40712034567").as_deref(), Ok("+40712034567"));
    }

    #[test]
    fn unassigned_numbers_keep_their_digits() {
        for text in [
            "07238172394",
            "+447238172394",
            "00447238172394",
            "7238172394",
        ] {
            assert_eq!(gb(text).as_deref(), Ok("07238172394"), "{text}");
        }
    }

    #[test]
    fn the_region_decides_what_is_national() {
        let romania = PhoneRegion::new("RO");
        assert_eq!(phone("0712 034 567", &romania).as_deref(), Ok("0712034567"));
        assert_eq!(
            phone("+44 7400 123456", &romania).as_deref(),
            Ok("+447400123456")
        );
        let nowhere = PhoneRegion::new("nowhere");
        assert_eq!(
            phone("+44 7400 123456", &nowhere).as_deref(),
            Ok("+447400123456")
        );
        assert_eq!(phone("07400123456", &nowhere).as_deref(), Ok("07400123456"));
    }

    #[test]
    fn others_are_named_by_rule() {
        for filler in ["0000000", "07777777777", "1234567890", "+44 7777 777777"] {
            assert_eq!(gb(filler), Err(Rule::Placeholder), "{filler}");
        }
        for bad in ["12345", "no phone", "123456789012345678901"] {
            assert_eq!(gb(bad), Err(Rule::Phone), "{bad}");
        }
    }
}
