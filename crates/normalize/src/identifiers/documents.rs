use super::checks::modulus_11;
use crate::Rule;

/// First letters that are not allocated, and prefixes that are kept out (HMRC, National Insurance
/// Manual NIM39110).
const FIRST_EXCLUDED: &[u8] = b"DFIQUV";
const SECOND_EXCLUDED: &[u8] = b"DFIOQUV";
const PREFIXES_EXCLUDED: [&str; 7] = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];
/// The number printed on every example card.
const EXAMPLE: &str = "AB123456";

pub(super) fn national_insurance(code: String) -> Result<String, Rule> {
    if code.starts_with(EXAMPLE) {
        return Err(Rule::Placeholder);
    }
    let valid = match code.as_bytes() {
        [a, b, digits @ .., suffix] if digits.len() == 6 => {
            a.is_ascii_uppercase()
                && b.is_ascii_uppercase()
                && !FIRST_EXCLUDED.contains(a)
                && !SECOND_EXCLUDED.contains(b)
                && digits.iter().all(u8::is_ascii_digit)
                && (b'A'..=b'D').contains(suffix)
                && !PREFIXES_EXCLUDED.contains(&&code[..2])
        }
        _ => false,
    };
    if valid {
        Ok(code)
    } else {
        Err(Rule::NationalInsurance)
    }
}

/// Some letters, mostly digits: passports of all states have at least three.
pub(super) fn passport(code: String) -> Result<String, Rule> {
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    if (6..=9).contains(&code.len()) && digits >= 3 {
        Ok(code)
    } else {
        Err(Rule::Passport)
    }
}

pub(super) fn nhs_number(code: String) -> Result<String, Rule> {
    if modulus_11(&code) {
        Ok(code)
    } else {
        Err(Rule::NhsNumber)
    }
}

pub(super) fn national_id(code: String) -> Result<String, Rule> {
    if (5..=20).contains(&code.len()) {
        Ok(code)
    } else {
        Err(Rule::NationalId)
    }
}

#[cfg(test)]
mod tests {
    use super::super::canonical_for_tests as canonical;
    use crate::Rule;
    use sanctuary_types::IdentifierKind::*;

    #[test]
    fn documents_have_one_spelling() {
        assert_eq!(
            canonical(NationalInsurance, "xb 63 29 04 d").as_deref(),
            Ok("XB632904D")
        );
        assert_eq!(canonical(Passport, "018318966").as_deref(), Ok("018318966"));
        assert_eq!(
            canonical(NhsNumber, "943 476 5919").as_deref(),
            Ok("9434765919")
        );
        assert_eq!(canonical(NationalId, "753-5316").as_deref(), Ok("7535316"));
    }

    #[test]
    fn others_are_named_by_rule() {
        for bad in [
            "BG123455A",
            "DA123455A",
            "XB632904E",
            "XB63290D",
            "7535316",
            "XB632904",
        ] {
            assert_eq!(
                canonical(NationalInsurance, bad),
                Err(Rule::NationalInsurance),
                "{bad}"
            );
        }
        assert_eq!(
            canonical(NationalInsurance, "AB123456C"),
            Err(Rule::Placeholder)
        );
        assert_eq!(canonical(Passport, "PASSPORT"), Err(Rule::Passport));
        assert_eq!(canonical(Passport, "123456789"), Err(Rule::Placeholder));
        assert_eq!(canonical(NhsNumber, "9434765918"), Err(Rule::NhsNumber));
        assert_eq!(canonical(NationalId, "AB1"), Err(Rule::NationalId));
        assert_eq!(
            canonical(Address, "1 High Street"),
            Err(Rule::AddressIsDerived)
        );
    }
}
